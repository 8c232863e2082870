/* Starts containers from several threads of one process at once, through the shared library alone, and checks that
 * the process is as it was: no descriptor more, the same umask, signal mask, working directory. Needs root; skips
 * with 77 without. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "proa/proa.h"

enum { THREADS = 8, ROUNDS = 5 };

static char base[] = "/tmp/proa-threads-XXXXXX";
static struct proa *runtime;

static int each_delete(void *data, struct proa_state *state)
{
    proa_delete(runtime, proa_state_id(state), PROA_DELETE_FORCE, NULL);
    proa_state_free(state);
    return 0;
}

static void clean_up(void)
{
    char command[256];

    if (runtime)
        proa_list(runtime, each_delete, NULL, NULL, NULL);
    proa_close(runtime);
    snprintf(command, sizeof(command), "rm -rf --one-file-system %s", base);
    if (system(command) != 0)
        fprintf(stderr, "%s stays behind\n", base);
}

static void die(const char *what, struct proa_error *e)
{
    fprintf(stderr, "%s: %s\n", what, e ? proa_error_message(e) : "failed");
    clean_up();
    _exit(1);
}

/* Busybox, called true, is all that the rootfs holds. */
static const char config[] =
    "{\"ociVersion\":\"1.3.0\",\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"/bin/true\"],\"cwd\":\"/\","
    "\"env\":[\"PATH=/bin\"],\"noNewPrivileges\":true},\"root\":{\"path\":\"rootfs\"},\"hostname\":\"thread\","
    "\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"}],"
    "\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"},{\"type\":\"uts\"},{\"type\":\"ipc\"},"
    "{\"type\":\"network\"}]}}";

static int run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int run(const char *fmt, ...)
{
    char command[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(command, sizeof(command), fmt, ap);
    va_end(ap);
    return system(command);
}

static void make_bundle(void)
{
    char path[256];
    FILE *f;

    if (!mkdtemp(base))
        die("mkdtemp", NULL);
    if (run("mkdir -p %s/rootfs/bin %s/rootfs/proc && cp /bin/busybox %s/rootfs/bin/true", base, base, base) != 0)
        die("making a bundle from /bin/busybox", NULL);
    snprintf(path, sizeof(path), "%s/config.json", base);
    f = fopen(path, "w");
    if (!f || fputs(config, f) < 0 || fclose(f) != 0)
        die("writing config.json", NULL);
}

static int one(const char *id)
{
    struct proa_process process = { .size = sizeof(process) };
    struct proa_create_options options = { .size = sizeof(options), .bundle = base };
    struct proa_error *e = NULL;
    int status = -1;

    if (proa_create(runtime, id, &options, &process, &e) < 0)
        die("create", e);
    if (proa_start(runtime, id, &e) < 0)
        die("start", e);
    if (proa_wait(process.pidfd, &status, &e) < 0)
        die("wait", e);
    close(process.pidfd);
    if (proa_delete(runtime, id, 0, &e) < 0)
        die("delete", e);
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

static int count_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static mode_t umask_now(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return mask;
}

int main(void)
{
    struct proa_options options = { .size = sizeof(options) };
    char root[256], cwd_before[4096], cwd_after[4096];
    sigset_t before, after;
    pthread_t threads[THREADS];
    struct proa_error *e = NULL;
    mode_t mask;
    int fds;
    long failures = 0;

    if (geteuid() != 0 || access("/bin/busybox", X_OK) < 0) {
        fprintf(stderr, "needs root and /bin/busybox\n");
        return 77;
    }
    make_bundle();
    snprintf(root, sizeof(root), "%s/state", base);
    options.root = root;
    if (proa_open(&options, &runtime, &e) < 0)
        die("open", e);
    umask(027);
    mask = umask_now();
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    if (!getcwd(cwd_before, sizeof(cwd_before)))
        die("getcwd", NULL);
    fds = count_descriptors();
    for (long i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, thread, (void *) i);
    for (int i = 0; i < THREADS; i++) {
        void *result;

        pthread_join(threads[i], &result);
        failures += (long) result;
    }
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    if (!getcwd(cwd_after, sizeof(cwd_after)) || strcmp(cwd_before, cwd_after) != 0)
        failures++, fprintf(stderr, "the working directory changed\n");
    if (memcmp(&before, &after, 8) != 0)
        failures++, fprintf(stderr, "the signal mask changed\n");
    if (umask_now() != mask)
        failures++, fprintf(stderr, "the umask changed\n");
    if (count_descriptors() != fds)
        failures++, fprintf(stderr, "%d descriptors became %d\n", fds, count_descriptors());
    clean_up();
    printf("%d threads, %d containers each, %ld failures\n", THREADS, ROUNDS, failures);
    return failures != 0;
}
