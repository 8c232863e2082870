/* exec.h - what is done once before the end, ahead of a seccomp filter that may refuse it. */
#pragma once
#include "init/init.h"

/* Unblocks the signals and closes what is not the user's program's. What stays open for the init itself, execve closes. */
int exec_settle(struct init *in);
