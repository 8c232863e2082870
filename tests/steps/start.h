/* start.h - whole starts against the real kernel, from a configuration to the program's output, without a state
 * directory and without cgroups: decode, plan, launch. Needs root. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Pieces of config.json; NULL: the default. */
struct wants {
    const char *args;           /* JSON array */
    const char *script;         /* instead: what `sh -c` is given, without double quotes and backslashes */
    const char *process;        /* further members of process, each followed by a comma */
    const char *mounts;         /* further mounts, each preceded by a comma */
    const char *all_mounts;     /* JSON array instead of the default */
    const char *namespaces;     /* JSON array */
    const char *linux_;         /* further members of linux, each preceded by a comma */
    const char *top;            /* further members of the document, each followed by a comma */
    const char *env;            /* JSON array */
    const char *rootfs;         /* instead of the test's own */
    bool readonly, terminal, no_pivot;
    bool wait;                  /* create, look, then start */
    unsigned uid;               /* of the launcher: != 0 is an unprivileged one */
    void (*look)(int pid);      /* called while the init waits */
};

struct outcome {
    int err;                    /* of the launch: 0 or -errno */
    char message[2048];         /* if it failed */
    int status;                 /* of the program: exit status, 128 + signal */
    char output[32768];         /* of the program, or of its terminal */
};

/* A directory with a root file system of busybox; made before each test, removed after it. */
int start_prepare(void **state);
int start_clean(void **state);
/* A path below the test's directory, in a static buffer: start_path("rootfs/dev"). */
const char *start_path(const char *below);
void start_shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Runs it; the result is static. */
const struct outcome *start(const struct wants *w);

/* Assert: it ran and said just this. */
void assert_says(const struct wants *w, const char *output);
/* Assert: it did not start, and the message has this in it. */
void assert_refused(const struct wants *w, const char *message);
