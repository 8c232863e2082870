/* cmd_complete.c - what may stand at the end of a command line, for the scripts of completions/.
 *
 * The last argument is the word that is being typed, perhaps empty; those before it are the words before it. Answers with
 * one candidate a line, a tab and its help behind it where there is one; the shell keeps those that fit. ":file" and
 * ":directory" leave it to the shell to look for paths. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "signals.h"
#include "text.h"

/* How far the words before have come. */
struct place {
    FILE *out;
    struct cli *cli;
    const struct command *command; /* NULL before its name */
    const struct option *waiting;  /* the option whose value comes next, or NULL */
    int words;                     /* of the command's positionals */
    bool options_ended;
};

static const struct option *find_option(const struct place *place, const char *word)
{
    static const struct option none[] = { { 0 } };
    const struct command *command = place->command;
    const struct option_table tables[] = {
        { command && command->options ? command->options : none, NULL }, { global_rows, NULL }, { help_rows, NULL }, { 0 },
    };
    void *values;

    return options_find(tables, word, &values);
}

static void take_value(struct place *place, const struct option *option, const char *value)
{
    if (!strcmp(option->name, "root"))
        place->cli->globals.root = value;
    place->waiting = NULL;
}

static void take_option(struct place *place, const char *word)
{
    const struct option *option = find_option(place, word);
    const char *equals = strchr(word, '=');

    if (!option)
        return;
    if (equals)
        take_value(place, option, equals + 1);
    else if (option_takes_word(option))
        place->waiting = option;
}

static void take_positional(struct place *place, const char *word)
{
    if (!place->command) {
        place->command = command_find(word);
        return;
    }
    place->words++;
    place->options_ended |= place->command->stop_at_positional;
}

static void take_word(struct place *place, const char *word)
{
    enum word_kind kind = place->options_ended ? WORD_POSITIONAL : options_word(word);

    if (place->waiting)
        take_value(place, place->waiting, word);
    else if (kind == WORD_OPTION)
        take_option(place, word);
    else if (kind == WORD_END)
        place->options_ended = true;
    else
        take_positional(place, word);
}

static bool is_path(const char *value)
{
    return !strcmp(value, "FILE") || !strcmp(value, "SOCKET") || !strcmp(value, "FIFO");
}

/* `before` stands before the value in the same word: "--format=". */
static void print_values(const struct place *place, const struct option *option, const char *before, int length)
{
    const char *value = option->value ? option->value : "";

    if (is_path(value))
        fputs(":file\n", place->out);
    else if (!strcmp(value, "DIR"))
        fputs(":directory\n", place->out);
    else if (strchr(value, '|'))
        for (size_t n; *value; value += n + (value[n] == '|')) {
            n = strcspn(value, "|");
            fprintf(place->out, "%.*s%.*s\n", length, before, (int) n, value);
        }
}

static void print_rows(const struct place *place, const struct option *rows)
{
    for (; rows && rows->name; rows++) {
        if (!rows->hidden)
            fprintf(place->out, "--%s\t%s\n", rows->name, rows->help);
    }
}

static void print_options(const struct place *place, const char *word)
{
    const char *equals = strchr(word, '=');
    const struct option *option = equals ? find_option(place, word) : NULL;

    if (option)
        print_values(place, option, word, (int) (equals + 1 - word));
    if (equals)
        return;
    print_rows(place, place->command ? place->command->options : version_rows);
    print_rows(place, global_rows);
    print_rows(place, help_rows);
}

static void print_commands(const struct place *place)
{
    for (const struct command *const *command = commands; *command; command++) {
        if (!(*command)->hidden)
            fprintf(place->out, "%s\t%s\n", (*command)->name, (*command)->usage);
    }
}

static void print_signals(const struct place *place)
{
    for (size_t i = 0; signal_name(i); i++)
        fprintf(place->out, "%s\n", signal_name(i));
}

static int print_container(void *data, struct proa_state *state)
{
    const struct place *place = data;
    enum proa_status status = proa_state_status(state);

    if (place->command->containers & 1 << status)
        fprintf(place->out, "%s\t%s\n", proa_state_id(state), proa_status_name(status));
    proa_state_free(state);
    return 0;
}

static int print_containers(struct place *place)
{
    int status = cli_open_runtime(place->cli);

    if (!status)
        proa_list(place->cli->proa, print_container, NULL, place, NULL);
    return status;
}

static int print_positionals(struct place *place)
{
    const struct command *command = place->command;
    int most = command->stop_at_positional ? 1 : command->max_arguments;

    if (command == &cmd_help && !place->words)
        print_commands(place);
    else if (command == &cmd_kill && place->words == 1)
        print_signals(place);
    else if (command->containers && place->words < most)
        return print_containers(place);
    return 0;
}

static int complete_run(struct cli *cli, const void *values, char **arguments)
{
    struct place place = { .cli = cli };
    struct text text;
    int status = 0;

    (void) values;
    text_stream(&text);
    place.out = text.out;
    for (; arguments[1]; arguments++)
        take_word(&place, arguments[0]);
    if (place.waiting)
        print_values(&place, place.waiting, "", 0);
    else if (arguments[0][0] == '-' && !place.options_ended)
        print_options(&place, arguments[0]);
    else if (place.command)
        status = print_positionals(&place);
    else
        print_commands(&place);
    return cli_print_free(cli, text_take(&text)) | status;
}

const struct command cmd_complete = {
    .name = "complete",
    .usage = "print what may end a command line, for the shells",
    .arguments = "-- [word...]",
    .min_arguments = 1,
    .max_arguments = INT_MAX,
    .hidden = true,
    .run = complete_run,
};
