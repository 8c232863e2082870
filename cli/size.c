#include "size.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "text.h"

static const char units[] = "bkmgtp";

static bool is_suffix(const char *text)
{
    const char *rest = text + 1;

    if (!*text)
        return true;
    if (!strchr(units, text[0] | 0x20))
        return false;
    return !*rest || ((text[0] | 0x20) != 'b' && (!strcasecmp(rest, "b") || !strcasecmp(rest, "ib")));
}

char *size_parse(const char *text, int64_t *ret)
{
    size_t digits = strspn(text, "0123456789.");
    const char *suffix = text + digits + (digits && text[digits] == ' ');
    double size;
    char *end;

    if (!digits || !strpbrk(text, "0123456789"))
        return text_format("invalid size: '%s'", text);
    size = strtod(text, &end);
    if (end != text + digits)
        return text_format("invalid size: '%s'", text);
    if (!is_suffix(suffix))
        return text_format("invalid suffix: '%s'", suffix);
    for (const char *unit = units; *suffix && *unit != (*suffix | 0x20); unit++)
        size *= 1024;
    if (size >= 0x1p63)
        return text_format("invalid size: '%s' is too large", text);
    *ret = (int64_t) size;
    return NULL;
}
