/* unit.h - the properties of the unit that systemd makes for a container, as they are collected for the plan.
 *
 * A value is a D-Bus signature and words in its order (struct plan_unit_property). */
#pragma once
#include "base/op.h"
#include "plan/block.h"

struct unit {
    struct op *op;
    struct block *block;
    struct rows properties;     /* struct plan_unit_property */
};

void unit_init(struct unit *u, struct op *op, struct block *block);
/* Each returns the new property, for what else there is to say of it; the pointer holds until the next one is added. */
struct plan_unit_property *unit_add(struct unit *u, const char *name, const char *signature, const struct rows *words);
struct plan_unit_property *unit_add_text(struct unit *u, const char *name, const char *value);
struct plan_unit_property *unit_add_flag(struct unit *u, const char *name, bool value);
struct plan_unit_property *unit_add_number(struct unit *u, const char *name, uint64_t value);
/* A word of a value that is being collected: rows of uint64_t. */
void unit_word(struct rows *words, uint64_t word);

/* The value as GVariant's text form has it: 'text', [1, 2], ('a', 5). */
const char *unit_value_text(struct arena *a, const struct plan *p, const struct plan_unit_property *q);
