#include "duration.h"
#include <stddef.h>
#include <string.h>

/* The longer of two that begin alike comes first. */
static const struct unit {
    const char *name;
    uint64_t nanoseconds;
} units[] = {
    { "ns", 1 },
    { "us", 1000 },
    { "\xc2\xb5s", 1000 }, /* the micro sign */
    { "\xce\xbcs", 1000 }, /* the Greek letter */
    { "ms", 1000000 },
    { "s", 1000000000 },
    { "m", 60 * 1000000000ULL },
    { "h", 3600 * 1000000000ULL },
};

static const struct unit *take_unit(const char **text)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i].name);

        if (strncmp(*text, units[i].name, length))
            continue;
        *text += length;
        return &units[i];
    }
    return NULL;
}

/* Digits; false when there are too many. */
static bool take_digits(const char **text, uint64_t *ret)
{
    uint64_t value = 0;

    for (; **text >= '0' && **text <= '9'; ++*text) {
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, (uint64_t) (**text - '0'), &value))
            return false;
    }
    *ret = value;
    return true;
}

/* The nanoseconds of the digits after a point. The first fifteen are more than enough. */
static uint64_t fraction_of(const char *digits, const char *end, uint64_t unit)
{
    uint64_t value = 0, scale = 1;

    for (; digits < end && scale < 1000000000000000ULL; digits++) {
        value = value * 10 + (uint64_t) (*digits - '0');
        scale *= 10;
    }
    return (uint64_t) ((unsigned __int128) value * unit / scale);
}

/* "1.5h" */
static bool take_part(const char **text, uint64_t *total)
{
    const char *start = *text, *point = NULL, *end;
    const struct unit *unit;
    uint64_t value;

    if (!take_digits(text, &value))
        return false;
    end = *text;
    if (**text == '.') {
        point = ++*text;
        *text += strspn(*text, "0123456789");
        end = *text;
    }
    if (end == start || (point && end == start + 1) || !(unit = take_unit(text)))
        return false;
    if (__builtin_mul_overflow(value, unit->nanoseconds, &value))
        return false;
    if (point && __builtin_add_overflow(value, fraction_of(point, end, unit->nanoseconds), &value))
        return false;
    return !__builtin_add_overflow(*total, value, total) && *total <= INT64_MAX;
}

bool duration_parse(const char *text, int64_t *ret)
{
    bool negative = *text == '-';
    uint64_t total = 0;

    text += *text == '-' || *text == '+';
    if (!strcmp(text, "0")) {
        *ret = 0;
        return true;
    }
    do {
        if (!take_part(&text, &total))
            return false;
    } while (*text);
    *ret = negative ? -(int64_t) total : (int64_t) total;
    return true;
}
