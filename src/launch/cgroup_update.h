/* cgroup_update.h - new values for the cgroups of a container that runs: all of them, or none. */
#pragma once
#include "launch/cgroup.h"

/* What was written, and what the files said before. */
struct cgroup_change {
    const struct plan_write *writes;
    const char **before;        /* in the form that writing them takes; NULL: not to be had */
    size_t n;
};

/* Writes those of the plan's writes that are due. When one is refused, all that has been written is taken back. */
int cgroup_update(struct op *op, const struct cgroups *c, const bool *due, struct cgroup_change *ret);
/* Takes a change back after something else has failed; what cannot be is added to the error that is set. */
void cgroup_update_undo(struct op *op, const struct cgroups *c, const struct cgroup_change *change);
