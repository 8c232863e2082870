/* rootfs.c - the container's root directory becomes a mount of its own; and the last flags on it. */
#include "init/mounts.h"
#include "init/paths.h"

static int set_host_propagation(struct init *in)
{
    struct mount_attr attr = { .propagation = in->plan->propagation & ~(uint32_t) MS_REC };
    auto_close int root = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r;

    if (root < 0)
        return init_fail(in, CALL_open, root);
    if (!attr.propagation)
        return 0;
    r = sys_mount_setattr(root, in->plan->propagation & MS_REC ? AT_RECURSIVE : 0, &attr);
    return r < 0 ? init_fail_text(in, CALL_mount_setattr, r, "propagation of the host's mounts") : 0;
}

/* pivot_root refuses a root whose parent mount is shared, and what is mounted on a shared one shows up in its
 * peers. The mount that holds `base` is the one whose root is met first on the way up. */
static int make_parent_private(struct init *in, int base)
{
    struct mount_attr attr = { .propagation = MS_PRIVATE };
    auto_close int at = sys_openat(base, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct statx st;
    int r = at;

    while (r >= 0 && (r = fd_stat(at, &st)) == 0 && !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT)) {
        r = sys_openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        sys_close(at);
        at = r;
    }
    if (r < 0)
        return init_fail(in, CALL_open, r);
    r = sys_mount_setattr(at, 0, &attr);
    return r < 0 ? init_fail_text(in, CALL_mount_setattr, r, "making the mount around it private") : 0;
}

/* A copy of the tree on top of itself: a mount that is ours, whatever the directory was before. */
static int mount_root(struct init *in, int base)
{
    auto_close int tree = sys_open_tree(base, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    int r;

    if (tree < 0)
        return init_fail(in, CALL_open_tree, tree);
    r = sys_move_mount(tree, base);
    if (r < 0)
        return init_fail(in, CALL_move_mount, r);
    in->root = take_fd(&tree);
    return 0;
}

/* What masks files: the host's own node, taken before anything of the container is in sight (CVE-2025-31133). */
static void take_null(struct init *in)
{
    auto_close int null = sys_openat(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct statx st;

    if (null >= 0 && fd_stat(null, &st) == 0 && is_device(&st, S_IFCHR, 1, 3))
        in->null = take_fd(&null);
}

static int remember_root(struct init *in)
{
    struct statx st;
    int r = fd_stat(in->root, &st);

    in->root_mount = st.stx_mnt_id;
    in->root_inode = st.stx_ino;
    return r < 0 ? init_fail(in, CALL_statx, r) : 0;
}

int step_rootfs(struct init *in)
{
    const char *path = plan_text(in->plan, in->plan->rootfs);
    auto_close int base = -1;

    sys_umask(0);
    if (flagged(in, PLAN_PRIVATE_MOUNTS) && set_host_propagation(in))
        return -1;
    base = sys_openat2(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, RESOLVE_NO_SYMLINKS);
    if (base < 0)
        return init_fail(in, CALL_openat2, base);
    if (!flagged(in, PLAN_PRIVATE_MOUNTS)) {
        in->root = take_fd(&base);
        return remember_root(in);
    }
    take_null(in);
    if (host_mounts_may_be_shared(in) && make_parent_private(in, base))
        return -1;
    return mount_root(in, base) ? -1 : remember_root(in);
}

/* All is made; what was to be read-only becomes so. */
static int make_mounts_readonly(struct init *in)
{
    const struct plan_mount *mounts = PLAN_ITEMS(in->plan, mounts, struct plan_mount);
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
    int r;

    for (uint32_t i = 0; i < in->plan->mounts.n; i++) {
        in->fault.item = i;
        if ((mounts[i].flags & PLAN_MOUNT_RO_LATE) && (r = sys_mount_setattr((int) mounts[i].late_fd, 0, &attr)) < 0)
            return init_fail_text(in, CALL_mount_setattr, r, plan_text(in->plan, mounts[i].target));
    }
    return 0;
}

static int finish_root(struct init *in)
{
    uint32_t propagation = in->plan->root_propagation;
    struct mount_attr shared = { .propagation = propagation & ~(uint32_t) MS_REC };
    struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
    int r = 0;

    if (propagation)
        r = sys_mount_setattr(in->root, propagation & MS_REC ? AT_RECURSIVE : 0, &shared);
    if (r >= 0 && flagged(in, PLAN_ROOT_READONLY))
        r = sys_mount_setattr(in->root, 0, &readonly);
    return r < 0 ? init_fail_text(in, CALL_mount_setattr, r, "root directory") : 0;
}

int step_finish(struct init *in)
{
    if (flagged(in, PLAN_PRIVATE_MOUNTS) && (make_mounts_readonly(in) || finish_root(in)))
        return -1;
    sys_umask(in->plan->umask);
    return 0;
}
