/* New limits for a container that lives: all of them, or none. */
#include "plan/update.h"
#include <string.h>
#include "base/stop_at.h"
#include "container/container.h"
#include "container/live.h"
#include "launch/cgroup_update.h"
#include "launch/rdt.h"
#include "launch/systemd.h"

static int parse_resources(struct op *op, const struct proa_update_options *o, struct spec_resources *ret)
{
    const char *name = o->resources_name ? o->resources_name : "resources";
    struct spec_resources *resources;
    int r = o->resources ? spec_parse_resources(op, name, o->resources, strlen(o->resources), &resources) : 0;

    *ret = r == 0 && o->resources ? *resources : (struct spec_resources) { 0 };
    return r;
}

static int check_rdt(struct op *op, const struct proa *p, const struct proa_update_options *o, const struct plan *saved)
{
    struct host_rdt host;

    if (!o->l3_cache_schema && !o->mem_bw_schema)
        return 0;
    host_read_rdt(op->arena, p->resctrl, &host);
    return rdt_check_update(op, saved, &host, o->l3_cache_schema, o->mem_bw_schema);
}

/* systemd is told what the kernel has taken; the plan is saved when all that it says is true. */
static int tell(struct op *op, const struct live *c, const struct plan *plan)
{
    int r = plan->unit ? systemd_set(op, plan) : 0;

    return r < 0 ? r : state_save_plan(op, c->dir, plan);
}

/* An error that is set already stays the error. */
static void take_back_rdt(struct op *op, const struct plan *plan, const char *before)
{
    struct op quiet = *op;

    op_forget(&quiet);
    if (rdt_write(&quiet, plan, before) < 0)
        op_warn(op, "taking back the update: %s", quiet.message);
}

static int apply_rest(struct op *op, const struct live *c, const struct proa_update_options *o, const struct plan *plan)
{
    char *before;
    int r = rdt_update(op, plan, o->l3_cache_schema, o->mem_bw_schema, &before);

    if (r == 0 && (r = tell(op, c, plan)) < 0)
        take_back_rdt(op, plan, before);
    return r;
}

/* The cgroups first, as they are the ones to refuse a value. */
static int apply(struct op *op, const struct live *c, const struct proa_update_options *o, const struct plan *plan, const bool *due)
{
    struct cgroups cgroups = CGROUPS_NONE;
    struct cgroup_change change;
    int r;

    if ((r = cgroup_join(op, plan, &cgroups)) < 0)
        return r;
    stop_at("opened");
    if ((r = cgroup_update(op, &cgroups, due, &change)) == 0) {
        stop_at("written");
        if ((r = apply_rest(op, c, o, plan)) < 0)
            cgroup_update_undo(op, &cgroups, &change);
    }
    cgroup_close(&cgroups);
    stop_at("saved");
    return r;
}

static int update(struct op *op, const struct proa *p, const struct live *c, const struct proa_update_options *o)
{
    struct plan_update_request request = { .l3 = o->l3_cache_schema, .mb = o->mem_bw_schema };
    struct plan *saved, *plan;
    bool *due;
    int r;

    if (c->state.status == PROA_STOPPED || c->state.status == PROA_CREATING)
        return op_fail_code(op, OP_NOT_RUNNING, 0, "container not running");
    if ((r = parse_resources(op, o, &request.resources)) < 0 || (r = state_load_plan(op, c->dir, c->state.id, &saved)) < 0)
        return r;
    if ((r = check_rdt(op, p, o, saved)) < 0 || (r = plan_update(op, saved, &request, &plan, &due)) < 0)
        return r;
    return apply(op, c, o, plan, due);
}

int container_update(struct op *op, const struct proa *p, const char *id, const struct proa_update_options *options)
{
    struct live c;
    int r = live_open(op, p, id, &c);

    if (r < 0)
        return r;
    stop_at("locked");
    r = update(op, p, &c, options);
    live_close(&c);
    return r;
}
