/* libFuzzer target: any text as the value of an annotation of systemd's. What is taken has a signature of one type, as many
 * words as that asks for, and can be told again; what is not has a reason.
 *
 * with: src/plan/[a-z]*.c build-fuzz/syscall_tables.c */
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "plan/gvariant.h"
#include "plan/unit_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

/* What is left of a value. */
struct rest { const char *signature; const uint64_t *word, *end; const struct block *block; };

static void walk(struct rest *r);

static uint64_t take(struct rest *r)
{
    must(r->word < r->end);
    return *r->word++;
}

static const char *take_text(struct rest *r)
{
    uint64_t ref = take(r);

    must(ref >= sizeof(struct plan) && ref < r->block->size);
    return r->block->base + ref;
}

static void walk_array(struct rest *r)
{
    const char *item = r->signature;

    for (uint64_t n = take(r); n > 0; n--) {
        r->signature = item;
        walk(r);
    }
    r->signature = item + unit_type_length(item);
}

static void walk_variant(struct rest *r)
{
    const char *rest = r->signature;

    r->signature = take_text(r);
    must(unit_type_length(r->signature) == strlen(r->signature));
    walk(r);
    r->signature = rest;
}

static void walk(struct rest *r)
{
    char type = *r->signature++;

    if (type == 'a') {
        walk_array(r);
    } else if (type == 'v') {
        walk_variant(r);
    } else if (type == '(' || type == '{') {
        while (*r->signature != ')' && *r->signature != '}')
            walk(r);
        r->signature++;
    } else if (strchr("sog", type)) {
        take_text(r);
    } else {
        take(r);
    }
}

static void check_value(struct arena *a, const struct gvariant *v)
{
    const char *signature = gvariant_signature(v);
    struct block block;
    struct rows words;
    struct rest r;
    uint64_t million;

    must(*signature && unit_type_length(signature) == strlen(signature));
    block_init(&block, a);
    rows_init(&words, a, sizeof(uint64_t));
    gvariant_words(v, &block, &words);
    r = (struct rest) { signature, (const uint64_t *) words.items, (const uint64_t *) words.items + words.n, &block };
    walk(&r);
    must(*r.signature == '\0' && r.word == r.end);
    gvariant_million(v, &million);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    char *text = malloc(size + 1);
    struct gvariant *v;
    const char *why = NULL;

    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    if (gvariant_parse(a, text, &v, &why) == 0)
        check_value(a, v);
    else
        must(why && *why);
    arena_free(a);
    free(text);
    return 0;
}
