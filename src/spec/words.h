/* words.h - every closed word list of the runtime-spec, once: decoding, messages, `features` and
 * the plan's text all read these. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct word { const char *name; int64_t value; };
struct words {
    const char *what;           /* "namespace type" */
    const struct word *list;    /* ends with a NULL name */
};

extern const struct words words_namespace;      /* CLONE_NEW* */
extern const struct words words_capability;     /* bit numbers, all the kernel knows, CAP_CHOWN first */
extern const struct words words_rlimit;         /* RLIMIT_* */
extern const struct words words_propagation;    /* MS_SHARED … | MS_REC */
extern const struct words words_device_type;    /* 'a' 'b' 'c' 'u' 'p' as characters ('u' is 'c') */
extern const struct words words_scheduler, words_scheduler_flag, words_io_priority;
extern const struct words words_seccomp_action, words_seccomp_operator, words_seccomp_arch, words_seccomp_flag;
extern const struct words words_personality, words_memory_policy, words_memory_policy_flag;

/* 0, or -ENOENT. */
int words_value(const struct words *w, const char *name, int64_t *ret);
/* The first name with this value, or NULL. */
const char *words_name(const struct words *w, int64_t value);
