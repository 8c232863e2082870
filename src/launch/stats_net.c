#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include "base/fd.h"
#include "base/io.h"
#include "launch/stats_parse.h"

enum { MAX_NET_DEV = 16 << 20 };

/* /proc/PID. The process of the pidfd lives on after it was opened: so it is that process's. */
static int open_process(pid_t pid, int pidfd)
{
    char path[32];

    snprintf(path, sizeof(path), "/proc/%d", (int) pid);
    auto_close int proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        return -errno;
    return io_ready(pidfd) ? -ESRCH : take_fd(&proc);
}

static int is_own_namespace(int proc)
{
    struct stat own, its;

    if (stat("/proc/thread-self/ns/net", &own) < 0 || fstatat(proc, "ns/net", &its, 0) < 0)
        return -errno;
    return own.st_ino == its.st_ino && own.st_dev == its.st_dev;
}

static int read_interfaces(struct op *op, pid_t pid, int pidfd, struct stats_interfaces *ret)
{
    auto_close int proc = open_process(pid, pidfd);
    char *text;
    int r;

    if (proc < 0)
        return proc;
    if ((r = is_own_namespace(proc)) != 0)
        return r;
    if ((r = io_read_at(proc, "net/dev", op->arena, MAX_NET_DEV, &text, NULL)) < 0)
        return r;
    return stats_parse_interfaces(op->arena, text, ret);
}

int stats_read_network(struct op *op, pid_t pid, int pidfd, struct stats *stats)
{
    int r = read_interfaces(op, pid, pidfd, &stats->interfaces);

    /* Whoever may not look into the process has the rest all the same. */
    if (r == -EACCES || r == -EPERM)
        return 0;
    /* Just before its end a process has no namespaces any more. */
    if (r == -ENOENT || r == -EINVAL)
        r = -ESRCH;
    if (r < 0)
        return op_fail(op, -r, "reading the network interfaces of process %d", (int) pid);
    if (r == 0)
        stats->known |= STATS_NETWORK;
    return 0;
}
