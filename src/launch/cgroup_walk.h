/* cgroup_walk.h - all cgroups below one. However deep a container has nested them, one descriptor is held, and no stack grows. */
#pragma once
#include "base/arena.h"

/* Calls `visit` with the directory and with each below it, parents first, until one does not return 0, which is returned.
 * One that goes away meanwhile is passed over. */
int cgroup_walk(struct arena *a, int top, int (*visit)(void *data, int dir), void *data);
