#include "base/op.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/json.h"

enum { FAULTS_SHOWN = 8 };

void op_init(struct op *op, struct arena *a)
{
    *op = (struct op) { .arena = a };
}

/* strerror(3) of glibc translates, and shares a buffer between threads for unknown numbers. musl's
 * returns constants. */
const char *op_errno_words(struct op *op, int err)
{
#ifdef __GLIBC__
    const char *words = strerrordesc_np(err);
#else
    const char *words = strerror(err);
#endif

    return words ? words : arena_printf(op->arena, "error %d", err);
}

/* A message is one line whatever a name in it holds. */
static char *one_line(char *message)
{
    for (char *c = message; *c; c++)
        if ((unsigned char) *c < 0x20 || *c == 0x7f)
            *c = *c == '\n' || *c == '\t' || *c == '\r' ? ' ' : '?';
    return message;
}

int op_fail_code(struct op *op, enum op_code code, int err, const char *fmt, ...)
{
    va_list ap;
    char *text;

    if (op->message == NULL) {
        va_start(ap, fmt);
        text = one_line(arena_vprintf(op->arena, fmt, ap));
        va_end(ap);
        op->message = err ? arena_printf(op->arena, "%s: %s", text, op_errno_words(op, err)) : text;
        op->code = code;
        op->err = err;
    }
    return -(err ? err : EINVAL);
}

/* The place of what the pointer names. What is missing has none: then that of the nearest thing around it. */
static struct json_place place_of(struct op *op, const char *pointer)
{
    struct json_place place = { 1, 1 };
    size_t above = op->source->at && strncmp(pointer, op->source->at, strlen(op->source->at)) == 0 ? strlen(op->source->at) : 0;
    char *p = arena_strdup(op->arena, pointer + above), *slash;

    while (!json_locate(op->source->text, op->source->len, p, &place) && (slash = strrchr(p, '/')))
        *slash = '\0';
    return place;
}

static char *fault_text(struct op *op, const char *pointer, const char *text)
{
    const char *sep = *pointer ? ": " : "";
    struct json_place place;

    if (op->source == NULL)
        return arena_printf(op->arena, "%s%s%s", pointer, sep, text);
    place = place_of(op, pointer);
    return arena_printf(op->arena, "%s:%zu:%zu: %s%s%s", op->source->name, place.line, place.column,
                        pointer, sep, text);
}

/* Further faults are only counted: the number is rewritten in the room that the last shown one left. */
static void count_fault(struct op *op)
{
    static const char room[] = "; and 4294967295 more";

    if (op->more == NULL) {
        size_t len = strlen(op->message);
        char *grown = arena_alloc(op->arena, len + sizeof(room));

        op->message = memcpy(grown, op->message, len);
        op->more = grown + len;
    }
    snprintf(op->more, sizeof(room), "; and %u more", op->faults - FAULTS_SHOWN);
}

int op_fault_code(struct op *op, enum op_code code, const char *pointer, const char *fmt, ...)
{
    va_list ap;
    char *text;

    if (++op->faults > FAULTS_SHOWN) {
        count_fault(op);
        return -EINVAL;
    }
    va_start(ap, fmt);
    text = one_line(fault_text(op, pointer, arena_vprintf(op->arena, fmt, ap)));
    va_end(ap);
    if (op->message) {
        op->message = arena_printf(op->arena, "%s; %s", op->message, text);
        return -EINVAL;
    }
    op->message = text;
    op->pointer = arena_strdup(op->arena, pointer);
    op->code = code;
    return -EINVAL;
}

void op_log(struct op *op, enum op_level level, const char *fmt, ...)
{
    va_list ap;

    if (op->log == NULL)
        return;
    va_start(ap, fmt);
    op->log(op->log_data, level, one_line(arena_vprintf(op->arena, fmt, ap)));
    va_end(ap);
}

void op_forget(struct op *op)
{
    op->message = NULL;
    op->code = OP_OTHER;
    op->err = 0;
    op->pointer = NULL;
    op->faults = 0;
    op->more = NULL;
}
