#include "oracle.h"
#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/str.h"
#include "spec/words.h"

/* Rules that libseccomp refuses (EEXIST) it has half put into its tree, and forgets. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libseccomp.so";
}

enum { X32_BIT = 0x40000000 };

static uint32_t action_of(opt_word action, opt_uint errno_ret)
{
    uint32_t code = (errno_ret.set ? (uint32_t) errno_ret.v : EPERM) & 0xffff;

    if (action.v == SECCOMP_RET_ERRNO)
        return SCMP_ACT_ERRNO(code);
    return action.v == SECCOMP_RET_TRACE ? SCMP_ACT_TRACE(code) : (uint32_t) action.v;
}

static struct scmp_arg_cmp condition(const struct spec_syscall_arg *a)
{
    return (struct scmp_arg_cmp) { (unsigned) a->index.v, (enum scmp_compare) a->op.v, a->value.v, a->value_two.v };
}

static int add_call(scmp_filter_ctx filter, int number, uint32_t action, const struct spec_syscall_rule *rule)
{
    struct scmp_arg_cmp list[64];
    unsigned count[6] = { 0 };
    bool repeated = false;
    int r = 0;

    for (size_t i = 0; i < rule->args.n; i++) {
        list[i] = condition(&rule->args.v[i]);
        repeated |= count[list[i].arg]++ > 0;
    }
    if (!repeated)
        return seccomp_rule_add_array(filter, action, number, (unsigned) rule->args.n, list);
    for (size_t i = 0; i < rule->args.n && r == 0; i++)
        r = seccomp_rule_add_array(filter, action, number, 1, &list[i]);
    return r;
}

static int add_rule(scmp_filter_ctx filter, const struct spec_syscall_rule *rule, uint32_t by_default)
{
    uint32_t action = action_of(rule->action, rule->errno_ret);
    int r = 0;

    for (size_t i = 0; i < rule->names.n && r == 0 && action != by_default; i++) {
        int number = seccomp_syscall_resolve_name(rule->names.v[i]);

        if (number != __NR_SCMP_ERROR)
            r = add_call(filter, number, action, rule);
    }
    return r;
}

static int add_architectures(scmp_filter_ctx filter, const struct spec_seccomp *profile)
{
    int r = 0;

    for (size_t i = 0; i < profile->architectures.n && r == 0; i++) {
        int64_t token;

        words_value(&words_seccomp_arch, profile->architectures.v[i], &token);
        r = seccomp_arch_add(filter, (uint32_t) token);
        if (r == -EEXIST)
            r = 0;
    }
    return r;
}

static int export(scmp_filter_ctx filter, struct program *ret)
{
    int fd = memfd_create("filter", MFD_CLOEXEC), r = seccomp_export_bpf(filter, fd);
    struct stat st;

    if (r == 0) {
        fstat(fd, &st);
        *ret = (struct program) { malloc((size_t) st.st_size), (size_t) st.st_size / sizeof(struct sock_filter) };
        r = pread(fd, ret->code, (size_t) st.st_size, 0) == st.st_size ? 0 : -EIO;
    }
    close(fd);
    return r;
}

/* ---- runc's stub ---------------------------------------------------------------------------- */

/* The highest number that the profile knows on that architecture; 0: none, or the architecture is not in it. */
static uint32_t largest(const struct spec_seccomp *profile, uint32_t token)
{
    bool present = token == seccomp_arch_native();
    int largest = 0;

    for (size_t i = 0; i < profile->architectures.n; i++)
        present |= str_eq(profile->architectures.v[i], words_name(&words_seccomp_arch, token));
    for (size_t i = 0; present && i < profile->syscalls.n; i++)
        for (size_t j = 0; j < profile->syscalls.v[i].names.n; j++) {
            int number = seccomp_syscall_resolve_name_arch(token, profile->syscalls.v[i].names.v[j]);

            if (number > largest)
                largest = number;
        }
    return (uint32_t) largest;
}

/* runc wants libseccomp's binary tree from 33 calls on. */
int oracle_make(const struct spec_seccomp *profile, struct oracle *ret)
{
    uint32_t by_default = action_of(profile->default_action, profile->default_errno_ret);
    uint32_t kind = by_default & SECCOMP_RET_ACTION_FULL;
    scmp_filter_ctx filter = seccomp_init(by_default);
    size_t calls = 0;
    int r = filter ? add_architectures(filter, profile) : -EINVAL;

    for (size_t i = 0; i < profile->syscalls.n; i++)
        calls += profile->syscalls.v[i].names.n;
    if (r == 0 && calls > 32)
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; i < profile->syscalls.n && r == 0; i++)
        r = add_rule(filter, &profile->syscalls.v[i], by_default);
    for (size_t i = 0; words_seccomp_arch.list[i].name; i++)
        ret->last[i] = largest(profile, (uint32_t) words_seccomp_arch.list[i].value);
    ret->stub = kind != SECCOMP_RET_ALLOW && kind != SECCOMP_RET_LOG && kind != SECCOMP_RET_TRACE &&
        by_default != SCMP_ACT_ERRNO(ENOSYS);
    if (r == 0)
        r = export(filter, &ret->program);
    seccomp_release(filter);
    return r;
}

void oracle_free(struct oracle *o)
{
    free(o->program.code);
}

static bool stubbed(const struct oracle *o, uint32_t arch, uint32_t number)
{
    uint32_t token = arch == AUDIT_ARCH_X86_64 && (number & X32_BIT) ? (uint32_t) SCMP_ARCH_X32 : arch;

    for (size_t i = 0; words_seccomp_arch.list[i].name; i++)
        if (words_seccomp_arch.list[i].value == token)
            return o->last[i] > 0 && number > o->last[i];
    return false;
}

uint32_t oracle_verdict(const struct oracle *o, const struct seccomp_data *data, unsigned long *steps)
{
    if (o->stub && stubbed(o, data->arch, (uint32_t) data->nr))
        return SCMP_ACT_ERRNO(ENOSYS);
    return bpf_run(&o->program, data, steps);
}

/* ---- The rules, taken at their word --------------------------------------------------------- */

static bool holds(const struct spec_syscall_arg *a, const struct seccomp_data *data, uint64_t bits)
{
    uint64_t x = data->args[a->index.v] & bits, v = a->value.v & bits;

    switch ((enum scmp_compare) a->op.v) {
    case SCMP_CMP_NE:
        return x != v;
    case SCMP_CMP_LT:
        return x < v;
    case SCMP_CMP_LE:
        return x <= v;
    case SCMP_CMP_EQ:
        return x == v;
    case SCMP_CMP_GE:
        return x >= v;
    case SCMP_CMP_GT:
        return x > v;
    default:
        return (x & v) == (a->value_two.v & v);
    }
}

/* `sub`: the call goes through a multiplexer that has its number in the first argument, and the conditions on that one
 * are left out. */
static bool rule_holds(const struct spec_syscall_rule *rule, const struct seccomp_data *data, uint64_t bits, int sub)
{
    unsigned count[6] = { 0 };
    bool repeated = false, all = true, any = false;

    if (sub && (data->args[0] & bits) != (uint64_t) sub)
        return false;
    for (size_t i = 0; i < rule->args.n; i++) {
        bool one = (sub && rule->args.v[i].index.v == 0) || holds(&rule->args.v[i], data, bits);

        repeated |= count[rule->args.v[i].index.v]++ > 0;
        all &= one;
        any |= one;
    }
    return repeated ? any : all;
}

static bool is_wide(uint32_t token)
{
    return token != SCMP_ARCH_X32 && (token & __AUDIT_ARCH_64BIT) && token != SCMP_ARCH_MIPSEL64N32;
}

static bool is_called(const char *name, uint32_t token, int number)
{
    char *called = seccomp_syscall_resolve_num_arch(token, number);
    bool same = called && strcmp(called, name) == 0;

    free(called);
    return same;
}

/* Whether the rule is for that call: 1, or the number of the multiplexed call times 2. */
static int concerns(const char *name, uint32_t token, int number)
{
    int munged = seccomp_syscall_resolve_name_arch(token, name);
    const char *through = munged <= -200 ? "ipc" : "socketcall";

    if (is_called(name, token, number))
        return 1;
    if (munged <= -100 && munged >= -224 && seccomp_syscall_resolve_name_arch(token, through) == number)
        return 2 * (-munged % 100);
    return 0;
}

bool oracle_plausible(const struct spec_seccomp *profile, const struct seccomp_data *data, uint32_t verdict)
{
    uint32_t by_default = action_of(profile->default_action, profile->default_errno_ret);
    bool x32 = data->arch == AUDIT_ARCH_X86_64 && (data->nr & X32_BIT);
    uint32_t token = x32 ? (uint32_t) SCMP_ARCH_X32 : data->arch;
    bool any = false;

    for (size_t i = 0; i < profile->syscalls.n; i++) {
        const struct spec_syscall_rule *rule = &profile->syscalls.v[i];
        uint32_t action = action_of(rule->action, rule->errno_ret);

        for (size_t j = 0; action != by_default && j < rule->names.n; j++) {
            int how = concerns(rule->names.v[j], token, data->nr);

            if (!how || !rule_holds(rule, data, is_wide(token) ? UINT64_MAX : UINT32_MAX, how / 2))
                continue;
            any = true;
            if (action == verdict)
                return true;
        }
    }
    return !any && verdict == by_default;
}

int oracle_number(uint32_t arch, const char *name)
{
    return seccomp_syscall_resolve_name_rewrite(arch, name);
}
