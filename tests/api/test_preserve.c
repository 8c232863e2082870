/* preserve_fds hands over descriptors that the caller keeps close-on-exec, as a threaded caller must, and no others. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bundle.h"

static struct bundle bundle;

static int pipe_at(int fd, int other)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0 || dup3(ends[0], other, O_CLOEXEC) < 0 || dup3(ends[1], fd, O_CLOEXEC) < 0)
        bundle_die(&bundle, "pipe", NULL);
    return other;
}

/* A process that is restored has its descriptors. */
static void must_not_restore(const char *id, const struct proa_create_options *create)
{
    struct proa_restore_options options = { .size = sizeof(options), .create = create };
    struct proa_error *e = NULL;

    if (proa_restore(bundle.runtime, id, &options, NULL, &e) >= 0 || proa_error_code(e) != PROA_E_UNSUPPORTED)
        bundle_die(&bundle, "a restore with preserve_fds", e);
    proa_error_free(e);
}

int main(void)
{
    struct proa_process process = { .size = sizeof(process) };
    struct proa_create_options options = { .size = sizeof(options), .flags = PROA_CREATE_START, .preserve_fds = 1 };
    struct proa_error *e = NULL;
    char text[64] = "", id[32];
    int status = -1, out;

    bundle_make(&bundle, "[\"/bin/busybox\", \"sh\", \"-c\", \"cd /proc/self/fd && echo * >&3\"]");
    out = pipe_at(3, 20);
    pipe_at(4, 21);
    options.bundle = bundle.base;
    snprintf(id, sizeof(id), "preserve-%d", (int) getpid());
    if (proa_create(bundle.runtime, id, &options, &process, &e) < 0)
        bundle_die(&bundle, "create", e);
    if (proa_wait(process.pidfd, &status, &e) < 0)
        bundle_die(&bundle, "wait", e);
    close(3);
    if (status != 0 || read(out, text, sizeof(text) - 1) < 0)
        bundle_die(&bundle, "the program could not write to descriptor 3", NULL);
    /* Its listing of the directory is one more, the first that is free. */
    printf("the program has descriptors %s", text);
    must_not_restore(id, &options);
    bundle_remove(&bundle);
    return strcmp(text, "0 1 2 3 4\n") != 0;
}
