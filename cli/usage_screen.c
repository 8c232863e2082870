#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>
#include "terminal.h"
#include "text.h"
#include "usage.h"

/* The terminal's other page, on which nothing is lost of what stood on the first; without a cursor. */
#define PAGE_ENTER "\033[?1049h\033[?25l"
#define PAGE_LEAVE "\033[?25h\033[?1049l"
#define PAGE_CLEAR "\033[H\033[J"

struct screen {
    struct cli *cli;
    char **ids;
    struct usage_look *look;
    int timer, signals;
    bool keys;              /* of the terminal, and `saved` is what it was */
    struct termios saved;
    sigset_t mask;          /* what it was */
    int signal;             /* that has ended it */
};

/* ---- The text ------------------------------------------------------------------------------- */

static char *screen_text(const struct screen *s)
{
    char *table = usage_table(s->look), *text;

    if (!s->look->problem)
        return table;
    text = text_format("%s\n%s", s->look->problem, table);
    free(table);
    return text;
}

static int paint(const struct screen *s)
{
    struct winsize size = { .ws_row = 24, .ws_col = 80 };
    char *text = screen_text(s), *fitting, *page;
    int err;

    terminal_size(&size);
    fitting = usage_fit(text, size.ws_row ? size.ws_row : 24, size.ws_col ? size.ws_col : 80);
    page = text_format(PAGE_CLEAR "%s", fitting);
    err = text_write(STDOUT_FILENO, page, strlen(page));
    free(page);
    free(fitting);
    free(text);
    return err;
}

/* ---- The terminal --------------------------------------------------------------------------- */

/* Keys come one by one and are not shown; Ctrl-Z does nothing. Ctrl-C is a signal, as ever. */
static void take_keys(struct screen *s)
{
    struct termios mode;

    if (tcgetattr(STDIN_FILENO, &s->saved) < 0)
        return;
    mode = s->saved;
    mode.c_lflag &= ~(tcflag_t) (ICANON | ECHO);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    mode.c_cc[VSUSP] = _POSIX_VDISABLE;
    s->keys = tcsetattr(STDIN_FILENO, TCSADRAIN, &mode) == 0;
}

static bool screen_open(struct screen *s)
{
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    sigaddset(&mask, SIGQUIT);
    sigaddset(&mask, SIGWINCH);
    sigprocmask(SIG_BLOCK, &mask, &s->mask);
    s->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s->signals < 0)
        return false;
    take_keys(s);
    return text_write(STDOUT_FILENO, PAGE_ENTER, sizeof(PAGE_ENTER) - 1) == 0;
}

/* What was shown last stays, on the first page. */
static void screen_close(struct screen *s)
{
    char *text = screen_text(s), *last = text_format(PAGE_LEAVE "%s", text);

    text_write(STDOUT_FILENO, last, strlen(last));
    free(last);
    free(text);
    if (s->keys)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &s->saved);
    if (s->signals >= 0)
        close(s->signals);
    sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

/* ---- The loop ------------------------------------------------------------------------------- */

/* Returns false when the user has had enough. */
static bool handle_signals(struct screen *s)
{
    struct signalfd_siginfo info;

    while (read(s->signals, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
        if (info.ssi_signo == SIGWINCH)
            continue;
        if (info.ssi_signo != SIGINT)
            s->signal = (int) info.ssi_signo;
        return false;
    }
    return paint(s) == 0;
}

static bool handle_keys(struct screen *s)
{
    char keys[64];
    ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

    if (n <= 0)
        s->keys = false;
    return n <= 0 || (!memchr(keys, 'q', (size_t) n) && !memchr(keys, 'Q', (size_t) n));
}

/* Returns false when the last of the named containers has ended, or the status says what went wrong. */
static bool look_again(struct screen *s, int *ret_status)
{
    uint64_t expired;

    if (read(s->timer, &expired, sizeof(expired)) < 0)
        return errno == EINTR;
    *ret_status = usage_renew(s->cli, s->ids, s->look);
    return !*ret_status && (!*s->ids || s->look->count || s->look->problem) && paint(s) == 0;
}

static int follow(struct screen *s)
{
    enum { TIMER, SIGNALS, KEYS, POLLS };
    bool going = paint(s) == 0;
    int status = 0;

    while (going) {
        struct pollfd polls[POLLS] = {
            [TIMER] = { .fd = s->timer, .events = POLLIN },
            [SIGNALS] = { .fd = s->signals, .events = POLLIN },
            [KEYS] = { .fd = s->keys ? STDIN_FILENO : -1, .events = POLLIN },
        };

        if (poll(polls, POLLS, -1) < 0)
            continue;
        if (polls[SIGNALS].revents)
            going = handle_signals(s);
        if (going && polls[KEYS].revents)
            going = handle_keys(s);
        if (going && polls[TIMER].revents)
            going = look_again(s, &status);
    }
    return status;
}

int usage_screen(struct cli *cli, char **ids, int timer, struct usage_look *look)
{
    struct screen s = { .cli = cli, .ids = ids, .look = look, .timer = timer, .signals = -1 };
    int status = 1;

    if (screen_open(&s))
        status = follow(&s);
    screen_close(&s);
    if (s.signal)
        raise(s.signal);
    return status;
}
