/* affinity.h - the CPUs of a process that exec adds (process.execCPUAffinity).
 *
 * The one list holds from before it enters the container on, the other from its cgroup on. Without a list nothing
 * is changed. */
#pragma once
#include "init/init.h"

int affinity_set_initial(struct init *in);
int affinity_set_final(struct init *in);
