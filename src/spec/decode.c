#include "spec/decode.h"
#include <stdarg.h>
#include <string.h>
#include "spec/field.h"

enum { MAX_IGNORED = 64, MAX_SHOWN = 60 };

/* A value and the way to it from the document. A JSON pointer is made of that only when something is wrong. */
struct node {
    const struct json *json;
    const struct node *up;
    const char *name;           /* NULL for an item of an array */
    size_t index;
};

struct decoder {
    struct op *op;
    struct findings found;
    const char *ignored[MAX_IGNORED];       /* words of TOLERANT masks */
    size_t n_ignored;
};

struct list { void *v; size_t n; };         /* what every SPEC_LIST looks like */

static void add_steps(struct str *s, const struct node *at)
{
    if (at->up == NULL)
        return;
    add_steps(s, at->up);
    if (at->name)
        str_add_step(s, at->name);
    else
        str_addf(s, "/%zu", at->index);
}

/* The pointer of a faulty place, which is remembered. */
static const char *fault_pointer(struct decoder *d, const struct node *at)
{
    struct str s;

    str_init(&s, d->op->arena);
    add_steps(&s, at);
    if (d->found.faulty.len < 64 << 10)
        str_addf(&d->found.faulty, "%s\n", s.text);
    return s.text;
}

__attribute__((format(printf, 3, 4)))
static void fault(struct decoder *d, const struct node *at, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    op_fault(d->op, fault_pointer(d, at), "%s", arena_vprintf(d->op->arena, fmt, ap));
    va_end(ap);
}

/* A value as a message shows it. */
static const char *shown(struct op *op, const struct json *j)
{
    const char *text = json_string(j);
    uint64_t positive;
    int64_t number;
    struct str s;

    if (json_kind(j) == JSON_BOOL)
        return json_is_true(j) ? "true" : "false";
    if (json_int64(j, &number) == 0)
        return arena_printf(op->arena, "%lld", (long long) number);
    if (json_uint64(j, &positive) == 0)
        return arena_printf(op->arena, "%llu", (unsigned long long) positive);
    if (text == NULL)
        return json_kind_name(json_kind(j));
    str_init(&s, op->arena);
    str_add_json(&s, arena_strndup(op->arena, text, MAX_SHOWN));
    if (strlen(text) > MAX_SHOWN)
        str_add(&s, "...");
    return s.text;
}

static struct node item_of(const struct node *array, size_t i)
{
    return (struct node) { json_item(array->json, i), array, NULL, i };
}

static bool expect(struct decoder *d, enum json_kind kind, const struct node *at)
{
    if (json_kind(at->json) == kind)
        return true;
    fault(d, at, "must be %s (found %s)", json_kind_name(kind), shown(d->op, at->json));
    return false;
}

static void decode_object(struct decoder *d, const struct type *t, const struct node *at, void *out);

static void decode_bool(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    (void) d, (void) f, (void) at;
    *(opt_bool *) out = (opt_bool) { true, json_is_true(at->json) };
}

static void out_of_range(struct decoder *d, const struct field *f, const struct node *at)
{
    fault(d, at, "must be from %lld to %llu (found %s)", (long long) f->lo, (unsigned long long) f->hi,
          shown(d->op, at->json));
}

static void decode_int(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    int64_t v;

    if (json_int64(at->json, &v) < 0 || v < f->lo || (v > 0 && (uint64_t) v > f->hi))
        out_of_range(d, f, at);
    else
        *(opt_int *) out = (opt_int) { true, v };
}

static void decode_uint(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    uint64_t v;

    if (json_uint64(at->json, &v) < 0 || v < (uint64_t) f->lo || v > f->hi)
        out_of_range(d, f, at);
    else
        *(opt_uint *) out = (opt_uint) { true, v };
}

static void decode_uints(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    size_t n = json_count(at->json);
    opt_uint *v = arena_array(d->op->arena, n, sizeof(*v));

    for (size_t i = 0; i < n; i++) {
        struct node here = item_of(at, i);

        if (expect(d, JSON_INT, &here))
            decode_uint(d, f, &here, &v[i]);
    }
    memcpy(out, &(struct list) { v, n }, sizeof(struct list));
}

static void decode_string(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    (void) f, (void) at;
    *(const char **) out = arena_strdup(d->op->arena, json_string(at->json));
}

static void decode_strings(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    size_t n = json_count(at->json);
    const char **v = arena_array(d->op->arena, n + 1, sizeof(*v));

    for (size_t i = 0; i < n; i++) {
        struct node here = item_of(at, i);

        v[i] = "";
        if (expect(d, JSON_STRING, &here))
            decode_string(d, f, &here, &v[i]);
    }
    *(struct spec_strings *) out = (struct spec_strings) { true, v, n };
}

static void decode_word(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    const struct words *words = f->of;
    int64_t value;

    if (words_value(words, json_string(at->json), &value) < 0)
        fault(d, at, "unknown %s %s", words->what, shown(d->op, at->json));
    else
        *(opt_word *) out = (opt_word) { true, value };
}

/* Notes a word that is passed over, once. */
static void ignore_word(struct decoder *d, const char *word)
{
    for (size_t i = 0; i < d->n_ignored; i++)
        if (strcmp(d->ignored[i], word) == 0)
            return;
    if (d->n_ignored < MAX_IGNORED)
        d->ignored[d->n_ignored++] = arena_strndup(d->op->arena, word, MAX_SHOWN);
}

static void decode_mask(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    opt_mask mask = { true, 0 };
    opt_word word;
    int64_t value;

    for (size_t i = 0; i < json_count(at->json); i++) {
        struct node here = item_of(at, i);

        word = (opt_word) { false, 0 };
        if (!expect(d, JSON_STRING, &here))
            continue;
        if ((f->flags & TOLERANT) && words_value(f->of, json_string(here.json), &value) < 0)
            ignore_word(d, json_string(here.json));
        else
            decode_word(d, f, &here, &word);
        if (word.set)
            mask.v |= (uint64_t) 1 << word.v;
    }
    *(opt_mask *) out = mask;
}

static void decode_pairs(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    struct spec_pair *v = arena_array(d->op->arena, json_count(at->json), sizeof(*v));
    size_t n = 0;

    for (struct json_members m = json_members(at->json); json_next(&m); n++) {
        struct node here = { m.value, at, m.name, 0 };

        v[n] = (struct spec_pair) { arena_strdup(d->op->arena, m.name), "" };
        if (expect(d, JSON_STRING, &here))
            decode_string(d, f, &here, &v[n].value);
    }
    *(struct spec_pairs *) out = (struct spec_pairs) { v, n };
}

static void decode_pointer(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    const struct type *t = f->of;
    void *object = arena_alloc(d->op->arena, t->size);

    decode_object(d, t, at, object);
    memcpy(out, &object, sizeof(object));
}

static void decode_list(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    const struct type *t = f->of;
    size_t n = json_count(at->json);
    char *v = arena_array(d->op->arena, n, t->size);

    for (size_t i = 0; i < n; i++) {
        struct node here = item_of(at, i);

        decode_object(d, t, &here, v + i * t->size);
    }
    memcpy(out, &(struct list) { v, n }, sizeof(struct list));
}

static void decode_map(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    const struct type *t = f->of;
    char *v = arena_array(d->op->arena, json_count(at->json), t->size), *item = v;
    const char *key;

    for (struct json_members m = json_members(at->json); json_next(&m); item += t->size) {
        key = arena_strdup(d->op->arena, m.name);
        memcpy(item, &key, sizeof(key));
        decode_object(d, t, &(struct node) { m.value, at, m.name, 0 }, item);
    }
    memcpy(out, &(struct list) { v, json_count(at->json) }, sizeof(struct list));
}

static const struct {
    enum json_kind json;
    void (*decode)(struct decoder *, const struct field *, const struct node *, void *);
} kinds[] = {
    [FIELD_BOOL] = { JSON_BOOL, decode_bool },
    [FIELD_INT] = { JSON_INT, decode_int },
    [FIELD_UINT] = { JSON_INT, decode_uint },
    [FIELD_UINTS] = { JSON_ARRAY, decode_uints },
    [FIELD_STRING] = { JSON_STRING, decode_string },
    [FIELD_STRINGS] = { JSON_ARRAY, decode_strings },
    [FIELD_WORD] = { JSON_STRING, decode_word },
    [FIELD_MASK] = { JSON_ARRAY, decode_mask },
    [FIELD_PAIRS] = { JSON_OBJECT, decode_pairs },
    [FIELD_OBJECT] = { JSON_OBJECT, decode_pointer },
    [FIELD_LIST] = { JSON_ARRAY, decode_list },
    [FIELD_MAP] = { JSON_OBJECT, decode_map },
};

static bool is_absent(const struct field *f, const struct json *j)
{
    bool empty_counts = f->kind == FIELD_STRING || f->kind == FIELD_WORD;

    return j == NULL || (empty_counts && str_eq(json_string(j), ""));
}

static void decode_member(struct decoder *d, const struct field *f, const struct node *at, void *out)
{
    if (expect(d, kinds[f->kind].json, at))
        kinds[f->kind].decode(d, f, at, out);
}

/* Engines write members in the order of the tables, so the search goes on where the last one ended. */
static const struct field *find_field(const struct type *t, const char *name, size_t *next)
{
    for (size_t tried = 0; tried < t->n; tried++) {
        const struct field *f = &t->fields[*next % t->n];

        ++*next;
        if (strcmp(f->name, name) == 0)
            return f;
    }
    return NULL;
}

static void decode_object(struct decoder *d, const struct type *t, const struct node *at, void *out)
{
    uint64_t seen = 0;
    size_t next = 0;

    if (!expect(d, JSON_OBJECT, at))
        return;
    for (struct json_members m = json_members(at->json); json_next(&m);) {
        const struct field *f = find_field(t, m.name, &next);

        if (f == NULL || is_absent(f, m.value))
            continue;
        seen |= (uint64_t) 1 << (f - t->fields);
        decode_member(d, f, &(struct node) { m.value, at, f->name, 0 }, (char *) out + f->at);
    }
    for (size_t i = 0; i < t->n; i++)
        if ((t->fields[i].flags & REQUIRED) && !(seen >> i & 1))
            fault(d, &(struct node) { NULL, at, t->fields[i].name, 0 }, "is required");
}

static const char *joined(struct arena *a, const char *const *words, size_t n)
{
    struct str s;

    str_init(&s, a);
    for (size_t i = 0; i < n; i++)
        str_addf(&s, "%s%s", i ? " " : "", words[i]);
    return n > 0 ? s.text : NULL;
}

static void decode_document(struct op *op, const struct type *t, const struct node *at, void *out, struct findings *ret_found)
{
    struct decoder d = { .op = op };

    str_init(&d.found.faulty, op->arena);
    decode_object(&d, t, at, out);
    d.found.ignored = joined(op->arena, d.ignored, d.n_ignored);
    *ret_found = d.found;
}

void spec_decode(struct op *op, const struct json *j, struct spec *spec, struct findings *ret_found)
{
    decode_document(op, &type_spec, &(struct node) { j, NULL, NULL, 0 }, spec, ret_found);
}

void spec_decode_process(struct op *op, const struct json *j, struct spec_process *process, struct findings *ret_found)
{
    const struct node spec = { NULL, NULL, NULL, 0 };

    decode_document(op, &type_process, &(struct node) { j, &spec, "process", 0 }, process, ret_found);
}

void spec_decode_resources(struct op *op, const struct json *j, struct spec_resources *resources, struct findings *ret_found)
{
    const struct node spec = { NULL, NULL, NULL, 0 }, linux_ = { NULL, &spec, "linux", 0 };

    decode_document(op, &type_resources, &(struct node) { j, &linux_, "resources", 0 }, resources, ret_found);
}

bool spec_is_sound(const struct findings *found, const char *pointer)
{
    size_t len = strlen(pointer), n;

    for (const char *p = found->faulty.text; *p; p += n + 1) {
        n = strcspn(p, "\n");
        if (strncmp(p, pointer, n < len ? n : len) == 0 && (n == len || (n < len ? pointer[n] : p[len]) == '/'))
            return false;
    }
    return true;
}

const char *spec_pointer(struct op *op, const char *map, const char *name)
{
    struct str s;

    str_init(&s, op->arena);
    str_add(&s, map);
    str_add_step(&s, name);
    return s.text;
}
