/* libFuzzer target: any bytes as an answer of criu's, and as its log. What is read of a message lies inside of it, and read
 * again after it has been written again is the same.
 *
 * with: src/launch/protobuf.c src/launch/criu_log.c */
#include <stdlib.h>
#include <string.h>
#include "launch/criu.h"

enum { DEPTH_MAX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

static void write_again(struct arena *a, const struct protobuf_field *f)
{
    struct protobuf_field back;
    struct protobuf p;
    struct str s, inner;

    str_init(&s, a);
    str_init(&inner, a);
    str_add_n(&inner, f->bytes.left ? f->bytes.at : "", f->bytes.left);
    if (f->bytes.at)
        protobuf_add_message(&s, f->field, &inner);
    else
        protobuf_add_number(&s, f->field, (int64_t) f->number);
    p = (struct protobuf) { s.text, s.len };
    must(protobuf_next(&p, &back) == 1 && p.left == 0);
    must(back.field == f->field);
    must(f->bytes.at ? back.bytes.left == f->bytes.left : back.number == f->number);
}

static void walk(struct arena *a, struct protobuf message, int depth)
{
    const char *end = message.at + message.left;
    struct protobuf_field f;

    while (protobuf_next(&message, &f) > 0) {
        must(!f.bytes.at || f.bytes.at + f.bytes.left <= end);
        write_again(a, &f);
        if (f.bytes.at && depth < DEPTH_MAX)
            walk(a, f.bytes, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    char *text = malloc(size + 1);

    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    walk(a, (struct protobuf) { text, size }, 0);
    must(strlen(criu_log_excerpt(a, text)) <= strlen(text) + 8);
    arena_free(a);
    free(text);
    return 0;
}
