#include <inttypes.h>
#include "plan/explain.h"
#include "plan/planner.h"

/* Names are words with blanks; as a member's name "read-only paths" is readOnlyPaths. */
static void put_name(struct explain *e, const char *name)
{
    str_add(&e->out, "\"");
    for (bool upper = false; *name; name++) {
        bool gap = *name == ' ' || *name == '-';

        if (!gap)
            str_addf(&e->out, "%c", upper ? *name - 'a' + 'A' : *name);
        upper = gap;
    }
    str_add(&e->out, "\"");
}

static void begin_section(struct explain *e)
{
    str_add(&e->out, e->n_sections ? ",\n  " : "  ");
    put_name(e, e->section);
    str_add(&e->out, e->rows ? ": [\n" : ": {\n");
}

static void end_row(struct explain *e)
{
    str_add(&e->out, "\n    }");
}

static void begin_row(struct explain *e)
{
    if (e->n_rows > 0) {
        end_row(e);
        str_add(&e->out, ",\n");
    }
    str_add(&e->out, "    {\n");
}

static void end_section(struct explain *e)
{
    if (e->rows)
        end_row(e);
    str_add(&e->out, e->rows ? "\n  ]" : "\n  }");
}

static void put_key(struct explain *e, const char *key)
{
    if (e->n_fields > 0)
        str_add(&e->out, ",\n");
    str_add(&e->out, e->rows ? "      " : "    ");
    put_name(e, key);
    str_add(&e->out, ": ");
}

static void put_text(struct explain *e, const char *key, const char *value)
{
    put_key(e, key);
    str_add_json(&e->out, value);
}

static void put_number(struct explain *e, const char *key, int64_t value)
{
    put_key(e, key);
    str_addf(&e->out, "%" PRId64, value);
}

static void put_words(struct explain *e, const char *key, const char *const *words, size_t n)
{
    put_key(e, key);
    str_add(&e->out, "[");
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_add(&e->out, ", ");
        str_add_json(&e->out, words[i]);
    }
    str_add(&e->out, "]");
}

static const struct explain_sink json_sink = {
    .begin = begin_section, .row = begin_row, .end = end_section,
    .text = put_text, .number = put_number, .words = put_words, .phrase = put_text, .phrases = put_words,
};

char *plan_explain_json(struct op *op, const struct plan *p)
{
    struct explain e = { .sink = &json_sink, .plan = p };

    str_init(&e.out, op->arena);
    str_add(&e.out, "{\n");
    explain_walk(&e);
    str_add(&e.out, "\n}\n");
    return e.out.text;
}
