/* update.h - from the saved plan of a container and new resources to its next plan. Pure.
 *
 * The saved plan keeps the resources that it was made from. What an update gives takes their place member by member, in lists of
 * devices item by item, and from the result the same functions as for a creation make the list of writes. What is not
 * given stays as it is, in the plan as in the kernel; and so do the devices. */
#pragma once
#include "base/op.h"
#include "plan/plan.h"
#include "spec/spec.h"

struct plan_update_request {
    struct spec_resources resources;    /* the devices in it do not count */
    const char *l3, *mb;                /* Intel RDT: l3CacheSchema, memBwSchema; NULL or "": as they are */
};

/* *ret_due: for each of the next plan's cgroup_writes whether it is to be written now, because the update gives its value
 * or has changed it. The plan does not grow with the number of updates. */
int plan_update(struct op *op, const struct plan *saved, const struct plan_update_request *request, struct plan **ret,
                bool **ret_due);
