/* signals.h - the names of signals. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* "9", "KILL", "SIGKILL", "sigkill", "RTMIN", "RTMIN+3", "RTMAX-2". A number is taken as it is, also one
 * that no signal has: the kernel refuses it. Returns false when it is none of these. */
bool signal_parse(const char *text, int *ret);

/* The names, one after the other: "ABRT", …; NULL after the last. */
const char *signal_name(size_t i);
