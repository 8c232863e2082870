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
    bundle_remove(&bundle);
    return strcmp(text, "0 1 2 3 4\n") != 0;
}
