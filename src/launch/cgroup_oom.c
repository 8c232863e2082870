#include "launch/cgroup_oom.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "launch/cgroup_errors.h"
#include "launch/cgroup_file.h"

/* Each version's names for the same four things. */
struct memory_files { const char *events, *limit, *peak; };
static const struct memory_files v1 = { "memory.oom_control", "memory.limit_in_bytes", "memory.max_usage_in_bytes" };
static const struct memory_files v2 = { "memory.events", "memory.max", "memory.peak" };

/* Processes killed there by an OOM killer, whoever's limit it was. (v1 counts since Linux 4.13.) */
static long count_kills(struct op *op, const struct cgroup *c, const struct memory_files *files)
{
    static const char key[] = "oom_kill";
    const char *line = NULL;
    char *text;

    if (cgroup_file_read(c->root, c->path, files->events, op->arena, &text) == 0)
        line = str_find_line(text, key, strlen(key));
    return line ? strtol(line + strlen(key), NULL, 10) : 0;
}

static bool is_limited(const char *limit)
{
    return strtoull(limit, NULL, 10) > 0 && strtoull(limit, NULL, 10) < INT64_MAX / 2;
}

static int explain(struct op *op, const struct cgroup *c, const struct memory_files *files, int r)
{
    long kills = count_kills(op, c, files);
    const char *limit = cgroup_read_or_unknown(op, c, files->limit), *peak = cgroup_read_or_unknown(op, c, files->peak);
    const char *before = op->message ? op->message : "";

    if (kills == 0 && !(r == -ENOMEM && is_limited(limit)))
        return r;
    op_forget(op);
    if (kills == 0)
        return op_fail_code(op, OP_INIT, ENOMEM, "memory limit too low? %s/%s is %s, peak usage %s: %s", c->dir, files->limit,
                            limit, peak, before);
    return op_fail_code(op, OP_INIT, 0, "container init was OOM-killed (memory limit too low?): %s/%s is %s, peak usage %s: %s",
                        c->dir, files->limit, limit, peak, before);
}

int cgroup_explain_oom(struct op *op, const struct cgroups *c, int r)
{
    const struct plan_cgroup_dir *dirs = c->n ? PLAN_ITEMS(c->plan, cgroup_dirs, struct plan_cgroup_dir) : NULL;

    for (size_t i = 0; i < c->n; i++) {
        const struct memory_files *files = dirs[i].flags & PLAN_CGROUP_V2 ? &v2 : &v1;
        bool memory = str_eq(plan_word(c->plan, dirs[i].controllers), "memory") || (files == &v2 && c->n == 1);

        if (memory && c->items[i].root >= 0)
            return explain(op, &c->items[i], files, r);
    }
    return r;
}
