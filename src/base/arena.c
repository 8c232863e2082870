#include "base/arena.h"
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Under the address sanitizer every allocation gets a block of its own, so that overruns are seen. */
#ifdef __SANITIZE_ADDRESS__
static const size_t block_size = 0;
#else
static const size_t block_size = 32 << 10;
#endif

struct block {
    struct block *next;
    alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *blocks;
    char *free;                 /* the unused rest of the newest shared block: always zero */
    size_t left;
};

static _Noreturn void out_of_memory(void)
{
    static const char line[] = "proa: out of memory\n";

    if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
        abort();
    abort();
}

struct arena *arena_new(void)
{
    struct arena *a = calloc(1, sizeof(*a));

    if (a == NULL)
        out_of_memory();
    return a;
}

void arena_free(struct arena *a)
{
    struct block *next;

    if (a == NULL)
        return;
    for (struct block *b = a->blocks; b; b = next) {
        next = b->next;
        free(b);
    }
    free(a);
}

static char *add_block(struct arena *a, size_t size)
{
    struct block *b = size > SIZE_MAX - sizeof(*b) ? NULL : calloc(1, sizeof(*b) + size);

    if (b == NULL)
        out_of_memory();
    b->next = a->blocks;
    a->blocks = b;
    return b->bytes;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);
    char *p;

    if (size >= block_size / 4)
        return add_block(a, size);
    size = ((size ? size : 1) + align - 1) & ~(align - 1);
    if (size > a->left) {
        a->free = add_block(a, block_size);
        a->left = block_size;
    }
    p = a->free;
    a->free += size;
    a->left -= size;
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        out_of_memory();
    return arena_alloc(a, bytes);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *copy = arena_alloc(a, len + 1);

    memcpy(copy, s, len);
    return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, ap);
    len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (len < 0)
        out_of_memory();
    text = arena_alloc(a, (size_t) len + 1);
    vsnprintf(text, (size_t) len + 1, fmt, ap);
    return text;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return text;
}
