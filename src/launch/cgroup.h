/* cgroup.h - the container's cgroups, from outside: made, filled, entered, killed, removed.
 *
 * A start goes cgroup_create, cgroup_apply, (the init is born in cgroups.v2), cgroup_attach, cgroup_devices_attach; after a
 * failure cgroup_undo; cgroup_close in any case. What happens later, mostly in another process, works
 * from a saved list of directories.
 *
 * Files are opened below the mount of their hierarchy with openat2(2), over no symlink and into no
 * other mount. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "base/op.h"
#include "plan/plan.h"

/* Flags beyond PLAN_CGROUP_*; they are saved in state files. */
enum { CGROUP_FREEZER = 1 << 16 };              /* v1 hierarchy of the freezer controller */

struct cgroup {
    const char *dir;            /* "/sys/fs/cgroup/memory/user/x" */
    const char *path;           /* "/user/x", below the mount */
    unsigned flags;             /* PLAN_CGROUP_*, CGROUP_FREEZER */
    unsigned made;              /* how many components at the end of `path` cgroup_create made */
    int root;                   /* O_PATH of the mount; -1: the container does without this hierarchy */
};
struct cgroups {
    const struct plan *plan;
    struct cgroup *items;       /* in the order of the plan's cgroup_dirs */
    size_t n;
    int v2;                     /* the v2 directory, for CLONE_INTO_CGROUP; -1: there is none */
};
#define CGROUPS_NONE { .v2 = -1 }

/* Makes all directories and prepares them: cpuset on v1, controllers on v2. A cgroup that exists must
 * be without processes, but for `member` (0: nobody), and not frozen. On failure nothing is left behind.
 *
 * PLAN_ROOTLESS: a hierarchy that gives no permission is done without, unless PLAN_CGROUP_NEEDED. */
int cgroup_create(struct op *op, const struct plan *p, pid_t member, struct cgroups *ret);
/* The plan's writes in order. The device program comes by itself (cgroup_devices.h). */
int cgroup_apply(struct op *op, const struct cgroups *c);
/* Some of them, for an update. Stops at the first that is refused. */
int cgroup_write_list(struct op *op, const struct cgroups *c, const struct plan_write *list, size_t n);
/* Moves a process there; `v2`: into the v2 cgroup as well, when it was not born in it. */
int cgroup_attach(struct op *op, const struct cgroups *c, pid_t pid, bool v2);
/* Sets the error for a process that could not be born in the v2 cgroup `dir`: clone3(2) failed with `err`. */
int cgroup_fail_birth(struct op *op, int dir, int err);
/* For a further process (PLAN_EXEC): the directories are there, and nothing is made. After a failure *ret has nothing open
 * and is good for cgroup_follow. */
int cgroup_join(struct op *op, const struct plan *p, struct cgroups *ret);
/* The same where the process `pid` of the container (and `pidfd`) is by now, in place of where it was put. */
int cgroup_follow(struct op *op, struct cgroups *c, pid_t pid, int pidfd);
/* Removes the directories that cgroup_create made. An error that is already set stays the error. */
int cgroup_undo(struct op *op, struct cgroups *c);
void cgroup_close(struct cgroups *c);

/* What the plan says of one directory; not opened. */
struct cgroup cgroup_describe(struct op *op, const struct plan *p, const struct plan_cgroup_dir *d);
/* Whether without privilege the process stays where it is when a hierarchy gives this errno. */
bool cgroup_may_lack(const struct plan *p, int r);

struct cgroup_path {
    const char *dir;            /* absolute */
    unsigned flags;             /* PLAN_CGROUP_*, CGROUP_FREEZER */
};

/* The root of a hierarchy is never the container's own and is left out. Returns how many there are. */
size_t cgroup_paths_of_plan(struct op *op, const struct plan *p, struct cgroup_path **ret);

/* Opens the first of the directories that exists and has one of the flags (0: any). -ENOENT, silently, when there is none. */
int cgroup_open_flagged(const struct cgroup_path *paths, size_t n, unsigned flags, const struct cgroup_path **ret);
/* All processes in them and below, each once; a directory that is gone has none. Returns how many or -errno. */
ssize_t cgroup_pids(struct op *op, const struct cgroup_path *paths, size_t n, pid_t **ret);
/* 1 or 0, or -errno. */
int cgroup_frozen(struct op *op, const struct cgroup_path *paths, size_t n);
/* Stops all processes where they are, at most 10 seconds later; after a failure they go on. */
int cgroup_freeze(struct op *op, const struct cgroup_path *paths, size_t n);
/* Lets them go on. That a cgroup above keeps them from it is an error. */
int cgroup_thaw(struct op *op, const struct cgroup_path *paths, size_t n);
/* v1: thaws the cgroup, frozen a moment ago, and the sub-cgroups that a container has frozen: no signal would end their
 * processes. */
int cgroup_thaw_killed(struct op *op, const struct cgroup_path *paths, size_t n);
/* The name of a cgroup above this one, open as `dir`, that is frozen, or NULL. */
const char *cgroup_frozen_above(struct arena *a, const struct cgroup_path *path, int dir);
/* Kills all processes, frozen ones too, and waits until they are gone (at most 10 seconds). */
int cgroup_kill(struct op *op, const struct cgroup_path *paths, size_t n);
/* Removes the directories and all below them; one that is gone is fine. Waits a little for processes
 * that are just ending. */
int cgroup_remove(struct op *op, const struct cgroup_path *paths, size_t n);
