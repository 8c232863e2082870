#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* More than the kernel keeps of a pty's output (64 KB of buffers and 4 KB in the line discipline). */
#define DRAIN_MAX (80 * 1024)

enum { POLL_INPUT, POLL_MASTER, POLL_OUTPUT };

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool relay_empty(const struct relay *r)
{
    return r->start == r->end;
}

/* Reads into an empty relay. False at the end of the file and on errors. */
static bool relay_fill(struct relay *r, int fd)
{
    ssize_t n = read(fd, r->bytes, sizeof(r->bytes));

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    r->start = 0;
    r->end = (size_t) n;
    return n > 0;
}

/* Writes what the descriptor takes. False when it will never take any. */
static bool relay_drain(struct relay *r, int fd)
{
    ssize_t n = write(fd, r->bytes + r->start, r->end - r->start);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    r->start += (size_t) n;
    return true;
}

bool terminal_size(struct winsize *ret)
{
    struct winsize size;

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (ioctl(fd, TIOCGWINSZ, &size) < 0)
            continue;
        *ret = size;
        return size.ws_row || size.ws_col;
    }
    return false;
}

static void resize(const struct terminal *t)
{
    struct winsize size;

    if (terminal_size(&size))
        ioctl(t->master, TIOCSWINSZ, &size);
}

/* The caller's terminal stays one for output: \n still becomes \r\n there, and not in the container's
 * terminal, so that output which goes to a file has no \r. */
static void make_raw(struct terminal *t)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &t->saved) < 0)
        return;
    raw = t->saved;
    cfmakeraw(&raw);
    raw.c_oflag = t->saved.c_oflag;
    t->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

/* A job in the background leaves the terminal to the shell. One that is not our controlling terminal
 * (tcgetpgrp fails then) has no jobs of ours. */
static void attach(struct terminal *t)
{
    pid_t foreground = tcgetpgrp(STDIN_FILENO);

    if (t->attached || (foreground >= 0 && foreground != getpgrp()))
        return;
    t->attached = true;
    close_fd(&t->watch);
    make_raw(t);
}

/* A shell that brings a running job to the foreground says nothing to it. New input does: once for each piece, so
 * that what is meant for the shell does not keep us busy. */
static int watch_input(void)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLET };
    int watch = epoll_create1(EPOLL_CLOEXEC);

    if (watch >= 0 && epoll_ctl(watch, EPOLL_CTL_ADD, STDIN_FILENO, &event) < 0)
        close_fd(&watch);
    return watch;
}

void terminal_open(struct terminal *t, int master)
{
    t->master = master;
    t->slave = t->watch = -1;
    t->input_open = true;
    t->attached = t->raw = false;
    t->drained = 0;
    t->input.start = t->input.end = t->output.start = t->output.end = 0;
    if (master < 0)
        return;
    /* With this end held open the master never hangs up: a container may close its terminal and open it again. */
    t->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
    terminal_update(t);
    if (!t->attached)
        t->watch = watch_input();
}

void terminal_close(struct terminal *t)
{
    if (t->raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);
    t->raw = false;
    close_fd(&t->watch);
    close_fd(&t->slave);
    close_fd(&t->master);
}

void terminal_update(struct terminal *t)
{
    if (t->master < 0)
        return;
    attach(t);
    resize(t);
}

/* A descriptor without an event to wait for must not be polled: POLLHUP would be reported for ever. */
static struct pollfd poll_for(int fd, short events)
{
    return (struct pollfd) { .fd = events ? fd : -1, .events = events };
}

void terminal_prepare(const struct terminal *t, struct pollfd polls[TERMINAL_POLLS])
{
    bool input = !relay_empty(&t->input), output = !relay_empty(&t->output), open = t->master >= 0;

    polls[POLL_INPUT] = poll_for(t->attached ? STDIN_FILENO : t->watch, open && t->input_open && !input ? POLLIN : 0);
    polls[POLL_MASTER] = poll_for(t->master, (output ? 0 : POLLIN) | (input ? POLLOUT : 0));
    polls[POLL_OUTPUT] = poll_for(STDOUT_FILENO, output ? POLLOUT : 0);
}

static void relay_input(struct terminal *t, const struct pollfd polls[TERMINAL_POLLS])
{
    struct epoll_event event;

    if (polls[POLL_INPUT].revents && !t->attached) {
        epoll_wait(t->watch, &event, 1, 0);
        attach(t);
    } else if (polls[POLL_INPUT].revents && !relay_fill(&t->input, STDIN_FILENO)) {
        t->input_open = false;
    }
    if (relay_empty(&t->input) || t->master < 0)
        return;
    if (!relay_drain(&t->input, t->master)) {
        t->input_open = false;
        t->input.start = t->input.end;
    }
}

static void relay_output(struct terminal *t, const struct pollfd polls[TERMINAL_POLLS])
{
    if ((polls[POLL_MASTER].revents & (POLLIN | POLLHUP | POLLERR)) && relay_empty(&t->output) &&
        !relay_fill(&t->output, t->master))
        close_fd(&t->master);
    if (polls[POLL_OUTPUT].revents && !relay_drain(&t->output, STDOUT_FILENO)) {
        t->output.start = t->output.end;
        close_fd(&t->slave);
        close_fd(&t->master);
    }
}

void terminal_relay(struct terminal *t, const struct pollfd polls[TERMINAL_POLLS])
{
    relay_output(t, polls);
    relay_input(t, polls);
}

/* Asks for data rather than for the end of the file: a process that outlives the container may hold the terminal
 * open, and write for ever. */
bool terminal_pending(struct terminal *t)
{
    if (relay_empty(&t->output) && t->master >= 0 && t->drained < DRAIN_MAX && relay_fill(&t->output, t->master))
        t->drained += t->output.end - t->output.start;
    return !relay_empty(&t->output);
}
