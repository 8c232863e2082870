#include <linux/seccomp.h>
#include "plan/explain.h"
#include "spec/words.h"

static const char *action_text(struct arena *a, uint32_t action)
{
    uint32_t kind = action & SECCOMP_RET_ACTION_FULL;
    const char *name = words_name(&words_seccomp_action, kind);

    if (kind == SECCOMP_RET_ERRNO || kind == SECCOMP_RET_TRACE)
        return arena_printf(a, "%s %u", name, action & SECCOMP_RET_DATA);
    return name;
}

static void explain_architectures(struct explain *e)
{
    const uint32_t *token = PLAN_ITEMS(e->plan, seccomp_arches, uint32_t);
    const char **names = arena_array(e->out.arena, e->plan->seccomp_arches.n, sizeof(*names));

    for (uint32_t i = 0; i < e->plan->seccomp_arches.n; i++)
        names[i] = words_name(&words_seccomp_arch, token[i]);
    explain_words(e, "architectures", names, e->plan->seccomp_arches.n);
}

static void explain_flags(struct explain *e)
{
    const char *names[EXPLAIN_BITS];
    size_t n = 0;

    for (const struct word *w = words_seccomp_flag.list; w->name; w++)
        if (e->plan->seccomp_flags & (uint64_t) w->value)
            names[n++] = w->name;
    explain_words(e, "flags", names, n);
}

void explain_seccomp(struct explain *e)
{
    const struct plan *p = e->plan;

    explain_fields(e, "seccomp filter");
    if (p->seccomp.n == 0)
        return;
    explain_phrase(e, "default", action_text(e->out.arena, p->seccomp_default));
    explain_number(e, "rules", p->seccomp_rules);
    explain_architectures(e);
    explain_number(e, "instructions", p->seccomp.n);
    explain_flags(e);
    explain_ref(e, "listener", p->seccomp_listener);
}
