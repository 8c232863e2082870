#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "systemd/helper.h"

/* One line, whatever systemd's own words are: only the last line counts. */
static void say(const char *fmt, va_list args)
{
    char *text, *at;

    if (vasprintf(&text, fmt, args) < 0)
        exit(1);
    for (at = text; *at; at++)
        if (*at == '\n')
            *at = ' ';
    dprintf(STDOUT_FILENO, "%s\n", text);
    free(text);
}

void helper_say(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

void helper_fail(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
    exit(1);
}
