#include "spec/decode.h"
#include "spec/words.h"

enum {
    MOST_NICE = 19, LEAST_NICE = -20,                                           /* setpriority(2) */
    OTHER = 0, FIFO = 1, RR = 2, BATCH = 3, DEADLINE = 6,                       /* SCHED_*, sched(7) */
    MPOL_DEFAULT = 0, MPOL_PREFERRED = 1, MPOL_LOCAL = 4,                       /* set_mempolicy(2) */
};

static void check_scheduler(struct op *op, const struct spec_scheduler *s)
{
    static const char pointer[] = "/process/scheduler";
    int64_t policy = s->policy.v;

    if (!s->policy.set)
        return;             /* reported by the table */
    if ((policy == OTHER || policy == BATCH) && (s->nice.v < LEAST_NICE || s->nice.v > MOST_NICE))
        op_fault(op, "/process/scheduler/nice", "must be from %d to %d for %s (found %lld)", LEAST_NICE, MOST_NICE,
                 words_name(&words_scheduler, policy), (long long) s->nice.v);
    if (s->priority.v != 0 && policy != FIFO && policy != RR)
        op_fault(op, "/process/scheduler/priority", "scheduler.priority can only be specified for SchedFIFO or SchedRR policy");
    if ((s->runtime.v || s->deadline.v || s->period.v) && policy != DEADLINE)
        op_fault(op, pointer, "scheduler runtime/deadline/period can only be specified for SchedDeadline policy");
}

static void check_affinity_list(struct op *op, const char *pointer, const char *what, const char *text)
{
    struct spec_bits bits;
    const char *why;

    if (text == NULL)
        return;
    why = spec_parse_bits(op->arena, text, SPEC_CPU_MAX, &bits);
    if (why == NULL && bits.count == 0)
        why = "no CPUs found";
    if (why)
        op_fault(op, pointer, "bad CPUAffinity.%s \"%.200s\": %s", what, text, why);
}

static void check_node_count(struct op *op, int64_t mode, unsigned count)
{
    static const char pointer[] = "/linux/memoryPolicy/nodes";
    bool none = mode == MPOL_DEFAULT || mode == MPOL_LOCAL;

    if (none && count > 0)
        op_fault(op, pointer, "memory policy mode requires 0 nodes but got %u", count);
    if (!none && mode != MPOL_PREFERRED && count == 0)
        op_fault(op, pointer, "memory policy mode requires at least one node but got 0");
}

void spec_check_memory_policy(struct op *op, const struct spec_memory_policy *p)
{
    const char *mode = p->mode ? p->mode : "", *nodes = p->nodes ? p->nodes : "", *why;
    struct spec_bits bits;
    int64_t value;

    for (size_t i = 0; i < p->flags.n; i++)
        if (words_value(&words_memory_policy_flag, p->flags.v[i], &value) < 0)
            op_fault(op, arena_printf(op->arena, "/linux/memoryPolicy/flags/%zu", i),
                     "invalid memory policy flag \"%.200s\"", p->flags.v[i]);
    why = spec_parse_bits(op->arena, nodes, SPEC_NODE_MAX, &bits);
    if (why)
        op_fault(op, "/linux/memoryPolicy/nodes", "invalid memory policy nodes \"%.200s\": %s", nodes, why);
    if (words_value(&words_memory_policy, mode, &value) < 0)
        op_fault(op, "/linux/memoryPolicy/mode", "invalid memory policy mode \"%.200s\"", mode);
    else if (!why)
        check_node_count(op, value, bits.count);
}

void spec_check_scheduling(struct op *op, const struct spec_process *p)
{
    if (p->scheduler)
        check_scheduler(op, p->scheduler);
    if (p->cpu_affinity) {
        check_affinity_list(op, "/process/execCPUAffinity/initial", "Initial", p->cpu_affinity->initial);
        check_affinity_list(op, "/process/execCPUAffinity/final", "Final", p->cpu_affinity->final);
    }
}
