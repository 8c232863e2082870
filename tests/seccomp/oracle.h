/* oracle.h - the verdicts that a profile has to have: libseccomp's program, behind a model of runc's stub. */
#pragma once
#include <stdbool.h>
#include "bpf.h"
#include "spec/spec.h"

struct oracle {
    struct program program;
    bool stub;
    uint32_t last[32];          /* by architecture, in the order of words_seccomp_arch */
};

/* Gives libseccomp the rules as runc does. 0, or what it answered: -errno. */
int oracle_make(const struct spec_seccomp *profile, struct oracle *ret);
uint32_t oracle_verdict(const struct oracle *o, const struct seccomp_data *data, unsigned long *steps);
/* Whether the verdict is one that the rules can have: the action of a rule whose conditions all hold, or the default action
 * when there is none. libseccomp's is not always, when it has several comparisons of one 64-bit argument to merge. */
bool oracle_plausible(const struct spec_seccomp *profile, const struct seccomp_data *data, uint32_t verdict);
void oracle_free(struct oracle *o);

/* The number of a call on an architecture (SCMP_ARCH_*) as the kernel has it, or negative. */
int oracle_number(uint32_t arch, const char *name);
