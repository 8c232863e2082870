#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include "base/deadline.h"
#include "base/fd.h"
#include "launch/cgroup.h"
#include "launch/cgroup_file.h"
#include "launch/cgroup_v2.h"
#include "launch/cgroup_walk.h"

/* Without progress, and in all: a container may have made thousands of cgroups, and a loaded machine may be slow. */
enum { STUCK_SECONDS = 2, REMOVE_SECONDS = 60 };

struct patience {
    uint64_t deadline, last;    /* put off by progress, but never beyond the last */
    int pause;                  /* ms; 0 after progress */
    bool v2;
};

static void progress(struct patience *p)
{
    uint64_t deadline = deadline_in(STUCK_SECONDS);

    p->deadline = deadline < p->last ? deadline : p->last;
    p->pause = 0;
}

/* Until the cgroup may be empty. v1 has no event for that, and a process can stay in its cgroup for a
 * moment after it can be seen to have ended: looking again, ever more seldom, is all there is. */
static int wait_empty(int dir, struct patience *p)
{
    int left = deadline_left(p->deadline);

    if (!left)
        return -ETIMEDOUT;
    if (p->v2)
        return cgroup_v2_wait_empty(dir, p->deadline);
    poll(NULL, 0, p->pause < left ? p->pause : left);
    p->pause = p->pause ? 2 * p->pause : 1;
    return 0;
}

/* However deep a container has nested its cgroups, one descriptor is held: the way back is "..". */
struct walk {
    int at;
    unsigned depth;
};

static int move(struct walk *w, const char *name, int by)
{
    int next = cgroup_enter(w->at, name);

    if (next < 0)
        return next;
    fd_close(&w->at);
    w->at = next;
    w->depth += (unsigned) by;
    return 0;
}

static void end_walk(struct walk *w)
{
    fd_close(&w->at);
}

/* Goes into the sub-cgroup unless it can be removed. */
static int remove_or_enter(struct walk *w, const char *name, struct patience *p)
{
    int r;

    if (unlinkat(w->at, name, AT_REMOVEDIR) == 0 || errno == ENOENT) {
        progress(p);
        return 0;
    }
    if (errno != EBUSY)
        return -errno;
    /* A container that makes cgroups faster than we remove them does not keep us for ever. */
    if (!deadline_left(p->deadline))
        return -ETIMEDOUT;
    r = move(w, name, 1);
    return r == -ENOENT ? 0 : r;
}

static int remove_below(int top, struct patience *p)
{
    __attribute__((cleanup(end_walk))) struct walk w = { .at = cgroup_enter(top, ".") };
    char name[CGROUP_NAME_SIZE];
    int r;

    if (w.at < 0)
        return w.at;
    for (;;) {
        if ((r = cgroup_first_child(w.at, name)) < 0)
            return r;
        if (r > 0)
            r = remove_or_enter(&w, name, p);
        else if ((r = wait_empty(w.at, p)) == 0 && w.depth > 0)
            r = move(&w, "..", -1);
        else
            return r;
        if (r < 0)
            return r;
    }
}

static int empty_and_remove(struct op *op, const struct cgroup_path *path, struct patience *p)
{
    auto_close int dir = cgroup_enter(AT_FDCWD, path->dir);
    int r = dir < 0 ? dir : 0;

    p->v2 = path->flags & PLAN_CGROUP_V2;
    while (r == 0) {
        r = remove_below(dir, p);
        if (r == 0 && rmdir(path->dir) == 0)
            return 0;
        if (r == 0 && errno != EBUSY)
            r = -errno;
    }
    if (r == -ENOENT)
        return 0;
    return op_fail(op, r == -ETIMEDOUT ? EBUSY : -r, "removing cgroup %s: processes in it: %s", path->dir,
                   dir < 0 ? "unknown" : cgroup_members_text(op->arena, dir));
}

static int remove_one(struct op *op, const struct cgroup_path *path, struct patience *p)
{
    int err = rmdir(path->dir) < 0 ? errno : 0;

    /* For one that is not there, a permission may be the first thing that is missing. */
    if (err == 0 || err == ENOENT || (access(path->dir, F_OK) < 0 && errno == ENOENT))
        return 0;
    if (err == EBUSY)
        return empty_and_remove(op, path, p);
    return op_fail(op, err, "removing cgroup %s", path->dir);
}

int cgroup_remove(struct op *op, const struct cgroup_path *paths, size_t n)
{
    struct patience p = { .last = deadline_in(REMOVE_SECONDS) };
    int r = 0, first = 0;

    progress(&p);
    /* One that stays must not keep the others. */
    for (size_t i = 0; i < n; i++) {
        r = remove_one(op, &paths[i], &p);
        if (first == 0)
            first = r;
    }
    return first;
}
