#include "audit/value.h"
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"

enum kind {
    WORDS,      /* words, as many as were asked for */
    BYTES,      /* one number, rounded down to pages */
    HUGE,       /* … to huge pages of the size in the file's name */
    NUMBERS,    /* a list of CPUs or memory nodes */
    KEYED,      /* a line for each device, "8:0 max" or "8:0 rbps=1 wbps=max" */
    WEIGHT,     /* the same with a line "default" */
    OOM,        /* "oom_kill_disable 1" among others */
};

/* By the beginning of the file's name; the first row counts. */
static const struct { const char *prefix; enum kind kind; } kinds[] = {
    { "memory.oom_control", OOM },
    { "memory.oom.group", WORDS },
    { "memory.swappiness", WORDS },
    { "memory.use_hierarchy", WORDS },
    { "memory.zswap.writeback", WORDS },
    { "memory.", BYTES },
    { "hugetlb.", HUGE },
    { "cpuset.cpus.partition", WORDS },
    { "cpuset.cpus", NUMBERS },
    { "cpuset.mems", NUMBERS },
    { "io.weight", WEIGHT },
    { "io.bfq.weight", WEIGHT },
    { "io.", KEYED },
    { "blkio.throttle.", KEYED },
    { "blkio.weight_device", KEYED },
    { "blkio.leaf_weight_device", KEYED },
    { "blkio.bfq.weight_device", KEYED },
    { "rdma.", KEYED },
    { "misc.", KEYED },
    { "dmem.", KEYED },
    { "net_prio.ifpriomap", KEYED },
};

static enum kind kind_of(const char *file)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (str_starts(file, kinds[i].prefix))
            return kinds[i].kind;
    return WORDS;
}

/* ---- Words ---------------------------------------------------------------------------------- */

struct word { const char *at; size_t n; };

/* The next word before `end`; n is 0 behind the last one. */
static struct word next_word(const char **text, const char *end)
{
    struct word w = { *text, 0 };

    while (w.at < end && strchr(" \t\n", *w.at))
        w.at++;
    while (w.at + w.n < end && !strchr(" \t\n", w.at[w.n]))
        w.n++;
    *text = w.at + w.n;
    return w;
}

static bool is_text(struct word w, const char *text)
{
    return w.n == strlen(text) && memcmp(w.at, text, w.n) == 0;
}

static bool equal(struct word a, struct word b)
{
    return a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
}

/* The whole word as a number. */
static bool parse_number(struct word w, double *ret)
{
    char text[64], *end;

    if (w.n == 0 || w.n >= sizeof(text) || !strchr("0123456789-+.", *w.at))
        return false;
    memcpy(text, w.at, w.n);
    text[w.n] = '\0';
    *ret = strtod(text, &end);
    return *end == '\0';
}

/* With a suffix as the kernel's memparse() takes it. */
static bool parse_bytes(struct word w, uint64_t *ret)
{
    static const char suffixes[] = "kmgtpe";
    char text[64], *end;
    const char *suffix;

    if (w.n == 0 || w.n >= sizeof(text) || *w.at < '0' || *w.at > '9')
        return false;
    memcpy(text, w.at, w.n);
    text[w.n] = '\0';
    *ret = strtoull(text, &end, 0);
    suffix = *end ? strchr(suffixes, *end | 0x20) : NULL;
    if (suffix) {
        *ret <<= 10 * (suffix - suffixes + 1);
        end++;
    }
    return *end == '\0';
}

/* v1 says so with the largest multiple of a page, huge or not, that fits. */
static bool is_unlimited(struct word w)
{
    uint64_t n;

    return is_text(w, "max") || is_text(w, "-1") || (parse_bytes(w, &n) && n >= ((uint64_t) INT64_MAX >> 34) << 34);
}

static bool word_is_there(struct word asked, struct word there)
{
    double a, b;

    if (equal(asked, there) || (is_unlimited(asked) && is_unlimited(there)))
        return true;
    if (asked.n > 2 && asked.at[0] == '0' && (asked.at[1] | 0x20) == 'x') {    /* net_cls.classid */
        uint64_t n;

        return parse_bytes(asked, &n) && parse_number(there, &b) && (double) n == b;
    }
    return parse_number(asked, &a) && parse_number(there, &b) && a == b;
}

static bool words_are_there(const char *asked, const char *there)
{
    const char *asked_end = asked + strlen(asked), *there_end = there + strlen(there);
    struct word w;

    while ((w = next_word(&asked, asked_end)).n)
        if (!word_is_there(w, next_word(&there, there_end)))
            return false;
    return true;
}

/* ---- Bytes ---------------------------------------------------------------------------------- */

static struct word first_word(const char *text)
{
    return next_word(&text, text + strlen(text));
}

/* "hugetlb.2MB.max" */
static uint64_t huge_page(const char *file)
{
    const char *size = file + strlen("hugetlb.");
    uint64_t bytes;

    return parse_bytes((struct word) { size, strcspn(size, "B") }, &bytes) && bytes ? bytes : 1;
}

static bool bytes_are_there(const char *asked, const char *there, uint64_t unit)
{
    struct word a = first_word(asked), b = first_word(there);
    uint64_t n, m;

    if (is_unlimited(a) || is_unlimited(b))
        return is_unlimited(a) && is_unlimited(b);
    return parse_bytes(a, &n) && parse_bytes(b, &m) && (n == m || n - n % unit == m);
}

/* ---- Lists of numbers ----------------------------------------------------------------------- */

enum { BITS = 8192 };           /* the most CPUs that a kernel is built for */
struct bits { uint8_t v[BITS / 8]; };

/* "4-15:1/4": the first one of each four. */
static bool add_range(struct bits *b, const char **text)
{
    unsigned long from, to, used = 1, of = 1;
    char *end;

    from = to = strtoul(*text, &end, 10);
    if (end == *text)
        return false;
    if (*end == '-')
        to = strtoul(end + 1, &end, 10);
    if (*end == ':') {
        used = strtoul(end + 1, &end, 10);
        of = *end == '/' ? strtoul(end + 1, &end, 10) : 0;
    }
    *text = end;
    for (unsigned long i = from; i <= to && to < BITS && of; i++)
        if ((i - from) % of < used)
            b->v[i / 8] |= (uint8_t) (1 << i % 8);
    return to < BITS && of;
}

static bool parse_list(const char *text, struct bits *ret)
{
    *ret = (struct bits) { 0 };
    for (;;) {
        text += strspn(text, ", \t\n");
        if (!*text)
            return true;
        if (!add_range(ret, &text))
            return false;
    }
}

static bool numbers_are_there(const char *asked, const char *there)
{
    struct bits a, b;

    if (!parse_list(asked, &a) || !parse_list(there, &b))
        return words_are_there(asked, there);
    return memcmp(&a, &b, sizeof(a)) == 0;
}

/* ---- Lines with a key ----------------------------------------------------------------------- */

/* The rest of the line that begins with the word `key`. */
static bool find_key(struct word key, const char *text, struct word *ret)
{
    for (const char *end; *text; text = *end ? end + 1 : end) {
        struct word w;

        end = strchrnul(text, '\n');
        w = next_word(&text, end);
        if (!equal(w, key))
            continue;
        *ret = (struct word) { text, (size_t) (end - text) };
        return true;
    }
    return false;
}

/* What a line may leave out: no limit. */
static bool is_nothing(struct word value)
{
    return is_unlimited(value) || is_text(value, "0");
}

static bool split(struct word w, struct word *ret_name, struct word *ret_value)
{
    const char *sign = memchr(w.at, '=', w.n);

    if (!sign)
        return false;
    *ret_name = (struct word) { w.at, (size_t) (sign - w.at) };
    *ret_value = (struct word) { sign + 1, w.n - (size_t) (sign + 1 - w.at) };
    return true;
}

/* `asked` is "rbps=1" or a plain value, `line` the rest of the device's line. */
static bool is_in_line(struct word asked, struct word line)
{
    struct word name, value = asked, w, its_name, its_value;
    bool named = split(asked, &name, &value);
    const char *at = line.at, *end = line.at + line.n;

    while ((w = next_word(&at, end)).n)
        if (!named)
            return word_is_there(asked, w);
        else if (split(w, &its_name, &its_value) && equal(name, its_name))
            return word_is_there(value, its_value);
    return is_nothing(value);
}

static bool line_is_there(const char *asked, const char *there)
{
    const char *end = asked + strlen(asked);
    struct word key = next_word(&asked, end), line = { there, 0 }, w;

    find_key(key, there, &line);
    while ((w = next_word(&asked, end)).n)
        if (!is_in_line(w, line))
            return false;
    return true;
}

static bool weight_is_there(const char *asked, const char *there)
{
    static const char name[] = "default";
    struct word line = { there, 0 };
    double number;

    if (!parse_number(first_word(asked), &number))
        return line_is_there(asked, there);
    find_key((struct word) { name, sizeof(name) - 1 }, there, &line);
    return is_in_line(first_word(asked), line) || words_are_there(asked, there);
}

static bool oom_is_there(const char *asked, const char *there)
{
    static const char name[] = "oom_kill_disable";
    struct word line;

    return find_key((struct word) { name, sizeof(name) - 1 }, there, &line) && is_in_line(first_word(asked), line);
}

/* --------------------------------------------------------------------------------------------- */

bool value_is_there(const char *file, const char *asked, const char *there, size_t page)
{
    switch (kind_of(file)) {
    case BYTES:
        return bytes_are_there(asked, there, page);
    case HUGE:
        return bytes_are_there(asked, there, huge_page(file));
    case NUMBERS:
        return numbers_are_there(asked, there);
    case KEYED:
        return line_is_there(asked, there);
    case WEIGHT:
        return weight_is_there(asked, there);
    case OOM:
        return oom_is_there(asked, there);
    default:
        return words_are_there(asked, there);
    }
}

/* "8:0 rbps" of "8:0 rbps=1", "8:0" of "8:0 1". */
static struct word key_of(const char *value)
{
    const char *sign = strchr(value, '=');

    return (struct word) { value, sign ? (size_t) (sign - value) : strcspn(value, " ") };
}

bool value_replaces(const char *file, const char *later, const char *earlier)
{
    enum kind kind = kind_of(file);

    return (kind != KEYED && kind != WEIGHT) || equal(key_of(later), key_of(earlier));
}

/* ---- devices.list --------------------------------------------------------------------------- */

static unsigned access_bits(struct word w)
{
    unsigned bits = 0;

    for (size_t i = 0; i < w.n; i++)
        bits |= 1u << (w.at[i] & 31);
    return bits;
}

/* "c 1:3 rwm" */
static bool same_rule(const char *a, const char *a_end, const char *b, const char *b_end)
{
    for (int i = 0; i < 2; i++)
        if (!equal(next_word(&a, a_end), next_word(&b, b_end)))
            return false;
    return access_bits(next_word(&a, a_end)) == access_bits(next_word(&b, b_end));
}

bool value_has_rule(const char *list, const char *rule, size_t n)
{
    for (const char *end; *list; list = *end ? end + 1 : end) {
        end = strchrnul(list, '\n');
        if (same_rule(list, end, rule, rule + n))
            return true;
    }
    return false;
}
