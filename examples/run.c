/* Runs a container through libproa and exits as its program does.
 *
 *     cc run.c -lproa -o run && sudo ./run BUNDLE ID */
#include <proa/proa.h>
#include <stdio.h>
#include <unistd.h>

static int fail(struct proa_error *error)
{
    fprintf(stderr, "%s\n", proa_error_message(error));
    proa_error_free(error);
    return 1;
}

static int run(struct proa *runtime, const char *bundle, const char *id)
{
    struct proa_create_options options = { .size = sizeof(options), .bundle = bundle, .flags = PROA_CREATE_START };
    struct proa_process process = { .size = sizeof(process) };
    struct proa_error *error;
    int status = 1;

    if (proa_create(runtime, id, &options, &process, &error) < 0)
        return fail(error);
    if (proa_wait(process.pidfd, &status, &error) < 0)
        fail(error);
    close(process.pidfd);
    return proa_delete(runtime, id, PROA_DELETE_FORCE, &error) < 0 ? fail(error) : status;
}

int main(int argc, char **argv)
{
    struct proa_error *error;
    struct proa *runtime;
    int status;

    if (argc != 3) {
        fprintf(stderr, "usage: run BUNDLE ID\n");
        return 2;
    }
    if (proa_open(NULL, &runtime, &error) < 0)
        return fail(error);
    status = run(runtime, argv[1], argv[2]);
    proa_close(runtime);
    return status;
}
