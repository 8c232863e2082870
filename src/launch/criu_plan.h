/* criu_plan.h - what of a plan criu cannot know by itself: which mounts and namespaces come from outside, and where the
 * cgroups of a restored container are. A name that both sides use for a mount is its target in config.json. */
#pragma once
#include "launch/criu.h"
#include "plan/plan.h"

/* The options for the container that runs as process `pid`. */
int criu_describe(struct op *op, const struct plan *p, pid_t pid, struct str *options);

/* Namespaces by path that criu takes as descriptors. */
struct criu_joined { const char *keys[2]; int fds[2]; size_t n; };
int criu_open_joined(struct op *op, const struct plan *p, struct criu_joined *ret);
void criu_close_joined(struct criu_joined *j);

/* The options for its restoration, with `joined` as CRIU_FIRST_FD and following. */
void criu_describe_restore(const struct plan *p, const struct criu_joined *joined, struct str *options);

/* Makes what config.json wants to mount on and the root file system, open as `root`, does not have: it may not be the one
 * that was checkpointed. */
int criu_make_targets(struct op *op, const struct plan *p, int root);

/* criu_mounts.c: gives bind mounts what they lack of ro, nosuid, nodev and noexec, before the restored processes, of which
 * `pid` is one, go on. Where a source is bound twice with the same options, criu takes each for a copy of the other that has
 * them already, but binds the bare source. */
int criu_restrict_mounts(struct op *op, const struct plan *p, pid_t pid);

/* O_PATH, where the container sees it. -errno. */
int criu_open_inside(int root, const char *path);
