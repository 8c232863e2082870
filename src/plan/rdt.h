/* rdt.h - the lines of a resctrl group's file "schemata". Pure. */
#pragma once
#include "base/arena.h"
#include "spec/spec.h"

/* The lines of intelRdt in the order in which they are written, each with its newline: the L3 schema without any for memory
 * bandwidth, which have a property of their own, that one, then all others. "" when there is none; NULL stands for "". */
char *rdt_schemata(struct arena *a, const char *l3, const char *mb, const struct spec_strings *others);
/* `old` with the lines of `new` in place of its own for the same resources. */
char *rdt_schemata_merge(struct arena *a, const char *old, const char *new);

/* Whether a group whose file says `have` gives what `want` asks for, in whatever spelling the kernel has made of it.
 * `step`: of memory bandwidth, to whose multiples the kernel rounds up; 0: it does not. */
bool rdt_schemata_hold(const char *have, const char *want, uint64_t step);
