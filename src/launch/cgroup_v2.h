/* cgroup_v2.h - what only the unified hierarchy needs (kernel: admin-guide/cgroup-v2). */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "launch/cgroup.h"

/* Hands every controller that the hierarchy has down to the cgroup. One that cannot be is left out:
 * writing to its files then tells. */
int cgroup_v2_enable(struct op *op, const struct cgroup *c);

/* Gives the directory to `uid`, and those of its files that the kernel says may be given away. */
int cgroup_v2_delegate(struct op *op, const struct cgroup *c, int dir, uid_t uid);

/* Kills everything in the cgroup and below. -ENOENT where the kernel (before 5.14) cannot. */
int cgroup_v2_kill(int dir);
int cgroup_v2_freeze(int dir, bool on);
/* Freezes it and sleeps until all processes in it and below are. -ETIMEDOUT at the deadline. */
int cgroup_v2_freeze_all(int dir, uint64_t deadline);
/* 1 or 0 or -errno, silently. */
int cgroup_v2_frozen(struct op *op, int dir);
/* Sleeps until no process is left in the cgroup and below. -ETIMEDOUT at the deadline. */
int cgroup_v2_wait_empty(int dir, uint64_t deadline);
