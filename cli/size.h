/* size.h - sizes in bytes as people write them. */
#pragma once
#include <stdint.h>

/* "1048576", "64m", "1.5 GiB": a number, and perhaps one of b, k, m, g, t and p, which stand for powers of 1024, alone or with b
 * or ib behind it, in any case. NULL, or what is wrong, the caller's to free. */
char *size_parse(const char *text, int64_t *ret);
