/* duration.h - spans of time as Go writes them: "5s", "1h30m", "1.5h", "250ms", "-2us". */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* In nanoseconds. False when it is none, or longer than 64 bits hold (292 years). */
bool duration_parse(const char *text, int64_t *ret);
