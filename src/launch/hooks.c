#include "launch/hooks.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "base/deadline.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "base/trace.h"
#include "launch/program.h"

enum { OUTPUT_MAX = 4096, PIECE = 16384 };

/* One of the hook's output streams: our end of the pipe and what came first through it. */
struct stream { int fd; size_t n; char text[OUTPUT_MAX + 1]; };

/* A hook that runs. Index of `streams`: 0 for its standard output, 1 for its standard error. */
struct running {
    pid_t pid;
    int pidfd;
    struct stream streams[2];
};

/* What a hook is started with; descriptors in the order of their numbers there. */
struct setting { const struct plan *plan; const struct plan_hook *hook; int fds[3], bundle; };

char *hooks_state(struct arena *a, const struct plan *p, const char *status, pid_t pid)
{
    const char *head = plan_word(p, p->state_head), *tail = plan_word(p, p->state_tail);

    if (pid == 0)
        return arena_printf(a, "%s%s\"%s", head, status, tail);
    return arena_printf(a, "%s%s\",\"pid\":%d%s", head, status, (int) pid, tail);
}

/* ---- Start ---------------------------------------------------------------------------------- */

/* A file and not a pipe: however long the state and however little of it the hook reads, nobody waits. */
static int state_file(const char *state)
{
    auto_close int fd = memfd_create("state", MFD_CLOEXEC);
    int r = fd < 0 ? -errno : io_write_all(fd, state, strlen(state));

    if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
        r = -errno;
    return r < 0 ? r : take_fd(&fd);
}

static char **vector(struct arena *a, const struct plan *p, struct plan_list list)
{
    const uint64_t *at = plan_at(p, list.at);
    char **texts = arena_array(a, list.n + 1, sizeof(*texts));

    for (uint32_t i = 0; i < list.n; i++)
        texts[i] = (char *) plan_text(p, (plan_ref) at[i]);
    return texts;
}

/* 0 or -errno, that of the failed execve included. */
static int start(struct arena *a, const struct setting *s, pid_t *ret_pid)
{
    return program_start(&(struct program) {
        .file = plan_text(s->plan, s->hook->path),
        .argv = vector(a, s->plan, s->hook->argv),
        .envp = s->hook->flags & PLAN_HOOK_OWN_ENV ? vector(a, s->plan, s->hook->envp) : environ,
        .fds = { s->fds[0], s->fds[1], s->fds[2] },
        .directory = s->bundle,
    }, ret_pid);
}

/* Our end does not block: the hook's own may, or it would not wait for us when the pipe is full. */
static int open_pipe(int *ret_ours, int *ret_theirs)
{
    int pair[2];

    if (pipe2(pair, O_CLOEXEC) < 0)
        return -errno;
    *ret_ours = pair[0];
    *ret_theirs = pair[1];
    return fcntl(pair[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* *ret_setup: what failed is ours, not the hook's. */
static int spawn(struct arena *a, struct setting *s, const char *state, struct running *run, bool *ret_setup)
{
    auto_close int in = state_file(state), out = -1, err = -1;
    int r = in < 0 ? in : 0;

    *ret_setup = true;
    if (r == 0)
        r = open_pipe(&run->streams[0].fd, &out);
    if (r == 0)
        r = open_pipe(&run->streams[1].fd, &err);
    if (r < 0)
        return r;
    s->fds[0] = in;
    s->fds[1] = out;
    s->fds[2] = err;
    *ret_setup = false;
    return start(a, s, &run->pid);
}

/* ---- Its run -------------------------------------------------------------------------------- */

/* One piece of output; beyond the limit it is thrown away. Returns whether there may be more. */
static bool take_piece(struct stream *s)
{
    char piece[PIECE];
    ssize_t n = s->fd < 0 ? 0 : read(s->fd, piece, sizeof(piece));
    size_t room = OUTPUT_MAX - s->n;

    if (n < 0)
        return errno == EINTR;
    if (n == 0) {
        fd_close(&s->fd);
        return false;
    }
    room = (size_t) n < room ? (size_t) n : room;
    memcpy(s->text + s->n, piece, room);
    s->n += room;
    return true;
}

/* What it has written before its end. A daemon that it left behind may go on writing: that is not waited for. */
static void take_rest(struct stream *s)
{
    while (s->n < OUTPUT_MAX && take_piece(s))
        ;
    while (s->n > 0 && strchr(" \n\t\r", s->text[s->n - 1]))
        s->n--;
    s->text[s->n] = '\0';
}

/* Returns at its end 0, or -ETIMEDOUT, or what poll says. `seconds` 0: no limit. */
static int watch(struct running *run, int seconds)
{
    uint64_t deadline = deadline_in((unsigned) seconds);

    for (;;) {
        struct pollfd polls[] = {
            { run->pidfd, POLLIN, 0 }, { run->streams[0].fd, POLLIN, 0 }, { run->streams[1].fd, POLLIN, 0 },
        };
        int left = seconds ? deadline_left(deadline) : -1;

        if (left == 0)
            return -ETIMEDOUT;
        if (poll(polls, 3, left) < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        if (polls[0].revents)
            return 0;
        for (int i = 0; i < 2; i++)
            if (polls[i + 1].revents)
                take_piece(&run->streams[i]);
    }
}

static int reap(pid_t pid, siginfo_t *info)
{
    while (waitid(P_PID, (id_t) pid, info, WEXITED) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

/* As Go's os/exec would say it: "exit status 1", "signal: killed". */
static char *ending(struct arena *a, const siginfo_t *info)
{
    const char *name = sigdescr_np(info->si_status);
    char *text;

    if (info->si_code == CLD_EXITED)
        return arena_printf(a, "exit status %d", info->si_status);
    text = arena_printf(a, "signal: %s%s", name ? name : "unknown", info->si_code == CLD_DUMPED ? " (core dumped)" : "");
    text[strlen("signal: ")] |= 'a' ^ 'A';
    return text;
}

/* NULL when all is well, else what is not. */
static const char *outcome(struct arena *a, struct running *run, int watched, int seconds)
{
    siginfo_t info = { 0 };

    if (watched < 0)
        syscall(SYS_pidfd_send_signal, run->pidfd, SIGKILL, NULL, 0);
    if (reap(run->pid, &info) < 0)
        return "its exit status is lost: does somebody else wait for this process's children, or is SIGCHLD ignored?";
    if (watched == -ETIMEDOUT)
        return arena_printf(a, "hook ran past specified timeout of %d.0s", seconds);
    if (watched < 0)
        return arena_printf(a, "killed, since it could not be waited for: %s", strerrordesc_np(-watched));
    if (info.si_code == CLD_EXITED && info.si_status == 0)
        return NULL;
    take_rest(&run->streams[0]);
    take_rest(&run->streams[1]);
    return arena_printf(a, "%s, stdout: %s, stderr: %s", ending(a, &info), run->streams[0].text, run->streams[1].text);
}

static int supervise(struct op *op, struct running *run, const char *name, const struct plan_hook *hook)
{
    const char *fault;
    int watched;

    /* Still there, even if it has ended, unless the caller's children are reaped behind our back. */
    run->pidfd = (int) syscall(SYS_pidfd_open, run->pid, 0);
    if (run->pidfd < 0) {
        int err = errno;

        if (err != ESRCH) {
            kill(run->pid, SIGKILL);
            reap(run->pid, &(siginfo_t) { 0 });
        }
        return op_fail(op, err, "%s: pidfd_open", name);
    }
    watched = watch(run, hook->timeout);
    fault = outcome(op->arena, run, watched, hook->timeout);
    return fault ? op_fail(op, 0, "%s: %s", name, fault) : 0;
}

static int run_hook(struct op *op, struct setting *s, const char *state, const char *name)
{
    struct running run = { .pidfd = -1, .streams = { { .fd = -1 }, { .fd = -1 } } };
    bool setup;
    int r = spawn(op->arena, s, state, &run, &setup);

    if (r < 0)
        r = op_fail(op, -r, "%s: %s %s", name, setup ? "preparing" : "fork/exec", plan_text(s->plan, s->hook->path));
    else
        r = supervise(op, &run, name, s->hook);
    fd_close(&run.pidfd);
    fd_close(&run.streams[0].fd);
    fd_close(&run.streams[1].fd);
    return r;
}

int hooks_run(struct op *op, const struct plan *p, enum plan_hook_kind kind, const char *status, pid_t pid)
{
    trace_scope(op->trace, "hooks");
    const struct plan_hook *hooks = PLAN_ITEMS(p, hooks[kind], struct plan_hook);
    auto_close int bundle = -1;
    const char *state;
    int r = 0;

    if (p->hooks[kind].n == 0)
        return 0;
    /* It may be gone by the time of poststop; then the caller's working directory has to do. */
    bundle = open(plan_text(p, p->bundle), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (bundle < 0 && kind != PLAN_POSTSTOP)
        return op_fail(op, errno, "%s hooks: bundle %s", plan_hook_names[kind], plan_text(p, p->bundle));
    state = hooks_state(op->arena, p, status, pid);
    for (uint32_t i = 0; i < p->hooks[kind].n && (r == 0 || kind == PLAN_POSTSTOP); i++) {
        const char *name = arena_printf(op->arena, "error running %s hook #%u", plan_hook_names[kind], i);
        int failed = run_hook(op, &(struct setting) { .plan = p, .hook = &hooks[i], .bundle = bundle }, state, name);

        r = r ? r : failed;
    }
    return r;
}
