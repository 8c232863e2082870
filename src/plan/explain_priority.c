#include "plan/explain.h"
#include "spec/words.h"

/* "0-3,7" again. */
static const char *bits_text(struct explain *e, struct plan_list list)
{
    const uint64_t *v = plan_at(e->plan, list.at);
    uint32_t n = list.n * 64;
    struct str s;

    str_init(&s, e->out.arena);
    for (uint32_t i = 0, last; i < n; i = last + 1) {
        for (last = i; last < n && v[last / 64] >> last % 64 & 1; last++)
            ;
        if (last > i)
            str_addf(&s, "%s%u", s.len ? "," : "", i);
        if (last > i + 1)
            str_addf(&s, "-%u", last - 1);
    }
    return s.len ? s.text : NULL;
}

static void explain_flags(struct explain *e, const char *key, uint64_t flags, const struct words *w, bool numbered)
{
    const char *list[EXPLAIN_BITS];
    size_t n = 0;

    for (const struct word *word = w->list; word->name; word++)
        if (flags & (numbered ? (uint64_t) 1 << word->value : (uint64_t) word->value))
            list[n++] = word->name;
    explain_words(e, key, list, n);
}

/* In nanoseconds. */
static void explain_deadline(struct explain *e, const struct plan_scheduler *s)
{
    explain_number(e, "runtime", (int64_t) s->runtime);
    explain_number(e, "deadline", (int64_t) s->deadline);
    explain_number(e, "period", (int64_t) s->period);
}

static void explain_scheduler(struct explain *e, const struct plan_scheduler *s)
{
    explain_text(e, "policy", words_name(&words_scheduler, s->policy));
    if (s->nice)
        explain_number(e, "nice", s->nice);
    if (s->priority)
        explain_number(e, "priority", s->priority);
    if (s->runtime || s->deadline || s->period)
        explain_deadline(e, s);
    explain_flags(e, "flags", s->flags, &words_scheduler_flag, true);
}

static void explain_memory_policy(struct explain *e, const struct plan_memory_policy *p)
{
    explain_text(e, "memory policy", words_name(&words_memory_policy, p->mode));
    explain_flags(e, "memory policy flags", p->flags, &words_memory_policy_flag, false);
    explain_text(e, "memory nodes", bits_text(e, p->nodes));
}

void explain_priority(struct explain *e)
{
    const struct plan *p = e->plan;

    explain_fields(e, "scheduling");
    if (p->flags & PLAN_SCHEDULER)
        explain_scheduler(e, &p->scheduler);
    if (p->flags & PLAN_IO_PRIORITY) {
        explain_text(e, "i/o class", words_name(&words_io_priority, p->io_priority >> 13));
        explain_number(e, "i/o priority", p->io_priority & 0x1fff);
    }
    if (p->flags & PLAN_PERSONALITY)
        explain_text(e, "personality", words_name(&words_personality, (int64_t) p->personality));
    if (p->flags & PLAN_MEMORY_POLICY)
        explain_memory_policy(e, &p->memory_policy);
    explain_text(e, "cpus of exec at first", bits_text(e, p->cpus_initial));
    explain_text(e, "cpus of exec in the end", bits_text(e, p->cpus_final));
}
