/* spawn.h - one clone3, one exec: the init as a child of the calling thread.
 *
 * The child is made with CLONE_VM | CLONE_VFORK: no page table is copied, and a caller with threads is
 * safe, since the child runs nothing but raw system calls on a stack of its own until it executes the
 * image. The calling thread sleeps meanwhile, with all signals blocked. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/op.h"

struct spawn {
    int image;                  /* from image_create */
    uint64_t flags;             /* CLONE_NEW* of clone3(2) */
    int cgroup;                 /* directory of a v2 cgroup to be born in, or -1 */
    bool elsewhere_allowed;     /* no permission for that cgroup: be born in the caller's */
    unsigned first_closed;      /* descriptors 3 and up to this one stay open, those from here on are closed … */
    const int *keep;            /* … but for these; -1: none */
    size_t n_keep;
};

/* The caller owns the child (to reap) and *ret_pidfd. *ret_in_cgroup: whether it was born in `cgroup`. */
int spawn_init(struct op *op, const struct spawn *s, pid_t *ret_pid, int *ret_pidfd, bool *ret_in_cgroup);
