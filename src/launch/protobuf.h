/* protobuf.h - the wire format of Protocol Buffers (protobuf.dev, "Encoding"), as far as CRIU's messages need it: numbers,
 * texts and messages within messages. Pure. */
#pragma once
#include "base/str.h"

/* Fields at the end of a message. A negative number is a 64-bit one. */
void protobuf_add_number(struct str *message, unsigned field, int64_t value);
void protobuf_add_text(struct str *message, unsigned field, const char *text);
void protobuf_add_message(struct str *message, unsigned field, const struct str *inner);

/* A message, or what is still to be read of it. */
struct protobuf { const char *at; size_t left; };
/* `number` of a field that is one; `bytes` of a text or a message. */
struct protobuf_field { unsigned field; uint64_t number; struct protobuf bytes; };

/* The next field: 1, 0 at the end, or -EBADMSG. */
int protobuf_next(struct protobuf *message, struct protobuf_field *ret);
