#include "launch/identity.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/io.h"
#include "base/str.h"
#include "launch/id_helper.h"
#include "spec/words.h"

static int write_proc(pid_t pid, const char *file, const char *text)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, file);
    return io_write_at(AT_FDCWD, path, text);
}

int identity_write_map(struct arena *a, const struct plan *p, struct plan_list map, pid_t pid, const char *file)
{
    const struct plan_id_map *m = plan_at(p, map.at);
    struct str s;

    str_init(&s, a);
    for (uint32_t i = 0; i < map.n; i++)
        str_addf(&s, "%u %u %u\n", m[i].inside, m[i].outside, m[i].count);
    return write_proc(pid, file, s.text);
}

static int write_map(struct op *op, const struct plan *p, pid_t pid, const char *file)
{
    bool users = file[0] == 'u';
    struct plan_list map = users ? p->uid_map : p->gid_map;
    int r = identity_write_map(op->arena, p, map, pid, file);

    if (r == -EPERM)
        return op_fail(op, EPERM, "writing %s (linux.%sMappings): this user may map only its own %s, as a single entry",
                       file, users ? "uid" : "gid", users ? "uid" : "gid");
    if (r < 0)
        return op_fail(op, -r, "writing %s (linux.%sMappings: do ranges overlap, or are there more than 340?)", file,
                       users ? "uid" : "gid");
    return 0;
}

int identity_write_maps(struct op *op, const struct plan *p, pid_t pid)
{
    int r;

    if (!(p->new_ns & CLONE_NEWUSER))
        return 0;
    if (p->flags & PLAN_MAPS_BY_HELPER)
        return (r = id_helper_map_users(op, p, pid)) < 0 ? r : id_helper_map_groups(op, p, pid);
    /* Before gid_map, or the kernel refuses an unprivileged writer (CVE-2014-8989). */
    if ((p->flags & PLAN_DENY_SETGROUPS) && (r = write_proc(pid, "setgroups", "deny")) < 0)
        return op_fail(op, -r, "writing setgroups");
    if ((r = write_map(op, p, pid, "uid_map")) < 0)
        return r;
    return write_map(op, p, pid, "gid_map");
}

int identity_raise_limits(struct op *op, const struct plan *p, pid_t pid)
{
    const struct plan_rlimit *limits = PLAN_ITEMS(p, rlimits, struct plan_rlimit);

    for (uint32_t i = 0; i < p->rlimits.n; i++) {
        const struct plan_rlimit *l = &limits[i];
        struct rlimit now, up;

        if (prlimit(0, l->resource, NULL, &now) < 0)
            return op_fail(op, errno, "process.rlimits[%u] %s", l->index, words_name(&words_rlimit, l->resource));
        if (l->hard <= now.rlim_max)
            continue;
        up = (struct rlimit) { .rlim_cur = now.rlim_cur, .rlim_max = l->hard };
        if (prlimit(pid, l->resource, &up, NULL) < 0)
            return op_fail(op, errno, "process.rlimits[%u] %s: raising the hard limit from %llu to %llu needs CAP_SYS_RESOURCE",
                           l->index, words_name(&words_rlimit, l->resource), (unsigned long long) now.rlim_max,
                           (unsigned long long) l->hard);
    }
    return 0;
}

/* One system call is cheaper than to find out whether it is needed. It only fails where somebody else rules the process. */
void identity_reset_affinity(const struct plan *p, pid_t pid)
{
    unsigned char all[1024];                    /* 8192 CPUs, the most there can be; what there is not does no harm */

    if ((p->flags & PLAN_EXEC) && (p->cpus_initial.n || p->cpus_final.n))
        return;
    memset(all, 0xff, sizeof(all));
    sched_setaffinity(pid, sizeof(all), (const cpu_set_t *) all);
}

int identity_set_oom_score(struct op *op, const struct plan *p, pid_t pid)
{
    char text[16], *now;
    char path[64];
    int r;

    if (!(p->flags & PLAN_OOM_SCORE))
        return 0;
    snprintf(text, sizeof(text), "%d", p->oom_score_adj);
    r = write_proc(pid, "oom_score_adj", text);
    if (r == -EACCES && (p->flags & PLAN_ROOTLESS)) {
        snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int) pid);
        if (io_read_at(AT_FDCWD, path, op->arena, 64, &now, NULL) == 0)
            op_warn(op, "process.oomScoreAdj %s is below what this user may set; it stays %.*s", text,
                    (int) (now[0] ? strcspn(now, "\n") : 0), now);
        return 0;
    }
    if (r < 0)
        return op_fail(op, -r, "process.oomScoreAdj %s%s", text,
                       r == -EACCES ? " (going below the caller's own value needs CAP_SYS_RESOURCE)" : "");
    return 0;
}
