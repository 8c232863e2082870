/* op.h - one operation: its memory, its one error, its log and its timeline.
 *
 * Above base/ every function that can fail takes `struct op *` first, returns a negative errno and
 * has called op_fail (or one of its kin) exactly once, at the place where the culprit's name is
 * known. Messages are one line: control characters in them become spaces or question marks. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"

struct trace;

/* The document that JSON pointers are into. */
struct op_source {
    const char *name, *text;    /* "config.json", and the text as it was parsed */
    size_t len;
    const char *at;             /* the pointer at which the text would stand in config.json; NULL: it is all of it */
};

/* The values are those of enum proa_code and enum proa_level (include/proa/proa.h), which src/container checks. */
enum op_code {
    OP_OTHER = 1, OP_CONFIG, OP_UNSUPPORTED, OP_ID, OP_EXISTS, OP_NOT_FOUND, OP_NOT_RUNNING, OP_STATE, OP_EXEC, OP_INIT
};
enum op_level { OP_DEBUG, OP_INFO, OP_WARNING };

struct op {
    struct arena *arena;
    char *message;              /* NULL until something failed */
    enum op_code code;
    int err;                    /* positive errno of the first fault, 0 when there is none */
    const char *pointer;        /* JSON pointer of the first fault in config.json, or NULL */
    unsigned faults;            /* how many op_fault calls have been made */
    char *more;                 /* where the message says how many faults it leaves out, or NULL */
    const struct op_source *source;     /* gives faults a line and column; NULL: they have none */
    bool debug;
    void (*log)(void *data, enum op_level level, const char *message);
    void *log_data;
    struct trace *trace;        /* NULL: no timeline is kept */
};

void op_init(struct op *op, struct arena *a);

/* Sets the error: the message is the formatted text, and ": " with the errno in words when err is not 0.
 * `err` is positive. Returns -err (or -EINVAL when err is 0). A second call keeps the first error. */
#define op_fail(op, err, ...) op_fail_code(op, OP_OTHER, err, __VA_ARGS__)
/* The same with a code other than OP_OTHER. */
int op_fail_code(struct op *op, enum op_code code, int err, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* "No such file or directory" */
const char *op_errno_words(struct op *op, int err);

/* Takes the error back: it was expected, and the operation goes on. */
void op_forget(struct op *op);

/* Adds one independent fault of config.json: "config.json:14:22: /process/cwd: text" (without the
 * place when the operation has no source). Several are reported together, joined by "; "; from the
 * ninth on they are only counted. The pointer and code of the first one are kept. Returns -EINVAL. */
#define op_fault(op, pointer, ...) op_fault_code(op, OP_CONFIG, pointer, __VA_ARGS__)
/* The same with a code other than OP_CONFIG. */
int op_fault_code(struct op *op, enum op_code code, const char *pointer, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

void op_log(struct op *op, enum op_level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#define op_warn(op, ...) op_log(op, OP_WARNING, __VA_ARGS__)
#define op_debug(op, ...) do { if ((op)->debug) op_log(op, OP_DEBUG, __VA_ARGS__); } while (0)
