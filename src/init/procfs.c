#include "init/procfs.h"
#include "init/mounts.h"

#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452                      /* Linux 6.6, the same number everywhere */
#endif

/* Fresh, so nothing is mounted over any part of it. Exec needs its processes only, and does not bring the rest, unmasked,
 * near a container that may have CAP_SYS_PTRACE. */
static int make_proc(const struct init *in)
{
    auto_close int fs = sys_fsopen("proc");
    int r = fs;

    if (r >= 0 && flagged(in, PLAN_EXEC))
        r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "subset", "pid");
    if (r >= 0)
        r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
    return r < 0 ? r : sys_fsmount(fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

/* Not recursive: what is mounted over parts of it stays behind. */
static int copy_proc(void)
{
    auto_close int tree = sys_open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

    if (tree >= 0 && !is_proc_root(tree))
        return -ENOENT;
    return take_fd(&tree);
}

int procfs_open(struct init *in)
{
    if (in->proc < 0)
        in->proc = make_proc(in);
    if (in->proc < 0)
        in->proc = copy_proc();
    return in->proc < 0 ? init_fail_text(in, CALL_fsopen, in->proc, "no procfs that can be trusted") : 0;
}

int procfs_open_entry(const struct init *in, const char *path, uint64_t flags)
{
    auto_close int fd = sys_openat2(in->proc, path, flags | O_CLOEXEC,
                                    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);

    if (fd >= 0 && !is_on_proc(fd))
        return -EXDEV;
    return take_fd(&fd);
}

static void fd_path(char path[40], int fd)
{
    char number[24];

    path[0] = '\0';
    text_append(path, 40, "self/fd/");
    text_append(path, 40, text_number(number, (uint64_t) fd, 10));
}

int procfs_reopen(const struct init *in, int fd, int flags)
{
    char path[40];

    fd_path(path, fd);
    return sys_openat(in->proc, path, flags | O_CLOEXEC);
}

int procfs_fchmod(struct init *in, int fd, unsigned mode)
{
    long r = sys_raw(__NR_fchmodat2, fd, SYS_P(""), mode, AT_EMPTY_PATH, 0, 0);
    char path[40];

    if (r != -ENOSYS)
        return (int) r;
    if (procfs_open(in))
        return -in->fault.err;
    fd_path(path, fd);
    return sys_fchmodat(in->proc, path, mode);
}
