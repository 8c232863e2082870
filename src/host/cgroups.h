/* cgroups.h - where the cgroup hierarchies are mounted, and where in them the caller is. */
#pragma once
#include "host/host.h"

/* Fills in `layout` and `hierarchies`. Hierarchies that are mounted nowhere are left out. */
int cgroups_read(struct op *op, struct host *h);
