/* id_helper.h - newuidmap(1) and newgidmap(1), which map the IDs that /etc/subuid and /etc/subgid give to an ordinary user.
 *
 * Nothing of the calling process is changed: the helper is spawned with no descriptors but its own, no environment, and
 * no signal blocked or ignored. */
#pragma once
#include <sys/types.h>
#include "base/op.h"
#include "plan/plan.h"

int id_helper_map_users(struct op *op, const struct plan *p, pid_t pid);
int id_helper_map_groups(struct op *op, const struct plan *p, pid_t pid);
