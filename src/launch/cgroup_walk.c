#include "launch/cgroup_walk.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include "base/fd.h"
#include "base/str.h"
#include "plan/block.h"

struct walk {
    struct arena *arena;
    int at;
    struct rows levels;         /* struct rows: for each directory down to `at` the names of children still to be visited */
    int (*visit)(void *data, int dir);
    void *data;
};

static bool is_gone(int r)
{
    return r == -ENOENT || r == -ENODEV;
}

int cgroup_enter(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

static int open_listing(int dir, DIR **ret)
{
    auto_close int fd = cgroup_enter(dir, ".");

    if (fd < 0)
        return fd;
    *ret = fdopendir(fd);
    if (!*ret)
        return -errno;
    take_fd(&fd);
    return 0;
}

/* The name of the next sub-cgroup, or NULL. */
static const char *next_child(DIR *listing)
{
    const struct dirent *d;

    while ((d = readdir(listing)))
        if (d->d_type == DT_DIR && !str_eq(d->d_name, ".") && !str_eq(d->d_name, ".."))
            return d->d_name;
    return NULL;
}

int cgroup_first_child(int dir, char ret_name[CGROUP_NAME_SIZE])
{
    const char *name;
    DIR *listing;
    int r = open_listing(dir, &listing);

    if (r < 0)
        return r;
    name = next_child(listing);
    if (name && snprintf(ret_name, CGROUP_NAME_SIZE, "%s", name) >= CGROUP_NAME_SIZE)
        r = -ENAMETOOLONG;
    closedir(listing);
    return r < 0 ? r : name != NULL;
}

static int list_children(struct walk *w)
{
    struct rows *names = rows_add(&w->levels);
    const char *name;
    DIR *listing;
    int r = open_listing(w->at, &listing);

    rows_init(names, w->arena, sizeof(const char *));
    if (r < 0)
        return is_gone(r) ? 0 : r;
    while ((name = next_child(listing)))
        *(const char **) rows_add(names) = arena_strdup(w->arena, name);
    closedir(listing);
    return 0;
}

/* Takes over the directory, which may be an errno. */
static int enter(struct walk *w, int dir)
{
    int r;

    if (dir < 0)
        return is_gone(dir) ? 0 : dir;
    fd_close(&w->at);
    w->at = dir;
    r = w->visit(w->data, dir);
    return r ? r : list_children(w);
}

static int leave(struct walk *w)
{
    int up;

    if (--w->levels.n == 0)
        return 0;
    up = cgroup_enter(w->at, "..");
    if (up < 0)
        return up;
    fd_close(&w->at);
    w->at = up;
    return 0;
}

static int step(struct walk *w)
{
    struct rows *names = &((struct rows *) w->levels.items)[w->levels.n - 1];

    if (names->n == 0)
        return leave(w);
    names->n--;
    return enter(w, cgroup_enter(w->at, ((const char **) names->items)[names->n]));
}

int cgroup_walk(struct arena *a, int top, int (*visit)(void *data, int dir), void *data)
{
    struct walk w = { .arena = a, .at = -1, .visit = visit, .data = data };
    int r;

    rows_init(&w.levels, a, sizeof(struct rows));
    r = enter(&w, cgroup_enter(top, "."));
    while (r == 0 && w.levels.n > 0)
        r = step(&w);
    fd_close(&w.at);
    return r;
}
