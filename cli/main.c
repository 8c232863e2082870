/* main.c - from argv to a command's run function, and its exit status. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "help.h"
#include "text.h"

/* Closed standard descriptors become /dev/null, so that no other file gets their numbers.
 * Returns whether standard output was closed. */
static bool reopen_stdio(void)
{
    bool stdout_closed = false;

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* The lowest free number is this one. It is to be inherited: no O_CLOEXEC. */
        if (open("/dev/null", O_RDWR) != fd)
            _exit(1);
        stdout_closed |= fd == STDOUT_FILENO;
    }
    return stdout_closed;
}

static const char *base_name(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;

    if (slash)
        path = slash + 1;
    return path && *path ? path : "proa";
}

static int print_version(const struct cli *cli)
{
    return cli_print_free(cli, text_format("%s version %s\ncommit: %s\nspec: %s\nlibseccomp: %s\n", cli->product, proa_version(),
                                           proa_commit(), proa_spec_version(), proa_libseccomp_version()));
}

static int open_log(struct cli *cli)
{
    char *error = log_open(&cli->log, cli->globals.log, cli->globals.log_format);
    int status = error ? cli_fail(cli, "%s", error) : 0;

    free(error);
    return status;
}

/* The reason and the help on standard output, and the error as every other error. Frees `error`. */
static int fail_usage(struct cli *cli, const struct command *command, char *error)
{
    char *help = help_text(cli, command);
    int status;

    cli_print_free(cli, text_format("Incorrect Usage: %s\n\n%s", error, help));
    status = cli_fail(cli, "%s", error);
    free(help);
    free(error);
    return status;
}

static int fail_count(struct cli *cli, const struct command *command, int count)
{
    bool exact = command->min_arguments == command->max_arguments, few = count < command->min_arguments;
    char *help = help_text(cli, command);

    cli_print_free(cli, text_format("Incorrect Usage.\n\n%s", help));
    free(help);
    return cli_fail(cli, "%s: \"%s\" requires %s %d argument(s)", cli->program, command->name,
                    exact ? "exactly" : few ? "a minimum of" : "a maximum of",
                    few ? command->min_arguments : command->max_arguments);
}

/* `exec ID -- program`: the first positional has ended the options, and this word is for the parser all the same. */
static int drop_double_dash(char **arguments, int count)
{
    if (count < 2 || strcmp(arguments[1], "--"))
        return count;
    memmove(&arguments[1], &arguments[2], (size_t) (count - 1) * sizeof(*arguments));
    return count - 1;
}

static int run_parsed(struct cli *cli, const struct command *command, const void *values, char **arguments)
{
    int status = command->needs_runtime ? cli_open_runtime(cli) : 0;

    if (!status)
        status = command->run(cli, values, arguments);
    if (cli->proa)
        proa_close(cli->proa);
    return status;
}

static int run_command(struct cli *cli, const struct command *command, char **arguments, void *values)
{
    const struct option_table tables[] = {
        { command->options, values }, { global_rows, &cli->globals }, { help_rows, &cli->globals }, { 0 },
    };
    char *error = NULL;
    int count = options_parse(command->options ? tables : tables + 1, command->stop_at_positional, arguments, &error);

    if (open_log(cli)) {
        free(error);
        return 1;
    }
    if (count < 0)
        return fail_usage(cli, command, error);
    if (cli->globals.help)
        return cli_print_free(cli, help_text(cli, command));
    if (command->stop_at_positional)
        count = drop_double_dash(arguments, count);
    if (count < command->min_arguments || count > command->max_arguments)
        return fail_count(cli, command, count);
    return run_parsed(cli, command, values, arguments);
}

static int run_program(struct cli *cli, char **words)
{
    const struct option_table tables[] = {
        { global_rows, &cli->globals }, { version_rows, &cli->globals }, { help_rows, &cli->globals }, { 0 },
    };
    const struct command *command;
    char *error = NULL;
    void *values;
    int status;

    if (options_parse(tables, true, words, &error) < 0)
        return fail_usage(cli, NULL, error);
    if (cli->globals.version)
        return print_version(cli);
    if (cli->globals.help || !words[0])
        return cli_print_free(cli, help_text(cli, NULL));
    command = command_find(words[0]);
    if (!command)
        return open_log(cli) ? 1 : cli_no_command(cli, words[0]);
    values = text_checked(calloc(1, command->values_size + 1)); /* not of 0 bytes, which may be NULL */
    status = run_command(cli, command, words + 1, values);
    free(values);
    return status;
}

int main(int argc, char **argv)
{
    struct cli cli = { .program = base_name(argv[0]) };
    int status;

    cli.stdout_closed = reopen_stdio();
    signal(SIGCHLD, SIG_DFL); /* ignored, as a caller may leave it, children could not be waited for */
    cli.product = strcmp(cli.program, "runc") ? "proa" : "runc";
    log_init(&cli.log);
    status = run_program(&cli, argv + (argc > 0));
    log_close(&cli.log);
    return status;
}
