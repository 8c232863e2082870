#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/stop_at.h"
#include "base/trace.h"
#include "container/creation.h"
#include "container/notify.h"
#include "container/store.h"
#include "launch/cgroup_oom.h"
#include "launch/hooks.h"

/* The start of a container's life opens this fifo; until then it exists (runc's exec.fifo). */
static int make_fifo(struct op *op, struct creation *c)
{
    const struct plan *p = c->plan;
    uid_t owner = p->uid_map.n ? PLAN_ITEMS(p, uid_map, struct plan_id_map)->outside : geteuid();
    gid_t group = p->gid_map.n ? PLAN_ITEMS(p, gid_map, struct plan_id_map)->outside : getegid();

    if (!(p->flags & PLAN_WAIT))
        return 0;
    if (mkfifoat(c->dir, "exec.fifo", 0622) < 0)
        return op_fail(op, errno, "making exec.fifo");
    /* mkfifo's mode is cut by the caller's umask. */
    if (fchmodat(c->dir, "exec.fifo", 0622, 0) < 0)
        return op_fail(op, errno, "setting the mode of exec.fifo");
    if (owner != geteuid() && fchownat(c->dir, "exec.fifo", owner, group, AT_SYMLINK_NOFOLLOW) < 0)
        return op_fail(op, errno, "giving exec.fifo to the container's root");
    c->fifo = openat(c->dir, "exec.fifo", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return c->fifo < 0 ? op_fail(op, errno, "opening exec.fifo") : 0;
}

/* A container that waits for start gets its socket then. */
static int make_notify(struct op *op, struct creation *c)
{
    int r = notify_make_directory(op, c->dir);

    return r < 0 || (c->plan->flags & PLAN_WAIT) ? r : notify_bind(op, c->dir, &c->notify);
}

static int reserve(struct op *op, struct creation *c)
{
    trace_scope(op->trace, "state directory");
    int r;

    if ((r = creation_reserve(op, c)) < 0)
        return r;
    if (c->options->notify_socket && (r = make_notify(op, c)) < 0)
        return r;
    stop_at("notify socket made");
    return make_fifo(op, c);
}

/* A process can be born in a cgroup of v2, with CLONE_INTO_CGROUP. It has to be moved into those of v1, and systemd makes a
 * scope around one that exists: then they are made while the init is at work on the root file system already. */
static bool born_in_cgroup(const struct plan *p)
{
    const struct plan_cgroup_dir *dirs = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);

    if (p->unit)
        return false;
    for (uint32_t i = 0; i < p->cgroup_dirs.n; i++)
        if (!(dirs[i].flags & PLAN_CGROUP_V2))
            return false;
    return true;
}

static int admit(struct op *op, struct creation *c)
{
    trace_scope(op->trace, "admit the init");
    int r;

    if ((r = creation_admit(op, c, c->launch.pid, c->launch.in_cgroup)) < 0 || (r = launch_admit(op, &c->launch)) < 0)
        return r;
    stop_at("admitted");
    return 0;
}

static int spawn(struct op *op, struct creation *c)
{
    return launch_spawn(op, &c->launch, &(struct launch_birth) {
        .fifo = c->fifo, .cgroup = c->cgroups.v2, .target = -1, .root = -1, .preserve_fds = c->contact.preserve_fds,
    });
}

static int start_unit(struct op *op, struct creation *c)
{
    int r = creation_start_unit(op, c, c->launch.pid);

    return r < 0 ? launch_explain(op, &c->launch, r) : 0;
}

static int launch(struct op *op, struct creation *c)
{
    bool born_there = born_in_cgroup(c->plan);
    int r;

    if (c->plan->unit && (r = systemd_prepare(op, c->plan, &c->systemd)) < 0)
        return r;
    if (born_there && (r = creation_make_cgroups(op, c, c->launch.pid)) < 0)
        return r;
    if ((r = spawn(op, c)) < 0)
        return r;
    stop_at("init spawned");
    if (c->plan->unit && (r = start_unit(op, c)) < 0)
        return r;
    if (!born_there && (r = creation_make_cgroups(op, c, c->launch.pid)) < 0)
        return r;
    /* Not before the cgroups have turned out to be free: who is in them will count as the container's, for delete.
     * Until it is told to go the init ends by itself if we die. */
    if ((r = state_save_init(op, c->dir, c->launch.pid)) < 0)
        return r;
    stop_at("init saved");
    if ((r = state_save_plan(op, c->dir, c->plan)) < 0)
        return r;
    stop_at("plan saved");
    if ((r = admit(op, c)) < 0)
        return launch_explain(op, &c->launch, r);
    if ((r = launch_go(op, &c->launch)) < 0)
        return r;
    stop_at("told to go");
    return launch_await(op, &c->launch);
}

/* The program runs by now: what the manager cannot be told is no reason to end it. */
static void await_readiness(struct op *op, struct creation *c)
{
    struct op quiet = *op;

    if (c->notify < 0 || (c->options->flags & PROA_CREATE_NOTIFY_FD))
        return;
    if (notify_wait(&quiet, c->notify, c->options->notify_socket, c->launch.pidfd, c->launch.pid) < 0)
        op_warn(op, "%s", quiet.message);
}

static int create(struct op *op, struct creation *c)
{
    int r;

    if ((r = creation_plan(op, c)) < 0 || (r = reserve(op, c)) < 0)
        return r;
    if ((r = launch(op, c)) < 0)
        return cgroup_explain_oom(op, &c->cgroups, r);
    if (!(c->plan->flags & PLAN_WAIT) && (r = hooks_run(op, c->plan, PLAN_POSTSTART, "running", c->launch.pid)) < 0)
        return r;
    return contact_announce(op, &c->contact, &c->launch, "standard");
}

int container_create(struct op *op, const struct proa *p, const char *id, const struct proa_create_options *options,
                     struct proa_process *ret)
{
    struct creation c = { .proa = p, .id = id, .options = options, CREATION_NONE };
    int r = create(op, &c);

    if (r < 0) {
        creation_take_back(op, &c);
    } else {
        store_unlock(c.dir);
        await_readiness(op, &c);
        contact_hand_over(&c.contact, &c.launch, options->flags & PROA_CREATE_NOTIFY_FD ? &c.notify : NULL, ret);
    }
    creation_release(&c);
    return r;
}
