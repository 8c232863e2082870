/* stage.h - how a stage ends: it makes the process that goes on. */
#pragma once
#include "init/init.h"

/* Makes a sibling in new namespaces `flags` (CLONE_NEW*), announces it to the launcher and ends. Returns in the sibling:
 * 0, or -1 with the failure noted. */
int stage_end(struct init *in, uint64_t flags);
