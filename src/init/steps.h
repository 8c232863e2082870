/* steps.h - walks the steps of the stage, if this start needs one, then those of the init. Never returns. */
#pragma once
#include "init/init.h"

__attribute__((noreturn)) void steps_run(struct init *in);
