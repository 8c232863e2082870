#include "container/creation.h"
#include <limits.h>
#include "base/fd.h"
#include "base/stop_at.h"
#include "base/trace.h"
#include "container/notify.h"
#include "container/store.h"
#include "launch/cgroup_devices.h"
#include "launch/hooks.h"
#include "launch/rdt.h"

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

int creation_plan(struct op *op, struct creation *c)
{
    int r;

    c->contact = contact_of(c->options);
    if ((r = store_check_id(op, c->id)) < 0 || (r = contact_check_descriptors(op, &c->contact)) < 0)
        return r;
    return make_plan(op, c);
}

/* Saved before the first cgroup or process exists: whatever happens to us later, delete finds all of it. */
int creation_reserve(struct op *op, struct creation *c)
{
    int r;

    if ((r = store_open_root(op, c->proa->root, c->proa->root_mode, &c->root)) < 0)
        return r;
    if ((r = store_reserve(op, c->root, c->id, &c->dir)) < 0)
        return r;
    stop_at("state directory made");
    if ((r = state_save(op, c->dir, c->plan)) < 0)
        return r;
    stop_at("state saved");
    return 0;
}

int creation_start_unit(struct op *op, struct creation *c, pid_t pid)
{
    int r = systemd_start(op, c->plan, &c->systemd, pid, c->dir);

    if (r < 0)
        return r;
    c->unit = true;
    stop_at("unit started");
    return 0;
}

int creation_make_cgroups(struct op *op, struct creation *c, pid_t member)
{
    trace_scope(op->trace, "make cgroups");
    int r;

    if ((r = cgroup_create(op, c->plan, member, &c->cgroups)) < 0)
        return r;
    stop_at("cgroups made");
    if ((r = cgroup_apply(op, &c->cgroups)) < 0)
        return r;
    stop_at("cgroups filled");
    return 0;
}

int creation_admit(struct op *op, struct creation *c, pid_t pid, bool in_cgroup)
{
    int r;

    if ((r = cgroup_attach(op, &c->cgroups, pid, !in_cgroup)) < 0)
        return r;
    stop_at("in its cgroups");
    if ((r = rdt_create(op, c->plan, c->dir)) < 0 || (r = rdt_move(op, c->plan, pid)) < 0)
        return r;
    /* The kernel takes a while to verify the program: by now the init works beside us, and no one else's code runs. */
    return cgroup_devices_attach(op, &c->cgroups);
}

/* The first error is the one to report: what fails while cleaning up, with result r, is only logged. */
static int warn_of(struct op *op, struct op *quiet, int r)
{
    if (r < 0)
        op_warn(op, "cleaning up: %s", quiet->message);
    op_forget(quiet);
    return r;
}

void creation_take_back(struct op *op, struct creation *c)
{
    const struct plan *p = c->plan;
    struct op quiet = *op;
    int r;

    op_forget(&quiet);
    launch_abort(&c->launch);
    systemd_abandon(&c->systemd);
    if (c->unit)
        warn_of(op, &quiet, systemd_stop(&quiet, plan_word(p, p->unit), p->flags & PLAN_USER_MANAGER));
    r = warn_of(op, &quiet, cgroup_undo(&quiet, &c->cgroups));
    if (c->dir < 0)
        return;
    if (r == 0 && p->rdt.root)
        r = warn_of(op, &quiet, rdt_remove(&quiet, c->dir));
    /* What does not go keeps its state, by which delete will find it. */
    if (r == 0)
        warn_of(op, &quiet, store_remove(&quiet, c->root, c->dir, c->id));
    warn_of(op, &quiet, hooks_run(&quiet, p, PLAN_POSTSTOP, "stopped", 0));
}

void creation_release(struct creation *c)
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
