/* steps.h - walks the lists of protocol.h: those of the stage, if there is one, then those of the init or of
 * an exec's process. Never returns. */
#pragma once
#include "init/init.h"

__attribute__((noreturn)) void steps_run(struct init *in);
