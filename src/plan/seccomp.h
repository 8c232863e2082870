/* seccomp.h - linux.seccomp as a program for the kernel.
 *
 * The profile is read into uses of system calls (seccomp.c); for each architecture these become ranges of numbers with a
 * verdict each (seccomp_ranges.c), whose rules are in the order in which they count (seccomp_rules.c); and those a binary
 * search in BPF (seccomp_program.c). The verdicts are those of libseccomp's filter with runc's stub before it, which
 * answers ENOSYS to calls that are newer than the profile. The tests run both programs and compare. */
#pragma once
#include <linux/filter.h>
#include "base/op.h"
#include "plan/block.h"
#include "plan/syscalls.h"

enum { SECCOMP_ARGUMENTS = 6 };

/* The values of words_seccomp_operator. */
enum seccomp_operator {
    SECCOMP_NE = 1, SECCOMP_LT, SECCOMP_LE, SECCOMP_EQ, SECCOMP_GE, SECCOMP_GT, SECCOMP_MASKED_EQ,
};
struct seccomp_condition {
    uint32_t argument, operator;
    uint64_t mask, value;                       /* mask: all ones but for SECCOMP_MASKED_EQ */
};

/* Counts when all conditions hold. There is one for each argument at the most, in the arguments' order. */
struct seccomp_rule {
    uint32_t action;                            /* SECCOMP_RET_* with its data */
    uint32_t n;
    struct seccomp_condition conditions[SECCOMP_ARGUMENTS];
};

/* A rule for one call. A rule that says what is the default anyway is NULL: the profile knows the call, that is all. */
struct seccomp_use {
    uint32_t name;                              /* index of syscalls.h */
    const struct seccomp_rule *rule;
    const struct seccomp_use *next;             /* of the same call, in the order of the profile */
};

struct seccomp_profile {
    uint32_t default_action;
    bool stub;                                  /* calls newer than the profile do not exist */
    const struct seccomp_use *uses;             /* in the order of the profile */
    size_t n_uses, n_rules;                     /* n_rules: those with a rule */
    const struct seccomp_use **calls;           /* by name: its first use, or NULL */
    const uint32_t *tokens;                     /* values of words_seccomp_arch, the machine's own first; each once */
    size_t n_tokens;
};

/* The action of the first rule that counts, or when there is none, `action`. */
struct seccomp_verdict {
    uint32_t action;
    uint32_t n;
    const struct seccomp_rule *rules;
};
/* From `first` to where the next range begins. */
struct seccomp_range { uint32_t first; struct seccomp_verdict verdict; };

/* The calls that come with one value of seccomp_data.arch. */
struct seccomp_section {
    uint32_t arch;
    struct rows ranges;                         /* struct seccomp_range: the first begins at 0, neighbours differ */
};

/* `wide`: arguments of 64 bits, else of 32. `action`: when no rule counts. `call`: for the message. */
struct seccomp_verdict seccomp_decide(struct op *op, const char *call, const struct rows *rules, bool wide, uint32_t action);
/* One section for each audit architecture, the machine's own first. `ret`: rows of struct seccomp_section. */
void seccomp_sections(struct op *op, const struct seccomp_profile *profile, struct rows *ret);
/* `ret`: rows of struct sock_filter. */
void seccomp_program(struct arena *a, const struct rows *sections, struct rows *ret);
