/* creds.h - the rights of the user's program, where others need a hand in them. */
#pragma once
#include "init/init.h"

/* Drops from the bounding set what the program is not to have. */
int creds_bound(struct init *in);
/* Behind a seccomp filter: drops the capability that was only kept to load it. */
int creds_finish(struct init *in);
