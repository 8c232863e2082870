#include "foreground.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "terminal.h"
#include "text.h"

struct foreground {
    struct cli *cli;
    const struct foreground_job *job;
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

static void close_notify(struct foreground *f)
{
    if (f->process.notify_fd >= 0)
        close(f->process.notify_fd);
    f->process.notify_fd = -1;
}

/* Returns 0, or a negative errno value as proa_wait() does. */
static int wait_for_end(struct foreground *f, struct proa_error **ret_error)
{
    enum { SIGNALS, PROCESS, NOTIFY, TERMINAL, POLLS = TERMINAL + TERMINAL_POLLS };
    struct pollfd polls[POLLS];
    int err;

    while (!f->exited || terminal_pending(&f->terminal)) {
        polls[SIGNALS] = (struct pollfd) { .fd = f->signals, .events = POLLIN };
        polls[PROCESS] = (struct pollfd) { .fd = f->exited ? -1 : f->process.pidfd, .events = POLLIN };
        polls[NOTIFY] = (struct pollfd) { .fd = f->process.notify_fd, .events = POLLIN };
        terminal_prepare(&f->terminal, polls + TERMINAL);
        if (poll(polls, POLLS, -1) < 0)
            continue;
        if (polls[SIGNALS].revents && !handle_signals(f))
            return 0;
        terminal_relay(&f->terminal, polls + TERMINAL);
        if (polls[NOTIFY].revents && f->job->notify(f->cli, f->job->data, f->process.notify_fd))
            close_notify(f);
        if (!polls[PROCESS].revents)
            continue;
        err = proa_wait(f->process.pidfd, &f->status, ret_error);
        if (err < 0)
            return err;
        f->exited = true;
    }
    return 0;
}

/* The process runs. Waits for its end. Returns as proa_wait(). */
static int supervise(struct foreground *f, struct proa_error **ret_error)
{
    int err;

    log_flush(&f->cli->log);
    terminal_open(&f->terminal, f->process.console_fd);
    err = wait_for_end(f, ret_error);
    terminal_close(&f->terminal);
    close(f->process.pidfd);
    close_notify(f);
    return err;
}

static int fail(struct cli *cli, const struct foreground_job *job, struct proa_error *error)
{
    int status = job->fail(cli, proa_error_message(error));

    proa_error_free(error);
    return status;
}

static int fail_call(struct cli *cli, const struct foreground_job *job, const char *call)
{
    char *reason = text_format("%s: %s", call, strerror(errno));
    int status = job->fail(cli, reason);

    free(reason);
    return status;
}

bool foreground_run(struct cli *cli, const struct foreground_job *job, int *ret_status)
{
    struct foreground f = {
        .cli = cli, .job = job, .process = { .size = sizeof(f.process), .pidfd = -1, .console_fd = -1, .notify_fd = -1 },
    };
    struct proa_error *error = NULL;
    struct winsize size = { 0 };

    f.signals = open_signals();
    if (f.signals < 0) {
        *ret_status = fail_call(cli, job, "signalfd");
        return false;
    }
    if (job->subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
        *ret_status = fail_call(cli, job, "PR_SET_CHILD_SUBREAPER");
        return false;
    }
    terminal_size(&size);
    if (job->start(cli, job->data, &size, &f.process, &error) < 0 || supervise(&f, &error) < 0) {
        *ret_status = fail(cli, job, error);
        return false;
    }
    *ret_status = f.status;
    return true;
}
