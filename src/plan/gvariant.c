#include "plan/gvariant.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include "base/str.h"
#include "plan/unit_type.h"

enum { DEPTH_MAX = 32 };

enum kind { WHOLE, REAL, BOOLEAN, TEXT, ARRAY, TUPLE, DICT, VARIANT };
struct gvariant {
    enum kind kind;
    const char *type;           /* signature: as written or, in the end, as follows */
    uint64_t whole;             /* its size without the sign; a boolean's value */
    bool negative;
    double real;
    const char *text;
    struct gvariant *first, *next;      /* members; of a dictionary keys and values by turns */
};

struct parser {
    struct arena *arena;
    const char *at, *why;
    int depth;
};

static struct gvariant *fail(struct parser *p, const char *why)
{
    if (!p->why)
        p->why = *p->at ? arena_printf(p->arena, "%s at \"%.20s\"", why, p->at) : arena_printf(p->arena, "%s at its end", why);
    return NULL;
}

static void skip_blanks(struct parser *p)
{
    p->at += strspn(p->at, " \t\n\r");
}

/* Takes `c` after blanks, when it is there. */
static bool take(struct parser *p, char c)
{
    skip_blanks(p);
    if (*p->at != c)
        return false;
    p->at++;
    return true;
}

static struct gvariant *make(struct parser *p, enum kind kind)
{
    struct gvariant *v = arena_alloc(p->arena, sizeof(*v));

    v->kind = kind;
    return v;
}

/* ---- Texts ---------------------------------------------------------------------------------- */

static void add_utf8(struct str *s, unsigned c)
{
    char bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = n; i-- > 1; c >>= 6)
        bytes[i] = (char) (0x80 | (c & 0x3f));
    bytes[0] = (char) (n == 1 ? c : (0xf00u >> n & 0xf0) | c);
    str_add_n(s, bytes, n);
}

/* \uXXXX and \UXXXXXXXX, whose digits are next. */
static bool add_code(struct parser *p, struct str *s, int digits)
{
    unsigned c = 0;

    for (; digits > 0; digits--, p->at++) {
        if (!isxdigit((unsigned char) *p->at))
            return false;
        c = c << 4 | (unsigned) (isdigit((unsigned char) *p->at) ? *p->at - '0' : (*p->at | 0x20) - 'a' + 10);
    }
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return false;
    add_utf8(s, c);
    return true;
}

static bool add_escape(struct parser *p, struct str *s)
{
    static const char names[] = "abfnrtv", meant[] = "\a\b\f\n\r\t\v";
    char c = *p->at;
    const char *known = strchr(names, c);

    if (c == '\0')
        return false;
    p->at++;
    if (c == 'u' || c == 'U')
        return add_code(p, s, c == 'u' ? 4 : 8);
    str_add_n(s, known ? &meant[known - names] : p->at - 1, 1);
    return true;
}

static struct gvariant *parse_text(struct parser *p)
{
    struct gvariant *v = make(p, TEXT);
    char quote = *p->at++;
    struct str s;

    str_init(&s, p->arena);
    while (*p->at != quote) {
        if (*p->at == '\0')
            return fail(p, "a text without a quote");
        if (*p->at != '\\')
            str_add_n(&s, p->at++, 1);
        else if (p->at++, !add_escape(p, &s))
            return fail(p, "no such escape sequence");
    }
    p->at++;
    v->text = s.text;
    return v;
}

/* ---- Numbers -------------------------------------------------------------------------------- */

/* Digits of `base` from p->at on. False when they are too many, or none. */
static bool take_digits(struct parser *p, unsigned base, uint64_t *ret)
{
    const char *start = p->at;
    uint64_t n = 0;

    for (; isxdigit((unsigned char) *p->at); p->at++) {
        unsigned digit = (unsigned) (isdigit((unsigned char) *p->at) ? *p->at - '0' : (*p->at | 0x20) - 'a' + 10);

        if (digit >= base)
            break;
        if (__builtin_mul_overflow(n, base, &n) || __builtin_add_overflow(n, digit, &n))
            return false;
    }
    *ret = n;
    return p->at > start;
}

/* What follows the whole part. Exact where the digits make up less than 2^53 and the exponent is at most 22; not by
 * strtod(3), whose point is the locale's. */
static bool take_fraction(struct parser *p, struct gvariant *v)
{
    int exponent = 0, given = 0;
    uint64_t digits = v->whole;
    bool less;

    v->kind = REAL;
    if (*p->at == '.')
        for (p->at++; isdigit((unsigned char) *p->at); p->at++)
            if (digits < UINT64_MAX / 100) {
                digits = 10 * digits + (unsigned) (*p->at - '0');
                exponent--;
            }
    if (*p->at == 'e' || *p->at == 'E') {
        less = *++p->at == '-';
        p->at += *p->at == '-' || *p->at == '+';
        if (!isdigit((unsigned char) *p->at))
            return false;
        for (; isdigit((unsigned char) *p->at); p->at++)
            given = given > 9999 ? given : 10 * given + (*p->at - '0');
        exponent += less ? -given : given;
    }
    if (digits > 0)             /* 0 times infinity is no number */
        v->real = exponent < 0 ? (double) digits / pow(10, -exponent) : (double) digits * pow(10, exponent);
    return true;
}

static struct gvariant *parse_number(struct parser *p)
{
    struct gvariant *v = make(p, WHOLE);
    unsigned base = 10;

    v->negative = *p->at == '-';
    p->at += *p->at == '-' || *p->at == '+';
    if (p->at[0] == '0' && (p->at[1] | 0x20) == 'x') {
        p->at += 2;
        base = 16;
    } else if (p->at[0] == '0' && isdigit((unsigned char) p->at[1])) {
        base = 8;
    }
    if (*p->at != '.' && !take_digits(p, base, &v->whole))
        return fail(p, "not a number");
    if (base == 10 && (*p->at == '.' || *p->at == 'e' || *p->at == 'E') && !take_fraction(p, v))
        return fail(p, "not a number");
    if (isalnum((unsigned char) *p->at) || *p->at == '.')
        return fail(p, "not a number");
    return v;
}

/* ---- What has members ----------------------------------------------------------------------- */

static struct gvariant *parse_value(struct parser *p);

/* Members up to `end`. In a dictionary ':' follows every other one. A tuple of one ends with a comma. */
static struct gvariant *parse_members(struct parser *p, enum kind kind, char end)
{
    struct gvariant *v = make(p, kind), **last = &v->first;
    bool comma = true, key = kind == DICT;

    p->at++;
    while (!take(p, end)) {
        if (!comma)
            return fail(p, "a comma is missing");
        if (!(*last = parse_value(p)))
            return NULL;
        last = &(*last)->next;
        if (key) {
            if (!take(p, ':'))
                return fail(p, "a colon is missing");
            if (!(*last = parse_value(p)))
                return NULL;
            last = &(*last)->next;
        }
        comma = take(p, ',');
    }
    return v;
}

static struct gvariant *parse_variant(struct parser *p)
{
    struct gvariant *v = make(p, VARIANT);

    p->at++;
    if (!(v->first = parse_value(p)))
        return NULL;
    return take(p, '>') ? v : fail(p, "a \">\" is missing");
}

/* ---- Types and words ------------------------------------------------------------------------ */

static struct gvariant *with_type(struct parser *p, const char *type)
{
    struct gvariant *v = parse_value(p);

    if (v && v->type)
        return fail(p, "a second type");
    if (v)
        v->type = type;
    return v;
}

/* "@a{sv}" */
static struct gvariant *parse_typed(struct parser *p)
{
    size_t n = unit_type_length(++p->at);
    const char *type = arena_strndup(p->arena, p->at, n);

    if (n == 0)
        return fail(p, "no such type");
    p->at += n;
    return with_type(p, type);
}

static struct gvariant *parse_word(struct parser *p)
{
    static const struct { const char *name, *type; } types[] = {
        { "boolean", "b" }, { "byte", "y" }, { "int16", "n" }, { "uint16", "q" }, { "int32", "i" }, { "uint32", "u" },
        { "int64", "x" }, { "uint64", "t" }, { "double", "d" }, { "string", "s" }, { "objectpath", "o" },
        { "signature", "g" },
    };
    size_t n = strspn(p->at, "abcdefghijklmnopqrstuvwxyz0123456789");
    const char *word = arena_strndup(p->arena, p->at, n);
    struct gvariant *v;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (str_eq(word, types[i].name)) {
            p->at += n;
            return with_type(p, types[i].type);
        }
    if (!str_eq(word, "true") && !str_eq(word, "false"))
        return fail(p, "not a value");
    p->at += n;
    v = make(p, BOOLEAN);
    v->whole = word[0] == 't';
    return v;
}

static struct gvariant *parse_any(struct parser *p)
{
    switch (*p->at) {
    case '\'':
    case '"':
        return parse_text(p);
    case '[':
        return parse_members(p, ARRAY, ']');
    case '(':
        return parse_members(p, TUPLE, ')');
    case '{':
        return parse_members(p, DICT, '}');
    case '<':
        return parse_variant(p);
    case '@':
        return parse_typed(p);
    default:
        return isalpha((unsigned char) *p->at) ? parse_word(p) : parse_number(p);
    }
}

static struct gvariant *parse_value(struct parser *p)
{
    struct gvariant *v;

    if (++p->depth > DEPTH_MAX)
        return fail(p, "too deep");
    skip_blanks(p);
    v = parse_any(p);
    p->depth--;
    return v;
}

/* ---- The types of what was written without ---------------------------------------------------- */

static const char *type_of(struct parser *p, const struct gvariant *v);

/* Of all members from `v` on, every `step`th: what was written with a type decides for numbers, then a double. */
static const char *common_type(struct parser *p, const struct gvariant *v, int step)
{
    const char *type = NULL;
    bool given = false;

    while (v) {
        const char *one = type_of(p, v);

        if (!type || (!given && (v->type || v->kind == REAL)))
            type = one;
        given |= v->type != NULL;
        for (int i = 0; i < step && v; i++)
            v = v->next;
    }
    return type;
}

static const char *type_of_tuple(struct parser *p, const struct gvariant *v)
{
    struct str s;

    str_init(&s, p->arena);
    for (v = v->first; v; v = v->next) {
        const char *type = type_of(p, v);

        if (!type)
            return NULL;
        str_add(&s, type);
    }
    return s.len ? arena_printf(p->arena, "(%s)", s.text) : NULL;
}

/* NULL: it cannot be told. */
static const char *type_of(struct parser *p, const struct gvariant *v)
{
    static const char *const simple[] = { [WHOLE] = "i", [REAL] = "d", [BOOLEAN] = "b", [TEXT] = "s", [VARIANT] = "v" };
    const char *key, *item;

    if (v->type)
        return v->type;
    switch (v->kind) {
    case ARRAY:
        item = common_type(p, v->first, 1);
        return item ? arena_printf(p->arena, "a%s", item) : NULL;
    case DICT:
        key = common_type(p, v->first, 2);
        item = v->first ? common_type(p, v->first->next, 2) : NULL;
        return key && item ? arena_printf(p->arena, "a{%s%s}", key, item) : NULL;
    case TUPLE:
        return type_of_tuple(p, v);
    default:
        return simple[v->kind];
    }
}

static bool fits(const struct gvariant *v, char type)
{
    static const char types[] = "yqutnix";
    static const uint64_t most[] = { UINT8_MAX, UINT16_MAX, UINT32_MAX, UINT64_MAX, INT16_MAX, INT32_MAX, INT64_MAX };
    const char *at = strchr(types, type);
    uint64_t limit = at ? most[at - types] : 0;

    if (!at)
        return false;
    if (!v->negative)
        return v->whole <= limit;
    return v->whole == 0 || (at >= types + 4 && v->whole <= limit + 1);
}

static bool settle(struct parser *p, struct gvariant *v, const char *type);

/* Members of the types that stand side by side in `type`, over and over when `again`. */
static bool settle_members(struct parser *p, struct gvariant *v, const char *types, bool again)
{
    const char *type = types;

    for (v = v->first; v; v = v->next) {
        size_t n = unit_type_length(type);

        if (n == 0 || !settle(p, v, arena_strndup(p->arena, type, n)))
            return false;
        type += n;
        if (again && unit_type_length(type) == 0)
            type = types;
    }
    return again || unit_type_length(type) == 0;
}

static bool settle_variant(struct parser *p, struct gvariant *v)
{
    const char *type = type_of(p, v->first);

    return type && settle(p, v->first, type);
}

/* Whether the value can be one of this type; from then on it is. */
static bool settle(struct parser *p, struct gvariant *v, const char *type)
{
    if (v->type && !str_eq(v->type, type))
        return false;
    v->type = type;
    switch (v->kind) {
    case WHOLE:
        return *type == 'd' || fits(v, *type);
    case REAL:
        return *type == 'd';
    case BOOLEAN:
        return *type == 'b';
    case TEXT:
        return *type == 's' || *type == 'o' || *type == 'g';
    case VARIANT:
        return *type == 'v' && settle_variant(p, v);
    case ARRAY:
        return *type == 'a' && type[1] != '{' && settle_members(p, v, type + 1, true);
    case DICT:
        return str_starts(type, "a{") && settle_members(p, v, type + 2, true);
    default:
        return *type == '(' && settle_members(p, v, type + 1, false);
    }
}

int gvariant_parse(struct arena *a, const char *text, struct gvariant **ret, const char **ret_why)
{
    struct parser p = { .arena = a, .at = text };
    struct gvariant *v = parse_value(&p);
    const char *type;

    skip_blanks(&p);
    if (v && *p.at)
        v = fail(&p, "more than one value");
    if (v && !(type = type_of(&p, v)))
        v = fail(&p, "a value whose type cannot be told");
    if (v && !settle(&p, v, type))
        v = fail(&p, arena_printf(a, "a value that is not of type \"%s\"", type));
    if (!v) {
        *ret_why = p.why;
        return -EINVAL;
    }
    *ret = v;
    return 0;
}

/* ---- The value ------------------------------------------------------------------------------ */

const char *gvariant_signature(const struct gvariant *v)
{
    return v->type;
}

static uint64_t number_word(const struct gvariant *v)
{
    double real = v->kind == REAL ? v->real : (double) v->whole;
    uint64_t word = v->negative ? -v->whole : v->whole;

    if (*v->type != 'd')
        return word;
    real = v->negative ? -real : real;
    memcpy(&word, &real, sizeof(word));
    return word;
}

void gvariant_words(const struct gvariant *v, struct block *b, struct rows *words)
{
    uint64_t n = 0;

    switch (v->kind) {
    case WHOLE:
    case REAL:
    case BOOLEAN:
        unit_word(words, number_word(v));
        return;
    case TEXT:
        unit_word(words, block_text(b, v->text));
        return;
    case VARIANT:
        unit_word(words, block_text(b, v->first->type));
        break;
    case ARRAY:
    case DICT:
        for (const struct gvariant *m = v->first; m; m = m->next)
            n++;
        unit_word(words, v->kind == DICT ? n / 2 : n);
        break;
    case TUPLE:
        break;
    }
    for (const struct gvariant *m = v->first; m; m = m->next)
        gvariant_words(m, b, words);
}

const char *gvariant_million(const struct gvariant *v, uint64_t *ret)
{
    double real = 1e6 * (v->kind == REAL ? v->real : (double) v->whole);

    if (v->kind != WHOLE && v->kind != REAL)
        return "not a number";
    if (v->negative && real > 0)
        return "a negative number";
    if (real >= 0x1p64 || (v->kind == WHOLE && __builtin_mul_overflow(v->whole, 1000000, ret)))
        return "too large";
    if (v->kind == REAL)
        *ret = (uint64_t) real;
    return NULL;
}
