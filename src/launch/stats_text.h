/* stats_text.h - words and numbers of a text that is cut up on the way. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The next line without its newline, or NULL at the end. */
char *text_next_line(char **rest);
/* The next word of a line, between any of `separators`, or NULL. */
char *text_next_word(char **rest, const char *separators);
/* How many lines or words there can be at most. */
size_t text_count(const char *text, const char *separators);
/* "8:16" */
bool text_device(char *word, uint64_t *ret_major, uint64_t *ret_minor);
