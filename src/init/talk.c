/* talk.c - the init's half of the conversation that protocol.h draws, and how a failure is noted. */
#include "init/init.h"

void init_say(struct init *in, const char *text)
{
    text_append(in->fault.text, sizeof in->fault.text, text);
}

int init_fail(struct init *in, enum init_call call, int err)
{
    in->fault.type = MESSAGE_FAULT;
    in->fault.call = call;
    in->fault.err = -err;
    return -1;
}

int init_fail_text(struct init *in, enum init_call call, int err, const char *text)
{
    init_say(in, text);
    return init_fail(in, call, err);
}

/* fd: a descriptor to send along, or -1. Without one this is write(2), the one call that no seccomp filter may ask an agent
 * about, and the least that a filter will let through. */
long message_send(const struct init *in, const struct message *m, int fd)
{
    struct iovec iov = { .iov_base = (void *) m, .iov_len = sizeof *m };
    struct sys_cmsg_fd control = {
        .len = offsetof(struct sys_cmsg_fd, pad), .level = SYS_SOL_SOCKET, .type = SYS_SCM_RIGHTS, .fd = fd,
    };
    struct sys_msghdr header = { .iov = &iov, .iov_len = 1, .control = &control, .control_len = sizeof control };

    if (fd < 0)
        return sys_write(in->plan->fds.socket, m, sizeof *m);
    return sys_sendmsg(in->plan->fds.socket, &header);
}

int message_ask(struct init *in, const struct message *question)
{
    struct message answer;
    long n = message_send(in, question, -1);

    if (n < 0)
        return init_fail(in, CALL_write, (int) n);
    n = sys_read(in->plan->fds.socket, &answer, sizeof answer);
    if (n != sizeof answer || answer.type != MESSAGE_RESUME)
        return init_fail(in, CALL_peer, n < 0 ? (int) n : -EPIPE);
    return 0;
}

int message_ask_tree(struct init *in, uint32_t mount)
{
    struct message m = { .type = MESSAGE_TREE, .item = mount };
    struct iovec iov = { .iov_base = &m, .iov_len = sizeof m };
    struct sys_cmsg_fd control = { .fd = -1 };
    struct sys_msghdr header = { .iov = &iov, .iov_len = 1, .control = &control, .control_len = sizeof control };
    long n;

    if (await_go(in))                           /* before that the launcher does not listen */
        return -1;
    n = message_send(in, &m, -1);
    if (n >= 0)
        n = sys_recvmsg(in->plan->fds.socket, &header, SYS_MSG_CMSG_CLOEXEC);
    if (n != sizeof m || m.type != MESSAGE_TREE || control.fd < 0)
        return init_fail(in, CALL_peer, n < 0 ? (int) n : -EPIPE);
    return control.fd;
}

/* The cgroup namespace is made here and not by clone3: its root is the cgroup the process is in at that moment. */
int await_go(struct init *in)
{
    struct message m;
    long n;
    int r;

    if (in->went)
        return 0;
    n = sys_read(in->plan->fds.socket, &m, sizeof m);
    if (n != sizeof m || m.type != MESSAGE_GO)
        return init_fail(in, CALL_peer, n < 0 ? (int) n : -EPIPE);
    in->went = true;
    sys_prctl(PR_SET_DUMPABLE, 0, 0);
    r = in->plan->new_ns & CLONE_NEWCGROUP ? sys_unshare(CLONE_NEWCGROUP) : 0;
    return r < 0 ? init_fail(in, CALL_unshare, r) : 0;
}
