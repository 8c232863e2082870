#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include "base/fd.h"
#include "init/keep_caps.h"
#include "launch/clone.h"
#include "launch/criu_plan.h"

/* statvfs(3) tells of them by the same bits. */
enum { RESTRICTIONS = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };

/* The container's root directory, and its mount namespace. */
struct inside { int root, mounts; };

struct visit {
    int mounts, mount;
    struct mount_attr attr;
    long result;
};

/* A mount is changed from within its namespace alone. In a child that shares our descriptors. */
__attribute__((no_sanitize("address", "undefined"), noinline))
static int change_there(void *data)
{
    struct visit *v = data;

    v->result = sys_raw3(SYS_setns, v->mounts, CLONE_NEWNS, 0);
    if (v->result >= 0)
        v->result = sys_raw(SYS_mount_setattr, v->mount, (long) "", AT_EMPTY_PATH, (long) &v->attr, sizeof(v->attr), 0);
    return 0;
}

static int change(struct arena *a, struct visit *v)
{
    long pid = clone_start(a, CLONE_VFORK | CLONE_FILES, change_there, v);

    if (pid < 0)
        return (int) pid;
    clone_reap(pid);
    return (int) v->result;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* What is bound there; -1 when the program has mounted something else over it, or unmounted it. */
static int open_bound(const struct plan *p, const struct plan_mount *m, int root)
{
    auto_close int fd = criu_open_inside(root, plan_word(p, m->target));
    struct stat source, bound;

    if (fd < 0 || fstat(fd, &bound) < 0 || stat(plan_word(p, m->source), &source) < 0)
        return -1;
    return is_same(&source, &bound) ? take_fd(&fd) : -1;
}

/* The process is criu's word only. */
static bool is_own_namespace(int mounts)
{
    struct stat theirs, ours;

    return fstat(mounts, &theirs) < 0 || stat("/proc/self/ns/mnt", &ours) < 0 || is_same(&theirs, &ours);
}

static int restrict_mount(struct op *op, const struct plan *p, const struct plan_mount *m, const struct inside *in)
{
    auto_close int fd = open_bound(p, m, in->root);
    struct visit v = { .mounts = in->mounts, .mount = fd };
    struct statvfs now;
    int r;

    if (fd < 0 || fstatvfs(fd, &now) < 0)
        return 0;
    v.attr.attr_set = (m->attr_set | m->rec_set) & RESTRICTIONS & ~now.f_flag;
    if (v.attr.attr_set == 0 || (r = change(op->arena, &v)) >= 0)
        return 0;
    return op_fail(op, -r, "mounts[%u] %s: mount_setattr", m->index, plan_word(p, m->target));
}

int criu_restrict_mounts(struct op *op, const struct plan *p, pid_t pid)
{
    const struct plan_mount *mounts = PLAN_ITEMS(p, mounts, struct plan_mount);
    auto_close int root = open(arena_printf(op->arena, "/proc/%d/root", (int) pid), O_PATH | O_DIRECTORY | O_CLOEXEC);
    auto_close int ns = open(arena_printf(op->arena, "/proc/%d/ns/mnt", (int) pid), O_RDONLY | O_CLOEXEC);
    const struct inside in = { root, ns };

    if (root < 0 || ns < 0)
        return op_fail(op, errno, "the restored mounts");
    if (is_own_namespace(ns))
        return 0;
    for (uint32_t i = 0; i < p->mounts.n; i++) {
        int r = mounts[i].kind == PLAN_MOUNT_BIND ? restrict_mount(op, p, &mounts[i], &in) : 0;

        if (r < 0)
            return r;
    }
    return 0;
}
