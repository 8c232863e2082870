/* mounts.h - the mounts of config.json, the masked and the read-only paths. */
#pragma once
#include "audit/sight.h"

void mounts_check_planned(struct look *l, const struct sight *s);
void mounts_check_masks(struct look *l, const struct sight *s);
void mounts_check_readonly(struct look *l, const struct sight *s);
