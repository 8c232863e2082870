/* fault.h - a failure inside the container, told in words.
 *
 * The init sends {step, item, call, errno}; here, where the plan's names are known, it becomes one
 * message: "mounts[3] /data: open_tree /srv/x: No such file or directory". */
#pragma once
#include "base/op.h"
#include "init/protocol.h"
#include "plan/plan.h"

/* Sets op's error from a FAULT message; returns the -errno. */
int fault_report(struct op *op, const struct plan *p, const struct message *m);
/* The init is gone without a word: `status` as waitid(2) tells it. */
int fault_died(struct op *op, const struct plan *p, int code, int status);
/* "mounts", "device nodes", …: the step's text, for the timeline. */
const char *fault_step_name(unsigned step);
