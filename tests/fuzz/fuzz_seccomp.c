/* libFuzzer target: the bytes choose a profile, calls and arguments. The program is one that the kernel takes, and what
 * it answers is what the rules say (tests/seccomp/oracle.h), whichever of them are asked.
 *
 * with: src/plan/[a-z]*.c tests/seccomp/bpf.c tests/seccomp/oracle.c build-fuzz/syscall_tables.c -I. -lseccomp */
#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>
#include "plan/planner.h"
#include "plan/syscalls.h"
#include "spec/words.h"
#include "tests/seccomp/bpf.h"
#include "tests/seccomp/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RULES = 24, NAMES = 6, ARGS = 4, PROBES = 64 };

struct input { const uint8_t *at, *end; };

static uint8_t byte(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

/* Mostly small, with bits in either half now and then. */
static uint64_t value(struct input *in)
{
    uint8_t form = byte(in);
    uint64_t v = byte(in) & 15;

    return v | (form & 1 ? (uint64_t) 1 << 32 : 0) | (form & 2 ? UINT32_MAX & ~(uint64_t) 15 : 0) | (form & 4 ? (uint64_t) 1 << 63 : 0);
}

static opt_word word(const struct words *words, uint8_t choice)
{
    size_t n = 0;

    while (words->list[n].name)
        n++;
    return (opt_word) { true, words->list[choice % n].value };
}

static opt_word action(struct input *in)
{
    opt_word a = word(&words_seccomp_action, byte(in));

    return a.v == SECCOMP_RET_USER_NOTIF ? (opt_word) { true, SECCOMP_RET_ALLOW } : a;
}

static void fill_rule(struct op *op, struct input *in, struct spec_syscall_rule *rule)
{
    rule->names = (struct spec_strings) { true, arena_array(op->arena, NAMES, sizeof(char *)), 1 + byte(in) % NAMES };
    for (size_t i = 0; i < rule->names.n; i++)
        rule->names.v[i] = syscall_texts + syscall_names[(byte(in) | byte(in) << 8) % syscall_n_names].at;
    rule->action = action(in);
    rule->args.n = byte(in) % (ARGS + 1);
    rule->args.v = arena_array(op->arena, ARGS, sizeof(*rule->args.v));
    for (size_t i = 0; i < rule->args.n; i++)
        rule->args.v[i] = (struct spec_syscall_arg) {
            { true, byte(in) % 3 }, { true, value(in) }, { true, value(in) }, word(&words_seccomp_operator, byte(in)),
        };
}

static struct spec_seccomp *fill(struct op *op, struct input *in)
{
    struct spec_seccomp *s = arena_alloc(op->arena, sizeof(*s));

    s->default_action = action(in);
    s->architectures = (struct spec_strings) { true, arena_array(op->arena, 4, sizeof(char *)), byte(in) % 5 };
    for (size_t i = 0; i < s->architectures.n; i++) {
        opt_word arch = word(&words_seccomp_arch, byte(in));

        if (!(arch.v & __AUDIT_ARCH_LE) || arch.v == AUDIT_ARCH_LOONGARCH64)
            arch.v = AUDIT_ARCH_I386;
        s->architectures.v[i] = words_name(&words_seccomp_arch, arch.v);
    }
    s->syscalls.n = byte(in) % (RULES + 1);
    s->syscalls.v = arena_array(op->arena, RULES, sizeof(*s->syscalls.v));
    for (size_t i = 0; i < s->syscalls.n; i++)
        fill_rule(op, in, &s->syscalls.v[i]);
    return s;
}

/* A call of the profile, on one of its architectures. */
static struct seccomp_data probe(struct input *in, const struct spec_seccomp *s, const struct plan *p)
{
    const uint32_t *tokens = PLAN_ITEMS(p, seccomp_arches, uint32_t);
    uint32_t token = tokens[byte(in) % p->seccomp_arches.n];
    struct seccomp_data d = { .arch = token == (EM_X86_64 | __AUDIT_ARCH_LE) ? AUDIT_ARCH_X86_64 : token };

    if (s->syscalls.n) {
        const struct spec_syscall_rule *rule = &s->syscalls.v[byte(in) % s->syscalls.n];

        d.nr = oracle_number(token, rule->names.v[byte(in) % rule->names.n]);
    }
    for (int i = 0; i < 3; i++)
        d.args[i] = value(in);
    return d;
}

static void check(struct input *in, const struct spec_seccomp *s, const struct plan *p)
{
    struct program program = { (struct sock_filter *) plan_at(p, p->seccomp.at), p->seccomp.n };
    unsigned long steps = 0;

    for (int i = 0; i < PROBES; i++) {
        struct seccomp_data d = probe(in, s, p);
        uint32_t verdict = bpf_run(&program, &d, &steps);

        /* A call without a number there, and one behind the stub, has no rule to ask. */
        if (d.nr >= 0 && verdict != (SECCOMP_RET_ERRNO | ENOSYS) && !oracle_plausible(s, &d, verdict))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct host host = { .last_cap = 40, .seccomp_flags = UINT32_MAX, .cgroup_namespaces = true };
    static const char *args[] = { "sh", NULL };
    const struct plan_request request = { .id = "ID", .bundle = "/bundle", .rootless = -1 };
    struct input in = { data, data + size };
    struct op op;
    struct spec_linux linux_ = { 0 };
    struct spec_root root = { .path = "r" };
    struct spec_process process = { .cwd = "/", .args = { true, args, 1 } };
    struct spec spec = { .linux_ = &linux_, .root = &root, .process = &process };
    struct plan *plan;

    op_init(&op, arena_new());
    linux_.seccomp = fill(&op, &in);
    if (plan_make(&op, &spec, &host, &request, &plan) == 0) {
        if (!plan_check(plan, plan->size))
            abort();
        check(&in, linux_.seccomp, plan);
    } else if (!strstr(op.message, "file exists") && !strstr(op.message, "instructions")) {
        abort();
    }
    arena_free(op.arena);
    return 0;
}
