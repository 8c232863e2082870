/* arena.h - memory that is released all at once.
 *
 * One arena lives as long as one operation (a create, a state query). There are no free functions
 * per type. When the system has no memory left, one line goes to descriptor 2 and the process
 * aborts: no function of the library has to handle a NULL. Inputs are size-capped before. */
#pragma once
#include <stddef.h>
#include <stdarg.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);

/* Zeroed and aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
/* arena_alloc for n elements of `size` bytes; an overflow of n * size counts as out of memory. */
void *arena_array(struct arena *a, size_t n, size_t size);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0), nonnull));
