/* signals.h - the names of signals. */
#pragma once
#include <stdbool.h>

/* "9", "KILL", "SIGKILL", "sigkill", "RTMIN", "RTMIN+3", "RTMAX-2". A number is taken as it is, also one
 * that no signal has: the kernel refuses it. Returns false when it is none of these. */
bool signal_parse(const char *text, int *ret);
