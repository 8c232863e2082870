#include <errno.h>
#include <signal.h>
#include "base/fd.h"
#include "base/stop_at.h"
#include "container/container.h"
#include "container/process.h"
#include "container/store.h"
#include "launch/hooks.h"
#include "launch/rdt.h"
#include "launch/systemd.h"

enum { DELETE_WAIT_SECONDS = 10 };      /* runc's limit */

/* Ends the first process, and in a shared pid namespace all of the cgroup's. */
static int end_processes(struct op *op, const struct proa_state *s)
{
    auto_close int pidfd = s->pid ? process_open(s->pid, s->start) : -ESRCH;
    int r;

    if (pidfd >= 0) {
        r = process_signal(pidfd, SIGKILL);
        if (r < 0 && r != -ESRCH)
            return op_fail(op, -r, "killing container %s", s->id);
    }
    /* In a shared pid namespace nothing dies with the first process, nor while the first is still criu; a frozen one dies only
     * when thawed (v1). */
    if (s->entered && (!s->private_pids || s->restoring || s->status == PROA_PAUSED) &&
        (r = cgroup_kill(op, s->cgroups, s->n_cgroups)) < 0)
        return r;
    if (pidfd >= 0 && (r = cgroup_thaw_killed(op, s->cgroups, s->n_cgroups)) < 0)
        return r;
    if (pidfd >= 0 && process_wait_gone(pidfd, DELETE_WAIT_SECONDS) == -ETIMEDOUT)
        return op_fail(op, 0, "container init still running: process %d has not ended %d seconds after SIGKILL", (int) s->pid,
                       DELETE_WAIT_SECONDS);
    return 0;
}

static int check_deletable(struct op *op, const struct proa_state *s, unsigned flags)
{
    if ((flags & PROA_DELETE_FORCE) || s->status == PROA_STOPPED || s->status == PROA_CREATED)
        return 0;
    return op_fail_code(op, OP_STATE, 0, "cannot delete container %s that is not stopped: %s", s->id,
                        proa_status_name(s->status));
}

static int not_there(struct op *op, const char *id, unsigned flags)
{
    return flags & PROA_DELETE_FORCE ? 0 : store_not_found(op, id);
}

/* A creation that has made nothing but the directory yet, or was killed then, has an empty state. */
static int load(struct op *op, int dir, const char *id, unsigned flags, struct proa_state *s)
{
    int r = state_load(op, dir, id, s);

    if (r != -ENOENT)
        return r;
    *s = (struct proa_state) { .id = id, .status = PROA_CREATING };
    return not_there(op, id, flags);
}

/* From then on nobody else makes or removes anything of the container. A creator that is alive takes everything back by
 * itself once its init is gone: end that, then wait for it. Loading looks at the lock and so loses it. */
static int take_over(struct op *op, int dir, unsigned flags, struct proa_state *s)
{
    int r;

    if (s->status == PROA_CREATING &&
        ((r = end_processes(op, s)) < 0 || (r = store_lock(op, dir)) < 0 || (r = load(op, dir, s->id, flags, s)) < 0))
        return r;
    return store_lock(op, dir);
}

/* For the poststop hooks. That they are lost is no reason to leave anything else behind. */
static struct plan *load_plan(struct op *op, int dir, const struct proa_state *s)
{
    struct plan *plan;

    if (!s->hooks || !s->entered)       /* without a first process nothing has begun that a hook could end */
        return NULL;
    if (state_load_plan(op, dir, s->id, &plan) >= 0)
        return plan;
    op_warn(op, "%s: no poststop hooks are run", op->message);
    op_forget(op);
    return NULL;
}

/* That systemd cannot be reached is no reason to leave the rest. */
static void stop_unit(struct op *op, const struct proa_state *s)
{
    struct op quiet = *op;

    if (s->unit && systemd_stop(&quiet, s->unit, s->user_manager) < 0)
        op_warn(op, "%s: the unit is left to systemd", quiet.message);
}

/* A creation that ended before its first process was recorded may have found the cgroups or the unit taken: then they
 * have processes, stay, and are not ours. Ours are empty in a moment. systemd is told all the same: it may miss the
 * event of an empty cgroup that is removed at once (the kernel limits their rate), and would keep the unit for ever. */
static int remove_cgroups(struct op *op, const struct proa_state *s)
{
    if (s->entered) {
        stop_unit(op, s);
        return cgroup_remove(op, s->cgroups, s->n_cgroups);
    }
    if (cgroup_remove(op, s->cgroups, s->n_cgroups) == 0)
        stop_unit(op, s);
    else
        op_forget(op);
    return 0;
}

static int remove_all(struct op *op, int root, int dir, const struct proa_state *s)
{
    struct plan *plan;
    int r;

    if ((r = end_processes(op, s)) < 0 || (r = remove_cgroups(op, s)) < 0)
        return r;
    if (s->rdt && (r = rdt_remove(op, dir)) < 0)
        return r;
    plan = load_plan(op, dir, s);
    r = store_remove(op, root, dir, s->id);
    return r < 0 || !plan ? r : hooks_run(op, plan, PLAN_POSTSTOP, "stopped", 0);
}

int container_delete_at(struct op *op, const struct proa *p, int dir, const char *id, unsigned flags)
{
    auto_close int root = -1;
    struct proa_state s;
    int r;

    if ((r = store_open_root(op, p->root, 0, &root)) < 0)
        return r;
    if ((r = load(op, dir, id, flags, &s)) < 0 || (r = check_deletable(op, &s, flags)) < 0)
        return r;
    stop_at("found");
    r = take_over(op, dir, flags, &s);
    if (r == -ESTALE)
        return not_there(op, id, flags);
    return r < 0 ? r : remove_all(op, root, dir, &s);
}

int container_delete(struct op *op, const struct proa *p, const char *id, unsigned flags)
{
    auto_close int dir = -1;
    int r = store_open(op, p->root, id, &dir);

    if (r >= 0)
        return container_delete_at(op, p, dir, id, flags);
    if (op->code != OP_NOT_FOUND || !(flags & PROA_DELETE_FORCE))
        return r;
    op_forget(op);
    return 0;
}
