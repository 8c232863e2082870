#include <unistd.h>
#include "create.h"
#include "foreground.h"

struct run_values {
    struct create_values create; /* first: CREATE_ROWS */
    bool detach, keep, no_subreaper;
};

static const struct option rows[] = {
    CREATE_ROWS,
    { .name = "detach", .letter = 'd', .type = OPTION_BOOL, .offset = offsetof(struct run_values, detach),
      .help = "do not wait for the container" },
    { .name = "keep", .type = OPTION_BOOL, .offset = offsetof(struct run_values, keep),
      .help = "do not delete the container when it has ended" },
    { .name = "no-subreaper", .type = OPTION_BOOL, .offset = offsetof(struct run_values, no_subreaper),
      .help = "do not adopt and reap the processes that the container leaves behind" },
    { 0 },
};

struct run {
    const char *id;
    struct proa_create_options request;
};

static int run_fail(const struct cli *cli, const char *reason)
{
    return cli_fail(cli, "%s run failed: %s", cli->product, reason);
}

static int run_start(struct cli *cli, void *data, const struct winsize *size, struct proa_process *ret,
                     struct proa_error **ret_error)
{
    struct run *run = data;

    run->request.console_rows = size->ws_row;
    run->request.console_columns = size->ws_col;
    return proa_create(cli->proa, run->id, &run->request, ret, ret_error);
}

/* The manager watches this process, which lives as long as the container does. What it cannot be told is no reason to end
 * the program. */
static bool run_notify(struct cli *cli, void *data, int notify_fd)
{
    const struct run *run = data;
    struct proa_error *error = NULL;
    int r = proa_notify_forward(notify_fd, run->request.notify_socket, getpid(), &error);

    if (r < 0)
        log_write(&cli->log, LOG_WARNING, proa_error_message(error));
    proa_error_free(error);
    return r != 0;
}

static int run_foreground(struct cli *cli, struct run *run, const struct run_values *options)
{
    const struct foreground_job job = {
        .subreaper = !options->no_subreaper, .start = run_start, .fail = run_fail, .notify = run_notify,
        .data = run,
    };
    int status;

    run->request.flags |= PROA_CREATE_CONSOLE_FD | PROA_CREATE_NOTIFY_FD;
    if (!foreground_run(cli, &job, &status) || options->keep)
        return status;
    return cli_delete_ended(cli, "run", run->id) && !status ? 1 : status;
}

static int run_run(struct cli *cli, const void *values, char **arguments)
{
    const struct run_values *options = values;
    struct run run = { arguments[0], create_request(&options->create, PROA_CREATE_START) };
    char *fault = inherited_fault((unsigned long) run.request.listen_fds + run.request.preserve_fds);
    struct proa_error *error = NULL;

    if (fault)
        return cli_fail_free(cli, "run", fault);
    if (!options->detach)
        return run_foreground(cli, &run, options);
    return proa_create(cli->proa, run.id, &run.request, NULL, &error) < 0 ? cli_fail_prefixed(cli, "run", error) : 0;
}

const struct command cmd_run = {
    .name = "run",
    .usage = "create and start a container, and wait for its end",
    .arguments = "<container-id>",
    .description = "   Makes the container that the bundle describes and runs its program. The exit status is\n"
                   "   that of the program, or 128 and the number of the signal that ended it.\n",
    .options = rows,
    .values_size = sizeof(struct run_values),
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = run_run,
};
