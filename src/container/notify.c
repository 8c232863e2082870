#include "container/notify.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

enum { MESSAGE_MAX = 4096, BARRIER_SECONDS = 30 };

char *notify_directory(struct arena *a, const char *root, const char *id)
{
    return arena_printf(a, "%s/%s/notify", root, id);
}

int notify_make_directory(struct op *op, int dir)
{
    if (mkdirat(dir, "notify", 0755) < 0)
        return op_fail(op, errno, "making the directory of the notify socket");
    /* mkdir's mode is cut by the caller's umask. */
    if (fchmodat(dir, "notify", 0755, 0) < 0)
        return op_fail(op, errno, "setting the mode of the notify socket's directory");
    return 0;
}

/* The path may be longer than an address holds: it goes by the descriptor of the directory. */
static int bind_at(int socket, int dir)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/notify.sock", dir);
    /* of a start that has failed since */
    if (unlinkat(dir, "notify.sock", 0) < 0 && errno != ENOENT)
        return -errno;
    if (bind(socket, (struct sockaddr *) &address, sizeof(address)) < 0)
        return -errno;
    /* A container that has made its mount of the directory writable may have put a link there. */
    return fchmodat(dir, "notify.sock", 0777, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int notify_bind(struct op *op, int dir, int *ret_socket)
{
    auto_close int notify = openat(dir, "notify", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    auto_close int s = -1;
    int r;

    if (notify < 0 && errno == ENOENT)
        return op_fail(op, 0, "NOTIFY_SOCKET: the container was created without it");
    if (notify < 0)
        return op_fail(op, errno, "opening the directory of the notify socket");
    s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0)
        return op_fail(op, errno, "notify socket");
    if ((r = bind_at(s, notify)) < 0)
        return op_fail(op, -r, "binding the notify socket");
    *ret_socket = take_fd(&s);
    return 0;
}

/* ---- To the manager ------------------------------------------------------------------------- */

/* A path, or "@" and a name without a file. */
static int connect_to(struct op *op, const char *manager, int *ret_socket)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen(manager);
    auto_close int s = -1;

    if ((manager[0] != '/' && manager[0] != '@') || len >= sizeof(address.sun_path))
        return op_fail(op, 0, "NOTIFY_SOCKET=%s: not an address of a socket", manager);
    memcpy(address.sun_path, manager, len);
    if (manager[0] == '@')
        address.sun_path[0] = '\0';
    s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0 || connect(s, (struct sockaddr *) &address, (socklen_t) (offsetof(struct sockaddr_un, sun_path) + len)) < 0)
        return op_fail(op, errno, "NOTIFY_SOCKET=%s", manager);
    *ret_socket = take_fd(&s);
    return 0;
}

/* The manager closes the descriptor once it has come so far: then all before has been seen. */
static int pass_barrier(int socket)
{
    auto_close int ours = -1, theirs = -1;
    struct pollfd p = { .events = 0 };
    int pair[2], r;

    if (pipe2(pair, O_CLOEXEC) < 0)
        return -errno;
    ours = pair[0];
    theirs = pair[1];
    if ((r = io_send(socket, "BARRIER=1", strlen("BARRIER=1"), theirs)) < 0)
        return r;
    fd_close(&theirs);
    p.fd = ours;
    do
        r = poll(&p, 1, BARRIER_SECONDS * 1000);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r == 0 ? -ETIMEDOUT : 0;
}

static int tell(int socket, const char *text)
{
    return io_send(socket, text, strlen(text), -1);
}

static int tell_manager(struct op *op, const char *manager, const char *ready, pid_t main_pid)
{
    auto_close int s = -1;
    int r = connect_to(op, manager, &s);

    if (r < 0)
        return r;
    if ((r = tell(s, arena_printf(op->arena, "%s\n", ready))) < 0 ||
        (r = tell(s, arena_printf(op->arena, "MAINPID=%d\n", (int) main_pid))) < 0)
        return op_fail(op, -r, "telling NOTIFY_SOCKET=%s", manager);
    if ((r = pass_barrier(s)) < 0)
        return op_fail(op, -r, "waiting for NOTIFY_SOCKET=%s to take it in", manager);
    return 1;
}

/* ---- From the container --------------------------------------------------------------------- */

/* The line that begins with READY=, cut out of the message. */
static const char *ready_line(char *message)
{
    char *rest = message;

    for (char *line; (line = strsep(&rest, "\n"));)
        if (str_starts(line, "READY="))
            return line;
    return NULL;
}

int notify_forward(struct op *op, int socket, const char *manager, pid_t main_pid)
{
    char message[MESSAGE_MAX + 1];
    const char *ready;
    /* Descriptors that come along are not asked for: the kernel drops them. */
    ssize_t n = recv(socket, message, MESSAGE_MAX, MSG_DONTWAIT);

    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return op_fail(op, errno, "notify socket of the container");
    message[n < 0 ? 0 : n] = '\0';
    ready = ready_line(message);
    return ready ? tell_manager(op, manager, ready, main_pid) : 0;
}

int notify_wait(struct op *op, int socket, const char *manager, int pidfd, pid_t main_pid)
{
    struct pollfd p[] = { { .fd = socket, .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };
    int r = 0;

    while (r == 0) {
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return op_fail(op, errno, "waiting for the container to be ready");
        /* A last word counts, from one who has ended since as well. */
        if (p[0].revents)
            r = notify_forward(op, socket, manager, main_pid);
        else if (p[1].revents)
            return 0;
    }
    return r < 0 ? r : 0;
}
