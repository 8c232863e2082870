#include "cli.h"

static int state_run(struct cli *cli, const void *values, char **arguments)
{
    struct proa_error *error = NULL;
    struct proa_state *state;
    char *json;
    int err;

    (void) values;
    if (proa_state(cli->proa, arguments[0], &state, &error) < 0)
        return cli_fail_error(cli, error);
    err = proa_state_json(state, PROA_JSON_PRETTY, &json, &error);
    proa_state_free(state);
    return err < 0 ? cli_fail_error(cli, error) : cli_print_free(cli, json);
}

const struct command cmd_state = {
    .name = "state",
    .usage = "print the state of a container as JSON",
    .arguments = "<container-id>",
    .containers = CONTAINERS_ANY,
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = state_run,
};
