#include "container/contact.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/stop_at.h"
#include "launch/socket.h"

int contact_check_descriptors(struct op *op, const struct contact *c)
{
    for (unsigned i = 0; i < c->preserve_fds; i++)
        if (fcntl((int) i + 3, F_GETFD) < 0)
            return op_fail(op, errno, "unable to stat preserved-fd %u (of %u)", i, c->preserve_fds);
    return 0;
}

static int check_console(struct op *op, const struct plan *p, const struct contact *c)
{
    if ((p->flags & PLAN_TERMINAL) && !c->console_socket && !c->console_fd)
        return op_fail(op, 0, "cannot allocate tty if runc will detach without setting console socket");
    if (c->console_socket && (!(p->flags & PLAN_TERMINAL) || c->console_fd))
        return op_fail(op, 0, "cannot use console socket if runc will not detach or allocate tty");
    return 0;
}

static void fit_console(struct plan *p, const struct contact *c)
{
    if (!c->console_fd)
        return;
    p->flags |= PLAN_CONSOLE_PLAIN;
    if ((p->flags & PLAN_CONSOLE_SIZE) || !c->console_rows || !c->console_columns)
        return;
    p->console_rows = c->console_rows;
    p->console_columns = c->console_columns;
    p->flags |= PLAN_CONSOLE_SIZE | PLAN_CONSOLE_FITTED;
}

int contact_prepare(struct op *op, struct plan *p, const struct contact *c)
{
    int r = check_console(op, p, c);

    if (r < 0)
        return r;
    fit_console(p, c);
    return 0;
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

int contact_announce(struct op *op, const struct contact *c, const struct launch *l, const char *kind)
{
    int r;

    stop_at("ready");
    if (c->console_socket && l->console >= 0 &&
        (r = socket_hand_over(op, "console socket", c->console_socket, l->console, l->console_name)) < 0)
        return r;
    if (c->pidfd_socket && (r = socket_hand_over(op, "pidfd socket", c->pidfd_socket, l->pidfd, kind)) < 0)
        return r;
    if (c->pid_file && (r = write_pid_file(op, c->pid_file, l->pid)) < 0)
        return r;
    stop_at("announced");
    return 0;
}

void contact_hand_over(const struct contact *c, struct launch *l, int *notify, struct proa_process *ret)
{
    struct proa_process process;

    if (!ret)
        return;
    process = (struct proa_process) {
        .size = ret->size,
        .pid = l->pid,
        .pidfd = take_fd(&l->pidfd),
        .console_fd = c->console_fd ? take_fd(&l->console) : -1,
        .notify_fd = notify ? take_fd(notify) : -1,
        .terminal = !!(l->plan->flags & PLAN_TERMINAL),
    };
    memcpy(ret, &process, ret->size < sizeof(process) ? ret->size : sizeof(process));
}
