#include "plan/explain.h"

static const char *where(enum plan_hook_kind kind)
{
    static const char *const texts[PLAN_HOOK_KINDS] = {
        [PLAN_PRESTART] = "outside, all being mounted", [PLAN_CREATE_RUNTIME] = "outside, all being mounted",
        [PLAN_CREATE_CONTAINER] = "in the namespaces, before pivot_root",
        [PLAN_START_CONTAINER] = "inside, before the program", [PLAN_POSTSTART] = "outside, after the program has begun",
        [PLAN_POSTSTOP] = "outside, after all has been removed",
    };

    return texts[kind];
}

/* Whose environment a hook has that names none. */
static const char *default_env(enum plan_hook_kind kind)
{
    switch (kind) {
    case PLAN_CREATE_CONTAINER:
        return "empty";
    case PLAN_START_CONTAINER:
        return "the program's";
    default:
        return "the runtime's";
    }
}

static void explain_env(struct explain *e, enum plan_hook_kind kind, const struct plan_hook *hook)
{
    if (!(hook->flags & PLAN_HOOK_OWN_ENV))
        explain_phrase(e, "environment", default_env(kind));
    else if (hook->envp.n == 0)
        explain_phrase(e, "environment", "empty");
    else
        explain_vector(e, "environment", hook->envp);
}

void explain_hooks(struct explain *e)
{
    explain_rows(e, "hooks");
    for (unsigned kind = 0; kind < PLAN_HOOK_KINDS; kind++) {
        const struct plan_hook *hook = PLAN_ITEMS(e->plan, hooks[kind], struct plan_hook);

        for (uint32_t i = 0; i < e->plan->hooks[kind].n; i++) {
            explain_row(e);
            explain_text(e, "kind", plan_hook_names[kind]);
            explain_phrase(e, "when", where(kind));
            explain_ref(e, "program", hook[i].path);
            explain_vector(e, "arguments", hook[i].argv);
            explain_env(e, kind, &hook[i]);
            if (hook[i].timeout)
                explain_number(e, "timeout", hook[i].timeout);
        }
    }
}
