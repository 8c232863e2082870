/* pivot.c - the root directory becomes "/", and the host's is let go. */
#include "init/init.h"
#include "init/host_mounts.h"
#include "init/label.h"
#include "init/mounts.h"

static int enter_root(struct init *in)
{
    int r = sys_fchdir(in->root);

    return r < 0 ? init_fail(in, CALL_chdir, r) : 0;
}

/* The old root lies over the new one for a moment. It is a slave by then, so that letting go of it does not
 * unmount anything in another namespace. */
static int pivot(struct init *in)
{
    struct mount_attr slave = { .propagation = MS_SLAVE };
    auto_close int old = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r;

    if (old < 0)
        return init_fail(in, CALL_open, old);
    if (enter_root(in))
        return -1;
    if ((r = sys_pivot_root(".", ".")) < 0)
        return init_fail(in, CALL_pivot_root, r);
    if (host_mounts_may_be_shared(in) && (r = sys_mount_setattr(old, AT_RECURSIVE, &slave)) < 0)
        return init_fail(in, CALL_mount_setattr, r);
    if ((r = sys_fchdir(old)) < 0)
        return init_fail(in, CALL_chdir, r);
    if ((r = sys_umount2(".", SYS_MNT_DETACH)) < 0)
        return init_fail(in, CALL_umount2, r);
    return enter_root(in);
}

static int change_root(struct init *in)
{
    int r;

    if (enter_root(in))
        return -1;
    r = sys_chroot(".");
    return r < 0 ? init_fail(in, CALL_chroot, r) : 0;
}

/* For a host that runs from an initramfs, which pivot_root refuses to leave. */
static int move_root(struct init *in)
{
    auto_close int slash = -1;
    int r;

    if (host_mounts_hide_proc(in))
        return -1;
    slash = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    r = slash < 0 ? slash : sys_move_mount(in->root, slash);
    return r < 0 ? init_fail(in, CALL_move_mount, r) : change_root(in);
}

int step_pivot(struct init *in)
{
    if (label_prepare(in))
        return -1;
    if (!flagged(in, PLAN_PRIVATE_MOUNTS))
        return change_root(in);
    return flagged(in, PLAN_NO_PIVOT) ? move_root(in) : pivot(in);
}
