#include "base/utf8.h"

/* The rows of table 3-7 of the Unicode standard: what the second byte may be depends on the first. */
static const struct sequence {
    unsigned char first, last, second_from, second_to;
    size_t length;
} sequences[] = {
    { 0x00, 0x7f, 0x00, 0x00, 1 },
    { 0xc2, 0xdf, 0x80, 0xbf, 2 },
    { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
    { 0xe1, 0xec, 0x80, 0xbf, 3 },
    { 0xed, 0xed, 0x80, 0x9f, 3 },
    { 0xee, 0xef, 0x80, 0xbf, 3 },
    { 0xf0, 0xf0, 0x90, 0xbf, 4 },
    { 0xf1, 0xf3, 0x80, 0xbf, 4 },
    { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t utf8_length(const char *s, size_t left)
{
    const unsigned char *u = (const unsigned char *) s;

    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        const struct sequence *q = &sequences[i];

        if (left < q->length || u[0] < q->first || u[0] > q->last)
            continue;
        if (q->length > 1 && (u[1] < q->second_from || u[1] > q->second_to))
            return 0;
        for (size_t k = 2; k < q->length; k++)
            if ((u[k] & 0xc0) != 0x80)
                return 0;
        return q->length;
    }
    return 0;
}
