/* watch.h - waits for what happens to a container: the OOM killer strikes, the last process ends.
 *
 * The kernel counts what the OOM killer does, and a count is compared with the last one seen: nothing that happens
 * between two looks is lost. On v2 that is memory.events, on v1 an eventfd of memory.oom_control. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/op.h"
#include "plan/plan.h"

struct watch {
    int epoll;                  /* readable when there may be something */
    int pidfd;                  /* of the container's first process */
    int memory_events, cgroup_events;           /* v2; -1: not there, as below */
    int eventfd, memory;        /* v1: counts; the cgroup's directory */
    uint64_t seen, pending;     /* OOMs: of memory.events so far; not told yet */
};
#define WATCH_NONE { .epoll = -1, .pidfd = -1, .memory_events = -1, .cgroup_events = -1, .eventfd = -1, .memory = -1 }

enum watch_event { WATCH_NOTHING, WATCH_OOM, WATCH_END };

/* Takes the pidfd, also on failure. */
int watch_open(struct op *op, const struct plan *p, int pidfd, struct watch *ret);
/* What has happened next, without waiting: one WATCH_OOM for each time, WATCH_END when nothing more will come. Or -errno. */
int watch_next(struct op *op, struct watch *w);
void watch_close(struct watch *w);
