/* cgroup_errors.h - what it means that the kernel refuses a value for a file of a cgroup. */
#pragma once
#include "launch/cgroup.h"

/* Sets the error for the write *w, which failed with `r` (-errno). Returns it. */
int cgroup_fail_write(struct op *op, const struct cgroups *c, const struct plan_write *w, int r);
/* The text of a file of the cgroup, or "unknown". */
const char *cgroup_read_or_unknown(struct op *op, const struct cgroup *c, const char *file);
