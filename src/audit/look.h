/* look.h - one look at a container: what the topics of an audit share. Each topic is one function in a file of its own;
 * it reads, compares, and says what it has found with one of the functions below.
 *
 * A process is read through a descriptor of its directory in /proc, so that a reused pid is never mistaken for it; one
 * that ends meanwhile is passed over. */
#pragma once
#include <stdint.h>
#include "audit/audit.h"
#include "audit/proc_text.h"

enum { LOOK_NAMESPACES = 8, LOOK_RDT_GROUPS = 2 };
struct look_namespace { const char *file; uint64_t type; };
extern const struct look_namespace look_namespaces[LOOK_NAMESPACES];
/* Inodes, in the order of that list; 0: there is none, or it may not be read. */
struct look_inodes { uint64_t v[LOOK_NAMESPACES]; };

struct look_process {
    pid_t pid;
    int dir;                    /* of /proc/PID */
    bool first;                 /* the container's own, the init */
    struct look_inodes ns;
    struct proc_status status;
};

struct look {
    struct op *op;
    const struct plan *plan;
    const struct audit_subject *subject;
    struct audit_report *report;
    int proc;                   /* /proc */
    struct look_inodes caller, init;
    struct look_process first;  /* dir -1: there is none */
    const char *own_label;      /* the caller's */
    struct { size_t n; pid_t first; } nested;   /* processes in namespaces of their own */
    struct { const char *name, *tasks; } rdt[LOOK_RDT_GROUPS];  /* who is in the group, and in that of its monitoring */
};

/* ---- Saying --------------------------------------------------------------------------------- */

void look_say(struct look *l, enum audit_class class, struct audit_finding f);
#define look_drift(l, ...) look_say(l, AUDIT_DRIFT, (struct audit_finding) { __VA_ARGS__ })
#define look_note(l, ...) look_say(l, AUDIT_NOTE, (struct audit_finding) { __VA_ARGS__ })
/* -ENOENT and -ESRCH: the process has ended, and nothing is said. */
void look_unchecked(struct look *l, const char *pointer, const char *where, int r);
/* One more fact has been compared. Returns `same`. */
bool look_fact(struct look *l, bool same);

/* ---- Reading -------------------------------------------------------------------------------- */

/* A file of /proc/PID. Returns -errno, silently. */
int look_read(struct look *l, const struct look_process *p, const char *file, char **ret);
/* "/proc/12/status", for a finding. */
const char *look_file(struct look *l, const struct look_process *p, const char *file);
/* Opens the process: 0, or -ENOENT when there is none, or only a zombie. */
int look_open(struct look *l, pid_t pid, struct look_process *ret);
void look_close(struct look_process *p);
void look_read_namespaces(int dir, struct look_inodes *ret);
/* The index in that list. */
size_t look_namespace_index(uint64_t type);

/* ---- Topics --------------------------------------------------------------------------------- */

void look_at_cgroup_files(struct look *l);
void look_at_devices(struct look *l);
void look_at_freezer(struct look *l);
void look_at_rdt(struct look *l);
/* What the processes are in, and each of them; the first one comes first. */
void look_at_processes(struct look *l);

/* Of the container, by its first process. */
void look_at_namespaces(struct look *l);
void look_at_id_maps(struct look *l);
void look_at_mounts(struct look *l);

/* Of one process. */
void look_at_its_namespaces(struct look *l, const struct look_process *p);
void look_at_its_rdt(struct look *l, const struct look_process *p);
void look_at_rights(struct look *l, const struct look_process *p);
void look_at_labels(struct look *l, const struct look_process *p);
void look_at_limits(struct look *l, const struct look_process *p);
