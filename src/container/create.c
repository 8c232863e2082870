#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/stop_at.h"
#include "base/trace.h"
#include "container/contact.h"
#include "container/container.h"
#include "container/notify.h"
#include "container/store.h"
#include "launch/cgroup.h"
#include "launch/cgroup_devices.h"
#include "launch/cgroup_oom.h"
#include "launch/hooks.h"
#include "launch/launch.h"
#include "launch/rdt.h"
#include "launch/systemd.h"

/* What a creation has made so far, so that a failure can take it back. */
struct creation {
    const struct proa *proa;
    const char *id;
    const struct proa_create_options *options;
    struct contact contact;
    struct plan *plan;
    int root, dir, fifo, notify;
    bool reserved;
    struct cgroups cgroups;
    struct systemd systemd;
    bool unit;                          /* systemd has made it */
    struct launch launch;
};

/* More than there are numbers is more than can be open. */
static unsigned count_descriptors(const struct proa_create_options *o)
{
    unsigned n;

    return __builtin_add_overflow(o->listen_fds, o->preserve_fds, &n) ? UINT_MAX : n;
}

static struct contact contact_of(const struct proa_create_options *o)
{
    return (struct contact) {
        .console_socket = o->console_socket, .pidfd_socket = o->pidfd_socket, .pid_file = o->pid_file,
        .console_fd = o->flags & PROA_CREATE_CONSOLE_FD, .console_rows = o->console_rows,
        .console_columns = o->console_columns, .preserve_fds = count_descriptors(o),
    };
}

static int make_plan(struct op *op, struct creation *c)
{
    const struct proa_create_options *o = c->options;
    struct plan_request request = {
        .id = c->id,
        .no_pivot = o->flags & PROA_CREATE_NO_PIVOT,
        .no_new_keyring = o->flags & PROA_CREATE_NO_NEW_KEYRING,
        .wait = !(o->flags & PROA_CREATE_START),
        .trace = op->trace != NULL,
        .notify_dir = o->notify_socket ? notify_directory(op->arena, c->proa->root, c->id) : NULL,
        .listen_fds = o->listen_fds,
        .listen_fdnames = o->listen_fdnames,
    };
    struct spec *spec;
    char *bundle;
    int r;

    request.net = container_net(op, o->net);
    if ((r = bundle_load(op, o->bundle, &bundle, &spec)) < 0)
        return r;
    request.bundle = bundle;
    if ((r = container_plan(op, c->proa, spec, &request, false, &c->plan)) < 0)
        return r;
    c->launch.plan = c->plan;
    return contact_prepare(op, c->plan, &c->contact);
}

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

/* Saved before the first cgroup or process exists: whatever happens to us later, delete finds all of it. */
static int reserve(struct op *op, struct creation *c)
{
    trace_scope(op->trace, "state directory");
    int r;

    if ((r = store_open_root(op, c->proa->root, c->proa->root_mode, &c->root)) < 0)
        return r;
    if ((r = store_reserve(op, c->root, c->id, &c->dir)) < 0)
        return r;
    c->reserved = true;
    stop_at("state directory made");
    if ((r = state_save(op, c->dir, c->plan)) < 0)
        return r;
    stop_at("state saved");
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

static int make_cgroups(struct op *op, struct creation *c)
{
    trace_scope(op->trace, "make cgroups");
    int r;

    if ((r = cgroup_create(op, c->plan, c->launch.pid, &c->cgroups)) < 0)
        return r;
    stop_at("cgroups made");
    if ((r = cgroup_apply(op, &c->cgroups)) < 0)
        return r;
    stop_at("cgroups filled");
    return 0;
}

static int admit(struct op *op, struct creation *c)
{
    trace_scope(op->trace, "admit the init");
    int r;

    if ((r = cgroup_attach(op, &c->cgroups, c->launch.pid, !c->launch.in_cgroup)) < 0)
        return r;
    stop_at("in its cgroups");
    if ((r = rdt_create(op, c->plan, c->dir)) < 0 || (r = rdt_move(op, c->plan, c->launch.pid)) < 0)
        return r;
    /* The kernel takes a while to verify the program: by now the init works beside us, and no one else's code runs. */
    if ((r = cgroup_devices_attach(op, &c->cgroups)) < 0)
        return r;
    if ((r = launch_admit(op, &c->launch)) < 0)
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
    int r = systemd_start(op, c->plan, &c->systemd, c->launch.pid, c->dir);

    if (r < 0)
        return launch_explain(op, &c->launch, r);
    c->unit = true;
    stop_at("unit started");
    return 0;
}

static int launch(struct op *op, struct creation *c)
{
    bool born_there = born_in_cgroup(c->plan);
    int r;

    if (c->plan->unit && (r = systemd_prepare(op, c->plan, &c->systemd)) < 0)
        return r;
    if (born_there && (r = make_cgroups(op, c)) < 0)
        return r;
    if ((r = spawn(op, c)) < 0)
        return r;
    stop_at("init spawned");
    if (c->plan->unit && (r = start_unit(op, c)) < 0)
        return r;
    if (!born_there && (r = make_cgroups(op, c)) < 0)
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

/* The first error is the one to report: what fails while cleaning up is only logged. */
static void take_back(struct op *op, struct creation *c)
{
    struct op quiet = *op;
    int undone;

    op_forget(&quiet);
    launch_abort(&c->launch);
    systemd_abandon(&c->systemd);
    if (c->unit && systemd_stop(&quiet, plan_word(c->plan, c->plan->unit), c->plan->flags & PLAN_USER_MANAGER) < 0)
        op_warn(op, "cleaning up: %s", quiet.message);
    op_forget(&quiet);
    /* A cgroup that does not go keeps its state, by which delete will find it. */
    if ((undone = cgroup_undo(&quiet, &c->cgroups)) < 0)
        op_warn(op, "cleaning up: %s", quiet.message);
    op_forget(&quiet);
    if (c->dir >= 0 && c->plan->rdt.root && undone == 0 && (undone = rdt_remove(&quiet, c->dir)) < 0)
        op_warn(op, "cleaning up: %s", quiet.message);
    op_forget(&quiet);
    if (c->reserved && undone == 0 && store_remove(&quiet, c->root, c->dir, c->id) < 0)
        op_warn(op, "cleaning up: %s", quiet.message);
    op_forget(&quiet);
    if (c->reserved && hooks_run(&quiet, c->plan, PLAN_POSTSTOP, "stopped", 0) < 0)
        op_warn(op, "cleaning up: %s", quiet.message);
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

    if ((r = store_check_id(op, c->id)) < 0 || (r = contact_check_descriptors(op, &c->contact)) < 0 || (r = make_plan(op, c)) < 0)
        return r;
    if ((r = reserve(op, c)) < 0)
        return r;
    if ((r = launch(op, c)) < 0)
        return cgroup_explain_oom(op, &c->cgroups, r);
    if (!(c->plan->flags & PLAN_WAIT) && (r = hooks_run(op, c->plan, PLAN_POSTSTART, "running", c->launch.pid)) < 0)
        return r;
    return contact_announce(op, &c->contact, &c->launch, "standard");
}

static void release(struct creation *c)
{
    store_unlock(c->dir);
    launch_close(&c->launch);
    systemd_abandon(&c->systemd);
    cgroup_close(&c->cgroups);
    fd_close(&c->fifo);
    fd_close(&c->notify);
    fd_close(&c->dir);
    fd_close(&c->root);
}

int container_create(struct op *op, const struct proa *p, const char *id, const struct proa_create_options *options,
                     struct proa_process *ret)
{
    struct creation c = {
        .proa = p, .id = id, .options = options, .contact = contact_of(options), .root = -1, .dir = -1, .fifo = -1,
        .notify = -1, .cgroups = CGROUPS_NONE, .systemd = SYSTEMD_NONE, .launch = LAUNCH_NONE,
    };
    int r = create(op, &c);

    if (r < 0) {
        take_back(op, &c);
    } else {
        store_unlock(c.dir);
        await_readiness(op, &c);
        contact_hand_over(&c.contact, &c.launch, options->flags & PROA_CREATE_NOTIFY_FD ? &c.notify : NULL, ret);
    }
    release(&c);
    return r;
}
