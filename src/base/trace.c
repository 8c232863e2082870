#include "base/trace.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/str.h"

struct span {
    enum trace_lane lane;
    const char *name;
    uint64_t from, to;
};

struct trace {
    struct arena *arena;
    struct span *spans;
    size_t n, cap;
};

static const struct { enum trace_lane lane; const char *name; } lanes[] = {
    { TRACE_PARENT, "parent" },
    { TRACE_INIT, "init" },
};

struct trace *trace_new(struct arena *a)
{
    struct trace *t = arena_alloc(a, sizeof(*t));

    t->arena = a;
    return t;
}

uint64_t trace_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

void trace_add(struct trace *t, enum trace_lane lane, const char *name, uint64_t from_ns, uint64_t to_ns)
{
    if (t == NULL)
        return;
    if (t->n == t->cap) {
        struct span *grown = arena_array(t->arena, t->cap = t->cap ? 2 * t->cap : 64, sizeof(*grown));

        if (t->n)
            memcpy(grown, t->spans, t->n * sizeof(*grown));
        t->spans = grown;
    }
    t->spans[t->n++] = (struct span) { lane, name, from_ns, to_ns > from_ns ? to_ns : from_ns };
}

/* In order of time; of two that begin together the longer one, which encloses the other, comes first. */
static int by_time(const void *left, const void *right)
{
    const struct span *a = left, *b = right;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return a->to == b->to ? 0 : a->to > b->to ? -1 : 1;
}

static void add_lanes(struct str *s)
{
    for (size_t i = 0; i < sizeof(lanes) / sizeof(lanes[0]); i++)
        str_addf(s, "%s\n{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"args\":{\"name\":\"%s\"}}",
                 i ? "," : "", (int) lanes[i].lane, lanes[i].name);
}

static void add_span(struct str *s, const struct span *p, uint64_t start)
{
    uint64_t ts = p->from - start, dur = p->to - p->from;

    str_add(s, ",\n{\"name\":");
    str_add_json(s, p->name);
    str_addf(s, ",\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"ts\":%llu.%03u,\"dur\":%llu.%03u}", (int) p->lane,
             (unsigned long long) ts / 1000, (unsigned) (ts % 1000),
             (unsigned long long) dur / 1000, (unsigned) (dur % 1000));
}

char *trace_json(const struct trace *t, struct arena *a)
{
    size_t n = t ? t->n : 0;
    struct span *sorted = arena_array(a, n, sizeof(*sorted));
    struct str s;

    if (n > 0) {
        memcpy(sorted, t->spans, n * sizeof(*sorted));
        qsort(sorted, n, sizeof(*sorted), by_time);
    }
    str_init(&s, a);
    str_add(&s, "{\"traceEvents\":[");
    add_lanes(&s);
    for (size_t i = 0; i < n; i++)
        add_span(&s, &sorted[i], sorted[0].from);
    str_add(&s, "\n]}\n");
    return s.text;
}

struct trace_span trace_begin(struct trace *t, const char *name)
{
    return (struct trace_span) { t, name, t ? trace_now() : 0 };
}

void trace_end(struct trace_span *s)
{
    if (s->trace)
        trace_add(s->trace, TRACE_PARENT, s->name, s->from, trace_now());
}
