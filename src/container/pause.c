/* Pause and resume. */
#include "base/stop_at.h"
#include "container/container.h"
#include "container/live.h"
#include "container/process.h"

/* Who kills a container thaws it afterwards: to a process that a v1 freezer holds SIGKILL does nothing. Here it is frozen
 * before it is looked at. So, whichever comes first, one of the two sees the other. */
static int freeze(struct op *op, const struct proa_state *s)
{
    int r = cgroup_freeze(op, s->cgroups, s->n_cgroups);
    struct op quiet = *op;

    if (r < 0 || !process_is_killed(op, s->pid))
        return r;
    cgroup_thaw(&quiet, s->cgroups, s->n_cgroups);
    return op_fail_code(op, OP_NOT_RUNNING, 0, "container not running: %s has been killed", s->id);
}

int container_pause(struct op *op, const struct proa *p, const char *id)
{
    struct live c;
    int r = live_open(op, p, id, &c);

    if (r < 0)
        return r;
    stop_at("locked");
    if (c.state.status == PROA_RUNNING || c.state.status == PROA_CREATED)
        r = freeze(op, &c.state);
    else
        r = op_fail_code(op, OP_NOT_RUNNING, 0, "container not running: %s is %s", id, proa_status_name(c.state.status));
    r = live_explain(op, &c, r);
    stop_at("frozen");
    live_close(&c);
    return r;
}

int container_resume(struct op *op, const struct proa *p, const char *id)
{
    struct live c;
    int r = live_open(op, p, id, &c);

    if (r < 0)
        return r;
    if (c.state.status == PROA_PAUSED)
        r = cgroup_thaw(op, c.state.cgroups, c.state.n_cgroups);
    else
        r = op_fail_code(op, OP_STATE, 0, "container not paused: %s is %s", id, proa_status_name(c.state.status));
    r = live_explain(op, &c, r);
    live_close(&c);
    return r;
}
