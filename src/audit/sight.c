#include "audit/sight.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

enum { MOUNTINFO_MAX = 32 << 20 };

/* ---- Words and paths ------------------------------------------------------------------------ */

bool sight_is_below(const char *path, const char *above)
{
    size_t n = strlen(above);

    if (n > 0 && above[n - 1] == '/')
        n--;
    return strncmp(path, above, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* ---- Mounts --------------------------------------------------------------------------------- */

static size_t count_lines(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n + 1;
}

int sight_read(struct look *l, struct sight *ret)
{
    auto_close int root = openat(l->first.dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct sight s = { .root = -1 };
    const char *text;
    char *read;
    int r;

    if (root < 0)
        return -errno;
    if ((r = io_read_at(l->first.dir, "mountinfo", l->op->arena, MOUNTINFO_MAX, &read, NULL)) < 0)
        return r;
    text = read;
    s.mounts = arena_array(l->op->arena, count_lines(text), sizeof(*s.mounts));
    while (parse_next_mount(l->op->arena, &text, &s.mounts[s.n]))
        s.n++;
    s.root = take_fd(&root);
    *ret = s;
    return 0;
}

void sight_close(struct sight *s)
{
    fd_close(&s->root);
}

static const struct parse_mount *find_mount(const struct sight *s, uint64_t id)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->mounts[i].id == id)
            return &s->mounts[i];
    return NULL;
}

/* ---- Places --------------------------------------------------------------------------------- */

/* Whose answers may be long in coming. */
static bool may_block(const struct parse_mount *m)
{
    static const char *const types[] = { "fuse", "nfs", "cifs", "smb", "9p", "ceph", "autofs", "afs", "virtiofs", "lustre" };

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (str_starts(m->type, types[i]) && !str_eq(m->point, "/"))
            return true;
    return false;
}

/* How a path may be walked that is not all in the kernel's cache: 0 or more RESOLVE_…, or -EAGAIN. Over no symlink a path leads
 * but through the mounts that lie on it. */
static int careful(const struct sight *s, const char *path)
{
    int how = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (!may_block(&s->mounts[i]))
            continue;
        if (sight_is_below(path, s->mounts[i].point))
            return -EAGAIN;
        how = RESOLVE_NO_SYMLINKS;
    }
    return how;
}

static int open_place(int root, const char *path, uint64_t resolve)
{
    struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = resolve };
    int fd = (int) syscall(SYS_openat2, root, path, &how, sizeof(how));

    return fd < 0 ? -errno : fd;
}

static int read_place(int fd, struct sight_place *ret)
{
    struct statx st;

    if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_INO | STATX_MNT_ID, &st) < 0)
        return -errno;
    *ret = (struct sight_place) {
        .is_root = st.stx_attributes & STATX_ATTR_MOUNT_ROOT, .mode = st.stx_mode & S_IFMT, .inode = st.stx_ino,
        .device = makedev(st.stx_dev_major, st.stx_dev_minor), .node = makedev(st.stx_rdev_major, st.stx_rdev_minor),
        .mount_id = st.stx_mnt_id,
    };
    return 0;
}

/* What is mounted on is in the cache, and so is the way there: only symlinks, and what is not mounted on, may be not. */
int sight_find(const struct sight *s, const char *path, struct sight_place *ret)
{
    uint64_t inside = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    auto_close int fd = open_place(s->root, path, inside | RESOLVE_CACHED);
    int r;

    if (fd == -EAGAIN || fd == -EINVAL) {       /* EINVAL: before Linux 5.12 */
        if ((r = careful(s, path)) < 0)
            return r;
        fd = open_place(s->root, path, inside | (uint64_t) r);
    }
    if (fd < 0)
        return fd == -ELOOP ? -EAGAIN : fd;
    if ((r = read_place(fd, ret)) == 0)
        ret->mount = find_mount(s, ret->mount_id);
    return r;
}

int sight_find_outside(const char *path, struct sight_place *ret, int *ret_fd)
{
    auto_close int fd = open(path, O_PATH | O_CLOEXEC);
    int r = fd < 0 ? -errno : read_place(fd, ret);

    if (r == 0)
        *ret_fd = take_fd(&fd);
    return r;
}
