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

/* An update on its way. */
struct update {
    const struct live *container;
    const struct proa_update_options *options;
    struct plan *saved, *next;          /* the plan before and after */
    bool *due;                          /* as of plan_update */
};

/* For a way back, whose errors are only told: the one that is set already stays the error. */
static void warn_of(struct op *op, int r, const struct op *quiet)
{
    if (r < 0)
        op_warn(op, "taking back the update: %s", quiet->message);
}

static struct op quiet_op(const struct op *op)
{
    struct op quiet = *op;

    op_forget(&quiet);
    return quiet;
}

/* The plan is saved when all that it says is true. */
static int save(struct op *op, const struct update *u)
{
    int r = state_save_plan(op, u->container->dir, u->next);

    if (r < 0 && u->saved->unit) {
        struct op quiet = quiet_op(op);

        warn_of(op, systemd_set(&quiet, u->saved), &quiet);
    }
    return r;
}

/* systemd is told what the kernel has taken. */
static int tell_systemd(struct op *op, const struct update *u)
{
    int r = u->next->unit ? systemd_set(op, u->next) : 0;

    return r < 0 ? r : save(op, u);
}

static int apply_rdt(struct op *op, const struct update *u)
{
    char *before;
    int r = rdt_update(op, u->next, u->options->l3_cache_schema, u->options->mem_bw_schema, &before);

    if (r == 0 && (r = tell_systemd(op, u)) < 0) {
        struct op quiet = quiet_op(op);

        warn_of(op, rdt_write(&quiet, u->next, before), &quiet);
    }
    return r;
}

/* The cgroups first, as they are the ones to refuse a value. */
static int apply(struct op *op, const struct update *u)
{
    struct cgroups cgroups = CGROUPS_NONE;
    struct cgroup_change change;
    int r;

    if ((r = cgroup_join(op, u->next, &cgroups)) < 0)
        return r;
    stop_at("opened");
    if ((r = cgroup_update(op, &cgroups, u->due, &change)) == 0) {
        stop_at("written");
        if ((r = apply_rdt(op, u)) < 0)
            cgroup_update_undo(op, &cgroups, &change);
    }
    cgroup_close(&cgroups);
    stop_at("saved");
    return r;
}

static int update(struct op *op, const struct proa *p, struct update *u)
{
    const struct proa_update_options *o = u->options;
    const struct proa_state *s = &u->container->state;
    struct plan_update_request request = { .l3 = o->l3_cache_schema, .mb = o->mem_bw_schema };
    int r;

    if (s->status == PROA_STOPPED || s->status == PROA_CREATING)
        return op_fail_code(op, OP_NOT_RUNNING, 0, "container not running: %s is %s", s->id, proa_status_name(s->status));
    if ((r = parse_resources(op, o, &request.resources)) < 0 ||
        (r = state_load_plan(op, u->container->dir, s->id, &u->saved)) < 0)
        return r;
    if ((r = check_rdt(op, p, o, u->saved)) < 0 || (r = plan_update(op, u->saved, &request, &u->next, &u->due)) < 0)
        return r;
    return apply(op, u);
}

int container_update(struct op *op, const struct proa *p, const char *id, const struct proa_update_options *options)
{
    struct live c;
    struct update u = { .container = &c, .options = options };
    int r = live_open(op, p, id, &c);

    if (r < 0)
        return r;
    stop_at("locked");
    r = live_explain(op, &c, update(op, p, &u));
    live_close(&c);
    return r;
}
