#include "host/parse.h"
#include <stdlib.h>
#include <string.h>
#include "base/str.h"

/* "4:memory:/user.slice" up to its newline. */
static bool parse_cgroup_line(struct arena *a, const char *line, size_t len, struct host_hierarchy *ret)
{
    const char *controllers = memchr(line, ':', len), *own;

    if (!controllers)
        return false;
    controllers++;
    own = memchr(controllers, ':', len - (size_t) (controllers - line));
    if (!own || own + 1 == line + len || own[1] != '/')
        return false;
    *ret = (struct host_hierarchy) {
        .controllers = arena_strndup(a, controllers, (size_t) (own - controllers)),
        .own = arena_strndup(a, own + 1, (size_t) (line + len - own - 1)),
    };
    return true;
}

static size_t count_lines(const char *text)
{
    size_t n = 1;

    while ((text = strchr(text, '\n')))
        n++, text++;
    return n;
}

size_t parse_cgroups(struct arena *a, const char *text, struct host_hierarchy **ret)
{
    struct host_hierarchy *list = arena_array(a, count_lines(text), sizeof(*list));
    struct host_hierarchy h, v2 = { 0 };
    size_t n = 0, len;

    for (; *text; text += len + (text[len] == '\n')) {
        len = strcspn(text, "\n");
        if (!parse_cgroup_line(a, text, len, &h))
            continue;
        if (*h.controllers)
            list[n++] = h;
        else
            v2 = h;
    }
    if (v2.controllers)
        list[n++] = v2;
    *ret = list;
    return n;
}

/* Blank, tab, newline and backslash stand as \040, \011, \012 and \134. */
static char *unescape(struct arena *a, const char *s, size_t len)
{
    char *out = arena_alloc(a, len + 1), *to = out;

    for (size_t i = 0; i < len; i++) {
        if (s[i] == '\\' && len - i > 3 && strspn(s + i + 1, "01234567") >= 3) {
            *to++ = (char) ((s[i + 1] - '0') << 6 | (s[i + 2] - '0') << 3 | (s[i + 3] - '0'));
            i += 3;
        } else {
            *to++ = s[i];
        }
    }
    return out;
}

/* The next word of the line, or "" at its end. */
static const char *next_word(struct arena *a, const char **at, const char *end)
{
    const char *word = *at;
    const char *blank = word < end ? memchr(word, ' ', (size_t) (end - word)) : NULL;
    size_t len = (size_t) ((blank ? blank : end) - word);

    *at = blank ? blank + 1 : end;
    return unescape(a, word, len);
}

/* "shared:1 master:2", up to the "-" behind them. */
static const char *parse_peers(struct arena *a, const char **at, const char *end)
{
    const char *from = *at, *to = from, *word;

    while (word = next_word(a, at, end), *word && !str_eq(word, "-"))
        to = *at - (*at < end);
    return arena_strndup(a, from, (size_t) (to - from));
}

bool parse_next_mount(struct arena *a, const char **text, struct parse_mount *ret)
{
    static const struct parse_mount none = { "", "", "", "", "", "", "", "", 0 };
    const char *at = *text, *end = at + strcspn(at, "\n");
    struct parse_mount m;

    if (!*at)
        return false;
    *text = end + (*end == '\n');
    /* id, parent, major:minor; root, mount point; flags, optional fields; "-"; type, source, options */
    m.id = strtoull(next_word(a, &at, end), NULL, 10);
    next_word(a, &at, end);
    m.device = next_word(a, &at, end);
    m.root = next_word(a, &at, end);
    m.point = next_word(a, &at, end);
    m.flags = next_word(a, &at, end);
    m.peers = parse_peers(a, &at, end);
    m.type = next_word(a, &at, end);
    m.source = next_word(a, &at, end);
    m.options = next_word(a, &at, end);
    *ret = *m.options ? m : none;
    return true;
}

static bool list_has(const char *list, const char *word, size_t len)
{
    size_t n;

    for (; *list; list += n + (list[n] == ',')) {
        n = strcspn(list, ",");
        if (n == len && memcmp(list, word, len) == 0)
            return true;
    }
    return false;
}

bool parse_mount_is(const struct parse_mount *m, const char *controllers)
{
    size_t n;

    if (!*controllers)
        return str_eq(m->type, "cgroup2");
    if (!str_eq(m->type, "cgroup"))
        return false;
    /* The kernel may list co-mounted controllers in another order. */
    for (; *controllers; controllers += n + (controllers[n] == ',')) {
        n = strcspn(controllers, ",");
        if (!list_has(m->options, controllers, n))
            return false;
    }
    return true;
}

const char *parse_strip_root(const char *own, const char *root)
{
    size_t len = strlen(root);

    if (str_eq(root, "/"))
        return own;
    if (strncmp(own, root, len) != 0 || (own[len] && own[len] != '/'))
        return "/";
    return own[len] ? own + len : "/";
}
