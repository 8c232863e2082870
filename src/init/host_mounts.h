/* host_mounts.h - without pivot_root the host's mounts stay below the container's, out of sight.
 *
 * As long as one of them is a procfs or sysfs with nothing over it, the kernel lets a user namespace in
 * the container mount a fresh one, without the masks that this container has. So they go first. */
#pragma once
#include "init/init.h"

int host_mounts_hide_proc(struct init *in);
