/* sys.h - the kernel's interface without a C library: one inline function per system call in use.
 *
 * Every function returns what the kernel returns: a value >= 0, or -errno. Nothing here touches
 * memory that the caller did not hand in, so it is safe in a vfork child that shares its parent's
 * memory. Types and constants come from the kernel's own headers; what those keep out of reach of
 * programs (a message header, an interface request) is defined here as the ABI has it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/statfs.h>
#include <asm/termios.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/keyctl.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <linux/memfd.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/sockios.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <linux/uio.h>
#include <linux/wait.h>

#if defined(__x86_64__)
#include "init/sys_x86_64.h"
#elif defined(__aarch64__)
#include "init/sys_aarch64.h"
#else
#error "no system call header for this architecture yet: write init/sys_<arch>.h and the entry in start.c"
#endif

enum {
    SYS_AF_INET = 2,
    SYS_AF_NETLINK = 16,
    SYS_SOCK_DGRAM = 2,
    SYS_SOCK_RAW = 3,
    SYS_SOCK_CLOEXEC = 02000000,
    SYS_SOL_SOCKET = 1,
    SYS_SCM_RIGHTS = 1,
    SYS_MSG_NOSIGNAL = 0x4000,
    SYS_MSG_CMSG_CLOEXEC = 0x40000000,
    SYS_MNT_DETACH = 2,
    SYS_X_OK = 1,
    SYS_IOPRIO_WHO_PGRP = 2,
    SYS_SEEK_SET = 0,
    SYS_SEEK_DATA = 3,
    SYS_SEEK_HOLE = 4,
    SYS_SIGNALS = 64,
};

struct sys_sigaction {
    uintptr_t handler;
    unsigned long flags;
    uintptr_t restorer;
    uint64_t mask;
};

struct sys_msghdr {
    void *name;
    int name_len;
    struct iovec *iov;
    size_t iov_len;
    void *control;
    size_t control_len;
    unsigned flags;
};

/* A control message that carries one descriptor. */
struct sys_cmsg_fd {
    size_t len;                                 /* up to the end of fd, without the padding */
    int level, type, fd, pad;
};

struct sys_ifreq {
    char name[16];
    short flags;
    char pad[22];
};

/* An entry of getdents64(2); `next` is where reading goes on behind it. */
struct sys_dirent {
    uint64_t inode;
    int64_t next;
    uint16_t length;
    uint8_t type;
    char name[];
};

/* A device number as mknodat(2) takes it. */
static inline uint32_t sys_makedev(uint32_t major, uint32_t minor)
{
    return (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12);
}

#define SYS_P(pointer) ((long) (uintptr_t) (pointer))

static inline long sys_read(int fd, void *buf, size_t size)
{
    return sys_raw3(__NR_read, fd, SYS_P(buf), (long) size);
}

static inline long sys_write(int fd, const void *buf, size_t size)
{
    return sys_raw3(__NR_write, fd, SYS_P(buf), (long) size);
}

static inline long sys_pwrite64(int fd, const void *buf, size_t size, long at)
{
    return sys_raw(__NR_pwrite64, fd, SYS_P(buf), (long) size, at, 0, 0);
}

static inline int sys_memfd_create(const char *name, unsigned flags)
{
    return (int) sys_raw3(__NR_memfd_create, SYS_P(name), flags, 0);
}

/* `limit` NULL: none. The signal mask stays. */
static inline int sys_ppoll(struct pollfd *fds, unsigned n, struct __kernel_timespec *limit)
{
    return (int) sys_raw(__NR_ppoll, SYS_P(fds), n, SYS_P(limit), 0, 0, 0);
}

static inline int sys_close(int fd)
{
    return (int) sys_raw3(__NR_close, fd, 0, 0);
}

static inline int sys_close_range(unsigned first, unsigned last)
{
    return (int) sys_raw3(__NR_close_range, first, last, 0);
}

static inline int sys_openat(int at, const char *path, int flags)
{
    return (int) sys_raw(__NR_openat, at, SYS_P(path), flags, 0, 0, 0);
}

static inline int sys_openat2(int at, const char *path, uint64_t flags, uint64_t resolve)
{
    struct open_how how = { .flags = flags, .resolve = resolve };

    return (int) sys_raw(__NR_openat2, at, SYS_P(path), SYS_P(&how), sizeof how, 0, 0);
}

static inline int sys_statx(int at, const char *path, int flags, unsigned mask, struct statx *ret)
{
    return (int) sys_raw(__NR_statx, at, SYS_P(path), flags, mask, SYS_P(ret), 0);
}

static inline int sys_fstatfs(int fd, struct statfs *ret)
{
    return (int) sys_raw3(__NR_fstatfs, fd, SYS_P(ret), 0);
}

static inline int sys_faccessat2(int at, const char *path, int mode, int flags)
{
    return (int) sys_raw(__NR_faccessat2, at, SYS_P(path), mode, flags, 0, 0);
}

static inline long sys_readlinkat(int at, const char *path, char *buf, size_t size)
{
    return sys_raw(__NR_readlinkat, at, SYS_P(path), SYS_P(buf), (long) size, 0, 0);
}

static inline int sys_mkdirat(int at, const char *leaf, unsigned mode)
{
    return (int) sys_raw3(__NR_mkdirat, at, SYS_P(leaf), mode);
}

static inline int sys_mknodat(int at, const char *leaf, unsigned mode, uint32_t dev)
{
    return (int) sys_raw(__NR_mknodat, at, SYS_P(leaf), mode, dev, 0, 0);
}

static inline int sys_symlinkat(const char *text, int at, const char *leaf)
{
    return (int) sys_raw3(__NR_symlinkat, SYS_P(text), at, SYS_P(leaf));
}

static inline int sys_unlinkat(int at, const char *leaf)
{
    return (int) sys_raw3(__NR_unlinkat, at, SYS_P(leaf), 0);
}

static inline int sys_fchmodat(int at, const char *path, unsigned mode)
{
    return (int) sys_raw3(__NR_fchmodat, at, SYS_P(path), mode);
}

static inline int sys_fchownat(int at, const char *path, uint32_t uid, uint32_t gid, int flags)
{
    return (int) sys_raw(__NR_fchownat, at, SYS_P(path), uid, gid, flags, 0);
}

static inline int sys_utimensat(int at, const char *path, const struct __kernel_timespec times[2], int flags)
{
    return (int) sys_raw(__NR_utimensat, at, SYS_P(path), SYS_P(times), flags, 0, 0);
}

static inline long sys_getdents64(int fd, void *buf, size_t size)
{
    return sys_raw3(__NR_getdents64, fd, SYS_P(buf), (long) size);
}

static inline long sys_lseek(int fd, int64_t offset, int whence)
{
    return sys_raw3(__NR_lseek, fd, offset, whence);
}

/* From the file's position, to the other's. */
static inline long sys_sendfile(int to, int from, size_t size)
{
    return sys_raw(__NR_sendfile, to, from, 0, (long) size, 0, 0);
}

static inline int sys_ftruncate(int fd, int64_t size)
{
    return (int) sys_raw3(__NR_ftruncate, fd, size, 0);
}

static inline long sys_flistxattr(int fd, char *names, size_t size)
{
    return sys_raw3(__NR_flistxattr, fd, SYS_P(names), (long) size);
}

static inline long sys_fgetxattr(int fd, const char *name, void *value, size_t size)
{
    return sys_raw(__NR_fgetxattr, fd, SYS_P(name), SYS_P(value), (long) size, 0, 0);
}

static inline int sys_fsetxattr(int fd, const char *name, const void *value, size_t size)
{
    return (int) sys_raw(__NR_fsetxattr, fd, SYS_P(name), SYS_P(value), (long) size, 0, 0);
}

static inline unsigned sys_umask(unsigned mask)
{
    return (unsigned) sys_raw3(__NR_umask, mask, 0, 0);
}

static inline int sys_fchdir(int fd)
{
    return (int) sys_raw3(__NR_fchdir, fd, 0, 0);
}

static inline int sys_chroot(const char *path)
{
    return (int) sys_raw3(__NR_chroot, SYS_P(path), 0, 0);
}

static inline int sys_getcwd(char *buf, size_t size)
{
    return (int) sys_raw3(__NR_getcwd, SYS_P(buf), (long) size, 0);
}

static inline int sys_dup3(int from, int to, int flags)
{
    return (int) sys_raw3(__NR_dup3, from, to, flags);
}

static inline int sys_fcntl(int fd, int command, long arg)
{
    return (int) sys_raw3(__NR_fcntl, fd, command, arg);
}

static inline int sys_ioctl(int fd, unsigned long request, long arg)
{
    return (int) sys_raw3(__NR_ioctl, fd, (long) request, arg);
}

static inline int sys_pipe2(int ret[2], int flags)
{
    return (int) sys_raw3(__NR_pipe2, SYS_P(ret), flags, 0);
}

static inline int sys_socket(int family, int type)
{
    return (int) sys_raw3(__NR_socket, family, type, 0);
}

static inline long sys_sendmsg(int fd, const struct sys_msghdr *message)
{
    return sys_raw3(__NR_sendmsg, fd, SYS_P(message), SYS_MSG_NOSIGNAL);
}

static inline long sys_recvmsg(int fd, struct sys_msghdr *message, int flags)
{
    return sys_raw3(__NR_recvmsg, fd, SYS_P(message), flags);
}

/* mounts */
static inline int sys_open_tree(int at, const char *path, unsigned flags)
{
    return (int) sys_raw3(__NR_open_tree, at, SYS_P(path), flags);
}

/* Moves the mount `from` onto what the descriptor `onto` stands for. */
static inline int sys_move_mount(int from, int onto)
{
    return (int) sys_raw(__NR_move_mount, from, SYS_P(""), onto, SYS_P(""),
                         MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH, 0);
}

static inline int sys_fsopen(const char *fstype)
{
    return (int) sys_raw3(__NR_fsopen, SYS_P(fstype), FSOPEN_CLOEXEC, 0);
}

static inline int sys_fspick(int mount)
{
    return (int) sys_raw3(__NR_fspick, mount, SYS_P(""), FSPICK_EMPTY_PATH | FSPICK_CLOEXEC);
}

static inline int sys_fsconfig(int fs, unsigned command, const char *key, const char *value)
{
    return (int) sys_raw(__NR_fsconfig, fs, command, SYS_P(key), SYS_P(value), 0, 0);
}

static inline int sys_fsmount(int fs, uint64_t attr)
{
    return (int) sys_raw3(__NR_fsmount, fs, FSMOUNT_CLOEXEC, (long) attr);
}

static inline int sys_mount_setattr(int fd, unsigned flags, const struct mount_attr *attr)
{
    return (int) sys_raw(__NR_mount_setattr, fd, SYS_P(""), AT_EMPTY_PATH | (long) flags, SYS_P(attr), sizeof *attr, 0);
}

static inline int sys_pivot_root(const char *root, const char *put_old)
{
    return (int) sys_raw3(__NR_pivot_root, SYS_P(root), SYS_P(put_old), 0);
}

static inline int sys_umount2(const char *path, int flags)
{
    return (int) sys_raw3(__NR_umount2, SYS_P(path), flags, 0);
}

/* namespaces and processes */
static inline int sys_setns(int fd, uint64_t type)
{
    return (int) sys_raw3(__NR_setns, fd, (long) type, 0);
}

static inline int sys_unshare(uint64_t flags)
{
    return (int) sys_raw3(__NR_unshare, (long) flags, 0, 0);
}

static inline int sys_clone3(const struct clone_args *args)
{
    return (int) sys_raw3(__NR_clone3, SYS_P(args), sizeof *args, 0);
}

/* As fork(2) does, with `flags` (the signal at its end among them) and a pidfd. */
static inline int sys_clone(unsigned long flags, int *ret_pidfd)
{
    return (int) sys_raw(__NR_clone, (long) flags, 0, SYS_P(ret_pidfd), 0, 0, 0);
}

static inline int sys_waitid(int pidfd, siginfo_t *ret)
{
    return (int) sys_raw(__NR_waitid, P_PIDFD, pidfd, SYS_P(ret), WEXITED, 0, 0);
}

static inline int sys_pidfd_send_signal(int pidfd, int signal)
{
    return (int) sys_raw(__NR_pidfd_send_signal, pidfd, signal, 0, 0, 0, 0);
}

static inline int sys_getpid(void)
{
    return (int) sys_raw3(__NR_getpid, 0, 0, 0);
}

static inline int sys_execve(const char *path, const void *argv, const void *envp)
{
    return (int) sys_raw3(__NR_execve, SYS_P(path), SYS_P(argv), SYS_P(envp));
}

__attribute__((noreturn)) static inline void sys_exit(int status)
{
    for (;;)
        sys_raw3(__NR_exit_group, status, 0, 0);
}

static inline int sys_setsid(void)
{
    return (int) sys_raw3(__NR_setsid, 0, 0, 0);
}

static inline int sys_rt_sigaction(int signal, const struct sys_sigaction *action)
{
    return (int) sys_raw(__NR_rt_sigaction, signal, SYS_P(action), 0, sizeof action->mask, 0, 0);
}

static inline int sys_rt_sigprocmask(int how, const uint64_t *set)
{
    return (int) sys_raw(__NR_rt_sigprocmask, how, SYS_P(set), 0, sizeof *set, 0, 0);
}

static inline int sys_clock_gettime(int clock, struct __kernel_timespec *ret)
{
    return (int) sys_raw3(__NR_clock_gettime, clock, SYS_P(ret), 0);
}

static inline int sys_seccomp(unsigned operation, unsigned flags, const void *args)
{
    return (int) sys_raw3(__NR_seccomp, operation, flags, SYS_P(args));
}

static inline long sys_keyctl(int command, long a, long b)
{
    return sys_raw(__NR_keyctl, command, a, b, 0, 0, 0);
}

static inline int sys_sethostname(const char *name, size_t size)
{
    return (int) sys_raw3(__NR_sethostname, SYS_P(name), (long) size, 0);
}

static inline int sys_setdomainname(const char *name, size_t size)
{
    return (int) sys_raw3(__NR_setdomainname, SYS_P(name), (long) size, 0);
}

/* credentials and limits */
static inline int sys_prctl(int option, unsigned long a, unsigned long b)
{
    return (int) sys_raw(__NR_prctl, option, (long) a, (long) b, 0, 0, 0);
}

static inline int sys_capset(const struct __user_cap_header_struct *header, const struct __user_cap_data_struct *data)
{
    return (int) sys_raw3(__NR_capset, SYS_P(header), SYS_P(data), 0);
}

static inline int sys_setgroups(size_t n, const uint32_t *groups)
{
    return (int) sys_raw3(__NR_setgroups, (long) n, SYS_P(groups), 0);
}

static inline uint32_t sys_getuid(void)
{
    return (uint32_t) sys_raw3(__NR_getuid, 0, 0, 0);
}

static inline int sys_setgid(uint32_t gid)
{
    return (int) sys_raw3(__NR_setresgid, gid, gid, gid);
}

static inline int sys_setuid(uint32_t uid)
{
    return (int) sys_raw3(__NR_setresuid, uid, uid, uid);
}

static inline int sys_prlimit(unsigned resource, const struct rlimit64 *limit, struct rlimit64 *ret_old)
{
    return (int) sys_raw(__NR_prlimit64, 0, resource, SYS_P(limit), SYS_P(ret_old), 0, 0);
}

/* scheduling; all of the calling thread */
static inline int sys_sched_setattr(const struct sched_attr *attr)
{
    return (int) sys_raw3(__NR_sched_setattr, 0, SYS_P(attr), 0);
}

static inline int sys_sched_setaffinity(const void *mask, size_t size)
{
    return (int) sys_raw3(__NR_sched_setaffinity, 0, (long) size, SYS_P(mask));
}

static inline int sys_ioprio_set(int which, int who, uint32_t priority)
{
    return (int) sys_raw3(__NR_ioprio_set, which, who, priority);
}

static inline int sys_personality(uint64_t persona)
{
    return (int) sys_raw3(__NR_personality, (long) persona, 0, 0);
}

static inline int sys_set_mempolicy(unsigned mode, const uint64_t *nodes, unsigned long max)
{
    return (int) sys_raw3(__NR_set_mempolicy, mode, SYS_P(nodes), (long) max);
}
