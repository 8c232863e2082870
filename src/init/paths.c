#include "init/paths.h"

enum {
    OPEN_TRIES = 128,           /* openat2 answers EAGAIN when somebody renames things under a ".." */
    LINKS_MAX = 40,             /* as the kernel's own limit */
};

/* A path that is being made, component by component. */
struct walk {
    const struct init *in;
    uint64_t resolve;
    enum path_kind kind;                /* of the last component */
    unsigned links;             /* dangling symlinks unfolded so far */
    size_t leaf;                /* where the component at hand starts in `made` */
    char made[PATH_MAX];        /* from the root to the component at hand */
    char rest[PATH_MAX];        /* what is still to come */
};

static int open_retrying(int at, const char *path, uint64_t flags, uint64_t resolve)
{
    int fd = -EAGAIN;

    for (int i = 0; fd == -EAGAIN && i < OPEN_TRIES; i++)
        fd = sys_openat2(at, path, flags | O_CLOEXEC, resolve | RESOLVE_NO_MAGICLINKS);
    return fd;
}

int path_open(const struct init *in, const char *path, uint64_t flags, uint64_t resolve)
{
    return open_retrying(in->root, path, flags, resolve | RESOLVE_IN_ROOT);
}

/* Moves the next component from `rest` to the end of `made`. 0 when there is none, or -errno. */
static int take_component(struct walk *w)
{
    const char *from = w->rest;
    size_t to = text_length(w->made), n = 0;

    while (*from == '/')
        from++;
    while (from[n] && from[n] != '/')
        n++;
    if (n == 0)
        return 0;
    if (to + 1 + n >= sizeof w->made)
        return -ENAMETOOLONG;
    w->made[to] = '/';
    memcpy(w->made + to + 1, from, n);
    w->made[to + 1 + n] = '\0';
    w->leaf = to + 1;
    memmove(w->rest, from + n, text_length(from + n) + 1);
    return 1;
}

/* Something is there that does not resolve: a dangling symlink. Its text takes its place in what is to come, so
 * that the target is made where the link points, inside the root. */
static int unfold_link(struct walk *w, int parent)
{
    char text[PATH_MAX];
    long n = sys_readlinkat(parent, w->made + w->leaf, text, sizeof text - 1);

    if (n < 0)
        return (int) n;
    if (++w->links > LINKS_MAX || (w->resolve & RESOLVE_NO_SYMLINKS))
        return -ELOOP;
    text[n] = '\0';
    if (!text_append(text, sizeof text, w->rest))
        return -ENAMETOOLONG;
    memcpy(w->rest, text, text_length(text) + 1);
    w->made[text[0] == '/' ? 0 : w->leaf - 1] = '\0';
    return 0;
}

/* The component at hand, made if missing. *ret_dangling: it is a symlink to nothing. */
static int open_component(const struct walk *w, int parent, bool *ret_dangling)
{
    bool directory = w->kind == PATH_DIRECTORY || w->rest[0];
    uint64_t flags = O_PATH | (directory ? O_DIRECTORY : 0);
    const char *leaf = w->made + w->leaf;
    int r = directory ? sys_mkdirat(parent, leaf, 0755) : sys_mknodat(parent, leaf, S_IFREG | 0755, 0);

    if (r == 0)
        return open_retrying(parent, leaf, flags | O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    if (r == -EEXIST)
        r = path_open(w->in, w->made, flags, w->resolve);
    *ret_dangling = r == -ENOENT;
    return r;
}

/* Most often only the last component is missing. */
static int open_start(struct walk *w, const char *path)
{
    size_t n = text_length(path);
    int fd;

    while (n > 0 && path[n - 1] != '/')
        n--;
    memcpy(w->made, path, n);
    w->made[n > 0 ? n - 1 : 0] = '\0';
    fd = n > 1 ? path_open(w->in, w->made, O_PATH | O_DIRECTORY, w->resolve) : -ENOENT;
    if (fd >= 0) {
        memcpy(w->rest, path + n, text_length(path + n) + 1);
        return fd;
    }
    w->made[0] = '\0';
    memcpy(w->rest, path, text_length(path) + 1);
    return path_open(w->in, "/", O_PATH | O_DIRECTORY, 0);
}

static int walk(struct walk *w, const char *path)
{
    auto_close int parent = open_start(w, path);
    int more = 0;

    while (parent >= 0 && (more = take_component(w)) > 0) {
        bool dangling = false;
        int fd = open_component(w, parent, &dangling);

        if (dangling && (fd = unfold_link(w, parent)) == 0)
            fd = path_open(w->in, w->made[0] ? w->made : "/", O_PATH | O_DIRECTORY, w->resolve);
        sys_close(parent);
        parent = fd;
    }
    return more < 0 ? more : take_fd(&parent);
}

int path_open_or_make(const struct init *in, const char *path, enum path_kind kind, uint64_t resolve)
{
    uint64_t flags = O_PATH | (kind == PATH_DIRECTORY ? O_DIRECTORY : 0);
    int fd = path_open(in, path, flags, resolve);
    struct walk w;

    if (fd != -ENOENT)
        return fd;
    if (text_length(path) >= sizeof w.rest)
        return -ENAMETOOLONG;
    w.in = in;
    w.resolve = resolve;
    w.kind = kind;
    w.links = 0;
    return walk(&w, path);
}

int path_open_parent(const struct init *in, const char *path, const char **ret_leaf)
{
    size_t leaf = text_length(path);
    char parent[PATH_MAX];

    while (leaf > 0 && path[leaf - 1] != '/')
        leaf--;
    if (leaf > sizeof parent)
        return -ENAMETOOLONG;
    memcpy(parent, path, leaf);
    parent[leaf > 1 ? leaf - 1 : leaf] = '\0';
    *ret_leaf = path + leaf;
    return path_open_or_make(in, parent, PATH_DIRECTORY, 0);
}

int fd_stat(int fd, struct statx *ret)
{
    return sys_statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, ret);
}

bool is_device(const struct statx *st, uint16_t type, uint32_t major, uint32_t minor)
{
    return (st->stx_mode & S_IFMT) == type && st->stx_rdev_major == major && st->stx_rdev_minor == minor;
}
