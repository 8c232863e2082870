#include "container/error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* base/op.h cannot include the public header, so it repeats these numbers. */
_Static_assert((int) OP_OTHER == PROA_E_OTHER && (int) OP_CONFIG == PROA_E_CONFIG &&
               (int) OP_UNSUPPORTED == PROA_E_UNSUPPORTED && (int) OP_ID == PROA_E_ID && (int) OP_EXISTS == PROA_E_EXISTS &&
               (int) OP_NOT_FOUND == PROA_E_NOT_FOUND && (int) OP_NOT_RUNNING == PROA_E_NOT_RUNNING &&
               (int) OP_STATE == PROA_E_STATE && (int) OP_EXEC == PROA_E_EXEC && (int) OP_INIT == PROA_E_INIT, "codes");
_Static_assert((int) OP_DEBUG == PROA_DEBUG && (int) OP_INFO == PROA_INFO && (int) OP_WARNING == PROA_WARNING, "levels");

struct proa_error {
    enum proa_code code;
    int err;
    char *message, *pointer;
};

static char *copy(const char *text)
{
    char *out = strdup(text);

    if (!out) {
        fputs("proa: out of memory\n", stderr);
        abort();
    }
    return out;
}

struct proa_error *error_of(const struct op *op)
{
    struct proa_error *e = calloc(1, sizeof(*e));

    if (!e)
        abort();
    e->code = (enum proa_code) op->code;
    e->err = op->err;
    e->message = copy(op->message ? op->message : "unknown error");
    e->pointer = op->pointer ? copy(op->pointer) : NULL;
    return e;
}

const char *proa_error_message(const struct proa_error *e)
{
    return e->message;
}

enum proa_code proa_error_code(const struct proa_error *e)
{
    return e->code;
}

int proa_error_errno(const struct proa_error *e)
{
    return e->err;
}

const char *proa_error_pointer(const struct proa_error *e)
{
    return e->pointer;
}

void proa_error_free(struct proa_error *e)
{
    if (!e)
        return;
    free(e->message);
    free(e->pointer);
    free(e);
}

int error_end(struct op *op, int r, struct proa_error **ret_error)
{
    if (r < 0 && ret_error)
        *ret_error = error_of(op);
    arena_free(op->arena);
    return r;
}
