/*
 * timer - times whole commands, side by side.
 *
 *   timer ROUNDS NAME COMMAND… [-- NAME COMMAND…]…
 *
 * Each round runs each command once, in turn, so that what disturbs the machine disturbs all of
 * them alike. No shell between: posix_spawn, wait4. A COMMAND may be several, joined by ";" words:
 * they are one measure. "%" in a word is replaced by a number that is new for each round.
 * A word "/" before a command leaves that command out of the time (set-up and clean-up).
 *
 * Prints a line per NAME: NAME, minimum and median time in microseconds, peak memory in kB.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WORDS = 128, MAX_RUNNERS = 16, MAX_ROUNDS = 10000, WORD_SIZE = PATH_MAX };

struct runner {
    const char *name;
    char **words;
    int count;
    double *times;
    long memory;
};

static posix_spawn_file_actions_t quiet;

static void die(const char *what)
{
    fprintf(stderr, "timer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* The word with each "%" replaced by the round's number; in a buffer of the caller's. */
static char *fill_in(const char *word, int round, char *buffer)
{
    const char *mark = strchr(word, '%');

    if (!mark)
        return strcpy(buffer, word);
    snprintf(buffer, WORD_SIZE, "%.*s%d%s", (int)(mark - word), word, round, mark + 1);
    return buffer;
}

/* Runs one command; returns its time, 0 when it is not to be counted. */
static double run_one(struct runner *r, int first, int end, int round)
{
    static char buffers[MAX_WORDS][WORD_SIZE];
    extern char **environ;
    char *argv[MAX_WORDS + 1];
    int counted = strcmp(r->words[first], "/") != 0, n = 0, status, error;
    struct rusage usage;
    double start;
    pid_t pid;

    for (int i = first + !counted; i < end; i++, n++)
        argv[n] = fill_in(r->words[i], round, buffers[n]);
    argv[n] = NULL;

    start = now();
    error = posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ);
    if (error) {
        errno = error;
        die(argv[0]);
    }
    if (wait4(pid, &status, 0, &usage) != pid)
        die("wait4");
    start = now() - start;
    if (status != 0) {
        fprintf(stderr, "timer: %s: %s failed with wait status %d\n", r->name, argv[0], status);
        exit(1);
    }
    if (!counted)
        return 0;
    if (usage.ru_maxrss > r->memory)
        r->memory = usage.ru_maxrss;
    return start;
}

static double run_all(struct runner *r, int round)
{
    double sum = 0;

    for (int first = 0, end; first < r->count; first = end + 1) {
        for (end = first; end < r->count && strcmp(r->words[end], ";") != 0; end++)
            ;
        sum += run_one(r, first, end, round);
    }
    return sum;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int parse(char **argv, int rounds, struct runner *runners)
{
    int n = 0;

    while (*argv && n < MAX_RUNNERS) {
        struct runner *r = &runners[n++];

        r->name = *argv++;
        r->words = argv;
        while (*argv && strcmp(*argv, "--") != 0)
            argv++;
        r->count = (int)(argv - r->words);
        r->times = calloc((size_t)rounds, sizeof(*r->times));
        if (!r->times || r->count == 0 || r->count > MAX_WORDS)
            die(r->name);
        if (*argv)
            argv++;
    }
    return n;
}

int main(int argc, char **argv)
{
    struct runner runners[MAX_RUNNERS] = {0};
    int rounds = argc > 3 ? atoi(argv[1]) : 0, n;

    if (rounds < 1 || rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: timer ROUNDS NAME COMMAND… [-- NAME COMMAND…]…\n");
        return 2;
    }
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);

    n = parse(argv + 2, rounds, runners);
    /* Round 0 warms caches and is not counted. */
    for (int round = 0; round <= rounds; round++)
        for (int i = 0; i < n; i++) {
            double time = run_all(&runners[i], round);

            if (round > 0)
                runners[i].times[round - 1] = time;
        }
    for (int i = 0; i < n; i++) {
        qsort(runners[i].times, (size_t)rounds, sizeof(double), compare);
        printf("%s %.0f %.0f %ld\n", runners[i].name, runners[i].times[0], runners[i].times[rounds / 2],
               runners[i].memory);
    }
    return 0;
}
