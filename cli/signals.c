#include "signals.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Container images write these two for the numbers that glibc leaves to programs, whatever libc is here. */
#define RTMIN 34
#define RTMAX 64

static const struct {
    const char *name;
    int number;
} names[] = {
    { "ABRT", SIGABRT }, { "ALRM", SIGALRM }, { "BUS", SIGBUS }, { "CHLD", SIGCHLD }, { "CLD", SIGCHLD },
    { "CONT", SIGCONT }, { "FPE", SIGFPE }, { "HUP", SIGHUP }, { "ILL", SIGILL }, { "INT", SIGINT },
    { "IO", SIGIO }, { "IOT", SIGABRT }, { "KILL", SIGKILL }, { "PIPE", SIGPIPE }, { "POLL", SIGPOLL },
    { "PROF", SIGPROF }, { "PWR", SIGPWR }, { "QUIT", SIGQUIT }, { "SEGV", SIGSEGV }, { "STKFLT", SIGSTKFLT },
    { "STOP", SIGSTOP }, { "SYS", SIGSYS }, { "TERM", SIGTERM }, { "TRAP", SIGTRAP }, { "TSTP", SIGTSTP },
    { "TTIN", SIGTTIN }, { "TTOU", SIGTTOU }, { "URG", SIGURG }, { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 },
    { "VTALRM", SIGVTALRM }, { "WINCH", SIGWINCH }, { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ },
};

static bool parse_number(const char *text, int *ret)
{
    const char *digits = text + (*text == '-' || *text == '+');
    long number;

    if (!*digits || digits[strspn(digits, "0123456789")])
        return false;
    errno = 0;
    number = strtol(text, NULL, 10);
    if (errno || number < INT_MIN || number > INT_MAX)
        return false;
    *ret = (int) number;
    return true;
}

/* "RTMIN", "RTMIN+n" and "RTMAX", "RTMAX-n", all within the range of the two. */
static bool parse_realtime(const char *name, int *ret)
{
    int sign = strncasecmp(name, "RTMIN", 5) ? -1 : 1;
    int distance = 0;

    if (sign < 0 && strncasecmp(name, "RTMAX", 5))
        return false;
    name += 5;
    if (*name && (*name != (sign > 0 ? '+' : '-') || !parse_number(name, &distance)))
        return false;
    if (distance < RTMIN - RTMAX || distance > RTMAX - RTMIN)
        return false;
    *ret = (sign > 0 ? RTMIN : RTMAX) + distance;
    return true;
}

bool signal_parse(const char *text, int *ret)
{
    const char *name = strncasecmp(text, "SIG", 3) ? text : text + 3;

    if (parse_number(text, ret))
        return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!strcasecmp(name, names[i].name)) {
            *ret = names[i].number;
            return true;
        }
    }
    return parse_realtime(name, ret);
}

const char *signal_name(size_t i)
{
    return i < sizeof(names) / sizeof(names[0]) ? names[i].name : NULL;
}
