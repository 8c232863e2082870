/* explain.h - one walk over a plan, told to a sink that writes text or JSON.
 *
 * What is told are sections with names; a section holds either fields or a list of rows with fields.
 * A field is a text, a number, a list of words, or a phrase or several (of ours, with blanks). Nothing is
 * told of an empty section. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/str.h"
#include "plan/plan.h"

struct explain;

struct explain_sink {
    void (*begin)(struct explain *e);                       /* e->section, e->rows */
    void (*row)(struct explain *e);                         /* only in a section of rows */
    void (*text)(struct explain *e, const char *key, const char *value);
    void (*number)(struct explain *e, const char *key, int64_t value);
    void (*words)(struct explain *e, const char *key, const char *const *words, size_t n);
    void (*phrase)(struct explain *e, const char *key, const char *phrase);
    void (*phrases)(struct explain *e, const char *key, const char *const *phrases, size_t n);
    void (*end)(struct explain *e);
};

struct explain {
    const struct explain_sink *sink;
    const struct plan *plan;
    struct str out;
    const char *section;
    bool rows, opened;
    unsigned n_sections, n_rows, n_fields;                  /* before this one; n_fields: of the row or section */
};

void explain_walk(struct explain *e);
/* Its parts: what the launcher does, what the init does to files, what the program is started with. */
void explain_outside(struct explain *e);
void explain_net(struct explain *e);
void explain_files(struct explain *e);
void explain_process(struct explain *e);
void explain_seccomp(struct explain *e);
void explain_priority(struct explain *e);       /* a part of explain_process */
void explain_hooks(struct explain *e);

/* Begin a section of fields or of rows; the one before ends. */
void explain_fields(struct explain *e, const char *section);
void explain_rows(struct explain *e, const char *section);
void explain_row(struct explain *e);
/* A field. That of a NULL, of an absent text, of no words, is left out. */
void explain_text(struct explain *e, const char *key, const char *value);
void explain_ref(struct explain *e, const char *key, plan_ref value);
void explain_number(struct explain *e, const char *key, int64_t value);
void explain_octal(struct explain *e, const char *key, uint32_t value);
void explain_words(struct explain *e, const char *key, const char *const *list, size_t n);
void explain_phrase(struct explain *e, const char *key, const char *phrase);
void explain_phrases(struct explain *e, const char *key, const char *const *list, size_t n);
/* The words of those bits that are set, up to EXPLAIN_BITS; the table ends with a NULL. */
struct explain_bit { uint64_t bit; const char *word; };
enum { EXPLAIN_BITS = 64 };
size_t explain_select(uint64_t set, const struct explain_bit *table, const char **ret);
/* The same as a field of phrases. */
void explain_bits(struct explain *e, const char *key, uint64_t set, const struct explain_bit *table);
/* A field of words from a list like argv; its empty slots are left out. */
void explain_vector(struct explain *e, const char *key, struct plan_list list);
/* A row for each plan_pair. */
void explain_pairs(struct explain *e, struct plan_list list, const char *key, const char *value);
