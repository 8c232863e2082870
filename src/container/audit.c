/* Audit: a container beside the plan that made it. */
#include "audit/audit.h"
#include "base/stop_at.h"
#include "container/container.h"
#include "container/live.h"

static int audit(struct op *op, const struct live *c, unsigned flags, struct container_audit *ret)
{
    const struct proa_state *s = &c->state;
    struct audit_subject subject;
    struct audit_report report;
    struct plan *plan;
    int r;

    if (s->status == PROA_CREATING)
        return op_fail_code(op, OP_STATE, 0, "cannot audit a container in the creating state");
    if ((r = state_load_plan(op, c->dir, s->id, &plan)) < 0)
        return r;
    subject = (struct audit_subject) {
        .plan = plan, .pid = s->pid, .start = s->start, .created = s->status == PROA_CREATED,
        .status = proa_status_name(s->status),
    };
    if ((r = audit_run(op, &subject, &report)) < 0)
        return r;
    *ret = (struct container_audit) {
        .text = flags & PROA_AUDIT_JSON ? audit_json(op, &subject, &report) : audit_text(op, &subject, &report),
        .differences = (unsigned) report.n[AUDIT_DRIFT], .unchecked = (unsigned) report.n[AUDIT_UNCHECKED],
    };
    return 0;
}

/* Behind an update that is under way, which changes the kernel first and the plan in the end. */
int container_audit(struct op *op, const struct proa *p, const char *id, unsigned flags, struct container_audit *ret)
{
    struct container_audit found;
    struct live c;
    int r = live_open(op, p, id, &c);

    if (r < 0)
        return r;
    stop_at("loaded");
    r = live_explain(op, &c, audit(op, &c, flags, &found));
    /* What is missing of a container that ends meanwhile is no difference. */
    if (r == 0 && (found.differences || found.unchecked))
        r = live_check(op, &c);
    if (r == 0)
        *ret = found;
    live_close(&c);
    return r;
}
