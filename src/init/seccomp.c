/* seccomp.c - loads the filter, with as little as possible still to be done behind it.
 *
 * The kernel takes a filter from who has no_new_privs, or CAP_SYS_ADMIN. In the second case the capability stays while the
 * rest of the start is done, and one capset(2) behind the filter drops it (creds.c); where the plan does not say which
 * capabilities are to be left, the filter comes before the change of ids, as that one drops them. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include "init/creds.h"
#include "init/exec.h"

static bool loads_early(const struct init *in)
{
    return !flagged(in, PLAN_NO_NEW_PRIVS) && !flagged(in, PLAN_CAPS);
}

/* The filter may ask the listener's agent about every call from here on but write(2), with which it is announced. */
static int announce(struct init *in, int listener)
{
    struct message m = { .type = MESSAGE_LISTENER, .pid = listener };

    if (message_ask(in, &m))
        return -1;
    sys_close(listener);                        /* refused or not: execve closes it */
    return 0;
}

static int load(struct init *in)
{
    const struct plan *p = in->plan;
    const struct sock_fprog program = {
        .len = (unsigned short) p->seccomp.n, .filter = (struct sock_filter *) PLAN_ITEMS(p, seccomp, struct sock_filter),
    };
    int r = sys_seccomp(SECCOMP_SET_MODE_FILTER, p->seccomp_flags, &program);

    if (r < 0)
        return init_fail(in, CALL_seccomp, r);
    return p->seccomp_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER ? announce(in, r) : 0;
}

int step_seccomp(struct init *in)
{
    return in->plan->seccomp.n && loads_early(in) ? load(in) : 0;
}

int step_seccomp_late(struct init *in)
{
    if (exec_settle(in))
        return -1;
    if (in->plan->seccomp.n == 0 || loads_early(in))
        return 0;
    return load(in) ? -1 : creds_finish(in);
}
