#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "text.h"
#include "usage.h"

struct stats_values {
    struct option_duration interval;
    const char *format;
    bool all, json, no_stream;
};

#define AT(field) offsetof(struct stats_values, field)

static const struct option rows[] = {
    { .name = "all", .letter = 'a', .type = OPTION_BOOL, .offset = AT(all), .help = "all containers that run" },
    { .name = "format", .letter = 'f', .type = OPTION_STRING, .value = "table|json|prometheus", .offset = AT(format),
      .help = "table, json or prometheus",
      .default_text = "table" },
    { .name = "interval", .type = OPTION_DURATION, .value = "TIME", .offset = AT(interval),
      .help = "time from one look to the next",
      .default_text = "1s" },
    { .name = "json", .type = OPTION_BOOL, .offset = AT(json), .help = "the same as --format json" },
    { .name = "no-stream", .type = OPTION_BOOL, .offset = AT(no_stream), .help = "look once" },
    { 0 },
};

static const struct form {
    const char *name;
    char *(*text)(const struct usage_look *look);
    bool rates; /* needs two looks */
    bool whole; /* a document that ends */
} forms[] = {
    { "table", usage_table, true, false },
    { "json", usage_json, false, false },
    { "prometheus", usage_metrics, false, true },
};

static const struct form *form_find(const struct stats_values *options)
{
    const char *name = options->format ? options->format : options->json ? "json" : "table";

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (!strcmp(forms[i].name, name))
            return &forms[i];
    }
    return NULL;
}

/* Nobody is twice in a table. */
static void drop_repeated(char **ids)
{
    char **end = ids;

    for (char **id = ids; *id; id++) {
        char **same = ids;

        while (same < end && strcmp(*same, *id))
            same++;
        if (same == end)
            *end++ = *id;
    }
    *end = NULL;
}

/* A container that cannot be looked at is told of, and keeps nobody from the others. */
static int print_look(struct cli *cli, const struct form *form, const struct usage_look *look)
{
    int status = cli_print_free(cli, form->text(look));

    if (!status && look->problem)
        cli_fail(cli, "%s", look->problem);
    return status;
}

static int wait_for(int timer)
{
    uint64_t expired;
    ssize_t n;

    do
        n = read(timer, &expired, sizeof(expired));
    while (n < 0 && errno == EINTR);
    return n < 0;
}

static int look_once(struct cli *cli, char **ids, const struct form *form, int timer, struct usage_look *look)
{
    int status = 0;

    if (form->rates)
        status = wait_for(timer) || usage_renew(cli, ids, look);
    if (!status)
        status = print_look(cli, form, look);
    return status ? status : look->problem != NULL;
}

/* Until the last of the named containers has ended, or nobody reads. */
static int look_on(struct cli *cli, char **ids, const struct form *form, int timer, struct usage_look *look)
{
    int status;

    do {
        status = print_look(cli, form, look);
        if (!status)
            status = wait_for(timer) || usage_renew(cli, ids, look);
    } while (!status && (!*ids || look->count > 0 || look->problem));
    return status;
}

static int show(struct cli *cli, const struct stats_values *options, char **ids, const struct form *form)
{
    int64_t interval = options->interval.given ? options->interval.nanoseconds : 1000000000;
    bool once = options->no_stream || form->whole;
    struct usage_look look;
    int timer, status;

    if ((timer = usage_timer(interval)) < 0)
        return cli_fail(cli, "timer: %s", strerror(errno));
    status = usage_look(cli, ids, NULL, &look);
    if (status) {
        close(timer);
        return status;
    }
    if (once)
        status = look_once(cli, ids, form, timer, &look);
    else if (form->rates && isatty(STDOUT_FILENO))
        status = usage_screen(cli, ids, timer, &look);
    else
        status = look_on(cli, ids, form, timer, &look);
    usage_free(&look);
    close(timer);
    return status;
}

static int stats_run(struct cli *cli, const void *values, char **arguments)
{
    const struct stats_values *options = values;
    const struct form *form = form_find(options);

    if (!form)
        return cli_fail(cli, "invalid format option (table, json or prometheus)");
    if (options->interval.given && options->interval.nanoseconds <= 0)
        return cli_fail(cli, "duration interval must be greater than 0");
    if (options->all == (arguments[0] != NULL))
        return cli_fail(cli, "either container IDs or --all, please");
    drop_repeated(arguments);
    return show(cli, options, arguments, form);
}

const struct command cmd_stats = {
    .name = "stats",
    .usage = "show what containers use",
    .arguments = "[container-id...]",
    .containers = CONTAINERS_RUNNING,
    .description = "   On a terminal the table is renewed in place; q ends it. Rates, as of the processor, are those\n"
                   "   between two looks. 100% is one processor. MEMORY leaves inactive file cache out; WAIT is\n"
                   "   the share of time in which something waited for that resource, in the last ten seconds.\n"
                   "   The json and prometheus forms have plain counters; docs/stats.md lists them.\n",
    .options = rows,
    .values_size = sizeof(struct stats_values),
    .max_arguments = INT_MAX,
    .needs_runtime = true,
    .run = stats_run,
};
