/* seccomp_rules.c - the rules of one call on one architecture, in the order in which they count.
 *
 * libseccomp makes a tree of the conditions of all rules. When rules with different actions overlap, the first way through
 * that tree decides, so its order is kept here; it is not the order of the profile. */
#include <errno.h>
#include <string.h>
#include "plan/seccomp.h"

/* What the architecture does not have, cannot be compared: without the upper half a condition may be another one, and one
 * that masks everything away always holds. */
static void narrow(struct seccomp_rule *r, bool wide)
{
    uint64_t bits = wide ? UINT64_MAX : UINT32_MAX;
    uint32_t n = 0;

    for (uint32_t i = 0; i < r->n; i++) {
        struct seccomp_condition c = r->conditions[i];

        c.mask &= bits;
        c.value &= c.mask;
        if (c.mask)
            r->conditions[n++] = c;
    }
    r->n = n;
}

static int order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int precedence(uint32_t operator)
{
    return operator == SECCOMP_LT || operator == SECCOMP_LE ? 2 : operator == SECCOMP_GT || operator == SECCOMP_GE ? 1 : 3;
}

/* What a node of the tree asks about the lower half: an operator and its opposite are one question. */
static int question(uint32_t operator)
{
    static const uint8_t questions[] = {
        [SECCOMP_EQ] = 1, [SECCOMP_NE] = 1, [SECCOMP_MASKED_EQ] = 2, [SECCOMP_GT] = 3, [SECCOMP_LE] = 3, [SECCOMP_GE] = 4,
        [SECCOMP_LT] = 4,
    };

    return questions[operator];
}

/* How two rules stand to each other in the tree: how many nodes from its root they share, and which one comes first
 * where they part (below 0: a; 0: the one that is there already). */
struct parting { unsigned shared; int first; };

/* The higher argument, then equality before limits, then the value that more likely decides. */
static int compare_half(const struct seccomp_condition *a, const struct seccomp_condition *b, unsigned shift)
{
    uint32_t x = (uint32_t) (a->value >> shift), y = (uint32_t) (b->value >> shift);
    int r = order(b->argument, a->argument);

    if (r == 0)
        r = precedence(b->operator) - precedence(a->operator);
    if (r == 0)
        r = precedence(a->operator) == 2 ? order(x, y) : order(y, x);
    return r;
}

/* About the upper half all limits ask the same. */
static bool same_half(const struct seccomp_condition *a, const struct seccomp_condition *b, unsigned shift)
{
    int x = question(a->operator), y = question(b->operator);

    return a->argument == b->argument && (x == y || (shift && x > 2 && y > 2)) &&
        (uint32_t) (a->value >> shift) == (uint32_t) (b->value >> shift) &&
        (uint32_t) (a->mask >> shift) == (uint32_t) (b->mask >> shift);
}

/* A rule whose conditions are the beginning of another's comes first. */
static struct parting part(const struct seccomp_rule *a, const struct seccomp_rule *b, bool wide)
{
    unsigned shared = 0;

    for (uint32_t i = 0; i < a->n && i < b->n; i++)
        for (unsigned shift = wide ? 32 : 0;; shift = 0) {
            if (!same_half(&a->conditions[i], &b->conditions[i], shift))
                return (struct parting) { shared, compare_half(&a->conditions[i], &b->conditions[i], shift) };
            shared++;
            if (shift == 0)
                break;
        }
    return (struct parting) { shared, order(a->n, b->n) };
}

static bool same_conditions(const struct seccomp_rule *a, const struct seccomp_rule *b)
{
    return a->n == b->n && memcmp(a->conditions, b->conditions, a->n * sizeof(a->conditions[0])) == 0;
}

/* Before the first rule that it precedes, but among those with which it shares the most nodes. */
static size_t insert(struct seccomp_rule *sorted, size_t n, const struct seccomp_rule *r, bool wide)
{
    unsigned shared = 0;
    size_t at;

    for (at = 0; at < n; at++) {
        struct parting p = part(r, &sorted[at], wide);

        if (p.shared < shared || p.first < 0)
            break;
        shared = p.shared;
    }
    memmove(sorted + at + 1, sorted + at, (n - at) * sizeof(*sorted));
    sorted[at] = *r;
    return n + 1;
}

static bool is_known(struct op *op, const char *call, const struct seccomp_rule *sorted, size_t n, const struct seccomp_rule *r)
{
    for (size_t i = 0; i < n; i++) {
        if (!same_conditions(&sorted[i], r))
            continue;
        if (sorted[i].action != r->action)
            op_fault(op, "/linux/seccomp/syscalls", "error adding seccomp rule for syscall %s: two rules with the same "
                     "conditions have different actions: file exists", call);
        return true;
    }
    return false;
}

/* The first rule without conditions stands above all others, those before it as well. */
struct seccomp_verdict seccomp_decide(struct op *op, const char *call, const struct rows *rules, bool wide, uint32_t action)
{
    struct seccomp_rule *sorted = arena_array(op->arena, rules->n, sizeof(*sorted));
    size_t n = 0;

    for (size_t i = 0; i < rules->n; i++) {
        struct seccomp_rule r = ((const struct seccomp_rule *) rules->items)[i];

        narrow(&r, wide);
        if (r.n == 0)
            return (struct seccomp_verdict) { .action = r.action };
        if (!is_known(op, call, sorted, n, &r))
            n = insert(sorted, n, &r, wide);
    }
    return (struct seccomp_verdict) { action, (uint32_t) n, sorted };
}
