#include "launch/cgroup_v1.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include "base/deadline.h"
#include "base/str.h"
#include "launch/cgroup_file.h"
#include "launch/cgroup_walk.h"

static const char *const cpuset_files[] = { "cpuset.cpus", "cpuset.mems" };
enum { CPUSET_FILES = 2 };
struct cpuset { char *text[CPUSET_FILES]; };

static int fail_cpuset(struct op *op, const struct cgroup *c, const char *path, int i, int r)
{
    return op_fail(op, -r, "cpuset of %s: %s of %s", c->dir, cpuset_files[i], path);
}

static int read_cpuset(struct op *op, const struct cgroup *c, const char *path, struct cpuset *ret)
{
    int r;

    for (int i = 0; i < CPUSET_FILES; i++)
        if ((r = cgroup_file_read(c->root, path, cpuset_files[i], op->arena, &ret->text[i])) < 0)
            return fail_cpuset(op, c, path, i, r);
    return 0;
}

/* Makes `path`, whose last `made` components are new, a filled cpuset. */
static int fill(struct op *op, const struct cgroup *c, const char *path, unsigned made, struct cpuset *ret)
{
    const char *slash = strrchr(path, '/');
    struct cpuset own = { { "", "" } }, parent;
    int r;

    if (made == 0 && (r = read_cpuset(op, c, path, &own)) < 0)
        return r;
    /* A filled one has filled ones above it. */
    if ((*own.text[0] && *own.text[1]) || str_eq(path, "/")) {
        *ret = own;
        return 0;
    }
    path = slash == path ? "/" : arena_strndup(op->arena, path, (size_t) (slash - path));
    if ((r = fill(op, c, path, made ? made - 1 : 0, &parent)) < 0)
        return r;
    path = arena_printf(op->arena, "%s/%s", path, slash + 1);
    for (int i = 0; i < CPUSET_FILES; i++) {
        if (*own.text[i])
            continue;
        own.text[i] = parent.text[i];
        if ((r = cgroup_file_write(c->root, path, cpuset_files[i], own.text[i])) < 0)
            return fail_cpuset(op, c, path, i, r);
    }
    *ret = own;
    return 0;
}

int cgroup_v1_fill_cpuset(struct op *op, const struct cgroup *c)
{
    struct cpuset filled;

    return fill(op, c, c->path, c->made, &filled);
}

int cgroup_v1_freeze(int dir, bool on)
{
    return cgroup_file_write(dir, "/", "freezer.state", on ? "FROZEN" : "THAWED");
}

enum { MIN_PAUSE = 50000, MAX_PAUSE = 50000 << 10 };     /* ns */

static int state_is(struct op *op, int dir, const char *state)
{
    char *text;
    int r = cgroup_file_read(dir, "/", "freezer.state", op->arena, &text);

    return r < 0 ? r : str_eq(text, state);
}

/* Looks again, ever more seldom, which is all there is: v1 has no event for this. 1, or 0 when it stays on the way. */
static int wait_frozen(struct op *op, int dir)
{
    int r;

    for (long pause = 0; (r = state_is(op, dir, "FROZEN")) == 0 && pause <= MAX_PAUSE; pause = pause ? 2 * pause : MIN_PAUSE)
        ppoll(NULL, 0, &(struct timespec) { 0, pause }, NULL);
    return r;
}

/* FREEZING can last, as when a child whose parent waits for its execve (vfork) was stopped before it: then thawing for a
 * moment helps. */
int cgroup_v1_freeze_all(struct op *op, int dir, uint64_t deadline)
{
    int r = cgroup_v1_freeze(dir, true);

    while (r == 0 && (r = wait_frozen(op, dir)) == 0) {
        if (!deadline_left(deadline))
            return -ETIMEDOUT;
        if ((r = cgroup_v1_freeze(dir, false)) == 0)
            r = cgroup_v1_freeze(dir, true);
    }
    return r < 0 ? r : 0;
}

static int thaw(void *data, int dir)
{
    int r = cgroup_v1_freeze(dir, false);

    (void) data;
    return r == -ENOENT || r == -ENODEV ? 0 : r;
}

int cgroup_v1_thaw_all(struct op *op, int dir)
{
    return cgroup_walk(op->arena, dir, thaw, NULL);
}

int cgroup_v1_frozen(struct op *op, int dir)
{
    int r = state_is(op, dir, "THAWED");

    return r < 0 ? r : !r;
}
