/* stdio.h - the standard streams. */
#pragma once
#include "init/init.h"

/* Makes them the user's, best effort. Needs the rights of root. */
void stdio_give(uint32_t uid);
