#include "launch/launch.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "base/fd.h"
#include "base/stop_at.h"
#include "base/trace.h"
#include "init/protocol.h"
#include "launch/fault.h"
#include "launch/hooks.h"
#include "launch/identity.h"
#include "launch/image.h"
#include "launch/seccomp.h"
#include "launch/spawn.h"
#include "launch/trees.h"

static siginfo_t reap(int pidfd)
{
    siginfo_t info = { 0 };

    while (waitid(P_PIDFD, pidfd, &info, WEXITED) < 0 && errno == EINTR)
        ;
    return info;
}

/* One message, with the descriptor that may come with it. 1: received, 0: end of file, or -errno. */
static int receive(int socket, struct message *m, int *ret_fd)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control;
    struct iovec iov = { m, sizeof(*m) };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
    struct cmsghdr *c;
    ssize_t n;

    /* ECONNRESET says, once, that the peer has gone without reading our GO. What it sent before is still to come. */
    do
        n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n < 0)
        return -errno;
    c = CMSG_FIRSTHDR(&msg);
    if (n > 0 && c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(ret_fd, CMSG_DATA(c), sizeof(*ret_fd));
    if (n == 0)
        return 0;
    m->text[sizeof(m->text) - 1] = '\0';
    return n == sizeof(*m) ? 1 : -EPROTO;
}

/* The init has hung up without a word: reaps it and says how it ended. */
static int died(struct op *op, struct launch *l)
{
    siginfo_t info;

    kill(l->pid, SIGKILL);
    info = reap(l->pidfd);
    l->pid = 0;
    return fault_died(op, l->plan, info.si_code, info.si_status);
}

static int send_message(struct op *op, struct launch *l, enum message_type type)
{
    struct message m = { .type = type };

    /* A broken pipe means that the init has failed: listening to it will tell why. */
    if (send(l->socket, &m, sizeof(m), MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
        return op_fail(op, errno, "sending to the container's init");
    return 0;
}

/* PLAN_MEET: all is mounted and pivot_root is still to come; the init waits. */
static int meet(struct op *op, struct launch *l)
{
    int r;

    stop_at("mounted");
    if ((r = net_configure(op, &l->net, l->plan)) < 0 || (r = hooks_run(op, l->plan, PLAN_PRESTART, "creating", l->pid)) < 0)
        return r;
    if ((r = hooks_run(op, l->plan, PLAN_CREATE_RUNTIME, "creating", l->pid)) < 0)
        return r;
    stop_at("hooks run");
    return send_message(op, l, MESSAGE_RESUME);
}

/* The init waits until the agent has the listener: its next system call may be one that the agent has to answer. */
static int forward_listener(struct op *op, struct launch *l, int number)
{
    int r;

    stop_at("seccomp listener");
    r = seccomp_forward(op, l, number);
    return r < 0 ? r : send_message(op, l, MESSAGE_RESUME);
}

/* Takes in what is not the end. 0: go on listening. */
static int handle(struct op *op, struct launch *l, const struct message *m, int fd)
{
    switch ((enum message_type) m->type) {
    case MESSAGE_FAULT:
        return fault_report(op, l->plan, m);
    case MESSAGE_SPAN:
        trace_add(op->trace, TRACE_INIT, fault_step_name(m->step), m->from, m->to);
        return 0;
    case MESSAGE_CONSOLE:
        l->console = fd;
        memcpy(l->console_name, m->text, sizeof(l->console_name) - 1);
        return 0;
    case MESSAGE_NETLINK:
        netlink_adopt(&l->net.inside, fd);
        return 0;
    case MESSAGE_TREE:
        stop_at("mount asked for");
        return trees_answer(op, l, m->item);
    case MESSAGE_MOUNTED:
        return meet(op, l);
    case MESSAGE_LISTENER:
        return forward_listener(op, l, m->pid);
    default:
        return 0;
    }
}

/* Listens until a message of type `wanted` (1), or the end of file (0). */
static int listen_for(struct op *op, struct launch *l, uint32_t wanted, struct message *m)
{
    int r;

    for (;;) {
        int fd = -1;

        r = receive(l->socket, m, &fd);
        if (r < 0)
            return op_fail(op, -r, "listening to the container's init");
        if (r == 0)
            return 0;
        if (m->type != MESSAGE_CONSOLE && m->type != MESSAGE_NETLINK)
            fd_close(&fd);
        if (m->type == wanted)
            return 1;
        if ((r = handle(op, l, m, fd)) < 0)
            return r;
    }
}

/* The stage makes the init its sibling, our child, and ends. */
static int adopt_from_stage(struct op *op, struct launch *l)
{
    struct message m;
    int r = listen_for(op, l, MESSAGE_CHILD, &m);

    if (r < 0)
        return r;
    if (r == 0)
        return died(op, l);
    stop_at("child announced");
    reap(l->pidfd);
    fd_close(&l->pidfd);
    l->pid = m.pid;
    l->pidfd = (int) syscall(SYS_pidfd_open, l->pid, 0);
    return l->pidfd < 0 ? op_fail(op, errno, "pidfd_open of the init") : 0;
}

int launch_spawn(struct op *op, struct launch *l, const struct launch_birth *birth)
{
    trace_scope(op->trace, "spawn");
    bool stage = init_needs_stage(l->plan);
    auto_close int image = -1, theirs = -1;
    int pair[2], r;

    if ((r = net_check_joined(op, l->plan)) < 0)
        return r;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return op_fail(op, errno, "socketpair");
    l->socket = pair[0];
    theirs = pair[1];
    l->plan->fds = (struct plan_fds) {
        .socket = theirs, .fifo = birth->fifo, .target = birth->target, .root = birth->root,
        .first_closed = 3 + (int) birth->preserve_fds,
    };
    if ((r = image_create(op, l->plan, &image)) < 0)
        return r;
    const int keep[] = { theirs, birth->fifo, birth->target, birth->root };
    r = spawn_init(op, &(struct spawn) {
        .image = image,
        .flags = stage ? 0 : l->plan->new_ns & ~(uint64_t) INIT_NAMESPACES,
        .cgroup = birth->cgroup,
        .elsewhere_allowed = l->plan->flags & PLAN_ROOTLESS,
        .first_closed = 3 + birth->preserve_fds,
        .keep = keep,
        .n_keep = sizeof(keep) / sizeof(*keep),
    }, &l->pid, &l->pidfd, &l->in_cgroup);
    if (r < 0)
        return r;
    fd_close(&theirs);      /* or the end of file would never come */
    return stage ? adopt_from_stage(op, l) : 0;
}

int launch_admit(struct op *op, struct launch *l)
{
    int r;

    if ((r = identity_write_maps(op, l->plan, l->pid)) < 0)
        return r;
    if ((r = identity_raise_limits(op, l->plan, l->pid)) < 0)
        return r;
    identity_reset_affinity(l->plan, l->pid);
    return identity_set_oom_score(op, l->plan, l->pid);
}

int launch_go(struct op *op, struct launch *l)
{
    return send_message(op, l, MESSAGE_GO);
}

int launch_await(struct op *op, struct launch *l)
{
    trace_scope(op->trace, "wait for the init");
    struct message m;
    int r = listen_for(op, l, MESSAGE_READY, &m);

    if (r < 0)
        return r;
    if (r == 0)
        return died(op, l);
    if (l->plan->flags & PLAN_WAIT)
        return 0;
    r = listen_for(op, l, 0, &m);
    return r < 0 ? r : 0;
}

int launch_explain(struct op *op, struct launch *l, int r)
{
    struct pollfd p = { .fd = l->socket, .events = POLLIN };
    struct message m;
    int fd = -1;

    while (poll(&p, 1, 0) > 0 && receive(l->socket, &m, &fd) == 1) {
        fd_close(&fd);
        if (m.type != MESSAGE_FAULT)
            continue;
        op_forget(op);
        return fault_report(op, l->plan, &m);
    }
    return r;
}

void launch_abort(struct launch *l)
{
    if (l->pid > 0) {
        syscall(SYS_pidfd_send_signal, l->pidfd, SIGKILL, NULL, 0);
        reap(l->pidfd);
    }
    l->pid = 0;
    net_take_back(&l->net);
    launch_close(l);
}

void launch_close(struct launch *l)
{
    fd_close(&l->pidfd);
    fd_close(&l->socket);
    fd_close(&l->console);
    net_close(&l->net);
}
