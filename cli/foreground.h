/* foreground.h - a container that lives as long as the command that runs it. */
#pragma once
#include "cli.h"

enum {
    FOREGROUND_KEEP = 1,         /* do not delete the container at its end */
    FOREGROUND_NO_SUBREAPER = 2, /* leave the container's orphans to somebody else */
};

/* Creates and starts the container, relays its terminal if it has one, forwards signals to it, waits for its
 * end and deletes it. Returns its exit status, or 1 when something failed. */
int foreground_run(struct cli *cli, const char *id, struct proa_create_options *request, unsigned flags);
