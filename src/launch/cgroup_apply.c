#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/str.h"
#include "launch/cgroup.h"
#include "launch/cgroup_file.h"

/* What an errno means for a file whose name starts so, as far as the kernel's sources tell. */
static const struct { const char *prefix; int err; const char *cause; } causes[] = {
    { "cpuset.", EACCES, "not a part of what the parent cgroup has" },
    { "cpuset.", ERANGE, "there is no such CPU or memory node" },
    { "cpuset.", EINVAL, "not a list, or no CPU or memory node of it is online" },
    { "cpu.cfs_", EINVAL, "a period is 1 ms to 1 s, a quota 1 ms at least and within that of the cgroups above" },
    { "cpu.max", EINVAL, "a period is 1 ms to 1 s, a quota 1 ms at least, a burst no larger than the quota" },
    { "cpu.rt_", EINVAL, "the cgroups above leave no real-time budget" },
    { "memory.memsw.", ENOENT, "the kernel does not account swap: boot option swapaccount=1" },
    { "memory.memsw.", EINVAL, "less than memory.limit_in_bytes" },
};

static const char *find_cause(const char *file, int err)
{
    for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
        if (causes[i].err == err && str_starts(file, causes[i].prefix))
            return causes[i].cause;
    return NULL;
}

static const char *read_or_unknown(struct op *op, const struct cgroup *c, const char *file)
{
    char *text;

    return cgroup_file_read(c->root, c->path, file, op->arena, &text) < 0 ? "unknown" : text;
}

/* EBUSY: the kernel could not push the usage below the limit. */
static int fail_limit(struct op *op, const struct cgroup *c, const char *pointer, const char *value, bool v2)
{
    const char *usage = read_or_unknown(op, c, v2 ? "memory.current" : "memory.usage_in_bytes");
    const char *peak = read_or_unknown(op, c, v2 ? "memory.peak" : "memory.max_usage_in_bytes");

    return op_fail(op, EBUSY, "%s: unable to set memory limit to %s (current usage: %s, peak usage: %s)", pointer,
                   value, usage, peak);
}

static int fail_missing(struct op *op, const struct cgroup *c, const char *pointer, const char *file)
{
    static const char unified[] = "/linux/resources/unified/";
    static const char not_given[] = ", where the cgroup above does not hand it down (has it processes of its own?)";
    int n = (int) strcspn(file, ".");

    if (str_starts(pointer, unified))
        return op_fail(op, ENOENT, "%s: unified resource \"%s\" can't be set: controller \"%.*s\" not available",
                       pointer, file, n, file);
    return op_fail(op, ENOENT, "%s: %s/%s (controller \"%.*s\" not available here%s, or without that setting)", pointer,
                   c->dir, file, n, file, c->flags & PLAN_CGROUP_V2 ? not_given : "");
}

static int fail_write(struct op *op, const struct cgroups *c, const struct plan_write *w, int r)
{
    const struct cgroup *dir = &c->items[w->dir];
    const char *pointer = plan_text(c->plan, w->pointer), *file = plan_text(c->plan, w->file);
    const char *value = plan_text(c->plan, w->value), *cause = find_cause(file, -r);

    if (!pointer)
        pointer = "/linux/resources";
    if (r == -EBUSY && (str_eq(file, "memory.limit_in_bytes") || str_eq(file, "memory.max")))
        return fail_limit(op, dir, pointer, value, dir->flags & PLAN_CGROUP_V2);
    if (r == -ENOENT && !cause)
        return fail_missing(op, dir, pointer, file);
    return op_fail(op, -r, "%s: write \"%s\" to %s/%s%s%s%s", pointer, value, dir->dir, file, cause ? " (" : "",
                   cause ? cause : "", cause ? ")" : "");
}

/* Tolerated: without privilege devices stay as they are. */
static bool may_fail(const struct plan *p, const struct plan_write *w, int r)
{
    if (r == -ENOENT)
        return w->flags & PLAN_WRITE_OPTIONAL;
    return (r == -EPERM || r == -EACCES) && (p->flags & PLAN_ROOTLESS) && str_starts(plan_text(p, w->file), "devices.");
}

/* The period and the burst are checked against the quota that is in force: a refused one may fit the
 * quota that follows in the list. */
static bool waits_for_quota(const struct plan *p, const struct plan_write *w, int r)
{
    const char *file = plan_text(p, w->file);

    return r == -EINVAL && (str_eq(file, "cpu.cfs_period_us") || str_eq(file, "cpu.cfs_burst_us"));
}

static bool same_file(const struct plan *p, const struct plan_write *a, const struct plan_write *b)
{
    return a->dir == b->dir && str_eq(plan_text(p, a->file), plan_text(p, b->file));
}

/* Writes *w; *fd is the file of the write before it, `last` (NULL: none), and becomes that of *w. */
static int write_one(const struct cgroups *c, const struct plan_write *w, const struct plan_write *last, int *fd)
{
    const struct cgroup *dir = &c->items[w->dir];
    const char *value = plan_text(c->plan, w->value);
    size_t len = strlen(value);
    ssize_t n;

    if (*fd < 0 || !last || !same_file(c->plan, w, last)) {
        fd_close(fd);
        *fd = cgroup_file_open(dir->root, dir->path, plan_text(c->plan, w->file), O_WRONLY);
    }
    if (*fd < 0)
        return *fd;
    n = write(*fd, value, len);
    if (n < 0)
        return -errno;
    return (size_t) n == len ? 0 : -EIO;
}

/* Writes the list; what waits for the quota is tried again when all else is written, then for good. */
static int write_list(struct op *op, const struct cgroups *c, const struct plan_write *list, size_t n, bool again)
{
    struct plan_write *late = arena_array(op->arena, n, sizeof(*late));
    const struct plan_write *last = NULL;
    auto_close int fd = -1;
    size_t n_late = 0;
    int r;

    for (size_t i = 0; i < n; last = &list[i++]) {
        if (c->items[list[i].dir].root < 0)
            continue;
        r = write_one(c, &list[i], last, &fd);
        if (r == 0 || may_fail(c->plan, &list[i], r))
            continue;
        if (again || !waits_for_quota(c->plan, &list[i], r))
            return fail_write(op, c, &list[i], r);
        late[n_late++] = list[i];
    }
    return n_late ? write_list(op, c, late, n_late, true) : 0;
}

int cgroup_apply(struct op *op, const struct cgroups *c)
{
    const struct plan_write *writes = PLAN_ITEMS(c->plan, cgroup_writes, struct plan_write);

    return write_list(op, c, writes, c->plan->cgroup_writes.n, false);
}
