/* What a running container uses, and what happens to it. */
#include <errno.h>
#include "base/fd.h"
#include "base/io.h"
#include "container/container.h"
#include "container/process.h"

static int not_running(struct op *op, const char *id)
{
    return op_fail_code(op, OP_NOT_RUNNING, 0, "container with id %s is not running", id);
}

/* The plan of a container that runs, and its first process. */
static int find(struct op *op, const struct proa *p, const char *id, struct plan **ret_plan, pid_t *ret_pid, int *ret_pidfd)
{
    auto_close int dir = -1, pidfd = -1;
    struct proa_state s;
    int r;

    if ((r = container_load(op, p, id, &dir, &s)) < 0)
        return r;
    if (s.pid == 0 || (pidfd = process_open(s.pid, s.start)) < 0)
        return not_running(op, id);
    if ((r = state_load_plan(op, dir, id, ret_plan)) < 0)
        return r;
    *ret_pid = s.pid;
    *ret_pidfd = take_fd(&pidfd);
    return 0;
}

static int read_stats(struct op *op, const struct plan *plan, bool brief, struct stats *ret)
{
    int r = stats_read_cgroups(op, plan, brief, ret);

    return r < 0 || brief ? r : rdt_read_stats(op, plan, &ret->rdt);
}

int container_stats(struct op *op, const struct proa *p, const char *id, bool brief, struct stats *ret)
{
    auto_close int pidfd = -1;
    struct plan *plan;
    struct stats stats;
    pid_t pid = 0;
    int r;

    if ((r = find(op, p, id, &plan, &pid, &pidfd)) < 0)
        return r;
    if ((r = read_stats(op, plan, brief, &stats)) == 0)
        r = stats_read_network(op, pid, pidfd, &stats);
    /* What was read of one that has ended meanwhile may be half of it, or the error of its end. */
    if (r == -ESRCH || io_ready(pidfd)) {
        op_forget(op);
        return not_running(op, id);
    }
    if (r == 0)
        *ret = stats;
    return r;
}

int container_watch(struct op *op, const struct proa *p, const char *id, struct watch *ret)
{
    struct plan *plan;
    int pidfd = -1, r;
    pid_t pid;

    r = find(op, p, id, &plan, &pid, &pidfd);
    return r < 0 ? r : watch_open(op, plan, pidfd, ret);
}
