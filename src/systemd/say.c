#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "systemd/helper.h"

void helper_say(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vdprintf(STDOUT_FILENO, fmt, args);
    va_end(args);
    dprintf(STDOUT_FILENO, "\n");
}

void helper_fail(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vdprintf(STDOUT_FILENO, fmt, args);
    va_end(args);
    dprintf(STDOUT_FILENO, "\n");
    exit(1);
}
