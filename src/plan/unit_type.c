#include "plan/unit_type.h"
#include <string.h>

enum { DEPTH_MAX = 64 };        /* the specification's limit for containers within one another */

static size_t length(const char *s, int depth)
{
    char end = *s == '(' ? ')' : '}';
    size_t n = 1, one;

    if (*s == '\0' || depth > DEPTH_MAX)
        return 0;
    if (strchr("ybnqiuxtdhsogv", *s))
        return 1;
    if (*s == 'a')
        return (one = length(s + 1, depth + 1)) ? 1 + one : 0;
    if (*s != '(' && *s != '{')
        return 0;
    while (s[n] != end) {
        if ((one = length(s + n, depth + 1)) == 0)
            return 0;
        n += one;
    }
    return n + 1;
}

size_t unit_type_length(const char *signature)
{
    return length(signature, 0);
}
