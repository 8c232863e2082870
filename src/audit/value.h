/* value.h - what was written to a file of a cgroup against what the kernel says is there. Pure.
 *
 * The kernel answers in words of its own: bytes are rounded down to pages, lists are put in order, "no limit" is "max" or a
 * huge number, one device is a line among others. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Whether `there`, the text of the whole file, says what writing `asked` is to bring about. */
bool value_is_there(const char *file, const char *asked, const char *there, size_t page);
/* Whether writing `later` to the file undoes `earlier`: not when the two are about different devices or different limits of
 * one. */
bool value_replaces(const char *file, const char *later, const char *earlier);

/* Whether a line of `list` is the rule "c 1:3 rwm", of which the first `n` bytes count; the kinds of access in any order. */
bool value_has_rule(const char *list, const char *rule, size_t n);
