/* Audit: a container beside the plan that made it. */
#include "audit/audit.h"
#include "base/fd.h"
#include "container/container.h"

int container_audit(struct op *op, const struct proa *p, const char *id, unsigned flags, struct container_audit *ret)
{
    auto_close int dir = -1;
    struct proa_state state;
    struct audit_subject subject;
    struct audit_report report;
    struct plan *plan;
    int r;

    if ((r = container_load(op, p, id, &dir, &state)) < 0)
        return r;
    if (state.status == PROA_CREATING)
        return op_fail_code(op, OP_STATE, 0, "cannot audit a container in the creating state");
    if ((r = state_load_plan(op, dir, id, &plan)) < 0)
        return r;
    subject = (struct audit_subject) {
        .plan = plan, .pid = state.pid, .start = state.start, .created = state.status == PROA_CREATED,
        .status = proa_status_name(state.status),
    };
    if ((r = audit_run(op, &subject, &report)) < 0)
        return r;
    *ret = (struct container_audit) {
        .text = flags & PROA_AUDIT_JSON ? audit_json(op, &subject, &report) : audit_text(op, &subject, &report),
        .differences = (unsigned) report.n[AUDIT_DRIFT], .unchecked = (unsigned) report.n[AUDIT_UNCHECKED],
    };
    return 0;
}
