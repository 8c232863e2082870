/* seccomp_program.c - ranges of call numbers as a classic BPF program (linux/filter.h, seccomp(2)).
 *
 *     load the architecture; its section, or kill
 *     section: load the number; binary search over the ranges; return an action, or look at the arguments
 *
 * Jumps only go forward, so the program is made from its end to its beginning: then every target is there before the
 * jump. A label is the number of instructions from its target to the end. */
#include <linux/seccomp.h>
#include <stddef.h>
#include "plan/seccomp.h"

enum { MAX_JUMP = 255, MAX_RETURNS = 8 };       /* of a conditional jump: eight bits */
typedef uint32_t label;

struct code {
    struct rows back;                           /* struct sock_filter: the program, the last instruction first */
    struct { uint32_t action; label at; } returns[MAX_RETURNS];     /* where an action was returned last; `at` 0: nowhere */
};

/* What the accumulator holds and what is known of another word where a test is made, so that what a target would load or
 * ask again can be left out. */
struct knowledge {
    uint32_t loaded, known;                     /* offsets in struct seccomp_data */
    uint32_t value;                             /* of `known` when the test fails */
    bool has_known;
};

/* What is tested: `code` is BPF_JEQ, BPF_JGT or BPF_JGE. */
struct test { uint16_t code; uint32_t k; };

static const struct sock_filter *at(const struct code *c, label l)
{
    return (const struct sock_filter *) c->back.items + l - 1;
}

static label emit(struct code *c, struct sock_filter instruction)
{
    *(struct sock_filter *) rows_add(&c->back) = instruction;
    return (label) c->back.n;
}

static label emit_load(struct code *c, uint32_t offset)
{
    return emit(c, (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

/* A return is as short as a jump to one, so it is repeated where the last one is out of reach. Actions beyond the first few
 * share one place to be looked for. */
static label emit_return(struct code *c, uint32_t action)
{
    unsigned i = 0;

    while (i < MAX_RETURNS - 1 && c->returns[i].at && c->returns[i].action != action)
        i++;
    if (!c->returns[i].at || c->returns[i].action != action || c->back.n - c->returns[i].at >= MAX_JUMP - 2) {
        c->returns[i].action = action;
        c->returns[i].at = emit(c, (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, action));
    }
    return c->returns[i].at;
}

/* A target that the next conditional jump, and the one after it, can reach. */
static label near(struct code *c, label target)
{
    if (c->back.n - target < MAX_JUMP - 1)
        return target;
    if (at(c, target)->code == (BPF_RET | BPF_K))
        return emit(c, *at(c, target));
    return emit(c, (struct sock_filter) BPF_STMT(BPF_JMP | BPF_JA, (uint32_t) (c->back.n - target)));
}

static label emit_test(struct code *c, struct test test, label yes, label no)
{
    yes = near(c, yes);
    no = near(c, no);
    return emit(c, (struct sock_filter) BPF_JUMP((uint16_t) (BPF_JMP | BPF_K | test.code), test.k,
                                                 (uint8_t) (c->back.n - yes), (uint8_t) (c->back.n - no)));
}

static bool is_load(const struct sock_filter *i, uint32_t offset)
{
    return i->code == (BPF_LD | BPF_W | BPF_ABS) && i->k == offset;
}

/* Where the test that `target` begins with sends what is known. The test had loaded the word, so what comes after it may
 * count on that: then its load is the instruction before. */
static label follow(const struct code *c, label target, const struct knowledge *k)
{
    const struct sock_filter *asks = at(c, target - 1);
    label next = target - 2 - (asks->k == k->value ? asks->jt : asks->jf);

    if (BPF_CLASS(at(c, next)->code) == BPF_LD || BPF_CLASS(at(c, next)->code) == BPF_RET)
        return next;
    return is_load(at(c, next + 1), k->known) ? next + 1 : target;
}

/* Where a jump from a place with that knowledge really has to go. */
static label shortcut(const struct code *c, label target, const struct knowledge *k)
{
    if (target > 1 && k->has_known && is_load(at(c, target), k->known) &&
        at(c, target - 1)->code == (BPF_JMP | BPF_K | BPF_JEQ))
        target = follow(c, target, k);
    return is_load(at(c, target), k->loaded) ? target - 1 : target;
}

/* ---- Arguments ------------------------------------------------------------------------------ */

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the halves of an argument lie the other way round on this machine"
#endif

static uint32_t low_half(uint32_t argument)
{
    return (uint32_t) (offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t));
}

static uint32_t high_half(uint32_t argument)
{
    return low_half(argument) + (uint32_t) sizeof(uint32_t);
}

static label emit_masked_load(struct code *c, uint32_t offset, uint32_t mask)
{
    if (mask != UINT32_MAX)
        emit(c, (struct sock_filter) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
    return emit_load(c, offset);
}

/* Equal, under the mask. What is masked away in one half needs no look at it. */
static label emit_equal(struct code *c, const struct seccomp_condition *x, label yes, label no)
{
    uint32_t low = low_half(x->argument), high = high_half(x->argument);
    uint32_t high_mask = (uint32_t) (x->mask >> 32), low_mask = (uint32_t) x->mask;
    bool plain = x->mask == UINT64_MAX || x->mask == UINT32_MAX;
    label l = yes;

    if (low_mask) {
        const struct knowledge k = { low, high, (uint32_t) (x->value >> 32), high_mask == UINT32_MAX };

        emit_test(c, (struct test) { BPF_JEQ, (uint32_t) x->value }, plain ? shortcut(c, yes, &k) : yes,
                  plain ? shortcut(c, no, &k) : no);
        l = emit_masked_load(c, low, low_mask);
    }
    if (high_mask) {
        const struct knowledge k = { .loaded = high };

        emit_test(c, (struct test) { BPF_JEQ, (uint32_t) (x->value >> 32) }, l,
                  high_mask == UINT32_MAX ? shortcut(c, no, &k) : no);
        l = emit_masked_load(c, high, high_mask);
    }
    return l;
}

/* Greater (BPF_JGT), or greater or equal (BPF_JGE): the upper halves decide, unless they are equal. */
static label emit_greater(struct code *c, const struct seccomp_condition *x, uint16_t code, label yes, label no)
{
    label low;

    emit_test(c, (struct test) { code, (uint32_t) x->value }, yes, no);
    low = emit_load(c, low_half(x->argument));
    if (x->mask != UINT64_MAX)
        return low;
    emit_test(c, (struct test) { BPF_JEQ, (uint32_t) (x->value >> 32) }, low, no);
    emit_test(c, (struct test) { BPF_JGT, (uint32_t) (x->value >> 32) }, yes, (label) c->back.n);
    return emit_load(c, high_half(x->argument));
}

static label emit_condition(struct code *c, const struct seccomp_condition *x, label yes, label no)
{
    switch ((enum seccomp_operator) x->operator) {
    case SECCOMP_NE:
        return emit_equal(c, x, no, yes);
    case SECCOMP_LT:
        return emit_greater(c, x, BPF_JGE, no, yes);
    case SECCOMP_LE:
        return emit_greater(c, x, BPF_JGT, no, yes);
    case SECCOMP_GE:
        return emit_greater(c, x, BPF_JGE, yes, no);
    case SECCOMP_GT:
        return emit_greater(c, x, BPF_JGT, yes, no);
    case SECCOMP_EQ:
    case SECCOMP_MASKED_EQ:
        break;
    }
    return emit_equal(c, x, yes, no);
}

static label emit_verdict(struct code *c, const struct seccomp_verdict *v)
{
    label next = emit_return(c, v->action);

    for (uint32_t i = v->n; i-- > 0;) {
        label yes = emit_return(c, v->rules[i].action);

        for (uint32_t j = v->rules[i].n; j-- > 0;)
            yes = emit_condition(c, &v->rules[i].conditions[j], yes, next);
        next = yes;
    }
    return next;
}

/* ---- Numbers -------------------------------------------------------------------------------- */

/* One number between two ranges with the same verdict. */
static bool is_single(const struct seccomp_range *r, size_t n)
{
    return n == 3 && r[2].first == r[1].first + 1 && r[0].verdict.n == 0 && r[2].verdict.n == 0 &&
        r[0].verdict.action == r[2].verdict.action;
}

static label emit_search(struct code *c, const struct seccomp_range *r, size_t n)
{
    size_t half = n / 2;
    label left, right;

    if (n == 1)
        return emit_verdict(c, &r[0].verdict);
    if (is_single(r, n)) {
        right = emit_verdict(c, &r[0].verdict);
        left = emit_verdict(c, &r[1].verdict);
        return emit_test(c, (struct test) { BPF_JEQ, r[1].first }, left, right);
    }
    right = emit_search(c, r + half, n - half);
    left = emit_search(c, r, half);
    return emit_test(c, (struct test) { BPF_JGE, r[half].first }, right, left);
}

static label emit_section(struct code *c, const struct seccomp_section *section)
{
    label search = emit_search(c, (const struct seccomp_range *) section->ranges.items, section->ranges.n);

    return section->ranges.n == 1 ? search : emit_load(c, offsetof(struct seccomp_data, nr));
}

/* The machine's own architecture is the first section: its calls are found with the fewest instructions. */
void seccomp_program(struct arena *a, const struct rows *sections, struct rows *ret)
{
    const struct seccomp_section *list = (const struct seccomp_section *) sections->items;
    struct code c = { .returns = { { 0, 0 } } };
    label *entry = arena_array(a, sections->n, sizeof(*entry)), next = 0;

    rows_init(&c.back, a, sizeof(struct sock_filter));
    for (size_t i = sections->n; i-- > 0;) {
        entry[i] = emit_section(&c, &list[i]);
        next = i + 1 == sections->n ? emit_return(&c, SECCOMP_RET_KILL_THREAD) : near(&c, next);
        next = emit_test(&c, (struct test) { BPF_JEQ, list[i].arch }, entry[i], next);
    }
    emit_load(&c, offsetof(struct seccomp_data, arch));
    rows_init(ret, a, sizeof(struct sock_filter));
    for (label l = (label) c.back.n; l > 0; l--)
        *(struct sock_filter *) rows_add(ret) = *at(&c, l);
}
