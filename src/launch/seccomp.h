/* seccomp.h - a filter's notifications go to an agent that the profile names. */
#pragma once
#include "launch/launch.h"

/* Fetches descriptor `number` of the process and gives it to the agent, with the state of the container. Nobody has to
 * accept or answer for that. */
int seccomp_forward(struct op *op, const struct launch *l, int number);
