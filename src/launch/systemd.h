/* systemd.h - the container's unit: started, given new limits, stopped by systemd, over D-Bus.
 *
 * A helper program (src/systemd) speaks for us, from a sealed memfd, so that neither this library nor the command needs
 * libsystemd and no bus can keep them waiting: a helper that is not done after SYSTEMD_SECONDS is killed, with an
 * error that tells what it waited for.
 *
 * A helper that loses its connection, since systemd executes itself anew for example, is followed by another, once.
 *
 * A start goes systemd_prepare, while there is no process yet, and systemd_start; systemd_abandon in any case. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>
#include "base/op.h"
#include "plan/plan.h"

enum { SYSTEMD_SECONDS = 30 };                  /* runc's limit */

struct systemd {
    pid_t pid;                  /* of the helper; 0: there is none */
    int socket;                 /* to it */
    int seconds;                /* from now on, for all that it does */
    bool hung_up;               /* it has lost its connection */
};
#define SYSTEMD_NONE { .socket = -1, .seconds = SYSTEMD_SECONDS }

/* Whether this build has the helper. */
bool systemd_is_built_in(void);

/* Starts the helper, which connects to the manager meanwhile. Only for a plan with a unit. */
int systemd_prepare(struct op *op, const struct plan *p, struct systemd *s);
/* Makes the unit with the process `pid` in it. Should we be killed meanwhile, the helper goes on, and has `lock` (a
 * flock; -1: none) until the unit is there or never will be. Once it has returned 0 systemd_stop is the way back; after
 * an error the unit is without processes as soon as `pid` has ended, and systemd drops it then. */
int systemd_start(struct op *op, const struct plan *p, struct systemd *s, pid_t pid, int lock);
/* Ends a helper that is still there. */
void systemd_abandon(struct systemd *s);

/* Gives the unit of a saved plan the limits that the plan has by now. */
int systemd_set(struct op *op, const struct plan *p);
/* Moves a process into the unit's cgroup, or the one `below` it ("/a"; "": itself). */
int systemd_attach(struct op *op, const char *unit, bool user, const char *below, pid_t pid);
/* Stops the unit and waits until it is gone; one that is gone is fine. `user`: it is one of the user's own manager. */
int systemd_stop(struct op *op, const char *unit, bool user);
