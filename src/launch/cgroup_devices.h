/* cgroup_devices.h - device access on v2: an eBPF program at the cgroup (kernel: cgroup-v2, "Device controller"). */
#pragma once
#include "launch/cgroup.h"

/* Attaches the plan's program, if it has one, to the v2 directory in place of all that are there. */
int cgroup_devices_attach(struct op *op, const struct cgroups *c);
