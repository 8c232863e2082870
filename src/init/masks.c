/* masks.c - paths taken out of sight, or made read-only. By descriptor from first to last, so that what was looked
 * at is what is covered (GHSA-3q8j-pf29-vwv8). What is missing needs no mask. */
#include "init/mounts.h"
#include "init/paths.h"

static bool is_missing(int r)
{
    return r == -ENOENT || r == -ENOTDIR;
}

/* One empty, read-only tmpfs serves all masked directories; it holds nothing, so nobody can use it as storage. */
int mount_empty(struct init *in)
{
    auto_close int fs = sys_fsopen("tmpfs");
    int r = fs < 0 ? fs : sys_fsconfig(fs, FSCONFIG_SET_STRING, "nr_blocks", "1");
    int tree;

    if (r >= 0)
        r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", "1");
    if (r >= 0)
        r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "mode", "755");
    if (r >= 0)
        r = sys_fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL);
    if (r >= 0)
        r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
    if (r < 0)
        return init_fail_text(in, CALL_fsopen, r, "tmpfs");
    tree = sys_fsmount(fs, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    return tree < 0 ? init_fail(in, CALL_fsmount, tree) : tree;
}

static int mask_directory(struct init *in, int target, int *empty)
{
    int r;

    if (*empty >= 0)
        return bind_over(in, *empty, target);
    *empty = mount_empty(in);
    r = *empty < 0 ? 0 : sys_move_mount(*empty, target);
    if (r < 0)
        return init_fail(in, CALL_move_mount, r);
    return *empty < 0 ? -1 : 0;
}

static int mask_file(struct init *in, int target)
{
    if (in->null < 0)
        return init_fail_text(in, CALL_open, -ENODEV, "the host's /dev/null is not the null device");
    return bind_over(in, in->null, target);
}

static int mask(struct init *in, const char *path, int *empty)
{
    auto_close int target = path_open(in, path, O_PATH, 0);
    struct statx st;
    int r = target < 0 ? target : fd_stat(target, &st);

    if (is_missing(target))
        return 0;
    if (r < 0)
        return init_fail(in, CALL_openat2, r);
    return (st.stx_mode & S_IFMT) == S_IFDIR ? mask_directory(in, target, empty) : mask_file(in, target);
}

int step_masks(struct init *in)
{
    const plan_ref *paths = PLAN_ITEMS(in->plan, masks, plan_ref);
    auto_close int empty = -1;

    for (uint32_t i = 0; i < in->plan->masks.n; i++) {
        in->fault.item = i;
        if (mask(in, plan_text(in->plan, paths[i]), &empty))
            return -1;
    }
    return 0;
}

/* A mount of its own with one flag more. The flags of the mount below it stay. */
static int make_readonly(struct init *in, const char *path)
{
    struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
    auto_close int target = path_open(in, path, O_PATH, 0);
    auto_close int tree = -1;
    int r;

    if (is_missing(target))
        return 0;
    if (target < 0)
        return init_fail(in, CALL_openat2, target);
    tree = sys_open_tree(target, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0)
        return init_fail(in, CALL_open_tree, tree);
    if ((r = sys_mount_setattr(tree, 0, &readonly)) < 0)
        return init_fail(in, CALL_mount_setattr, r);
    r = sys_move_mount(tree, target);
    return r < 0 ? init_fail(in, CALL_move_mount, r) : 0;
}

int step_readonly(struct init *in)
{
    const plan_ref *paths = PLAN_ITEMS(in->plan, readonly, plan_ref);

    for (uint32_t i = 0; i < in->plan->readonly.n; i++) {
        in->fault.item = i;
        if (make_readonly(in, plan_text(in->plan, paths[i])))
            return -1;
    }
    return 0;
}
