#include "create.h"

static int start_run(struct cli *cli, const void *values, char **arguments)
{
    struct proa_error *error = NULL;

    (void) values;
    if (proa_start_notify(cli->proa, arguments[0], notify_socket(), &error) < 0)
        return cli_fail_error(cli, error);
    return 0;
}

const struct command cmd_start = {
    .name = "start",
    .usage = "run the program of a created container",
    .arguments = "<container-id>",
    .containers = CONTAINERS_CREATED,
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = start_run,
};
