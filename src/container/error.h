/* error.h - from an operation's error to the caller's object. */
#pragma once
#include "base/op.h"
#include "proa/proa.h"

/* A copy that outlives the operation; to be freed with proa_error_free. */
struct proa_error *error_of(const struct op *op);
/* The end of an operation: after a failure the caller gets its error. Frees the arena, returns r. */
int error_end(struct op *op, int r, struct proa_error **ret_error);
