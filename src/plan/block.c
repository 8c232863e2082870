#include "plan/block.h"
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

enum { FIRST_SIZE = 8 << 10 };

/* Offset of `size` new zeroed bytes at a multiple of `align`, or 0. */
static plan_ref reserve(struct block *b, size_t size, size_t align)
{
    size_t at = (b->size + align - 1) & ~(align - 1);
    char *grown;

    if (b->full || size > PLAN_SIZE_MAX - at) {
        b->full = true;
        return 0;
    }
    if (at + size > b->cap) {
        b->cap = 2 * b->cap > at + size ? 2 * b->cap : at + size;
        grown = arena_alloc(b->arena, b->cap);
        memcpy(grown, b->base, b->size);
        b->base = grown;
    }
    b->size = at + size;
    return (plan_ref) at;
}

void block_init(struct block *b, struct arena *a)
{
    *b = (struct block) {
        .arena = a, .base = arena_alloc(a, FIRST_SIZE), .size = sizeof(struct plan), .cap = FIRST_SIZE,
    };
}

void block_reopen(struct block *b, struct arena *a, const struct plan *p)
{
    *b = (struct block) { .arena = a, .base = arena_alloc(a, p->made_size), .size = p->made_size, .cap = p->made_size };
    memcpy(b->base, p, p->made_size);
}

plan_ref block_text(struct block *b, const char *text)
{
    size_t size;
    plan_ref at;

    if (text == NULL)
        return 0;
    size = strlen(text) + 1;
    at = reserve(b, size, 1);
    if (at)
        memcpy(b->base + at, text, size);
    return at;
}

plan_ref block_textf(struct block *b, const char *fmt, ...)
{
    va_list ap;
    plan_ref at;

    va_start(ap, fmt);
    at = block_text(b, arena_vprintf(b->arena, fmt, ap));
    va_end(ap);
    return at;
}

struct plan_list block_list(struct block *b, const void *items, size_t n, size_t size)
{
    plan_ref at;

    if (n == 0)
        return (struct plan_list) { 0 };
    at = reserve(b, n > PLAN_SIZE_MAX / size ? PLAN_SIZE_MAX : n * size, 8);
    if (at == 0)
        return (struct plan_list) { 0 };
    memcpy(b->base + at, items, n * size);
    return (struct plan_list) { at, (uint32_t) n };
}

struct plan_list block_vector(struct block *b, const char *const *texts, size_t n, size_t spare)
{
    uint64_t *offsets = arena_array(b->arena, n + spare + 1, sizeof(*offsets));
    struct plan_list list;

    for (size_t i = 0; i < n; i++)
        offsets[i] = block_text(b, texts[i]);
    list = block_list(b, offsets, n + spare + 1, sizeof(*offsets));
    if (list.n)
        list.n--;
    return list;
}

struct plan *block_finish(struct block *b, const struct plan *header)
{
    struct plan *p;

    reserve(b, 1, 1);
    reserve(b, 0, 8);
    if (b->full)
        return NULL;
    p = (struct plan *) b->base;
    *p = *header;
    p->magic = PLAN_MAGIC;
    p->version = PLAN_VERSION;
    p->size = (uint32_t) b->size;
    if (p->made_size == 0)
        p->made_size = p->size;
    return p;
}

void rows_init(struct rows *r, struct arena *a, size_t size)
{
    *r = (struct rows) { .arena = a, .size = size };
}

void *rows_add(struct rows *r)
{
    char *grown;

    if (r->n == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 8;
        grown = arena_array(r->arena, r->cap, r->size);
        if (r->n)
            memcpy(grown, r->items, r->n * r->size);
        r->items = grown;
    }
    return r->items + r->n++ * r->size;
}

struct plan_list block_rows(struct block *b, const struct rows *r)
{
    return block_list(b, r->items, r->n, r->size);
}
