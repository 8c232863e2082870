#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/stop_at.h"
#include "container/container.h"
#include "container/process.h"

enum { AT_ONCE = 64 };          /* pidfds held at a time */

struct everybody {
    const struct proa *p;
    const char *id;
    int signal;
};

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

static bool is_among(pid_t pid, const pid_t *pids, size_t n)
{
    while (n > 0)
        if (pids[--n] == pid)
            return true;
    return false;
}

/* A pid may have been given to another process since it was listed. Listed once more, when a pidfd holds it, it is the
 * container's. */
static int signal_listed(struct op *op, const struct everybody *e, const pid_t *pids, size_t n)
{
    int pidfds[AT_ONCE], r, error;
    pid_t *now;
    size_t n_now;

    for (size_t i = 0; i < n; i++)
        if ((pidfds[i] = (int) syscall(SYS_pidfd_open, pids[i], 0)) < 0)
            pidfds[i] = -errno;
    r = container_processes(op, e->p, e->id, &now, &n_now);
    for (size_t i = 0; i < n; i++) {
        error = pidfds[i] < 0 ? pidfds[i] : 0;
        if (error == 0 && r == 0 && is_among(pids[i], now, n_now))
            error = process_signal(pidfds[i], e->signal);
        fd_close(&pidfds[i]);
        if (error < 0 && error != -ESRCH)
            r = op_fail(op, -error, "sending signal %d to process %d of container %s", e->signal, pids[i], e->id);
    }
    return r;
}

/* Those that are there now; who is born meanwhile is left out. */
static int signal_everybody(struct op *op, const struct everybody *e)
{
    pid_t *pids;
    size_t n;
    int r = container_processes(op, e->p, e->id, &pids, &n);

    for (size_t done = 0; r == 0 && done < n; done += AT_ONCE)
        r = signal_listed(op, e, pids + done, n - done < AT_ONCE ? n - done : AT_ONCE);
    return r;
}

int container_kill(struct op *op, const struct proa *p, const char *id, int signal, unsigned flags)
{
    auto_close int dir = -1, pidfd = -1;
    struct proa_state s;
    bool with_cgroup;
    int r;

    if ((r = container_load(op, p, id, &dir, &s)) < 0)
        return r;
    stop_at("found");
    if (s.pid == 0 && !(s.n_cgroups && (flags & PROA_KILL_ALL)))
        return not_running(op, flags);
    /* The first process may be elsewhere: where nobody may make cgroups there are none. */
    with_cgroup = signal == SIGKILL && needs_cgroup(&s);
    if (with_cgroup && (r = cgroup_kill(op, s.cgroups, s.n_cgroups)) < 0)
        return r;
    if (flags & PROA_KILL_ALL && signal != SIGKILL)
        return signal_everybody(op, &(struct everybody) { p, id, signal });
    r = s.pid == 0 ? -ESRCH : (pidfd = process_open(s.pid, s.start)) < 0 ? -ESRCH : process_signal(pidfd, signal);
    if (r == -ESRCH)
        return with_cgroup ? 0 : not_running(op, flags);
    if (r < 0)
        return op_fail(op, -r, "sending signal %d to container %s", signal, id);
    /* A pause may have come between; and the first process ends when all others of its pid namespace have. */
    return signal == SIGKILL ? cgroup_thaw_killed(op, s.cgroups, s.n_cgroups) : 0;
}
