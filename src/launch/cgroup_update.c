#include "launch/cgroup_update.h"
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "launch/cgroup_file.h"

/* ---- What a file says now ------------------------------------------------------------------- */

/* Files with a line for each device or interface: what is written for one that has none. */
static const struct { const char *prefix, *none; } keyed[] = {
    { "blkio.", "0" },
    { "io.max", "rbps=max wbps=max riops=max wiops=max" },
    { "io.", "default" },
    { "rdma.max", "hca_handle=max hca_object=max" },
    { "net_prio.", "0" },
};

static const char *value_of_none(const char *file)
{
    for (size_t i = 0; i < sizeof(keyed) / sizeof(*keyed); i++)
        if (str_starts(file, keyed[i].prefix))
            return keyed[i].none;
    return NULL;
}

static char *first_line(struct arena *a, const char *text)
{
    return arena_strndup(a, text, strcspn(text, "\n"));
}

/* In the form in which it is written: the kernel takes most of its files back as it hands them out. */
static const char *writable(struct arena *a, const char *file, const char *written, const char *text)
{
    size_t key = strcspn(written, " ");
    const char *none = value_of_none(file), *line;

    if (str_eq(file, "memory.oom_control"))
        return arena_strndup(a, text + strcspn(text, "01"), 1);
    if (!none || !written[key])
        return first_line(a, *text ? text : " ");       /* an empty text would not be written at all */
    line = str_find_line(text, written, key);
    return line ? first_line(a, line) : arena_printf(a, "%.*s %s", (int) key, written, none);
}

static const char *read_value(struct op *op, const struct cgroups *c, const struct plan_write *w)
{
    const struct cgroup *dir = &c->items[w->dir];
    const char *file = plan_text(c->plan, w->file);
    char *text;

    if (dir->root < 0 || cgroup_file_read(dir->root, dir->path, file, op->arena, &text) < 0)
        return NULL;
    return writable(op->arena, file, plan_text(c->plan, w->value), text);
}

/* ---- Back again ----------------------------------------------------------------------------- */

/* `last`: what is refused is told. */
static void undo_one(struct op *op, const struct cgroups *c, const struct plan_write *w, const char *before, bool last)
{
    const struct cgroup *dir = &c->items[w->dir];
    const char *file = plan_text(c->plan, w->file), *now = read_value(op, c, w);
    int r;

    if (!before || !now || str_eq(before, now))
        return;
    r = cgroup_file_write(dir->root, dir->path, file, before);
    if (r < 0 && last)
        op->message = arena_printf(op->arena, "%s; and %s/%s could not be set back to \"%s\": %s", op->message, dir->dir, file,
                                   before, strerror(-r));
}

/* Last things first: each step back is one that was allowed forward. What was written late, because it fitted only with the
 * rest, fits in a second round. */
void cgroup_update_undo(struct op *op, const struct cgroups *c, const struct cgroup_change *change)
{
    for (int round = 0; round < 2; round++)
        for (size_t i = change->n; i-- > 0;)
            undo_one(op, c, &change->writes[i], change->before[i], round == 1);
}

/* ---- Forward -------------------------------------------------------------------------------- */

static struct plan_write *find_file(const struct cgroups *c, struct plan_write *writes, size_t n, const char *file)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(plan_text(c->plan, writes[i].file), file))
            return &writes[i];
    return NULL;
}

/* -1 is no limit, and becomes the greatest number there is. */
static uint64_t limit_of(const char *text)
{
    return strtoull(text, NULL, 10);
}

/* v1: the kernel keeps memory <= memory and swap at every moment, so on the way up the greater one goes first. */
static void order_memory(struct op *op, const struct cgroups *c, struct plan_write *writes, size_t n)
{
    struct plan_write *limit = find_file(c, writes, n, "memory.limit_in_bytes"), first;
    struct plan_write *both = find_file(c, writes, n, "memory.memsw.limit_in_bytes");
    const char *now = limit && both ? read_value(op, c, both) : NULL;
    bool upward;

    if (!now)
        return;
    upward = limit_of(plan_text(c->plan, limit->value)) > limit_of(now);
    if (upward == (both < limit))
        return;
    first = *limit;
    *limit = *both;
    *both = first;
}

int cgroup_update(struct op *op, const struct cgroups *c, const bool *due, struct cgroup_change *ret)
{
    const struct plan_write *all = PLAN_ITEMS(c->plan, cgroup_writes, struct plan_write);
    struct plan_write *writes = arena_array(op->arena, c->plan->cgroup_writes.n, sizeof(*writes));
    struct cgroup_change change = { .writes = writes };
    int r;

    for (uint32_t i = 0; i < c->plan->cgroup_writes.n; i++)
        if (due[i])
            writes[change.n++] = all[i];
    order_memory(op, c, writes, change.n);
    change.before = arena_array(op->arena, change.n, sizeof(*change.before));
    for (size_t i = 0; i < change.n; i++)
        change.before[i] = read_value(op, c, &writes[i]);
    r = cgroup_write_list(op, c, writes, change.n);
    if (r < 0)
        cgroup_update_undo(op, c, &change);
    else
        *ret = change;
    return r;
}
