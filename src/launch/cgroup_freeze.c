#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/deadline.h"
#include "base/fd.h"
#include "base/str.h"
#include "launch/cgroup.h"
#include "launch/cgroup_file.h"
#include "launch/cgroup_v1.h"
#include "launch/cgroup_v2.h"

enum { FREEZE_SECONDS = 10 };

static int open_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

int cgroup_open_flagged(const struct cgroup_path *paths, size_t n, unsigned flags, const struct cgroup_path **ret)
{
    int fd = -ENOENT;

    for (size_t i = 0; i < n; i++) {
        if (flags && !(paths[i].flags & flags))
            continue;
        fd = open_dir(paths[i].dir);
        if (fd == -ENOENT)
            continue;
        *ret = &paths[i];
        break;
    }
    return fd;
}

/* A v1 freezer is the only one that can freeze where there is one. */
static int open_freezer(const struct cgroup_path *paths, size_t n, const struct cgroup_path **ret)
{
    int dir = cgroup_open_flagged(paths, n, CGROUP_FREEZER, ret);

    return dir == -ENOENT ? cgroup_open_flagged(paths, n, PLAN_CGROUP_V2, ret) : dir;
}

int cgroup_frozen(struct op *op, const struct cgroup_path *paths, size_t n)
{
    const struct cgroup_path *path = paths;
    auto_close int dir = open_freezer(paths, n, &path);
    int r = dir;

    if (dir >= 0)
        r = path->flags & PLAN_CGROUP_V2 ? cgroup_v2_frozen(op, dir) : cgroup_v1_frozen(op, dir);
    if (r == -ENOENT || r == -ENODEV)
        return 0;
    return r < 0 ? op_fail(op, -r, "freezer of cgroup %s", path->dir) : r;
}

const char *cgroup_frozen_above(struct arena *a, const struct cgroup_path *path, int dir)
{
    const char *file = path->flags & PLAN_CGROUP_V2 ? "cgroup.freeze" : "freezer.self_freezing";
    auto_close int at = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *name = arena_strdup(a, path->dir), *slash, *text;

    /* The root of a hierarchy, and what it is mounted on, have no such file. */
    while (at >= 0 && (slash = strrchr(name, '/')) && cgroup_file_read(at, "/", file, a, &text) == 0) {
        int up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

        fd_close(&at);
        at = up;
        *slash = '\0';
        if (str_eq(text, "1"))
            return name;
    }
    return NULL;
}

static int fail_freezer(struct op *op, const struct cgroup_path *paths, size_t n, int r)
{
    if (n == 0)
        return op_fail(op, 0, "cannot toggle freezer: cgroups not configured for container");
    return op_fail(op, -r, "freezer of cgroup %s", paths->dir);
}

int cgroup_freeze(struct op *op, const struct cgroup_path *paths, size_t n)
{
    uint64_t deadline = deadline_in(FREEZE_SECONDS);
    const struct cgroup_path *path = paths;
    auto_close int dir = open_freezer(paths, n, &path);
    bool v2;
    int r;

    if (dir < 0)
        return fail_freezer(op, path, n, dir);
    v2 = path->flags & PLAN_CGROUP_V2;
    r = v2 ? cgroup_v2_freeze_all(dir, deadline) : cgroup_v1_freeze_all(op, dir, deadline);
    if (r == 0)
        return 0;
    (void) (v2 ? cgroup_v2_freeze(dir, false) : cgroup_v1_freeze(dir, false));
    if (r == -ETIMEDOUT)
        return op_fail(op, ETIMEDOUT, "freezing cgroup %s: a process of it has not stopped in %d seconds (in an uninterruptible "
                       "sleep?); thawed again", path->dir, FREEZE_SECONDS);
    return fail_freezer(op, path, n, r);
}

int cgroup_thaw(struct op *op, const struct cgroup_path *paths, size_t n)
{
    const struct cgroup_path *path = paths;
    auto_close int dir = open_freezer(paths, n, &path);
    const char *above;
    int r;

    if (dir < 0)
        return fail_freezer(op, path, n, dir);
    r = path->flags & PLAN_CGROUP_V2 ? cgroup_v2_freeze(dir, false) : cgroup_v1_freeze(dir, false);
    if (r < 0)
        return fail_freezer(op, path, n, r);
    above = cgroup_frozen_above(op->arena, path, dir);
    return above ? op_fail(op, EBUSY, "cgroup %s does not run yet: %s above it is frozen", path->dir, above) : 0;
}

/* How many directories there are below is in the link count. */
static bool has_sub_cgroups(int dir)
{
    struct stat st;

    return fstat(dir, &st) == 0 && st.st_nlink > 2;
}

int cgroup_thaw_killed(struct op *op, const struct cgroup_path *paths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        auto_close int dir = -1;
        int r;

        if (!(paths[i].flags & CGROUP_FREEZER))
            continue;
        if ((dir = r = open_dir(paths[i].dir)) >= 0)
            r = has_sub_cgroups(dir) ? cgroup_v1_thaw_all(op, dir) : cgroup_v1_freeze(dir, false);
        if (r < 0 && r != -ENOENT && r != -ENODEV)
            return op_fail(op, -r, "thawing the cgroup %s", paths[i].dir);
    }
    return 0;
}
