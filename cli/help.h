/* help.h - the help texts, made from the tables. */
#pragma once
#include "cli.h"

/* The help of a command, or of the program when `command` is NULL, for free(). */
char *help_text(const struct cli *cli, const struct command *command);
