#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/deadline.h"
#include "base/fd.h"
#include "launch/cgroup.h"
#include "launch/cgroup_file.h"
#include "launch/cgroup_v1.h"
#include "launch/cgroup_v2.h"

enum {
    KILL_SECONDS = 10,
    WAITED_AT_ONCE = 64,        /* pidfds held at a time */
};

/* ---- Looking -------------------------------------------------------------------------------- */

/* The one that knows all members and what to do about them: the cgroup2, else the freezer, else any. */
static int open_best(const struct cgroup_path *paths, size_t n, const struct cgroup_path **ret)
{
    int fd = cgroup_open_flagged(paths, n, PLAN_CGROUP_V2, ret);

    if (fd == -ENOENT)
        fd = cgroup_open_flagged(paths, n, CGROUP_FREEZER, ret);
    return fd == -ENOENT ? cgroup_open_flagged(paths, n, 0, ret) : fd;
}

ssize_t cgroup_pids(struct op *op, const struct cgroup_path *paths, size_t n, pid_t **ret)
{
    const struct cgroup_path *path = paths;
    auto_close int dir = open_best(paths, n, &path);
    struct cgroup_members m = { .arena = op->arena };
    int r = dir < 0 ? dir : cgroup_members_add(&m, dir);

    if (r < 0 && r != -ENOENT)
        return op_fail(op, -r, "reading the processes of cgroup %s", path->dir);
    *ret = m.pids;
    return (ssize_t) m.n;
}

/* ---- Killing -------------------------------------------------------------------------------- */

static int fail_kill(struct op *op, const struct cgroup_path *path, int dir, int r)
{
    return op_fail(op, -r, "killing the processes of cgroup %s: still there: %s", path->dir,
                   cgroup_members_text(op->arena, dir));
}

static void freeze(const struct cgroup_path *path, int dir)
{
    if (path->flags & PLAN_CGROUP_V2)
        cgroup_v2_freeze(dir, true);
    else
        cgroup_v1_freeze(dir, true);
}

/* SIGKILL ends what a cgroup2 has frozen, but not what a v1 freezer has, wherever below that may be. What is frozen from
 * above is not ours to thaw: there is nothing to wait for. */
static int thaw(struct op *op, const struct cgroup_path *path, int dir)
{
    const char *above;
    int r;

    if (path->flags & PLAN_CGROUP_V2)
        return cgroup_v2_freeze(dir, false);
    if (!(path->flags & CGROUP_FREEZER))
        return 0;
    r = cgroup_v1_thaw_all(op, dir);
    above = r < 0 ? NULL : cgroup_frozen_above(op->arena, path, dir);
    return above ? op_fail(op, EBUSY, "the processes of cgroup %s have been sent SIGKILL, but end only when %s above it is no "
                           "longer frozen", path->dir, above) : r;
}

static int wait_ended(const int *pidfds, size_t n, uint64_t deadline)
{
    for (size_t i = 0; i < n; i++) {
        struct pollfd p = { .fd = pidfds[i], .events = POLLIN };

        while (poll(&p, 1, deadline_left(deadline)) < 0)
            if (errno != EINTR)
                return -errno;
        if (!p.revents)
            return -ETIMEDOUT;
    }
    return 0;
}

/* Kills those that are there now. *ret_pidfds: of the first of them, to wait for. */
static int signal_members(const struct cgroup_members *m, int pidfds[WAITED_AT_ONCE], size_t *ret_n)
{
    size_t n = 0;
    int fd;

    *ret_n = 0;
    for (size_t i = 0; i < m->n; i++) {
        fd = n < WAITED_AT_ONCE ? (int) syscall(SYS_pidfd_open, m->pids[i], 0) : -1;
        if (fd >= 0)
            pidfds[n++] = fd;
        *ret_n = n;
        if (kill(m->pids[i], SIGKILL) < 0 && errno != ESRCH)
            return -errno;
    }
    return m->n == 0 && m->foreign ? -EPERM : 0;
}

/* One pass over the members. Frozen they neither fork nor end, so that the pids stay theirs; killed,
 * they end when they thaw. Returns whether there were any. */
static int kill_round(struct op *op, const struct cgroup_path *path, int dir, uint64_t deadline)
{
    struct cgroup_members m = { .arena = op->arena };
    int pidfds[WAITED_AT_ONCE], r, thawed;
    size_t n = 0;

    freeze(path, dir);
    r = cgroup_members_add(&m, dir);
    if (r == 0)
        r = signal_members(&m, pidfds, &n);
    thawed = thaw(op, path, dir);
    if (r == 0)
        r = m.n > 0 ? thawed : 0;
    if (r == 0)
        r = wait_ended(pidfds, n, deadline);
    while (n > 0)
        close(pidfds[--n]);
    return r < 0 ? r : m.n > 0;
}

/* What was still about to freeze may have forked, therefore again until there is nobody. */
static int kill_one_by_one(struct op *op, const struct cgroup_path *path, int dir, uint64_t deadline)
{
    int r;

    while ((r = kill_round(op, path, dir, deadline)) > 0)
        if (!deadline_left(deadline))
            return -ETIMEDOUT;
    return r;
}

/* `freezer`: the v1 one beside it, if its directory is there. */
static int kill_v2(struct op *op, const struct cgroup_path *path, int dir, const struct cgroup_path *freezer, int freezer_dir)
{
    uint64_t deadline = deadline_in(KILL_SECONDS);
    int r = cgroup_v2_kill(dir);

    if (r == -ENOENT)
        return kill_one_by_one(op, path, dir, deadline);
    if (r == 0 && freezer_dir >= 0)
        r = thaw(op, freezer, freezer_dir);
    if (r == 0)
        r = cgroup_v2_wait_empty(dir, deadline);
    return r == -ENODEV ? 0 : r;
}

int cgroup_kill(struct op *op, const struct cgroup_path *paths, size_t n)
{
    const struct cgroup_path *path = paths, *freezer = NULL;
    auto_close int dir = open_best(paths, n, &path);
    auto_close int freezer_dir = cgroup_open_flagged(paths, n, CGROUP_FREEZER, &freezer);
    int r;

    if (dir == -ENOENT)
        return 0;
    if (dir < 0)
        return op_fail(op, -dir, "killing the processes of cgroup %s", path->dir);
    if (path->flags & PLAN_CGROUP_V2)
        r = kill_v2(op, path, dir, freezer, freezer_dir);
    else
        r = kill_one_by_one(op, path, dir, deadline_in(KILL_SECONDS));
    return r < 0 ? fail_kill(op, path, dir, r) : 0;
}
