/* merge.c - resources: an update laid over what was there before, and the JSON text that decodes to the same again. Both go by
 * the field tables, so a property that is added there is in here as well. */
#include <inttypes.h>
#include <string.h>
#include "base/str.h"
#include "spec/field.h"

struct list { char *v; size_t n; };             /* what every SPEC_LIST looks like, and struct spec_pairs */

/* ---- Which members are there ---------------------------------------------------------------- */

static bool is_list(const struct field *f)
{
    return f->kind == FIELD_LIST || f->kind == FIELD_MAP || f->kind == FIELD_PAIRS || f->kind == FIELD_UINTS;
}

static bool is_pointer(const struct field *f)
{
    return f->kind == FIELD_STRING || f->kind == FIELD_OBJECT;
}

static void *pointer_of(const void *value)
{
    void *pointer;

    memcpy(&pointer, value, sizeof(pointer));
    return pointer;
}

static struct list list_of(const void *value)
{
    struct list list;

    memcpy(&list, value, sizeof(list));
    return list;
}

/* All scalars begin with `set`. */
static bool is_there(const struct field *f, const void *value)
{
    if (is_pointer(f))
        return pointer_of(value) != NULL;
    return is_list(f) ? list_of(value).n > 0 : *(const bool *) value;
}

static const struct field *find_step(const struct type *t, const char *step, size_t len)
{
    for (size_t i = 0; i < t->n; i++)
        if (strlen(t->fields[i].name) == len && strncmp(t->fields[i].name, step, len) == 0)
            return &t->fields[i];
    return NULL;
}

bool spec_resources_has(const struct spec_resources *r, const char *member)
{
    const struct type *t = &type_resources;
    const void *at = r;

    for (;;) {
        size_t len = strcspn(member, "/");
        const struct field *f = find_step(t, member, len);
        const void *value = f ? (const char *) at + f->at : NULL;

        if (!f || !is_there(f, value) || f->kind != FIELD_OBJECT || !member[len])
            return f && is_there(f, value);
        t = f->of;
        at = pointer_of(value);
        member += len + 1;
    }
}

/* ---- One over the other --------------------------------------------------------------------- */

static size_t item_size(const struct field *f)
{
    return f->kind == FIELD_PAIRS ? sizeof(struct spec_pair) : ((const struct type *) f->of)->size;
}

/* Whether two items are about the same thing: their keys, or the members that are marked. */
static bool is_same(const struct field *f, const char *a, const char *b)
{
    const struct type *t = f->of;

    if (f->kind != FIELD_LIST)
        return str_eq(pointer_of(a), pointer_of(b));
    for (size_t i = 0; i < t->n; i++) {
        size_t at = t->fields[i].at;

        if (!(t->fields[i].flags & KEY))
            continue;
        if (is_pointer(&t->fields[i]) ? !str_eq(pointer_of(a + at), pointer_of(b + at))
                                      : ((const opt_int *) (a + at))->v != ((const opt_int *) (b + at))->v)
            return false;
    }
    return true;
}

static void merge_struct(struct arena *a, const struct type *t, char *base, const char *over);

static void merge_item(struct arena *a, const struct field *f, char *base, const char *over)
{
    if (f->kind == FIELD_PAIRS)
        memcpy(base, over, sizeof(struct spec_pair));
    else
        merge_struct(a, f->of, base, over);
}

static void merge_list(struct arena *a, const struct field *f, char *base, const char *over)
{
    struct list old = list_of(base), new = list_of(over);
    size_t size = item_size(f), n = old.n, i;
    char *items = arena_array(a, old.n + new.n, size);

    if (old.n)
        memcpy(items, old.v, old.n * size);
    for (size_t k = 0; k < new.n; k++) {
        const char *item = new.v + k * size;

        for (i = 0; i < n && !is_same(f, items + i * size, item); i++)
            ;
        if (i == n)
            memcpy(items + n++ * size, item, size);
        else
            merge_item(a, f, items + i * size, item);
    }
    memcpy(base, &(struct list) { items, n }, sizeof(struct list));
}

static void merge_object(struct arena *a, const struct field *f, char *base, const char *over)
{
    const struct type *t = f->of;
    char *copy = arena_alloc(a, t->size);

    if (pointer_of(base))
        memcpy(copy, pointer_of(base), t->size);
    merge_struct(a, t, copy, pointer_of(over));
    memcpy(base, &copy, sizeof(copy));
}

static size_t scalar_size(const struct field *f)
{
    return f->kind == FIELD_STRING ? sizeof(char *) : f->kind == FIELD_BOOL ? sizeof(opt_bool) : sizeof(opt_int);
}

static void merge_struct(struct arena *a, const struct type *t, char *base, const char *over)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct field *f = &t->fields[i];

        if (!is_there(f, over + f->at))
            continue;
        if (f->kind == FIELD_OBJECT)
            merge_object(a, f, base + f->at, over + f->at);
        else if (is_list(f))
            merge_list(a, f, base + f->at, over + f->at);
        else
            memcpy(base + f->at, over + f->at, scalar_size(f));
    }
}

struct spec_resources spec_resources_merge(struct arena *a, const struct spec_resources *base, const struct spec_resources *over)
{
    struct spec_resources merged = *base;

    merge_struct(a, &type_resources, (char *) &merged, (const char *) over);
    return merged;
}

/* ---- As text -------------------------------------------------------------------------------- */

static void add_struct(struct str *s, const struct type *t, const char *value);

static void add_key(struct str *s, const char *name, char before)
{
    str_add(s, before ? "," : "");
    str_add_json(s, name);
    str_add(s, ":");
}

static void add_items(struct str *s, const struct field *f, struct list list)
{
    size_t size = item_size(f);

    str_add(s, f->kind == FIELD_LIST ? "[" : "{");
    for (size_t i = 0; i < list.n; i++) {
        const char *item = list.v + i * size;

        if (f->kind != FIELD_LIST)
            add_key(s, pointer_of(item), i > 0);
        else
            str_add(s, i ? "," : "");
        if (f->kind == FIELD_PAIRS)
            str_add_json(s, ((const struct spec_pair *) item)->value);
        else
            add_struct(s, f->of, item);
    }
    str_add(s, f->kind == FIELD_LIST ? "]" : "}");
}

static void add_value(struct str *s, const struct field *f, const char *value)
{
    if (f->kind == FIELD_OBJECT)
        add_struct(s, f->of, pointer_of(value));
    else if (is_list(f))
        add_items(s, f, list_of(value));
    else if (f->kind == FIELD_STRING)
        str_add_json(s, pointer_of(value));
    else if (f->kind == FIELD_BOOL)
        str_add(s, ((const opt_bool *) value)->v ? "true" : "false");
    else if (f->kind == FIELD_INT)
        str_addf(s, "%" PRId64, ((const opt_int *) value)->v);
    else
        str_addf(s, "%" PRIu64, ((const opt_uint *) value)->v);
}

static void add_struct(struct str *s, const struct type *t, const char *value)
{
    bool first = true;

    str_add(s, "{");
    for (size_t i = 0; i < t->n; i++) {
        const struct field *f = &t->fields[i];

        if (!is_there(f, value + f->at))
            continue;
        add_key(s, f->name, !first);
        add_value(s, f, value + f->at);
        first = false;
    }
    str_add(s, "}");
}

char *spec_resources_json(struct arena *a, const struct spec_resources *r)
{
    struct spec_resources all_but_devices = *r;
    struct str s;

    all_but_devices.devices.n = 0;
    str_init(&s, a);
    add_struct(&s, &type_resources, (const char *) &all_but_devices);
    return s.text;
}
