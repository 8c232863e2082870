/* program.h - a program of the host, started with nothing of the caller's but what is given to it.
 *
 * No signal is blocked, ignored or handled there, no descriptor open but its three standard ones. The program runs
 * when program_start returns: a failed execve is an error of the start. Nothing of the caller's process is changed. */
#pragma once
#include <sys/types.h>
#include "base/arena.h"

struct program {
    const char *file;           /* its path; NULL: it is what `image` has open, which it keeps as descriptor 3 */
    int image;                  /* above 2 */
    char *const *argv, *const *envp;    /* end with NULL */
    int fds[3];                 /* its standard input, output and error; none less than the number it gets there */
    int directory;              /* to work in; -1: the caller's */
};

/* Where programs are looked for when $PATH does not say. */
#define PROGRAM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The file of that name along $PATH, as far as that is absolute, and then along PROGRAM_PATH; NULL: there is none. */
char *program_find(struct arena *a, const char *name);

/* 0 or -errno. The caller reaps it. */
int program_start(const struct program *p, pid_t *ret);
