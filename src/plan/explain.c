#include "plan/explain.h"

static void section(struct explain *e, const char *name, bool rows)
{
    if (e->opened) {
        e->sink->end(e);
        e->n_sections++;
    }
    e->section = name;
    e->rows = rows;
    e->opened = false;
    e->n_rows = e->n_fields = 0;
}

void explain_fields(struct explain *e, const char *name)
{
    section(e, name, false);
}

void explain_rows(struct explain *e, const char *name)
{
    section(e, name, true);
}

static void open_section(struct explain *e)
{
    if (!e->opened)
        e->sink->begin(e);
    e->opened = true;
}

void explain_row(struct explain *e)
{
    open_section(e);
    e->sink->row(e);
    e->n_rows++;
    e->n_fields = 0;
}

void explain_text(struct explain *e, const char *key, const char *value)
{
    if (value == NULL)
        return;
    open_section(e);
    e->sink->text(e, key, value);
    e->n_fields++;
}

void explain_ref(struct explain *e, const char *key, plan_ref value)
{
    explain_text(e, key, plan_text(e->plan, value));
}

void explain_number(struct explain *e, const char *key, int64_t value)
{
    open_section(e);
    e->sink->number(e, key, value);
    e->n_fields++;
}

void explain_words(struct explain *e, const char *key, const char *const *list, size_t n)
{
    if (n == 0)
        return;
    open_section(e);
    e->sink->words(e, key, list, n);
    e->n_fields++;
}

void explain_phrases(struct explain *e, const char *key, const char *const *list, size_t n)
{
    if (n == 0)
        return;
    open_section(e);
    e->sink->phrases(e, key, list, n);
    e->n_fields++;
}

void explain_phrase(struct explain *e, const char *key, const char *phrase)
{
    open_section(e);
    e->sink->phrase(e, key, phrase);
    e->n_fields++;
}

size_t explain_select(uint64_t set, const struct explain_bit *table, const char **ret)
{
    size_t n = 0;

    for (; table->word; table++)
        if (set & table->bit)
            ret[n++] = table->word;
    return n;
}

void explain_bits(struct explain *e, const char *key, uint64_t set, const struct explain_bit *table)
{
    const char *list[EXPLAIN_BITS];

    explain_phrases(e, key, list, explain_select(set, table, list));
}

void explain_octal(struct explain *e, const char *key, uint32_t value)
{
    explain_text(e, key, arena_printf(e->out.arena, "%04o", value));
}

void explain_pairs(struct explain *e, struct plan_list list, const char *key, const char *value)
{
    const struct plan_pair *pair = plan_at(e->plan, list.at);

    for (uint32_t i = 0; i < list.n; i++) {
        explain_row(e);
        explain_ref(e, key, pair[i].key);
        explain_ref(e, value, pair[i].value);
    }
}
