/* set.h - a set of texts, for lists that are to hold each thing once. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"

struct set_item { const char *text; size_t len; };
struct set { struct set_item *slots; size_t mask; };

/* Room for up to n texts. */
void set_init(struct set *s, struct arena *a, size_t n);
/* False when the first `len` bytes of `text` are in it already. The text is borrowed. */
bool set_add(struct set *s, const char *text, size_t len);
