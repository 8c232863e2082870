/* text.h - strings made on the way to an output. Memory that cannot be had ends the program with one line. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* `memory` again, which was just allocated and is not NULL when this returns. */
void *text_checked(void *memory);

/* printf into a string that the caller frees. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_format_list(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* A stream that writes to memory: text_stream(), fprintf and friends, then text_take(), which closes
 * the stream and gives the string, the caller's to free. */
struct text {
    FILE *out;
    char *data;
    size_t length;
};

void text_stream(struct text *text);
char *text_take(struct text *text);

/* The rest of the file, the caller's to free. *ret_err: a positive errno, EFBIG when there is more than `max`, or 0. */
char *text_read(FILE *file, size_t max, int *ret_err);

/* The length, 1 to 4, of the well-formed UTF-8 sequence (RFC 3629) that the NUL-ended `s` starts with, or 0. */
size_t text_utf8(const char *s);

/* Go's %q: double quotes, with escapes for what does not print. */
void text_quote_go(FILE *out, const char *s);

/* A JSON string. What is not UTF-8 becomes U+FFFD. */
void text_quote_json(FILE *out, const char *s);

/* Writes everything, also to a descriptor that blocks or is interrupted. Returns 0 or -errno. */
int text_write(int fd, const char *s, size_t length);
