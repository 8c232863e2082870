#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "base/trace.h"
#include "container/container.h"
#include "container/stop_at.h"
#include "container/store.h"
#include "launch/cgroup.h"
#include "launch/cgroup_devices.h"
#include "launch/console.h"
#include "launch/launch.h"

/* What a creation has made so far, so that a failure can take it back. */
struct creation {
    const struct proa *proa;
    const char *id;
    const struct proa_create_options *options;
    struct plan *plan;
    int root, dir, fifo;
    bool reserved;
    struct cgroups cgroups;
    struct launch launch;
};

static int check_descriptors(struct op *op, unsigned preserve_fds)
{
    for (unsigned i = 0; i < preserve_fds; i++)
        if (fcntl((int) i + 3, F_GETFD) < 0)
            return op_fail(op, errno, "unable to stat preserved-fd %u (of %u)", i, preserve_fds);
    return 0;
}

static int check_console(struct op *op, const struct plan *p, const struct proa_create_options *o)
{
    bool taken = o->flags & PROA_CREATE_CONSOLE_FD;

    if ((p->flags & PLAN_TERMINAL) && !o->console_socket && !taken)
        return op_fail(op, 0, "cannot allocate tty if runc will detach without setting console socket");
    if (o->console_socket && (!(p->flags & PLAN_TERMINAL) || taken))
        return op_fail(op, 0, "cannot use console socket if runc will not detach or allocate tty");
    return 0;
}

static void fit_console(struct plan *p, const struct proa_create_options *o)
{
    if (!(o->flags & PROA_CREATE_CONSOLE_FD))
        return;
    p->flags |= PLAN_CONSOLE_PLAIN;
    if ((p->flags & PLAN_CONSOLE_SIZE) || !o->console_rows || !o->console_columns)
        return;
    p->console_rows = o->console_rows;
    p->console_columns = o->console_columns;
    p->flags |= PLAN_CONSOLE_SIZE;
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
    if ((r = check_console(op, c->plan, o)) < 0)
        return r;
    fit_console(c->plan, o);
    c->launch.plan = c->plan;
    return check_descriptors(op, o->preserve_fds);
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
    return make_fifo(op, c);
}

/* A process can be born in a cgroup of v2, with CLONE_INTO_CGROUP. It has to be moved into those of v1: then they are made
 * while the init is at work on the root file system already. */
static bool born_in_cgroup(const struct plan *p)
{
    const struct plan_cgroup_dir *dirs = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);

    for (uint32_t i = 0; i < p->cgroup_dirs.n; i++)
        if (!(dirs[i].flags & PLAN_CGROUP_V2))
            return false;
    return true;
}

static int make_cgroups(struct op *op, struct creation *c)
{
    trace_scope(op->trace, "make cgroups");
    int r;

    if ((r = cgroup_create(op, c->plan, &c->cgroups)) < 0)
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
        .fifo = c->fifo, .cgroup = c->cgroups.v2, .target = -1, .root = -1, .preserve_fds = c->options->preserve_fds,
    });
}

static int launch(struct op *op, struct creation *c)
{
    bool born_there = born_in_cgroup(c->plan);
    int r;

    if (born_there && (r = make_cgroups(op, c)) < 0)
        return r;
    if ((r = spawn(op, c)) < 0)
        return r;
    stop_at("init spawned");
    if (!born_there && (r = make_cgroups(op, c)) < 0)
        return r;
    /* Not before the cgroups have turned out to be free: who is in them will count as the container's, for delete.
     * Until it is told to go the init ends by itself if we die. */
    if ((r = state_save_init(op, c->dir, c->launch.pid)) < 0)
        return r;
    stop_at("init saved");
    if ((r = state_save_plan(op, c->dir, c->plan)) < 0)
        return r;
    if ((r = admit(op, c)) < 0)
        return launch_explain(op, &c->launch, r);
    if ((r = launch_go(op, &c->launch)) < 0)
        return r;
    stop_at("told to go");
    return launch_await(op, &c->launch);
}

static int write_pid_file(struct op *op, const char *path, pid_t pid)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char *parent = slash ? arena_strndup(op->arena, path, slash == path ? 1 : slash - path) : arena_strdup(op->arena, ".");
    auto_close int dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *text = arena_printf(op->arena, "%d", (int) pid);
    mode_t mode = 0666;
    int r;

    if (dir < 0)
        return op_fail(op, errno, "pid file %s", path);
    if ((r = io_write_atomic(dir, name, text, strlen(text), mode)) < 0)
        return op_fail(op, -r, "pid file %s", path);
    return 0;
}

static int announce(struct op *op, struct creation *c)
{
    const struct proa_create_options *o = c->options;
    int r;

    stop_at("ready");
    if (o->console_socket && c->launch.console >= 0 &&
        (r = console_send(op, o->console_socket, c->launch.console, c->launch.console_name)) < 0)
        return r;
    if (o->pid_file && (r = write_pid_file(op, o->pid_file, c->launch.pid)) < 0)
        return r;
    stop_at("announced");
    return 0;
}

/* The first error is the one to report: what fails while cleaning up is only logged. */
static void take_back(struct op *op, struct creation *c)
{
    struct op quiet = *op;

    op_forget(&quiet);
    launch_abort(&c->launch);
    if (cgroup_undo(&quiet, &c->cgroups) < 0)
        op_warn(op, "cleaning up: %s", quiet.message);
    op_forget(&quiet);
    if (c->reserved && store_remove(&quiet, c->root, c->dir, c->id) < 0)
        op_warn(op, "cleaning up: %s", quiet.message);
}

static void hand_over(struct creation *c, struct proa_process *ret)
{
    if (!ret)
        return;
    *ret = (struct proa_process) {
        .size = ret->size,
        .pid = c->launch.pid,
        .pidfd = take_fd(&c->launch.pidfd),
        .console_fd = c->options->flags & PROA_CREATE_CONSOLE_FD ? take_fd(&c->launch.console) : -1,
        .terminal = !!(c->plan->flags & PLAN_TERMINAL),
    };
}

static int create(struct op *op, struct creation *c)
{
    int r;

    if ((r = store_check_id(op, c->id)) < 0 || (r = make_plan(op, c)) < 0)
        return r;
    if ((r = reserve(op, c)) < 0 || (r = launch(op, c)) < 0)
        return r;
    return announce(op, c);
}

static void release(struct creation *c)
{
    store_unlock(c->dir);
    launch_close(&c->launch);
    cgroup_close(&c->cgroups);
    fd_close(&c->fifo);
    fd_close(&c->dir);
    fd_close(&c->root);
}

int container_create(struct op *op, const struct proa *p, const char *id, const struct proa_create_options *options,
                     struct proa_process *ret)
{
    struct creation c = {
        .proa = p, .id = id, .options = options, .root = -1, .dir = -1, .fifo = -1,
        .cgroups = CGROUPS_NONE, .launch = LAUNCH_NONE,
    };
    int r = create(op, &c);

    if (r < 0)
        take_back(op, &c);
    else
        hand_over(&c, ret);
    release(&c);
    return r;
}
