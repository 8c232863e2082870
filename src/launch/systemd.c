#include "launch/systemd.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/deadline.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "base/trace.h"
#include "launch/image.h"
#include "launch/program.h"
#include "systemd/image.h"
#include "systemd/protocol.h"

enum { WORDS_MAX = 8192 };

/* ---- The helper ----------------------------------------------------------------------------- */

bool systemd_is_built_in(void)
{
    return systemd_image_size > 0;
}

/* What names a bus is all of the environment that it gets. */
static char **environment(struct arena *a)
{
    static const char *const names[] = { "DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR" };
    char **envp = arena_array(a, sizeof(names) / sizeof(names[0]) + 1, sizeof(*envp));
    size_t n = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = secure_getenv(names[i]);

        if (value)
            envp[n++] = arena_printf(a, "%s=%s", names[i], value);
    }
    return envp;
}

static int open_files(struct op *op, const struct plan *p, int *ret_image, int *ret_input)
{
    int r = image_seal(op, "proa-systemd", systemd_image, systemd_image_size, ret_image);

    if (r < 0)
        return r;
    if (*ret_image < 3) {           /* numbers that the helper gets anew */
        r = fcntl(*ret_image, F_DUPFD_CLOEXEC, 3);
        fd_close(ret_image);
        *ret_image = r;
    }
    if (*ret_image < 0)
        return op_fail(op, errno, "starting the helper program for systemd");
    if (p)
        return image_seal(op, "plan", p, p->size, ret_input);
    *ret_input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return *ret_input < 0 ? op_fail(op, errno, "/dev/null") : 0;
}

/* What the helper is to do, as systemd/protocol.h has it; `more` may be NULL, and so may the plan. */
struct order { const char *verb; bool user; const char *unit; const char *more[2]; };

static int start_helper(struct op *op, struct systemd *s, const struct order *o, const struct plan *p)
{
    const char *argv[] = { "proa:[systemd]", o->verb, o->user ? "user" : "system", o->unit, o->more[0], o->more[1], NULL };
    auto_close int image = -1, input = -1, ours = -1, theirs = -1;
    int pair[2], r;

    if (!systemd_is_built_in())
        return op_fail_code(op, OP_UNSUPPORTED, 0, "the systemd cgroup driver is not built in (libsystemd was missing)");
    if ((r = open_files(op, p, &image, &input)) < 0)
        return r;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return op_fail(op, errno, "socketpair");
    ours = pair[0];
    theirs = pair[1];
    r = program_start(&(struct program) {
        .image = image, .argv = (char *const *) argv, .envp = environment(op->arena), .fds = { input, theirs, theirs }, .directory = -1,
    }, &s->pid);
    if (r < 0)
        return op_fail(op, -r, "starting the helper program for systemd (it needs the C library's dynamic loader)");
    s->socket = take_fd(&ours);
    return 0;
}

/* ---- Its words ------------------------------------------------------------------------------ */

/* Reads until it has ended. -ETIMEDOUT when that takes too long. */
static int read_words(struct systemd *s, char text[WORDS_MAX], uint64_t deadline)
{
    size_t len = 0;

    for (;;) {
        struct pollfd p = { .fd = s->socket, .events = POLLIN };
        int left = deadline_left(deadline);
        ssize_t n;

        text[len] = '\0';
        if (left == 0)
            return -ETIMEDOUT;
        if (poll(&p, 1, left) <= 0)
            continue;
        /* What does not fit was the least important: the last line counts. */
        if (len == WORDS_MAX - 1)
            memmove(text, text + WORDS_MAX / 2, len -= WORDS_MAX / 2);
        n = read(s->socket, text + len, WORDS_MAX - 1 - len);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            return 0;
        len += n > 0 ? (size_t) n : 0;
    }
}

static const char *last_line(char *text)
{
    size_t n = strlen(text);
    char *newline;

    while (n > 0 && text[n - 1] == '\n')
        text[--n] = '\0';
    newline = strrchr(text, '\n');
    return newline ? newline + 1 : text;
}

/* Its exit status; 0 when it has been killed. */
static int end_helper(struct systemd *s)
{
    siginfo_t end = { 0 };

    if (s->pid > 0) {
        kill(s->pid, SIGKILL);
        while (waitid(P_PID, (id_t) s->pid, &end, WEXITED) < 0 && errno == EINTR)
            ;
    }
    s->pid = 0;
    fd_close(&s->socket);
    return end.si_code == CLD_EXITED ? end.si_status : 0;
}

/* Waits until the helper has done its work. */
static int finish(struct op *op, struct systemd *s, const char *unit)
{
    char text[WORDS_MAX];
    int r = read_words(s, text, deadline_in((unsigned) s->seconds));
    const char *last = last_line(text);

    s->hung_up = end_helper(s) == SYSTEMD_HUNG_UP;
    if (r == -ETIMEDOUT)
        return op_fail(op, 0, "systemd unit %s: no answer within %d seconds: %s", unit, s->seconds, last);
    if (str_eq(last, SYSTEMD_DONE))
        return 0;
    return op_fail(op, 0, "systemd unit %s: %s", unit, *last ? last : "the helper program has ended without a word");
}

void systemd_abandon(struct systemd *s)
{
    end_helper(s);
}

/* ---- What it is to do ----------------------------------------------------------------------- */

static int carry_out(struct op *op, const struct order *o, const struct plan *p)
{
    struct systemd s = SYSTEMD_NONE;
    int r;

    if ((r = start_helper(op, &s, o, p)) < 0 || (r = finish(op, &s, o->unit)) == 0 || !s.hung_up)
        return r;
    op_forget(op);
    return (r = start_helper(op, &s, o, p)) < 0 ? r : finish(op, &s, o->unit);
}

int systemd_prepare(struct op *op, const struct plan *p, struct systemd *s)
{
    return start_helper(op, s, &(struct order) { "start", p->flags & PLAN_USER_MANAGER, plan_word(p, p->unit) }, p);
}

static int send_pid(struct op *op, const struct plan *p, struct systemd *s, pid_t pid, int lock)
{
    const char *text = arena_printf(op->arena, "%d\n", (int) pid);
    int r = io_send(s->socket, text, strlen(text), lock);

    /* A helper that has ended has said why. */
    if (r < 0 && r != -EPIPE && r != -ECONNRESET)
        return op_fail(op, -r, "sending to the helper program for systemd");
    return finish(op, s, plan_word(p, p->unit));
}

int systemd_start(struct op *op, const struct plan *p, struct systemd *s, pid_t pid, int lock)
{
    trace_scope(op->trace, "systemd unit");
    int r = send_pid(op, p, s, pid, lock);

    if (r == 0 || !s->hung_up)
        return r;
    op_forget(op);
    return (r = systemd_prepare(op, p, s)) < 0 ? r : send_pid(op, p, s, pid, lock);
}

int systemd_set(struct op *op, const struct plan *p)
{
    return carry_out(op, &(struct order) { "set", p->flags & PLAN_USER_MANAGER, plan_word(p, p->unit) }, p);
}

int systemd_attach(struct op *op, const char *unit, bool user, const char *below, pid_t pid)
{
    const char *number = arena_printf(op->arena, "%d", (int) pid);

    return carry_out(op, &(struct order) { "attach", user, unit, { below, number } }, NULL);
}

int systemd_stop(struct op *op, const char *unit, bool user)
{
    trace_scope(op->trace, "stop the systemd unit");

    return carry_out(op, &(struct order) { "stop", user, unit }, NULL);
}
