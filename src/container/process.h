/* process.h - one process, told apart from a later one with the same pid. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>
#include "base/op.h"

/* The start time in clock ticks since boot (field 22 of proc_pid_stat(5)) and whether it still runs (neither
 * zombie nor dead). -ESRCH when there is no such process; another error says nothing about it. */
int process_read(pid_t pid, unsigned long long *ret_start, bool *ret_alive);

/* It has been sent SIGKILL, or is gone. Asks with the memory of op, and fails never. */
bool process_is_killed(struct op *op, pid_t pid);

/* It is gone, or on its way out: from its exit on it has no namespaces, and no cgroup lists it. */
bool process_is_ending(pid_t pid, unsigned long long start);

/* A pidfd of the process that had this pid and started then; -ESRCH when it is gone. */
int process_open(pid_t pid, unsigned long long start);

int process_signal(int pidfd, int signal);

/* Waits until the process has ended. 0, or -ETIMEDOUT after `seconds`. */
int process_wait_gone(int pidfd, int seconds);
