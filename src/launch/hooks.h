/* hooks.h - the hooks that run outside: programs that config.json names, in the runtime's namespaces.
 *
 * Each gets the container's state on its standard input and the bundle as working directory. What it writes is
 * kept for the error, up to a limit; its end is waited for, not that of its output, which it may leave to a
 * daemon. Nothing of the caller's process is changed or handed on but its environment, where the hook names none. */
#pragma once
#include <sys/types.h>
#include "base/op.h"
#include "plan/plan.h"

/* Runs the hooks of one kind in their order, up to the first that fails; poststop: all of them, and the first failure
 * is the one reported. `status` as in the state, `pid` the container's first process, 0 when it has ended. */
int hooks_run(struct op *op, const struct plan *p, enum plan_hook_kind kind, const char *status, pid_t pid);

/* The state object of runtime-spec's runtime.md, compact. */
char *hooks_state(struct arena *a, const struct plan *p, const char *status, pid_t pid);
