/* console.h - the far side of --console-socket (runtime-spec runtime.md, as runc defines it). */
#pragma once
#include "base/op.h"

/* Connects to the AF_UNIX stream socket `path` and sends the pty's master with its name as the payload, in one
 * message. Never waits for the receiver to accept: clients do that after create has returned. */
int console_send(struct op *op, const char *path, int master, const char *name);
