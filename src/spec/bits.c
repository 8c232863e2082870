#include <ctype.h>
#include "base/arena.h"
#include "spec/spec.h"

/* A decimal number of at most `most`, blanks around it. NULL, or what is wrong with it. */
static const char *take_number(struct arena *a, const char **text, unsigned most, unsigned *ret)
{
    const char *p = *text;
    unsigned n = 0;

    while (isspace((unsigned char) *p))
        p++;
    if (!isdigit((unsigned char) *p))
        return arena_printf(a, "not a number at \"%.20s\"", p);
    for (; isdigit((unsigned char) *p); p++) {
        n = n * 10 + (unsigned) (*p - '0');
        if (n > most)
            return arena_printf(a, "values larger than %u are not supported", most);
    }
    while (isspace((unsigned char) *p))
        p++;
    *text = p;
    *ret = n;
    return NULL;
}

static void set_bits(struct spec_bits *bits, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++) {
        uint64_t bit = (uint64_t) 1 << i % 64;

        bits->count += !(bits->v[i / 64] & bit);
        bits->v[i / 64] |= bit;
    }
    if (last / 64 >= bits->n)
        bits->n = last / 64 + 1;
}

static const char *take_range(struct arena *a, const char **text, unsigned most, struct spec_bits *bits)
{
    unsigned first, last;
    const char *why = take_number(a, text, most, &first);

    if (why)
        return why;
    last = first;
    if (**text == '-') {
        ++*text;
        if ((why = take_number(a, text, most, &last)))
            return why;
    }
    if (last < first)
        return arena_printf(a, "invalid range: %u-%u", first, last);
    set_bits(bits, first, last);
    return NULL;
}

/* As runc has it, an element may be empty. */
const char *spec_parse_bits(struct arena *a, const char *text, unsigned most, struct spec_bits *ret)
{
    struct spec_bits bits = { .v = arena_array(a, most / 64 + 1, sizeof(*bits.v)) };

    for (;;) {
        const char *why;

        while (*text == ',' || isspace((unsigned char) *text))
            text++;
        if (*text == '\0')
            break;
        if ((why = take_range(a, &text, most, &bits)))
            return why;
        if (*text && *text != ',')
            return arena_printf(a, "unexpected \"%.20s\"", text);
    }
    *ret = bits;
    return NULL;
}
