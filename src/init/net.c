/* net.c - the network namespace: made, its loopback interface, and the launcher's access to it; the ipc namespace too. */
#include "init/init.h"

enum { INTERFACE_UP = 1 };                      /* IFF_UP */

static int bring_up_loopback(struct init *in)
{
    struct sys_ifreq request = { .name = "lo", .flags = INTERFACE_UP };
    auto_close int s = sys_socket(SYS_AF_INET, SYS_SOCK_DGRAM | SYS_SOCK_CLOEXEC);
    int r;

    if (s < 0)
        return init_fail(in, CALL_socket, s);
    r = sys_ioctl(s, SIOCSIFFLAGS, SYS_P(&request));
    return r < 0 ? init_fail_text(in, CALL_ioctl, r, "bringing up lo") : 0;
}

/* The dearest of all namespaces are made here and not by clone3, so that the launcher goes on meanwhile. And here this
 * process is root: the root directory of an ipc namespace's mqueue belongs to whoever makes the namespace, and while the
 * ids of a new user namespace are not mapped that is nobody. */
static int make_namespaces(struct init *in, uint64_t types)
{
    int r = types ? sys_unshare(types) : 0;

    if (r == -ENOSPC)
        return init_fail_text(in, CALL_unshare, r, "max_net_namespaces or max_ipc_namespaces of /proc/sys/user is reached");
    if (r < 0)
        return init_fail(in, CALL_unshare, r);
    return types & CLONE_NEWNET ? bring_up_loopback(in) : 0;
}

/* A socket stays in the namespace that it was made in: through this one the launcher configures ours. */
static int send_netlink(struct init *in)
{
    struct message m = { .type = MESSAGE_NETLINK };
    auto_close int s = sys_socket(SYS_AF_NETLINK, SYS_SOCK_RAW | SYS_SOCK_CLOEXEC);     /* protocol 0: NETLINK_ROUTE */
    long n;

    if (s < 0)
        return init_fail(in, CALL_socket, s);
    n = message_send(in, &m, s);
    return n < 0 ? init_fail(in, CALL_sendmsg, (int) n) : 0;
}

int step_network(struct init *in)
{
    if (make_namespaces(in, in->plan->new_ns & (CLONE_NEWNET | CLONE_NEWIPC)))
        return -1;
    return flagged(in, PLAN_NETLINK) ? send_netlink(in) : 0;
}
