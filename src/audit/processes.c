/* The container's processes: whose they are, and what each of them is. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "audit/look.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "launch/cgroup_file.h"

/* ---- In the cgroups ------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    pid_t x = *(const pid_t *) a, y = *(const pid_t *) b;

    return (x > y) - (x < y);
}

static bool has_pid(const struct cgroup_members *m, pid_t pid)
{
    return m->n && bsearch(&pid, m->pids, m->n, sizeof(pid), by_number);
}

/* The members of one hierarchy's cgroup and of those below it, sorted. -ENOENT: there is no such cgroup, or it is not the
 * container's own. */
static int read_members(struct look *l, const struct plan_cgroup_dir *d, struct cgroup_members *ret)
{
    const char *mount = plan_text(l->plan, d->mount), *path = plan_text(l->plan, d->path);
    auto_close int dir = -1;
    int r;

    *ret = (struct cgroup_members) { .arena = l->op->arena };
    if (str_eq(path, "/"))
        return -ENOENT;
    dir = cgroup_file_open_dir(mount, path);
    r = dir < 0 ? dir : cgroup_members_add(ret, dir);
    if (r == 0 && ret->n)
        qsort(ret->pids, ret->n, sizeof(*ret->pids), by_number);
    return r;
}

struct membership {
    const struct plan_cgroup_dir *dirs;
    struct cgroup_members *of;  /* each of the hierarchies */
    bool *known;                /* … that has a cgroup of the container's */
    struct cgroup_members all;  /* every process once */
};

static const char *dir_name(struct look *l, const struct plan_cgroup_dir *d)
{
    return arena_printf(l->op->arena, "%s%s", plan_text(l->plan, d->mount), plan_text(l->plan, d->path));
}

static void add_pid(struct membership *m, pid_t pid)
{
    pid_t *grown;

    if (m->all.n == m->all.cap) {
        m->all.cap = m->all.cap ? 2 * m->all.cap : 64;
        grown = arena_array(m->all.arena, m->all.cap, sizeof(*grown));
        if (m->all.n)
            memcpy(grown, m->all.pids, m->all.n * sizeof(*grown));
        m->all.pids = grown;
    }
    m->all.pids[m->all.n++] = pid;
}

/* Sorts what has been added, and drops what is there twice. */
static void settle(struct membership *m)
{
    size_t n = 0;

    if (m->all.n)
        qsort(m->all.pids, m->all.n, sizeof(*m->all.pids), by_number);
    for (size_t i = 0; i < m->all.n; i++)
        if (n == 0 || m->all.pids[n - 1] != m->all.pids[i])
            m->all.pids[n++] = m->all.pids[i];
    m->all.n = n;
}

static void read_memberships(struct look *l, struct membership *m)
{
    uint32_t n = l->plan->cgroup_dirs.n;

    m->dirs = PLAN_ITEMS(l->plan, cgroup_dirs, struct plan_cgroup_dir);
    m->of = arena_array(l->op->arena, n, sizeof(*m->of));
    m->known = arena_array(l->op->arena, n, sizeof(*m->known));
    m->all.arena = l->op->arena;
    for (uint32_t i = 0; i < n; i++) {
        int r = read_members(l, &m->dirs[i], &m->of[i]);

        m->known[i] = r == 0;
        if (r < 0)
            look_unchecked(l, "/linux/cgroupsPath", dir_name(l, &m->dirs[i]), r);
        for (size_t at = 0; at < m->of[i].n; at++)
            add_pid(m, m->of[i].pids[at]);
    }
    settle(m);
}

/* ---- In the namespaces ---------------------------------------------------------------------- */

static bool is_in(int proc, const char *pid, const char *file, uint64_t inode)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof(path), "%.16s/ns/%s", pid, file);
    return inode && fstatat(proc, path, &st, 0) == 0 && st.st_ino == inode;
}

/* From linux/nsfs.h since Linux 6.11: the number that a process has in a pid namespace; ESRCH: none. Two lookups in tables
 * instead of a walk through /proc. */
#define GET_PID_IN_NAMESPACE _IOR(0xb7, 8, int)

/* Whether the process is not in that pid namespace; an older kernel does not tell. */
static bool is_stranger(int pid_namespace, pid_t pid)
{
    return pid_namespace >= 0 && ioctl(pid_namespace, GET_PID_IN_NAMESPACE, (long) pid) < 0 && errno == ESRCH;
}

/* Whoever is in the container's mount namespace, and sees its pids, is of the container: a container that shares one of the
 * two with it is not. Adds those that no cgroup knows. */
static void add_from_namespaces(struct look *l, struct membership *m)
{
    uint64_t mounts = l->init.v[look_namespace_index(CLONE_NEWNS)], pids = l->init.v[look_namespace_index(CLONE_NEWPID)];
    const struct cgroup_members known = m->all;
    auto_close int own = openat(l->first.dir, "ns/pid", O_RDONLY | O_CLOEXEC);
    DIR *list;
    struct dirent *d;
    int fd = openat(l->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (!(list = fdopendir(fd))) {
        close(fd);
        return;
    }
    while ((d = readdir(list))) {
        pid_t pid = (pid_t) strtol(d->d_name, NULL, 10);

        if (pid > 0 && !has_pid(&known, pid) && !is_stranger(own, pid) && is_in(l->proc, d->d_name, "mnt", mounts) &&
            is_in(l->proc, d->d_name, "pid", pids))
            add_pid(m, pid);
    }
    closedir(list);
    settle(m);
}

/* ---- All ------------------------------------------------------------------------------------ */

static void check_membership(struct look *l, const struct membership *m, const struct look_process *p)
{
    for (uint32_t i = 0; i < l->plan->cgroup_dirs.n; i++)
        if (m->known[i] && !look_fact(l, has_pid(&m->of[i], p->pid)))
            look_drift(l, .pointer = "/linux/cgroupsPath", .asked = dir_name(l, &m->dirs[i]),
                       .found = arena_printf(l->op->arena, "process %d is not in it", (int) p->pid),
                       .where = arena_printf(l->op->arena, "%s/cgroup.procs", dir_name(l, &m->dirs[i])), .pid = p->pid);
}

static void look_at_process(struct look *l, const struct membership *m, const struct look_process *p)
{
    l->report->processes++;
    check_membership(l, m, p);
    if (l->first.dir >= 0)
        look_at_its_namespaces(l, p);
    look_at_rights(l, p);
    look_at_labels(l, p);
    look_at_limits(l, p);
    look_at_its_rdt(l, p);
}

static void look_at_pid(struct look *l, const struct membership *m, pid_t pid)
{
    struct look_process p;
    int r;

    if (l->first.dir >= 0 && pid == l->first.pid)
        return;
    r = look_open(l, pid, &p);
    if (r < 0) {
        look_unchecked(l, "/process", arena_printf(l->op->arena, "/proc/%d", (int) pid), r);
        return;
    }
    look_at_process(l, m, &p);
    look_close(&p);
}

static void note_nested(struct look *l)
{
    if (l->nested.n)
        look_note(l, .pointer = "/linux/namespaces", .pid = l->nested.first,
                  .found = arena_printf(l->op->arena, "%zu process%s in namespaces of %s own, the first is %d", l->nested.n,
                                        l->nested.n == 1 ? "" : "es", l->nested.n == 1 ? "its" : "their", (int) l->nested.first));
}

void look_at_processes(struct look *l)
{
    struct membership m = { 0 };

    read_memberships(l, &m);
    if (l->first.dir >= 0 && (l->plan->new_ns & CLONE_NEWNS))
        add_from_namespaces(l, &m);
    if (l->first.dir >= 0)
        look_at_process(l, &m, &l->first);
    for (size_t i = 0; i < m.all.n; i++)
        look_at_pid(l, &m, m.all.pids[i]);
    note_nested(l);
}
