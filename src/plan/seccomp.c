/* seccomp.c - reads linux.seccomp: what runc would refuse, the actions, the flags, which call has which rules. */
#include "plan/seccomp.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include "plan/make.h"
#include "spec/words.h"

#define AT "/linux/seccomp"
enum { MAX_ERRNO = 4095 };
enum { FLAG_WAIT_KILLABLE_RECV = 1 << 5 };      /* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19 */

#if defined(__x86_64__)
static const uint32_t native = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static const uint32_t native = AUDIT_ARCH_AARCH64;
#else
#error "which architecture is this?"
#endif

/* ---- Actions and conditions ----------------------------------------------------------------- */

static bool takes_errno(uint32_t action)
{
    return action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE;
}

/* The lower 16 bits are used, as in runc; of those libseccomp takes an errno that the kernel has room for. */
static uint32_t read_action(struct make *m, opt_word action, opt_uint errno_ret, const char *pointer)
{
    uint32_t value = (uint32_t) action.v, data = (errno_ret.set ? (uint32_t) errno_ret.v : EPERM) & SECCOMP_RET_DATA;

    if (value == SECCOMP_RET_ERRNO && data >= MAX_ERRNO)
        op_fault(m->op, pointer, "error adding seccomp filter rule: %u is not an errno", data);
    if (takes_errno(value))
        return value | data;
    if (errno_ret.set)
        op_fault(m->op, pointer, "errnoRet not supported for action %s", words_name(&words_seccomp_action, action.v));
    return value;
}

static struct seccomp_condition read_condition(const struct spec_syscall_arg *arg)
{
    struct seccomp_condition c = { (uint32_t) arg->index.v, (uint32_t) arg->op.v, UINT64_MAX, arg->value.v };

    if (c.operator == SECCOMP_MASKED_EQ) {
        c.mask = arg->value.v;
        c.value = arg->value_two.v;
    }
    return c;
}

/* Two conditions on one argument are two rules, of which each suffices; a rule has the conditions by argument. */
static bool is_repeated(const struct spec_syscall_rule *entry)
{
    unsigned seen = 0;

    for (size_t i = 0; i < entry->args.n; i++) {
        unsigned bit = 1U << entry->args.v[i].index.v;

        if (seen & bit)
            return true;
        seen |= bit;
    }
    return false;
}

static void read_alternatives(const struct spec_syscall_rule *entry, uint32_t action, struct rows *ret)
{
    for (size_t i = 0; i < entry->args.n; i++)
        *(struct seccomp_rule *) rows_add(ret) = (struct seccomp_rule) {
            .action = action, .n = 1, .conditions = { read_condition(&entry->args.v[i]) },
        };
}

static void read_rule(const struct spec_syscall_rule *entry, uint32_t action, struct rows *ret)
{
    struct seccomp_rule *rule;

    if (is_repeated(entry)) {
        read_alternatives(entry, action, ret);
        return;
    }
    rule = rows_add(ret);
    rule->action = action;
    for (uint32_t argument = 0; argument < SECCOMP_ARGUMENTS; argument++)
        for (size_t i = 0; i < entry->args.n; i++)
            if (entry->args.v[i].index.v == argument)
                rule->conditions[rule->n++] = read_condition(&entry->args.v[i]);
}

/* ---- The profile ---------------------------------------------------------------------------- */

/* The launcher hears of the listener by write(2), and nobody answers for that call yet. */
static void check_notify(struct make *m, const struct spec_syscall_rule *entry, const char *pointer)
{
    if (entry->action.v != SECCOMP_RET_USER_NOTIF)
        return;
    m->plan.seccomp_flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    for (size_t i = 0; i < entry->names.n; i++)
        if (str_eq(entry->names.v[i], "write"))
            op_fault(m->op, pointer, "SCMP_ACT_NOTIFY cannot be used for the write syscall");
}

static void add_use(struct rows *uses, uint32_t name, const struct seccomp_rule *rule)
{
    *(struct seccomp_use *) rows_add(uses) = (struct seccomp_use) { .name = name, .rule = rule };
}

/* What nobody knows by name does not exist here either. */
static void add_names(struct make *m, const struct spec_syscall_rule *entry, const struct rows *rules, struct rows *uses)
{
    for (size_t i = 0; i < entry->names.n; i++) {
        int name = syscall_find(entry->names.v[i]);

        if (entry->names.v[i][0] == '\0')
            op_fault(m->op, AT "/syscalls", "empty string is not a valid syscall");
        if (name < 0)
            continue;
        if (rules->n == 0)
            add_use(uses, (uint32_t) name, NULL);
        for (size_t j = 0; j < rules->n; j++)
            add_use(uses, (uint32_t) name, (const struct seccomp_rule *) rules->items + j);
    }
}

static void add_entry(struct make *m, const struct seccomp_profile *profile, size_t i, struct rows *uses)
{
    const struct spec_syscall_rule *entry = &m->linux_->seccomp->syscalls.v[i];
    const char *pointer = arena_printf(m->op->arena, AT "/syscalls/%zu", i);
    uint32_t action = read_action(m, entry->action, entry->errno_ret, pointer);
    struct rows rules;

    check_notify(m, entry, pointer);
    rows_init(&rules, m->op->arena, sizeof(struct seccomp_rule));
    if (action != profile->default_action)
        read_rule(entry, action, &rules);
    add_names(m, entry, &rules, uses);
}

/* Backwards, so that each call's list is in order. */
static void link_uses(struct make *m, struct seccomp_profile *profile, struct rows *uses)
{
    struct seccomp_use *list = (struct seccomp_use *) uses->items;

    profile->calls = arena_array(m->op->arena, syscall_n_names, sizeof(*profile->calls));
    for (size_t i = uses->n; i-- > 0;) {
        list[i].next = profile->calls[list[i].name];
        profile->calls[list[i].name] = &list[i];
    }
    profile->uses = list;
    profile->n_uses = uses->n;
    for (size_t i = 0; i < uses->n; i++)
        profile->n_rules += list[i].rule != NULL;
}

static bool has_token(const uint32_t *tokens, size_t n, uint32_t token)
{
    for (size_t i = 0; i < n; i++)
        if (tokens[i] == token)
            return true;
    return false;
}

/* A program cannot be for machines of both byte orders: libseccomp has no filter for the others either. */
static void read_architectures(struct make *m, struct seccomp_profile *profile)
{
    const struct spec_strings *names = &m->linux_->seccomp->architectures;
    uint32_t *tokens = arena_array(m->op->arena, names->n + 1, sizeof(*tokens));
    int64_t token;

    tokens[profile->n_tokens++] = native;
    for (size_t i = 0; i < names->n; i++) {
        const char *pointer = arena_printf(m->op->arena, AT "/architectures/%zu", i);

        if (words_value(&words_seccomp_arch, names->v[i], &token) < 0)
            op_fault(m->op, pointer, "string %.64s is not a valid arch for seccomp", names->v[i]);
        else if (!((uint32_t) token & __AUDIT_ARCH_LE))
            op_fault(m->op, pointer, "error adding architecture to seccomp filter: %s is big-endian, this machine is not",
                     names->v[i]);
        else if (!has_token(tokens, profile->n_tokens, (uint32_t) token))
            tokens[profile->n_tokens++] = (uint32_t) token;
    }
    profile->tokens = tokens;
}

/* runc puts its stub before every filter that does not let through what it does not know. */
static bool wants_stub(uint32_t default_action)
{
    uint32_t kind = default_action & SECCOMP_RET_ACTION_FULL;

    return kind != SECCOMP_RET_ALLOW && kind != SECCOMP_RET_LOG && kind != SECCOMP_RET_TRACE &&
        default_action != (SECCOMP_RET_ERRNO | ENOSYS);
}

static void read_profile(struct make *m, struct seccomp_profile *profile)
{
    const struct spec_seccomp *s = m->linux_->seccomp;
    struct rows uses;

    rows_init(&uses, m->op->arena, sizeof(struct seccomp_use));
    profile->default_action = read_action(m, s->default_action, s->default_errno_ret, AT "/defaultErrnoRet");
    if (s->default_action.v == SECCOMP_RET_USER_NOTIF)
        op_fault(m->op, AT "/defaultAction", "SCMP_ACT_NOTIFY cannot be used as default action");
    profile->stub = wants_stub(profile->default_action);
    for (size_t i = 0; i < s->syscalls.n; i++)
        add_entry(m, profile, i, &uses);
    link_uses(m, profile, &uses);
    read_architectures(m, profile);
}

/* ---- Flags and listener --------------------------------------------------------------------- */

static bool has_listener(const struct make *m)
{
    return m->plan.seccomp_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
}

/* The init has one thread: TSYNC has nothing to do. */
static void read_flag(struct make *m, const char *name, const char *pointer)
{
    int64_t flag;

    if (words_value(&words_seccomp_flag, name, &flag) < 0)
        op_fault(m->op, pointer, "seccomp flag \"%.64s\" is not known to runc", name);
    else if (!(m->host->seccomp_flags & (uint64_t) flag))
        op_fault(m->op, pointer, "seccomp flag \"%s\" is not supported by the kernel", name);
    else if (flag == FLAG_WAIT_KILLABLE_RECV && !has_listener(m))
        op_fault(m->op, pointer, "error adding WaitKill flag to seccomp filter: SetWaitKill requires a rule with "
                 "SCMP_ACT_NOTIFY");
    else if (flag != SECCOMP_FILTER_FLAG_TSYNC)
        m->plan.seccomp_flags |= (uint32_t) flag;
}

static void read_flags(struct make *m)
{
    const struct spec_strings *flags = &m->linux_->seccomp->flags;

    if (!flags->set)
        m->plan.seccomp_flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW & (uint32_t) m->host->seccomp_flags;
    for (size_t i = 0; i < flags->n; i++)
        read_flag(m, flags->v[i], arena_printf(m->op->arena, AT "/flags/%zu", i));
}

static void read_listener(struct make *m)
{
    const struct spec_seccomp *s = m->linux_->seccomp;

    if (!has_listener(m))
        return;
    m->plan.seccomp_listener = block_text(&m->block, s->listener_path);
    m->plan.seccomp_metadata = block_text(&m->block, s->listener_metadata);
    make_state(m);
    if (!s->listener_path || !*s->listener_path)
        op_fault(m->op, AT "/listenerPath", "seccomp listenerPath is not set");
}

/* ---- All of it ------------------------------------------------------------------------------ */

static void compile(struct make *m, const struct seccomp_profile *profile)
{
    struct rows sections, program;

    seccomp_sections(m->op, profile, &sections);
    seccomp_program(m->op->arena, &sections, &program);
    if (program.n > BPF_MAXINSNS)
        op_fault(m->op, AT, "the filter would have %zu instructions; the kernel takes %d", program.n, BPF_MAXINSNS);
    m->plan.seccomp = block_rows(&m->block, &program);
    m->plan.seccomp_default = profile->default_action;
    m->plan.seccomp_rules = (uint32_t) profile->n_rules;
    m->plan.seccomp_arches = block_list(&m->block, profile->tokens, profile->n_tokens, sizeof(*profile->tokens));
}

/* Neither a default action nor rules: engines write that when they want no filter. */
void make_seccomp(struct make *m)
{
    const struct spec_seccomp *s = m->linux_->seccomp;
    struct seccomp_profile profile = { 0 };

    if (!s || (!s->default_action.set && s->syscalls.n == 0))
        return;
    if (!s->default_action.set) {
        op_fault(m->op, AT "/defaultAction", "string  is not a valid action for seccomp");
        return;
    }
    read_profile(m, &profile);
    read_flags(m);
    read_listener(m);
    if (!m->op->faults)
        compile(m, &profile);
}
