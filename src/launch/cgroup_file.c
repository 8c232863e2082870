#include "launch/cgroup_file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "launch/cgroup_walk.h"

enum {
    MAX_FILE = 8192,
    MAX_LIST = 64 << 20,        /* of cgroup.procs: more processes than there are pids */
    MAX_NAMED = 10,             /* pids in an error */
};

int cgroup_file_open(int root, const char *path, const char *file, int flags)
{
    struct open_how how = {
        .flags = (unsigned) flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
    };
    char name[PATH_MAX];
    int n, fd;

    path += strspn(path, "/");
    n = snprintf(name, sizeof(name), "%s%s%s", path, *path && file ? "/" : "", file ? file : *path ? "" : ".");
    if (n < 0 || (size_t) n >= sizeof(name))
        return -ENAMETOOLONG;
    fd = (int) syscall(SYS_openat2, root, name, &how, sizeof(how));
    return fd < 0 ? -errno : fd;
}

int cgroup_file_open_dir(const char *mount, const char *path)
{
    auto_close int root = open(mount, O_PATH | O_DIRECTORY | O_CLOEXEC);

    return root < 0 ? -errno : cgroup_file_open(root, path, NULL, O_RDONLY | O_DIRECTORY);
}

int cgroup_file_write(int root, const char *path, const char *file, const char *text)
{
    auto_close int fd = cgroup_file_open(root, path, file, O_WRONLY);
    size_t len = strlen(text);
    ssize_t n;

    if (fd < 0)
        return fd;
    do
        n = write(fd, text, len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return (size_t) n == len ? 0 : -EIO;
}

/* The kernel hands such a file out with one read. */
int cgroup_file_read(int root, const char *path, const char *file, struct arena *a, char **ret)
{
    auto_close int fd = cgroup_file_open(root, path, file, O_RDONLY);
    char buffer[MAX_FILE];
    ssize_t n;

    if (fd < 0)
        return fd;
    n = read(fd, buffer, sizeof(buffer));
    if (n < 0)
        return -errno;
    if (n == sizeof(buffer))
        return -EFBIG;
    if (n > 0 && buffer[n - 1] == '\n')
        n--;
    *ret = arena_strndup(a, buffer, (size_t) n);
    return 0;
}

static void add_member(struct cgroup_members *m, pid_t pid)
{
    pid_t *grown;

    if (m->n == m->cap) {
        m->cap = m->cap ? 2 * m->cap : 64;
        grown = arena_array(m->arena, m->cap, sizeof(*grown));
        if (m->n)
            memcpy(grown, m->pids, m->n * sizeof(*grown));
        m->pids = grown;
    }
    m->pids[m->n++] = pid;
}

/* EOPNOTSUPP: a threaded cgroup; its processes are listed by the domain above it. */
static int add_own_members(void *data, int dir)
{
    struct cgroup_members *m = data;
    char *text, *end;
    int r = io_read_at(dir, "cgroup.procs", m->arena, MAX_LIST, &text, NULL);
    long pid;

    if (r == -EOPNOTSUPP || r == -ENOENT || r == -ENODEV)
        return 0;
    if (r < 0)
        return r;
    while (pid = strtol(text, &end, 10), end != text) {
        /* Processes of other pid namespaces than ours and those below it are listed as 0. */
        if (pid > 0)
            add_member(m, (pid_t) pid);
        else
            m->foreign = true;
        text = end;
    }
    return 0;
}

int cgroup_members_add(struct cgroup_members *m, int dir)
{
    return cgroup_walk(m->arena, dir, add_own_members, m);
}

const char *cgroup_members_text(struct arena *a, int dir)
{
    struct cgroup_members m = { .arena = a };
    struct str s;

    str_init(&s, a);
    if (cgroup_members_add(&m, dir) < 0)
        return "unknown";
    for (size_t i = 0; i < m.n && i < MAX_NAMED; i++)
        str_addf(&s, "%s%d", i ? ", " : "", (int) m.pids[i]);
    if (m.n > MAX_NAMED)
        str_addf(&s, " and %zu more", m.n - MAX_NAMED);
    if (m.foreign)
        str_addf(&s, "%sof another pid namespace", m.n ? ", " : "");
    return s.len ? s.text : "none";
}
