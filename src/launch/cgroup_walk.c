#include "launch/cgroup_walk.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
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

static int open_dir(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

static bool is_child(const struct dirent *d)
{
    return d->d_type == DT_DIR && !str_eq(d->d_name, ".") && !str_eq(d->d_name, "..");
}

static int list_children(struct walk *w)
{
    struct rows *names = rows_add(&w->levels);
    auto_close int fd = open_dir(w->at, ".");
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);

    rows_init(names, w->arena, sizeof(const char *));
    if (!listing)
        return fd < 0 ? (is_gone(fd) ? 0 : fd) : -errno;
    take_fd(&fd);
    for (struct dirent *d; (d = readdir(listing));)
        if (is_child(d))
            *(const char **) rows_add(names) = arena_strdup(w->arena, d->d_name);
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
    up = open_dir(w->at, "..");
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
    return enter(w, open_dir(w->at, ((const char **) names->items)[names->n]));
}

int cgroup_walk(struct arena *a, int top, int (*visit)(void *data, int dir), void *data)
{
    struct walk w = { .arena = a, .at = -1, .visit = visit, .data = data };
    int r;

    rows_init(&w.levels, a, sizeof(struct rows));
    r = enter(&w, open_dir(top, "."));
    while (r == 0 && w.levels.n > 0)
        r = step(&w);
    fd_close(&w.at);
    return r;
}
