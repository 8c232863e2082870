#include "usage.h"
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include "text.h"

struct looking {
    struct cli *cli;
    struct usage_look *look;
    const struct usage_look *last;
    size_t next; /* in `last`, where the next container most likely is */
};

/* Both looks have the containers in the same order. */
static const struct proa_usage *find_before(struct looking *l, const char *id)
{
    for (size_t n = 0; l->last && n < l->last->count; n++) {
        const struct usage_row *row = &l->last->rows[(l->next + n) % l->last->count];

        if (strcmp(row->id, id))
            continue;
        l->next += n + 1;
        return &row->now;
    }
    return NULL;
}

static void add_row(struct looking *l, const char *id, const struct proa_usage *usage)
{
    struct usage_look *look = l->look;
    const struct proa_usage *before = find_before(l, id);
    struct usage_row *row;

    look->rows = text_checked(reallocarray(look->rows, look->count + 1, sizeof(*look->rows)));
    row = &look->rows[look->count++];
    *row = (struct usage_row) { .id = text_checked(strdup(id)), .now = *usage };
    /* A counter that has gone back is that of another container of this name. */
    if (before && before->cpu <= usage->cpu)
        row->before = *before;
}

static void note_problem(struct usage_look *look, const char *id, const char *message)
{
    free(look->problem);
    look->problem = text_format("container %s: %s", id, message);
}

/* Returns NULL, or the error: then there is no row. */
static struct proa_error *look_at(struct looking *l, const char *id)
{
    struct proa_usage usage = { .size = sizeof(usage) };
    struct proa_error *error = NULL;

    if (proa_usage(l->cli->proa, id, &usage, &error) == 0)
        add_row(l, id, &usage);
    return error;
}

/* Containers come and go: that is no problem. */
static void pass_over(struct looking *l, const char *id, struct proa_error *error)
{
    enum proa_code code = proa_error_code(error);

    if (code != PROA_E_NOT_FOUND && code != PROA_E_NOT_RUNNING)
        note_problem(l->look, id, proa_error_message(error));
    proa_error_free(error);
}

static int look_at_listed(void *data, struct proa_state *state)
{
    enum proa_status status = proa_state_status(state);
    struct looking *l = data;
    struct proa_error *error = NULL;

    if (status != PROA_CREATING && status != PROA_STOPPED)
        error = look_at(l, proa_state_id(state));
    if (error)
        pass_over(l, proa_state_id(state), error);
    proa_state_free(state);
    return 0;
}

/* The message does not tell one that is damaged from one that is just being deleted: an error does. */
static int look_again(void *data, const char *id, const char *message)
{
    struct looking *l = data;
    struct proa_error *error = NULL;
    struct proa_state *state;

    (void) message;
    if (proa_state(l->cli->proa, id, &state, &error) == 0)
        proa_state_free(state);
    else
        pass_over(l, id, error);
    return 0;
}

static int look_at_all(struct looking *l)
{
    struct proa_error *error = NULL;

    if (proa_list(l->cli->proa, look_at_listed, look_again, l, &error) < 0)
        return cli_fail_error(l->cli, error);
    return 0;
}

static int look_at_named(struct looking *l, char **ids)
{
    struct proa_error *error;

    for (; *ids; ids++) {
        if (!(error = look_at(l, *ids)))
            continue;
        if (!l->last)
            return cli_fail_error(l->cli, error);
        pass_over(l, *ids, error);
    }
    return 0;
}

int usage_look(struct cli *cli, char **ids, const struct usage_look *last, struct usage_look *ret)
{
    struct usage_look look = { 0 };
    struct looking l = { cli, &look, last, 0 };
    struct timespec now;
    int status;

    clock_gettime(CLOCK_REALTIME, &now);
    look.time = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
    status = *ids ? look_at_named(&l, ids) : look_at_all(&l);
    if (status)
        usage_free(&look);
    else
        *ret = look;
    return status;
}

int usage_renew(struct cli *cli, char **ids, struct usage_look *look)
{
    struct usage_look next;
    int status = usage_look(cli, ids, look, &next);

    if (status)
        return status;
    usage_free(look);
    *look = next;
    return 0;
}

void usage_free(struct usage_look *look)
{
    for (size_t i = 0; i < look->count; i++)
        free(look->rows[i].id);
    free(look->rows);
    free(look->problem);
    *look = (struct usage_look) { 0 };
}

int usage_timer(int64_t interval)
{
    struct timespec span = { interval / 1000000000, interval % 1000000000 };
    struct itimerspec times = { span, span };
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

    if (fd >= 0)
        timerfd_settime(fd, 0, &times, NULL);
    return fd;
}
