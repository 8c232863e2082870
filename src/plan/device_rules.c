#include "plan/device_rules.h"
#include <inttypes.h>

/* Nodes of any number may be made (not used); the default nodes, ptys, ptmx and tun may be used. */
static const struct plan_device_rule always_allowed[] = {
    { .allow = 1, .type = 'c', .access = PLAN_DEVICE_MKNOD, .major = DEVICE_ANY, .minor = DEVICE_ANY },
    { .allow = 1, .type = 'b', .access = PLAN_DEVICE_MKNOD, .major = DEVICE_ANY, .minor = DEVICE_ANY },
    { .allow = 1, .type = 'c', .access = DEVICE_RWM, .major = 1, .minor = 3 },
    { .allow = 1, .type = 'c', .access = DEVICE_RWM, .major = 1, .minor = 8 },
    { .allow = 1, .type = 'c', .access = DEVICE_RWM, .major = 1, .minor = 7 },
    { .allow = 1, .type = 'c', .access = DEVICE_RWM, .major = 5, .minor = 0 },
    { .allow = 1, .type = 'c', .access = DEVICE_RWM, .major = 1, .minor = 5 },
    { .allow = 1, .type = 'c', .access = DEVICE_RWM, .major = 1, .minor = 9 },
    { .allow = 1, .type = 'c', .access = DEVICE_RWM, .major = 136, .minor = DEVICE_ANY },
    { .allow = 1, .type = 'c', .access = DEVICE_RWM, .major = 5, .minor = 2 },
    { .allow = 1, .type = 'c', .access = DEVICE_RWM, .major = 10, .minor = 200 },
};
enum { N_ALWAYS = sizeof(always_allowed) / sizeof(always_allowed[0]) };

static uint32_t parse_access(const char *text)
{
    uint32_t access = 0;

    for (; text && *text; text++)
        access |= *text == 'r' ? PLAN_DEVICE_READ : *text == 'w' ? PLAN_DEVICE_WRITE : PLAN_DEVICE_MKNOD;
    return access;
}

static const char *number_text(struct arena *a, int64_t number)
{
    return number == DEVICE_ANY ? "*" : arena_printf(a, "%" PRId64, number);
}

const char *device_rule_text(struct arena *a, const struct plan_device_rule *r)
{
    return arena_printf(a, "%c %s:%s %s%s%s", (int) r->type, number_text(a, r->major), number_text(a, r->minor),
                        r->access & PLAN_DEVICE_READ ? "r" : "", r->access & PLAN_DEVICE_WRITE ? "w" : "",
                        r->access & PLAN_DEVICE_MKNOD ? "m" : "");
}

static bool same_numbers(const struct plan_device_rule *a, const struct plan_device_rule *b)
{
    return a->type == b->type && a->major == b->major && a->minor == b->minor;
}

static bool covers(int64_t a, int64_t b)
{
    return a == DEVICE_ANY || a == b;
}

/* Whether `wide` is about all devices that `narrow` is about. */
static bool is_within(const struct plan_device_rule *narrow, const struct plan_device_rule *wide)
{
    return wide->type == narrow->type && covers(wide->major, narrow->major) && covers(wide->minor, narrow->minor);
}

static bool overlap(const struct plan_device_rule *a, const struct plan_device_rule *b)
{
    return a->type == b->type && (covers(a->major, b->major) || covers(b->major, a->major)) &&
        (covers(a->minor, b->minor) || covers(b->minor, a->minor));
}

static void add(struct device_rules *rules, const struct plan_device_rule *r)
{
    for (size_t i = 0; i < rules->n; i++)
        if (same_numbers(&rules->exceptions[i], r)) {
            rules->exceptions[i].access |= r->access;
            return;
        }
    rules->exceptions[rules->n++] = *r;
}

/* An exception is taken back by its own numbers; a denial also takes back all that it includes. v1 keeps
 * silent when only a part of an exception is to be taken back, and does not do it: that is refused. */
static void take_back(struct op *op, struct device_rules *rules, const struct plan_device_rule *r, const char *pointer)
{
    for (size_t i = 0; i < rules->n; i++) {
        struct plan_device_rule *e = &rules->exceptions[i];

        if (same_numbers(e, r) || (!r->allow && is_within(e, r)))
            e->access &= ~r->access;
        else if (overlap(e, r) && !is_within(e, r) && (e->access & r->access))
            op_fault(op, pointer, "\"%s %s\" would take back a part of \"%s %s\", which cgroups cannot do",
                     r->allow ? "allow" : "deny", device_rule_text(op->arena, r), e->allow ? "allow" : "deny",
                     device_rule_text(op->arena, e));
    }
}

static void apply(struct op *op, struct device_rules *rules, const struct plan_device_rule *r, const char *pointer)
{
    if (r->type == 'a') {
        rules->allow = r->allow;
        rules->n = 0;
    } else if (rules->allow == (bool) r->allow) {
        take_back(op, rules, r, pointer);
    } else {
        add(rules, r);
    }
}

void device_rules_read(struct op *op, const struct spec_resources *resources, struct device_rules *ret)
{
    struct device_rules rules = { .allow = false };
    const char *pointer = "/linux/resources/devices";
    unsigned faults = op->faults;

    rules.exceptions = arena_array(op->arena, resources->devices.n + N_ALWAYS, sizeof(*rules.exceptions));
    for (size_t i = 0; i < resources->devices.n; i++) {
        const struct spec_device_rule *d = &resources->devices.v[i];
        struct plan_device_rule r = {
            .allow = d->allow.v, .type = d->type.set ? (uint32_t) d->type.v : 'a', .access = parse_access(d->access),
            .major = d->major.set ? d->major.v : DEVICE_ANY, .minor = d->minor.set ? d->minor.v : DEVICE_ANY,
        };

        apply(op, &rules, &r, arena_printf(op->arena, "%s/%zu", pointer, i));
    }
    for (size_t i = 0; i < N_ALWAYS && op->faults == faults; i++)
        apply(op, &rules, &always_allowed[i], pointer);
    *ret = rules;
}

bool device_rules_allow_everything(const struct device_rules *rules)
{
    for (size_t i = 0; i < rules->n; i++)
        if (rules->exceptions[i].access)
            return false;
    return rules->allow;
}
