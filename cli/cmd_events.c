#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "text.h"
#include "usage.h"

struct events_values {
    struct option_duration interval;
    bool stats;
};

static const struct option rows[] = {
    { .name = "interval", .type = OPTION_DURATION, .value = "TIME", .offset = offsetof(struct events_values, interval),
      .help = "time from one record of statistics to the next", .default_text = "5s" },
    { .name = "stats", .type = OPTION_BOOL, .offset = offsetof(struct events_values, stats),
      .help = "print the statistics of now and end" },
    { 0 },
};

/* `data` may be NULL. */
static int print_event(struct cli *cli, const char *type, const char *id, const char *data)
{
    struct text text;

    text_stream(&text);
    fprintf(text.out, "{\"type\":\"%s\",\"id\":", type);
    text_quote_json(text.out, id);
    if (data)
        fprintf(text.out, ",\"data\":%s", data);
    fputs("}\n", text.out);
    return cli_print_free(cli, text_take(&text));
}

static int print_stats(struct cli *cli, const char *id, struct proa_error **ret_error, int *ret_status)
{
    struct proa_stats *stats;
    char *json;
    int err = proa_stats(cli->proa, id, &stats, ret_error);

    if (err < 0)
        return err;
    err = proa_stats_json(stats, &json, ret_error);
    proa_stats_free(stats);
    if (err < 0)
        return err;
    *ret_status = print_event(cli, "stats", id, json);
    free(json);
    return 0;
}

/* Its end, which may come at any moment, is told by the watch. Other errors do not end the stream: the next look may do better. */
static int print_next_stats(struct cli *cli, const char *id)
{
    struct proa_error *error = NULL;
    int status = 0;

    if (print_stats(cli, id, &error, &status) == 0)
        return status;
    if (proa_error_code(error) != PROA_E_NOT_RUNNING && proa_error_code(error) != PROA_E_NOT_FOUND)
        log_write(&cli->log, LOG_ERROR, proa_error_message(error));
    proa_error_free(error);
    return 0;
}

/* Returns true at the end of the container; the status says whether something has failed. */
static bool print_happened(struct cli *cli, const char *id, struct proa_watch *watch, int *ret_status)
{
    struct proa_error *error = NULL;
    int event;

    while (!*ret_status && (event = proa_watch_next(watch, &error)) != PROA_WATCH_NOTHING) {
        if (event < 0)
            *ret_status = cli_fail_error(cli, error);
        else if (event == PROA_WATCH_OOM)
            *ret_status = print_event(cli, "oom", id, NULL);
        else
            return true;
    }
    return *ret_status;
}

/* Until the container ends, or nobody reads. */
static int follow(struct cli *cli, const char *id, struct proa_watch *watch, int timer)
{
    enum { WATCH, TIMER, OUTPUT, POLLS };
    struct pollfd polls[POLLS] = {
        [WATCH] = { .fd = proa_watch_fd(watch), .events = POLLIN },
        [TIMER] = { .fd = timer, .events = POLLIN },
        [OUTPUT] = { .fd = STDOUT_FILENO },
    };
    uint64_t expired;
    int status = 0;

    while (!status) {
        if (poll(polls, POLLS, -1) < 0)
            continue;
        if (polls[WATCH].revents && print_happened(cli, id, watch, &status))
            return status;
        if (polls[OUTPUT].revents & POLLERR)
            return 0;
        if (polls[TIMER].revents && read(timer, &expired, sizeof(expired)) > 0)
            status = print_next_stats(cli, id);
    }
    return status;
}

static int watch_and_follow(struct cli *cli, const char *id, int64_t interval)
{
    struct proa_error *error = NULL;
    struct proa_watch *watch;
    int timer, status;

    if (proa_watch(cli->proa, id, &watch, &error) < 0)
        return cli_fail_error(cli, error);
    timer = usage_timer(interval);
    status = timer < 0 ? cli_fail(cli, "timer: %s", strerror(errno)) : follow(cli, id, watch, timer);
    if (timer >= 0)
        close(timer);
    proa_watch_free(watch);
    return status;
}

static int events_run(struct cli *cli, const void *values, char **arguments)
{
    const struct events_values *options = values;
    int64_t interval = options->interval.given ? options->interval.nanoseconds : INT64_C(5000000000);
    struct proa_error *error = NULL;
    struct proa_state *state;
    int status = 0;

    /* runc's order: that there is no such container goes before a wrong interval. */
    if (proa_state(cli->proa, arguments[0], &state, &error) < 0)
        return cli_fail_error(cli, error);
    proa_state_free(state);
    if (interval <= 0)
        return cli_fail(cli, "duration interval must be greater than 0");
    if (!options->stats)
        return watch_and_follow(cli, arguments[0], interval);
    if (print_stats(cli, arguments[0], &error, &status) < 0)
        return cli_fail_error(cli, error);
    return status;
}

const struct command cmd_events = {
    .name = "events",
    .usage = "print statistics and out-of-memory events of a container",
    .arguments = "<container-id>",
    .containers = CONTAINERS_RUNNING,
    .description = "   One JSON object a line, until the container ends. An interval is a number and a unit, or\n"
                   "   several of them: 5s, 250ms, 1m30s.\n",
    .options = rows,
    .values_size = sizeof(struct events_values),
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = events_run,
};
