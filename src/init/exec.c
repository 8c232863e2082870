/* exec.c - the last acts: signal mask, descriptors, the fifo of a creation, execve. */
#include "init/exec.h"
#include "init/init.h"
#include "init/procfs.h"
#include "init/report.h"

enum { KEPT = 3 };

/* Closes all from `first` on but those in `keep`, which may be -1. */
static int close_others(struct init *in, int first, int keep[KEPT])
{
    for (;;) {
        int next = INT32_MAX, r = 0;

        for (int i = 0; i < KEPT; i++)
            if (keep[i] >= first && keep[i] < next)
                next = keep[i];
        if (next > first)
            r = sys_close_range((unsigned) first, next == INT32_MAX ? ~0U : (unsigned) next - 1);
        if (r < 0)
            return init_fail(in, CALL_close_range, r);
        if (next == INT32_MAX)
            return 0;
        first = next + 1;
    }
}

static int say_ready(struct init *in)
{
    struct message m = { .type = MESSAGE_READY };
    long r = message_send(in, &m, -1);

    return r < 0 ? init_fail(in, CALL_write, (int) r) : 0;
}

/* Opening the fifo waits until somebody starts the container and opens the other end. The launcher is gone by then. The fifo
 * is not closed here: execve does that, and whoever starts the container may wait for the end of file that it makes. */
static int wait_for_start(struct init *in)
{
    int fifo;
    long r;

    if (say_ready(in))
        return -1;
    sys_close(in->plan->fds.socket);
    in->executing = true;
    fifo = procfs_reopen(in, in->plan->fds.fifo, O_WRONLY);
    if (fifo < 0)
        return init_fail(in, CALL_reopen, fifo);
    r = sys_write(fifo, "0", 1);
    return r < 0 ? init_fail(in, CALL_write, (int) r) : 0;
}

/* -1 is no descriptor, and no fault. */
static int close_at_exec(struct init *in, int fd)
{
    int r = fd >= 0 ? sys_fcntl(fd, F_SETFD, FD_CLOEXEC) : 0;

    return r < 0 ? init_fail(in, CALL_peer, r) : 0;
}

int exec_settle(struct init *in)
{
    const struct plan_fds *fds = &in->plan->fds;
    bool wait = flagged(in, PLAN_WAIT);
    const uint64_t none = 0;

    sys_rt_sigprocmask(SIG_SETMASK, &none);
    if (close_at_exec(in, fds->socket) || close_at_exec(in, wait ? fds->fifo : -1))
        return -1;
    return close_others(in, fds->first_closed, (int[KEPT]) { fds->socket, wait ? fds->fifo : -1, wait ? in->proc : -1 });
}

int step_ready(struct init *in)
{
    return flagged(in, PLAN_WAIT) ? wait_for_start(in) : say_ready(in);
}

/* Offsets become addresses, in place. */
const void *vector_pointers(struct plan *p, struct plan_list list)
{
    uint64_t *at = (uint64_t *) plan_at(p, list.at);

    for (uint32_t i = 0; i < list.n; i++)
        at[i] += (uintptr_t) p;
    return at;
}

int step_exec(struct init *in)
{
    const void *argv = vector_pointers(in->plan, in->plan->argv);
    const void *envp = vector_pointers(in->plan, in->plan->envp);
    int r = sys_execve(in->program, argv, envp);

    report_cause(in, r);
    return init_fail(in, CALL_execve, r);
}
