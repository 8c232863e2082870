/* The public functions on statistics. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/trace.h"
#include "container/container.h"
#include "container/error.h"

struct proa_stats {
    struct arena *arena;                /* owns all of this */
    struct stats stats;
    uint64_t time;
};

struct proa_watch {
    struct watch watch;
};

_Static_assert((int) PROA_WATCH_NOTHING == WATCH_NOTHING && (int) PROA_WATCH_OOM == WATCH_OOM &&
              (int) PROA_WATCH_END == WATCH_END, "events");
_Static_assert((int) PROA_USAGE_CPU == STATS_CPU && (int) PROA_USAGE_THROTTLING == STATS_THROTTLING &&
              (int) PROA_USAGE_MEMORY == STATS_MEMORY && (int) PROA_USAGE_SWAP == STATS_SWAP &&
              (int) PROA_USAGE_OOM == STATS_OOM && (int) PROA_USAGE_PIDS == STATS_PIDS && (int) PROA_USAGE_IO == STATS_IO &&
              (int) PROA_USAGE_NETWORK == STATS_NETWORK, "what is known");

int proa_stats(const struct proa *p, const char *id, struct proa_stats **ret, struct proa_error **ret_error)
{
    struct proa_stats *kept;
    struct stats stats;
    struct op op;
    int r;

    op_init(&op, arena_new());
    if ((r = container_stats(&op, p, id, false, &stats)) < 0)
        return error_end(&op, r, ret_error);
    kept = arena_alloc(op.arena, sizeof(*kept));
    *kept = (struct proa_stats) { op.arena, stats, trace_now() };
    *ret = kept;
    return 0;
}

int proa_stats_json(const struct proa_stats *s, char **ret_json, struct proa_error **ret_error)
{
    struct op op;
    char *text;

    op_init(&op, arena_new());
    text = strdup(stats_json(op.arena, &s->stats));
    if (!text)
        return error_end(&op, op_fail(&op, ENOMEM, "copying the statistics"), ret_error);
    *ret_json = text;
    return error_end(&op, 0, ret_error);
}

void proa_stats_free(struct proa_stats *s)
{
    if (s)
        arena_free(s->arena);
}

/* ---- Numbers for people --------------------------------------------------------------------- */

/* v1 knows no "max": its largest number is that of the pages that fit into 63 bits. */
static uint64_t limit_of(uint64_t limit)
{
    return limit >= (uint64_t) INT64_MAX - 65536 ? PROA_USAGE_NO_LIMIT : limit;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* v1's own counter is that of one cgroup, the total is that of all below it as well. */
static uint64_t inactive_file(const struct stats_values *raw)
{
    uint64_t total = stats_value(raw, "total_inactive_file");

    return total ? total : stats_value(raw, "inactive_file");
}

static void fill_memory(const struct stats_memory *memory, struct proa_usage *u)
{
    u->memory = memory->usage.usage;
    u->memory_working_set = less(memory->usage.usage, inactive_file(&memory->raw));
    u->memory_limit = limit_of(memory->usage.limit);
    u->memory_peak = memory->usage.max;
    u->swap = less(memory->swap.usage, memory->usage.usage);
    u->oom_kills = stats_value(&memory->events, "oom_kill");
}

static uint64_t sum_of(const struct stats_ios *list, const char *op)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->v[i].op, op) == 0)
            sum += list->v[i].value;
    return sum;
}

static void fill_io(const struct stats_blkio *blkio, struct proa_usage *u)
{
    u->io_read = sum_of(&blkio->bytes, "Read");
    u->io_written = sum_of(&blkio->bytes, "Write");
    u->io_reads = sum_of(&blkio->serviced, "Read");
    u->io_writes = sum_of(&blkio->serviced, "Write");
}

static void fill_network(const struct stats_interfaces *list, struct proa_usage *u)
{
    for (size_t i = 0; i < list->n; i++) {
        u->net_received += list->v[i].received.bytes;
        u->net_received_packets += list->v[i].received.packets;
        u->net_sent += list->v[i].sent.bytes;
        u->net_sent_packets += list->v[i].sent.packets;
    }
}

static struct proa_pressure pressure_of(const struct stats_psi *psi)
{
    return (struct proa_pressure) {
        .some = psi->some.total * 1000, .full = psi->full.total * 1000,
        .some_percent = psi->some.avg10, .full_percent = psi->full.avg10,
    };
}

static void fill_pressure(const struct stats *s, struct proa_usage *u)
{
    u->cpu_pressure = pressure_of(&s->cpu.psi);
    u->memory_pressure = pressure_of(&s->memory.psi);
    u->io_pressure = pressure_of(&s->blkio.psi);
    if (s->cpu.psi.known && s->memory.psi.known && s->blkio.psi.known)
        u->known |= PROA_USAGE_PRESSURE;
}

static void fill_usage(const struct stats *s, uint64_t time, struct proa_usage *ret)
{
    size_t size = ret->size < sizeof(*ret) ? ret->size : sizeof(*ret);
    struct proa_usage u = {
        .size = ret->size, .time = time, .known = s->known,
        .cpu = s->cpu.total, .cpu_user = s->cpu.user, .cpu_system = s->cpu.kernel,
        .periods = s->cpu.periods, .throttled_periods = s->cpu.throttled_periods, .throttled = s->cpu.throttled_time,
        .pids = s->pids, .pids_limit = s->pids_limit,
    };

    fill_memory(&s->memory, &u);
    fill_io(&s->blkio, &u);
    fill_network(&s->interfaces, &u);
    fill_pressure(s, &u);
    memcpy(ret, &u, size);
}

void proa_stats_usage(const struct proa_stats *s, struct proa_usage *ret)
{
    fill_usage(&s->stats, s->time, ret);
}

int proa_usage(const struct proa *p, const char *id, struct proa_usage *ret, struct proa_error **ret_error)
{
    struct stats stats;
    struct op op;
    int r;

    op_init(&op, arena_new());
    if ((r = container_stats(&op, p, id, true, &stats)) == 0)
        fill_usage(&stats, trace_now(), ret);
    return error_end(&op, r, ret_error);
}

/* ---- Watching ------------------------------------------------------------------------------- */

int proa_watch(const struct proa *p, const char *id, struct proa_watch **ret, struct proa_error **ret_error)
{
    struct proa_watch *w = malloc(sizeof(*w));
    struct op op;
    int r;

    op_init(&op, arena_new());
    r = w ? container_watch(&op, p, id, &w->watch) : op_fail(&op, ENOMEM, "watching container %s", id);
    if (r < 0)
        free(w);
    else
        *ret = w;
    return error_end(&op, r, ret_error);
}

int proa_watch_fd(const struct proa_watch *w)
{
    return w->watch.epoll;
}

int proa_watch_next(struct proa_watch *w, struct proa_error **ret_error)
{
    struct op op;

    op_init(&op, arena_new());
    return error_end(&op, watch_next(&op, &w->watch), ret_error);
}

void proa_watch_free(struct proa_watch *w)
{
    if (!w)
        return;
    watch_close(&w->watch);
    free(w);
}
