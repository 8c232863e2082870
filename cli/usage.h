/* usage.h - what `stats` knows of a number of containers at one moment, and the forms in which it tells it. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "cli.h"

struct usage_row {
    char *id;
    struct proa_usage now;
    struct proa_usage before; /* at the last look; its `time` is 0 when there was none */
};

struct usage_look {
    struct usage_row *rows;
    size_t count;
    int64_t time;  /* nanoseconds since 1970 */
    char *problem; /* why one of them could not be looked at, or NULL */
};

/* Looks at the containers `ids`, in that order, or at all that run when it has none. `last`: the look before, or NULL. One that
 * has ended since is left out; at the first look that is an error, when it was named. Returns the exit status. */
int usage_look(struct cli *cli, char **ids, const struct usage_look *last, struct usage_look *ret);
/* The same again, in place of *look, which is the look before. */
int usage_renew(struct cli *cli, char **ids, struct usage_look *look);
void usage_free(struct usage_look *look);

/* A table with a line for each, for free(). Rates need a last look. */
char *usage_table(const struct usage_look *look);
/* The part of a text that fits a window of that size, without a newline at its end, for free(). */
char *usage_fit(const char *text, size_t lines, size_t width);
/* One line of JSON, and OpenMetrics text: docs/stats.md has the names. */
char *usage_json(const struct usage_look *look);
char *usage_metrics(const struct usage_look *look);

/* Shows the table on the terminal, anew when the timer expires, until the user has had enough or the last of `ids` has ended.
 * Returns the exit status. */
int usage_screen(struct cli *cli, char **ids, int timer, struct usage_look *look);
/* A timer that expires each `interval` nanoseconds, or -1. */
int usage_timer(int64_t interval);
