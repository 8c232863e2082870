/* gvariant.h - values in GVariant's text form (GLib, "GVariant Text Format"), as annotations hold them: 5, uint64 5, 1.5,
 * true, 'text', ['a', 'b'], (1, 'a'), {'k': <5>}, @as []. Pure.
 *
 * Without a type a whole number is an int32 ("i"), one with a point a double ("d"). */
#pragma once
#include "base/arena.h"
#include "plan/unit.h"

struct gvariant;

/* 0, or -EINVAL and in *ret_why what is wrong with the text. */
int gvariant_parse(struct arena *a, const char *text, struct gvariant **ret, const char **ret_why);
/* Its D-Bus signature. */
const char *gvariant_signature(const struct gvariant *v);
/* Its words (struct plan_unit_property) at the end of `words`. */
void gvariant_words(const struct gvariant *v, struct block *b, struct rows *words);
/* What a number is a million times, as a whole one. NULL, or what is in the way. */
const char *gvariant_million(const struct gvariant *v, uint64_t *ret);
