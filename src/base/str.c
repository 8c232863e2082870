#include "base/str.h"
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "base/utf8.h"

void str_init(struct str *s, struct arena *a)
{
    *s = (struct str) { .arena = a, .cap = 64 };
    s->text = arena_alloc(a, s->cap);
}

/* Room for n bytes more and the NUL. The outgrown text stays behind in the arena: all of them
 * together are smaller than the new one. */
static void reserve(struct str *s, size_t n)
{
    char *grown;

    if (n < s->cap - s->len)
        return;
    s->cap = 2 * s->cap > s->len + n ? 2 * s->cap : s->len + n + 1;
    grown = arena_alloc(s->arena, s->cap);
    memcpy(grown, s->text, s->len);
    s->text = grown;
}

void str_add_n(struct str *s, const char *text, size_t n)
{
    reserve(s, n);
    memcpy(s->text + s->len, text, n);
    s->len += n;
    s->text[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
    str_add_n(s, text, strlen(text));
}

void str_addf(struct str *s, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(s->text + s->len, s->cap - s->len, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t) n >= s->cap - s->len) {
        reserve(s, (size_t) n);
        va_start(ap, fmt);
        n = vsnprintf(s->text + s->len, s->cap - s->len, fmt, ap);
        va_end(ap);
    }
    if (n > 0)
        s->len += (size_t) n;
}

static void add_json_char(struct str *s, unsigned char c)
{
    static const char escaped[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    const char *found = memchr(escaped, c, sizeof(escaped) - 1);

    if (found)
        str_addf(s, "\\%c", letter[found - escaped]);
    else if (c < 0x20)
        str_addf(s, "\\u%04x", c);
    else
        str_add_n(s, (const char *) &c, 1);
}

void str_add_json(struct str *s, const char *text)
{
    size_t left = strlen(text), n;

    str_add(s, "\"");
    for (; left > 0; text += n, left -= n) {
        n = utf8_length(text, left);
        if (n > 1)
            str_add_n(s, text, n);
        else if (n == 1)
            add_json_char(s, (unsigned char) *text);
        else
            str_add(s, "\xef\xbf\xbd"), n = 1;
    }
    str_add(s, "\"");
}

void str_add_step(struct str *s, const char *name)
{
    str_add(s, "/");
    for (const char *c = name; *c; c++) {
        if (*c == '~' || *c == '/')
            str_add(s, *c == '~' ? "~0" : "~1");
        else
            str_add_n(s, c, 1);
    }
}

bool str_eq(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_has_word(const char *list, const char *separators, const char *word)
{
    size_t len = strlen(word), n;

    for (; *list; list += n + (list[n] != '\0')) {
        n = strcspn(list, separators);
        if (n == len && strncmp(list, word, n) == 0)
            return true;
    }
    return false;
}

const char *str_find_line(const char *text, const char *key, size_t n)
{
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        if (strncmp(text, key, n) == 0 && text[n] == ' ')
            return text;
    return NULL;
}

int str_number(const char *text, uint64_t *ret)
{
    uint64_t value = 0;

    if (!text || !*text)
        return -EBADMSG;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -EBADMSG;
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, (uint64_t) (*text - '0'), &value))
            return -ERANGE;
    }
    *ret = value;
    return 0;
}

void str_add_member(struct str *s, const char *name, const char *value)
{
    str_add(s, s->len > 0 && s->text[s->len - 1] == '{' ? "" : ",");
    str_add_json(s, name);
    str_add(s, ":");
    str_add_json(s, value);
}
