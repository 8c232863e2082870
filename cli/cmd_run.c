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

static int run_detached(struct cli *cli, const char *id, const struct proa_create_options *request)
{
    struct proa_error *error = NULL;

    return proa_create(cli->proa, id, request, NULL, &error) < 0 ? cli_fail_prefixed(cli, "run", error) : 0;
}

static int run_run(struct cli *cli, const void *values, char **arguments)
{
    const struct run_values *options = values;
    struct proa_create_options request = create_request(&options->create, PROA_CREATE_START);
    unsigned flags = 0;

    if (options->detach)
        return run_detached(cli, arguments[0], &request);
    if (options->keep)
        flags |= FOREGROUND_KEEP;
    if (options->no_subreaper)
        flags |= FOREGROUND_NO_SUBREAPER;
    request.flags |= PROA_CREATE_CONSOLE_FD;
    return foreground_run(cli, arguments[0], &request, flags);
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
