#include "launch/protobuf.h"
#include <errno.h>
#include <string.h>

/* The low three bits of a field's key; the other two types are groups, which nobody uses. */
enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

/* ---- Writing -------------------------------------------------------------------------------- */

/* Seven bits a byte, the lowest first; all bytes but the last have the highest bit set. */
static void add_varint(struct str *s, uint64_t value)
{
    char byte;

    for (; value >= 0x80; value >>= 7) {
        byte = (char) (value | 0x80);
        str_add_n(s, &byte, 1);
    }
    byte = (char) value;
    str_add_n(s, &byte, 1);
}

static void add_bytes(struct str *s, unsigned field, const char *bytes, size_t n)
{
    add_varint(s, (uint64_t) field << 3 | WIRE_BYTES);
    add_varint(s, n);
    str_add_n(s, bytes, n);
}

void protobuf_add_number(struct str *message, unsigned field, int64_t value)
{
    add_varint(message, (uint64_t) field << 3 | WIRE_VARINT);
    add_varint(message, (uint64_t) value);
}

void protobuf_add_text(struct str *message, unsigned field, const char *text)
{
    add_bytes(message, field, text, strlen(text));
}

void protobuf_add_message(struct str *message, unsigned field, const struct str *inner)
{
    add_bytes(message, field, inner->text, inner->len);
}

/* ---- Reading -------------------------------------------------------------------------------- */

static bool take_varint(struct protobuf *p, uint64_t *ret)
{
    uint64_t value = 0;

    for (unsigned shift = 0; p->left > 0 && shift < 64; shift += 7) {
        unsigned char byte = (unsigned char) *p->at++;

        p->left--;
        value |= (uint64_t) (byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        *ret = value;
        return true;
    }
    return false;
}

static bool take_bytes(struct protobuf *p, uint64_t n, struct protobuf *ret)
{
    if (n > p->left)
        return false;
    *ret = (struct protobuf) { p->at, (size_t) n };
    p->at += n;
    p->left -= n;
    return true;
}

static bool take_value(struct protobuf *p, enum wire type, struct protobuf_field *f)
{
    uint64_t n;

    switch (type) {
    case WIRE_VARINT:
        return take_varint(p, &f->number);
    case WIRE_BYTES:
        return take_varint(p, &n) && take_bytes(p, n, &f->bytes);
    case WIRE_FIXED64:
        return take_bytes(p, 8, &f->bytes);
    case WIRE_FIXED32:
        return take_bytes(p, 4, &f->bytes);
    }
    return false;
}

int protobuf_next(struct protobuf *message, struct protobuf_field *ret)
{
    struct protobuf_field f = { 0 };
    uint64_t key;

    if (message->left == 0)
        return 0;
    if (!take_varint(message, &key) || key >> 3 == 0 || key >> 3 > UINT32_MAX || !take_value(message, key & 7, &f))
        return -EBADMSG;
    f.field = (unsigned) (key >> 3);
    *ret = f;
    return 1;
}
