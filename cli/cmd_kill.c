#include <signal.h>
#include "cli.h"
#include "signals.h"

struct kill_values {
    bool all;
};

static const struct option rows[] = {
    { .name = "all", .letter = 'a', .type = OPTION_BOOL, .offset = offsetof(struct kill_values, all),
      .help = "send it to all processes; that the container does not run is no error" },
    { 0 },
};

static int kill_run(struct cli *cli, const void *values, char **arguments)
{
    const struct kill_values *options = values;
    struct proa_error *error = NULL;
    int number = SIGTERM;

    if (arguments[1] && !signal_parse(arguments[1], &number))
        return cli_fail(cli, "unknown signal \"%s\"", arguments[1]);
    if (proa_kill(cli->proa, arguments[0], number, options->all ? PROA_KILL_ALL : 0, &error) < 0)
        return cli_fail_error(cli, error);
    return 0;
}

const struct command cmd_kill = {
    .name = "kill",
    .usage = "send a signal to the first process of a container",
    .arguments = "<container-id> [signal]",
    .containers = CONTAINERS_LIVE,
    .description = "   The signal is a number or a name, with or without SIG, in any case: 9, KILL,\n"
                   "   sigterm, RTMIN+3. It is TERM when none is given.\n",
    .options = rows,
    .values_size = sizeof(struct kill_values),
    .min_arguments = 1,
    .max_arguments = 2,
    .stop_at_positional = true,
    .needs_runtime = true,
    .run = kill_run,
};
