/* cgroup_v2.h - what only the unified hierarchy needs (kernel: admin-guide/cgroup-v2). */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "launch/cgroup.h"

/* Hands every controller that the hierarchy has down to the cgroup. One that cannot be is left out:
 * writing to its files then tells. */
int cgroup_v2_enable(struct op *op, const struct cgroup *c);

/* Kills everything in the cgroup and below. -ENOENT where the kernel (before 5.14) cannot. */
int cgroup_v2_kill(int dir);
int cgroup_v2_freeze(int dir, bool on);
/* 1 or 0 or -errno, silently. */
int cgroup_v2_frozen(struct op *op, int dir);
/* Sleeps until no process is left in the cgroup and below. -ETIMEDOUT at the deadline. */
int cgroup_v2_wait_empty(int dir, uint64_t deadline);
