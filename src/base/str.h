/* str.h - a growing string in an arena, and the few string helpers that libc lacks. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

/* Always NUL-terminated; `text` is valid (though it may move) after str_init. */
struct str {
    struct arena *arena;
    char *text;
    size_t len, cap;
};

void str_init(struct str *s, struct arena *a);
void str_add(struct str *s, const char *text);
void str_add_n(struct str *s, const char *text, size_t n);
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* `text` as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD. */
void str_add_json(struct str *s, const char *text);
/* A string member of the JSON object that is being written, with the comma that it may need. */
void str_add_member(struct str *s, const char *name, const char *value);
/* "/" and `name` as a step of a JSON pointer (RFC 6901). */
void str_add_step(struct str *s, const char *name);
/* JSON text laid out anew: one member or item a line, `unit` for each level of nesting. */
void str_add_indented(struct str *s, const char *json, const char *unit);

bool str_eq(const char *a, const char *b);          /* NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);
/* Whether the word is one of a list with any of `separators` between them: "cpu,cpuacct" and ",". */
bool str_has_word(const char *list, const char *separators, const char *word);
/* The first line that begins with the n bytes of `key` and a blank, up to the end of all lines; or NULL. */
const char *str_find_line(const char *text, const char *key, size_t n);
/* All of the text as a decimal number: 0, -EBADMSG (NULL as well) or -ERANGE. */
int str_number(const char *text, uint64_t *ret);
/* The path without double slashes, "." and "..", where ".." of the root is the root: what a
 * chroot would make of it, by text alone. Keeps it relative when it was ("" becomes "."). */
char *path_clean(struct arena *a, const char *path);
/* `path` if absolute, else base "/" path; cleaned. */
char *path_join(struct arena *a, const char *base, const char *path);
