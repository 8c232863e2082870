#include "cli.h"

static int features_run(struct cli *cli, const void *values, char **arguments)
{
    struct proa_error *error = NULL;
    char *json;

    (void) values;
    (void) arguments;
    return proa_features(&json, &error) < 0 ? cli_fail_error(cli, error) : cli_print_free(cli, json);
}

const struct command cmd_features = {
    .name = "features",
    .usage = "print as JSON what this runtime can do",
    .arguments = "",
    .run = features_run,
};
