/* bundle.h - a bundle with busybox, a runtime with its state beside it, and their end. What fails ends the test. */
#pragma once
#include "proa/proa.h"

struct bundle {
    char base[64];              /* the bundle; its state directory is base/state */
    struct proa *runtime;
};

/* `args`: process.args as JSON. Exits with 77, for a skipped test, without root or /bin/busybox. */
void bundle_make(struct bundle *b, const char *args);
/* Force-deletes what is left of the containers, removes the directory. */
void bundle_remove(struct bundle *b);
/* Says what failed, cleans up, exits. `e` may be NULL. */
void bundle_die(struct bundle *b, const char *what, struct proa_error *e) __attribute__((noreturn));
/* How many this process has open, to compare with a later count. */
int bundle_descriptors(void);
