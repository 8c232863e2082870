/* trace.h - the timeline of a start: spans on two lanes, printed as Chrome trace JSON.
 *
 * All functions accept a NULL trace and then do nothing, so that callers need no condition. Times
 * are CLOCK_MONOTONIC nanoseconds, comparable across the processes of one machine (but not across
 * time namespaces with offsets). */
#pragma once
#include <stdint.h>
#include "base/arena.h"

enum trace_lane { TRACE_PARENT = 1, TRACE_INIT = 2 };

struct trace;

struct trace *trace_new(struct arena *a);
uint64_t trace_now(void);
/* A finished span. `name` must outlive the trace. */
void trace_add(struct trace *t, enum trace_lane lane, const char *name, uint64_t from_ns, uint64_t to_ns);
/* {"traceEvents":[...]}: metadata naming the lanes, then one complete event ("ph":"X") a span in
 * order of time, ts and dur in microseconds from the first span's start. */
char *trace_json(const struct trace *t, struct arena *a);

/* A span of the parent's lane that lasts until the end of the enclosing scope. */
struct trace_span {
    struct trace *trace;
    const char *name;
    uint64_t from;
};
struct trace_span trace_begin(struct trace *t, const char *name);
void trace_end(struct trace_span *s);
#define trace_scope(t, name) __attribute__((cleanup(trace_end))) struct trace_span trace_scope_ = trace_begin(t, name)
