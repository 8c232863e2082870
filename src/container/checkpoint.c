/* A running container written into files by criu. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "base/stop_at.h"
#include "container/container.h"
#include "container/images.h"
#include "container/live.h"
#include "launch/criu_plan.h"
#include "launch/program.h"

struct checkpoint {
    const struct proa_checkpoint_options *options;
    struct images_request request;
    struct live live;
    struct plan *plan;
    struct images images;
    struct criu criu;
};

static int check_state(struct op *op, const struct proa_state *s)
{
    if (s->status == PROA_RUNNING || s->status == PROA_PAUSED)
        return 0;
    return op_fail_code(op, OP_STATE, 0, "Container cannot be checkpointed in %s state", proa_status_name(s->status));
}

static int check_parent(struct op *op, const struct checkpoint *c)
{
    const char *parent = c->options->parent_path;
    struct stat st;

    if (!parent)
        return 0;
    if (parent[0] == '/')
        return op_fail(op, 0, "--parent-path must be relative");
    if (fstatat(c->images.dir, parent, &st, 0) < 0)
        return op_fail(op, errno, "invalid --parent-path: %s/%s", c->images.path, parent);
    return S_ISDIR(st.st_mode) ? 0 : op_fail(op, ENOTDIR, "invalid --parent-path: %s/%s", c->images.path, parent);
}

static int check_status_fd(struct op *op, int fd)
{
    int flags = fd > 0 ? fcntl(fd, F_GETFL) : O_RDWR;

    if (flags < 0)
        return op_fail(op, errno, "invalid --status-fd argument %d", fd);
    return (flags & O_ACCMODE) == O_RDONLY ? op_fail(op, 0, "invalid --status-fd argument %d: not writable", fd) : 0;
}

/* "ADDRESS:PORT"; an address of IPv6 has colons of its own. */
static int add_page_server(struct op *op, const char *text, struct str *options)
{
    const char *colon = strrchr(text, ':');
    struct str server;
    uint64_t port;

    if (!colon || colon == text || !colon[1])
        return op_fail(op, 0, "Use --page-server ADDRESS:PORT to specify page server");
    if (str_number(colon + 1, &port) < 0 || port == 0 || port > UINT16_MAX)
        return op_fail(op, 0, "--page-server %s: Invalid port number", text);
    str_init(&server, op->arena);
    protobuf_add_text(&server, 1, arena_strndup(op->arena, text, (size_t) (colon - text)));
    protobuf_add_number(&server, 2, (int64_t) port);
    protobuf_add_message(options, CRIU_PAGE_SERVER, &server);
    return 0;
}

/* The cgroup by which criu stops all processes at once: one that is frozen already stays so. */
static void add_freezer(const struct proa_state *s, struct str *options)
{
    const struct cgroup_path *path;
    int dir = cgroup_open_flagged(s->cgroups, s->n_cgroups, CGROUP_FREEZER, &path);

    if (dir == -ENOENT)
        dir = cgroup_open_flagged(s->cgroups, s->n_cgroups, PLAN_CGROUP_V2, &path);
    if (dir >= 0)
        protobuf_add_text(options, CRIU_FREEZE_CGROUP, path->dir);
    fd_close(&dir);
}

static bool joins_network(const struct plan *p)
{
    const struct plan_join *joins = PLAN_ITEMS(p, joins, struct plan_join);

    for (uint32_t i = 0; i < p->joins.n; i++)
        if (joins[i].type == CLONE_NEWNET)
            return true;
    return false;
}

/* criu stops what is on the network meanwhile, by iptables. Where those are no more nftables can do it, but only once in a
 * network namespace that stays: there the restore, which does as the images say, fails on what is left of the first time.
 * So nothing is stopped there, which harms nobody but peers: each packet of theirs would reset its connection. */
static int add_network_lock(struct op *op, const struct checkpoint *c, struct str *options)
{
    bool stays = joins_network(c->plan);

    if (program_find(op->arena, "iptables-restore"))
        return 0;
    if (stays && (c->options->flags & PROA_CRIU_TCP_ESTABLISHED))
        return op_fail(op, 0, "--tcp-established: criu needs iptables for connections in a network namespace that stays");
    protobuf_add_number(options, CRIU_NETWORK_LOCK, stays ? CRIU_LOCK_SKIP : CRIU_LOCK_NFTABLES);
    return 0;
}

static int make_request(struct op *op, const struct checkpoint *c, struct criu_request *ret)
{
    const struct proa_checkpoint_options *o = c->options;
    int r;

    ret->type = o->flags & PROA_CRIU_PRE_DUMP ? CRIU_PRE_DUMP : CRIU_DUMP;
    str_init(&ret->options, op->arena);
    if ((r = images_add_options(op, &c->images, &c->request, c->plan, &ret->options)) < 0)
        return r;
    protobuf_add_number(&ret->options, CRIU_PID, c->live.state.pid);
    if (o->parent_path)
        protobuf_add_text(&ret->options, CRIU_PARENT_IMG, o->parent_path);
    if (o->parent_path || ret->type == CRIU_PRE_DUMP)
        protobuf_add_number(&ret->options, CRIU_TRACK_MEM, true);
    add_freezer(&c->live.state, &ret->options);
    if ((r = add_network_lock(op, c, &ret->options)) < 0)
        return r;
    if (o->page_server && (r = add_page_server(op, o->page_server, &ret->options)) < 0)
        return r;
    return criu_describe(op, c->plan, c->live.state.pid, &ret->options);
}

/* A pipe that nobody reads any more is an error here, not the end of the caller by SIGPIPE. */
static int tell_ready(int fd)
{
    sigset_t broken, before, pending;
    int r;

    sigemptyset(&broken);
    sigaddset(&broken, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken, &before);
    sigpending(&pending);
    r = io_write_all(fd, "", 1);
    if (r == -EPIPE && !sigismember(&pending, SIGPIPE))
        sigtimedwait(&broken, NULL, &(struct timespec) { 0 });
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

static int hear(struct op *op, void *data, const struct criu_notice *n)
{
    const struct checkpoint *c = data;
    int fd = c->options->status_fd, r;

    stop_at(n->stage);
    if (fd > 0 && str_eq(n->stage, "status-ready") && (r = tell_ready(fd)) < 0)
        return op_fail(op, -r, "writing to --status-fd %d", fd);
    return 0;
}

static int check_feature(struct op *op, struct checkpoint *c, unsigned flag, enum criu_feature feature, const char *what)
{
    int r;

    if (!(c->options->flags & flag) || (r = criu_can(op, &c->criu, feature)) > 0)
        return 0;
    return r < 0 ? r : op_fail(op, 0, "%s: this criu or this kernel does not support it", what);
}

static int dump(struct op *op, struct checkpoint *c)
{
    static const struct criu_start start = { .mounts = -1 };
    const struct criu_listener listener = { hear, c };
    struct criu_request request;
    int r;

    if ((r = make_request(op, c, &request)) < 0 || (r = criu_start(op, &start, &c->criu)) < 0)
        return r;
    c->criu.log = &c->images.log;
    if ((r = check_feature(op, c, PROA_CRIU_PRE_DUMP, CRIU_MEM_TRACK, "--pre-dump (memory tracking)")) < 0 ||
        (r = check_feature(op, c, PROA_CRIU_LAZY_PAGES, CRIU_LAZY, "--lazy-pages")) < 0)
        return r;
    if (request.type == CRIU_DUMP && (r = images_save_streams(op, &c->images, &c->live.state)) < 0)
        return r;
    return criu_do(op, &c->criu, &request, &listener, NULL);
}

/* When criu did not come to it itself. */
static void let_go(struct op *op, const struct proa_state *s)
{
    struct op quiet = *op;

    op_forget(&quiet);
    if (s->status == PROA_RUNNING && cgroup_frozen(&quiet, s->cgroups, s->n_cgroups) > 0 &&
        cgroup_thaw(&quiet, s->cgroups, s->n_cgroups) < 0)
        op_warn(op, "after the failed checkpoint: %s", quiet.message);
}

static int checkpoint(struct op *op, struct checkpoint *c)
{
    const struct proa_state *s = &c->live.state;
    int r;

    if ((r = check_state(op, s)) < 0 || (r = check_status_fd(op, c->options->status_fd)) < 0 ||
        (r = state_load_plan(op, c->live.dir, s->id, &c->plan)) < 0)
        return r;
    if ((r = images_open(op, &c->request, true, "dump.log", &c->images)) < 0 || (r = check_parent(op, c)) < 0)
        return r;
    r = dump(op, c);
    criu_end(&c->criu);
    if (r < 0)
        let_go(op, s);
    return r;
}

/* The images are good, whatever remains of the container. */
static void end_container(struct op *op, const struct proa *p, const struct live *live)
{
    struct op quiet = *op;

    if (container_delete_at(&quiet, p, live->dir, live->state.id, PROA_DELETE_FORCE) < 0)
        op_warn(op, "after the checkpoint: %s", quiet.message);
}

int container_checkpoint(struct op *op, const struct proa *p, const char *id, const struct proa_checkpoint_options *options)
{
    struct checkpoint c = {
        .options = options, .request = { options->image_path, options->work_path, options->flags, options->cgroups },
        .images = IMAGES_NONE, .criu = CRIU_NONE,
    };
    int r;

    if ((r = images_check_privilege(op, "checkpoint")) < 0 || (r = live_open(op, p, id, &c.live)) < 0)
        return r;
    r = checkpoint(op, &c);
    images_close(&c.images);
    if (r == 0 && !(options->flags & (PROA_CRIU_LEAVE_RUNNING | PROA_CRIU_PRE_DUMP)))
        end_container(op, p, &c.live);
    live_close(&c.live);
    return r;
}
