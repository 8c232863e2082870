/* hooks.c - the hooks that run inside: createContainer before pivot_root, startContainer before the user's program.
 *
 * A hook is a child of its own, a copy of this process, so whatever it changes before execve it changes in its copy. It
 * gets the state on its standard input, what it writes is kept up to a limit for the error, and its end is waited
 * for, not that of its output, which it may leave to a daemon. Behind a seccomp filter only plain old system calls
 * have a chance: hence clone and not clone3. */
#include "init/creds.h"
#include "init/image.h"
#include "init/init.h"

enum { OUTPUT = 400 };                          /* of each stream: both find room in a message's text */
enum { CHILD_IN, CHILD_OUT, CHILD_ERR, CHILD_REPORT, CHILD_FDS };
enum { NANOSECONDS = 1000000000 };

/* The read ends: standard output, standard error, and the errno of what failed before execve. */
enum { STREAM_OUT, STREAM_ERR, STREAM_REPORT, STREAMS };
struct hook {
    const struct plan_hook *plan;
    bool inside;                                /* startContainer */
    int pidfd;
    int theirs[CHILD_FDS];
    int ours[STREAMS];
    char text[2][OUTPUT + 1];
    size_t n[2];
};

static void close_all(int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        close_auto(&fds[i]);
        fds[i] = -1;
    }
}

/* ---- The child ------------------------------------------------------------------------------ */

/* 0 or -errno. The report's descriptor becomes 3 and closes at execve; nothing else remains. */
static int arrange_fds(const struct hook *h)
{
    int r = 0;

    for (int i = 0; i < CHILD_FDS && r >= 0; i++)
        if (h->theirs[i] != i)
            r = sys_dup3(h->theirs[i], i, i == CHILD_REPORT ? O_CLOEXEC : 0);
    return r < 0 ? r : sys_close_range(CHILD_FDS, ~0U);
}

static const void *environment(struct init *in, const struct hook *h)
{
    bool theirs = h->inside && !(h->plan->flags & PLAN_HOOK_OWN_ENV);

    return vector_pointers(in->plan, theirs ? in->plan->envp : h->plan->envp);
}

static int execute(struct init *in, const struct hook *h)
{
    const uint64_t none = 0;
    int r = h->inside ? 0 : sys_fchdir(in->root);

    if (r >= 0)
        r = arrange_fds(h);
    if (r < 0)
        return r;
    if (!h->inside)
        sys_umask(0022);
    sys_rt_sigprocmask(SIG_SETMASK, &none);
    return sys_execve(plan_text(in->plan, h->plan->path), vector_pointers(in->plan, h->plan->argv), environment(in, h));
}

__attribute__((noreturn)) static void child(struct init *in, const struct hook *h)
{
    int r = execute(in, h);

    sys_write(CHILD_REPORT, &r, sizeof r);
    sys_exit(INIT_FAILED);
}

/* ---- Its preparation ------------------------------------------------------------------------ */

/* A file and not a pipe: however long the state, nobody waits. */
static int open_state(struct init *in, bool inside)
{
    const char *const parts[] = {
        plan_word(in->plan, in->plan->state_head), inside ? "created" : "creating", "\",\"pid\":", NULL,
        plan_word(in->plan, in->plan->state_tail),
    };
    auto_close int fd = sys_memfd_create("state", MFD_CLOEXEC);
    char number[24];
    long at = 0;

    if (fd < 0)
        return fd;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *text = parts[i] ? parts[i] : text_number(number, (uint64_t) sys_getpid(), 10);
        long n = sys_pwrite64(fd, text, text_length(text), at);

        if (n < 0)
            return (int) n;
        at += n;
    }
    return take_fd(&fd);
}

static int open_pipe(int *ret_ours, int *ret_theirs)
{
    int pair[2], r = sys_pipe2(pair, O_CLOEXEC);

    if (r < 0)
        return r;
    *ret_ours = pair[0];
    *ret_theirs = pair[1];
    return sys_fcntl(pair[0], F_SETFL, O_NONBLOCK);
}

/* Descriptors of a hook that is not started are closed by its end (hook_close). 0 or -errno. */
static int open_ends(struct init *in, struct hook *h)
{
    int r = h->theirs[CHILD_IN] = open_state(in, h->inside);

    if (r >= 0)
        r = open_pipe(&h->ours[STREAM_OUT], &h->theirs[CHILD_OUT]);
    if (r >= 0)
        r = open_pipe(&h->ours[STREAM_ERR], &h->theirs[CHILD_ERR]);
    if (r >= 0)
        r = open_pipe(&h->ours[STREAM_REPORT], &h->theirs[CHILD_REPORT]);
    return r;
}

static int start(struct init *in, struct hook *h)
{
    int r = open_ends(in, h);

    if (r >= 0)
        r = sys_clone(CLONE_PIDFD | SIGCHLD, &h->pidfd);
    if (r == 0)
        child(in, h);
    close_all(h->theirs, CHILD_FDS);
    return r < 0 ? r : 0;
}

static void hook_close(struct hook *h)
{
    close_all(h->theirs, CHILD_FDS);
    close_all(h->ours, STREAMS);
    close_all(&h->pidfd, 1);
}

/* ---- Its run -------------------------------------------------------------------------------- */

/* One piece of output; beyond the limit it is thrown away. Returns whether there may be more. */
static bool take_piece(struct hook *h, int stream)
{
    char piece[4096];
    long n = h->ours[stream] < 0 ? 0 : sys_read(h->ours[stream], piece, sizeof piece);
    size_t room = OUTPUT - h->n[stream];

    if (n <= 0) {
        if (n == 0)
            close_all(&h->ours[stream], 1);
        return false;
    }
    room = (size_t) n < room ? (size_t) n : room;
    memcpy(h->text[stream] + h->n[stream], piece, room);
    h->n[stream] += room;
    return true;
}

/* What it has written before its end. A daemon that it left behind may go on writing: that is not waited for. */
static const char *take_rest(struct hook *h, int stream)
{
    char *text = h->text[stream];

    while (h->n[stream] < OUTPUT && take_piece(h, stream))
        ;
    while (h->n[stream] > 0 && (unsigned char) text[h->n[stream] - 1] <= ' ')
        h->n[stream]--;
    text[h->n[stream]] = '\0';
    return text;
}

static int64_t now(void)
{
    struct __kernel_timespec t = { 0 };

    sys_clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t) t.tv_sec * NANOSECONDS + t.tv_nsec;
}

/* Returns at its end 0, -ETIMEDOUT, or what ppoll says. */
static int watch(struct hook *h)
{
    int64_t end = now() + (int64_t) h->plan->timeout * NANOSECONDS;

    for (;;) {
        struct pollfd polls[] = {
            { h->ours[STREAM_OUT], POLLIN, 0 }, { h->ours[STREAM_ERR], POLLIN, 0 }, { h->pidfd, POLLIN, 0 },
        };
        int64_t left = end - now();
        struct __kernel_timespec limit = { left / NANOSECONDS, left % NANOSECONDS };
        int r;

        if (h->plan->timeout && left <= 0)
            return -ETIMEDOUT;
        r = sys_ppoll(polls, 3, h->plan->timeout ? &limit : NULL);
        if (r < 0 || polls[2].revents)
            return r < 0 ? r : 0;
        for (int i = 0; i < 2; i++)
            if (polls[i].revents)
                take_piece(h, i);
    }
}

/* As Go's os/exec says them. Others by their number. */
static const struct signal_word { int number; const char *text; } signal_words[] = {
    { SIGHUP, "hangup" }, { SIGINT, "interrupt" }, { SIGQUIT, "quit" }, { SIGILL, "illegal instruction" },
    { SIGABRT, "aborted" }, { SIGBUS, "bus error" }, { SIGFPE, "floating point exception" }, { SIGKILL, "killed" },
    { SIGSEGV, "segmentation fault" }, { SIGPIPE, "broken pipe" }, { SIGTERM, "terminated" }, { SIGSYS, "bad system call" },
};

static void say_number(struct init *in, const char *before, int n)
{
    char number[24];

    init_say(in, before);
    init_say(in, text_number(number, (uint64_t) n, 10));
}

static void say_signal(struct init *in, int number)
{
    for (size_t i = 0; i < sizeof signal_words / sizeof *signal_words; i++)
        if (signal_words[i].number == number) {
            init_say(in, "signal: ");
            init_say(in, signal_words[i].text);
            return;
        }
    say_number(in, "signal: signal ", number);
}

static int fail_ended(struct init *in, struct hook *h, const siginfo_t *info)
{
    if (info->si_code == CLD_EXITED)
        say_number(in, "exit status ", info->si_status);
    else
        say_signal(in, info->si_status);
    init_say(in, ", stdout: ");
    init_say(in, take_rest(h, STREAM_OUT));
    init_say(in, ", stderr: ");
    init_say(in, take_rest(h, STREAM_ERR));
    return init_fail(in, CALL_hook, 0);
}

static int fail_before_execve(struct init *in, const struct hook *h, int err)
{
    init_say(in, "fork/exec ");
    init_say(in, plan_text(in->plan, h->plan->path));
    return init_fail(in, CALL_hook, err);
}

static int settle(struct init *in, struct hook *h, int watched)
{
    siginfo_t info;
    int err, r;

    if (watched < 0)
        sys_pidfd_send_signal(h->pidfd, SIGKILL);
    r = sys_waitid(h->pidfd, &info);
    if (watched == -ETIMEDOUT) {
        say_number(in, "hook ran past specified timeout of ", h->plan->timeout);
        return init_fail_text(in, CALL_hook, 0, ".0s");
    }
    if (r < 0 || watched < 0)
        return init_fail_text(in, CALL_hook, r < 0 ? r : watched, "waiting for it");
    if (sys_read(h->ours[STREAM_REPORT], &err, sizeof err) == sizeof err)
        return fail_before_execve(in, h, err);
    return info.si_code == CLD_EXITED && info.si_status == 0 ? 0 : fail_ended(in, h, &info);
}

static int run_hook(struct init *in, const struct plan_hook *plan, bool inside)
{
    struct hook h = { .plan = plan, .inside = inside, .pidfd = -1, .theirs = { -1, -1, -1, -1 }, .ours = { -1, -1, -1 } };
    int r = start(in, &h);

    r = r < 0 ? fail_before_execve(in, &h, r) : settle(in, &h, watch(&h));
    hook_close(&h);
    return r;
}

static int run_hooks(struct init *in, enum plan_hook_kind kind)
{
    const struct plan_hook *hooks = PLAN_ITEMS(in->plan, hooks[kind], struct plan_hook);

    for (uint32_t i = 0; i < in->plan->hooks[kind].n; i++) {
        in->fault.item = i;
        if (run_hook(in, &hooks[i], kind == PLAN_START_CONTAINER))
            return -1;
    }
    return 0;
}

/* ---- The steps ------------------------------------------------------------------------------ */

/* The launcher runs its own hooks and configures the network meanwhile. */
static int meet_launcher(struct init *in)
{
    struct message m = { .type = MESSAGE_MOUNTED };

    return flagged(in, PLAN_MEET) ? message_ask(in, &m) : 0;
}

/* createContainer hooks prepare the container, with all the rights of its root: the bounding set is still full. */
int step_hooks(struct init *in)
{
    if (meet_launcher(in))
        return -1;
    if (in->plan->hooks[PLAN_CREATE_CONTAINER].n == 0)
        return 0;
    return run_hooks(in, PLAN_CREATE_CONTAINER) ? -1 : creds_bound(in);
}

int step_start_hooks(struct init *in)
{
    return run_hooks(in, PLAN_START_CONTAINER);
}
