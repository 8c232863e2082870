#include "launch/stats.h"
#include <errno.h>
#include "base/fd.h"
#include "base/str.h"
#include "launch/cgroup_file.h"
#include "launch/stats_read.h"

enum { BRIEF = 5 };

/* Hierarchies without numbers of interest need no look. */
static bool has_numbers(const struct plan *p, const struct plan_cgroup_dir *d, bool brief)
{
    static const char *const counting[] = { "cpu", "cpuacct", "memory", "pids", "blkio", [BRIEF] = "cpuset", "hugetlb", "rdma" };

    for (size_t i = 0; i < (brief ? BRIEF : sizeof(counting) / sizeof(*counting)); i++)
        if (str_has_word(plan_word(p, d->controllers), ",", counting[i]))
            return true;
    return d->flags & PLAN_CGROUP_V2;
}

static int read_dir(struct stats_reader *r, const struct plan *p, const struct plan_cgroup_dir *d)
{
    const char *mount = plan_text(p, d->mount), *path = plan_text(p, d->path);
    auto_close int dir = cgroup_file_open_dir(mount, path);

    r->name = arena_printf(r->op->arena, "%s%s", mount, path);
    if (dir == -ENOENT || (dir < 0 && r->lenient))
        return 0;
    if (dir < 0)
        return op_fail(r->op, -dir, "opening cgroup %s", r->name);
    r->dir = dir;
    if (d->flags & PLAN_CGROUP_V2)
        return stats_read_v2(r, p->cgroup_dirs.n == 1);
    return stats_read_v1(r, plan_word(p, d->controllers));
}

int stats_read_cgroups(struct op *op, const struct plan *p, bool brief, struct stats *ret)
{
    const struct plan_cgroup_dir *dirs = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);
    struct stats stats = { 0 };
    struct stats_reader reader = { .op = op, .lenient = p->flags & PLAN_ROOTLESS, .brief = brief, .stats = &stats };
    int r;

    for (uint32_t i = 0; i < p->cgroup_dirs.n; i++)
        if (has_numbers(p, &dirs[i], brief) && (r = read_dir(&reader, p, &dirs[i])) < 0)
            return r;
    *ret = stats;
    return 0;
}
