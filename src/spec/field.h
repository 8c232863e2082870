/* field.h - the shape of a field table: one row of data per property of config.json.
 *
 * A row binds a JSON name to a member of a struct of spec.h, and says what may stand there. The
 * macros do not compile when the member has another C type than the row says. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "spec/spec.h"
#include "spec/words.h"

enum field_kind {
    FIELD_BOOL,         /* opt_bool */
    FIELD_INT,          /* opt_int, lo to hi */
    FIELD_UINT,         /* opt_uint, lo to hi */
    FIELD_UINTS,        /* SPEC_LIST(opt_uint), each lo to hi */
    FIELD_STRING,       /* const char *; the empty string counts as absent, as it does in Go */
    FIELD_STRINGS,      /* struct spec_strings */
    FIELD_WORD,         /* opt_word of the vocabulary `of`; the empty string counts as absent */
    FIELD_MASK,         /* opt_mask of the vocabulary `of` */
    FIELD_PAIRS,        /* struct spec_pairs: an object of strings */
    FIELD_OBJECT,       /* pointer to a struct of type `of` */
    FIELD_LIST,         /* SPEC_LIST of structs of type `of` */
    FIELD_MAP,          /* the same from an object: the name goes to the struct's first member, `key` */
};

enum field_flag {
    REQUIRED = 1,
    TOLERANT = 2,       /* a mask: unknown words are warned of */
    KEY = 4,            /* of an item of a list: says what the item is about; one about the same takes its place (merge.c) */
};

struct field {
    const char *name;
    uint8_t kind, flags;
    uint16_t at;
    const void *of;             /* struct words or struct type, as the kind says */
    int64_t lo;
    uint64_t hi;
};

struct type {
    size_t size;
    const struct field *fields;
    size_t n;
};

extern const struct type type_spec, type_process, type_resources;

#define FIELD_AT(S, m, T) (offsetof(struct S, m) + 0 * sizeof(char[_Generic(&((struct S *) 0)->m, T *: 1)]))
#define FIELD_LIST_AT(S, m, T) \
    (offsetof(struct S, m) + 0 * sizeof(((struct S *) 0)->m.n) + \
     0 * sizeof(char[_Generic(((struct S *) 0)->m.v, T *: 1)]))

#define F_BOOL(S, m, json, flags)           { json, FIELD_BOOL, flags, FIELD_AT(S, m, opt_bool), NULL, 0, 0 }
#define F_INT(S, m, json, flags, lo, hi)    { json, FIELD_INT, flags, FIELD_AT(S, m, opt_int), NULL, lo, hi }
#define F_UINT(S, m, json, flags, lo, hi)   { json, FIELD_UINT, flags, FIELD_AT(S, m, opt_uint), NULL, lo, hi }
#define F_UINTS(S, m, json, flags, lo, hi)  { json, FIELD_UINTS, flags, FIELD_LIST_AT(S, m, opt_uint), NULL, lo, hi }
#define F_STRING(S, m, json, flags)         { json, FIELD_STRING, flags, FIELD_AT(S, m, const char *), NULL, 0, 0 }
#define F_STRINGS(S, m, json, flags) \
    { json, FIELD_STRINGS, flags, FIELD_AT(S, m, struct spec_strings), NULL, 0, 0 }
#define F_WORD(S, m, json, flags, words)    { json, FIELD_WORD, flags, FIELD_AT(S, m, opt_word), &words, 0, 0 }
#define F_MASK(S, m, json, flags, words)    { json, FIELD_MASK, flags, FIELD_AT(S, m, opt_mask), &words, 0, 0 }
#define F_PAIRS(S, m, json, flags)          { json, FIELD_PAIRS, flags, FIELD_AT(S, m, struct spec_pairs), NULL, 0, 0 }
#define F_OBJECT(S, m, json, flags, T) \
    { json, FIELD_OBJECT, flags, FIELD_AT(S, m, struct spec_##T *), &type_##T, 0, 0 }
#define F_LIST(S, m, json, flags, T) \
    { json, FIELD_LIST, flags, FIELD_LIST_AT(S, m, struct spec_##T), &type_##T, 0, 0 }
#define F_MAP(S, m, json, flags, T) \
    { json, FIELD_MAP, flags, \
      FIELD_LIST_AT(S, m, struct spec_##T) + 0 * sizeof(char[offsetof(struct spec_##T, key) == 0 ? 1 : -1]), \
      &type_##T, 0, 0 }

/* The table of `struct tag`, from its rows. */
#define TYPE(tag, ...) { \
    .size = sizeof(struct tag), \
    .fields = (const struct field[]) { __VA_ARGS__ }, \
    .n = sizeof((const struct field[]) { __VA_ARGS__ }) / sizeof(struct field) }
