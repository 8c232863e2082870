#include "create.h"

static const struct option rows[] = { CREATE_ROWS, { 0 } };

/* An empty value is as good as none. */
static const char *given(const char *value)
{
    return value && *value ? value : NULL;
}

struct proa_create_options create_request(const struct create_values *values, unsigned flags)
{
    if (values->no_pivot)
        flags |= PROA_CREATE_NO_PIVOT;
    if (values->no_new_keyring)
        flags |= PROA_CREATE_NO_NEW_KEYRING;
    return (struct proa_create_options) {
        .size = sizeof(struct proa_create_options),
        .bundle = given(values->bundle),
        .flags = flags,
        .console_socket = given(values->console_socket),
        .pid_file = given(values->pid_file),
        .preserve_fds = values->preserve_fds,
    };
}

static int create_run(struct cli *cli, const void *values, char **arguments)
{
    struct proa_create_options request = create_request(values, 0);
    struct proa_error *error = NULL;

    if (proa_create(cli->proa, arguments[0], &request, NULL, &error) < 0)
        return cli_fail_prefixed(cli, "create", error);
    return 0;
}

const struct command cmd_create = {
    .name = "create",
    .usage = "create a container",
    .arguments = "<container-id>",
    .description = "   Makes the container that the bundle describes, up to the point where its program\n"
                   "   would run: that waits for the start command. The ID must not be in use.\n",
    .options = rows,
    .values_size = sizeof(struct create_values),
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = create_run,
};
