/* block.h - the write side of the plan: texts and lists appended to one block that grows.
 *
 * Everything is named by its offset, so the block may move while it grows; only the rows of a list
 * that is still being collected are touched through pointers, and they live outside the block. A
 * plan that would become larger than PLAN_SIZE_MAX sets `full`: appending then does nothing more. */
#pragma once
#include <stdbool.h>
#include "base/arena.h"
#include "plan/plan.h"

enum { PLAN_SIZE_MAX = 256 << 20 };

struct block {
    struct arena *arena;
    char *base;
    size_t size, cap;
    bool full;
};

/* Room for the struct plan itself is left at the front. */
void block_init(struct block *b, struct arena *a);
/* To go on behind the plan as it was made: what it says there holds, what updates have added is dropped. */
void block_reopen(struct block *b, struct arena *a, const struct plan *p);
/* A copy of the text. 0 for NULL. */
plan_ref block_text(struct block *b, const char *text);
plan_ref block_textf(struct block *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A copy of n elements of `size` bytes, aligned for any of them. */
struct plan_list block_list(struct block *b, const void *items, size_t n, size_t size);
/* argv and envp: the offsets of n texts and `spare` empty slots, with a 0 behind them that is not counted. */
struct plan_list block_vector(struct block *b, const char *const *texts, size_t n, size_t spare);
/* Puts the header in front and ends the block with a NUL, which is what lets plan_check believe
 * every text by its offset alone. NULL when the block is full. */
struct plan *block_finish(struct block *b, const struct plan *header);

/* The elements of a list whose length is not known yet. */
struct rows {
    struct arena *arena;
    char *items;
    size_t n, cap, size;
};

void rows_init(struct rows *r, struct arena *a, size_t size);
/* A zeroed element at the end; the pointer holds until the next one is added. */
void *rows_add(struct rows *r);
struct plan_list block_rows(struct block *b, const struct rows *r);
