/* state.h - what is saved of a container, and how its status follows from it.
 *
 * ROOT/ID/ holds:
 *   state.json   what never changes: written whole before the first cgroup is made
 *   init         a symbolic link whose text is "PID START": the container's first process and its start
 *                time in clock ticks (proc_pid_stat(5)), so that a reused pid is never mistaken for it. One
 *                atomic system call makes it, once the process exists. While the container comes out of a checkpoint
 *                "PID START restoring"; the process may be criu's own then
 *   plan         the plan, as a block: what exec, hooks and later readers go by
 *   rdt-…        symbolic links to the groups of intelRdt that were made
 *   exec.fifo    while the container is created and waits for start
 * The creator holds a lock (flock(2)) on the directory until it has finished; the kernel drops it should the
 * creator die. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>
#include "base/op.h"
#include "launch/cgroup.h"
#include "plan/plan.h"
#include "proa/proa.h"

struct proa_state {
    struct arena *arena;                /* owns all of this; NULL while it is an operation's */
    const char *id, *bundle, *rootfs, *created, *version;
    const struct plan_pair_text { const char *key, *value; } *annotations;
    size_t n_annotations;
    const struct cgroup_path *cgroups;
    size_t n_cgroups;
    const char *unit;                   /* of systemd, which has made the cgroups; or NULL */
    bool user_manager;                  /* a unit of the user's own systemd */
    bool rdt;                           /* intelRdt: groups may have been made */
    bool hooks;                         /* poststart or poststop: the saved plan has them */
    bool private_pids;                  /* a pid namespace of its own: its first process takes all others along */
    uid_t owner;
    bool entered;                       /* its first process was recorded: what is in the cgroups is the container's */
    bool restoring;                     /* a restore is at work, or was when its runtime was killed */
    const char *stdio[3];               /* what the standard streams were that it was given: "pipe:[123]" */
    pid_t pid;                          /* 0: never made, or gone */
    unsigned long long start;
    enum proa_status status;
};

/* Writes state.json of the plan into `dir`. */
int state_save(struct op *op, int dir, const struct plan *p);
/* Records the first process; returns the time spent nowhere but in one symlinkat(2). */
int state_save_init(struct op *op, int dir, pid_t pid);
/* The same in place of what is recorded. `restoring`: there is more to come. */
int state_replace_init(struct op *op, int dir, pid_t pid, bool restoring);
/* Saves the block and reads it back, checked, into the operation's arena. */
int state_save_plan(struct op *op, int dir, const struct plan *p);
int state_load_plan(struct op *op, int dir, const char *id, struct plan **ret);
/* Reads state.json back and derives the status. -ENOENT (without an error set) when there is no state.json. */
int state_load(struct op *op, int dir, const char *id, struct proa_state *ret);
