#include "foreground.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "terminal.h"

struct foreground {
    int signals; /* a signalfd */
    struct proa_process process;
    struct terminal terminal;
    bool exited;
    int status;
};

/* From here on every signal waits in the descriptor, so that none is lost while the container is being made
 * and none ends this process before the terminal is restored. */
static int open_signals(void)
{
    sigset_t all;

    sigfillset(&all);
    if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
        return -1;
    return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Reaps what the container left behind, but not its first process: that is proa_wait()'s. */
static void reap_orphans(pid_t first)
{
    for (;;) {
        siginfo_t info = { 0 };

        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || !info.si_pid || info.si_pid == first)
            return;
        waitid(P_PID, (id_t) info.si_pid, &info, WEXITED | WNOHANG);
    }
}

/* Returns false when there is nothing more to wait for: the container has ended, and this was meant for us. */
static bool handle_signal(struct foreground *f, int number)
{
    terminal_update(&f->terminal);
    switch (number) {
    case SIGCHLD:
        reap_orphans(f->process.pid);
        return true;
    case SIGWINCH:
    case SIGURG:
    case SIGPIPE: /* our own output's */
        return true;
    }
    /* It may have ended a moment ago: an error is of no interest. */
    if (!f->exited)
        syscall(SYS_pidfd_send_signal, f->process.pidfd, number, NULL, 0);
    return !f->exited;
}

static bool handle_signals(struct foreground *f)
{
    struct signalfd_siginfo info;

    while (read(f->signals, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
        if (!handle_signal(f, (int) info.ssi_signo))
            return false;
    }
    return true;
}

/* Returns 0, or a negative errno value as proa_wait() does. */
static int wait_for_end(struct foreground *f, struct proa_error **ret_error)
{
    enum { SIGNALS, PROCESS, TERMINAL, POLLS = TERMINAL + TERMINAL_POLLS };
    struct pollfd polls[POLLS];
    int err;

    while (!f->exited || terminal_pending(&f->terminal)) {
        polls[SIGNALS] = (struct pollfd) { .fd = f->signals, .events = POLLIN };
        polls[PROCESS] = (struct pollfd) { .fd = f->exited ? -1 : f->process.pidfd, .events = POLLIN };
        terminal_prepare(&f->terminal, polls + TERMINAL);
        if (poll(polls, POLLS, -1) < 0)
            continue;
        if (polls[SIGNALS].revents && !handle_signals(f))
            return 0;
        terminal_relay(&f->terminal, polls + TERMINAL);
        if (!polls[PROCESS].revents)
            continue;
        err = proa_wait(f->process.pidfd, &f->status, ret_error);
        if (err < 0)
            return err;
        f->exited = true;
    }
    return 0;
}

/* Somebody else may have deleted it already. */
static int delete_container(struct cli *cli, const char *id)
{
    struct proa_error *error = NULL;

    if (proa_delete(cli->proa, id, 0, &error) >= 0)
        return 0;
    if (proa_error_code(error) != PROA_E_NOT_FOUND)
        return cli_fail_prefixed(cli, "run", error);
    proa_error_free(error);
    return 0;
}

/* The container runs. Waits for its end. Returns 0, or 1 after an error. */
static int supervise(struct cli *cli, struct foreground *f)
{
    struct proa_error *error = NULL;
    int err;

    terminal_open(&f->terminal, f->process.console_fd);
    err = wait_for_end(f, &error);
    terminal_close(&f->terminal);
    close(f->process.pidfd);
    return err < 0 ? cli_fail_prefixed(cli, "run", error) : 0;
}

int foreground_run(struct cli *cli, const char *id, struct proa_create_options *request, unsigned flags)
{
    struct foreground f = { .process = { .size = sizeof(f.process), .pidfd = -1, .console_fd = -1 } };
    struct proa_error *error = NULL;
    struct winsize size;

    f.signals = open_signals();
    if (f.signals < 0)
        return cli_fail(cli, "%s run failed: signalfd: %s", cli->product, strerror(errno));
    if (!(flags & FOREGROUND_NO_SUBREAPER) && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        return cli_fail(cli, "%s run failed: PR_SET_CHILD_SUBREAPER: %s", cli->product, strerror(errno));
    if (terminal_size(&size)) {
        request->console_rows = size.ws_row;
        request->console_columns = size.ws_col;
    }
    if (proa_create(cli->proa, id, request, &f.process, &error) < 0)
        return cli_fail_prefixed(cli, "run", error);
    if (supervise(cli, &f))
        return 1;
    if (!(flags & FOREGROUND_KEEP) && delete_container(cli, id))
        return f.status ? f.status : 1;
    return f.status;
}
