#include "base/json_text.h"
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/utf8.h"

struct scan {
    const char *text;
    size_t at, len;
};

static int peek(const struct scan *s)
{
    return s->at < s->len ? (unsigned char) s->text[s->at] : -1;
}

static bool skip_char(struct scan *s, char c)
{
    if (peek(s) != (unsigned char) c)
        return false;
    s->at++;
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void skip_space(struct scan *s)
{
    while (s->at < s->len && is_space(s->text[s->at]))
        s->at++;
}

/* ---- Strict characters ---------------------------------------------------------------------- */

/* The four hexadecimal digits at `at`, or -1. */
static long hex4(const struct scan *s, size_t at)
{
    long value = 0;

    for (size_t i = at; i < at + 4; i++) {
        if (i >= s->len || !isxdigit((unsigned char) s->text[i]))
            return -1;
        value = value * 16 + (isdigit((unsigned char) s->text[i]) ? s->text[i] - '0' : (s->text[i] | 0x20) - 'a' + 10);
    }
    return value;
}

/* Steps over what follows a backslash. */
static const char *check_escape(struct scan *s)
{
    long unit = hex4(s, s->at + 1), low;

    if (s->at < s->len && s->text[s->at] && strchr("\"\\/bfnrt", s->text[s->at])) {
        s->at++;
        return NULL;
    }
    if (peek(s) != 'u' || unit < 0)
        return "unknown escape in a string";
    if (unit == 0)
        return "NUL character in a string";
    if (unit >= 0xd800 && unit <= 0xdfff) {
        low = s->at + 6 < s->len && memcmp(s->text + s->at + 5, "\\u", 2) == 0 ? hex4(s, s->at + 7) : -1;
        if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
            return "half of a surrogate pair in a string";
        s->at += 6;
    }
    s->at += 5;
    return NULL;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Steps over what is not plain in a string. */
static const char *check_special(struct scan *s)
{
    unsigned char c = (unsigned char) s->text[s->at];
    size_t n;

    if (c < 0x20)
        return c ? "control character in a string" : "NUL byte";
    if (c == '\\') {
        s->at++;
        return check_escape(s);
    }
    n = utf8_length(s->text + s->at, s->len - s->at);
    s->at += n;
    return n > 0 ? NULL : "not UTF-8";
}

/* From an opening quote to behind the closing one, or to the end of the text. */
static const char *check_string(struct scan *s)
{
    const char *why = NULL;

    s->at++;
    while (why == NULL && s->at < s->len) {
        while (s->at < s->len && is_plain((unsigned char) s->text[s->at]))
            s->at++;
        if (skip_char(s, '"'))
            break;
        if (s->at < s->len)
            why = check_special(s);
    }
    return why;
}

static bool skip_digits(struct scan *s)
{
    size_t from = s->at;

    while (s->at < s->len && isdigit((unsigned char) s->text[s->at]))
        s->at++;
    return s->at > from;
}

static bool fits_64_bits(const char *digits, size_t len)
{
    char copy[24];

    if (len >= sizeof(copy))
        return false;
    memcpy(copy, digits, len);
    copy[len] = '\0';
    errno = 0;
    if (*copy == '-')
        strtoll(copy, NULL, 10);
    else
        strtoull(copy, NULL, 10);
    return errno == 0;
}

static const char *check_number(struct scan *s)
{
    size_t from = s->at;
    bool whole = true;

    skip_char(s, '-');
    if (!skip_char(s, '0') && !skip_digits(s))
        return "not a number";
    if (skip_char(s, '.') && (whole = false, !skip_digits(s)))
        return "not a number";
    if (skip_char(s, 'e') || skip_char(s, 'E')) {
        whole = false;
        if (!skip_char(s, '+'))
            skip_char(s, '-');
        if (!skip_digits(s))
            return "not a number";
    }
    if (isalnum(peek(s)) || peek(s) == '.')
        return "not a number";
    if (whole && !fits_64_bits(s->text + from, s->at - from)) {
        s->at = from;
        return "number out of range";
    }
    return NULL;
}

static const char *check_name(struct scan *s)
{
    static const char *const names[] = { "true", "false", "null" };

    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(names[i]);

        if (s->len - s->at >= n && memcmp(s->text + s->at, names[i], n) == 0) {
            s->at += n;
            return NULL;
        }
    }
    return "not a JSON value";
}

static const char *check_token(struct scan *s, size_t *values)
{
    switch (s->text[s->at]) {
    case '{': case '[': case ',':
        ++*values;
        s->at++;
        return *values > JSON_MAX_VALUES ? "more than 200000 values" : NULL;
    case ' ': case '\t': case '\r': case '\n':
        skip_space(s);
        return NULL;
    case '}': case ']': case ':':
        s->at++;
        return NULL;
    case '"':
        return check_string(s);
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return check_number(s);
    case '\0':
        return "NUL byte";
    default:
        return check_name(s);
    }
}

const char *json_text_fault(const char *text, size_t len, size_t *ret_at)
{
    struct scan s = { text, 0, len };
    const char *why = NULL;
    size_t values = 1;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        why = "begins with a byte order mark";
    while (why == NULL && s.at < len)
        why = check_token(&s, &values);
    if (why)
        *ret_at = s.at;
    return why;
}

/* ---- Where a pointer leads, in a text that has been parsed ---------------------------------- */

static void skip_string(struct scan *s)
{
    for (s->at++; s->at < s->len && s->text[s->at] != '"'; s->at++)
        if (s->text[s->at] == '\\')
            s->at++;
    s->at++;
}

static void skip_scalar(struct scan *s)
{
    while (s->at < s->len && !strchr(",]}: \t\r\n", s->text[s->at]))
        s->at++;
}

/* Steps over the value that begins here, however deep. */
static void skip_value(struct scan *s)
{
    size_t depth = 0;

    do {
        int c = peek(s);

        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        if (c == '"')
            skip_string(s);
        else if (depth == 0 && c != '}' && c != ']')
            skip_scalar(s);
        else
            s->at++;
    } while (depth > 0 && s->at < s->len);
}

static size_t put_utf8(long code, char *out)
{
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        out[i] = (char) (0x80 | (code & 0x3f));
    out[0] = (char) (lead[n] | code);
    return n;
}

/* One character of a string that is known to be sound, as UTF-8; returns the length in `out`. */
static size_t next_char(struct scan *s, char out[4])
{
    static const char letter[] = "bfnrt", meant[] = "\b\f\n\r\t";
    char c = s->text[s->at++];
    const char *found;
    long code;

    if (c != '\\') {
        out[0] = c;
        return 1;
    }
    c = s->text[s->at++];
    if (c != 'u') {
        found = strchr(letter, c);
        out[0] = found ? meant[found - letter] : c;
        return 1;
    }
    code = hex4(s, s->at);
    s->at += 4;
    if (code >= 0xd800 && code <= 0xdbff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (hex4(s, s->at + 2) - 0xdc00);
        s->at += 6;
    }
    return put_utf8(code, out);
}

/* Steps over a member's name and says whether it is the reference token of n bytes. */
static bool name_matches(struct scan *s, const char *token, size_t n)
{
    struct scan name = *s;
    bool same = true;
    size_t i = 0;
    char c[4];

    skip_string(s);
    for (name.at++; same && name.at < s->at - 1;) {
        size_t k = next_char(&name, c);

        for (size_t b = 0; b < k && same; b++) {
            char want = i < n ? token[i++] : '\0';

            if (want == '~' && i < n)
                want = token[i++] == '0' ? '~' : '/';
            same = want == c[b];
        }
    }
    return same && i == n;
}

/* Goes to the member (the last one of that name) or to the item. */
static bool enter(struct scan *s, const char *token, size_t n)
{
    bool object = peek(s) == '{', match;
    size_t found = 0, index = 0, wanted;
    char *end;

    errno = 0;
    wanted = isdigit((unsigned char) *token) ? strtoul(token, &end, 10) : 0;
    if (!object && (peek(s) != '[' || !isdigit((unsigned char) *token) || end != token + n || errno))
        return false;
    s->at++;
    for (skip_space(s); peek(s) >= 0 && peek(s) != '}' && peek(s) != ']'; skip_space(s)) {
        match = object ? name_matches(s, token, n) : index++ == wanted;
        skip_space(s);
        skip_char(s, ':');
        skip_space(s);
        if (match)
            found = s->at;
        if (match && !object)
            break;
        skip_value(s);
        skip_space(s);
        skip_char(s, ',');
    }
    s->at = found;
    return found > 0;
}

struct json_place json_place_of(const char *text, size_t at)
{
    struct json_place place = { 1, 1 };

    for (size_t i = 0; i < at; i++) {
        place.column++;
        if (text[i] == '\n')
            place = (struct json_place) { place.line + 1, 1 };
    }
    return place;
}

bool json_locate(const char *text, size_t len, const char *pointer, struct json_place *ret)
{
    struct scan s = { text, 0, len };
    size_t n;

    skip_space(&s);
    for (const char *p = pointer; *p; p += n) {
        p++;
        n = strcspn(p, "/");
        if (!enter(&s, p, n))
            return false;
    }
    *ret = json_place_of(text, s.at);
    return true;
}
