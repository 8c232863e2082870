/* cgroup_oom.h - whether a start has failed because the container may use too little memory. */
#pragma once
#include "launch/cgroup.h"

/* After a failure `r` of a start, while the cgroups are still there: when the kernel has killed in them for want of memory, or has
 * refused memory, that becomes the error. Returns r. */
int cgroup_explain_oom(struct op *op, const struct cgroups *c, int r);
