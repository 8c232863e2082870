/* Numbers, lists and tables of any controller. */
#include "launch/stats_parse.h"
#include <errno.h>
#include <string.h>
#include "base/str.h"
#include "launch/stats_text.h"

enum {
    MAX_ID = UINT16_MAX,        /* of a CPU or a node: runc has 16 bits for it */
    TICK = 10000000,            /* nanoseconds; USER_HZ is 100 wherever Linux runs */
    MICROSECOND = 1000,
};

int stats_parse_number(struct arena *a, char *text, void *ret)
{
    char *word = text_next_word(&text, " \n");
    uint64_t *number = ret;

    if (word && (str_eq(word, "max") || word[0] == '-')) {
        *number = word[0] == 'm' ? STATS_NO_LIMIT : 0;
        return 0;
    }
    return str_number(word, number);
}

int stats_parse_integer(struct arena *a, char *text, void *ret)
{
    char *word = text_next_word(&text, " \n");
    bool negative = word && *word == '-';
    uint64_t magnitude;
    int r = str_number(word ? word + negative : NULL, &magnitude);

    if (r < 0)
        return r;
    if (magnitude > INT64_MAX)
        return -ERANGE;
    *(int64_t *) ret = negative ? -(int64_t) magnitude : (int64_t) magnitude;
    return 0;
}

int stats_parse_numbers(struct arena *a, char *text, void *ret)
{
    size_t room = text_count(text, " \n");
    struct stats_numbers list = { arena_array(a, room, sizeof(*list.v)), 0 };
    char *word;
    int r;

    while ((word = text_next_word(&text, " \n")))
        if ((r = str_number(word, &list.v[list.n++])) < 0)
            return r;
    *(struct stats_numbers *) ret = list;
    return 0;
}

struct range { uint64_t first, last; };

/* The kernel writes them in order, each number once. */
static int parse_range(char *word, const struct range *before, struct range *ret)
{
    char *dash = strchr(word, '-');
    int r;

    if (dash)
        *dash = '\0';
    if ((r = str_number(word, &ret->first)) < 0 || (r = str_number(dash ? dash + 1 : word, &ret->last)) < 0)
        return r;
    if (ret->last > MAX_ID)
        return -ERANGE;
    return ret->first <= ret->last && (!before || before->last < ret->first) ? 0 : -EBADMSG;
}

int stats_parse_ids(struct arena *a, char *text, void *ret)
{
    struct range *ranges = arena_array(a, text_count(text, ",\n"), sizeof(*ranges));
    struct stats_numbers list = { 0 };
    size_t n = 0, n_ids = 0;
    char *word;
    int r;

    for (; (word = text_next_word(&text, ",\n")); n_ids += ranges[n].last - ranges[n].first + 1, n++)
        if ((r = parse_range(word, n ? &ranges[n - 1] : NULL, &ranges[n])) < 0)
            return r;
    list.v = arena_array(a, n_ids, sizeof(*list.v));
    for (size_t i = 0; i < n; i++)
        for (uint64_t id = ranges[i].first; id <= ranges[i].last; id++)
            list.v[list.n++] = id;
    *(struct stats_numbers *) ret = list;
    return 0;
}

uint64_t stats_value(const struct stats_values *values, const char *key)
{
    for (size_t i = 0; i < values->n; i++)
        if (str_eq(values->v[i].key, key))
            return values->v[i].value;
    return 0;
}

int stats_parse_values(struct arena *a, char *text, void *ret)
{
    struct stats_values list = { arena_array(a, text_count(text, "\n"), sizeof(*list.v)), 0 };
    char *line, *key;
    int r;

    while ((line = text_next_line(&text))) {
        if (!(key = text_next_word(&line, " ")))
            continue;
        if ((r = str_number(text_next_word(&line, " "), &list.v[list.n].value)) < 0)
            return r;
        list.v[list.n++].key = arena_strdup(a, key);
    }
    *(struct stats_values *) ret = list;
    return 0;
}

/* ---- Processor time ------------------------------------------------------------------------- */

/* Numbers of a file of keys, in another unit. */
struct scaled { const char *key; uint64_t unit; size_t offset; };

static int parse_scaled(struct arena *a, char *text, const struct scaled *rows, struct stats_cpu *ret)
{
    struct stats_values values;
    struct stats_cpu cpu = *ret;
    int r = stats_parse_values(a, text, &values);

    if (r < 0)
        return r;
    for (; rows->key; rows++)
        if (__builtin_mul_overflow(stats_value(&values, rows->key), rows->unit, (uint64_t *) ((char *) &cpu + rows->offset)))
            return -ERANGE;
    *ret = cpu;
    return 0;
}

#define CPU(field) offsetof(struct stats_cpu, field)

int stats_parse_cpu_v1(struct arena *a, char *text, void *ret)
{
    static const struct scaled rows[] = {
        { "nr_periods", 1, CPU(periods) }, { "nr_throttled", 1, CPU(throttled_periods) },
        { "throttled_time", 1, CPU(throttled_time) }, { NULL },
    };

    return parse_scaled(a, text, rows, ret);
}

int stats_parse_cpu_v2(struct arena *a, char *text, void *ret)
{
    static const struct scaled rows[] = {
        { "usage_usec", MICROSECOND, CPU(total) }, { "user_usec", MICROSECOND, CPU(user) },
        { "system_usec", MICROSECOND, CPU(kernel) }, { "nr_periods", 1, CPU(periods) },
        { "nr_throttled", 1, CPU(throttled_periods) }, { "throttled_usec", MICROSECOND, CPU(throttled_time) }, { NULL },
    };

    return parse_scaled(a, text, rows, ret);
}

int stats_parse_cpuacct(struct arena *a, char *text, void *ret)
{
    static const struct scaled rows[] = { { "user", TICK, CPU(user) }, { "system", TICK, CPU(kernel) }, { NULL } };

    return parse_scaled(a, text, rows, ret);
}

/* A line of names, then "CPU USER SYSTEM" of each. */
int stats_parse_usage_all(struct arena *a, char *text, void *ret)
{
    size_t room = text_count(text, "\n"), n = 0;
    uint64_t *user = arena_array(a, room, sizeof(*user)), *kernel = arena_array(a, room, sizeof(*kernel));
    char *line = text_next_line(&text);
    struct stats_cpu *cpu = ret;
    int r;

    for (; (line = line ? text_next_line(&text) : NULL); n++) {
        text_next_word(&line, " ");
        if ((r = str_number(text_next_word(&line, " "), &user[n])) < 0 ||
            (r = str_number(text_next_word(&line, " "), &kernel[n])) < 0)
            return r;
    }
    cpu->percpu_user = (struct stats_numbers) { user, n };
    cpu->percpu_kernel = (struct stats_numbers) { kernel, n };
    return 0;
}
