#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "host/parse.h"
#include "launch/cgroup.h"
#include "launch/cgroup_file.h"

enum { TEXT_MAX = 64 << 10 };

static int open_v2(struct op *op, struct cgroups *set, const struct cgroup *c)
{
    int r = cgroup_file_open(c->root, c->path, NULL, O_PATH | O_DIRECTORY);

    if (r < 0 && cgroup_may_lack(set->plan, r))
        return 0;
    if (r < 0)
        return op_fail(op, -r, "cgroup %s", c->dir);
    set->v2 = r;
    return 0;
}

static int open_all(struct op *op, struct cgroups *set)
{
    const struct plan_cgroup_dir *d = PLAN_ITEMS(set->plan, cgroup_dirs, struct plan_cgroup_dir);
    int r = 0;

    for (size_t i = 0; i < set->n && r == 0; i++) {
        struct cgroup *c = &set->items[i];
        const char *mount = plan_text(set->plan, d[i].mount);

        c->root = open(mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (c->root < 0)
            r = op_fail(op, errno, "opening cgroup hierarchy %s", mount);
        else if (c->flags & PLAN_CGROUP_V2)
            r = open_v2(op, set, c);
    }
    if (r < 0)
        cgroup_close(set);
    return r;
}

int cgroup_join(struct op *op, const struct plan *p, struct cgroups *ret)
{
    const struct plan_cgroup_dir *d = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);
    struct cgroups set = { .plan = p, .n = p->cgroup_dirs.n, .v2 = -1 };
    int r;

    set.items = arena_array(op->arena, set.n, sizeof(*set.items));
    for (size_t i = 0; i < set.n; i++)
        set.items[i] = cgroup_describe(op, p, &d[i]);
    r = open_all(op, &set);
    *ret = set;
    return r;
}

static void move(struct op *op, struct cgroups *set, const struct host_hierarchy *now)
{
    const struct plan_cgroup_dir *d = PLAN_ITEMS(set->plan, cgroup_dirs, struct plan_cgroup_dir);

    for (size_t i = 0; i < set->n; i++) {
        if (!str_eq(plan_text(set->plan, d[i].controllers), now->controllers))
            continue;
        set->items[i].path = now->own;
        set->items[i].dir = arena_printf(op->arena, "%s%s", plan_text(set->plan, d[i].mount), now->own);
    }
}

int cgroup_follow(struct op *op, struct cgroups *set, pid_t pid, int pidfd)
{
    struct host_hierarchy *now;
    char path[64], *text;
    size_t n;
    int r;

    cgroup_close(set);
    snprintf(path, sizeof(path), "/proc/%d/cgroup", (int) pid);
    r = io_read_at(AT_FDCWD, path, op->arena, TEXT_MAX, &text, NULL);
    if (r == 0 && syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) < 0)
        r = -errno;     /* somebody else may have that number by now */
    if (r < 0)
        return op_fail(op, -r, "reading the cgroups of the container's first process (%s)", path);
    n = parse_cgroups(op->arena, text, &now);
    for (size_t i = 0; i < n; i++)
        move(op, set, &now[i]);
    return open_all(op, set);
}
