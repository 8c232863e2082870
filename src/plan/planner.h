/* planner.h - from a configuration and a machine's facts to a plan. Pure: no system call is made. */
#pragma once
#include "base/op.h"
#include "host/host.h"
#include "plan/plan.h"
#include "spec/spec.h"

struct plan_request {
    const char *id;
    const char *bundle;         /* absolute and clean */
    bool no_pivot, no_new_keyring;
    bool wait;                  /* create: stop before the user's program */
    bool trace;
    bool systemd_cgroup;        /* refused for now */
    int rootless;               /* -1: decide by the host's facts, else 0 or 1 */
};

int plan_make(struct op *op, const struct spec *spec, const struct host *host, const struct plan_request *request,
              struct plan **ret);

/* The plan in words, one fact a line, in the order of execution. What golden tests compare. */
char *plan_explain_text(struct op *op, const struct plan *p);
/* The same facts as JSON (pretty, two spaces). */
char *plan_explain_json(struct op *op, const struct plan *p);
