#include <linux/sched.h>
#include "plan/make.h"

const char *const plan_hook_names[PLAN_HOOK_KINDS] = {
    [PLAN_PRESTART] = "prestart", [PLAN_CREATE_RUNTIME] = "createRuntime", [PLAN_CREATE_CONTAINER] = "createContainer",
    [PLAN_START_CONTAINER] = "startContainer", [PLAN_POSTSTART] = "poststart", [PLAN_POSTSTOP] = "poststop",
};

/* Without `args` the path is argv[0]. An empty `env` of startContainer counts as none, as it does for runc. */
static struct plan_hook make_hook(struct make *m, const struct spec_hook *hook, bool inside)
{
    const char *const *args = hook->args.n ? (const char *const *) hook->args.v : &hook->path;
    bool own_env = inside ? hook->env.n > 0 : hook->env.set;

    return (struct plan_hook) {
        .path = block_text(&m->block, hook->path),
        .argv = block_vector(&m->block, args, hook->args.n ? hook->args.n : 1, 0),
        .envp = block_vector(&m->block, (const char *const *) hook->env.v, hook->env.n, 0),
        .flags = own_env ? PLAN_HOOK_OWN_ENV : 0,
        .timeout = (int32_t) hook->timeout.v,
    };
}

static void make_kind(struct make *m, enum plan_hook_kind kind, struct spec_hook_list list)
{
    struct rows rows;

    rows_init(&rows, m->op->arena, sizeof(struct plan_hook));
    for (size_t i = 0; i < list.n; i++)
        *(struct plan_hook *) rows_add(&rows) = make_hook(m, &list.v[i], kind == PLAN_START_CONTAINER);
    m->plan.hooks[kind] = block_rows(&m->block, &rows);
}

void make_state(struct make *m)
{
    struct str s;

    if (m->plan.state_head)
        return;
    str_init(&s, m->op->arena);
    str_add(&s, "{");
    str_add_member(&s, "ociVersion", SPEC_VERSION);
    str_add_member(&s, "id", m->request->id);
    str_add(&s, ",\"status\":\"");
    m->plan.state_head = block_text(&m->block, s.text);
    str_init(&s, m->op->arena);
    str_add_member(&s, "bundle", m->request->bundle);
    if (m->spec->annotations.n)
        str_add(&s, ",\"annotations\":{");
    for (size_t i = 0; i < m->spec->annotations.n; i++)
        str_add_member(&s, m->spec->annotations.v[i].key, m->spec->annotations.v[i].value);
    str_add(&s, m->spec->annotations.n ? "}}" : "}");
    m->plan.state_tail = block_text(&m->block, s.text);
}

void make_hooks(struct make *m)
{
    const struct spec_hooks *hooks = m->spec->hooks;
    uint32_t n = 0;

    if (hooks == NULL)
        return;
    make_kind(m, PLAN_PRESTART, hooks->prestart);
    make_kind(m, PLAN_CREATE_RUNTIME, hooks->create_runtime);
    make_kind(m, PLAN_CREATE_CONTAINER, hooks->create_container);
    make_kind(m, PLAN_START_CONTAINER, hooks->start_container);
    make_kind(m, PLAN_POSTSTART, hooks->poststart);
    make_kind(m, PLAN_POSTSTOP, hooks->poststop);
    for (size_t kind = 0; kind < PLAN_HOOK_KINDS; kind++)
        n += m->plan.hooks[kind].n;
    if (n > 0)
        make_state(m);
    if (m->plan.hooks[PLAN_PRESTART].n || m->plan.hooks[PLAN_CREATE_RUNTIME].n)
        m->plan.flags |= PLAN_MEET;
}
