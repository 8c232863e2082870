/* copy_up.c - tmpcopyup: a tmpfs begins with a copy of what it covers.
 *
 * The source is hostile and may change while it is read: every step down is one name below an open directory, over no
 * symlink and into no other mount. The copy is not attached yet, so nobody else can reach its names. Links of a file
 * become files of their own, and what is mounted below the source leaves an empty place. */
#include "init/mounts.h"
#include "init/paths.h"
#include "init/procfs.h"

enum {
    DEPTH_MAX = 128,            /* each level keeps two descriptors open */
    STAY_BELOW = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
};

struct copy {
    struct init *in;
    unsigned depth;
    struct level { int from, to; } levels[DEPTH_MAX];
    char entries[4096];
    char names[1024], value[4096];              /* of extended attributes; what does not fit stays behind */
};

static const char *likely_cause(int err)
{
    switch (err) {
    case -ENOSPC:
        return ": the tmpfs is full (see its options size and nr_inodes)";
    case -ENAMETOOLONG:
        return ": more than 128 directories deep";
    default:
        return "";
    }
}

static int fail(struct copy *c, const char *name, int err)
{
    init_say(c->in, "tmpcopyup: copying ");
    init_say(c->in, name);
    init_say(c->in, likely_cause(err));
    return init_fail(c->in, CALL_none, err);
}

/* An owner that is not mapped here cannot be given away to. chown before chmod: it clears the set-ID bits. */
static int settle(int at, const char *name, const struct statx *st)
{
    const struct __kernel_timespec times[2] = {
        { st->stx_atime.tv_sec, st->stx_atime.tv_nsec }, { st->stx_mtime.tv_sec, st->stx_mtime.tv_nsec },
    };
    int r = sys_fchownat(at, name, st->stx_uid, st->stx_gid, AT_SYMLINK_NOFOLLOW);

    if (r < 0 && r != -EINVAL)
        return r;
    if ((st->stx_mode & S_IFMT) != S_IFLNK && (r = sys_fchmodat(at, name, st->stx_mode & 07777)) < 0)
        return r;
    return sys_utimensat(at, name, times, AT_SYMLINK_NOFOLLOW);
}

/* ACLs, capabilities, labels: those that the tmpfs takes. */
static void copy_attributes(struct copy *c, int from, int to)
{
    long n = sys_flistxattr(from, c->names, sizeof c->names);

    for (const char *name = c->names; name < c->names + n; name += text_length(name) + 1) {
        long size = sys_fgetxattr(from, name, c->value, sizeof c->value);

        if (size >= 0)
            sys_fsetxattr(to, name, c->value, (size_t) size);
    }
}

/* Holes stay holes. What the file grows meanwhile is not of interest. */
static int copy_data(int from, int to, int64_t size)
{
    int64_t at = 0, end;
    long n;

    while (at < size && (at = sys_lseek(from, at, SYS_SEEK_DATA)) >= 0) {
        end = sys_lseek(from, at, SYS_SEEK_HOLE);
        if (end < 0 || (n = sys_lseek(to, at, SYS_SEEK_SET)) < 0)
            return (int) (end < 0 ? end : n);
        for (end = end < size ? end : size; at < end; at += n) {
            n = sys_lseek(from, at, SYS_SEEK_SET);
            if (n >= 0)
                n = sys_sendfile(to, from, (size_t) (end - at));
            if (n <= 0)
                return (int) n;
        }
    }
    return at < 0 && at != -ENXIO ? (int) at : sys_ftruncate(to, size);
}

static int copy_file(struct copy *c, int path, int at, const char *name, const struct statx *st)
{
    auto_close int from = procfs_reopen(c->in, path, O_RDONLY);
    auto_close int to = -1;
    int r = from < 0 ? from : sys_mknodat(at, name, S_IFREG | 0600, 0);

    if (r < 0)
        return r;
    to = sys_openat(at, name, O_WRONLY | O_CLOEXEC);
    r = to < 0 ? to : copy_data(from, to, (int64_t) st->stx_size);
    if (r < 0 || (r = settle(at, name, st)) < 0)
        return r;
    copy_attributes(c, from, to);
    return 0;
}

static int copy_link(int path, int at, const char *name)
{
    char text[PATH_MAX];
    long n = sys_readlinkat(path, "", text, sizeof text - 1);

    if (n < 0)
        return (int) n;
    text[n] = '\0';
    return sys_symlinkat(text, at, name);
}

/* Something is mounted there: only the place for it is made. */
static int make_place(const struct level *l, const char *name)
{
    struct statx st;
    int r = sys_statx(l->from, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &st);

    if (r < 0)
        return r;
    return (st.stx_mode & S_IFMT) == S_IFDIR ? sys_mkdirat(l->to, name, 0755) : sys_mknodat(l->to, name, S_IFREG | 0644, 0);
}

/* Goes one level down. */
static int enter(struct copy *c, const struct level *l, const char *name)
{
    auto_close int from = sys_openat2(l->from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, STAY_BELOW);
    int to, r = from < 0 ? from : sys_mkdirat(l->to, name, 0700);

    if (r < 0)
        return r;
    to = sys_openat(l->to, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (to < 0)
        return to;
    c->levels[c->depth++] = (struct level) { take_fd(&from), to };
    return 0;
}

static int copy_node(struct copy *c, const struct level *l, int path, const char *name, const struct statx *st)
{
    int r;

    switch (st->stx_mode & S_IFMT) {
    case S_IFREG:
        return copy_file(c, path, l->to, name, st);
    case S_IFLNK:
        r = copy_link(path, l->to, name);
        break;
    default:
        r = sys_mknodat(l->to, name, st->stx_mode, sys_makedev(st->stx_rdev_major, st->stx_rdev_minor));
    }
    return r < 0 ? r : settle(l->to, name, st);
}

/* What has vanished since its name was read is not copied; what has been copied already appeared twice. */
static int copy_entry(struct copy *c, const char *name)
{
    const struct level *l = &c->levels[c->depth - 1];
    auto_close int path = sys_openat2(l->from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, STAY_BELOW);
    struct statx st;
    int r = path < 0 ? path : fd_stat(path, &st);

    if (r == -EXDEV)
        r = make_place(l, name);
    else if (r >= 0 && (st.stx_mode & S_IFMT) != S_IFDIR)
        r = copy_node(c, l, path, name, &st);
    else if (r >= 0)
        r = c->depth == DEPTH_MAX ? -ENAMETOOLONG : enter(c, l, name);
    return r < 0 && r != -ENOENT && r != -EEXIST ? fail(c, name, r) : 0;
}

/* A step down invalidates the buffer: reading goes on behind that entry when the level is reached again. */
static int copy_entries(struct copy *c, long n)
{
    unsigned depth = c->depth;
    const struct sys_dirent *d;

    for (long at = 0; at < n && c->depth == depth; at += d->length) {
        d = (const struct sys_dirent *) (c->entries + at);
        if (text_equal(d->name, ".") || text_equal(d->name, ".."))
            continue;
        if (copy_entry(c, d->name))
            return -1;
        if (c->depth > depth)
            sys_lseek(c->levels[depth - 1].from, d->next, SYS_SEEK_SET);
    }
    return 0;
}

/* All below is there: the directory itself gets what it had. The topmost one has its mode by the options of the tmpfs. */
static int leave(struct copy *c)
{
    struct level *l = &c->levels[--c->depth];
    struct statx st;
    int r = fd_stat(l->from, &st);

    if (r >= 0 && c->depth > 0)
        r = settle(l->to, ".", &st);
    if (r >= 0)
        copy_attributes(c, l->from, l->to);
    sys_close(l->from);
    sys_close(l->to);
    return r < 0 ? fail(c, ".", r) : 0;
}

static int copy_level(struct copy *c)
{
    long n = sys_getdents64(c->levels[c->depth - 1].from, c->entries, sizeof c->entries);

    if (n < 0)
        return fail(c, ".", (int) n);
    return n == 0 ? leave(c) : copy_entries(c, n);
}

int copy_up(struct init *in, int from, int to)
{
    struct copy c;
    int r = 0;

    c.in = in;
    c.depth = 1;
    if (procfs_open(in))
        return -1;
    c.levels[0].from = sys_openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    c.levels[0].to = sys_openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c.levels[0].from < 0 || c.levels[0].to < 0)
        return fail(&c, ".", c.levels[0].from < 0 ? c.levels[0].from : c.levels[0].to);
    while (c.depth > 0 && r == 0)
        r = copy_level(&c);
    return r;
}
