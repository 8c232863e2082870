#include "launch/criu_plan.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "base/fd.h"

enum { PATH_SIZE = 4096 };

/* A namespace that is not the container's own: how criu calls it, and by which key it is handed over as a descriptor. */
static const struct join { uint64_t type; const char *name, *key; } joins[] = {
    { CLONE_NEWNET, "net", "extRootNetNS" },
    { CLONE_NEWPID, "pid", "extRootPidNS" },
    { CLONE_NEWIPC, "ipc", NULL },
    { CLONE_NEWUTS, "uts", NULL },
    { CLONE_NEWTIME, "time", NULL },
    { CLONE_NEWUSER, "user", NULL },
    { CLONE_NEWNS, "mnt", NULL },
    { 0 },
};

/* NULL: a cgroup namespace, of which criu makes nothing. */
static const struct join *find_join(uint64_t type)
{
    const struct join *j = joins;

    while (j->type && j->type != type)
        j++;
    return j->type ? j : NULL;
}

int criu_open_inside(int root, const char *path)
{
    struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
    int fd = (int) syscall(SYS_openat2, root, path, &how, sizeof(how));

    return fd < 0 ? -errno : fd;
}

/* ---- Checkpoint ------------------------------------------------------------------------------ */

/* What the path comes to in the container: the kernel shows a mount point without symbolic links. `files`: directories do
 * not count. false: it is not there. */
static bool resolve(int root, const char *path, bool files, char ret[PATH_SIZE])
{
    auto_close int fd = criu_open_inside(root, path);
    char link[32];
    struct stat st;
    ssize_t n;

    if (fd < 0 || fstat(fd, &st) < 0 || (files && S_ISDIR(st.st_mode)))
        return false;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, ret, PATH_SIZE - 1);
    if (n < 0)
        return false;
    ret[n] = '\0';
    return true;
}

static void add_mount(struct str *options, int root, const char *target, bool files)
{
    char mountpoint[PATH_SIZE];

    if (resolve(root, target, files, mountpoint))
        criu_add_pair(options, CRIU_EXT_MNT, mountpoint, target);
}

/* Masked directories are a tmpfs of the container's own; masked files are the host's null device. */
static void add_mounts(const struct plan *p, int root, struct str *options)
{
    const struct plan_mount *mounts = PLAN_ITEMS(p, mounts, struct plan_mount);
    const struct plan_node *nodes = PLAN_ITEMS(p, nodes, struct plan_node);
    const plan_ref *masks = PLAN_ITEMS(p, masks, plan_ref);

    for (uint32_t i = 0; i < p->mounts.n; i++)
        if (mounts[i].kind == PLAN_MOUNT_BIND)
            add_mount(options, root, plan_word(p, mounts[i].target), false);
    for (uint32_t i = 0; i < p->nodes.n; i++)
        if (nodes[i].flags & PLAN_NODE_BIND)
            add_mount(options, root, plan_word(p, nodes[i].path), true);
    for (uint32_t i = 0; i < p->masks.n; i++)
        add_mount(options, root, plan_word(p, masks[i]), true);
}

static int add_joined(struct op *op, const struct plan *p, pid_t pid, struct str *options)
{
    const struct plan_join *list = PLAN_ITEMS(p, joins, struct plan_join);

    for (uint32_t i = 0; i < p->joins.n; i++) {
        const struct join *j = find_join(list[i].type);
        struct stat st;

        if (!j || !j->key)
            continue;
        if (stat(arena_printf(op->arena, "/proc/%d/ns/%s", (int) pid, j->name), &st) < 0)
            return op_fail(op, errno, "the container's %s namespace", j->name);
        protobuf_add_text(options, CRIU_EXTERNAL, arena_printf(op->arena, "%s[%lu]:%s", j->name, st.st_ino, j->key));
    }
    return 0;
}

int criu_describe(struct op *op, const struct plan *p, pid_t pid, struct str *options)
{
    auto_close int root = open(arena_printf(op->arena, "/proc/%d/root", (int) pid), O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (root < 0)
        return op_fail(op, errno, "the container's root directory");
    add_mounts(p, root, options);
    return add_joined(op, p, pid, options);
}

/* ---- Restore --------------------------------------------------------------------------------- */

int criu_open_joined(struct op *op, const struct plan *p, struct criu_joined *ret)
{
    const struct plan_join *list = PLAN_ITEMS(p, joins, struct plan_join);
    struct criu_joined joined = { 0 };

    for (uint32_t i = 0; i < p->joins.n; i++) {
        const struct join *j = find_join(list[i].type);
        const char *path = plan_word(p, list[i].path);

        if (!j || !j->key)
            continue;
        joined.keys[joined.n] = j->key;
        joined.fds[joined.n] = open(path, O_RDONLY | O_CLOEXEC);
        if (joined.fds[joined.n] < 0) {
            int err = errno;

            criu_close_joined(&joined);
            return op_fail(op, err, "%s namespace %s", j->name, path);
        }
        joined.n++;
    }
    *ret = joined;
    return 0;
}

void criu_close_joined(struct criu_joined *j)
{
    while (j->n > 0)
        fd_close(&j->fds[--j->n]);
}

static void add_sources(const struct plan *p, struct str *options)
{
    const struct plan_mount *mounts = PLAN_ITEMS(p, mounts, struct plan_mount);
    const struct plan_node *nodes = PLAN_ITEMS(p, nodes, struct plan_node);
    const plan_ref *masks = PLAN_ITEMS(p, masks, plan_ref);

    for (uint32_t i = 0; i < p->mounts.n; i++)
        if (mounts[i].kind == PLAN_MOUNT_BIND)
            criu_add_pair(options, CRIU_EXT_MNT, plan_word(p, mounts[i].target), plan_word(p, mounts[i].source));
    for (uint32_t i = 0; i < p->nodes.n; i++)
        if (nodes[i].flags & PLAN_NODE_BIND)
            criu_add_pair(options, CRIU_EXT_MNT, plan_word(p, nodes[i].path), plan_word(p, nodes[i].path));
    for (uint32_t i = 0; i < p->masks.n; i++)
        criu_add_pair(options, CRIU_EXT_MNT, plan_word(p, masks[i]), "/dev/null");
}

static void add_namespaces(const struct plan *p, const struct criu_joined *joined, struct str *options)
{
    const struct plan_join *list = PLAN_ITEMS(p, joins, struct plan_join);

    for (size_t i = 0; i < joined->n; i++)
        criu_add_inherited(options, joined->keys[i], CRIU_FIRST_FD + (int) i);
    for (uint32_t i = 0; i < p->joins.n; i++) {
        const struct join *j = find_join(list[i].type);

        if (j && !j->key)
            criu_add_pair(options, CRIU_JOIN_NS, j->name, plan_word(p, list[i].path));
    }
}

/* One for each controller of v1; the one without a name holds for all others, which are those of v2. */
static void add_cgroups(const struct plan *p, struct str *options)
{
    const struct plan_cgroup_dir *dirs = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);

    for (uint32_t i = 0; i < p->cgroup_dirs.n; i++) {
        char *names = arena_strdup(options->arena, plan_word(p, dirs[i].controllers)), *name;
        struct str root;

        while ((name = strsep(&names, ","))) {
            str_init(&root, options->arena);
            if (*name)
                protobuf_add_text(&root, 1, name);
            protobuf_add_text(&root, 2, plan_word(p, dirs[i].path));
            protobuf_add_message(options, CRIU_CG_ROOT, &root);
        }
    }
}

void criu_describe_restore(const struct plan *p, const struct criu_joined *joined, struct str *options)
{
    add_sources(p, options);
    add_namespaces(p, joined, options);
    add_cgroups(p, options);
}

/* ---- Targets --------------------------------------------------------------------------------- */

static int make_path(struct arena *a, int root, const char *path, bool directory);

/* The directory that a path is in, and its last name. */
static int open_parent(struct arena *a, int root, const char *path, const char **ret_name)
{
    const char *slash = strrchr(path, '/');
    char *parent = arena_strndup(a, path, slash == path ? 1 : (size_t) (slash - path));
    int r = make_path(a, root, parent, true);

    *ret_name = slash + 1;
    return r < 0 ? r : criu_open_inside(root, parent);
}

static int make_path(struct arena *a, int root, const char *path, bool directory)
{
    auto_close int there = criu_open_inside(root, path), parent = -1, file = -1;
    const char *name;

    if (there != -ENOENT)
        return there < 0 ? there : 0;
    if ((parent = open_parent(a, root, path, &name)) < 0)
        return parent;
    if (directory)
        return mkdirat(parent, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
    file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    return file < 0 && errno != EEXIST ? -errno : 0;
}

/* Below another mount it came, or comes, with that. */
static bool is_covered(const struct plan *p, uint32_t i)
{
    const struct plan_mount *mounts = PLAN_ITEMS(p, mounts, struct plan_mount);
    const char *target = plan_word(p, mounts[i].target);

    for (uint32_t k = 0; k < i; k++) {
        const char *above = plan_word(p, mounts[k].target);
        size_t n = strlen(above);

        if (!strncmp(target, above, n) && (target[n] == '/' || target[n] == '\0'))
            return true;
    }
    return false;
}

static bool is_directory(const struct plan *p, const struct plan_mount *m)
{
    struct stat st;

    return m->kind != PLAN_MOUNT_BIND || (stat(plan_word(p, m->source), &st) == 0 && S_ISDIR(st.st_mode));
}

int criu_make_targets(struct op *op, const struct plan *p, int root)
{
    const struct plan_mount *mounts = PLAN_ITEMS(p, mounts, struct plan_mount);

    for (uint32_t i = 0; i < p->mounts.n; i++) {
        const char *target = plan_word(p, mounts[i].target);
        int r = is_covered(p, i) ? 0 : make_path(op->arena, root, target, is_directory(p, &mounts[i]));

        if (r < 0)
            return op_fail(op, -r, "mounts[%u] %s: making the mount point", mounts[i].index, target);
    }
    return 0;
}
