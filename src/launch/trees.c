#include "launch/trees.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include "base/fd.h"
#include "base/io.h"
#include "init/keep_caps.h"
#include "init/protocol.h"
#include "launch/clone.h"
#include "launch/identity.h"

enum { MOUNTINFO_MAX = 16 << 20 };

/* ---- The tree -------------------------------------------------------------------------------- */

struct visit {
    int pidfd;
    const char *source;
    unsigned flags;
    long result;
};

/* In a child that shares our descriptors. The mounts of that namespace are copies with the host's flags locked: a tree
 * opened in ours would let the container's root clear them. */
__attribute__((no_sanitize("address", "undefined"), noinline))
static int open_there(void *data)
{
    struct visit *v = data;

    /* Without privilege the launcher may not go there, and may see no more than the init, which was refused. */
    v->result = -EACCES;
    if (sys_raw3(SYS_setns, v->pidfd, CLONE_NEWNS, 0) >= 0)
        v->result = sys_raw3(SYS_open_tree, AT_FDCWD, (long) v->source, v->flags);
    return 0;
}

static int open_tree_of(struct op *op, const struct launch *l, const struct plan_mount *m)
{
    bool bind = m->kind == PLAN_MOUNT_BIND;
    struct visit v = {
        .pidfd = l->pidfd,
        .source = plan_word(l->plan, bind ? m->source : m->fallback),
        .flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (m->flags & PLAN_MOUNT_RECURSIVE ? AT_RECURSIVE : 0),
    };
    long pid = clone_start(op->arena, CLONE_VFORK | CLONE_FILES, open_there, &v);

    if (pid < 0)
        return op_fail(op, (int) -pid, "mounts[%u]: clone3", m->index);
    clone_reap(pid);
    if (v.result < 0)
        return op_fail(op, (int) -v.result, "mounts[%u] %s: source %s", m->index, plan_word(l->plan, m->target), v.source);
    return (int) v.result;
}

/* ---- Id mappings ------------------------------------------------------------------------------ */

/* Keeps its user namespace alive until the other end of the pipe is closed. */
__attribute__((no_sanitize("address", "undefined"), noinline))
static int linger(void *data)
{
    const int *pipe = data;
    char c;

    sys_raw3(SYS_close, pipe[1], 0, 0);
    sys_raw3(SYS_read, pipe[0], (long) &c, 1);
    return 0;
}

static int fill_namespace(struct op *op, const struct plan *p, const struct plan_mount *m, long pid)
{
    const char *ns = arena_printf(op->arena, "/proc/%ld/ns/user", pid);
    int fd, r = identity_write_map(op->arena, p, m->uid_map, (pid_t) pid, "uid_map");

    if (r >= 0)
        r = identity_write_map(op->arena, p, m->gid_map, (pid_t) pid, "gid_map");
    if (r < 0)
        return op_fail(op, -r, "mounts[%u] %s: uidMappings or gidMappings (do ranges overlap, or are there more than 340?)",
                       m->index, plan_word(p, m->target));
    fd = open(ns, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? op_fail(op, errno, "%s", ns) : fd;
}

/* A namespace is kept by its descriptor: who was inside may end. */
static int make_namespace(struct op *op, const struct plan *p, const struct plan_mount *m)
{
    int ends[2], childs[2], fd;
    long pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return op_fail(op, errno, "pipe");
    memcpy(childs, ends, sizeof(childs));       /* which stays as it is, however late the child looks at it */
    pid = clone_start(op->arena, CLONE_NEWUSER, linger, childs);
    fd = pid < 0 ? op_fail(op, (int) -pid, "mounts[%u]: user namespace for its id mappings", m->index)
                 : fill_namespace(op, p, m, pid);
    fd_close(&ends[1]);
    if (pid > 0)
        clone_reap(pid);
    fd_close(&ends[0]);
    return fd;
}

static bool same_map(const struct plan *p, struct plan_list a, struct plan_list b)
{
    return a.n == b.n && memcmp(plan_at(p, a.at), plan_at(p, b.at), a.n * sizeof(struct plan_id_map)) == 0;
}

/* The container's own namespace serves mounts without mappings, and those with the same ones. */
static int open_namespace(struct op *op, const struct launch *l, const struct plan_mount *m)
{
    const struct plan *p = l->plan;
    bool own = m->uid_map.n == 0 || ((p->new_ns & CLONE_NEWUSER) && same_map(p, m->uid_map, p->uid_map) &&
                                     same_map(p, m->gid_map, p->gid_map));
    const char *path = arena_printf(op->arena, "/proc/%d/ns/user", (int) l->pid);
    int fd;

    if (!own)
        return make_namespace(op, p, m);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? op_fail(op, errno, "%s", path) : fd;
}

/* The type of the file system with the tree's device number, by mountinfo; "unknown" when it is on no mount of ours. */
static const char *fs_type(struct op *op, int tree)
{
    const char *line, *dash, *device;
    struct stat st;
    char *text;

    if (fstat(tree, &st) < 0 || io_read_at(AT_FDCWD, "/proc/self/mountinfo", op->arena, MOUNTINFO_MAX, &text, NULL) < 0)
        return "unknown";
    device = arena_printf(op->arena, " %u:%u ", major(st.st_dev), minor(st.st_dev));
    line = strstr(text, device);
    dash = line ? strstr(line, " - ") : NULL;
    return dash ? arena_strndup(op->arena, dash + 3, strcspn(dash + 3, " ")) : "unknown";
}

static int map_tree(struct op *op, const struct launch *l, const struct plan_mount *m, int tree)
{
    unsigned recursive = m->flags & PLAN_MOUNT_IDMAP_TREE ? AT_RECURSIVE : 0;
    auto_close int ns = open_namespace(op, l, m);
    struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t) ns };

    if (ns < 0)
        return ns;
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | recursive, &attr, sizeof(attr)) == 0)
        return 0;
    if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
        return op_fail(op, errno, "mounts[%u] %s: id mapping of %s: the file system there (%s)%s cannot be id-mapped by this kernel",
                       m->index, plan_word(l->plan, m->target), plan_word(l->plan, m->source), fs_type(op, tree),
                       recursive ? " or one below" : "");
    return op_fail(op, errno, "mounts[%u] %s: id mapping of %s", m->index, plan_word(l->plan, m->target),
                   plan_word(l->plan, m->source));
}

/* ---- The answer ------------------------------------------------------------------------------- */

static int send_tree(struct op *op, const struct launch *l, int tree)
{
    const struct message m = { .type = MESSAGE_TREE };
    int r = io_send(l->socket, &m, sizeof(m), tree);

    /* A broken pipe means that the init has died: listening to it will tell. */
    if (r < 0 && r != -EPIPE && r != -ECONNRESET)
        return op_fail(op, -r, "sending a mount to the container's init");
    return 0;
}

int trees_answer(struct op *op, const struct launch *l, uint32_t mount)
{
    const struct plan_mount *m = PLAN_ITEMS(l->plan, mounts, struct plan_mount) + mount;
    auto_close int tree = -1;
    int r;

    if (mount >= l->plan->mounts.n)
        return op_fail(op, EPROTO, "listening to the container's init");
    tree = open_tree_of(op, l, m);
    if (tree < 0)
        return tree;
    if ((m->flags & PLAN_MOUNT_IDMAP) && (r = map_tree(op, l, m, tree)) < 0)
        return r;
    return send_tree(op, l, tree);
}
