/* json.h - reading JSON. The only place that knows json-c; writing is str.h's str_add_json.
 *
 * Parsing is strict (RFC 8259): comments, trailing data, NUL characters, bytes that are not UTF-8, a
 * byte order mark, integers beyond 64 bits and nesting deeper than 64 are errors, and so is a document
 * of more than 200,000 values, which bounds the memory. A member given twice: the last one counts,
 * as in Go's decoder. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

struct json;                    /* a value; NULL stands for JSON null and for "absent" alike */

enum json_kind { JSON_NULL, JSON_BOOL, JSON_INT, JSON_DOUBLE, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_place {             /* where something is in the text: lines and columns (bytes) from 1 */
    size_t line, column;
};

/* The document lives until json_free. On -EINVAL *ret_place and *ret_why (static text) say what is wrong. */
int json_parse(const char *text, size_t len, struct json **ret, struct json_place *ret_place, const char **ret_why);
void json_free(struct json *j);

enum json_kind json_kind(const struct json *j);
const char *json_kind_name(enum json_kind k);              /* "a string", "an object", ... */

const struct json *json_get(const struct json *object, const char *name);      /* NULL when absent or null */
size_t json_count(const struct json *array_or_object);
const struct json *json_item(const struct json *array, size_t i);
/* Members in the order of the text: struct json_members m = json_members(object); while (json_next(&m)) … */
struct json_members {
    const char *name;
    const struct json *value;
    const void *rest;           /* json.c's own */
};
struct json_members json_members(const struct json *object);
bool json_next(struct json_members *m);

bool json_is_true(const struct json *j);
const char *json_string(const struct json *j);             /* never holds a NUL byte; lives as long as the document */
/* Integers are exact: -ERANGE when the number does not fit the type, -EINVAL when it has a fraction. */
int json_int64(const struct json *j, int64_t *ret);
int json_uint64(const struct json *j, uint64_t *ret);

/* Scans the text for what an RFC 6901 pointer names. False when it is not there. For error messages only. */
bool json_locate(const char *text, size_t len, const char *pointer, struct json_place *ret);
