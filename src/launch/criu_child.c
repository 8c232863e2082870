#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "base/fd.h"
#include "base/str.h"
#include "init/keep_caps.h"
#include "launch/clone.h"
#include "launch/criu.h"
#include "launch/program.h"

enum { SIGNALS = 64 };

/* Shared between the parent and its vfork child: what to do, and how far the child came. */
struct child {
    const char *file;
    char *const *envp;
    const int *fds;             /* for CRIU_SOCKET and following; none of them has such a number */
    size_t n_fds;
    int mounts;
    pid_t parent;
    const char *failed;         /* the step that failed, NULL so far */
    int err;
};

/* These run in the child; raw system calls only, as in spawn.c. */
static long enter_mounts(struct child *c)
{
    c->failed = "entering its mount namespace";
    return c->mounts < 0 ? 0 : sys_raw3(SYS_setns, c->mounts, CLONE_NEWNS, 0);
}

static long pass_descriptors(struct child *c)
{
    long r = 0;

    c->failed = "passing descriptors";
    for (size_t i = 0; i < c->n_fds && r >= 0; i++)
        r = sys_raw3(SYS_dup3, c->fds[i], CRIU_SOCKET + (long) i, 0);
    return r < 0 ? r : sys_raw3(SYS_close_range, CRIU_SOCKET + (long) c->n_fds, ~0U, 0);
}

/* As a shell would start it. The kernel's struct sigaction, all zero, is SIG_DFL. */
static void reset_signals(void)
{
    const unsigned long nothing[4] = { 0 };

    for (int i = 1; i <= SIGNALS; i++)
        sys_raw(SYS_rt_sigaction, i, (long) nothing, 0, sizeof(*nothing), 0, 0);
    sys_raw(SYS_rt_sigprocmask, SIG_SETMASK, (long) nothing, 0, sizeof(*nothing), 0, 0);
}

__attribute__((no_sanitize("address", "undefined"), noinline))
static int child_main(void *data)
{
    static char *const argv[] = { (char *) "criu", (char *) "swrk", (char *) "3", NULL };
    struct child *c = data;
    long r;

    c->failed = "PR_SET_PDEATHSIG";
    r = sys_raw(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
    if (r >= 0)
        r = sys_raw3(SYS_getppid, 0, 0, 0) == c->parent ? 0 : -ESRCH;   /* it was too late for the signal */
    if (r >= 0)
        r = enter_mounts(c);
    if (r >= 0)
        r = pass_descriptors(c);
    if (r >= 0) {
        reset_signals();
        c->failed = "execve";
        r = sys_raw3(SYS_execve, (long) c->file, (long) argv, (long) c->envp);
    }
    c->err = (int) -r;
    return 127;
}

/* It looks for programs of its own (tar, iptables) along PATH. */
static char **environment(struct arena *a)
{
    size_t n = 0;
    char **envp;

    while (environ && environ[n])
        n++;
    envp = arena_array(a, n + 2, sizeof(*envp));
    if (n > 0)
        memcpy(envp, environ, n * sizeof(*envp));
    if (!getenv("PATH"))
        envp[n] = arena_printf(a, "PATH=%s", PROGRAM_PATH);
    return envp;
}

static int spawn(struct op *op, struct child *c, struct criu *ret)
{
    int pidfd = -1;
    struct clone_args args = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD,
        .pidfd = (uintptr_t) &pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uintptr_t) arena_alloc(op->arena, CLONE_STACK),
        .stack_size = CLONE_STACK,
    };
    long pid = clone_call(&args, child_main, c);

    if (pid < 0)
        return op_fail(op, (int) -pid, "starting %s: clone3", c->file);
    if (!c->err) {
        ret->pid = (pid_t) pid;
        ret->pidfd = pidfd;
        return 0;
    }
    clone_reap(pid);
    fd_close(&pidfd);
    return op_fail(op, c->err, "starting %s: %s", c->file, c->failed);
}

/* Copies with numbers above all that the child gives away, so that none is overwritten. */
static int lift(struct op *op, const int *fds, size_t n, int *ret)
{
    int lowest = CRIU_SOCKET + (int) n;

    for (size_t i = 0; i < n; i++)
        if ((ret[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, lowest)) < 0)
            return op_fail(op, errno, "passing a descriptor to criu");
    return 0;
}

int criu_spawn(struct op *op, const char *file, const struct criu_start *start, struct criu *ret)
{
    size_t n = start->n_fds + 1;
    int *wanted = arena_array(op->arena, n, sizeof(*wanted)), *fds = arena_array(op->arena, n, sizeof(*fds)), pair[2], r;
    auto_close int ours = -1, theirs = -1;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return op_fail(op, errno, "socketpair");
    ours = pair[0];
    theirs = pair[1];
    wanted[0] = theirs;
    for (size_t i = 1; i < n; i++)
        wanted[i] = start->fds[i - 1];
    memset(fds, -1, n * sizeof(*fds));
    r = lift(op, wanted, n, fds);
    if (r == 0)
        r = spawn(op, &(struct child) {
            .file = file, .envp = environment(op->arena), .fds = fds, .n_fds = n, .mounts = start->mounts,
            .parent = getpid(),
        }, ret);
    for (size_t i = 0; i < n; i++)
        fd_close(&fds[i]);
    if (r == 0)
        ret->socket = take_fd(&ours);
    return r;
}
