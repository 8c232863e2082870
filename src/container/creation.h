/* creation.h - what a container takes that is being made, whether its first process is born (create.c) or comes out of a
 * checkpoint (restore.c): plan, state directory, cgroups; and how all of it is taken back. */
#pragma once
#include "container/contact.h"
#include "container/container.h"
#include "launch/cgroup.h"
#include "launch/launch.h"
#include "launch/systemd.h"

/* What a creation has made so far, so that a failure can take it back. */
struct creation {
    const struct proa *proa;
    const char *id;
    const struct proa_create_options *options;
    struct contact contact;
    struct plan *plan;
    int root, fifo, notify;
    int dir;                            /* ROOT/ID, from when it is this creation's */
    struct cgroups cgroups;
    struct systemd systemd;
    bool unit;                          /* systemd has made it */
    struct launch launch;
};
#define CREATION_NONE .root = -1, .dir = -1, .fifo = -1, .notify = -1, .cgroups = CGROUPS_NONE, .systemd = SYSTEMD_NONE, \
    .launch = LAUNCH_NONE

/* The creation's `proa`, `id` and `options` are set. Reads the bundle, plans, and looks at what the caller has given. */
int creation_plan(struct op *op, struct creation *c);
/* The state directory, with state.json in it. */
int creation_reserve(struct op *op, struct creation *c);
/* After systemd_prepare: the unit, around process `pid`. */
int creation_start_unit(struct op *op, struct creation *c, pid_t pid);
/* The cgroups, filled. A cgroup of the unit may have `member` in it (0: nobody). */
int creation_make_cgroups(struct op *op, struct creation *c, pid_t member);
/* The process enters all that it was not born in: cgroups, groups of intelRdt; then device rules apply. */
int creation_admit(struct op *op, struct creation *c, pid_t pid, bool in_cgroup);

/* After a failure: removes all that has been made. The process of `launch` is killed. */
void creation_take_back(struct op *op, struct creation *c);
/* In any case, at the end. */
void creation_release(struct creation *c);
