/* Starts containers from several threads of one process at once, through the shared library alone, and checks that
 * the process is as it was: no descriptor more, the same umask, signal mask and working directory. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bundle.h"

enum { THREADS = 8, ROUNDS = 5 };

static struct bundle bundle;

static int one(const char *id)
{
    struct proa_process process = { .size = sizeof(process) };
    struct proa_create_options options = { .size = sizeof(options), .bundle = bundle.base };
    struct proa_error *e = NULL;
    int status = -1;

    if (proa_create(bundle.runtime, id, &options, &process, &e) < 0)
        bundle_die(&bundle, "create", e);
    if (proa_start(bundle.runtime, id, &e) < 0)
        bundle_die(&bundle, "start", e);
    if (proa_wait(process.pidfd, &status, &e) < 0)
        bundle_die(&bundle, "wait", e);
    close(process.pidfd);
    if (proa_delete(bundle.runtime, id, 0, &e) < 0)
        bundle_die(&bundle, "delete", e);
    return status;
}

static void *thread(void *number)
{
    long failures = 0;
    char id[64];

    for (int i = 0; i < ROUNDS; i++) {
        snprintf(id, sizeof(id), "thread-%d-%ld-%d", (int) getpid(), (long) number, i);
        failures += one(id) != 0;
    }
    return (void *) failures;
}

/* All of the caller's that the library promises to leave alone. */
struct caller {
    int descriptors, subreaper;
    mode_t umask;
    sigset_t blocked;
    char cwd[4096];
};

static struct caller look(void)
{
    struct caller c = { .descriptors = bundle_descriptors(), .umask = umask(0) };

    umask(c.umask);
    prctl(PR_GET_CHILD_SUBREAPER, &c.subreaper);
    pthread_sigmask(SIG_SETMASK, NULL, &c.blocked);
    if (!getcwd(c.cwd, sizeof(c.cwd)))
        bundle_die(&bundle, "getcwd", NULL);
    return c;
}

static long differs(const char *what, int same)
{
    if (!same)
        fprintf(stderr, "%s changed\n", what);
    return !same;
}

static long compare(const struct caller *a, const struct caller *b)
{
    long failures = differs("the number of descriptors", a->descriptors == b->descriptors);

    failures += differs("the subreaper flag", a->subreaper == b->subreaper);
    failures += differs("the umask", a->umask == b->umask);
    failures += differs("the working directory", strcmp(a->cwd, b->cwd) == 0);
    for (int signal = 1; signal < 32; signal++)
        failures += differs("the signal mask", sigismember(&a->blocked, signal) == sigismember(&b->blocked, signal));
    return failures;
}

int main(void)
{
    pthread_t threads[THREADS];
    struct caller before, after;
    long failures = 0;

    bundle_make(&bundle, "[\"/bin/true\"]");
    umask(027);
    before = look();
    for (long i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, thread, (void *) i);
    for (int i = 0; i < THREADS; i++) {
        void *result;

        pthread_join(threads[i], &result);
        failures += (long) result;
    }
    after = look();
    failures += compare(&before, &after);
    bundle_remove(&bundle);
    printf("%d threads, %d containers each, %ld failures\n", THREADS, ROUNDS, failures);
    return failures != 0;
}
