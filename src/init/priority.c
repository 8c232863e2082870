/* priority.c - scheduling, I/O priority, personality and memory policy of the user's program. */
#include "init/init.h"

static int set_scheduler(struct init *in)
{
    const struct plan_scheduler *s = &in->plan->scheduler;
    struct sched_attr attr = {
        .size = sizeof attr,
        .sched_policy = s->policy, .sched_flags = s->flags, .sched_nice = s->nice, .sched_priority = s->priority,
        .sched_runtime = s->runtime, .sched_deadline = s->deadline, .sched_period = s->period,
    };
    int r = sys_sched_setattr(&attr);

    return r < 0 ? init_fail_text(in, CALL_sched_setattr, r, "process.scheduler") : 0;
}

/* Of the whole process group, as runc has it: this process leads one of its own. */
static int set_io_priority(struct init *in)
{
    int r = sys_ioprio_set(SYS_IOPRIO_WHO_PGRP, 0, in->plan->io_priority);

    return r < 0 ? init_fail_text(in, CALL_ioprio_set, r, "process.ioPriority") : 0;
}

static int set_personality(struct init *in)
{
    int r = sys_personality(in->plan->personality);

    return r < 0 ? init_fail_text(in, CALL_personality, r, "linux.personality") : 0;
}

static int set_memory_policy(struct init *in)
{
    const struct plan_memory_policy *p = &in->plan->memory_policy;
    const uint64_t *nodes = p->nodes.n ? plan_at(in->plan, p->nodes.at) : NULL;
    /* The kernel takes the number of bits plus one. */
    int r = sys_set_mempolicy(p->mode | p->flags, nodes, nodes ? p->nodes.n * 64UL + 1 : 0);

    return r < 0 ? init_fail_text(in, CALL_set_mempolicy, r, "linux.memoryPolicy") : 0;
}

/* A process that exec adds keeps the memory policy that it was born with. */
int step_priority(struct init *in)
{
    if (flagged(in, PLAN_SCHEDULER) && set_scheduler(in))
        return -1;
    if (flagged(in, PLAN_IO_PRIORITY) && set_io_priority(in))
        return -1;
    if (flagged(in, PLAN_PERSONALITY) && set_personality(in))
        return -1;
    return flagged(in, PLAN_MEMORY_POLICY) && !flagged(in, PLAN_EXEC) ? set_memory_policy(in) : 0;
}
