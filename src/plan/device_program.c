#include <linux/bpf.h>
#include "plan/device_rules.h"

enum { MAX_BLOCK = 10 };

/* Registers: the context and a scratch, then the facts of the access that is asked about. */
enum { R_RESULT = BPF_REG_0, R_CONTEXT = BPF_REG_1, R_SCRATCH = BPF_REG_1, R_TYPE, R_ACCESS, R_MAJOR, R_MINOR };

/* One instruction as struct bpf_insn lies in memory of a little-endian machine. */
static uint64_t instruction(unsigned code, unsigned dst, unsigned src, int offset, uint32_t imm)
{
    return code | (uint64_t) (dst | src << 4) << 8 | (uint64_t) (uint16_t) offset << 16 | (uint64_t) imm << 32;
}

static void emit(struct rows *program, uint64_t insn)
{
    *(uint64_t *) rows_add(program) = insn;
}

/* struct bpf_cgroup_dev_ctx { u32 access_type, major, minor }: the access in the upper, the type in the lower half. */
static void emit_loads(struct rows *program)
{
    emit(program, instruction(BPF_LDX | BPF_MEM | BPF_W, R_TYPE, R_CONTEXT, 0, 0));
    emit(program, instruction(BPF_ALU64 | BPF_MOV | BPF_X, R_ACCESS, R_TYPE, 0, 0));
    emit(program, instruction(BPF_ALU | BPF_AND | BPF_K, R_TYPE, 0, 0, 0xffff));
    emit(program, instruction(BPF_ALU | BPF_RSH | BPF_K, R_ACCESS, 0, 0, 16));
    emit(program, instruction(BPF_LDX | BPF_MEM | BPF_W, R_MAJOR, R_CONTEXT, 4, 0));
    emit(program, instruction(BPF_LDX | BPF_MEM | BPF_W, R_MINOR, R_CONTEXT, 8, 0));
}

static void emit_return(struct rows *program, bool allow)
{
    emit(program, instruction(BPF_ALU64 | BPF_MOV | BPF_K, R_RESULT, 0, 0, allow));
    emit(program, instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

struct rule_block { uint64_t code[MAX_BLOCK]; unsigned n; };

static void add(struct rule_block *b, uint64_t insn)
{
    b->code[b->n++] = insn;
}

/* The offset to the next rule is filled in when the block is complete. */
static void leave_unless_equal(struct rule_block *b, unsigned reg, uint32_t value)
{
    add(b, instruction(BPF_JMP32 | BPF_JNE | BPF_K, reg, 0, 0, value));
}

/* An exception that allows must cover every kind of access that is asked for; one that denies does so
 * when it has any of them in common. */
static void leave_unless_access(struct rule_block *b, const struct plan_device_rule *r)
{
    uint32_t mask = r->allow ? ~r->access & DEVICE_RWM : r->access;
    unsigned jump = r->allow ? BPF_JNE : BPF_JEQ;

    if (r->access == DEVICE_RWM)
        return;
    add(b, instruction(BPF_ALU64 | BPF_MOV | BPF_X, R_SCRATCH, R_ACCESS, 0, 0));
    add(b, instruction(BPF_ALU | BPF_AND | BPF_K, R_SCRATCH, 0, 0, mask));
    add(b, instruction(BPF_JMP32 | jump | BPF_K, R_SCRATCH, 0, 0, 0));
}

static bool is_open_jump(uint64_t insn)
{
    return (insn & 7) == BPF_JMP32;
}

/* Six instructions at the most are conditions, two the verdict. */
static void emit_rule(struct rows *program, const struct plan_device_rule *r)
{
    struct rule_block b = { .n = 0 };

    leave_unless_equal(&b, R_TYPE, r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
    leave_unless_access(&b, r);
    if (r->major >= 0)
        leave_unless_equal(&b, R_MAJOR, (uint32_t) r->major);
    if (r->minor >= 0)
        leave_unless_equal(&b, R_MINOR, (uint32_t) r->minor);
    for (unsigned i = 0; i < b.n; i++)
        emit(program, is_open_jump(b.code[i]) ? b.code[i] | (uint64_t) (b.n - i - 1 + 2) << 16 : b.code[i]);
    emit_return(program, r->allow);
}

struct plan_list device_program(struct block *b, const struct device_rules *rules)
{
    struct rows program;

    rows_init(&program, b->arena, sizeof(uint64_t));
    emit_loads(&program);
    for (size_t i = 0; i < rules->n; i++)
        if (rules->exceptions[i].access)
            emit_rule(&program, &rules->exceptions[i]);
    emit_return(&program, rules->allow);
    return block_rows(b, &program);
}

struct plan_list device_rules_list(struct block *b, const struct device_rules *rules)
{
    struct rows list;

    rows_init(&list, b->arena, sizeof(struct plan_device_rule));
    *(struct plan_device_rule *) rows_add(&list) = (struct plan_device_rule) {
        .allow = rules->allow, .type = 'a', .access = DEVICE_RWM, .major = DEVICE_ANY, .minor = DEVICE_ANY,
    };
    for (size_t i = 0; i < rules->n; i++)
        if (rules->exceptions[i].access)
            *(struct plan_device_rule *) rows_add(&list) = rules->exceptions[i];
    return block_rows(b, &list);
}
