#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/trace.h"
#include "container/container.h"
#include "container/process.h"

static int check_startable(struct op *op, const struct proa_state *s)
{
    switch (s->status) {
    case PROA_CREATED:
        return 0;
    case PROA_STOPPED:
        return op_fail_code(op, OP_STATE, 0, "cannot start a container that has stopped");
    case PROA_RUNNING:
        return op_fail_code(op, OP_STATE, 0, "cannot start an already running container");
    case PROA_PAUSED:
        return op_fail_code(op, OP_STATE, 0, "cannot start a container in the paused state");
    default:
        return op_fail_code(op, OP_STATE, 0, "cannot start a container in the %s state", proa_status_name(s->status));
    }
}

/* Whoever takes its name away may open the fifo: a second reader would wait for a writer that never comes. */
static int open_fifo(struct op *op, int dir, int *ret_fifo)
{
    int fifo, err;

    if (renameat(dir, "exec.fifo", dir, "start.fifo") < 0)
        return errno == ENOENT ? op_fail_code(op, OP_STATE, 0, "cannot start an already running container")
                               : op_fail(op, errno, "taking exec.fifo");
    fifo = openat(dir, "start.fifo", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fifo < 0) {
        err = errno;
        renameat(dir, "start.fifo", dir, "exec.fifo");
        return op_fail(op, err, "opening exec.fifo");
    }
    unlinkat(dir, "start.fifo", 0);
    *ret_fifo = fifo;
    return 0;
}

/* Opening the fifo lets the init's own open return; its one byte says that it goes on. */
static int release(struct op *op, int dir, int pidfd)
{
    auto_close int fifo = -1;
    struct pollfd p[] = { { .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };
    char byte;
    int r;

    if ((r = open_fifo(op, dir, &fifo)) < 0)
        return r;
    p[0].fd = fifo;
    while (poll(p, 2, -1) < 0)
        if (errno != EINTR)
            return op_fail(op, errno, "waiting on exec.fifo");
    if (read(fifo, &byte, 1) == 1)
        return 0;
    if (p[1].revents)
        return op_fail_code(op, OP_STATE, 0, "cannot start a container that has stopped");
    return op_fail_code(op, OP_STATE, 0, "exec fifo is empty: another start of this container came first, or its init failed");
}

int container_start(struct op *op, const struct proa *p, const char *id)
{
    auto_close int dir = -1, pidfd = -1;
    struct proa_state s;
    int r;

    {
        trace_scope(op->trace, "state");
        if ((r = container_load(op, p, id, &dir, &s)) < 0)
            return r;
    }
    trace_scope(op->trace, "release the init");
    if ((r = check_startable(op, &s)) < 0)
        return r;
    if ((pidfd = process_open(s.pid, s.start)) < 0)
        return op_fail_code(op, OP_STATE, 0, "cannot start a container that has stopped");
    return release(op, dir, pidfd);
}
