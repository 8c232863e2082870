/* seccomp_ranges.c - what a profile says about each number of each architecture. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/elf-em.h>
#include <linux/seccomp.h>
#include "plan/seccomp.h"

enum { X32 = EM_X86_64 | __AUDIT_ARCH_LE };     /* SCMP_ARCH_X32, as in words_seccomp_arch */
static const struct seccomp_verdict bad_arch = { .action = SECCOMP_RET_KILL_THREAD };
static const struct seccomp_verdict no_such_call = { .action = SECCOMP_RET_ERRNO | ENOSYS };

/* The calls that an architecture, or one half of the numbers of x86-64, has. */
struct abi {
    const struct seccomp_profile *profile;
    const struct syscall_arch *calls;           /* NULL: not in the profile, or no name is known */
    bool present, wide, stub;
    int64_t last;                               /* the highest number that the profile knows; -1: none */
};

/* x32 shares the registers of x86-64, yet libseccomp counts its arguments as 32 bits. */
static bool is_wide(uint32_t token)
{
    return (token & __AUDIT_ARCH_64BIT) && token != AUDIT_ARCH_MIPS64N32 && token != AUDIT_ARCH_MIPSEL64N32;
}

/* A call through a multiplexer has no number of its own here, even where the kernel has since given it one. */
static int64_t last_known(const struct seccomp_profile *p, const struct syscall_arch *calls)
{
    for (uint32_t i = calls->n; i-- > 0;) {
        uint32_t e = syscall_entries[calls->first + i];

        if (p->calls[syscall_entry_name(e)] && !syscall_entry_multiplexed(e))
            return syscall_entry_number(e);
    }
    return -1;
}

/* A profile that knows no call but number 0 has no stub (in runc, that number means "none"; with bit 30 it is not 0). */
static struct abi find_abi(const struct seccomp_profile *p, uint32_t token)
{
    struct abi abi = { .profile = p, .wide = is_wide(token), .last = -1 };

    for (size_t i = 0; i < p->n_tokens; i++)
        abi.present |= p->tokens[i] == token;
    if (!abi.present || !(abi.calls = syscall_arch_find(token)))
        return abi;
    abi.last = last_known(p, abi.calls);
    abi.stub = p->stub && abi.last >= (token != X32);
    return abi;
}

static struct seccomp_verdict by_default(const struct abi *abi)
{
    return (struct seccomp_verdict) { .action = abi->profile->default_action };
}

/* A number without a name. */
static struct seccomp_verdict unnamed(const struct abi *abi, uint32_t number)
{
    return abi->stub && number > abi->last ? no_such_call : by_default(abi);
}

static bool same_verdict(const struct seccomp_verdict *a, const struct seccomp_verdict *b)
{
    return a->n == 0 && b->n == 0 && a->action == b->action;
}

/* Neighbours with the same verdict are one range. */
static void add(struct rows *ranges, uint32_t first, struct seccomp_verdict v)
{
    const struct seccomp_range *list = (const struct seccomp_range *) ranges->items;

    if (ranges->n > 0 && same_verdict(&list[ranges->n - 1].verdict, &v))
        return;
    *(struct seccomp_range *) rows_add(ranges) = (struct seccomp_range) { first, v };
}

/* A rule without conditions, when it is the first one: nothing else counts then. */
static bool is_settled(const struct seccomp_use *use)
{
    return use && use->rule && use->rule->n == 0;
}

static struct seccomp_verdict verdict_of_call(struct op *op, const struct abi *abi, uint32_t name)
{
    const struct seccomp_use *use = abi->profile->calls[name];
    struct rows rules;

    if (!use)
        return by_default(abi);
    if (is_settled(use))
        return (struct seccomp_verdict) { .action = use->rule->action };
    rows_init(&rules, op->arena, sizeof(struct seccomp_rule));
    for (; use; use = use->next)
        if (use->rule)
            *(struct seccomp_rule *) rows_add(&rules) = *use->rule;
    return seccomp_decide(op, syscall_texts + syscall_names[name].at, &rules, abi->wide, abi->profile->default_action);
}

/* A call's rule as one for the multiplexer: its first argument is the call's number there. A condition on the call's own
 * first argument is lost, since that one is in memory; the others compare what they can, as libseccomp has it. */
static struct seccomp_rule through(const struct seccomp_rule *rule, uint8_t sub)
{
    struct seccomp_rule r = { .action = rule->action, .n = 1 };

    r.conditions[0] = (struct seccomp_condition) { 0, SECCOMP_EQ, UINT64_MAX, sub };
    for (uint32_t i = 0; i < rule->n; i++)
        if (rule->conditions[i].argument > 0)
            r.conditions[r.n++] = rule->conditions[i];
    return r;
}

static struct seccomp_verdict verdict_of_multiplexer(struct op *op, const struct abi *abi, uint32_t name, uint8_t family)
{
    const struct seccomp_use *own = abi->profile->calls[name];
    struct rows rules;

    if (is_settled(own))
        return (struct seccomp_verdict) { .action = own->rule->action };
    rows_init(&rules, op->arena, sizeof(struct seccomp_rule));
    for (size_t i = 0; i < abi->profile->n_uses; i++) {
        const struct seccomp_use *use = &abi->profile->uses[i];

        if (use->rule && use->name == name)
            *(struct seccomp_rule *) rows_add(&rules) = *use->rule;
        else if (use->rule && syscall_names[use->name].family == family)
            *(struct seccomp_rule *) rows_add(&rules) = through(use->rule, syscall_names[use->name].sub);
    }
    return seccomp_decide(op, syscall_texts + syscall_names[name].at, &rules, abi->wide, abi->profile->default_action);
}

static struct seccomp_verdict verdict_of(struct op *op, const struct abi *abi, uint32_t entry)
{
    uint32_t number = syscall_entry_number(entry), name = syscall_entry_name(entry);

    if (abi->stub && number > abi->last)
        return no_such_call;
    if (abi->calls->socketcall && number == abi->calls->socketcall)
        return verdict_of_multiplexer(op, abi, name, SYSCALL_SOCKETCALL);
    if (abi->calls->ipc && number == abi->calls->ipc)
        return verdict_of_multiplexer(op, abi, name, SYSCALL_IPC);
    return verdict_of_call(op, abi, name);
}

/* All numbers from `base` on. */
static void add_calls(struct op *op, struct rows *ranges, const struct abi *abi, uint32_t base)
{
    uint32_t next = 0;

    for (uint32_t i = 0; abi->calls && i < abi->calls->n; i++) {
        uint32_t entry = syscall_entries[abi->calls->first + i], number = syscall_entry_number(entry);

        if (number > next)
            add(ranges, base + next, unnamed(abi, next));
        add(ranges, base + number, verdict_of(op, abi, entry));
        next = number + 1;
    }
    add(ranges, base + next, unnamed(abi, next));
}

/* x32 calls are x86-64's with bit 30 in the number, so a profile without x32 must not see them as unknown ones. -1 is not a
 * call: a tracer has taken it away (seccomp(2)), and killing the process for that would be wrong. */
static void add_x86_64(struct op *op, const struct seccomp_profile *p, struct rows *ranges)
{
    const struct abi abi = find_abi(p, AUDIT_ARCH_X86_64), x32 = find_abi(p, X32);

    if (abi.present)
        add_calls(op, ranges, &abi, 0);
    else
        add(ranges, 0, bad_arch);
    if (x32.present)
        add_calls(op, ranges, &x32, SYSCALL_X32_BIT);
    else
        add(ranges, SYSCALL_X32_BIT, bad_arch);
    if (abi.present || x32.present)
        add(ranges, 0x80000000, abi.stub ? no_such_call : x32.present ? by_default(&abi) : bad_arch);
    if (x32.present) {
        add(ranges, 0xc0000000, x32.stub ? no_such_call : by_default(&x32));
    } else {
        add(ranges, 0xc0000000, bad_arch);
        add(ranges, UINT32_MAX, by_default(&abi));
    }
}

static void add_section(struct op *op, const struct seccomp_profile *p, uint32_t token, struct rows *sections)
{
    struct seccomp_section *section = rows_add(sections);
    struct abi abi;

    section->arch = token == X32 ? AUDIT_ARCH_X86_64 : token;
    rows_init(&section->ranges, op->arena, sizeof(struct seccomp_range));
    if (section->arch == AUDIT_ARCH_X86_64) {
        add_x86_64(op, p, &section->ranges);
        return;
    }
    abi = find_abi(p, token);
    add_calls(op, &section->ranges, &abi, 0);
}

static bool has_section(const struct rows *sections, uint32_t token)
{
    uint32_t arch = token == X32 ? AUDIT_ARCH_X86_64 : token;

    for (size_t i = 0; i < sections->n; i++)
        if (((const struct seccomp_section *) sections->items)[i].arch == arch)
            return true;
    return false;
}

void seccomp_sections(struct op *op, const struct seccomp_profile *profile, struct rows *ret)
{
    rows_init(ret, op->arena, sizeof(struct seccomp_section));
    for (size_t i = 0; i < profile->n_tokens; i++)
        if (!has_section(ret, profile->tokens[i]))
            add_section(op, profile, profile->tokens[i], ret);
}
