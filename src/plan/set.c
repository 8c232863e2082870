#include "plan/set.h"
#include <stdint.h>
#include <string.h>

void set_init(struct set *s, struct arena *a, size_t n)
{
    size_t slots = 8;

    while (slots < 2 * n)
        slots *= 2;
    s->slots = arena_array(a, slots, sizeof(*s->slots));
    s->mask = slots - 1;
}

/* FNV-1a. */
static uint32_t hash(const char *text, size_t len)
{
    uint32_t h = 2166136261;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char) text[i]) * 16777619;
    return h;
}

bool set_add(struct set *s, const char *text, size_t len)
{
    size_t i = hash(text, len) & s->mask;

    for (; s->slots[i].text; i = (i + 1) & s->mask)
        if (s->slots[i].len == len && memcmp(s->slots[i].text, text, len) == 0)
            return false;
    s->slots[i] = (struct set_item) { text, len };
    return true;
}
