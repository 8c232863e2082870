#include "help.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "text.h"

/* "--bundle, -b DIR" */
static char *option_synopsis(const struct option *option)
{
    const char *value = option->type == OPTION_CHOICE ? "[=false]" : option->value ? option->value : "";
    const char *space = *value && option_takes_word(option) ? " " : "";

    if (!option->letter)
        return text_format("--%s%s%s", option->name, space, value);
    return text_format("--%s, -%c%s%s", option->name, option->letter, space, value);
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

/* The tables speak of proa; here it has the name that it was called by. */
static void print_named(FILE *out, const struct cli *cli, const char *text)
{
    for (const char *found; (found = strstr(text, "proa")); text = found + 4)
        fprintf(out, "%.*s%s", (int) (found - text), text, cli->product);
    fputs(text, out);
}

static void print_rows(FILE *out, const struct cli *cli, const struct option *rows, int width)
{
    for (; rows->name; rows++) {
        char *synopsis = option_synopsis(rows);

        if (!rows->hidden)
            fprintf(out, "   %-*s  %s", width, synopsis, rows->help);
        if (!rows->hidden && rows->default_text) {
            fputs(" (default: ", out);
            print_named(out, cli, rows->default_text);
            fputc(')', out);
        }
        if (!rows->hidden)
            fputc('\n', out);
        free(synopsis);
    }
}

/* A table, and --help below it in one column. */
static void print_options(FILE *out, const struct cli *cli, const struct option *rows)
{
    static const struct option none[] = { { 0 } };
    int first = synopsis_width(rows ? rows : none), second = synopsis_width(help_rows);
    int width = first > second ? first : second;

    print_rows(out, cli, rows ? rows : none, width);
    print_rows(out, cli, help_rows, width);
}

static void print_commands(FILE *out)
{
    fputs("\nCOMMANDS:\n", out);
    for (const struct command *const *command = commands; *command; command++) {
        const char *alias = (*command)->alias;
        char *names;

        if ((*command)->hidden)
            continue;
        names = text_format("%s%s%s", (*command)->name, alias ? ", " : "", alias ? alias : "");

        fprintf(out, "   %-10s  %s\n", names, (*command)->usage);
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
    fputs("\nGLOBAL OPTIONS:\n", out);
    print_options(out, cli, global_rows);
    print_rows(out, cli, version_rows, synopsis_width(global_rows));
}

static void print_command(FILE *out, const struct cli *cli, const struct command *command)
{
    fprintf(out, "NAME:\n   %s %s - %s\n", cli->program, command->name, command->usage);
    fprintf(out, "\nUSAGE:\n   %s %s [command options]%s%s\n", cli->program, command->name,
            *command->arguments ? " " : "", command->arguments);
    if (command->description) {
        fputs("\nDESCRIPTION:\n", out);
        print_named(out, cli, command->description);
    }
    fputs("\nOPTIONS:\n", out);
    print_options(out, cli, command->options);
    fputs("\nGLOBAL OPTIONS:\n", out);
    print_rows(out, cli, global_rows, synopsis_width(global_rows));
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
