/* keep_caps.h - for a child in a new user namespace, before it executes the init.
 *
 * Its uid is not mapped yet, so to execve(2) it is nobody in particular, and would leave it without a
 * capability. Ambient ones stay. The init drops them as soon as it is root (identity.c). Raw system
 * calls only: the child shares its parent's memory. */
#pragma once
#include <stdint.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/prctl.h>
#if defined(__x86_64__)
#include "init/sys_x86_64.h"
#elif defined(__aarch64__)
#include "init/sys_aarch64.h"
#endif

/* 0 or -errno. */
static inline long keep_caps(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct all[2] = { { ~0U, ~0U, ~0U }, { ~0U, ~0U, ~0U } };
    long r = sys_raw3(__NR_capset, (long) (uintptr_t) &header, (long) (uintptr_t) all, 0);

    /* The first number that this kernel does not know ends the list. */
    for (long cap = 0; r == 0; cap++)
        r = sys_raw(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0, 0);
    return r == -EINVAL ? 0 : r;
}
