/* devices.c - device nodes, made or bound from the host; and the symlinks of /dev. */
#include "init/mounts.h"
#include "init/paths.h"
#include "init/procfs.h"

/* The directory of the last node: all default ones share it. */
struct directory {
    const char *path;           /* of the node; the directory is what precedes the leaf */
    size_t length;
    int fd;
};

static bool same_directory(const struct directory *d, const char *path)
{
    size_t n = text_length(path);

    while (n > 0 && path[n - 1] != '/')
        n--;
    return d->fd >= 0 && n == d->length && memcmp(d->path, path, n) == 0;
}

/* Opens the directory of `path` unless it is open already. */
static int enter(struct init *in, struct directory *d, const char *path, const char **ret_leaf)
{
    int fd;

    *ret_leaf = path + d->length;
    if (same_directory(d, path))
        return 0;
    fd = path_open_parent(in, path, ret_leaf);
    if (fd < 0)
        return init_fail(in, CALL_openat2, fd);
    close_auto(&d->fd);
    *d = (struct directory) { .path = path, .length = (size_t) (*ret_leaf - path), .fd = fd };
    return 0;
}

static bool is_node(const struct statx *st, const struct plan_node *n)
{
    if ((n->mode & S_IFMT) == S_IFIFO)
        return (st->stx_mode & S_IFMT) == S_IFIFO;
    return is_device(st, n->mode & S_IFMT, n->major, n->minor);
}

static bool has_owner(const struct statx *st, const struct plan_node *n)
{
    return st->stx_uid == n->uid && st->stx_gid == n->gid;
}

/* What is there is looked at once, by descriptor, and only that is changed. chown first: it may clear mode bits. */
static int correct(struct init *in, const struct plan_node *n, int parent, const char *leaf)
{
    auto_close int fd = sys_openat2(parent, leaf, O_PATH | O_NOFOLLOW | O_CLOEXEC, RESOLVE_BENEATH);
    struct statx st;
    int r = fd < 0 ? fd : fd_stat(fd, &st);

    if (r < 0)
        return init_fail(in, CALL_openat2, r);
    if (!is_node(&st, n))                       /* an image may bring its own idea of the default nodes */
        return n->index == UINT32_MAX ? 0 : init_fail_text(in, CALL_mknodat, -EEXIST, "something else is there");
    if (!has_owner(&st, n) && (r = sys_fchownat(fd, "", n->uid, n->gid, AT_EMPTY_PATH)) < 0)
        return init_fail(in, CALL_fchown, r);
    r = (st.stx_mode & 07777) == (n->mode & 07777) ? 0 : procfs_fchmod(in, fd, n->mode & 07777);
    return r < 0 ? init_fail(in, CALL_fchmod, r) : 0;
}

static int open_host_node(struct init *in, const struct plan_node *n)
{
    auto_close int source = sys_openat(AT_FDCWD, plan_text(in->plan, n->path), O_PATH | O_CLOEXEC);
    struct statx st;
    int r = source < 0 ? source : fd_stat(source, &st);

    if (r < 0)
        return init_fail_text(in, CALL_open, r, "the host's node");
    if (!is_node(&st, n))
        return init_fail_text(in, CALL_open, -ENODEV, "the host's node of that path is another device");
    return take_fd(&source);
}

/* Where mknod is not allowed (user namespaces). */
static int bind_node(struct init *in, const struct plan_node *n, int parent, const char *leaf)
{
    auto_close int source = open_host_node(in, n);
    auto_close int target = -1;
    struct statx st;
    int r;

    if (source < 0)
        return -1;
    r = sys_mknodat(parent, leaf, S_IFREG | 0644, 0);
    if (r < 0 && r != -EEXIST)
        return init_fail(in, CALL_mknodat, r);
    target = sys_openat2(parent, leaf, O_PATH | O_NOFOLLOW | O_CLOEXEC, RESOLVE_BENEATH);
    r = target < 0 ? target : fd_stat(target, &st);
    if (r < 0)
        return init_fail(in, CALL_openat2, r);
    if ((st.stx_mode & S_IFMT) == S_IFLNK || (st.stx_mode & S_IFMT) == S_IFDIR)
        return init_fail_text(in, CALL_open, -EEXIST, "something else is there");
    return bind_over(in, source, target);
}

static int make_node(struct init *in, const struct plan_node *n, int parent, const char *leaf)
{
    struct statx st;
    int r;

    if (n->flags & PLAN_NODE_BIND)
        return bind_node(in, n, parent, leaf);
    r = sys_mknodat(parent, leaf, n->mode, sys_makedev(n->major, n->minor));
    if (r == -EPERM && flagged(in, PLAN_PRIVATE_MOUNTS))
        return bind_node(in, n, parent, leaf);
    if (r < 0 && r != -EEXIST)
        return init_fail(in, CALL_mknodat, r);
    /* A fresh node is as it was asked for, unless its directory has an ACL or a set-group-ID bit. */
    if (r == 0 && sys_statx(parent, leaf, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st) == 0 && is_node(&st, n) &&
        has_owner(&st, n) && st.stx_mode == n->mode)
        return 0;
    return correct(in, n, parent, leaf);
}

int step_nodes(struct init *in)
{
    const struct plan_node *nodes = PLAN_ITEMS(in->plan, nodes, struct plan_node);
    struct directory d = { .fd = -1 };
    const char *leaf;

    for (uint32_t i = 0; i < in->plan->nodes.n; i++) {
        in->fault.item = i;
        if (enter(in, &d, plan_text(in->plan, nodes[i].path), &leaf) || make_node(in, &nodes[i], d.fd, leaf))
            return -1;
    }
    close_auto(&d.fd);
    return 0;
}

/* A root file system that is read-only and has it already is fine as it is. */
static bool is_link_to(int parent, const char *leaf, const char *text)
{
    char found[PATH_MAX];
    long n = sys_readlinkat(parent, leaf, found, sizeof found - 1);

    if (n < 0)
        return false;
    found[n] = '\0';
    return text_equal(found, text);
}

static int make_link(struct init *in, const struct plan_link *l, int parent, const char *leaf)
{
    const char *text = plan_text(in->plan, l->text);
    int r = sys_symlinkat(text, parent, leaf);

    if (r != -EEXIST)
        return r < 0 ? init_fail(in, CALL_symlinkat, r) : 0;
    if (is_link_to(parent, leaf, text))
        return 0;
    r = sys_unlinkat(parent, leaf);
    if (r < 0)
        return init_fail(in, CALL_unlinkat, r);
    r = sys_symlinkat(text, parent, leaf);
    return r < 0 ? init_fail(in, CALL_symlinkat, r) : 0;
}

int step_links(struct init *in)
{
    const struct plan_link *links = PLAN_ITEMS(in->plan, links, struct plan_link);
    struct directory d = { .fd = -1 };
    const char *leaf;

    for (uint32_t i = 0; i < in->plan->links.n; i++) {
        in->fault.item = i;
        if (enter(in, &d, plan_text(in->plan, links[i].path), &leaf) || make_link(in, &links[i], d.fd, leaf))
            return -1;
    }
    close_auto(&d.fd);
    return 0;
}
