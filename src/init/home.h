/* home.h - HOME for a process whose environment has none. */
#pragma once
#include "init/init.h"

/* From the container's /etc/passwd, which may be anything at all; "/" if it says nothing. Never fails, never waits. */
void home_find(struct init *in);
