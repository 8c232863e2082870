/* Namespaces, and the id maps of the user namespace. */
#include <errno.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include "audit/look.h"
#include "base/str.h"

static const char pointer[] = "/linux/namespaces";

static const char *type_name(size_t i)
{
    uint64_t type = look_namespaces[i].type;

    return type == CLONE_NEWNS ? "mount" : type == CLONE_NEWNET ? "network" : look_namespaces[i].file;
}

/* ---- The container's ------------------------------------------------------------------------ */

static const char *first_file(struct look *l, size_t i)
{
    return look_file(l, &l->first, arena_printf(l->op->arena, "ns/%s", look_namespaces[i].file));
}

static void check_new(struct look *l, size_t i)
{
    if (!look_fact(l, l->init.v[i] != l->caller.v[i]))
        look_drift(l, .pointer = pointer, .asked = arena_printf(l->op->arena, "a new %s namespace", type_name(i)),
                   .found = "the host's", .where = first_file(l, i), .pid = l->first.pid);
}

/* What the path was may have gone since: that says nothing of the container. */
static void check_joined(struct look *l, size_t i, const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0) {
        look_note(l, .pointer = pointer, .asked = arena_printf(l->op->arena, "the %s namespace of %s", type_name(i), path),
                  .found = "there is no such file any more");
        return;
    }
    if (!look_fact(l, st.st_ino == l->init.v[i]))
        look_drift(l, .pointer = pointer, .asked = arena_printf(l->op->arena, "the %s namespace of %s", type_name(i), path),
                   .found = l->init.v[i] == l->caller.v[i] ? "the host's" : "another one", .where = first_file(l, i),
                   .pid = l->first.pid);
}

static void check_shared(struct look *l, size_t i)
{
    if (!look_fact(l, l->init.v[i] == l->caller.v[i]))
        look_note(l, .pointer = pointer, .asked = arena_printf(l->op->arena, "the host's %s namespace", type_name(i)),
                  .found = "another one", .where = first_file(l, i), .pid = l->first.pid);
}

static const struct plan_join *find_join(const struct plan *p, uint64_t type)
{
    const struct plan_join *joins = PLAN_ITEMS(p, joins, struct plan_join);

    for (uint32_t i = 0; i < p->joins.n; i++)
        if (joins[i].type == type)
            return &joins[i];
    return NULL;
}

/* A kernel without that kind has neither inode. */
void look_at_namespaces(struct look *l)
{
    for (size_t i = 0; i < LOOK_NAMESPACES; i++) {
        const struct plan_join *join = find_join(l->plan, look_namespaces[i].type);

        if (l->init.v[i] == 0 && l->caller.v[i])
            look_unchecked(l, pointer, first_file(l, i), -EACCES);
        else if (join)
            check_joined(l, i, plan_text(l->plan, join->path));
        else if (l->plan->new_ns & look_namespaces[i].type)
            check_new(l, i);
        else
            check_shared(l, i);
    }
}

/* ---- A process's ---------------------------------------------------------------------------- */

/* One of the container's programs may go into namespaces of its own, but not into the host's. */
void look_at_its_namespaces(struct look *l, const struct look_process *p)
{
    bool nested = false;

    for (size_t i = 0; i < LOOK_NAMESPACES && !p->first; i++) {
        bool same = p->ns.v[i] == l->init.v[i];

        if (look_fact(l, same) || p->ns.v[i] == 0)
            continue;
        if (p->ns.v[i] != l->caller.v[i])
            nested = true;
        else
            look_drift(l, .pointer = pointer, .asked = arena_printf(l->op->arena, "the container's %s namespace", type_name(i)),
                       .found = "the host's", .where = look_file(l, p, arena_printf(l->op->arena, "ns/%s", look_namespaces[i].file)),
                       .pid = p->pid);
    }
    if (nested && l->nested.n++ == 0)
        l->nested.first = p->pid;
}

/* ---- Id maps -------------------------------------------------------------------------------- */

static const char *map_text(struct look *l, struct plan_list map)
{
    const struct plan_id_map *m = plan_at(l->plan, map.at);
    struct str s;

    str_init(&s, l->op->arena);
    for (uint32_t i = 0; i < map.n; i++)
        str_addf(&s, "%s%u %u %u", i ? "; " : "", m[i].inside, m[i].outside, m[i].count);
    return s.text;
}

static void check_map(struct look *l, const char *file, const char *where, struct plan_list map)
{
    char *text;
    int r = look_read(l, &l->first, file, &text);

    if (r < 0)
        look_unchecked(l, where, look_file(l, &l->first, file), r);
    else if (!look_fact(l, proc_text_is_map(text, plan_at(l->plan, map.at), map.n)))
        look_drift(l, .pointer = where, .asked = map_text(l, map), .found = text, .where = look_file(l, &l->first, file),
                   .pid = l->first.pid);
}

/* Nobody can take "deny" back. */
static void check_setgroups(struct look *l)
{
    char *text;
    int r = look_read(l, &l->first, "setgroups", &text);

    if (r < 0)
        look_unchecked(l, "/linux/gidMappings", look_file(l, &l->first, "setgroups"), r);
    else if (!look_fact(l, str_starts(text, "deny")))
        look_drift(l, .pointer = "/linux/gidMappings", .asked = "setgroups deny", .found = "allow",
                   .where = look_file(l, &l->first, "setgroups"), .pid = l->first.pid);
}

/* Of a joined user namespace the plan has the maps, too. */
void look_at_id_maps(struct look *l)
{
    if (l->plan->uid_map.n == 0 && l->plan->gid_map.n == 0)
        return;
    check_map(l, "uid_map", "/linux/uidMappings", l->plan->uid_map);
    check_map(l, "gid_map", "/linux/gidMappings", l->plan->gid_map);
    if ((l->plan->new_ns & CLONE_NEWUSER) && (l->plan->flags & PLAN_DENY_SETGROUPS))
        check_setgroups(l);
}
