/*
 * harness - what the tests need to see of processes and a shell cannot tell.
 *
 *   harness orphans CMD…             runs CMD; fails with 99 when a descendant outlives it
 *   harness adopt CMD…               runs CMD, then waits for its orphans: "PID STATUS" a line
 *   harness kill-at-stop CMD… -- THEN…
 *                                    kills CMD once it has stopped itself, runs THEN, fails with 99
 *                                    when a descendant lives on; prints "killed" or "ended N"
 *   harness wait PID                 until the process PID has ended
 *   harness subreaper CMD…           becomes CMD, to whom the orphans below it come
 *   harness drain CMD…               runs CMD with stdout and stderr on one pipe; fails with 98
 *                                    when somebody still holds the pipe after CMD's end
 *   harness thread CMD…              runs CMD from a thread with whose end CMD would be killed
 *   harness appears FILE CMD…        runs CMD; prints what happens to FILE: "created", "written",
 *                                    "renamed", a line each
 *
 * Otherwise the exit status is CMD's (128+n for signal n). No waiting without an event: deadlines
 * are alarms.
 */
#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What has been killed ends in no time; what has been left would live longer. */
enum { LEFT_BEHIND = 99, PIPE_HELD = 98, USAGE = 2, LEFT_SECONDS = 15, DEADLINE_SECONDS = 60 };

static void ignore_alarm(int signal)
{
    (void)signal;
}

/* Without SA_RESTART: the alarm ends a blocking wait or read with EINTR. */
static void set_deadline(unsigned seconds)
{
    struct sigaction action = {.sa_handler = ignore_alarm};

    sigaction(SIGALRM, &action, NULL);
    alarm(seconds);
}

static int exit_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static pid_t spawn(char **argv, int output)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    if (output >= 0) {
        dup2(output, 1);
        dup2(output, 2);
        close(output);
    }
    execvp(argv[0], argv);
    fprintf(stderr, "harness: %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static int run(char **argv)
{
    int status;

    if (waitpid(spawn(argv, -1), &status, 0) < 0)
        return USAGE;
    return exit_code(status);
}

/* Reaps orphans meanwhile: the first process of a pid namespace does not end before all others there are reaped. */
static int run_reaping(char **argv)
{
    pid_t pid = spawn(argv, -1), ended;
    int status;

    while ((ended = wait(&status)) != pid)
        if (ended < 0)
            return USAGE;
    return exit_code(status);
}

/* True when all adopted descendants end in time. */
static int all_ended(void)
{
    pid_t pid;

    set_deadline(LEFT_SECONDS);
    do {
        pid = wait(NULL);
    } while (pid > 0);
    return errno == ECHILD;
}

static int nothing_left(int code)
{
    if (all_ended())
        return code;
    fprintf(stderr, "harness: a process was left behind\n");
    return LEFT_BEHIND;
}

static int cmd_orphans(char **argv)
{
    return nothing_left(run(argv));
}

static int cmd_adopt(char **argv)
{
    int code = run(argv), status;
    pid_t pid;

    set_deadline(DEADLINE_SECONDS);
    while ((pid = wait(&status)) > 0)
        printf("%d %d\n", (int)pid, exit_code(status));
    return errno == ECHILD ? code : LEFT_BEHIND;
}

static int cmd_kill_at_stop(char **argv)
{
    char **then = argv;
    int status;
    pid_t pid;

    while (*then && strcmp(*then, "--") != 0)
        then++;
    if (!*then)
        return USAGE;
    *then++ = NULL;

    pid = spawn(argv, -1);
    if (waitpid(pid, &status, WUNTRACED) != pid)
        return USAGE;
    if (!WIFSTOPPED(status)) {
        printf("ended %d\n", exit_code(status));
        fflush(stdout);
        return nothing_left(run_reaping(then));
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    printf("killed\n");
    fflush(stdout);
    return nothing_left(run_reaping(then));
}

static int cmd_wait(char **argv)
{
    struct pollfd ended = {.events = POLLIN};
    pid_t pid = atoi(argv[0]);

    ended.fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (ended.fd < 0)
        return errno == ESRCH ? 0 : USAGE;
    return poll(&ended, 1, DEADLINE_SECONDS * 1000) == 1 ? 0 : LEFT_BEHIND;
}

/* The attribute stays across execve. */
static int cmd_subreaper(char **argv)
{
    execvp(argv[0], argv);
    fprintf(stderr, "harness: %s: %s\n", argv[0], strerror(errno));
    return 127;
}

static int cmd_drain(char **argv)
{
    char buffer[4096];
    int ends[2], status;
    ssize_t n;
    pid_t pid;

    if (pipe(ends) < 0)
        return USAGE;
    pid = spawn(argv, ends[1]);
    close(ends[1]);
    set_deadline(DEADLINE_SECONDS);
    while ((n = read(ends[0], buffer, sizeof(buffer))) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
    if (n < 0)
        return PIPE_HELD;
    waitpid(pid, &status, 0);
    return exit_code(status);
}

static void *start_bound(void *data)
{
    char **argv = data;
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execvp(argv[0], argv);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return (void *)(long)exit_code(status);
}

static int cmd_thread(char **argv)
{
    pthread_t thread;
    void *code;

    if (pthread_create(&thread, NULL, start_bound, argv) != 0)
        return USAGE;
    pthread_join(thread, &code);
    return (int)(long)code;
}

static const char *event_name(uint32_t mask)
{
    return mask & IN_MOVED_TO ? "renamed" : mask & IN_CREATE ? "created" : "written";
}

static void print_events(int watch, const char *name)
{
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    const struct inotify_event *event;
    ssize_t n, at;

    while ((n = read(watch, buffer, sizeof(buffer))) > 0)
        for (at = 0; at < n; at += (ssize_t)(sizeof(*event) + event->len)) {
            event = (const void *)(buffer + at);
            if (event->len && strcmp(event->name, name) == 0)
                printf("%s\n", event_name(event->mask));
        }
}

static int cmd_appears(char **argv)
{
    char *parent = strdup(argv[0]), *name = strdup(argv[0]);
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), code;

    if (!argv[1] || inotify_add_watch(watch, dirname(parent), IN_CREATE | IN_MODIFY | IN_MOVED_TO) < 0)
        return USAGE;
    code = run(argv + 1);
    print_events(watch, basename(name));
    return code;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(char **argv);
    } commands[] = {
        {"orphans", cmd_orphans},
        {"adopt", cmd_adopt},
        {"kill-at-stop", cmd_kill_at_stop},
        {"wait", cmd_wait},
        {"subreaper", cmd_subreaper},
        {"drain", cmd_drain},
        {"thread", cmd_thread},
        {"appears", cmd_appears},
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (size_t i = 0; argc > 2 && i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argv + 2);
    fprintf(stderr, "usage: harness orphans|adopt|kill-at-stop|wait|subreaper|drain|thread|appears ARG…\n");
    return USAGE;
}
