/* Runs further processes in one container from several threads at once, through the shared library alone: each gets what
 * it asked for, and the caller is as it was. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bundle.h"

enum { THREADS = 8, ROUNDS = 10 };

static struct bundle bundle;
static const char id[] = "exec-test";

/* Exits with `number`, if all that was asked for is there. */
static int one(int number)
{
    static const char *const env[] = { "A=asked", NULL };
    static const uint32_t gids[] = { 21 };
    char script[128], user[32];
    const char *const args[] = { "busybox", "sh", "-c", script, NULL };
    struct proa_exec_options options = {
        .size = sizeof(options), .args = args, .env = env, .cwd = "/bin", .user = user, .additional_gids = gids,
        .n_additional_gids = 1,
    };
    struct proa_process process = { .size = sizeof(process) };
    struct proa_error *e = NULL;
    int status = -1;

    snprintf(user, sizeof(user), "%d:%d", 1000 + number, 2000 + number);
    snprintf(script, sizeof(script), "[ \"$(busybox id -u) $(busybox id -G) $A $PWD\" = \"%d %d 21 asked /bin\" ] && exit %d", 1000 + number,
             2000 + number, number);
    if (proa_exec(bundle.runtime, id, &options, &process, &e) < 0)
        bundle_die(&bundle, "exec", e);
    if (process.pid <= 0 || process.console_fd != -1 || process.terminal)
        bundle_die(&bundle, "what exec hands back", NULL);
    if (proa_wait(process.pidfd, &status, &e) < 0)
        bundle_die(&bundle, "wait", e);
    close(process.pidfd);
    return status;
}

static void *thread(void *number)
{
    long failures = 0;

    for (int i = 0; i < ROUNDS; i++) {
        int wanted = (int) (long) number * ROUNDS + i + 1;

        failures += one(wanted) != wanted;
    }
    return (void *) failures;
}

static long refused(const struct proa_exec_options *options, const char *name, enum proa_code code)
{
    struct proa_process process = { .size = sizeof(process), .pid = 5 };
    struct proa_error *e = NULL;
    long bad;

    if (proa_exec(bundle.runtime, name, options, &process, &e) >= 0)
        bundle_die(&bundle, "exec should have failed", NULL);
    bad = proa_error_code(e) != code || process.pid != 5;
    if (bad)
        fprintf(stderr, "code %d instead of %d: %s\n", (int) proa_error_code(e), (int) code, proa_error_message(e));
    proa_error_free(e);
    return bad;
}

static int first_free(void)
{
    int fd = dup(STDERR_FILENO);

    close(fd);
    return fd;
}

static long test_errors(void)
{
    static const char *const no_args[] = { NULL }, *const args[] = { "nonesuch", NULL };
    struct proa_exec_options options = { .size = sizeof(options), .args = args };
    long failures = refused(&options, "nobody", PROA_E_NOT_FOUND) + refused(&options, id, PROA_E_EXEC);

    options.cwd = "relative";
    failures += refused(&options, id, PROA_E_CONFIG);
    options.process = "{\"args\":[\"x\"],\"cwd\":1}";
    failures += refused(&options, id, PROA_E_CONFIG);
    /* One more than are open: nothing of the library's own may take its place. */
    options = (struct proa_exec_options) { .size = sizeof(options), .args = args, .preserve_fds = (unsigned) first_free() - 2 };
    failures += refused(&options, id, PROA_E_OTHER);
    options = (struct proa_exec_options) { .size = sizeof(options), .args = no_args };
    return failures + refused(&options, id, PROA_E_OTHER);
}

static long test_threads(void)
{
    pthread_t threads[THREADS];
    long failures = 0;

    for (long i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, thread, (void *) i);
    for (int i = 0; i < THREADS; i++) {
        void *result;

        pthread_join(threads[i], &result);
        failures += (long) result;
    }
    return failures;
}

int main(void)
{
    struct proa_create_options options = { .size = sizeof(options), .bundle = bundle.base, .flags = PROA_CREATE_START };
    struct proa_process process = { .size = sizeof(process) };
    struct proa_error *e = NULL;
    int descriptors, subreaper = -1;
    long failures;

    bundle_make(&bundle, "[\"/bin/busybox\", \"sleep\", \"1000\"]");
    if (proa_create(bundle.runtime, id, &options, &process, &e) < 0)
        bundle_die(&bundle, "create", e);
    umask(027);
    descriptors = bundle_descriptors();
    failures = test_errors() + test_threads();
    prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    if (bundle_descriptors() != descriptors || umask(0) != 027 || subreaper != 0) {
        fprintf(stderr, "the caller is not as it was\n");
        failures++;
    }
    close(process.pidfd);
    bundle_remove(&bundle);
    printf("%d threads, %d processes each, %ld failures\n", THREADS, ROUNDS, failures);
    return failures != 0;
}
