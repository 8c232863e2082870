/* mounts.c - the mounts of config.json, in their order. */
#include "init/mounts.h"
#include "init/paths.h"

/* On a procfs nothing may be mounted but a procfs over its root, and the few files that the plan names: a
 * directory of the image in its place could redirect writes to /proc (CVE-2019-16884). */
static bool may_cover(const struct plan_mount *m, int target, const struct statx *st)
{
    if ((m->flags & PLAN_MOUNT_MAY_COVER_PROC) || !is_on_proc(target))
        return true;
    return (m->flags & (PLAN_MOUNT_IS_PROC | PLAN_MOUNT_SOURCE_PROC)) && st->stx_ino == 1;
}

static int check_target(struct init *in, const struct plan_mount *m, int target, struct statx *ret)
{
    int r = fd_stat(target, ret);

    if (r < 0)
        return init_fail(in, CALL_statx, r);
    if ((ret->stx_mode & S_IFMT) == S_IFLNK)
        return init_fail(in, CALL_openat2, -ELOOP);
    if (ret->stx_mnt_id == in->root_mount && ret->stx_ino == in->root_inode)
        return init_fail_text(in, CALL_none, 0, "the destination leads to the container's root directory");
    if (!may_cover(m, target, ret))
        return init_fail_text(in, CALL_none, 0, "cannot be mounted because it is inside /proc");
    return 0;
}

static int not_ordinary(struct init *in, const struct plan_mount *m)
{
    init_say(in, "filesystem \"");
    init_say(in, m->fstype ? plan_text(in->plan, m->fstype) : "bind");
    return init_fail_text(in, CALL_none, 0, "\" must be mounted on ordinary directory");
}

/* The place to mount on, made when missing. */
static int open_target(struct init *in, const struct plan_mount *m, enum path_kind kind, struct statx *ret)
{
    bool plain = m->flags & PLAN_MOUNT_PLAIN_DIR;
    const char *path = plan_text(in->plan, m->target);
    auto_close int target = path_open_or_make(in, path, kind, plain ? RESOLVE_NO_SYMLINKS : 0);

    if (plain && (target == -ELOOP || target == -ENOTDIR))
        return not_ordinary(in, m);
    if (target < 0)
        return init_fail(in, CALL_openat2, target);
    if (check_target(in, m, target, ret))
        return -1;
    if (kind == PATH_FILE && (ret->stx_mode & S_IFMT) == S_IFDIR)
        return init_fail_text(in, CALL_move_mount, -EISDIR, "the source is a file, the destination a directory");
    return take_fd(&target);
}

static int set_propagation(struct init *in, const struct plan_mount *m, int tree)
{
    const uint32_t *wanted = plan_at(in->plan, m->propagation.at);

    for (uint32_t i = 0; i < m->propagation.n; i++) {
        struct mount_attr attr = { .propagation = wanted[i] & ~(uint32_t) MS_REC };
        int r = sys_mount_setattr(tree, wanted[i] & MS_REC ? AT_RECURSIVE : 0, &attr);

        if (r < 0)
            return init_fail_text(in, CALL_mount_setattr, r, "propagation");
    }
    return 0;
}

/* What concerns the mount in its place. */
static int settle(struct init *in, const struct plan_mount *m, int tree)
{
    struct mount_attr all = { .attr_set = m->rec_set, .attr_clr = m->rec_clr };
    int r;

    if (set_propagation(in, m, tree))
        return -1;
    r = all.attr_set || all.attr_clr ? sys_mount_setattr(tree, AT_RECURSIVE, &all) : 0;
    return r < 0 ? init_fail_text(in, CALL_mount_setattr, r, "recursive flags") : 0;
}

/* Some mounts are needed again: the container's procfs, and those that become read-only in the end. */
static void keep(struct init *in, struct plan_mount *m, int *tree)
{
    bool proc = (m->flags & PLAN_MOUNT_IS_PROC) && in->proc < 0 && !(mount_attributes(m) & MOUNT_ATTR_RDONLY);

    if (proc)
        in->proc = *tree;
    if (m->flags & PLAN_MOUNT_RO_LATE)
        m->late_fd = (uint32_t) *tree;
    if (proc || (m->flags & PLAN_MOUNT_RO_LATE))
        take_fd(tree);
}

static int make_bind(struct init *in, const struct plan_mount *m, int *ret_target)
{
    auto_close int tree = mount_bind(in, m, plan_text(in->plan, m->source));
    struct statx st;
    int r;

    if (tree < 0)
        return -1;
    r = fd_stat(tree, &st);
    if (r < 0)
        return init_fail(in, CALL_statx, r);
    *ret_target = open_target(in, m, (st.stx_mode & S_IFMT) == S_IFDIR ? PATH_DIRECTORY : PATH_FILE, &st);
    return *ret_target < 0 ? -1 : take_fd(&tree);
}

static int make_new(struct init *in, const struct plan_mount *m, int *ret_target)
{
    struct statx covered;
    auto_close int tree = -1;

    *ret_target = open_target(in, m, PATH_DIRECTORY, &covered);
    if (*ret_target < 0)
        return -1;
    tree = mount_new(in, m, &covered);
    if (tree >= 0 && (m->flags & PLAN_MOUNT_COPY_UP) && copy_up(in, *ret_target, tree))
        return -1;
    if (tree >= 0 && m->label && mount_label(in, plan_text(in->plan, m->label), tree))
        return -1;
    return take_fd(&tree);
}

static int make_attached(struct init *in, const struct plan_mount *m)
{
    auto_close int target = -1;
    auto_close int tree = m->kind == PLAN_MOUNT_BIND ? make_bind(in, m, &target) : make_new(in, m, &target);
    int r = tree < 0 ? 0 : sys_move_mount(tree, target);

    if (r < 0)
        return init_fail(in, CALL_move_mount, r);
    return take_fd(&tree);
}

/* The mount that is there already. */
static int remount(struct init *in, const struct plan_mount *m)
{
    auto_close int mount = path_open(in, plan_text(in->plan, m->target), O_PATH, 0);
    struct statx st;

    if (mount < 0)
        return init_fail(in, CALL_openat2, mount);
    if (check_target(in, m, mount, &st))
        return -1;
    if (!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
        return init_fail_text(in, CALL_none, -EINVAL, "nothing is mounted there to be remounted");
    if (m->fstype && mount_reconfigure(in, m, mount))
        return -1;
    return mount_set_attributes(in, m, mount) ? -1 : take_fd(&mount);
}

static int mount_one(struct init *in, struct plan_mount *m)
{
    auto_close int tree = -1;

    if ((m->flags & PLAN_MOUNT_AFTER_CGROUP) && await_go(in))
        return -1;
    tree = m->kind == PLAN_MOUNT_REMOUNT ? remount(in, m) : make_attached(in, m);
    if (tree < 0 || settle(in, m, tree))
        return -1;
    keep(in, m, &tree);
    return 0;
}

int step_mounts(struct init *in)
{
    struct plan_mount *mounts = (struct plan_mount *) plan_at(in->plan, in->plan->mounts.at);

    for (uint32_t i = 0; flagged(in, PLAN_PRIVATE_MOUNTS) && i < in->plan->mounts.n; i++) {
        in->fault.item = i;
        if (mount_one(in, &mounts[i]))
            return -1;
    }
    return 0;
}
