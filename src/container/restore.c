/* A container made of the files of a checkpoint: its processes by criu, all around them as for a creation. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include "base/fd.h"
#include "base/stop_at.h"
#include "base/str.h"
#include "base/trace.h"
#include "container/creation.h"
#include "container/images.h"
#include "launch/clone.h"
#include "launch/criu_plan.h"
#include "launch/hooks.h"

enum { FIRST_WITH_LSM = 31600 };

struct restore {
    const struct proa_restore_options *options;
    struct images_request request;
    struct creation c;
    struct images images;
    struct criu_joined joined;
    struct criu criu;
    char *mountpoint;           /* ROOT/ID/criu-root: where it is mounted, for criu alone */
    bool entered;               /* what is in the cgroups is ours */
};

/* ---- The request ----------------------------------------------------------------------------- */

static int make_request(struct op *op, const struct restore *r, struct criu_request *ret)
{
    const struct proa_restore_options *o = r->options;
    int err;

    ret->type = CRIU_RESTORE;
    str_init(&ret->options, op->arena);
    if ((err = images_add_options(op, &r->images, &r->request, r->c.plan, &ret->options)) < 0)
        return err;
    /* The first process becomes our child, as after a creation. */
    protobuf_add_number(&ret->options, CRIU_RST_SIBLING, true);
    if (r->mountpoint)
        protobuf_add_text(&ret->options, CRIU_ROOT, r->mountpoint);
    if (o->lsm_profile)
        protobuf_add_text(&ret->options, CRIU_LSM_PROFILE, o->lsm_profile);
    if (o->lsm_mount_context)
        protobuf_add_text(&ret->options, CRIU_LSM_MOUNT_CONTEXT, o->lsm_mount_context);
    images_add_pipes(op, &r->images, &ret->options);
    criu_describe_restore(r->c.plan, &r->joined, &ret->options);
    return 0;
}

/* ---- What criu tells ------------------------------------------------------------------------- */

/* The first process is there, in its namespaces, and nothing is in them yet. */
static int set_up(struct op *op, struct restore *r, pid_t pid)
{
    struct launch *l = &r->c.launch;
    int err;

    if (waitid(P_PID, (id_t) pid, &(siginfo_t) { 0 }, WEXITED | WNOHANG | WNOWAIT) < 0)
        return op_fail(op, errno, "criu names process %d, which is not of its making", pid);
    l->pid = pid;
    l->pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
    if (l->pidfd < 0)
        return op_fail(op, errno, "pidfd_open of the restored process");
    if ((err = state_replace_init(op, r->c.dir, pid, true)) < 0)
        return err;
    stop_at("first process saved");
    if ((err = net_configure_restored(op, &l->net, l->plan, pid)) < 0 ||
        (err = hooks_run(op, l->plan, PLAN_PRESTART, "creating", pid)) < 0)
        return err;
    return hooks_run(op, l->plan, PLAN_CREATE_RUNTIME, "creating", pid);
}

/* The other end of the container's terminal. */
static int take_console(struct op *op, struct restore *r, int *fd)
{
    const struct contact *contact = &r->c.contact;
    struct winsize size = { .ws_row = (unsigned short) contact->console_rows, .ws_col = (unsigned short) contact->console_columns };
    struct launch *l = &r->c.launch;
    struct termios t;
    int number;

    if (*fd < 0 || ioctl(*fd, TIOCGPTN, &number) < 0)
        return op_fail(op, *fd < 0 ? EPROTO : errno, "the terminal that criu has made");
    fd_close(&l->console);
    l->console = take_fd(fd);
    snprintf(l->console_name, sizeof(l->console_name), "/dev/pts/%d", number);
    if (!contact->console_fd)
        return 0;
    if (tcgetattr(l->console, &t) == 0) {
        t.c_oflag &= ~(tcflag_t) ONLCR;
        tcsetattr(l->console, TCSANOW, &t);
    }
    if (size.ws_row && size.ws_col)
        ioctl(l->console, TIOCSWINSZ, &size);
    return 0;
}

/* After "setup-namespaces" the mounts are made; at "post-restore" all is there, and nothing runs yet. */
static int hear(struct op *op, void *data, const struct criu_notice *n)
{
    struct restore *r = data;

    stop_at(n->stage);
    if (str_eq(n->stage, "setup-namespaces"))
        return set_up(op, r, n->pid);
    if (str_eq(n->stage, "post-restore") && (r->c.plan->new_ns & CLONE_NEWNS))
        return criu_restrict_mounts(op, r->c.plan, r->c.launch.pid);
    if (str_eq(n->stage, "orphan-pts-master"))
        return take_console(op, r, n->fd);
    return 0;
}

/* ---- Before and after ------------------------------------------------------------------------ */

/* criu wants a mount point as root: *ret_mounts is a mount namespace in which there is one. */
static int mount_rootfs(struct op *op, struct restore *r, int rootfs, int *ret_mounts)
{
    unsigned flags = AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
    struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
    const struct plan *p = r->c.plan;
    auto_close int tree = (int) syscall(SYS_open_tree, rootfs, "", flags), work = -1;
    int err;

    if (tree < 0)
        return op_fail(op, errno, "root file system %s: open_tree", plan_word(p, p->rootfs));
    /* criu takes the root as it is, and what is bound of it. */
    if ((p->flags & PLAN_ROOT_READONLY) && mount_setattr(tree, "", AT_EMPTY_PATH, &readonly, sizeof(readonly)) < 0)
        return op_fail(op, errno, "root file system %s: mount_setattr", plan_word(p, p->rootfs));
    if (mkdirat(r->c.dir, "criu-root", 0755) < 0)
        return op_fail(op, errno, "making criu-root");
    r->mountpoint = arena_printf(op->arena, "%s/%s/criu-root", r->c.proa->root, r->c.id);
    err = criu_make_root(op, &(struct criu_root) { tree, r->mountpoint, r->images.work_path }, ret_mounts, &work);
    if (err < 0)
        return err;
    fd_close(&r->images.work);
    r->images.work = r->images.log.dir = take_fd(&work);
    return 0;
}

static int prepare_root(struct op *op, struct restore *r, int *ret_mounts)
{
    const struct plan *p = r->c.plan;
    const char *path = plan_word(p, p->rootfs);
    auto_close int rootfs = -1;
    int err;

    if (!(p->new_ns & CLONE_NEWNS))
        return 0;
    rootfs = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (rootfs < 0)
        return op_fail(op, errno, "root file system %s", path);
    return (err = criu_make_targets(op, p, rootfs)) < 0 ? err : mount_rootfs(op, r, rootfs, ret_mounts);
}

static int start_criu(struct op *op, struct restore *r)
{
    auto_close int mounts = -1;
    int err;

    if ((err = criu_open_joined(op, r->c.plan, &r->joined)) < 0 || (err = prepare_root(op, r, &mounts)) < 0)
        return err;
    err = criu_start(op, &(struct criu_start) { .fds = r->joined.fds, .n_fds = r->joined.n, .mounts = mounts }, &r->criu);
    if (err < 0)
        return err;
    r->criu.log = &r->images.log;
    if ((r->options->lsm_profile || r->options->lsm_mount_context) && r->criu.version < FIRST_WITH_LSM)
        return op_fail(op, 0, "--lsm-profile and --lsm-mount-context need criu 3.16 or later; this is %u.%u",
                       r->criu.version / 10000, r->criu.version / 100 % 100);
    return 0;
}

/* criu goes where the container will be: all that it starts is born there. From then on delete finds it by the cgroups. */
static int admit_criu(struct op *op, struct restore *r)
{
    struct creation *c = &r->c;
    pid_t pid = r->criu.pid;
    int err;

    if (c->plan->unit && ((err = systemd_prepare(op, c->plan, &c->systemd)) < 0 || (err = creation_start_unit(op, c, pid)) < 0))
        return err;
    if ((err = creation_make_cgroups(op, c, pid)) < 0)
        return err;
    r->entered = true;
    if ((err = state_replace_init(op, c->dir, pid, true)) < 0 || (err = state_save_plan(op, c->dir, c->plan)) < 0)
        return err;
    stop_at("criu saved");
    return creation_admit(op, c, pid, false);
}

/* Whatever its end was like, its first process, our child, may have been left to us. */
static int run_criu(struct op *op, struct restore *r)
{
    const struct criu_listener listener = { hear, r };
    struct criu_request request;
    pid_t pid = 0;
    int err;

    if ((err = make_request(op, r, &request)) < 0)
        return err;
    err = criu_do(op, &r->criu, &request, &listener, &pid);
    criu_end(&r->criu);
    if (err < 0 && pid > 0 && r->c.launch.pid == 0)
        waitid(P_PID, (id_t) pid, &(siginfo_t) { 0 }, WEXITED | WNOHANG);
    return err;
}

/* From here on it is a container like any other. Its program has been started long ago: no poststart hooks. */
static int settle(struct op *op, struct restore *r)
{
    struct creation *c = &r->c;
    int err;

    stop_at("restored");
    if (c->launch.pid == 0)
        return op_fail(op, EPROTO, "criu has not said which process it has made");
    if (r->mountpoint && unlinkat(c->dir, "criu-root", AT_REMOVEDIR) < 0)
        return op_fail(op, errno, "removing criu-root");
    if ((err = state_replace_init(op, c->dir, c->launch.pid, false)) < 0)
        return err;
    return contact_announce(op, &c->contact, &c->launch, "standard");
}

/* The processes have long been told and given what they have. */
static int check_options(struct op *op, const struct proa_create_options *o)
{
    if (!o->notify_socket && !o->listen_fds && !o->preserve_fds)
        return 0;
    return op_fail_code(op, OP_UNSUPPORTED, 0, "restore: notify_socket, listen_fds and preserve_fds are for new processes");
}

static int restore(struct op *op, struct restore *r)
{
    trace_scope(op->trace, "restore");
    int err;

    if ((err = images_check_privilege(op, "restore")) < 0 || (err = check_options(op, r->c.options)) < 0 ||
        (err = creation_plan(op, &r->c)) < 0 ||
        (err = images_open(op, &r->request, false, "restore.log", &r->images)) < 0 ||
        (err = images_give(op, &r->images, r->c.plan)) < 0)
        return err;
    if ((err = creation_reserve(op, &r->c)) < 0 || (err = start_criu(op, r)) < 0 || (err = admit_criu(op, r)) < 0)
        return err;
    return (err = run_criu(op, r)) < 0 ? err : settle(op, r);
}

/* What criu may have left in the cgroups. With all of them at their end, those that are our children can be reaped; the
 * container's first process is in other hands. */
static void end_processes(struct op *op, const struct restore *r)
{
    struct op quiet = *op;
    struct cgroup_path *paths;
    size_t n = cgroup_paths_of_plan(op, r->c.plan, &paths);
    pid_t *pids;
    ssize_t found;

    op_forget(&quiet);
    if ((found = cgroup_pids(&quiet, paths, n, &pids)) < 0 || cgroup_kill(&quiet, paths, n) < 0) {
        op_warn(op, "cleaning up: %s", quiet.message);
        return;
    }
    for (ssize_t i = 0; i < found; i++)
        if (pids[i] != r->c.launch.pid)
            clone_reap(pids[i]);
}

int container_restore(struct op *op, const struct proa *p, const char *id, const struct proa_restore_options *options,
                      struct proa_process *ret)
{
    struct proa_create_options create = { .size = sizeof(create) };
    struct restore r = {
        .options = options,
        .request = {
            options->image_path, options->work_path, options->flags & ~PROA_CRIU_LEAVE_RUNNING, options->cgroups,
        },
        .c = { .proa = p, .id = id, .options = &create, CREATION_NONE }, .images = IMAGES_NONE, .criu = CRIU_NONE,
    };
    int err;

    if (options->create)
        memcpy(&create, options->create, options->create->size < sizeof(create) ? options->create->size : sizeof(create));
    create.flags |= PROA_CREATE_START;
    err = restore(op, &r);
    criu_end(&r.criu);
    if (err < 0) {
        if (r.entered)
            end_processes(op, &r);
        creation_take_back(op, &r.c);
    } else {
        contact_hand_over(&r.c.contact, &r.c.launch, NULL, ret);
    }
    creation_release(&r.c);
    criu_close_joined(&r.joined);
    images_close(&r.images);
    return err;
}
