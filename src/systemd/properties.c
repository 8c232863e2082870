#include <string.h>
#include "plan/unit_type.h"
#include "systemd/helper.h"

/* What is left of a value: moves along with what has been appended. */
struct value {
    const struct plan *plan;
    const struct plan_unit_property *property;
    const char *signature;
    const uint64_t *word, *end;
    uint32_t pid;
};

static _Noreturn void damaged(const struct value *v)
{
    helper_fail("the plan's value of the unit's property %s is damaged", plan_word(v->plan, v->property->name));
}

static void check(const struct value *v, int r)
{
    if (r < 0)
        helper_fail("property %s: %s", plan_word(v->plan, v->property->name), strerror(-r));
}

static uint64_t take(struct value *v)
{
    if (v->word >= v->end)
        damaged(v);
    return *v->word++;
}

static const char *take_text(struct value *v)
{
    uint64_t ref = take(v);

    if (ref < sizeof(struct plan) || ref >= v->plan->size)
        damaged(v);
    return plan_text(v->plan, (plan_ref) ref);
}

static void append(sd_bus_message *m, struct value *v);

/* The types in `inner` stand side by side, once or `n` times. */
static void append_container(sd_bus_message *m, struct value *v, char type, size_t length, uint64_t n)
{
    char inner[256];
    const char *rest = v->signature + length;

    if (length >= sizeof(inner))
        damaged(v);
    memcpy(inner, v->signature, length);
    inner[length] = '\0';
    check(v, sd_bus_message_open_container(m, type, inner));
    for (uint64_t i = 0; i < n; i++) {
        v->signature = inner;
        while (*v->signature)
            append(m, v);
    }
    check(v, sd_bus_message_close_container(m));
    v->signature = rest;
}

static void append_variant(sd_bus_message *m, struct value *v)
{
    const char *rest = v->signature, *inner = take_text(v);

    check(v, sd_bus_message_open_container(m, 'v', inner));
    v->signature = inner;
    append(m, v);
    check(v, sd_bus_message_close_container(m));
    v->signature = rest;
}

/* In memory a number is as wide as its type. */
static void append_number(sd_bus_message *m, struct value *v, char type)
{
    uint64_t word = take(v);
    union { uint8_t y; uint16_t q; uint32_t u; int b; uint64_t t; } n;

    if (type == 'y')
        n.y = (uint8_t) word;
    else if (type == 'q' || type == 'n')
        n.q = (uint16_t) word;
    else if (type == 'u' || type == 'i')
        n.u = v->property->flags & PLAN_UNIT_PROCESS ? v->pid : (uint32_t) word;
    else if (type == 'b')
        n.b = word != 0;
    else
        n.t = word;
    check(v, sd_bus_message_append_basic(m, type, &n));
}

static void append(sd_bus_message *m, struct value *v)
{
    size_t length = unit_type_length(v->signature);
    char type = *v->signature++;

    if (length == 0)
        damaged(v);
    if (type == 'a') {
        uint64_t n = take(v);

        append_container(m, v, 'a', length - 1, n);
    } else if (type == '(' || type == '{') {
        append_container(m, v, type == '(' ? 'r' : 'e', length - 2, 1);
        v->signature++;
    } else if (type == 'v') {
        append_variant(m, v);
    } else if (strchr("sog", type)) {
        check(v, sd_bus_message_append_basic(m, type, take_text(v)));
    } else {
        append_number(m, v, type);
    }
}

static void append_property(sd_bus_message *m, const struct plan *p, const struct plan_unit_property *q, uint32_t pid)
{
    const uint64_t *words = plan_at(p, q->value.at);
    struct value v = { p, q, plan_word(p, q->signature), words, words + q->value.n, pid };

    check(&v, sd_bus_message_open_container(m, 'r', "sv"));
    check(&v, sd_bus_message_append_basic(m, 's', plan_word(p, q->name)));
    check(&v, sd_bus_message_open_container(m, 'v', v.signature));
    append(m, &v);
    if (*v.signature)
        damaged(&v);
    check(&v, sd_bus_message_close_container(m));
    check(&v, sd_bus_message_close_container(m));
}

void properties_append(sd_bus_message *m, const struct plan *p, uint32_t flags, unsigned version, uint32_t pid)
{
    const struct plan_unit_property *q = PLAN_ITEMS(p, unit_properties, struct plan_unit_property);

    if (sd_bus_message_open_container(m, 'a', "(sv)") < 0)
        helper_fail("out of memory");
    for (uint32_t i = 0; i < p->unit_properties.n; i++)
        if ((q[i].flags & flags) == flags && q[i].since <= version)
            append_property(m, p, &q[i], pid);
    if (sd_bus_message_close_container(m) < 0)
        helper_fail("out of memory");
}
