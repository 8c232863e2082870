/* exec.h - the two topics of plan_exec that have a file of their own. */
#pragma once
#include "plan/make.h"

/* The process that the request asks for, as config.json would say it; what it leaves out is the container's. Faults are
 * reported. */
const struct spec_process *exec_process(struct op *op, const struct plan_exec_request *request);

/* Fills in plan.cgroup_dirs: the container's, or cgroups below them. */
void exec_cgroups(struct make *m, const struct plan_exec_request *request);
