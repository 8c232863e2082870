#include <stddef.h>
#include <string.h>
#include "base/str.h"

/* Where the last component of the `len` bytes at `out` begins, with the slash before it. */
static size_t parent_length(const char *out, size_t len)
{
    while (len > 0 && out[len - 1] != '/')
        len--;
    return len > 0 ? len - 1 : 0;
}

static bool ends_with_dotdot(const char *out, size_t len)
{
    return len >= 2 && memcmp(out + len - 2, "..", 2) == 0 && (len == 2 || out[len - 3] == '/');
}

/* Appends the component of n bytes at `name` to the clean path of `len` bytes at `out`; returns its new length. */
static size_t add_component(char *out, size_t len, const char *name, size_t n, bool absolute)
{
    bool up = n == 2 && memcmp(name, "..", 2) == 0;

    if (n == 0 || (n == 1 && *name == '.'))
        return len;
    if (up && (absolute || (len > 0 && !ends_with_dotdot(out, len))))
        return parent_length(out, len);
    if (len > 0 || absolute)
        out[len++] = '/';
    memcpy(out + len, name, n);
    return len + n;
}

char *path_clean(struct arena *a, const char *path)
{
    bool absolute = path[0] == '/';
    char *out = arena_alloc(a, strlen(path) + 2);
    size_t len = 0, n;

    for (const char *p = path; *p; p += n + (p[n] == '/')) {
        n = strcspn(p, "/");
        len = add_component(out, len, p, n, absolute);
    }
    if (len == 0)
        out[len++] = absolute ? '/' : '.';
    out[len] = '\0';
    return out;
}

char *path_join(struct arena *a, const char *base, const char *path)
{
    if (path[0] == '/')
        return path_clean(a, path);
    return path_clean(a, arena_printf(a, "%s/%s", base, path));
}
