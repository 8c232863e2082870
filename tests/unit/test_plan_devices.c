/* Device rules: their list form, and the eBPF program run in an interpreter of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include "plan/device_rules.h"

enum { ANY = -1, ROUNDS = 3000, MAX_RULES = 8, MAX_STEPS = 4096 };

static const int64_t numbers[] = { ANY, 0, 1, 7, 4294967295 };

struct access { uint32_t type, access; uint32_t major, minor; };

/* What the kernel gives a program, struct bpf_cgroup_dev_ctx. */
static void fill_context(const struct access *a, uint32_t ret[3])
{
    ret[0] = a->access << 16 | (a->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
    ret[1] = a->major;
    ret[2] = a->minor;
}

static uint64_t alu(unsigned op, uint64_t a, uint64_t b)
{
    switch (op) {
    case BPF_MOV: return b;
    case BPF_AND: return a & b;
    case BPF_RSH: return a >> b;
    default: fail_msg("operation %x", op); return 0;
    }
}

static bool jumps(unsigned op, uint64_t a, uint64_t b)
{
    switch (op) {
    case BPF_JNE: return a != b;
    case BPF_JEQ: return a == b;
    default: fail_msg("jump %x", op); return false;
    }
}

/* One instruction; true at the exit. */
static bool step(const struct bpf_insn *in, uint64_t reg[11], const uint32_t context[3], size_t *pc)
{
    uint64_t operand = in->code & BPF_X ? reg[in->src_reg] : (uint64_t) (int64_t) in->imm;

    switch (BPF_CLASS(in->code)) {
    case BPF_LDX:
        assert_int_equal(in->code, BPF_LDX | BPF_MEM | BPF_W);
        assert_true(reg[in->src_reg] == 1 && in->off >= 0 && in->off <= 8 && in->off % 4 == 0);
        reg[in->dst_reg] = context[in->off / 4];
        break;
    case BPF_ALU64:
        reg[in->dst_reg] = alu(BPF_OP(in->code), reg[in->dst_reg], operand);
        break;
    case BPF_ALU:
        reg[in->dst_reg] = (uint32_t) alu(BPF_OP(in->code), (uint32_t) reg[in->dst_reg], (uint32_t) operand);
        break;
    case BPF_JMP32:
        if (jumps(BPF_OP(in->code), (uint32_t) reg[in->dst_reg], (uint32_t) operand))
            *pc += (size_t) in->off;
        break;
    default:
        assert_int_equal(in->code, BPF_JMP | BPF_EXIT);
        return true;
    }
    ++*pc;
    return false;
}

static bool run(const uint64_t *program, size_t n, const struct access *a)
{
    uint64_t reg[11] = { [BPF_REG_1] = 1 };
    uint32_t context[3];
    struct bpf_insn in;

    fill_context(a, context);
    for (size_t pc = 0, steps = 0; steps < MAX_STEPS; steps++) {
        assert_true(pc < n);
        memcpy(&in, &program[pc], sizeof(in));
        if (step(&in, reg, context, &pc))
            return reg[BPF_REG_0];
    }
    fail_msg("the program does not end");
    return false;
}

static bool covers(const struct plan_device_rule *r, const struct access *a)
{
    return r->type == a->type && (r->major == ANY || r->major == a->major) && (r->minor == ANY || r->minor == a->minor);
}

/* The device controller of v1: an exception must allow all of the access, or deny any of it. */
static bool v1_verdict(const struct device_rules *rules, const struct access *a)
{
    for (size_t i = 0; i < rules->n; i++) {
        uint32_t access = rules->exceptions[i].access;

        if (covers(&rules->exceptions[i], a) && (rules->allow ? access & a->access : access && !(a->access & ~access)))
            return !rules->allow;
    }
    return rules->allow;
}

/* "Later rules override earlier ones", straight from the rules. */
static bool last_rule_verdict(const struct plan_device_rule *rules, size_t n, const struct access *a)
{
    while (n-- > 0)
        if (rules[n].type == 'a' || (covers(&rules[n], a) && (rules[n].access & a->access)))
            return rules[n].allow;
    return false;
}

static const char *access_text(struct arena *a, uint32_t access)
{
    return arena_printf(a, "%s%s%s", access & PLAN_DEVICE_READ ? "r" : "", access & PLAN_DEVICE_WRITE ? "w" : "",
                        access & PLAN_DEVICE_MKNOD ? "m" : "");
}

static struct spec_resources to_spec(struct arena *a, const struct plan_device_rule *rules, size_t n)
{
    struct spec_resources r = { .devices = { arena_array(a, n, sizeof(*r.devices.v)), n } };

    for (size_t i = 0; i < n; i++)
        r.devices.v[i] = (struct spec_device_rule) {
            .allow = { true, rules[i].allow }, .type = { true, rules[i].type }, .access = access_text(a, rules[i].access),
            .major = { rules[i].major != ANY, rules[i].major }, .minor = { rules[i].minor != ANY, rules[i].minor },
        };
    return r;
}

/* Everything that could be asked, over the numbers that occur. */
static void for_each_access(void (*check)(void *data, const struct access *), void *data)
{
    static const uint32_t known[] = { 0, 1, 7, 10, 4294967295 };

    for (uint32_t i = 0; i < 2 * 7 * 5 * 5; i++) {
        struct access a = { i & 1 ? 'b' : 'c', i / 2 % 7 + 1, known[i / 14 % 5], known[i / 70 % 5] };

        check(data, &a);
    }
}

struct round {
    struct device_rules rules;
    const struct plan_device_rule *given;
    size_t n_given;
    const uint64_t *program;
    size_t n;
};

static void check_access(void *data, const struct access *a)
{
    struct round *r = data;
    bool verdict = run(r->program, r->n, a);

    assert_int_equal(verdict, v1_verdict(&r->rules, a));
    if (!r->rules.allow && (a->access & (a->access - 1)) == 0 && a->access != PLAN_DEVICE_MKNOD && a->major != 1)
        assert_int_equal(verdict, last_rule_verdict(r->given, r->n_given, a));
}

static size_t random_rules(struct plan_device_rule *ret)
{
    size_t n = (size_t) random() % MAX_RULES;

    for (size_t i = 0; i < n; i++)
        ret[i] = (struct plan_device_rule) {
            .allow = random() & 1, .type = (uint32_t) "abbbcccc"[random() & 7], .access = (uint32_t) random() % 8,
            .major = numbers[random() % 5], .minor = numbers[random() % 5],
        };
    return n;
}

/* False when the rules are refused. */
static bool play(struct arena *a, const struct plan_device_rule *given, size_t n)
{
    struct spec_resources resources = to_spec(a, given, n);
    struct round r = { .given = given, .n_given = n };
    struct plan_list list;
    struct block b;
    struct op op;

    op_init(&op, a);
    block_init(&b, a);
    device_rules_read(&op, &resources, &r.rules);
    if (op.message) {
        assert_non_null(strstr(op.message, "would take back a part of"));
        return false;
    }
    list = device_program(&b, &r.rules);
    r.program = (const uint64_t *) (b.base + list.at);
    r.n = list.n;
    for_each_access(check_access, &r);
    return true;
}

static void test_programs(void **state)
{
    struct plan_device_rule given[MAX_RULES];
    unsigned played = 0;

    (void) state;
    srandom(1);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct arena *a = arena_new();

        played += play(a, given, random_rules(given));
        arena_free(a);
    }
    assert_true(played > ROUNDS / 4 && played < ROUNDS);
}

static void test_defaults(void **state)
{
    static const char *const expected[] = {
        "c *:* m", "b *:* m", "c 1:3 rwm", "c 1:8 rwm", "c 1:7 rwm", "c 5:0 rwm", "c 1:5 rwm", "c 1:9 rwm", "c 136:* rwm",
        "c 5:2 rwm", "c 10:200 rwm",
    };
    struct arena *a = arena_new();
    struct spec_resources none = { 0 };
    struct device_rules rules;
    struct op op;

    (void) state;
    op_init(&op, a);
    device_rules_read(&op, &none, &rules);
    assert_false(rules.allow);
    assert_int_equal(rules.n, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < rules.n; i++)
        assert_string_equal(device_rule_text(a, &rules.exceptions[i]), expected[i]);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_defaults), cmocka_unit_test(test_programs) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
