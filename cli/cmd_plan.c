#include "create.h"

struct plan_values {
    const char *bundle;
    bool json, no_pivot, no_new_keyring;
};

static const struct option rows[] = {
    { .name = "bundle", .letter = 'b', .type = OPTION_STRING, .value = "DIR", .offset = offsetof(struct plan_values, bundle),
      .help = "directory of the bundle", .default_text = "the working directory" },
    { .name = "json", .type = OPTION_BOOL, .offset = offsetof(struct plan_values, json), .help = "print JSON" },
    { .name = "no-pivot", .type = OPTION_BOOL, .offset = offsetof(struct plan_values, no_pivot),
      .help = "as for create" },
    { .name = "no-new-keyring", .type = OPTION_BOOL, .offset = offsetof(struct plan_values, no_new_keyring),
      .help = "as for create" },
    { 0 },
};

static int plan_run(struct cli *cli, const void *values, char **arguments)
{
    const struct plan_values *options = values;
    struct proa_error *error = NULL;
    unsigned flags = 0;
    char *text;

    if (options->json)
        flags |= PROA_PLAN_JSON;
    if (options->no_pivot)
        flags |= PROA_PLAN_NO_PIVOT;
    if (options->no_new_keyring)
        flags |= PROA_PLAN_NO_NEW_KEYRING;
    if (notify_socket())
        flags |= PROA_PLAN_NOTIFY;
    if (proa_plan(cli->proa, options->bundle, arguments[0], flags, &text, &error) < 0)
        return cli_fail_error(cli, error);
    return cli_print_free(cli, text);
}

const struct command cmd_plan = {
    .name = "plan",
    .usage = "print all that a start of a bundle would do, in order",
    .arguments = "[container-id]",
    .description = "   Shows namespaces, id maps, cgroup files with their values, mounts, devices, rights\n"
                   "   and steps as a start would make them here. Touches nothing and needs no privilege.\n",
    .options = rows,
    .values_size = sizeof(struct plan_values),
    .max_arguments = 1,
    .needs_runtime = true,
    .run = plan_run,
};
