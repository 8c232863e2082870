/* error.h - from an operation's error to the caller's object. */
#pragma once
#include "base/op.h"
#include "proa/proa.h"

/* A copy that outlives the operation; to be freed with proa_error_free. */
struct proa_error *error_of(const struct op *op);
