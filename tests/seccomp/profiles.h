/* profiles.h - seccomp profiles made up of random numbers, as the JSON of linux.seccomp. */
#pragma once
#include "base/str.h"

enum profile_kind {
    PROFILE_ONE_ACTION,         /* besides the default, as profiles in use have */
    PROFILE_COMPETING,          /* rules overlap, so their order decides; values below 2^32 */
    PROFILE_WILD,               /* the same with values of 64 bits */
    PROFILE_KINDS
};

/* The same text for the same seed. */
char *profile_random(struct arena *a, unsigned seed, enum profile_kind kind);
/* Shaped like the one that engines use: some hundred calls allowed by name, a few by their arguments, the rest EPERM. */
char *profile_engine(struct arena *a);
/* Another errno for every call: no two neighbours are one range, and jumps get long. */
char *profile_patchwork(struct arena *a);
