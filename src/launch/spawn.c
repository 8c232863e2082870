#include "launch/spawn.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "base/fd.h"
#include "init/keep_caps.h"
#include "launch/cgroup.h"
#include "launch/clone.h"

/* Shared between the parent and its vfork child: how far the child came. */
struct spawn_child {
    const struct spawn *spawn;
    const char *failed;         /* the system call that failed, NULL so far */
    int err;
};

static int child_fails(struct spawn_child *c, const char *what, long err)
{
    c->failed = what;
    c->err = (int) -err;
    return 127;
}

/* These run in the child, in the parent's memory: raw system calls only, since libc's would touch the
 * calling thread's errno and locks. */
static long let_through(const struct spawn *s)
{
    long r = 0;

    for (unsigned fd = 3; fd < s->first_closed && r >= 0; fd++)
        r = sys_raw3(SYS_fcntl, fd, F_SETFD, 0);
    for (unsigned i = 0; i < s->n_keep && r >= 0; i++)
        if (s->keep[i] >= 0)
            r = sys_raw3(SYS_fcntl, s->keep[i], F_SETFD, 0);
    return r;
}

__attribute__((no_sanitize("address", "undefined"), noinline))
static int child_main(void *data)
{
    static char *const argv[] = { (char *) "proa:[init]", NULL };
    static char *const envp[] = { NULL };
    struct spawn_child *c = data;
    const struct spawn *s = c->spawn;
    long r;

    r = sys_raw3(SYS_close_range, s->first_closed, ~0U, CLOSE_RANGE_CLOEXEC);
    if (r < 0)
        return child_fails(c, "close_range", r);
    if ((r = let_through(s)) < 0)
        return child_fails(c, "fcntl", r);
    if ((s->flags & CLONE_NEWUSER) && (r = keep_caps()) < 0)
        return child_fails(c, "keeping capabilities", r);
    r = sys_raw(SYS_execveat, s->image, (long) "", (long) argv, (long) envp, AT_EMPTY_PATH, 0);
    return child_fails(c, "execveat", r);
}

static int clone_failed(struct op *op, const struct spawn *s, int err)
{
    switch (err) {
    case EAGAIN:
        return op_fail(op, err, "clone3: the pids limit of this cgroup, RLIMIT_NPROC or kernel.threads-max is reached");
    case ENOSPC:
        return op_fail(op, err, "clone3: a limit on the number of namespaces is reached (see /proc/sys/user/max_*_namespaces)");
    case EPERM:
        return op_fail(op, err, "clone3: not allowed to make these namespaces (unprivileged user namespaces may be "
                       "disabled: see /proc/sys/user/max_user_namespaces, kernel.unprivileged_userns_clone and AppArmor)");
    case EBUSY:
    case EOPNOTSUPP:
    case EACCES:
        if (s->cgroup >= 0)
            return cgroup_fail_birth(op, s->cgroup, err);
        break;
    }
    return op_fail(op, err, "clone3");
}

int spawn_init(struct op *op, const struct spawn *s, pid_t *ret_pid, int *ret_pidfd, bool *ret_in_cgroup)
{
    struct spawn_child child = { .spawn = s };
    int pidfd_out = -1;
    struct clone_args args = {
        .flags = s->flags | CLONE_VM | CLONE_VFORK | CLONE_PIDFD | (s->cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uintptr_t) &pidfd_out,
        .exit_signal = SIGCHLD,
        .stack = (uintptr_t) arena_alloc(op->arena, CLONE_STACK),
        .stack_size = CLONE_STACK,
        .cgroup = s->cgroup >= 0 ? s->cgroup : 0,
    };
    auto_close int pidfd = -1;
    long pid = clone_call(&args, child_main, &child);

    if (pid == -EACCES && s->cgroup >= 0 && s->elsewhere_allowed) {
        args.flags &= ~CLONE_INTO_CGROUP;
        pid = clone_call(&args, child_main, &child);
    }
    if (pid < 0)
        return clone_failed(op, s, (int) -pid);
    pidfd = pidfd_out;
    if (child.failed) {
        waitid(P_PIDFD, pidfd, &(siginfo_t) { 0 }, WEXITED);
        return op_fail(op, child.err, "starting the init: %s", child.failed);
    }
    *ret_in_cgroup = args.flags & CLONE_INTO_CGROUP;
    *ret_pid = (pid_t) pid;
    *ret_pidfd = take_fd(&pidfd);
    return 0;
}
