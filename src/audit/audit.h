/* audit.h - a container as it is, beside the plan that made it.
 *
 * Reads and compares; changes nothing of the container, of its cgroups or of the caller. What the container's own
 * program has a right to do is no difference: it may drop rights, lower limits, make namespaces of its own.
 *
 * A difference is there on two looks, one right after the other: what is only about to begin or to end (a process that
 * forks while the cgroups are read) is not one. One of another process than the first is there on a third as well, a
 * second later: an exec on its way in has the rights of whoever started it. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>
#include "base/op.h"
#include "plan/plan.h"

struct audit_subject {
    const struct plan *plan;    /* as it was saved at create, and kept current by update */
    pid_t pid;                  /* of the first process; 0: there is none any more */
    unsigned long long start;   /* field 22 of its proc_pid_stat(5) */
    bool created;               /* it has not executed the user's program yet */
    const char *status;         /* "running", for the reader */
};

enum audit_class {
    AUDIT_DRIFT,                /* weaker than configured, or other */
    AUDIT_NOTE,                 /* stricter, or what the container's own program may have done */
    AUDIT_UNCHECKED,            /* could not be looked at */
    AUDIT_CLASSES
};

struct audit_finding {
    enum audit_class class;
    const char *pointer;        /* JSON pointer into config.json: of what asked for it, or where it would be asked for */
    const char *asked, *found;
    const char *where;          /* the file, path or process that was looked at */
    pid_t pid;                  /* of the process that it is about; 0: none */
};

struct audit_report {
    struct audit_finding *findings;
    size_t n_findings;          /* those that are kept: AUDIT_FINDINGS_MAX at the most */
    size_t n[AUDIT_CLASSES];    /* how many of each class there are */
    size_t facts, processes;    /* what has been compared */
};
enum { AUDIT_FINDINGS_MAX = 1000 };

int audit_run(struct op *op, const struct audit_subject *s, struct audit_report *ret);
/* For people, one finding a line; and as JSON (docs/audit.md). */
char *audit_text(struct op *op, const struct audit_subject *s, const struct audit_report *r);
char *audit_json(struct op *op, const struct audit_subject *s, const struct audit_report *r);
