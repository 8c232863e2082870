#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "plan/rdt.h"

/* One line: "  L3:0=ff;1=ff", the name and what is behind the colon, without blanks around them. */
struct line {
    const char *name, *rest, *end;
    size_t len;                 /* of the name */
};

/* Takes the next line that is not empty off *text. One without a colon has no `rest`. */
static bool next_line(const char **text, struct line *ret)
{
    const char *at = *text + strspn(*text, " \t\r\n"), *end = at + strcspn(at, "\n"), *colon = memchr(at, ':', (size_t) (end - at));

    *text = end;
    *ret = (struct line) { .name = at, .rest = colon ? colon + 1 : NULL, .end = end };
    ret->len = colon ? (size_t) (colon - at) : (size_t) (end - at);
    while (ret->len > 0 && strchr(" \t\r", at[ret->len - 1]))
        ret->len--;
    return end > at;
}

static bool find_line(const char *text, const struct line *like, struct line *ret)
{
    while (next_line(&text, ret))
        if (ret->len == like->len && memcmp(ret->name, like->name, like->len) == 0)
            return true;
    return false;
}

static bool is_bandwidth(const struct line *l)
{
    return (l->len == 2 && memcmp(l->name, "MB", 2) == 0) || (l->len == 4 && memcmp(l->name, "SMBA", 4) == 0);
}

static void add_line(struct str *s, const struct line *l)
{
    str_add_n(s, l->name, (size_t) (l->end - l->name));
    str_add(s, "\n");
}

char *rdt_schemata(struct arena *a, const char *l3, const char *mb, const struct spec_strings *others)
{
    struct line line;
    struct str s;

    str_init(&s, a);
    for (const char *at = l3 ? l3 : ""; next_line(&at, &line);)
        if (!is_bandwidth(&line))
            add_line(&s, &line);
    for (const char *at = mb ? mb : ""; next_line(&at, &line);)
        add_line(&s, &line);
    for (size_t i = 0; others && i < others->n; i++)
        for (const char *at = others->v[i]; next_line(&at, &line);)
            add_line(&s, &line);
    return s.text;
}

char *rdt_schemata_merge(struct arena *a, const char *old, const char *new)
{
    struct line line, other;
    struct str s;

    str_init(&s, a);
    while (next_line(&old, &line))
        if (!find_line(new, &line, &other))
            add_line(&s, &line);
    str_add(&s, new);
    return s.text;
}

/* Behind blanks, which the kernel puts in front of numbers; a line's end is none of them. NULL: there is no number. */
static const char *read_number(const char *at, int base, unsigned long long *ret)
{
    char *end;

    at += strspn(at, " \t");
    if (!isxdigit((unsigned char) *at))
        return NULL;
    *ret = strtoull(at, &end, base);
    return end == at ? NULL : end;
}

/* The next "0=ff" of a line: the number of a cache (or memory controller), and its value. *at stays where there is none. */
static bool next_domain(const char **at, int base, unsigned long long ret[2])
{
    const char *p = read_number(*at + strspn(*at, "; \t\r"), 10, &ret[0]);

    if (!p || *p != '=' || !(p = read_number(p + 1, base, &ret[1])))
        return false;
    *at = p;
    return true;
}

static bool is_blank(const char *at, const char *end)
{
    return at + strspn(at, "; \t\r") >= end;
}

static bool has_domain(const struct line *line, int base, const unsigned long long want[2], uint64_t step)
{
    uint64_t rounded = step ? (want[1] + step - 1) / step * step : want[1];
    unsigned long long have[2];

    for (const char *at = line->rest; next_domain(&at, base, have);)
        if (have[0] == want[0])
            return have[1] == want[1] || have[1] == rounded;
    return false;
}

static bool line_holds(const struct line *have, const struct line *want, uint64_t step)
{
    bool bandwidth = is_bandwidth(want);
    const char *at = want->rest;
    unsigned long long domain[2];

    if (!have->rest || !want->rest)
        return false;
    while (next_domain(&at, bandwidth ? 10 : 16, domain))
        if (!has_domain(have, bandwidth ? 10 : 16, domain, bandwidth ? step : 0))
            return false;
    return is_blank(at, want->end);
}

/* The later of two lines for one resource is what the kernel ends with; both are looked at, so they had better agree. */
bool rdt_schemata_hold(const char *have, const char *want, uint64_t step)
{
    struct line wanted, found;

    while (next_line(&want, &wanted))
        if (!find_line(have, &wanted, &found) || !line_holds(&found, &wanted, step))
            return false;
    return true;
}
