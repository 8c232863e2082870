#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include "base/fd.h"
#include "init/keep_caps.h"
#include "launch/clone.h"
#include "launch/criu.h"

struct visit {
    const struct criu_root *root;
    const char *failed;         /* the step that failed, NULL so far */
    long mounts, work, err;
};

/* What the host mounts still comes in, nothing goes out. */
static long mount_root(struct visit *v)
{
    struct mount_attr slave = { .propagation = MS_SLAVE };
    long r;

    v->failed = "making the mount namespace private";
    r = sys_raw(SYS_mount_setattr, AT_FDCWD, (long) "/", AT_RECURSIVE, (long) &slave, sizeof(slave), 0);
    if (r < 0)
        return r;
    v->failed = "mounting the root file system";
    return sys_raw(SYS_move_mount, v->root->tree, (long) "", AT_FDCWD, (long) v->root->mountpoint, MOVE_MOUNT_F_EMPTY_PATH, 0);
}

/* In a child with a new mount namespace, which shares our descriptors. */
__attribute__((no_sanitize("address", "undefined"), noinline))
static int make_there(void *data)
{
    struct visit *v = data;
    long r = mount_root(v);

    if (r >= 0) {
        v->failed = "opening the work directory";
        r = v->work = sys_raw3(SYS_openat, AT_FDCWD, (long) v->root->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (r >= 0) {
        v->failed = "opening the mount namespace";
        r = v->mounts = sys_raw3(SYS_openat, AT_FDCWD, (long) "/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    }
    v->err = r < 0 ? -r : 0;
    return 0;
}

int criu_make_root(struct op *op, const struct criu_root *root, int *ret_mounts, int *ret_work)
{
    struct visit v = { .root = root, .mounts = -1, .work = -1 };
    long pid = clone_start(op->arena, CLONE_VFORK | CLONE_FILES | CLONE_NEWNS, make_there, &v);

    if (pid < 0)
        return op_fail(op, (int) -pid, "a mount namespace for criu: clone3");
    clone_reap(pid);
    if (v.err == 0) {
        *ret_mounts = (int) v.mounts;
        *ret_work = (int) v.work;
        return 0;
    }
    if (v.work >= 0)
        close((int) v.work);
    return op_fail(op, (int) v.err, "a mount namespace for criu: %s", v.failed);
}
