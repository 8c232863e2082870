/* net.c - the loopback interface of a new network namespace. */
#include "init/init.h"

enum { INTERFACE_UP = 1 };                      /* IFF_UP */

int step_loopback(struct init *in)
{
    struct sys_ifreq request = { .name = "lo", .flags = INTERFACE_UP };
    auto_close int s = -1;
    int r;

    if (!(in->plan->new_ns & CLONE_NEWNET))
        return 0;
    s = sys_socket(SYS_AF_INET, SYS_SOCK_DGRAM | SYS_SOCK_CLOEXEC);
    if (s < 0)
        return init_fail(in, CALL_socket, s);
    r = sys_ioctl(s, SIOCSIFFLAGS, SYS_P(&request));
    return r < 0 ? init_fail_text(in, CALL_ioctl, r, "bringing up lo") : 0;
}
