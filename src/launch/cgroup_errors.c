#include "launch/cgroup_errors.h"
#include <errno.h>
#include <string.h>
#include "base/str.h"
#include "launch/cgroup_file.h"

/* What an errno means for a file whose name starts so, as far as the kernel's sources tell. */
static const struct { const char *prefix; int err; const char *cause; } causes[] = {
    { "cpuset.", EACCES, "not a part of what the parent cgroup has" },
    { "cpuset.", ERANGE, "there is no such CPU or memory node" },
    { "cpuset.", EINVAL, "not a list, or no CPU or memory node of it is online" },
    { "cpu.cfs_", EINVAL, "a period is 1 ms to 1 s, a quota 1 ms at least and within that of the cgroups above, a burst no "
                          "larger than the quota" },
    { "cpu.max", EINVAL, "a period is 1 ms to 1 s, a quota 1 ms at least, a burst no larger than the quota" },
    { "cpu.rt_", EINVAL, "the cgroups above leave no real-time budget" },
    { "cpu.shares", EINVAL, "the cgroup is idle (cpu.idle)" },
    { "cpu.weight", EINVAL, "the cgroup is idle (cpu.idle)" },
    { "memory.memsw.", ENOENT, "the kernel does not account swap: boot option swapaccount=1" },
    { "memory.memsw.", EINVAL, "less than memory.limit_in_bytes" },
    { "memory.swap.", ENOENT, "the kernel does not account swap: boot option swapaccount=1" },
    { "memory.limit_in_bytes", EINVAL, "more than memory.memsw.limit_in_bytes" },
    { "io.", ENODEV, "there is no such block device; a partition has no limits of its own, its disk has" },
    { "io.", EOPNOTSUPP, "the device's I/O scheduler has no weights" },
    { "blkio.", ENODEV, "there is no such block device; a partition has no limits of its own, its disk has" },
    { "blkio.", ENOENT, "the kernel has that with the I/O scheduler BFQ only, leaf weights before Linux 5.0 only" },
    { "io.bfq.", ENOENT, "the kernel has weights with the I/O scheduler BFQ or with blk-iocost only" },
    { "io.weight", ENOENT, "the kernel has weights with the I/O scheduler BFQ or with blk-iocost only" },
    { "hugetlb.", ENOENT, "unsupported huge page size: this kernel has none of it, or no hugetlb controller" },
    { "net_prio.", ENODEV, "there is no such network interface here" },
    { "rdma.", ENODEV, "there is no such RDMA device" },
    { "rdma.", EINVAL, "there is no such RDMA device" },
};

static const char *find_cause(const char *file, int err)
{
    for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
        if (causes[i].err == err && str_starts(file, causes[i].prefix))
            return causes[i].cause;
    return NULL;
}

const char *cgroup_read_or_unknown(struct op *op, const struct cgroup *c, const char *file)
{
    char *text;

    return cgroup_file_read(c->root, c->path, file, op->arena, &text) < 0 ? "unknown" : text;
}

/* EBUSY: the kernel could not push the usage below the limit. */
static int fail_limit(struct op *op, const struct cgroup *c, const char *pointer, const char *value)
{
    bool v2 = c->flags & PLAN_CGROUP_V2;
    const char *usage = cgroup_read_or_unknown(op, c, v2 ? "memory.current" : "memory.usage_in_bytes");
    const char *peak = cgroup_read_or_unknown(op, c, v2 ? "memory.peak" : "memory.max_usage_in_bytes");

    return op_fail(op, EBUSY, "%s: unable to set memory limit to %s (current usage: %s, peak usage: %s)", pointer,
                   value, usage, peak);
}

static const char *controller_of(struct op *op, const char *file)
{
    return arena_strndup(op->arena, file, strcspn(file, "."));
}

/* "cgroup" is none: its files are always there. */
static bool lacks_controller(struct op *op, const struct cgroup *c, const char *controller)
{
    char *text;

    return !str_eq(controller, "cgroup") &&
        (cgroup_file_read(c->root, c->path, "cgroup.controllers", op->arena, &text) < 0 || !str_has_word(text, " ", controller));
}

static int fail_unified(struct op *op, const struct cgroup *c, const char *pointer, const char *file, int r)
{
    const char *controller = controller_of(op, file);

    if ((r == -ENOENT || r == -EACCES || r == -EPERM) && lacks_controller(op, c, controller))
        return op_fail(op, -r, "%s: unified resource \"%s\" can't be set: controller \"%s\" not available (%s)", pointer,
                       file, controller, c->dir);
    return op_fail(op, -r, "%s: unable to set unified resource \"%s\" (%s/%s)", pointer, file, c->dir, file);
}

static int fail_missing(struct op *op, const struct cgroup *c, const char *pointer, const char *file)
{
    static const char not_given[] = ", where the cgroup above does not hand it down (has it processes of its own?)";

    return op_fail(op, ENOENT, "%s: %s/%s (controller \"%s\" not available here%s, or without that setting)", pointer,
                   c->dir, file, controller_of(op, file), c->flags & PLAN_CGROUP_V2 ? not_given : "");
}

int cgroup_fail_write(struct op *op, const struct cgroups *c, const struct plan_write *w, int r)
{
    const struct cgroup *dir = &c->items[w->dir];
    const char *pointer = plan_text(c->plan, w->pointer), *file = plan_text(c->plan, w->file);
    const char *value = plan_text(c->plan, w->value), *cause = find_cause(file, -r);

    if (!pointer)
        pointer = "/linux/resources";
    if (r == -EBUSY && (str_eq(file, "memory.limit_in_bytes") || str_eq(file, "memory.max")))
        return fail_limit(op, dir, pointer, value);
    if (str_starts(pointer, "/linux/resources/unified/"))
        return fail_unified(op, dir, pointer, file, r);
    if (r == -ENOENT && (!cause || (dir->flags & PLAN_CGROUP_V2 && lacks_controller(op, dir, controller_of(op, file)))))
        return fail_missing(op, dir, pointer, file);
    return op_fail(op, -r, "%s: write \"%s\" to %s/%s%s%s%s", pointer, value, dir->dir, file, cause ? " (" : "",
                   cause ? cause : "", cause ? ")" : "");
}
