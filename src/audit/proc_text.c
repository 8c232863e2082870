#include "audit/proc_text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "base/str.h"

/* Behind "NAME" at the beginning of a line and the blanks after it, or NULL. */
static const char *find_line(const char *text, const char *name)
{
    size_t n = strlen(name);

    for (; text; text = strchr(text, '\n'), text += text != NULL)
        if (strncmp(text, name, n) == 0)
            return text + n + strspn(text + n, " \t");
    return NULL;
}

/* ---- status --------------------------------------------------------------------------------- */

/* The process's name comes first, with line breaks escaped: it cannot pose as another line. */
int proc_text_status(const char *text, struct proc_status *ret)
{
    static const char *const sets[PLAN_CAP_SETS] = {
        [PLAN_BOUNDING] = "CapBnd:", [PLAN_EFFECTIVE] = "CapEff:", [PLAN_PERMITTED] = "CapPrm:",
        [PLAN_INHERITABLE] = "CapInh:", [PLAN_AMBIENT] = "CapAmb:",
    };
    const char *at = find_line(text, "State:");
    struct proc_status s = { .state = at ? *at : '\0' };

    for (int i = 0; at && i < PLAN_CAP_SETS; i++)
        if ((at = find_line(text, sets[i])))
            s.caps[i] = strtoull(at, NULL, 16);
    if (!at)
        return -EINVAL;
    at = find_line(text, "NoNewPrivs:");
    s.no_new_privs = at && *at == '1';
    at = find_line(text, "Seccomp:");
    s.seccomp = at ? (unsigned) strtoul(at, NULL, 10) : 0;
    at = find_line(text, "Seccomp_filters:");
    s.has_filters = at;
    s.filters = at ? (unsigned) strtoul(at, NULL, 10) : 0;
    *ret = s;
    return 0;
}

/* ---- limits --------------------------------------------------------------------------------- */

static const char *const limit_names[RLIM_NLIMITS] = {
    [RLIMIT_CPU] = "Max cpu time", [RLIMIT_FSIZE] = "Max file size", [RLIMIT_DATA] = "Max data size",
    [RLIMIT_STACK] = "Max stack size", [RLIMIT_CORE] = "Max core file size", [RLIMIT_RSS] = "Max resident set",
    [RLIMIT_NPROC] = "Max processes", [RLIMIT_NOFILE] = "Max open files", [RLIMIT_MEMLOCK] = "Max locked memory",
    [RLIMIT_AS] = "Max address space", [RLIMIT_LOCKS] = "Max file locks", [RLIMIT_SIGPENDING] = "Max pending signals",
    [RLIMIT_MSGQUEUE] = "Max msgqueue size", [RLIMIT_NICE] = "Max nice priority", [RLIMIT_RTPRIO] = "Max realtime priority",
    [RLIMIT_RTTIME] = "Max realtime timeout",
};

/* "soft hard unit", numbers or "unlimited" */
int proc_text_limit(const char *text, uint32_t resource, uint64_t *ret_hard)
{
    const char *name = resource < RLIM_NLIMITS ? limit_names[resource] : NULL;
    const char *at = name ? find_line(text, name) : NULL;
    char *end;

    if (!at)
        return -ENOENT;
    at += strcspn(at, " \n");
    at += strspn(at, " ");
    if (str_starts(at, "unlimited")) {
        *ret_hard = UINT64_MAX;
        return 0;
    }
    *ret_hard = strtoull(at, &end, 10);
    return end == at ? -ENOENT : 0;
}

/* ---- id maps -------------------------------------------------------------------------------- */

static bool has_range(const struct plan_id_map *map, uint32_t n, const struct plan_id_map *range)
{
    for (uint32_t i = 0; i < n; i++)
        if (map[i].inside == range->inside && map[i].outside == range->outside && map[i].count == range->count)
            return true;
    return false;
}

bool proc_text_is_map(const char *text, const struct plan_id_map *map, uint32_t n)
{
    struct plan_id_map range;
    uint32_t found = 0;
    int length;

    for (; sscanf(text, " %u %u %u%n", &range.inside, &range.outside, &range.count, &length) == 3; text += length, found++)
        if (!has_range(map, n, &range))
            return false;
    return found == n;
}

/* ---- stat, labels --------------------------------------------------------------------------- */

int proc_text_start(const char *text, unsigned long long *ret)
{
    const char *after = strrchr(text, ')');     /* the name before may hold anything */

    if (!after || sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", ret) != 1)
        return -EINVAL;
    return 0;
}

static bool is_complaining(const char *text)
{
    return strstr(text, " (complain)") || strstr(text, " (unconfined)");
}

enum proc_label proc_text_apparmor(const char *text, const char *profile)
{
    size_t n = strlen(profile);
    bool same = strncmp(text, profile, n) == 0 && (text[n] == '\0' || text[n] == ' ' || text[n] == '\n' || str_starts(text + n, "//"));

    if (same && !is_complaining(text))
        return PROC_LABEL_SAME;
    if (str_eq(profile, "unconfined"))
        return PROC_LABEL_OTHER;
    return str_starts(text, "unconfined") || is_complaining(text) ? PROC_LABEL_UNCONFINED : PROC_LABEL_OTHER;
}
