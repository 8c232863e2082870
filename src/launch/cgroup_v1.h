/* cgroup_v1.h - what only v1 hierarchies need (cgroups(7), kernel: admin-guide/cgroup-v1). */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "launch/cgroup.h"

/* A new cpuset has no CPUs and no memory nodes, and takes no process until it has: both are copied
 * from the parent, all the way down. */
int cgroup_v1_fill_cpuset(struct op *op, const struct cgroup *c);

/* Asks the freezer to freeze or thaw `dir`; it may still be on the way (FREEZING). -errno silently. */
int cgroup_v1_freeze(int dir, bool on);
/* Freezes it and waits until all processes are. -ETIMEDOUT at the deadline. */
int cgroup_v1_freeze_all(struct op *op, int dir, uint64_t deadline);
/* Thaws it and all cgroups below it, whoever has frozen them. */
int cgroup_v1_thaw_all(struct op *op, int dir);
/* 1 or 0 or -errno, silently. */
int cgroup_v1_frozen(struct op *op, int dir);
