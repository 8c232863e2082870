#include <string.h>
#include "plan/gvariant.h"
#include "plan/systemd.h"

#define PREFIX "org.systemd.property."

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* NULL, or what is wrong with the name. */
static const char *name_fault(struct arena *a, const char *name)
{
    if (strlen(name) < 3)
        return "too short";
    for (; *name; name++)
        if (!is_letter(*name))
            return arena_printf(a, "contains non-alphabetic character '%c'", *name);
    return NULL;
}

/* A time like TimeoutStopSec is TimeoutStopUSec on the bus. */
static bool is_seconds(const char *name)
{
    size_t n = strlen(name);

    return n > 3 && str_eq(name + n - 3, "Sec") && name[n - 4] >= 'a' && name[n - 4] <= 'z';
}

static const char *add(struct unit *u, const char *name, const char *text)
{
    struct arena *a = u->op->arena;
    struct gvariant *value;
    struct rows words;
    const char *why;
    uint64_t micros;

    if ((why = name_fault(a, name)))
        return arena_printf(a, "name %s", why);
    if (gvariant_parse(a, text, &value, &why) < 0)
        return arena_printf(a, "value parse error: %s", why);
    if (is_seconds(name)) {
        if ((why = gvariant_million(value, &micros)))
            return arena_printf(a, "value can't be converted to usec: %s", why);
        unit_add_number(u, arena_printf(a, "%.*sUSec", (int) strlen(name) - 3, name), micros);
        return NULL;
    }
    rows_init(&words, a, sizeof(uint64_t));
    gvariant_words(value, u->block, &words);
    unit_add(u, name, gvariant_signature(value), &words);
    return NULL;
}

void systemd_add_annotations(struct unit *u, const struct spec_pairs *annotations)
{
    for (size_t i = 0; i < annotations->n; i++) {
        const char *key = annotations->v[i].key, *why;
        struct str at;

        if (!str_starts(key, PREFIX))
            continue;
        str_init(&at, u->op->arena);
        str_add(&at, "/annotations");
        str_add_step(&at, key);
        why = add(u, key + strlen(PREFIX), annotations->v[i].value);
        if (why)
            op_fault(u->op, at.text, "invalid annotation %s: %s", key, why);
        else
            ((struct plan_unit_property *) u->properties.items)[u->properties.n - 1].pointer = block_text(u->block, at.text);
    }
}
