/* mount_bind.c - a bind mount: a copy of a tree of the host's view, or of an open descriptor. */
#include "init/mounts.h"

bool is_on_proc(int fd)
{
    struct statfs fs;

    return sys_fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

bool is_proc_root(int fd)
{
    struct statx st;

    return is_on_proc(fd) && sys_statx(fd, "", AT_EMPTY_PATH, STATX_INO, &st) == 0 && st.stx_ino == 1;
}

/* In a user namespace flags that came with the source are locked (EPERM). Then those stay that nobody
 * asked to drop: the result is more restricted than a bind elsewhere, never less. */
int mount_set_attributes(struct init *in, const struct plan_mount *m, int tree)
{
    struct mount_attr attr = { .attr_set = mount_attributes(m), .attr_clr = m->attr_clr };
    int r;

    if (!attr.attr_set && !attr.attr_clr)
        return 0;
    r = sys_mount_setattr(tree, 0, &attr);
    if (r == -EPERM && (m->flags & PLAN_MOUNT_EXACT)) {
        attr.attr_clr = m->must_clr | (attr.attr_set & MOUNT_ATTR__ATIME ? MOUNT_ATTR__ATIME : 0);
        r = sys_mount_setattr(tree, 0, &attr);
        if (r == -EPERM)
            init_say(in, "the source's mount has flags that are locked here");
    }
    return r < 0 ? init_fail(in, CALL_mount_setattr, r) : 0;
}

/* The launcher can see what the root of a user namespace may not, and it alone can id-map a file system of the host. */
static int open_source(struct init *in, const struct plan_mount *m, const char *source)
{
    unsigned recursive = m->flags & PLAN_MOUNT_RECURSIVE ? AT_RECURSIVE : 0;
    int tree;

    if (m->flags & PLAN_MOUNT_IDMAP)
        return message_ask_tree(in, in->fault.item);
    tree = sys_open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
    if (tree == -EACCES && has_user_namespace(in->plan))
        return message_ask_tree(in, in->fault.item);
    return tree < 0 ? init_fail(in, CALL_open_tree, tree) : tree;
}

int mount_bind(struct init *in, const struct plan_mount *m, const char *source)
{
    auto_close int tree = open_source(in, m, source);

    if (tree < 0)
        return -1;
    if ((m->flags & PLAN_MOUNT_SOURCE_PROC) && !is_proc_root(tree))
        return init_fail_text(in, CALL_open_tree, 0, "cannot be mounted because it is inside /proc, and the source is not a procfs");
    return mount_set_attributes(in, m, tree) ? -1 : take_fd(&tree);
}

int bind_over(struct init *in, int source, int target)
{
    auto_close int tree = sys_open_tree(source, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    int r;

    if (tree < 0)
        return init_fail(in, CALL_open_tree, tree);
    r = sys_move_mount(tree, target);
    return r < 0 ? init_fail(in, CALL_move_mount, r) : 0;
}
