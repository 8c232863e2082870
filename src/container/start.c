#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/stop_at.h"
#include "base/trace.h"
#include "container/container.h"
#include "container/notify.h"
#include "container/process.h"
#include "launch/hooks.h"

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

/* A start: what is open of the container, and what it is to have besides. */
struct start {
    const struct proa_state *state;
    const struct plan *plan;            /* NULL: it has no poststart hooks */
    const char *notify;                 /* the service manager's address, or NULL */
    int dir, pidfd, fifo, socket;
};

/* Opening it lets the init go on: by then whatever it may ask for is there. */
static int open_taken(struct op *op, struct start *s)
{
    int r = s->notify ? notify_bind(op, s->dir, &s->socket) : 0;

    if (r < 0)
        return r;
    s->fifo = openat(s->dir, "start.fifo", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    return s->fifo < 0 ? op_fail(op, errno, "opening exec.fifo") : 0;
}

/* Whoever takes its name away may open the fifo: a second reader would wait for a writer that never comes. */
static int open_fifo(struct op *op, struct start *s)
{
    int r;

    stop_at("startable");
    if (renameat(s->dir, "exec.fifo", s->dir, "start.fifo") < 0) {
        if (errno != ENOENT)
            return op_fail(op, errno, "taking exec.fifo");
        return op_fail_code(op, OP_STATE, 0, io_ready(s->pidfd) ? "cannot start a container that has stopped"
                                                                : "cannot start an already running container");
    }
    if ((r = open_taken(op, s)) < 0)
        renameat(s->dir, "start.fifo", s->dir, "exec.fifo");
    else
        unlinkat(s->dir, "start.fifo", 0);
    return r;
}

/* Until the fifo has something to say, or the init has ended; then it returns more than 0. */
static int wait_fifo(struct op *op, const struct start *s, short events)
{
    struct pollfd p[] = { { .fd = s->fifo, .events = events }, { .fd = s->pidfd, .events = POLLIN } };

    while (poll(p, 2, -1) < 0)
        if (errno != EINTR)
            return op_fail(op, errno, "waiting on exec.fifo");
    return p[1].revents;
}

/* Opening the fifo lets the init's own open return; its one byte says that it goes on. */
static int release(struct op *op, struct start *s)
{
    char byte;
    int r;

    if ((r = open_fifo(op, s)) < 0 || (r = wait_fifo(op, s, POLLIN)) < 0)
        return r;
    if (read(s->fifo, &byte, 1) == 1)
        return 0;
    if (r > 0)
        return op_fail_code(op, OP_STATE, 0, "cannot start a container that has stopped");
    return op_fail_code(op, OP_STATE, 0, "exec fifo is empty: another start of this container came first, or its init failed");
}

/* A failed hook ends the container. */
static int run_hooks(struct op *op, struct start *s)
{
    int r;

    /* The init has kept its end of the fifo until execve. */
    if ((r = wait_fifo(op, s, 0)) < 0)
        return r;
    r = hooks_run(op, s->plan, PLAN_POSTSTART, "running", s->state->pid);
    if (r < 0)
        process_signal(s->pidfd, SIGKILL);
    return r;
}

static int start(struct op *op, struct start *s)
{
    const struct proa_state *state = s->state;
    struct plan *plan;
    int r;

    if (state->hooks && (r = state_load_plan(op, s->dir, state->id, &plan)) < 0)
        return r;
    s->plan = state->hooks && plan->hooks[PLAN_POSTSTART].n ? plan : NULL;
    if ((s->pidfd = process_open(state->pid, state->start)) < 0)
        return op_fail_code(op, OP_STATE, 0, "cannot start a container that has stopped");
    if ((r = release(op, s)) < 0 || (s->plan && (r = run_hooks(op, s)) < 0))
        return r;
    return s->notify ? notify_wait(op, s->socket, s->notify, s->pidfd, state->pid) : 0;
}

int container_start(struct op *op, const struct proa *p, const char *id, const char *notify)
{
    struct proa_state state;
    struct start s = { .state = &state, .notify = notify, .dir = -1, .pidfd = -1, .fifo = -1, .socket = -1 };
    int r;

    {
        trace_scope(op->trace, "state");
        if ((r = container_load(op, p, id, &s.dir, &state)) < 0)
            return r;
    }
    trace_scope(op->trace, "release the init");
    r = check_startable(op, &state);
    if (r == 0)
        r = start(op, &s);
    fd_close(&s.dir);
    fd_close(&s.pidfd);
    fd_close(&s.fifo);
    fd_close(&s.socket);
    return r;
}
