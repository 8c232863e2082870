#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "table.h"
#include "text.h"

enum { COLUMNS = 6 };

struct list_values {
    const char *format;
    bool quiet;
};

static const struct option rows[] = {
    { .name = "format", .letter = 'f', .type = OPTION_STRING, .value = "table|json",
      .offset = offsetof(struct list_values, format), .help = "table or json", .default_text = "table" },
    { .name = "quiet", .letter = 'q', .type = OPTION_BOOL, .offset = offsetof(struct list_values, quiet),
      .help = "print the IDs only" },
    { 0 },
};

struct containers {
    struct proa_state **states;
    size_t count;
};

static int keep_state(void *data, struct proa_state *state)
{
    struct containers *all = data;

    all->states = text_checked(reallocarray(all->states, all->count + 1, sizeof(*all->states)));
    all->states[all->count++] = state;
    return 0;
}

/* One that cannot be loaded, or has just been deleted, does not hide the others. */
static int report_bad(void *data, const char *id, const char *message)
{
    char *line = text_format("load container %s: %s\n", id, message);

    (void) data;
    text_write(STDERR_FILENO, line, strlen(line));
    free(line);
    return 0;
}

static void print_ids(FILE *out, const struct containers *all)
{
    for (size_t i = 0; i < all->count; i++)
        fprintf(out, "%s\n", proa_state_id(all->states[i]));
}

static void print_table(FILE *out, const struct containers *all)
{
    static const char *const head[COLUMNS] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" };
    const char **cells = text_checked(calloc(all->count + 1, sizeof(head)));

    memcpy(cells, head, sizeof(head));
    for (size_t i = 0; i < all->count; i++) {
        const struct proa_state *state = all->states[i];
        const char **row = cells + (i + 1) * COLUMNS;

        row[0] = proa_state_id(state);
        row[1] = text_format("%d", (int) proa_state_pid(state));
        row[2] = proa_status_name(proa_state_status(state));
        row[3] = proa_state_bundle(state);
        row[4] = proa_state_created(state);
        row[5] = proa_state_owner(state);
    }
    table_write(out, cells, all->count + 1, COLUMNS);
    for (size_t i = 0; i < all->count; i++)
        free((char *) cells[(i + 1) * COLUMNS + 1]);
    free(cells);
}

static int print_json(FILE *out, const struct containers *all, struct proa_error **ret_error)
{
    for (size_t i = 0; i < all->count; i++) {
        char *json;
        int err = proa_state_json(all->states[i], PROA_JSON_OWNER, &json, ret_error);

        if (err < 0)
            return err;
        fprintf(out, "%s%s", i ? "," : "[", json);
        free(json);
    }
    fputs(all->count ? "]\n" : "null\n", out);
    return 0;
}

static int print_all(struct cli *cli, const struct list_values *options, const struct containers *all)
{
    struct proa_error *error = NULL;
    struct text text;
    int err = 0;

    text_stream(&text);
    if (options->quiet)
        print_ids(text.out, all);
    else if (options->format && !strcmp(options->format, "json"))
        err = print_json(text.out, all, &error);
    else
        print_table(text.out, all);
    text_take(&text);
    if (!err)
        return cli_print_free(cli, text.data);
    free(text.data);
    return cli_fail_error(cli, error);
}

static int list_run(struct cli *cli, const void *values, char **arguments)
{
    const struct list_values *options = values;
    struct proa_error *error = NULL;
    struct containers all = { 0 };
    int status;

    (void) arguments;
    if (!options->quiet && options->format && strcmp(options->format, "table") && strcmp(options->format, "json"))
        return cli_fail(cli, "invalid format option \"%s\" (table or json)", options->format);
    if (proa_list(cli->proa, keep_state, report_bad, &all, &error) < 0)
        status = cli_fail_error(cli, error);
    else
        status = print_all(cli, options, &all);
    for (size_t i = 0; i < all.count; i++)
        proa_state_free(all.states[i]);
    free(all.states);
    return status;
}

const struct command cmd_list = {
    .name = "list",
    .usage = "list the containers of a state directory",
    .arguments = "",
    .options = rows,
    .values_size = sizeof(struct list_values),
    .run = list_run,
    .needs_runtime = true,
};
