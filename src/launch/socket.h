/* socket.h - the far side of --console-socket, --pidfd-socket and a seccomp agent (runtime-spec runtime.md and
 * config-linux.md, as runc has them). */
#pragma once
#include "base/op.h"

/* Connects to the AF_UNIX stream socket `path` and sends the descriptor with `text` as the payload, in one message. Never
 * waits for the receiver to accept: clients do that after create has returned. `what`: the socket, for errors. */
int socket_hand_over(struct op *op, const char *what, const char *path, int fd, const char *text);
