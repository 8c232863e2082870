#include <inttypes.h>
#include <string.h>
#include "plan/explain.h"
#include "plan/planner.h"

static void begin_section(struct explain *e)
{
    str_addf(&e->out, "%s\n", e->section);
}

static void end_line(struct explain *e)
{
    if (e->n_fields > 0)
        str_add(&e->out, "\n");
}

/* A row is one line: its first field names it. In a section of fields each has a line. */
static void put_key(struct explain *e, const char *key)
{
    if (!e->rows)
        end_line(e);
    if (e->rows && e->n_fields == 0)
        str_add(&e->out, "  ");
    else
        str_addf(&e->out, "  %s ", key);
}

static bool is_plain(const char *word)
{
    for (const char *c = word; *c; c++)
        if ((unsigned char) *c <= ' ' || strchr("\"\\\177", *c))
            return false;
    return *word;
}

static void put_word(struct explain *e, const char *word)
{
    if (is_plain(word))
        str_add(&e->out, word);
    else
        str_add_json(&e->out, word);
}

static void put_text(struct explain *e, const char *key, const char *value)
{
    put_key(e, key);
    put_word(e, value);
}

static void put_number(struct explain *e, const char *key, int64_t value)
{
    put_key(e, key);
    str_addf(&e->out, "%" PRId64, value);
}

static void put_words(struct explain *e, const char *key, const char *const *words, size_t n)
{
    put_key(e, key);
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_add(&e->out, " ");
        put_word(e, words[i]);
    }
}

static void put_phrases(struct explain *e, const char *key, const char *const *phrases, size_t n)
{
    put_key(e, key);
    for (size_t i = 0; i < n; i++)
        str_addf(&e->out, "%s%s", i ? ", " : "", phrases[i]);
}

static void put_phrase(struct explain *e, const char *key, const char *phrase)
{
    put_phrases(e, key, &phrase, 1);
}

static const struct explain_sink text_sink = {
    .begin = begin_section, .row = end_line, .end = end_line,
    .text = put_text, .number = put_number, .words = put_words, .phrase = put_phrase, .phrases = put_phrases,
};

char *plan_explain_text(struct op *op, const struct plan *p)
{
    struct explain e = { .sink = &text_sink, .plan = p };

    str_init(&e.out, op->arena);
    explain_walk(&e);
    return e.out.text;
}
