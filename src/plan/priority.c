/* priority.c - how the kernel is to schedule the user's program, and where it takes memory from. */
#include "plan/make.h"
#include "spec/words.h"

enum { IOPRIO_CLASS_SHIFT = 13 };               /* ioprio_set(2) */

static void make_scheduler(struct make *m, const struct spec_scheduler *s)
{
    if (s == NULL)
        return;
    m->plan.flags |= PLAN_SCHEDULER;
    m->plan.scheduler = (struct plan_scheduler) {
        .policy = (uint32_t) s->policy.v, .flags = s->flags.v, .nice = (int32_t) s->nice.v,
        .priority = (uint32_t) s->priority.v, .runtime = s->runtime.v, .deadline = s->deadline.v, .period = s->period.v,
    };
}

static void make_io_priority(struct make *m, const struct spec_io_priority *io)
{
    if (io == NULL)
        return;
    m->plan.flags |= PLAN_IO_PRIORITY;
    m->plan.io_priority = (uint32_t) io->class.v << IOPRIO_CLASS_SHIFT | (uint32_t) io->priority.v;
}

static struct plan_list make_bits(struct make *m, const char *text, unsigned most)
{
    struct spec_bits bits = { .n = 0 };

    if (text)
        spec_parse_bits(m->op->arena, text, most, &bits);       /* checked by spec_check */
    return block_list(&m->block, bits.v, bits.n, sizeof(*bits.v));
}

static void make_affinity(struct make *m, const struct spec_cpu_affinity *a)
{
    if (a == NULL)
        return;
    m->plan.cpus_initial = make_bits(m, a->initial, SPEC_CPU_MAX);
    m->plan.cpus_final = make_bits(m, a->final, SPEC_CPU_MAX);
}

static void make_personality(struct make *m, const struct spec_personality *p)
{
    if (p == NULL)
        return;
    if (p->flags.n > 0)
        op_warn(m->op, "ignoring unsupported personality flags (linux.personality.flags)");
    m->plan.flags |= PLAN_PERSONALITY;
    m->plan.personality = (uint64_t) p->domain.v;
}

static void make_memory_policy(struct make *m, const struct spec_memory_policy *p)
{
    int64_t mode = 0, flag;

    if (p == NULL)
        return;
    words_value(&words_memory_policy, p->mode, &mode);
    m->plan.flags |= PLAN_MEMORY_POLICY;
    m->plan.memory_policy.mode = (uint32_t) mode;
    for (size_t i = 0; i < p->flags.n; i++)
        if (words_value(&words_memory_policy_flag, p->flags.v[i], &flag) == 0)
            m->plan.memory_policy.flags |= (uint32_t) flag;
    m->plan.memory_policy.nodes = make_bits(m, p->nodes, SPEC_NODE_MAX);
}

void make_priority(struct make *m)
{
    const struct spec_process *p = m->spec->process;

    make_scheduler(m, p->scheduler);
    make_io_priority(m, p->io_priority);
    make_affinity(m, p->cpu_affinity);
    make_personality(m, m->linux_->personality);
    make_memory_policy(m, m->linux_->memory_policy);
}
