#include <inttypes.h>
#include "plan/explain.h"
#include "spec/words.h"

void explain_vector(struct explain *e, const char *key, struct plan_list list)
{
    const uint64_t *at = plan_at(e->plan, list.at);
    const char **texts = arena_array(e->out.arena, list.n, sizeof(*texts));
    size_t n = 0;

    for (uint32_t i = 0; i < list.n; i++)
        if (at[i])
            texts[n++] = plan_text(e->plan, (plan_ref) at[i]);
    explain_words(e, key, texts, n);
}

static void explain_groups(struct explain *e)
{
    const uint32_t *group = PLAN_ITEMS(e->plan, groups, uint32_t);
    const char **texts = arena_array(e->out.arena, e->plan->groups.n, sizeof(*texts));

    for (uint32_t i = 0; i < e->plan->groups.n; i++)
        texts[i] = arena_printf(e->out.arena, "%u", group[i]);
    explain_words(e, "additional groups", texts, e->plan->groups.n);
    if (!(e->plan->flags & PLAN_SET_GROUPS))
        explain_text(e, "additional groups", "unchanged");
    else if (e->plan->groups.n == 0)
        explain_text(e, "additional groups", "none");
}

static void explain_program(struct explain *e)
{
    static const struct explain_bit how[] = {
        { PLAN_NO_NEW_PRIVS, "no new privileges" },
        { PLAN_TERMINAL, "on a terminal of its own" },
        { PLAN_HOME_UNSET, "HOME is taken from /etc/passwd" },
        { 0, NULL },
    };
    const struct plan *p = e->plan;

    explain_fields(e, "process");
    explain_vector(e, "program", p->argv);
    explain_ref(e, "directory", p->cwd);
    explain_text(e, "user", arena_printf(e->out.arena, "%u:%u", p->uid, p->gid));
    explain_groups(e);
    explain_octal(e, "umask", p->umask);
    explain_ref(e, "session keyring", p->keyring);
    explain_ref(e, "apparmor profile", p->apparmor);
    explain_ref(e, "selinux label", p->selinux);
    if (p->flags & PLAN_OOM_SCORE)
        explain_number(e, "oom score adjustment", p->oom_score_adj);
    if (p->flags & PLAN_CONSOLE_SIZE)
        explain_text(e, "terminal size", arena_printf(e->out.arena, "%ux%u", p->console_columns, p->console_rows));
    explain_bits(e, "how", p->flags, how);
}

static void explain_environment(struct explain *e)
{
    const uint64_t *at = PLAN_ITEMS(e->plan, envp, uint64_t);

    explain_rows(e, "environment");
    for (uint32_t i = 0; i < e->plan->envp.n && at[i]; i++) {
        explain_row(e);
        explain_ref(e, "variable", (plan_ref) at[i]);
    }
}

static void explain_caps(struct explain *e)
{
    static const char *const names[PLAN_CAP_SETS] = {
        [PLAN_BOUNDING] = "bounding", [PLAN_EFFECTIVE] = "effective", [PLAN_PERMITTED] = "permitted",
        [PLAN_INHERITABLE] = "inheritable", [PLAN_AMBIENT] = "ambient",
    };
    const char *list[EXPLAIN_BITS];

    explain_fields(e, "capabilities");
    for (size_t i = 0; (e->plan->flags & PLAN_CAPS) && i < PLAN_CAP_SETS; i++) {
        size_t n = 0;

        for (int bit = 0; bit < EXPLAIN_BITS; bit++)
            if (e->plan->caps[i] & (uint64_t) 1 << bit)
                list[n++] = words_name(&words_capability, bit);
        explain_words(e, names[i], list, n);
        if (n == 0)
            explain_text(e, names[i], "none");
    }
}

static const char *limit_text(struct arena *a, uint64_t value)
{
    return value == UINT64_MAX ? "unlimited" : arena_printf(a, "%" PRIu64, value);
}

static void explain_rlimits(struct explain *e)
{
    const struct plan_rlimit *limit = PLAN_ITEMS(e->plan, rlimits, struct plan_rlimit);

    explain_rows(e, "resource limits");
    for (uint32_t i = 0; i < e->plan->rlimits.n; i++) {
        explain_row(e);
        explain_text(e, "resource", words_name(&words_rlimit, limit[i].resource));
        explain_text(e, "soft", limit_text(e->out.arena, limit[i].soft));
        explain_text(e, "hard", limit_text(e->out.arena, limit[i].hard));
    }
}

void explain_process(struct explain *e)
{
    explain_program(e);
    explain_priority(e);
    explain_environment(e);
    explain_caps(e);
    explain_rlimits(e);
}
