/* One process, read through a descriptor of its directory in /proc. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "audit/look.h"
#include "base/fd.h"
#include "base/io.h"

enum { TEXT_MAX = 64 << 10 };

const struct look_namespace look_namespaces[LOOK_NAMESPACES] = {
    { "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC }, { "mnt", CLONE_NEWNS }, { "net", CLONE_NEWNET },
    { "pid", CLONE_NEWPID }, { "time", CLONE_NEWTIME }, { "user", CLONE_NEWUSER }, { "uts", CLONE_NEWUTS },
};

/* ---- Namespaces ------------------------------------------------------------------------------ */

size_t look_namespace_index(uint64_t type)
{
    size_t i = 0;

    while (look_namespaces[i].type != type)
        i++;
    return i;
}

void look_read_namespaces(int dir, struct look_inodes *ret)
{
    auto_close int ns = openat(dir, "ns", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat st;

    for (size_t i = 0; i < LOOK_NAMESPACES; i++)
        ret->v[i] = ns >= 0 && fstatat(ns, look_namespaces[i].file, &st, 0) == 0 ? st.st_ino : 0;
}

/* ---- Files ---------------------------------------------------------------------------------- */

int look_read(struct look *l, const struct look_process *p, const char *file, char **ret)
{
    return io_read_at(p->dir, file, l->op->arena, TEXT_MAX, ret, NULL);
}

const char *look_file(struct look *l, const struct look_process *p, const char *file)
{
    return arena_printf(l->op->arena, "/proc/%d/%s", (int) p->pid, file);
}

int look_open(struct look *l, pid_t pid, struct look_process *ret)
{
    struct look_process p = { .pid = pid };
    auto_close int dir = -1;
    char name[16], *text;
    int r;

    snprintf(name, sizeof(name), "%d", (int) pid);
    dir = openat(l->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return errno == ENOENT || errno == ESRCH ? -ENOENT : -errno;
    p.dir = dir;
    r = look_read(l, &p, "status", &text);
    if (r == 0)
        r = proc_text_status(text, &p.status);
    if (r == -ESRCH || (r == 0 && strchr("ZXx", p.status.state)))
        return -ENOENT;
    if (r < 0)
        return r;
    look_read_namespaces(dir, &p.ns);
    take_fd(&dir);
    *ret = p;
    return 0;
}

void look_close(struct look_process *p)
{
    fd_close(&p->dir);
}
