#include "plan/systemd.h"
#include <string.h>

enum { UNIT_NAME_MAX = 255 };

static const char pointer[] = "/linux/cgroupsPath";

/* ---- Names ---------------------------------------------------------------------------------- */

/* The three parts of cgroupsPath. */
struct parts { const char *slice, *prefix, *name; };

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && str_eq(text + n - m, end);
}

/* systemd.unit(5): letters, digits and a few more, at most 255. */
static bool is_unit_name(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
    size_t n = strlen(name);

    return n <= UNIT_NAME_MAX && strspn(name, allowed) == n;
}

const char *systemd_slice_path(struct arena *a, const char *slice)
{
    size_t end = strlen(slice), suffix = strlen(".slice");
    struct str path;

    str_init(&path, a);
    if (str_eq(slice, "-") || str_eq(slice, "-.slice"))
        return path.text;
    if (!ends_with(slice, ".slice") || !is_unit_name(slice))
        return NULL;
    end -= suffix;
    /* Each dash is one level more: what is before it is the name of the slice above. */
    for (size_t i = 0, start = 0; i <= end; i++) {
        if (slice[i] != '-' && i < end)
            continue;
        if (i == start)
            return NULL;
        str_addf(&path, "/%.*s.slice", (int) i, slice);
        start = i + 1;
    }
    return path.text;
}

static bool split(struct make *m, struct parts *ret)
{
    const char *path = m->linux_->cgroups_path;
    char *text, *slice, *prefix;

    if (path == NULL || *path == '\0') {
        *ret = (struct parts) { "", "runc", m->request->id };
        return true;
    }
    text = arena_strdup(m->op->arena, path);
    slice = strsep(&text, ":");
    prefix = strsep(&text, ":");
    if (text == NULL || strchr(text, ':')) {
        op_fault(m->op, pointer, "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \"%s\" "
                 "instead", path);
        return false;
    }
    *ret = (struct parts) { slice, prefix, text };
    return true;
}

/* ---- The manager ---------------------------------------------------------------------------- */

/* The hierarchy that systemd keeps its units in. */
static const struct host_hierarchy *own_hierarchy(const struct host *h)
{
    for (size_t i = 0; i < h->n_hierarchies; i++)
        if (str_eq(h->hierarchies[i].controllers, "name=systemd"))
            return &h->hierarchies[i];
    return h->n_hierarchies ? &h->hierarchies[h->n_hierarchies - 1] : NULL;
}

/* The cgroup of the manager that makes the unit. A user's own is found above the caller, if that is where he is. */
static const char *manager_cgroup(const struct make *m)
{
    struct arena *a = m->op->arena;
    const struct host_hierarchy *h = own_hierarchy(m->host);
    const char *service = arena_printf(a, "/user@%u.service", m->host->manager_uid), *at;

    if (!(m->plan.flags & PLAN_USER_MANAGER))
        return "";
    at = h ? strstr(h->own, service) : NULL;
    if (at && (at[strlen(service)] == '/' || at[strlen(service)] == '\0'))
        return arena_strndup(a, h->own, (size_t) (at - h->own) + strlen(service));
    return arena_printf(a, "/user.slice/user-%u.slice%s", m->host->manager_uid, service);
}

/* ---- The unit ------------------------------------------------------------------------------- */

static const char *slice_of(const struct make *m, const struct parts *parts)
{
    if (*parts->slice)
        return str_eq(parts->slice, "-") ? "-.slice" : parts->slice;
    return m->plan.flags & PLAN_USER_MANAGER ? "user.slice" : "system.slice";
}

static const char *unit_of(const struct make *m, const struct parts *parts)
{
    if (ends_with(parts->name, ".slice"))
        return parts->name;
    return arena_printf(m->op->arena, "%s-%s.scope", parts->prefix, parts->name);
}

void systemd_name_unit(struct make *m)
{
    struct arena *a = m->op->arena;
    const char *slice, *unit, *above, *path;
    struct parts parts;

    if (m->plan.flags & PLAN_ROOTLESS)
        m->plan.flags |= PLAN_USER_MANAGER;
    m->unit_cgroup = "/";                           /* for what goes on after a fault */
    if (!split(m, &parts))
        return;
    slice = slice_of(m, &parts);
    unit = unit_of(m, &parts);
    above = systemd_slice_path(a, slice);
    path = ends_with(unit, ".slice") ? systemd_slice_path(a, unit) : above ? arena_printf(a, "%s/%s", above, unit) : NULL;
    if (above == NULL)
        op_fault(m->op, pointer, "invalid slice name: %s", slice);
    else if (!is_unit_name(unit) || path == NULL || *path == '\0')
        op_fault(m->op, pointer, "invalid unit name: %.300s", unit);
    else
        m->unit_cgroup = arena_printf(a, "%s%s", manager_cgroup(m), path);
    m->plan.unit = block_text(&m->block, unit);
}

/* A slice is below the one that its name says; it has no process when it is made, and what is in it is its own anyway. */
static void add_place(struct unit *u, const char *slice, bool is_slice)
{
    struct rows one;

    rows_init(&one, u->op->arena, sizeof(uint64_t));
    unit_word(&one, 1);
    unit_word(&one, is_slice ? block_text(u->block, slice) : 0);
    if (is_slice) {
        unit_add(u, "Wants", "as", &one);
        return;
    }
    unit_add_text(u, "Slice", slice);
    unit_add_flag(u, "Delegate", true);
    unit_add(u, "PIDs", "au", &one)->flags = PLAN_UNIT_PROCESS;
}

static void add_accounting(struct unit *u, const struct host *host)
{
    unit_add_flag(u, "MemoryAccounting", true);
    unit_add_flag(u, "CPUAccounting", true);
    unit_add_flag(u, host->layout == HOST_CGROUP_V2 ? "IOAccounting" : "BlockIOAccounting", true);
    unit_add_flag(u, "TasksAccounting", true);
    unit_add_flag(u, "DefaultDependencies", false);
}

void systemd_plan_unit(struct make *m, const struct rows *writes, const struct device_rules *rules)
{
    struct parts parts;
    struct unit u;

    if (m->op->message || !split(m, &parts))
        return;
    unit_init(&u, m->op, &m->block);
    unit_add_text(&u, "Description", arena_printf(m->op->arena, "libcontainer container %s", parts.name));
    add_place(&u, slice_of(m, &parts), ends_with(parts.name, ".slice"));
    add_accounting(&u, m->host);
    systemd_add_devices(&u, rules);
    systemd_add_limits(&u, (const struct plan_write *) writes->items, writes->n);
    systemd_add_annotations(&u, &m->spec->annotations);
    m->plan.unit_properties = block_rows(&m->block, &u.properties);
}

struct plan_list systemd_update_unit(struct op *op, struct block *block, const struct plan *saved, const struct rows *writes)
{
    const struct plan_unit_property *old = PLAN_ITEMS(saved, unit_properties, struct plan_unit_property);
    struct unit u;

    unit_init(&u, op, block);
    for (uint32_t i = 0; i < saved->unit_properties.n; i++)
        if (!(old[i].flags & PLAN_UNIT_LIMIT))
            *(struct plan_unit_property *) rows_add(&u.properties) = old[i];
    systemd_add_limits(&u, (const struct plan_write *) writes->items, writes->n);
    return block_rows(block, &u.properties);
}
