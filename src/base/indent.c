#include <string.h>
#include "base/str.h"

static void new_line(struct str *s, const char *unit, size_t depth)
{
    str_add(s, "\n");
    while (depth-- > 0)
        str_add(s, unit);
}

static size_t string_length(const char *json)
{
    size_t n = 1;

    while (json[n] && json[n] != '"')
        n += json[n] == '\\' && json[n + 1] ? 2 : 1;
    return json[n] ? n + 1 : n;
}

static const char *skip_space(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* Opens a level, unless it is closed at once: then both brackets are written together. */
static const char *add_opening(struct str *s, const char *p, const char *unit, size_t *depth)
{
    const char *next = skip_space(p + 1);

    str_add_n(s, p, 1);
    if (*next == *p + 2) {      /* '[' and ']', '{' and '}' are two apart */
        str_add_n(s, next, 1);
        return next + 1;
    }
    new_line(s, unit, ++*depth);
    return next;
}

static const char *add_token(struct str *s, const char *p, const char *unit, size_t *depth)
{
    size_t n = *p == '"' ? string_length(p) : 1;

    if (*p == '{' || *p == '[')
        return add_opening(s, p, unit, depth);
    if (*p == '}' || *p == ']')
        new_line(s, unit, --*depth);
    str_add_n(s, p, n);
    if (*p == ',')
        new_line(s, unit, *depth);
    if (*p == ':')
        str_add(s, " ");
    return p + n;
}

void str_add_indented(struct str *s, const char *json, const char *unit)
{
    size_t depth = 0;

    for (const char *p = skip_space(json); *p; p = skip_space(p))
        p = add_token(s, p, unit, &depth);
}
