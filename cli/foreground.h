/* foreground.h - a process in a container that the command stays with until its end. */
#pragma once
#include <sys/ioctl.h>
#include "cli.h"

struct foreground_job {
    bool subreaper; /* adopt and reap the orphans that it leaves behind */
    /* Makes the process, with a terminal of that size if it gets one; a size of 0 is not known. Returns as proa_create(). */
    int (*start)(struct cli *cli, void *data, const struct winsize *size, struct proa_process *ret, struct proa_error **ret_error);
    int (*fail)(const struct cli *cli, const char *reason); /* reports why it failed; returns the exit status */
    /* A message has come to notify_fd. True: no further one is of interest. Of no use to a process without one. */
    bool (*notify)(struct cli *cli, void *data, int notify_fd);
    void *data;
};

/* Starts the process, relays its terminal if it has one, forwards signals to it and waits for its end. Returns true and its
 * exit status; or false and that of the failure, which has been reported. */
bool foreground_run(struct cli *cli, const struct foreground_job *job, int *ret_status);
