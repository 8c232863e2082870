#include "cli.h"

enum { COMPLETE = 0, NOT_AUDITED = 1, DIFFERENT = 2 };

struct audit_values {
    bool json;
};

static const struct option rows[] = {
    { .name = "json", .type = OPTION_BOOL, .offset = offsetof(struct audit_values, json), .help = "print a JSON object" },
    { 0 },
};

static int audit_run(struct cli *cli, const void *values, char **arguments)
{
    const struct audit_values *options = values;
    struct proa_error *error = NULL;
    unsigned differences;
    char *text;
    int incomplete;

    incomplete = proa_audit(cli->proa, arguments[0], options->json ? PROA_AUDIT_JSON : 0, &text, &differences, &error);
    if (incomplete < 0)
        return cli_fail_error(cli, error);
    if (cli_print_free(cli, text))
        return NOT_AUDITED;
    return differences ? DIFFERENT : incomplete ? NOT_AUDITED : COMPLETE;
}

const struct command cmd_audit = {
    .name = "audit",
    .usage = "compare a container with what was configured",
    .arguments = "<container-id>",
    .containers = CONTAINERS_LIVE,
    .description = "   Reads cgroups, namespaces, mounts and the rights of every process of the container,\n"
                   "   and compares them with what config.json asked for when it was created. Nothing is\n"
                   "   changed. The exit status is 0 when all is as configured, 2 when something is\n"
                   "   weaker or other than that, and 1 when it could not be audited, or not all of it.\n",
    .options = rows,
    .values_size = sizeof(struct audit_values),
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = audit_run,
};
