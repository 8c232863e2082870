#include "launch/criu.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/deadline.h"
#include "base/fd.h"
#include "base/io.h"
#include "launch/program.h"

enum { DATAGRAM_MAX = 64 << 10, LOG_MAX = 256 << 20, OLDEST = 30000, LAST_SECONDS = 2 };

/* Types of messages beside those of criu.h. */
enum { NOTIFY = 6, FEATURE_CHECK = 9, VERSION = 10 };
/* Fields of a request and of an answer. */
enum { REQUEST_TYPE = 1, REQUEST_OPTIONS = 2, REQUEST_SUCCESS = 3, REQUEST_KEEP_OPEN = 4, REQUEST_FEATURES = 5 };
enum {
    ANSWER_TYPE = 1, ANSWER_SUCCESS = 2, ANSWER_RESTORE = 4, ANSWER_NOTIFY = 5, ANSWER_ERRNO = 7, ANSWER_FEATURES = 8,
    ANSWER_MESSAGE = 9, ANSWER_VERSION = 10,
};

struct answer {
    unsigned type;
    bool success;
    int err;
    pid_t pid;                          /* of a restore or a notification; 0: not told */
    const char *stage, *message;        /* NULL: none */
    struct protobuf features, version;
    int fd;
    char bytes[DATAGRAM_MAX];
};

/* ---- Messages ------------------------------------------------------------------------------- */

void criu_add_pair(struct str *options, enum criu_option option, const char *first, const char *second)
{
    struct str pair;

    str_init(&pair, options->arena);
    protobuf_add_text(&pair, 1, first);
    protobuf_add_text(&pair, 2, second);
    protobuf_add_message(options, option, &pair);
}

void criu_add_inherited(struct str *options, const char *key, int fd)
{
    struct str pair;

    str_init(&pair, options->arena);
    protobuf_add_text(&pair, 1, key);
    protobuf_add_number(&pair, 2, fd);
    protobuf_add_message(options, CRIU_INHERIT_FD, &pair);
}

static struct str begin(struct op *op, unsigned type)
{
    struct str s;

    str_init(&s, op->arena);
    protobuf_add_number(&s, REQUEST_TYPE, type);
    return s;
}

/* The member `field` of a small message, where it is a number; else 0. */
static uint64_t number_in(struct protobuf message, unsigned field)
{
    struct protobuf_field f;
    uint64_t found = 0;

    while (protobuf_next(&message, &f) > 0)
        if (f.field == field)
            found = f.number;
    return found;
}

static const char *text_of(struct arena *a, struct protobuf text)
{
    return arena_strndup(a, text.at, text.left);
}

/* "criu_notify": the stage and a process. */
static void take_notice(struct arena *a, struct protobuf message, struct answer *ret)
{
    struct protobuf_field f;

    ret->pid = (pid_t) number_in(message, 2);
    while (protobuf_next(&message, &f) > 0)
        if (f.field == 1)
            ret->stage = text_of(a, f.bytes);
}

static void take_field(struct arena *a, const struct protobuf_field *f, struct answer *ret)
{
    switch (f->field) {
    case ANSWER_TYPE:
        ret->type = (unsigned) f->number;
        break;
    case ANSWER_SUCCESS:
        ret->success = f->number != 0;
        break;
    case ANSWER_RESTORE:
        ret->pid = (pid_t) number_in(f->bytes, 1);
        break;
    case ANSWER_NOTIFY:
        take_notice(a, f->bytes, ret);
        break;
    case ANSWER_ERRNO:
        ret->err = (int) f->number;
        break;
    case ANSWER_FEATURES:
        ret->features = f->bytes;
        break;
    case ANSWER_MESSAGE:
        ret->message = text_of(a, f->bytes);
        break;
    case ANSWER_VERSION:
        ret->version = f->bytes;
        break;
    }
}

static int decode(struct arena *a, size_t n, struct answer *ret)
{
    struct protobuf message = { ret->bytes, n };
    struct protobuf_field f;
    int r;

    while ((r = protobuf_next(&message, &f)) > 0)
        take_field(a, &f, ret);
    return r;
}

/* ---- The conversation ----------------------------------------------------------------------- */

static int say(struct op *op, struct criu *c, const struct str *message)
{
    /* Where it has hung up, listening tells. */
    if (send(c->socket, message->text, message->len, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
        return op_fail(op, errno, "sending to criu");
    return 0;
}

/* The kernel shows no other events of a pidfd than the process's end. */
static bool ends_in_time(int pidfd)
{
    struct pollfd end = { .fd = pidfd, .events = POLLIN };
    uint64_t deadline = deadline_in(LAST_SECONDS);
    int r;

    do
        r = poll(&end, 1, deadline_left(deadline));
    while (r < 0 && errno == EINTR);
    return r > 0;
}

/* Once its socket is closed it ends by itself, or it is ended. */
static siginfo_t reap(struct criu *c)
{
    siginfo_t end = { 0 };

    fd_close(&c->socket);
    if (c->pid > 0 && !ends_in_time(c->pidfd))
        kill(c->pid, SIGKILL);
    while (c->pid > 0 && waitid(P_PID, (id_t) c->pid, &end, WEXITED) < 0 && errno == EINTR)
        ;
    fd_close(&c->pidfd);
    c->pid = 0;
    return end;
}

/* What criu has said of it: in its log, else in the answer; and where the log is. */
static const char *reason(struct op *op, const struct criu_log *log, const char *message)
{
    const char *excerpt = "";
    char *text;

    if (log && io_read_at(log->dir, log->name, op->arena, LOG_MAX, &text, NULL) == 0)
        excerpt = criu_log_excerpt(op->arena, text);
    if (!*excerpt)
        excerpt = message ? message : "it gives no reason";
    return log ? arena_printf(op->arena, "%s (log file: %s)", excerpt, log->path) : excerpt;
}

static int fail_ended(struct op *op, struct criu *c)
{
    siginfo_t end = reap(c);
    bool killed = end.si_code == CLD_KILLED || end.si_code == CLD_DUMPED;

    return op_fail(op, 0, "criu has ended without an answer (%s %d): %s", killed ? "signal" : "exit status", end.si_status,
                   reason(op, c->log, NULL));
}

static void take_descriptor(struct msghdr *msg, int *ret)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(msg);

    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(ret, CMSG_DATA(header), sizeof(*ret));
}

/* Until it has spoken, hung up or ended: children of its own may hold its socket open after its end. */
static void wait_for_news(const struct criu *c)
{
    struct pollfd events[] = { { .fd = c->socket, .events = POLLIN }, { .fd = c->pidfd, .events = POLLIN } };

    while (poll(events, 2, -1) < 0 && errno == EINTR)
        ;
}

static int listen_to(struct op *op, struct criu *c, struct answer *ret)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control;
    struct iovec iov = { ret->bytes, sizeof(ret->bytes) };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_LEN(sizeof(int)) };
    ssize_t n;

    memset(ret, 0, offsetof(struct answer, bytes));
    ret->fd = -1;
    wait_for_news(c);
    n = recvmsg(c->socket, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n < 0 && errno != ECONNRESET && errno != EAGAIN)
        return op_fail(op, errno, "listening to criu");
    if (n <= 0)
        return fail_ended(op, c);
    take_descriptor(&msg, &ret->fd);
    if (!(msg.msg_flags & MSG_TRUNC) && decode(op->arena, (size_t) n, ret) == 0)
        return 0;
    fd_close(&ret->fd);
    return op_fail(op, EBADMSG, "criu's answer cannot be read");
}

/* A question that is not the last one. */
static int ask(struct op *op, struct criu *c, struct str *question, struct answer *ret)
{
    int r;

    protobuf_add_number(question, REQUEST_KEEP_OPEN, true);
    if ((r = say(op, c, question)) < 0 || (r = listen_to(op, c, ret)) < 0)
        return r;
    fd_close(&ret->fd);
    return ret->success ? 0 : op_fail(op, ret->err, "criu does not answer a simple question%s%s", ret->message ? ": " : "",
                                      ret->message ? ret->message : "");
}

static int read_version(struct op *op, struct criu *c)
{
    struct answer *a = arena_alloc(op->arena, sizeof(*a));
    struct str question = begin(op, VERSION);
    int r = ask(op, c, &question, a);

    if (r < 0)
        return r;
    /* major, minor, sublevel */
    c->version = (unsigned) (number_in(a->version, 1) * 10000 + number_in(a->version, 2) * 100 + number_in(a->version, 4));
    if (c->version < OLDEST)
        return op_fail(op, 0, "criu is too old: version %u.%u, and 3.0 is the first that will do", c->version / 10000,
                       c->version / 100 % 100);
    return 0;
}

int criu_start(struct op *op, const struct criu_start *start, struct criu *ret)
{
    const char *file = program_find(op->arena, "criu");
    struct criu c = CRIU_NONE;
    int r;

    if (!file)
        return op_fail(op, ENOENT, "criu is not found along PATH: checkpoint and restore need it (package criu)");
    if ((r = criu_spawn(op, file, start, &c)) < 0)
        return r;
    if ((r = read_version(op, &c)) < 0)
        criu_end(&c);
    else
        *ret = c;
    return r;
}

int criu_can(struct op *op, struct criu *c, enum criu_feature feature)
{
    struct answer *a = arena_alloc(op->arena, sizeof(*a));
    struct str question = begin(op, FEATURE_CHECK), features;
    int r;

    str_init(&features, op->arena);
    protobuf_add_number(&features, feature, true);
    protobuf_add_message(&question, REQUEST_FEATURES, &features);
    r = ask(op, c, &question, a);
    return r < 0 ? r : number_in(a->features, feature) != 0;
}

static const char *type_name(enum criu_type type)
{
    return type == CRIU_RESTORE ? "RESTORE" : type == CRIU_DUMP ? "DUMP" : "PRE_DUMP";
}

static int fail_answer(struct op *op, const struct criu *c, enum criu_type type, const struct answer *a)
{
    return op_fail(op, 0, "criu failed: type %s errno %d: %s", type_name(type), a->err, reason(op, c->log, a->message));
}

/* criu is told how it went, and gives up after a failure, as far as it still can. */
static int hear(struct op *op, struct criu *c, const struct criu_listener *l, struct answer *a)
{
    struct str reply = begin(op, NOTIFY);
    int r = l->hear(op, l->data, &(struct criu_notice) { a->stage ? a->stage : "", a->pid, &a->fd });

    fd_close(&a->fd);
    protobuf_add_number(&reply, REQUEST_SUCCESS, r >= 0);
    say(op, c, &reply);
    return r;
}

/* Up to the answer. Returns the first failure, criu's end or the listener's. */
static int converse(struct op *op, struct criu *c, const struct criu_listener *l, struct answer *a)
{
    int first = 0, r;

    while ((r = listen_to(op, c, a)) == 0 && a->type == NOTIFY) {
        r = hear(op, c, l, a);
        first = first ? first : r;
    }
    fd_close(&a->fd);
    c->answered = r == 0;
    return first ? first : r;
}

int criu_do(struct op *op, struct criu *c, const struct criu_request *request, const struct criu_listener *listener,
            pid_t *ret_pid)
{
    struct answer *a = arena_alloc(op->arena, sizeof(*a));
    struct str message = begin(op, request->type);
    int r;

    protobuf_add_message(&message, REQUEST_OPTIONS, &request->options);
    if ((r = say(op, c, &message)) < 0)
        return r;
    r = converse(op, c, listener, a);
    if (r == 0 && a->success && a->type != request->type)
        r = op_fail(op, EBADMSG, "criu has answered something else than %s", type_name(request->type));
    if (ret_pid && c->answered)
        *ret_pid = a->pid > 0 ? a->pid : 0;
    return r == 0 && !a->success ? fail_answer(op, c, request->type, a) : r;
}

void criu_end(struct criu *c)
{
    if (c->pid > 0 && !c->answered)
        kill(c->pid, SIGKILL);
    reap(c);
}
