/* Pause and resume. */
#include "base/stop_at.h"
#include "container/container.h"
#include "container/live.h"

int container_pause(struct op *op, const struct proa *p, const char *id)
{
    struct live c;
    int r = live_open(op, p, id, &c);

    if (r < 0)
        return r;
    stop_at("locked");
    if (c.state.status == PROA_RUNNING || c.state.status == PROA_CREATED)
        r = cgroup_freeze(op, c.state.cgroups, c.state.n_cgroups);
    else
        r = op_fail_code(op, OP_NOT_RUNNING, 0, "container not running: %s is %s", id, proa_status_name(c.state.status));
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
    live_close(&c);
    return r;
}
