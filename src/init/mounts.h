/* mounts.h - what the mounting steps share. All by descriptor: no target is named by a path. */
#pragma once
#include "init/init.h"

/* A detached tree for the plan's mount, attributes set; or -1 with the failure noted. */
int mount_new(struct init *in, const struct plan_mount *m, const struct statx *covered);
int mount_bind(struct init *in, const struct plan_mount *m, const char *source);

/* Gives the file system of an attached mount the plan's options. */
int mount_reconfigure(struct init *in, const struct plan_mount *m, int mount);
/* The plan's attributes for a mount that exists; those that are locked here stay. */
int mount_set_attributes(struct init *in, const struct plan_mount *m, int mount);
/* Labels the root of a new tree. */
int mount_label(struct init *in, const char *label, int tree);
/* An empty, read-only directory that cannot be filled; in masks.c. */
int mount_empty(struct init *in);

/* Copies what is in the directory `from` to the detached tree `to`. */
int copy_up(struct init *in, int from, int to);

/* Binds what `source` stands for over what `target` stands for. */
int bind_over(struct init *in, int source, int target);

/* Whether what happens to the host's part of the mounts here might happen in another namespace too. */
static inline bool host_mounts_may_be_shared(const struct init *in)
{
    return !(in->plan->propagation & MS_REC) || (in->plan->propagation & MS_SHARED);
}

/* What of the plan's attributes is set right away. */
static inline uint64_t mount_attributes(const struct plan_mount *m)
{
    return m->flags & PLAN_MOUNT_RO_LATE ? m->attr_set & ~(uint64_t) MOUNT_ATTR_RDONLY : m->attr_set;
}

/* Whether the tree is a whole procfs and not a file or directory of one. */
bool is_proc_root(int fd);
bool is_on_proc(int fd);
