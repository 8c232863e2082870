/* The public functions: each opens an operation, does one thing and closes it. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "base/trace.h"
#include "container/container.h"
#include "container/error.h"
#include "container/notify.h"
#include "container/store.h"
#include "container/version.h"
#include "plan/syscalls.h"

static void forward_log(void *data, enum op_level level, const char *message)
{
    const struct proa *p = data;

    p->log(p->log_data, (enum proa_level) level, message);
}

/* `p` may be NULL for what needs no runtime. */
static void begin(struct op *op, const struct proa *p)
{
    op_init(op, arena_new());
    if (p && p->log) {
        op->log = forward_log;
        op->log_data = (void *) p;
        op->debug = p->debug;
    }
    if (p && p->trace_path)
        op->trace = trace_new(op->arena);
}

/* Hands text of the operation's arena to the caller. */
static int end_with_text(struct op *op, int r, const char *text, char **ret, struct proa_error **ret_error)
{
    if (r >= 0 && !(*ret = strdup(text)))
        r = op_fail(op, ENOMEM, "copying the result");
    return error_end(op, r, ret_error);
}

static void write_trace(struct op *op, const struct proa *p)
{
    char *text;
    int fd;

    if (!op->trace)
        return;
    text = trace_json(op->trace, op->arena);
    fd = open(p->trace_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || io_write_all(fd, text, strlen(text)) < 0)
        op_warn(op, "trace %s: %s", p->trace_path, strerror(errno));
    fd_close(&fd);
}

/* runc's rule: a user's own runtime directory serves whoever is not the machine's root. In a user namespace
 * root counts as the machine's only when $USER says so. */
static bool wants_runtime_dir(void)
{
    const char *user = getenv("USER");
    char *text;
    struct arena *a;
    bool inside;

    if (geteuid() != 0)
        return true;
    if (user && str_eq(user, "root"))
        return false;
    a = arena_new();
    inside = io_read_at(AT_FDCWD, "/proc/self/uid_map", a, 4096, &text, NULL) == 0 && !strstr(text, "4294967295");
    arena_free(a);
    return inside;
}

static char *default_root(struct op *op, struct proa *p, const char *name)
{
    const char *dir = getenv("XDG_RUNTIME_DIR");

    if (!dir || !*dir || !wants_runtime_dir())
        return arena_printf(op->arena, "/run/%s", name);
    /* Sticky, or what tidies that directory up may take old entries away (XDG Base Directory Specification). */
    p->root_mode |= S_ISVTX;
    return arena_printf(op->arena, "%s/%s", dir, name);
}

static int fill(struct op *op, struct proa *p, const struct proa_options *o)
{
    const char *root = o->root;
    char cwd[4096] = "";

    p->root_mode = 0700;
    if (!root)
        root = default_root(op, p, o->name ? o->name : "proa");
    else if (root[0] != '/' && !getcwd(cwd, sizeof(cwd)))
        return op_fail(op, errno, "--root %s: working directory", root);
    root = path_join(op->arena, cwd, root);
    if (str_eq(o->root, "") || str_eq(root, "/"))
        return op_fail(op, 0, "Option --root argument should not be set to /");
    p->root = strdup(root);
    p->root_given = o->root != NULL;
    p->cgroup_manager = o->cgroup_manager;
    p->rootless = o->rootless == PROA_ROOTLESS_AUTO ? -1 : o->rootless == PROA_ROOTLESS_TRUE;
    p->debug = o->debug;
    p->log = o->log;
    p->log_data = o->log_data;
    p->trace_path = o->trace_path ? strdup(o->trace_path) : NULL;
    return p->root && (p->trace_path || !o->trace_path) ? 0 : op_fail(op, ENOMEM, "opening the runtime");
}

int proa_open(const struct proa_options *options, struct proa **ret, struct proa_error **ret_error)
{
    struct proa_options o = { .size = sizeof(o) };
    struct proa *p = calloc(1, sizeof(*p));
    struct op op;
    int r;

    begin(&op, NULL);
    /* A caller built against an older header has a shorter struct: what it lacks stays zero. */
    if (options)
        memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
    r = p ? fill(&op, p, &o) : op_fail(&op, ENOMEM, "opening the runtime");
    if (r < 0)
        proa_close(p);
    else
        *ret = p;
    return error_end(&op, r, ret_error);
}

void proa_close(struct proa *p)
{
    if (!p)
        return;
    free(p->root);
    free(p->trace_path);
    free(p);
}

const char *proa_root(const struct proa *p)
{
    return p->root;
}

const char *proa_version(void)
{
    return PROA_VERSION;
}

const char *proa_libseccomp_version(void)
{
    return syscall_source;
}

const char *proa_spec_version(void)
{
    return PROA_SPEC_VERSION;
}

const char *proa_commit(void)
{
    return PROA_COMMIT;
}

int proa_spec(unsigned flags, char **ret_json, struct proa_error **ret_error)
{
    struct host host;
    struct op op;
    char *text = NULL;
    int r;

    begin(&op, NULL);
    if ((r = host_read(&op, &host)) >= 0)
        text = spec_default(&op, flags & PROA_SPEC_ROOTLESS, host.layout == HOST_CGROUP_V2, host.uid, host.gid);
    return end_with_text(&op, r, text, ret_json, ret_error);
}

int proa_plan(const struct proa *p, const char *bundle, const char *id, unsigned flags, char **ret_text,
              struct proa_error **ret_error)
{
    struct plan_request request = {
        .id = id ? id : "ID",
        .no_pivot = flags & PROA_PLAN_NO_PIVOT,
        .no_new_keyring = flags & PROA_PLAN_NO_NEW_KEYRING,
    };
    struct spec *spec;
    struct plan *plan;
    struct op op;
    char *text = NULL, *path;
    int r;

    begin(&op, p);
    if ((r = store_check_id(&op, request.id)) >= 0 && (r = bundle_load(&op, bundle, &path, &spec)) >= 0) {
        request.bundle = path;
        request.notify_dir = flags & PROA_PLAN_NOTIFY ? notify_directory(op.arena, p->root, request.id) : NULL;
        r = container_plan(&op, p, spec, &request, true, &plan);
    }
    if (r >= 0)
        text = flags & PROA_PLAN_JSON ? plan_explain_json(&op, plan) : plan_explain_text(&op, plan);
    return end_with_text(&op, r, text, ret_text, ret_error);
}

int proa_features(char **ret_json, struct proa_error **ret_error)
{
    struct op op;
    char *text = NULL;
    int r;

    begin(&op, NULL);
    r = features_json(&op, &text);
    return end_with_text(&op, r, text, ret_json, ret_error);
}

int proa_create(const struct proa *p, const char *id, const struct proa_create_options *options, struct proa_process *ret,
                struct proa_error **ret_error)
{
    struct proa_create_options o = { .size = sizeof(o) };
    struct op op;
    int r;

    begin(&op, p);
    if (options)
        memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
    r = container_create(&op, p, id, &o, ret);
    write_trace(&op, p);
    return error_end(&op, r, ret_error);
}

int proa_start_notify(const struct proa *p, const char *id, const char *notify_socket, struct proa_error **ret_error)
{
    struct op op;
    int r;

    begin(&op, p);
    r = container_start(&op, p, id, notify_socket);
    write_trace(&op, p);
    return error_end(&op, r, ret_error);
}

int proa_start(const struct proa *p, const char *id, struct proa_error **ret_error)
{
    return proa_start_notify(p, id, NULL, ret_error);
}

int proa_notify_forward(int notify_fd, const char *notify_socket, pid_t main_pid, struct proa_error **ret_error)
{
    struct op op;

    begin(&op, NULL);
    return error_end(&op, notify_forward(&op, notify_fd, notify_socket, main_pid), ret_error);
}

int proa_exec(const struct proa *p, const char *id, const struct proa_exec_options *options, struct proa_process *ret,
              struct proa_error **ret_error)
{
    struct proa_exec_options o = { .size = sizeof(o) };
    struct op op;
    int r;

    begin(&op, p);
    memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
    r = container_exec(&op, p, id, &o, ret);
    write_trace(&op, p);
    return error_end(&op, r, ret_error);
}

int proa_kill(const struct proa *p, const char *id, int signal, unsigned flags, struct proa_error **ret_error)
{
    struct op op;

    begin(&op, p);
    return error_end(&op, container_kill(&op, p, id, signal, flags), ret_error);
}

/* *ret: NULL for none. */
static int copy_pids(struct op *op, const pid_t *pids, size_t n, pid_t **ret)
{
    pid_t *copy = n ? malloc(n * sizeof(*copy)) : NULL;

    if (n && !copy)
        return op_fail(op, ENOMEM, "copying the process ids");
    if (n)
        memcpy(copy, pids, n * sizeof(*copy));
    *ret = copy;
    return 0;
}

int proa_processes(const struct proa *p, const char *id, pid_t **ret, size_t *ret_n, struct proa_error **ret_error)
{
    pid_t *pids;
    struct op op;
    size_t n;
    int r;

    begin(&op, p);
    if ((r = container_processes(&op, p, id, &pids, &n)) == 0 && (r = copy_pids(&op, pids, n, ret)) == 0)
        *ret_n = n;
    return error_end(&op, r, ret_error);
}

int proa_pause(const struct proa *p, const char *id, struct proa_error **ret_error)
{
    struct op op;

    begin(&op, p);
    return error_end(&op, container_pause(&op, p, id), ret_error);
}

int proa_resume(const struct proa *p, const char *id, struct proa_error **ret_error)
{
    struct op op;

    begin(&op, p);
    return error_end(&op, container_resume(&op, p, id), ret_error);
}

int proa_update(const struct proa *p, const char *id, const struct proa_update_options *options, struct proa_error **ret_error)
{
    struct proa_update_options o = { .size = sizeof(o) };
    struct op op;

    begin(&op, p);
    memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
    return error_end(&op, container_update(&op, p, id, &o), ret_error);
}

int proa_checkpoint(const struct proa *p, const char *id, const struct proa_checkpoint_options *options,
                    struct proa_error **ret_error)
{
    struct proa_checkpoint_options o = { .size = sizeof(o) };
    struct op op;
    int r;

    begin(&op, p);
    if (options)
        memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
    r = container_checkpoint(&op, p, id, &o);
    return error_end(&op, r, ret_error);
}

int proa_restore(const struct proa *p, const char *id, const struct proa_restore_options *options, struct proa_process *ret,
                 struct proa_error **ret_error)
{
    struct proa_restore_options o = { .size = sizeof(o) };
    struct op op;
    int r;

    begin(&op, p);
    if (options)
        memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
    r = container_restore(&op, p, id, &o, ret);
    write_trace(&op, p);
    return error_end(&op, r, ret_error);
}

int proa_delete(const struct proa *p, const char *id, unsigned flags, struct proa_error **ret_error)
{
    struct op op;

    begin(&op, p);
    return error_end(&op, container_delete(&op, p, id, flags), ret_error);
}

int proa_audit(const struct proa *p, const char *id, unsigned flags, char **ret_text, unsigned *ret_differences,
               struct proa_error **ret_error)
{
    struct container_audit audit = { 0 };
    struct op op;
    int r;

    begin(&op, p);
    r = container_audit(&op, p, id, flags, &audit);
    r = end_with_text(&op, r, audit.text, ret_text, ret_error);
    if (r < 0)
        return r;
    *ret_differences = audit.differences;
    return audit.unchecked > 0;
}

int proa_wait(int pidfd, int *ret_status, struct proa_error **ret_error)
{
    siginfo_t info = { 0 };
    struct op op;
    int r;

    begin(&op, NULL);
    do
        r = waitid(P_PIDFD, pidfd, &info, WEXITED);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        r = op_fail(&op, errno, "waiting for the container's process");
    else
        *ret_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    return error_end(&op, r, ret_error);
}
