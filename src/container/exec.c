#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/stop_at.h"
#include "base/trace.h"
#include "container/contact.h"
#include "container/container.h"
#include "container/process.h"
#include "host/host.h"
#include "launch/cgroup.h"
#include "launch/rdt.h"
#include "launch/systemd.h"

/* A process on its way into a container. */
struct execution {
    const struct proa_exec_options *options;
    struct contact contact;
    struct proa_state state;
    int dir, target, root, fifo;
    struct plan *plan;
    struct cgroups cgroups;
    struct launch launch;
};

/* ---- The container -------------------------------------------------------------------------- */

static int fail_stopped(struct op *op)
{
    return op_fail_code(op, OP_STATE, 0, "cannot exec in a stopped container");
}

static int check_status(struct op *op, const struct execution *e)
{
    switch (e->state.status) {
    case PROA_CREATED:
    case PROA_RUNNING:
        return 0;
    case PROA_STOPPED:
        return fail_stopped(op);
    case PROA_PAUSED:
        if (e->options->flags & PROA_EXEC_IGNORE_PAUSED)
            return 0;
        return op_fail_code(op, OP_STATE, 0, "cannot exec in a paused container (use --ignore-paused to override)");
    default:
        return op_fail_code(op, OP_STATE, 0, "cannot exec in a container in the %s state", proa_status_name(e->state.status));
    }
}

static int find(struct op *op, const struct proa *p, const char *id, struct execution *e)
{
    trace_scope(op->trace, "state");
    int r;

    if ((r = container_load(op, p, id, &e->dir, &e->state)) < 0 || (r = check_status(op, e)) < 0)
        return r;
    e->target = process_open(e->state.pid, e->state.start);
    return e->target < 0 ? fail_stopped(op) : 0;
}

/* Without a mount namespace of its own the container has nothing but a root directory. */
static int open_root(struct op *op, struct execution *e)
{
    char path[64];

    if (e->plan->flags & PLAN_PRIVATE_MOUNTS)
        return 0;
    snprintf(path, sizeof(path), "/proc/%d/root", (int) e->state.pid);
    e->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (e->root < 0)
        return op_fail(op, errno, "the container's root directory (%s)", path);
    /* The number may have become another process's before it was opened. */
    return process_signal(e->target, 0) < 0 ? fail_stopped(op) : 0;
}

/* ---- The plan ------------------------------------------------------------------------------- */

static int parse_process(struct op *op, const struct proa_exec_options *o, struct spec_process **ret)
{
    const char *name = o->process_name ? o->process_name : "process";

    return o->process ? spec_parse_process(op, name, o->process, strlen(o->process), ret) : 0;
}

static int make_plan(struct op *op, const char *id, struct execution *e)
{
    trace_scope(op->trace, "plan");
    const struct proa_exec_options *o = e->options;
    struct plan_exec_request request = {
        .args = o->args, .env = o->env, .caps = o->caps, .cwd = o->cwd, .apparmor = o->apparmor, .selinux = o->selinux_label,
        .user = o->user, .gids = o->additional_gids, .n_gids = o->n_additional_gids, .cgroups = o->cgroups,
        .no_new_privileges = o->no_new_privileges ? o->no_new_privileges > 0 : -1,
        .terminal = o->flags & PROA_EXEC_TERMINAL, .wait = o->wait_fifo, .trace = op->trace,
    };
    struct spec_process *process = NULL;
    struct plan *container;
    struct host host;
    int r;

    if (!o->process && (!o->args || !o->args[0]))
        return op_fail(op, 0, "exec args cannot be empty");
    if ((r = parse_process(op, o, &process)) < 0 || (r = state_load_plan(op, e->dir, id, &container)) < 0)
        return r;
    request.process = process;
    request.container = container;
    if ((r = host_read_caller(op, &host)) < 0 || (r = plan_exec(op, &host, &request, &e->plan)) < 0)
        return r;
    e->launch.plan = e->plan;
    return contact_prepare(op, e->plan, &e->contact);
}

static int open_fifo(struct op *op, struct execution *e)
{
    const char *path = e->options->wait_fifo;
    struct stat st;

    if (!path)
        return 0;
    e->fifo = open(path, O_PATH | O_CLOEXEC);
    if (e->fifo < 0)
        return op_fail(op, errno, "failed to open exec wait fifo %s", path);
    if (fstat(e->fifo, &st) < 0 || !S_ISFIFO(st.st_mode))
        return op_fail(op, 0, "exec wait fifo %s is not a fifo", path);
    return 0;
}

/* ---- The process ---------------------------------------------------------------------------- */

/* The container's first process may have moved to another cgroup, and its old one be gone or have become one that takes
 * no processes (EBUSY): then this one goes where that one is. */
static bool has_moved(const struct execution *e, int r)
{
    if (e->options->cgroups && e->options->cgroups[0])
        return false;
    return r == -ENOENT || r == -ENODEV || r == -EBUSY || r == -EOPNOTSUPP;
}

static int follow(struct op *op, struct execution *e)
{
    op_forget(op);
    return cgroup_follow(op, &e->cgroups, e->state.pid, e->target);
}

static int join_cgroups(struct op *op, struct execution *e)
{
    int r = cgroup_join(op, e->plan, &e->cgroups);

    return has_moved(e, r) ? follow(op, e) : r;
}

static int spawn(struct op *op, struct execution *e)
{
    return launch_spawn(op, &e->launch, &(struct launch_birth) {
        .fifo = e->fifo, .cgroup = e->cgroups.v2, .target = e->target, .root = e->root,
        .preserve_fds = e->contact.preserve_fds,
    });
}

static int spawn_there(struct op *op, struct execution *e)
{
    int r = spawn(op, e);

    if (e->launch.pid || !has_moved(e, r))
        return r;
    launch_close(&e->launch);
    return (r = follow(op, e)) < 0 ? r : spawn(op, e);
}

/* Who is not in a cgroup below that of his systemd may not move a process into one there; systemd may. */
static int attach_by_systemd(struct op *op, struct execution *e)
{
    const char *path = e->cgroups.items[0].path, *at = strstr(path, e->state.unit);

    op_forget(op);
    return systemd_attach(op, e->state.unit, e->state.user_manager, at ? at + strlen(e->state.unit) : "", e->launch.pid);
}

static int attach(struct op *op, struct execution *e)
{
    bool v2 = !e->launch.in_cgroup;
    int r = cgroup_attach(op, &e->cgroups, e->launch.pid, v2);

    if ((r == -EACCES || r == -EPERM) && e->state.unit && e->cgroups.n == 1)
        return attach_by_systemd(op, e);
    if (!has_moved(e, r))
        return r;
    return (r = follow(op, e)) < 0 ? r : cgroup_attach(op, &e->cgroups, e->launch.pid, v2);
}

static int launch(struct op *op, struct execution *e)
{
    int r;

    stop_at("planned");
    if ((r = join_cgroups(op, e)) < 0 || (r = spawn_there(op, e)) < 0)
        return r;
    stop_at("process spawned");
    {
        trace_scope(op->trace, "admit the process");
        if ((r = attach(op, e)) < 0 || (r = rdt_move(op, e->plan, e->launch.pid)) < 0 || (r = launch_admit(op, &e->launch)) < 0)
            return launch_explain(op, &e->launch, r);
    }
    stop_at("admitted");
    if ((r = launch_go(op, &e->launch)) < 0)
        return r;
    stop_at("told to go");
    return launch_await(op, &e->launch);
}

static int execute(struct op *op, const struct proa *p, const char *id, struct execution *e)
{
    int r;

    if ((r = contact_check_descriptors(op, &e->contact)) < 0 || (r = find(op, p, id, e)) < 0 || (r = make_plan(op, id, e)) < 0)
        return r;
    if ((r = open_root(op, e)) < 0 || (r = open_fifo(op, e)) < 0 || (r = launch(op, e)) < 0)
        return r;
    return contact_announce(op, &e->contact, &e->launch, "setns");
}

/* Whatever of the container was not there when it ended, that it has ended is the reason. */
static int explain(struct op *op, const struct execution *e, int r)
{
    if (r >= 0 || e->target < 0 || !io_ready(e->target))
        return r;
    op_forget(op);
    return fail_stopped(op);
}

/* --------------------------------------------------------------------------------------------- */

static struct contact contact_of(const struct proa_exec_options *o)
{
    return (struct contact) {
        .console_socket = o->console_socket, .pidfd_socket = o->pidfd_socket, .pid_file = o->pid_file,
        .console_fd = o->flags & PROA_EXEC_CONSOLE_FD, .console_rows = o->console_rows,
        .console_columns = o->console_columns, .preserve_fds = o->preserve_fds,
    };
}

static void release(struct execution *e)
{
    launch_close(&e->launch);
    cgroup_close(&e->cgroups);
    fd_close(&e->fifo);
    fd_close(&e->root);
    fd_close(&e->target);
    fd_close(&e->dir);
}

int container_exec(struct op *op, const struct proa *p, const char *id, const struct proa_exec_options *options,
                   struct proa_process *ret)
{
    struct execution e = {
        .options = options, .contact = contact_of(options), .dir = -1, .target = -1, .root = -1, .fifo = -1,
        .cgroups = CGROUPS_NONE, .launch = LAUNCH_NONE,
    };
    int r = explain(op, &e, execute(op, p, id, &e));

    if (r < 0)
        launch_abort(&e.launch);
    else
        contact_hand_over(&e.contact, &e.launch, NULL, ret);
    release(&e);
    return r;
}
