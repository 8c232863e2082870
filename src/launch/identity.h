/* identity.h - what only the launcher may set on the new process, by its pid: id maps, the hard ends
 * of raised resource limits, and the OOM score. */
#pragma once
#include <sys/types.h>
#include "base/op.h"
#include "plan/plan.h"

/* Writes uid_map, setgroups and gid_map of the new user namespace (user_namespaces(7)). */
int identity_write_maps(struct op *op, const struct plan *p, pid_t pid);

/* One of them, of any process in a new user namespace. 0 or -errno. */
int identity_write_map(struct arena *a, const struct plan *p, struct plan_list map, pid_t pid, const char *file);

/* Raising a hard limit needs CAP_SYS_RESOURCE in the initial user namespace, which the launcher may
 * have and the init of a user namespace has not: hard limits that are to go up are raised here, and the
 * init sets the final values (setrlimit(2)). */
int identity_raise_limits(struct op *op, const struct plan *p, pid_t pid);

/* Lets the process run on every CPU that its cgroup has, whatever the caller is bound to. For a process that exec adds only
 * when config.json says nothing of it (execCPUAffinity). */
void identity_reset_affinity(const struct plan *p, pid_t pid);

int identity_set_oom_score(struct op *op, const struct plan *p, pid_t pid);
