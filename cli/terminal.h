/* terminal.h - relays bytes between the caller's standard input and output and the container's terminal.
 *
 *   standard input  ──▶ input  ──▶ master of the pty      the caller's terminal is raw meanwhile
 *   standard output ◀── output ◀── master of the pty
 *
 * Nothing is lost, and neither direction waits for the other. The end of the input does not end the
 * output. When the output cannot be written any more the container's terminal hangs up. */
#pragma once
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <termios.h>

/* Bytes on their way. No more than PIPE_BUF: a pipe that poll(2) calls writable takes so many without blocking. */
struct relay {
    size_t start, end;
    char bytes[PIPE_BUF];
};

struct terminal {
    int master, slave;      /* -1 when there is none */
    int watch;              /* an epoll of standard input while that belongs to another job, else -1 */
    bool input_open;
    bool attached;          /* input is read */
    bool raw;               /* the caller's terminal is, and `saved` is what it was */
    struct termios saved;
    size_t drained;         /* bytes read after the container's end */
    struct relay input, output;
};

enum { TERMINAL_POLLS = 3 };

/* The window size of the first of the caller's standard descriptors that is a terminal. False: not known. */
bool terminal_size(struct winsize *ret);

/* Takes over the master of the container's pty; -1: there is no terminal, and all the rest does nothing. */
void terminal_open(struct terminal *t, int master);
/* Restores the caller's terminal. */
void terminal_close(struct terminal *t);

/* After a signal: the size may have changed, or a job in the background may have come to the foreground. */
void terminal_update(struct terminal *t);

/* What to wait for, and what to do then. Never blocks. */
void terminal_prepare(const struct terminal *t, struct pollfd polls[TERMINAL_POLLS]);
void terminal_relay(struct terminal *t, const struct pollfd polls[TERMINAL_POLLS]);

/* After the container's end: whether output of its is left to be relayed. */
bool terminal_pending(struct terminal *t);
