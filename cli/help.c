#include "help.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "text.h"

/* "--bundle value, -b value" */
static char *option_synopsis(const struct option *option)
{
    const char *value = option->type == OPTION_BOOL ? "" : " value";

    if (!option->letter)
        return text_format("--%s%s", option->name, value);
    return text_format("--%s%s, -%c%s", option->name, value, option->letter, value);
}

static int synopsis_width(const struct option *rows)
{
    int width = 0;

    for (; rows->name; rows++) {
        char *synopsis = option_synopsis(rows);

        if (!rows->hidden && (int) strlen(synopsis) > width)
            width = (int) strlen(synopsis);
        free(synopsis);
    }
    return width;
}

static void print_rows(FILE *out, const struct option *rows, int width)
{
    for (; rows->name; rows++) {
        char *synopsis = option_synopsis(rows);

        if (!rows->hidden)
            fprintf(out, "   %-*s  %s", width, synopsis, rows->help);
        if (!rows->hidden && rows->default_text)
            fprintf(out, " (default: %s)", rows->default_text);
        if (!rows->hidden)
            fputc('\n', out);
        free(synopsis);
    }
}

/* A heading and up to two tables below it, in one column. */
static void print_options(FILE *out, const char *heading, const struct option *rows, const struct option *more)
{
    static const struct option none[] = { { 0 } };
    int first = synopsis_width(rows ? rows : none), second = synopsis_width(more);
    int width = first > second ? first : second;

    fprintf(out, "\n%s:\n", heading);
    print_rows(out, rows ? rows : none, width);
    print_rows(out, more, width);
}

static void print_commands(FILE *out)
{
    fputs("\nCOMMANDS:\n", out);
    for (const struct command *const *command = commands; *command; command++) {
        const char *alias = (*command)->alias;
        char *names = text_format("%s%s%s", (*command)->name, alias ? ", " : "", alias ? alias : "");

        fprintf(out, "   %-8s  %s\n", names, (*command)->usage);
        free(names);
    }
}

static void print_program(FILE *out, const struct cli *cli)
{
    fprintf(out, "NAME:\n   %s - Open Container Initiative runtime\n", cli->program);
    fprintf(out, "\nUSAGE:\n   %s [global options] command [command options] [arguments...]\n", cli->program);
    fprintf(out, "\nVERSION:\n   %s\n", proa_version());
    fputs("\nDESCRIPTION:\n"
          "   Runs containers from bundles: directories that hold a config.json, as the\n"
          "   Open Container Initiative's runtime specification describes it, and a root\n"
          "   file system.\n",
          out);
    print_commands(out);
    print_options(out, "GLOBAL OPTIONS", global_rows, help_rows);
    print_rows(out, version_rows, synopsis_width(global_rows));
}

static void print_command(FILE *out, const struct cli *cli, const struct command *command)
{
    fprintf(out, "NAME:\n   %s %s - %s\n", cli->program, command->name, command->usage);
    fprintf(out, "\nUSAGE:\n   %s %s [command options]%s%s\n", cli->program, command->name,
            *command->arguments ? " " : "", command->arguments);
    if (command->description)
        fprintf(out, "\nDESCRIPTION:\n%s", command->description);
    print_options(out, "OPTIONS", command->options, help_rows);
    fputs("\nGLOBAL OPTIONS:\n", out);
    print_rows(out, global_rows, synopsis_width(global_rows));
}

char *help_text(const struct cli *cli, const struct command *command)
{
    struct text text;

    text_stream(&text);
    if (command)
        print_command(text.out, cli, command);
    else
        print_program(text.out, cli);
    return text_take(&text);
}
