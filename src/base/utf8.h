/* utf8.h - what a well-formed UTF-8 sequence is (RFC 3629: no overlong forms, no surrogates). */
#pragma once
#include <stddef.h>

/* The length, 1 to 4, of the sequence that `s` starts with; 0 when it is not well-formed within `left` bytes. */
size_t utf8_length(const char *s, size_t left);
