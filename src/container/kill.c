#include <errno.h>
#include <signal.h>
#include "base/fd.h"
#include "container/container.h"
#include "container/process.h"

static int not_running(struct op *op, unsigned flags)
{
    if (flags & PROA_KILL_ALL)
        return 0;
    return op_fail_code(op, OP_NOT_RUNNING, 0, "container not running");
}

/* Without a pid namespace of its own nothing dies with the first process, and a frozen one does not die at
 * all (on v1): then the cgroup says who is to be killed. */
static bool needs_cgroup(const struct proa_state *s)
{
    return s->n_cgroups > 0 && s->entered && (!s->private_pids || s->status == PROA_PAUSED);
}

int container_kill(struct op *op, const struct proa *p, const char *id, int signal, unsigned flags)
{
    auto_close int dir = -1, pidfd = -1;
    struct proa_state s;
    int r;

    if ((r = container_load(op, p, id, &dir, &s)) < 0)
        return r;
    if (s.pid == 0 && !(s.n_cgroups && (flags & PROA_KILL_ALL)))
        return not_running(op, flags);
    if (signal == SIGKILL && needs_cgroup(&s))
        return cgroup_kill(op, s.cgroups, s.n_cgroups);
    if (s.pid == 0 || (pidfd = process_open(s.pid, s.start)) < 0)
        return not_running(op, flags);
    r = process_signal(pidfd, signal);
    if (r == -ESRCH)
        return not_running(op, flags);
    if (r < 0)
        return op_fail(op, -r, "sending signal %d to container %s", signal, id);
    /* The first process ends when all others of its pid namespace have. */
    return signal == SIGKILL ? cgroup_thaw_below(op, s.cgroups, s.n_cgroups) : 0;
}
