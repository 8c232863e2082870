/* json_text.h - JSON as characters, for what json-c does not do: being strict about them, and
 * saying where things are. */
#pragma once
#include <stddef.h>
#include "base/json.h"

enum { JSON_MAX_VALUES = 200000 };

/* Looks at the characters alone: strings, numbers and literal names must be those of RFC 8259.
 * Returns NULL, or what is wrong (static text) and the offset of the first such fault. Structure is
 * not looked at. */
const char *json_text_fault(const char *text, size_t len, size_t *ret_at);

struct json_place json_place_of(const char *text, size_t at);
