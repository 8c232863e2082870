#include <string.h>
#include "launch/criu.h"

enum { LINES_QUOTED = 4, LINE_MAX = 240 };

/* "(00.012345)     12: Error (…): …": what begins with the error, or NULL. */
static const char *find_error(const char *line, size_t n)
{
    const char *error = memmem(line, n, "Error (", 7);

    if (!error || memmem(error, n - (size_t) (error - line), " FAILED.", 8))     /* that it has failed is known */
        return NULL;
    return error;
}

char *criu_log_excerpt(struct arena *a, const char *log)
{
    unsigned quoted = 0;
    struct str s;

    str_init(&s, a);
    for (size_t n; *log && quoted < LINES_QUOTED; log += n + (log[n] == '\n')) {
        const char *error;
        size_t len;

        n = strcspn(log, "\n");
        if (!(error = find_error(log, n)))
            continue;
        len = n - (size_t) (error - log);
        str_add(&s, quoted++ ? "; " : "");
        str_add_n(&s, error, len < LINE_MAX ? len : LINE_MAX);
    }
    return s.text;
}
