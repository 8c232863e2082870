/* cgroup_walk.h - all cgroups below one, and one of them. However deep a container has nested them, one descriptor is held, and no stack grows. */
#pragma once
#include "base/arena.h"

/* Calls `visit` with the directory and with each below it, parents first, until one does not return 0, which is returned.
 * One that goes away meanwhile is passed over. */
int cgroup_walk(struct arena *a, int top, int (*visit)(void *data, int dir), void *data);

/* Opens a sub-cgroup, ".." or "." of a cgroup (AT_FDCWD: by its path). */
int cgroup_enter(int dir, const char *name);

/* Names of cgroups, unlike those of files, can be longer than NAME_MAX. */
enum { CGROUP_NAME_SIZE = 4096 };

/* The name of a sub-cgroup. 1, or 0 when there is none. */
int cgroup_first_child(int dir, char ret_name[CGROUP_NAME_SIZE]);
