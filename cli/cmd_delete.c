#include "cli.h"

struct delete_values {
    bool force;
};

static const struct option rows[] = {
    { .name = "force", .letter = 'f', .type = OPTION_BOOL, .offset = offsetof(struct delete_values, force),
      .help = "kill the container first if it still runs; an unknown ID is no error" },
    { 0 },
};

static int delete_run(struct cli *cli, const void *values, char **arguments)
{
    const struct delete_values *options = values;
    struct proa_error *error = NULL;

    if (proa_delete(cli->proa, arguments[0], options->force ? PROA_DELETE_FORCE : 0, &error) < 0)
        return cli_fail_error(cli, error);
    return 0;
}

const struct command cmd_delete = {
    .name = "delete",
    .usage = "remove a stopped container and all that belongs to it",
    .arguments = "<container-id>",
    .containers = CONTAINERS_ANY,
    .options = rows,
    .values_size = sizeof(struct delete_values),
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = delete_run,
};
