#include "help.h"

static int help_run(struct cli *cli, const void *values, char **arguments)
{
    const struct command *command = arguments[0] ? command_find(arguments[0]) : NULL;

    (void) values;
    if (arguments[0] && !command)
        return cli_no_command(cli, arguments[0]);
    return cli_print_free(cli, help_text(cli, command));
}

const struct command cmd_help = {
    .name = "help",
    .alias = "h",
    .usage = "show the list of commands, or the help of one command",
    .arguments = "[command]",
    .max_arguments = 1,
    .run = help_run,
};
