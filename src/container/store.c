#include "container/store.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

enum { STORE_ID_MAX = 255, REMOVE_TRIES = 10 };

int store_check_id(struct op *op, const char *id)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-";

    if (!id || !*id)
        return op_fail_code(op, OP_ID, 0, "container id cannot be empty");
    if (strlen(id) > STORE_ID_MAX)
        return op_fail_code(op, OP_ID, 0, "invalid container ID format: longer than %d characters", STORE_ID_MAX);
    if (str_eq(id, ".") || str_eq(id, "..") || id[strspn(id, allowed)])
        return op_fail_code(op, OP_ID, 0, "invalid container ID format: \"%s\" (letters, digits and _+.- are allowed)", id);
    return 0;
}

int store_open_root(struct op *op, const char *root, mode_t make, int *ret_root)
{
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), r;

    if (fd < 0 && errno == ENOENT && make) {
        if ((r = io_make_directory(arena_strdup(op->arena, root), 0711, make)) < 0)
            return op_fail(op, -r, "making the state directory %s", root);
        fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    if (fd < 0)
        return op_fail(op, errno, "state directory %s", root);
    *ret_root = fd;
    return 0;
}

static bool is_removed(int dir)
{
    struct stat st;

    return fstat(dir, &st) == 0 && st.st_nlink == 0;
}

int store_reserve(struct op *op, int root, const char *id, int *ret_dir)
{
    auto_close int dir = -1;

    if (mkdirat(root, id, 0711) < 0) {
        if (errno == EEXIST)
            return op_fail_code(op, OP_EXISTS, 0, "container with given ID already exists: %s", id);
        return op_fail(op, errno, "making the state directory of %s", id);
    }
    dir = openat(root, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0 || flock(dir, LOCK_EX | LOCK_NB) < 0) {
        int err = errno;

        unlinkat(root, id, AT_REMOVEDIR);
        return op_fail(op, err, "locking the state directory of %s", id);
    }
    *ret_dir = take_fd(&dir);
    return 0;
}

int store_not_found(struct op *op, const char *id)
{
    return op_fail_code(op, OP_NOT_FOUND, 0, "container does not exist: %s", id);
}

int store_open(struct op *op, const char *root, const char *id, int *ret_dir)
{
    auto_close int base = -1;
    int dir, r;

    if ((r = store_check_id(op, id)) < 0)
        return r;
    base = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    dir = base < 0 ? -1 : openat(base, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0 && errno == ENOENT)
        return store_not_found(op, id);
    if (dir < 0)
        return op_fail(op, errno, "state directory %s/%s", root, id);
    *ret_dir = dir;
    return 0;
}

int store_lock(struct op *op, int dir)
{
    while (flock(dir, LOCK_EX) < 0)
        if (errno != EINTR)
            return op_fail(op, errno, "locking the container's state directory");
    return is_removed(dir) ? -ESTALE : 0;
}

void store_unlock(int dir)
{
    if (dir >= 0)
        flock(dir, LOCK_UN);
}

static bool is_dots(const char *name)
{
    return str_eq(name, ".") || str_eq(name, "..");
}

static DIR *open_listing(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (fd >= 0 && !d)
        close(fd);
    return d;
}

/* What lies in it, if it is no mount point. A directory there (the notify directory's are the container's doing, however deep)
 * is moved up into `dir`, where the next round finds it: *moved counts them, for names of their own. */
static void empty_directory(int dir, const char *name, unsigned *moved)
{
    struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS };
    auto_close int fd = (int) syscall(SYS_openat2, dir, name, &how, sizeof(how));
    DIR *d = fd < 0 ? NULL : open_listing(fd, ".");
    char up[32];

    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));) {
        if (is_dots(e->d_name) || unlinkat(fd, e->d_name, 0) == 0 || errno != EISDIR)
            continue;
        snprintf(up, sizeof(up), "moved.%u", *moved);
        *moved += renameat(fd, e->d_name, dir, up) == 0;
    }
    closedir(d);
}

/* A mount point would answer EBUSY to unlinkat: nothing below one is ever touched. */
static int remove_entry(int dir, const char *name, unsigned *moved)
{
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR)
        return -errno;
    empty_directory(dir, name, moved);
    return unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

static int remove_entries(struct op *op, DIR *d, const char *id, unsigned *moved)
{
    int r = 0;

    rewinddir(d);
    for (struct dirent *e; r == 0 && (e = readdir(d));)
        if (!is_dots(e->d_name) && (r = remove_entry(dirfd(d), e->d_name, moved)) < 0)
            op_fail(op, -r, "removing %s of container %s", e->d_name, id);
    return r;
}

/* Where no descriptor is left to list it with, it may yet be empty. */
static int empty_store(struct op *op, int root, int dir, const char *id)
{
    unsigned moved = 0, before;
    DIR *d = open_listing(dir, ".");
    int err = errno, r;

    if (!d)
        return unlinkat(root, id, AT_REMOVEDIR) == 0 ? 0 : op_fail(op, err, "removing the state directory of %s", id);
    unlinkat(dir, "state.json", 0);     /* first: from here on there is no container, for whoever looks */
    do {
        before = moved;
        r = remove_entries(op, d, id, &moved);
    } while (r == 0 && moved != before);
    closedir(d);
    return r;
}

/* An update at work when the container ended may save one more file. */
int store_remove(struct op *op, int root, int dir, const char *id)
{
    int err = ENOTEMPTY, r;

    for (int i = 0; err == ENOTEMPTY && i < REMOVE_TRIES; i++) {
        if (is_removed(dir))    /* by another delete; the name may be another container's by now */
            return 0;
        if ((r = empty_store(op, root, dir, id)) < 0)
            return r;
        err = unlinkat(root, id, AT_REMOVEDIR) < 0 ? errno : 0;
    }
    return err && err != ENOENT ? op_fail(op, err, "removing the state directory of %s", id) : 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

int store_ids(struct op *op, int root, char ***ret_ids)
{
    DIR *d = open_listing(root, ".");
    size_t n = 0, cap = 16;
    char **ids = arena_array(op->arena, cap, sizeof(*ids));

    if (!d)
        return op_fail(op, errno, "reading the state directory");
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.' && (is_dots(e->d_name) || e->d_type != DT_DIR))
            continue;
        if (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN)
            continue;
        if (n + 1 == cap) {
            char **more = arena_array(op->arena, cap *= 2, sizeof(*ids));

            memcpy(more, ids, n * sizeof(*ids));
            ids = more;
        }
        ids[n++] = arena_strdup(op->arena, e->d_name);
    }
    closedir(d);
    qsort(ids, n, sizeof(*ids), by_name);
    *ret_ids = ids;
    return 0;
}
