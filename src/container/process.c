#include "container/process.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"

enum { STATUS_MAX = 4 << 20 };          /* the list of groups is in it */
enum { EXITING = 0x4 };                 /* PF_EXITING of include/linux/sched.h, in the field "flags" */

struct stat_fields { char state; unsigned flags; unsigned long long start; };

/* proc_pid_stat(5) */
static int read_stat(pid_t pid, struct stat_fields *ret)
{
    char path[32], text[1024];
    const char *after;
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (n = read(fd, text, sizeof(text) - 1)) < 0)
        return errno == ENOENT ? -ESRCH : -errno;
    text[n] = '\0';
    after = strrchr(text, ')');     /* the name before may hold anything */
    if (!after || sscanf(after + 1, " %c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                         &ret->state, &ret->flags, &ret->start) != 3)
        return -ESRCH;
    return 0;
}

static bool has_ended(const struct stat_fields *f)
{
    return f->state == 'Z' || f->state == 'X' || f->state == 'x';
}

int process_read(pid_t pid, unsigned long long *ret_start, bool *ret_alive)
{
    struct stat_fields f;
    int r = read_stat(pid, &f);

    if (r < 0)
        return r;
    *ret_start = f.start;
    *ret_alive = !has_ended(&f);
    return 0;
}

bool process_is_ending(pid_t pid, unsigned long long start)
{
    struct stat_fields f;
    int r = read_stat(pid, &f);

    return r < 0 ? r == -ESRCH : f.start != start || has_ended(&f) || (f.flags & EXITING);
}

bool process_is_killed(struct op *op, pid_t pid)
{
    unsigned long long own, shared, kill = 1ULL << (SIGKILL - 1);
    const char *pending;
    char path[32], *text;

    snprintf(path, sizeof(path), "/proc/%d/status", (int) pid);
    if (io_read_at(AT_FDCWD, path, op->arena, STATUS_MAX, &text, NULL) < 0 || !(pending = strstr(text, "\nSigPnd:")))
        return true;
    return sscanf(pending, " SigPnd: %llx ShdPnd: %llx", &own, &shared) == 2 && ((own | shared) & kill);
}

int process_open(pid_t pid, unsigned long long start)
{
    auto_close int fd = (int) syscall(SYS_pidfd_open, pid, 0);
    unsigned long long now;
    bool alive;

    if (fd < 0)
        return -ESRCH;
    /* Read after the pidfd is held: if it is the right process now, the pidfd is its. */
    if (process_read(pid, &now, &alive) < 0 || now != start || !alive)
        return -ESRCH;
    return take_fd(&fd);
}

int process_signal(int pidfd, int signal)
{
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int process_wait_gone(int pidfd, int seconds)
{
    struct pollfd p = { .fd = pidfd, .events = POLLIN };
    int r;

    do
        r = poll(&p, 1, seconds * 1000);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r == 0 ? -ETIMEDOUT : 0;
}
