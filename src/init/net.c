/* net.c - the new network namespace, and its loopback interface. */
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

/* The dearest of all namespaces. It is made here and not by clone3, so that the launcher goes on meanwhile. */
int step_network(struct init *in)
{
    int r;

    if (!(in->plan->new_ns & CLONE_NEWNET))
        return 0;
    r = sys_unshare(CLONE_NEWNET);
    if (r == -ENOSPC)
        return init_fail_text(in, CALL_unshare, r, "the limit /proc/sys/user/max_net_namespaces is reached");
    return r < 0 ? init_fail(in, CALL_unshare, r) : bring_up_loopback(in);
}
