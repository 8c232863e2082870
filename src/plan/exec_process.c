/* exec_process.c - the options of an exec, put on top of what the container's plan says of its own process. */
#include <string.h>
#include "plan/exec.h"
#include "spec/decode.h"
#include "spec/words.h"

static size_t count(const char *const *texts)
{
    size_t n = 0;

    while (texts && texts[n])
        n++;
    return n;
}

static struct spec_strings strings(struct op *op, const char *const *texts)
{
    struct spec_strings s = { .set = true, .n = count(texts) };

    s.v = arena_array(op->arena, s.n, sizeof(*s.v));
    for (size_t i = 0; i < s.n; i++)
        s.v[i] = texts[i];
    return s;
}

/* What tells the container's first process of descriptors and of a socket that are meant for it alone. */
static bool is_for_first(const char *variable)
{
    static const char *const prefixes[] = { "LISTEN_FDS=", "LISTEN_PID=", "LISTEN_FDNAMES=", "NOTIFY_SOCKET=" };

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
        if (str_starts(variable, prefixes[i]))
            return true;
    return false;
}

/* The container's variables, and behind them those that are added. */
static struct spec_strings environment(struct op *op, const struct plan *p, const char *const *more)
{
    const uint64_t *at = plan_at(p, p->envp.at);
    size_t own = p->envp.n - !!(p->flags & PLAN_HOME_UNSET), added = count(more);
    struct spec_strings env = { .set = true, .v = arena_array(op->arena, own + added, sizeof(*env.v)) };

    for (size_t i = 0; i < own; i++)
        if (!is_for_first(plan_text(p, (plan_ref) at[i])))
            env.v[env.n++] = plan_text(p, (plan_ref) at[i]);
    for (size_t i = 0; i < added; i++)
        env.v[env.n++] = more[i];
    return env;
}

/* ---- User ----------------------------------------------------------------------------------- */

/* Decimal digits and nothing else, up to the last ID that is one. strtoul would make root of much that is none
 * (CVE-2026-30892). */
static bool parse_id(const char *text, size_t n, opt_uint *ret)
{
    uint64_t id = 0;

    if (n == 0 || n > 10 || strspn(text, "0123456789") < n)
        return false;
    for (size_t i = 0; i < n; i++)
        id = id * 10 + (uint64_t) (text[i] - '0');
    if (id >= UINT32_MAX)
        return false;
    *ret = (opt_uint) { true, id };
    return true;
}

static void parse_user(struct op *op, const char *text, struct spec_user *user)
{
    const char *colon = strchr(text, ':');
    size_t n = colon ? (size_t) (colon - text) : strlen(text);

    if (!parse_id(text, n, &user->uid))
        op_fault(op, "", "bad uid \"%.*s\" in user \"%s\": it must be a number from 0 to 4294967294", (int) n, text, text);
    else if (colon && !parse_id(colon + 1, strlen(colon + 1), &user->gid))
        op_fault(op, "", "bad gid \"%s\" in user \"%s\": it must be a number from 0 to 4294967294", colon + 1, text);
}

static struct spec_user *user(struct op *op, const struct plan_exec_request *request)
{
    const struct plan *p = request->container;
    const uint32_t *groups = PLAN_ITEMS(p, groups, uint32_t);
    struct spec_user *u = arena_alloc(op->arena, sizeof(*u));

    u->uid = (opt_uint) { true, p->uid };
    u->gid = (opt_uint) { true, p->gid };
    u->additional_gids.n = p->groups.n + request->n_gids;
    u->additional_gids.v = arena_array(op->arena, u->additional_gids.n, sizeof(*u->additional_gids.v));
    for (size_t i = 0; i < u->additional_gids.n; i++)
        u->additional_gids.v[i] = (opt_uint) { true, i < p->groups.n ? groups[i] : request->gids[i - p->groups.n] };
    for (size_t i = 0; i < request->n_gids; i++)
        if (request->gids[i] == UINT32_MAX)
            op_fault(op, "", "4294967295 is no additional gid");
    if (request->user)
        parse_user(op, request->user, u);
    return u;
}

/* ---- Capabilities --------------------------------------------------------------------------- */

static uint64_t parse_caps(struct op *op, const char *const *names)
{
    uint64_t caps = 0;
    int64_t bit;

    for (; *names; names++) {
        if (words_value(&words_capability, *names, &bit) == 0)
            caps |= (uint64_t) 1 << bit;
        else
            op_warn(op, "ignoring unknown or unavailable capabilities: [%s]", *names);
    }
    return caps;
}

/* Never inheritable (CVE-2022-29162); therefore ambient only where the container's own process has it inheritable. */
static struct spec_caps *capabilities(struct op *op, const struct plan_exec_request *request)
{
    const uint64_t *own = request->container->caps;
    uint64_t more;
    struct spec_caps *c;

    if (count(request->caps) == 0)
        return NULL;
    if (!(request->container->flags & PLAN_CAPS)) {
        op_fault(op, "", "cannot add capabilities: the container has no process.capabilities to add to");
        return NULL;
    }
    more = parse_caps(op, request->caps);
    c = arena_alloc(op->arena, sizeof(*c));
    c->bounding = (opt_mask) { true, own[PLAN_BOUNDING] | more };
    c->effective = (opt_mask) { true, own[PLAN_EFFECTIVE] | more };
    c->permitted = (opt_mask) { true, own[PLAN_PERMITTED] | more };
    c->inheritable = (opt_mask) { true, own[PLAN_INHERITABLE] };
    c->ambient = (opt_mask) { true, own[PLAN_AMBIENT] | (more & own[PLAN_INHERITABLE]) };
    return c;
}

/* --------------------------------------------------------------------------------------------- */

const struct spec_process *exec_process(struct op *op, const struct plan_exec_request *request)
{
    const struct plan *p = request->container;
    bool inherited = p->flags & PLAN_NO_NEW_PRIVS;
    struct spec_process *process;
    struct findings none;

    if (request->process)
        return request->process;
    process = arena_alloc(op->arena, sizeof(*process));
    *process = (struct spec_process) {
        .terminal = { true, request->terminal },
        .no_new_privileges = { true, request->no_new_privileges < 0 ? inherited : request->no_new_privileges },
        .args = strings(op, request->args),
        .env = environment(op, p, request->env),
        .cwd = request->cwd ? request->cwd : plan_text(p, p->cwd),
        .apparmor_profile = request->apparmor,
        .selinux_label = request->selinux,
        .user = user(op, request),
        .caps = capabilities(op, request),
    };
    str_init(&none.faulty, op->arena);
    spec_check_process(op, process, &none);
    return process;
}
