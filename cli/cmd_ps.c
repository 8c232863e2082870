#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli.h"
#include "text.h"

enum { OUTPUT_MAX = 256 << 20 };
#define BLANKS " \t\r\v\f"

struct ps_values {
    const char *format;
};

static const struct option rows[] = {
    { .name = "format", .letter = 'f', .type = OPTION_STRING, .value = "table|json", .offset = offsetof(struct ps_values, format),
      .help = "table or json", .default_text = "table" },
    { 0 },
};

struct pids {
    pid_t *v;
    size_t n;
};

static bool has_pid(const struct pids *pids, long pid)
{
    for (size_t i = 0; i < pids->n; i++)
        if (pids->v[i] == pid)
            return true;
    return false;
}

/* ---- ps(1) ---------------------------------------------------------------------------------- */

/* Along PATH, but in no directory that depends on where we are. The caller frees it; NULL: nowhere. */
static char *find_ps(void)
{
    const char *path = getenv("PATH");
    size_t n;

    for (path = path ? path : ""; *path; path += n + (path[n] == ':')) {
        char *file;

        n = strcspn(path, ":");
        file = text_format("%.*s/ps", (int) n, path);
        if (*path == '/' && access(file, X_OK) == 0)
            return file;
        free(file);
    }
    return NULL;
}

/* 0 or a positive errno. `output` becomes its standard output and error. */
static int spawn(const char *file, char *const *argv, int output, pid_t *ret)
{
    posix_spawn_file_actions_t files;
    int r = posix_spawn_file_actions_init(&files);

    if (r)
        return r;
    if (!(r = posix_spawn_file_actions_adddup2(&files, output, 1)) && !(r = posix_spawn_file_actions_adddup2(&files, output, 2)))
        r = posix_spawn(ret, file, &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    return r;
}

/* All that is written to the pipe, which it closes. NULL: *ret_err says why. */
static char *read_all(int fd, int *ret_err)
{
    FILE *in = text_checked(fdopen(fd, "r"));
    char *output = text_read(in, OUTPUT_MAX, ret_err);

    fclose(in);
    return output;
}

/* As Go would say it. */
static int fail_ended(const struct cli *cli, int status, const char *output)
{
    if (WIFEXITED(status))
        return cli_fail(cli, "exit status %d: %s", WEXITSTATUS(status), output);
    return cli_fail(cli, "signal: %d: %s", WTERMSIG(status), output);
}

/* Its output, for the caller to free; else the exit status. */
static int run_ps(const struct cli *cli, const char *file, char *const *argv, char **ret_output)
{
    int ends[2], err, status = 0;
    char *output;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return cli_fail(cli, "pipe: %s", strerror(errno));
    err = spawn(file, argv, ends[1], &pid);
    close(ends[1]);
    if (err) {
        close(ends[0]);
        return cli_fail(cli, "starting %s: %s", file, strerror(err));
    }
    output = read_all(ends[0], &err);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!output)
        return cli_fail(cli, "reading the output of %s: %s", file, strerror(err));
    if (status) {
        status = fail_ended(cli, status, output);
        free(output);
        return status;
    }
    *ret_output = output;
    return 0;
}

/* ---- Its table ------------------------------------------------------------------------------ */

/* The i-th word of the line; NULL when it has fewer. */
static const char *word_at(const char *line, size_t i)
{
    for (line += strspn(line, BLANKS); *line && i > 0; i--) {
        line += strcspn(line, BLANKS);
        line += strspn(line, BLANKS);
    }
    return *line ? line : NULL;
}

/* Which word of the header says PID. */
static bool find_column(const char *header, size_t *ret)
{
    const char *word;

    for (size_t i = 0; (word = word_at(header, i)); i++)
        if (strcspn(word, BLANKS) == 3 && memcmp(word, "PID", 3) == 0) {
            *ret = i;
            return true;
        }
    return false;
}

static bool read_pid(const char *word, long *ret)
{
    char *end;

    errno = 0;
    *ret = word ? strtol(word, &end, 10) : 0;
    return word && end != word && errno == 0 && (*end == '\0' || strchr(BLANKS, *end));
}

/* Cuts the output into lines. */
static int print_table(const struct cli *cli, char *output, const struct pids *pids)
{
    char *rest = output, *line = strsep(&rest, "\n");
    struct text text;
    size_t column;
    long pid;

    if (!find_column(line, &column))
        return cli_fail(cli, "couldn't find PID field in ps output");
    text_stream(&text);
    fprintf(text.out, "%s\n", line);
    while ((line = strsep(&rest, "\n"))) {
        if (!*line)
            continue;
        if (!read_pid(word_at(line, column), &pid)) {
            free(text_take(&text));
            return cli_fail(cli, "unable to parse pid: there is none in ps's line \"%s\"", line);
        }
        if (has_pid(pids, pid))
            fprintf(text.out, "%s\n", line);
    }
    return cli_print_free(cli, text_take(&text));
}

/* `words`: what ps is to be called with, behind a place for its name; ends with NULL. */
static int list_table(const struct cli *cli, char **words, const struct pids *pids)
{
    char *defaults[] = { "ps", "-ef", NULL }, **argv = words[1] ? words : defaults, *file = find_ps(), *output = NULL;
    int status;

    if (!file)
        return cli_fail(cli, "exec: \"ps\": executable file not found in $PATH");
    argv[0] = defaults[0];
    status = run_ps(cli, file, argv, &output);
    free(file);
    if (status)
        return status;
    status = print_table(cli, output, pids);
    free(output);
    return status;
}

static int list_json(const struct cli *cli, const struct pids *pids)
{
    struct text text;

    text_stream(&text);
    for (size_t i = 0; i < pids->n; i++)
        fprintf(text.out, "%s%d", i ? "," : "[", (int) pids->v[i]);
    fputs(pids->n ? "]\n" : "null\n", text.out);
    return cli_print_free(cli, text_take(&text));
}

static int ps_run(struct cli *cli, const void *values, char **arguments)
{
    const struct ps_values *options = values;
    const char *format = options->format ? options->format : "table";
    struct proa_error *error = NULL;
    struct pids pids;
    int status;

    if (proa_processes(cli->proa, arguments[0], &pids.v, &pids.n, &error) < 0)
        return cli_fail_error(cli, error);
    if (!strcmp(format, "json"))
        status = list_json(cli, &pids);
    else if (!strcmp(format, "table"))
        status = list_table(cli, arguments, &pids);
    else
        status = cli_fail(cli, "invalid format option \"%s\" (table or json)", format);
    free(pids.v);
    return status;
}

const struct command cmd_ps = {
    .name = "ps",
    .usage = "list the processes of a container",
    .arguments = "<container-id> [ps options]",
    .containers = CONTAINERS_LIVE,
    .description = "   As a table: what ps(1) prints when it is called with these options, -ef when there\n"
                   "   are none, as far as it is about the container. A column must be called PID.\n",
    .options = rows,
    .values_size = sizeof(struct ps_values),
    .min_arguments = 1,
    .max_arguments = INT_MAX,
    .stop_at_positional = true,
    .needs_runtime = true,
    .run = ps_run,
};
