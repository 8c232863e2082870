/* trees.h - bind mounts that the init cannot open by itself: the source is out of reach for the root of its user namespace,
 * or the mount is id-mapped. */
#pragma once
#include "launch/launch.h"

/* Opens the source of the plan's mount in the init's mount namespace, with the caller's privileges, and sends it the
 * detached tree. */
int trees_answer(struct op *op, const struct launch *l, uint32_t mount);
