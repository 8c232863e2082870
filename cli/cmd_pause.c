#include <errno.h>
#include <stdlib.h>
#include "cli.h"
#include "text.h"

typedef int pause_fn(const struct proa *proa, const char *id, struct proa_error **ret_error);

static void warn_of_access(const struct cli *cli, const char *what)
{
    char *text = text_format("%s %s failure might be caused by lack of full access to cgroups", cli->product, what);

    log_write(&cli->log, LOG_WARNING, text);
    free(text);
}

static int toggle(struct cli *cli, const char *what, pause_fn *call, char **arguments)
{
    struct proa_error *error = NULL;
    int err;

    if (call(cli->proa, arguments[0], &error) >= 0)
        return 0;
    err = proa_error_errno(error);
    if (err == EPERM || err == EACCES)
        warn_of_access(cli, what);
    return cli_fail_error(cli, error);
}

static int pause_run(struct cli *cli, const void *values, char **arguments)
{
    (void) values;
    return toggle(cli, "pause", proa_pause, arguments);
}

static int resume_run(struct cli *cli, const void *values, char **arguments)
{
    (void) values;
    return toggle(cli, "resume", proa_resume, arguments);
}

const struct command cmd_pause = {
    .name = "pause",
    .usage = "stop all processes of a container where they are",
    .arguments = "<container-id>",
    .containers = CONTAINERS_RUNNING,
    .description = "   The container may be created or running. `proa resume` lets it go on.\n",
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = pause_run,
};

const struct command cmd_resume = {
    .name = "resume",
    .usage = "let a paused container go on",
    .arguments = "<container-id>",
    .containers = CONTAINERS_PAUSED,
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = resume_run,
};
