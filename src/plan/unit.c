#include "plan/unit.h"
#include <inttypes.h>
#include <string.h>
#include "base/str.h"
#include "plan/unit_type.h"

/* ---- Writing -------------------------------------------------------------------------------- */

void unit_init(struct unit *u, struct op *op, struct block *block)
{
    *u = (struct unit) { .op = op, .block = block };
    rows_init(&u->properties, op->arena, sizeof(struct plan_unit_property));
}

void unit_word(struct rows *words, uint64_t word)
{
    *(uint64_t *) rows_add(words) = word;
}

struct plan_unit_property *unit_add(struct unit *u, const char *name, const char *signature, const struct rows *words)
{
    struct plan_unit_property *p = rows_add(&u->properties);

    *p = (struct plan_unit_property) {
        .name = block_text(u->block, name), .signature = block_text(u->block, signature),
        .value = block_rows(u->block, words),
    };
    return p;
}

static struct plan_unit_property *add_word(struct unit *u, const char *name, const char *signature, uint64_t word)
{
    struct rows words;

    rows_init(&words, u->op->arena, sizeof(uint64_t));
    unit_word(&words, word);
    return unit_add(u, name, signature, &words);
}

struct plan_unit_property *unit_add_text(struct unit *u, const char *name, const char *value)
{
    return add_word(u, name, "s", block_text(u->block, value));
}

struct plan_unit_property *unit_add_flag(struct unit *u, const char *name, bool value)
{
    return add_word(u, name, "b", value);
}

struct plan_unit_property *unit_add_number(struct unit *u, const char *name, uint64_t value)
{
    return add_word(u, name, "t", value);
}

/* ---- Telling -------------------------------------------------------------------------------- */

/* What is left to be told of a value: moves along with what has been. */
struct rest { const struct plan *plan; const char *signature; const uint64_t *words; };

static void tell(struct str *s, struct rest *r);

/* Up to the closing bracket, whose signature is `end`. */
static void tell_members(struct str *s, struct rest *r, char end)
{
    for (bool more = false; *r->signature != end; more = true) {
        str_add(s, !more ? "" : end == '}' ? ": " : ", ");
        tell(s, r);
    }
    r->signature++;
}

static void tell_array(struct str *s, struct rest *r)
{
    const char *item = r->signature, *brackets = *item == '{' ? "{}" : "[]";
    uint64_t n = *r->words++;

    str_add_n(s, &brackets[0], 1);
    for (uint64_t i = 0; i < n; i++) {
        str_add(s, i ? ", " : "");
        r->signature = item;
        tell(s, r);
    }
    str_add_n(s, &brackets[1], 1);
    r->signature = item + unit_type_length(item);
}

static void tell_variant(struct str *s, struct rest *r)
{
    struct rest inner = { r->plan, plan_text(r->plan, (plan_ref) *r->words), r->words + 1 };

    str_add(s, "<");
    tell(s, &inner);
    str_add(s, ">");
    r->words = inner.words;
}

static void tell_text(struct str *s, const char *text)
{
    const char *quote = strchr(text, '\'') ? "\"" : "'";

    str_addf(s, "%s%s%s", quote, text, quote);
}

static void tell_number(struct str *s, char type, uint64_t word)
{
    double real;

    memcpy(&real, &word, sizeof(real));
    if (type == 'b')
        str_add(s, word ? "true" : "false");
    else if (type == 'd')
        str_addf(s, "%.17g", real);
    else if (type == 't' && word == UINT64_MAX)
        str_add(s, "infinity");
    else if (strchr("nix", type))
        str_addf(s, "%" PRId64, (int64_t) word);
    else
        str_addf(s, "%" PRIu64, word);
}

static void tell(struct str *s, struct rest *r)
{
    char type = *r->signature++;

    switch (type) {
    case 'a':
        tell_array(s, r);
        break;
    case 'v':
        tell_variant(s, r);
        break;
    case '(':
        str_add(s, "(");
        tell_members(s, r, ')');
        str_add(s, ")");
        break;
    case '{':
        tell_members(s, r, '}');
        break;
    case 's':
    case 'o':
    case 'g':
        tell_text(s, plan_word(r->plan, (plan_ref) *r->words++));
        break;
    default:
        tell_number(s, type, *r->words++);
        break;
    }
}

const char *unit_value_text(struct arena *a, const struct plan *p, const struct plan_unit_property *q)
{
    struct rest r = { p, plan_word(p, q->signature), plan_at(p, q->value.at) };
    struct str s;

    str_init(&s, a);
    tell(&s, &r);
    return s.text;
}
