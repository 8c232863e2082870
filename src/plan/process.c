#include <string.h>
#include "plan/make.h"
#include "plan/set.h"
#include "spec/words.h"

enum { DEFAULT_UMASK = 0022 };

/* ---- Environment ---------------------------------------------------------------------------- */

/* Of each variable the last setting, at its place. An empty HOME counts as none. */
static size_t unique_env(struct make *m, const struct spec_strings *env, const char **ret)
{
    const char **kept = ret + env->n;
    struct set seen;
    size_t n;

    set_init(&seen, m->op->arena, env->n);
    for (size_t i = env->n; i-- > 0;)
        if (set_add(&seen, env->v[i], strcspn(env->v[i], "=")) && !str_eq(env->v[i], "HOME="))
            *--kept = env->v[i];
    n = (size_t) (ret + env->n - kept);
    memmove(ret, kept, n * sizeof(*ret));
    return n;
}

static const char *find_env(const char *const *env, size_t n, const char *prefix)
{
    for (size_t i = 0; i < n; i++)
        if (str_starts(env[i], prefix))
            return env[i] + strlen(prefix);
    return NULL;
}

static void make_env(struct make *m, const struct spec_process *p)
{
    const char **env = arena_array(m->op->arena, p->env.n + 1, sizeof(*env));
    size_t n = unique_env(m, &p->env, env);
    bool home = find_env(env, n, "HOME=");

    if (!home)
        m->plan.flags |= PLAN_HOME_UNSET;
    m->plan.envp = block_vector(&m->block, env, n, !home);
    m->plan.path = block_text(&m->block, find_env(env, n, "PATH="));
}

/* ---- Credentials ---------------------------------------------------------------------------- */

/* What `podman --group-add keep-groups` says: an ordinary user's groups have no ids in his user namespace, and can only be
 * kept. Groups that are named are set. The host's own root keeps none, whatever an annotation says: others may have written
 * it (CVE-2022-0811, CVE-2022-36109). */
static bool keeps_groups(const struct make *m)
{
    const struct spec_pairs *annotations = &m->spec->annotations;

    for (size_t i = 0; m->host->user_namespace && i < annotations->n; i++)
        if (strcmp(annotations->v[i].key, "run.oci.keep_original_groups") == 0)
            return strcmp(annotations->v[i].value, "1") == 0;
    return false;
}

static void make_groups(struct make *m, const struct spec_user *user)
{
    struct rows rows;

    rows_init(&rows, m->op->arena, sizeof(uint32_t));
    for (size_t i = 0; i < user->additional_gids.n; i++)
        *(uint32_t *) rows_add(&rows) = (uint32_t) user->additional_gids.v[i].v;
    m->plan.groups = block_rows(&m->block, &rows);
    if ((rows.n > 0 || !keeps_groups(m)) && (!make_is_unprivileged(m) || (m->plan.flags & PLAN_MAPS_BY_HELPER)))
        m->plan.flags |= PLAN_SET_GROUPS;
    if (make_is_unprivileged(m) && rows.n > 0)
        op_fault(m->op, "/process/user/additionalGids", "cannot set any additional groups in a rootless container");
}

static void make_user(struct make *m, const struct spec_process *p)
{
    static const struct spec_user root = { 0 };
    const struct spec_user *user = p->user ? p->user : &root;

    m->plan.uid = (uint32_t) user->uid.v;
    m->plan.gid = (uint32_t) user->gid.v;
    m->plan.umask = user->umask.set ? (uint32_t) user->umask.v : DEFAULT_UMASK;
    make_groups(m, user);
}

static void warn_of_unknown(struct make *m, uint64_t caps)
{
    struct str s;

    if (caps == 0)
        return;
    str_init(&s, m->op->arena);
    for (unsigned i = 0; i < 64; i++)
        if (caps & (uint64_t) 1 << i)
            str_addf(&s, "%s%s", s.len ? " " : "", words_name(&words_capability, i));
    op_warn(m->op, "ignoring unknown or unavailable capabilities: [%s]", s.text);
}

/* The kernel lets a capability be ambient only while it is permitted and inheritable (capabilities(7)). No warning: buildah
 * before 1.29 asks for fourteen that are not, in each step of a build. */
static void limit_ambient(struct make *m)
{
    uint64_t *caps = m->plan.caps;
    uint64_t possible = caps[PLAN_PERMITTED] & caps[PLAN_INHERITABLE];

    for (unsigned i = 0; i < 64; i++)
        if (caps[PLAN_AMBIENT] & ~possible & (uint64_t) 1 << i)
            op_debug(m->op, "can't raise ambient capability %s: it is not both permitted and inheritable",
                     words_name(&words_capability, i));
    caps[PLAN_AMBIENT] &= possible;
}

static void make_caps(struct make *m, const struct spec_caps *caps)
{
    uint64_t known = m->host->last_cap >= 63 ? ~(uint64_t) 0 : ((uint64_t) 2 << m->host->last_cap) - 1, unknown = 0;
    uint64_t sets[PLAN_CAP_SETS];

    if (caps == NULL)
        return;
    sets[PLAN_BOUNDING] = caps->bounding.v;
    sets[PLAN_EFFECTIVE] = caps->effective.v;
    sets[PLAN_PERMITTED] = caps->permitted.v;
    sets[PLAN_INHERITABLE] = caps->inheritable.v;
    sets[PLAN_AMBIENT] = caps->ambient.v;
    for (size_t i = 0; i < PLAN_CAP_SETS; i++) {
        m->plan.caps[i] = sets[i] & known;
        unknown |= sets[i] & ~known;
    }
    m->plan.flags |= PLAN_CAPS;
    warn_of_unknown(m, unknown);
    limit_ambient(m);
}

/* ---- The rest ------------------------------------------------------------------------------- */

static bool is_set_again(const struct spec_process *p, size_t i)
{
    for (size_t later = i + 1; later < p->rlimits.n; later++)
        if (p->rlimits.v[later].type.v == p->rlimits.v[i].type.v)
            return true;
    return false;
}

/* Of several for the same resource the last counts. The others are left out: a hard limit that has gone down does not
 * come up again. */
static void make_rlimits(struct make *m, const struct spec_process *p)
{
    struct rows rows;

    rows_init(&rows, m->op->arena, sizeof(struct plan_rlimit));
    for (size_t i = 0; i < p->rlimits.n; i++)
        if (!is_set_again(p, i))
            *(struct plan_rlimit *) rows_add(&rows) = (struct plan_rlimit) {
                .resource = (uint32_t) p->rlimits.v[i].type.v, .index = (uint32_t) i,
                .soft = p->rlimits.v[i].soft.v, .hard = p->rlimits.v[i].hard.v,
            };
    m->plan.rlimits = block_rows(&m->block, &rows);
}

static void make_terminal(struct make *m, const struct spec_process *p)
{
    if (!p->terminal.v)
        return;
    m->plan.flags |= PLAN_TERMINAL;
    if (p->console_size == NULL)
        return;
    m->plan.flags |= PLAN_CONSOLE_SIZE;
    m->plan.console_rows = (uint32_t) p->console_size->height.v;
    m->plan.console_columns = (uint32_t) p->console_size->width.v;
}

static void make_keyring(struct make *m)
{
    if (m->request->no_new_keyring)
        return;
    m->plan.keyring = block_textf(&m->block, "_ses.%s", m->request->id);
}

/* A label that cannot be given is an error: a program that was to be confined must not run free. */
static void make_labels(struct make *m, const struct spec_process *p)
{
    if (p->apparmor_profile && !m->host->apparmor)
        op_fault(m->op, "/process/apparmorProfile", "apparmor: config provided but apparmor not supported");
    if (p->selinux_label && !m->host->selinux)
        op_fault(m->op, "/process/selinuxLabel", "selinux label is specified in config, but selinux is disabled or not supported");
    m->plan.apparmor = block_text(&m->block, p->apparmor_profile);
    m->plan.selinux = block_text(&m->block, p->selinux_label);
}

void make_process(struct make *m)
{
    const struct spec_process *p = m->spec->process;

    m->plan.argv = block_vector(&m->block, p->args.v, p->args.n, 0);
    make_env(m, p);
    m->plan.cwd = block_text(&m->block, p->cwd);
    make_user(m, p);
    make_caps(m, p->caps);
    make_rlimits(m, p);
    make_terminal(m, p);
    make_keyring(m);
    make_labels(m, p);
    if (p->no_new_privileges.v)
        m->plan.flags |= PLAN_NO_NEW_PRIVS;
    if (p->oom_score_adj.set)
        m->plan.flags |= PLAN_OOM_SCORE;
    m->plan.oom_score_adj = (int32_t) p->oom_score_adj.v;
}
