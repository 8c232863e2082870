/* notify.h - readiness: sd_notify(3) between a container's program and the service manager that has started the runtime.
 *
 * The container gets a socket of its own in ROOT/ID/notify, which is mounted over /run/notify. Of what comes through it
 * only READY= goes on to the manager, followed by the pid that is to count as the service's main process; then
 * the manager is waited for, so that it has seen both before the sender may be gone. */
#pragma once
#include <sys/types.h>
#include "base/op.h"

/* The directory of the socket, for the planner. */
char *notify_directory(struct arena *a, const char *root, const char *id);
int notify_make_directory(struct op *op, int dir);
/* Makes the socket in the container's state directory, open to everybody inside. */
int notify_bind(struct op *op, int dir, int *ret_socket);

/* Takes one message, without waiting for it. 1: it said READY=, and `manager`, an address as in $NOTIFY_SOCKET, has been
 * told; 0: nothing of interest. */
int notify_forward(struct op *op, int socket, const char *manager, pid_t main_pid);
/* Does so until READY= has come or the process has ended. */
int notify_wait(struct op *op, int socket, const char *manager, int pidfd, pid_t main_pid);
