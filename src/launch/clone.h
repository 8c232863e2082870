/* clone.h - children that share the caller's memory and run one function on a stack of their own.
 *
 * No page table is copied, and a caller with threads is safe, since the function makes nothing but raw system calls: no
 * libc, which would touch the calling thread's errno and locks. In the child all signals are blocked. */
#pragma once
#include <linux/sched.h>
#include <stdint.h>
#include "base/arena.h"

enum { CLONE_STACK = 16384 };

/* clone3(2) with `args`, whose flags include CLONE_VM and whose stack is set. The child exits with what `fn` returns.
 * Returns the child's pid or -errno. */
long clone_call(struct clone_args *args, int (*fn)(void *), void *data);
/* The same with these flags besides, as a child that no SIGCHLD tells of: the caller's own waiting is not disturbed. */
long clone_start(struct arena *a, uint64_t flags, int (*fn)(void *), void *data);
/* Waits for such a child. */
void clone_reap(long pid);
