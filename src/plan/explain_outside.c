#include <linux/sched.h>
#include <time.h>
#include "plan/device_rules.h"
#include "plan/explain.h"
#include "plan/unit.h"
#include "spec/words.h"

static void explain_container(struct explain *e)
{
    static const struct explain_bit how[] = {
        { PLAN_WAIT, "waits for start before it runs the program" },
        { PLAN_ROOTLESS, "rootless: does without cgroups that it may not make" },
        { 0, NULL },
    };

    explain_fields(e, "container");
    explain_ref(e, "id", e->plan->id);
    explain_ref(e, "bundle", e->plan->bundle);
    explain_bits(e, "how", e->plan->flags, how);
}

static void explain_namespaces(struct explain *e)
{
    const struct plan_join *join = PLAN_ITEMS(e->plan, joins, struct plan_join);

    explain_rows(e, "namespaces");
    for (const struct word *w = words_namespace.list; w->name; w++) {
        if (!(e->plan->new_ns & (uint64_t) w->value))
            continue;
        explain_row(e);
        explain_text(e, "type", w->name);
        explain_phrase(e, "how", w->value == CLONE_NEWCGROUP ? "new, entered once in the cgroup" : "new");
    }
    for (uint32_t i = 0; i < e->plan->joins.n; i++) {
        explain_row(e);
        explain_text(e, "type", words_name(&words_namespace, (int64_t) join[i].type));
        explain_ref(e, "path", join[i].path);
    }
}

static void explain_map(struct explain *e, const char *kind, struct plan_list list)
{
    const struct plan_id_map *map = plan_at(e->plan, list.at);

    for (uint32_t i = 0; i < list.n; i++) {
        explain_row(e);
        explain_text(e, "kind", kind);
        explain_number(e, "inside", map[i].inside);
        explain_number(e, "outside", map[i].outside);
        explain_number(e, "count", map[i].count);
    }
}

static void explain_id_maps(struct explain *e)
{
    const struct plan_time_offset *o = PLAN_ITEMS(e->plan, time_offsets, struct plan_time_offset);

    explain_rows(e, e->plan->new_ns & CLONE_NEWUSER ? "id maps" : "id maps expected of the joined namespace");
    explain_map(e, "uid", e->plan->uid_map);
    explain_map(e, "gid", e->plan->gid_map);
    if (e->plan->flags & PLAN_MAPS_BY_HELPER) {
        explain_row(e);
        explain_phrase(e, "kind", "written by newuidmap and newgidmap");
    }
    if (e->plan->flags & PLAN_DENY_SETGROUPS) {
        explain_row(e);
        explain_phrase(e, "kind", "setgroups denied");
    }
    explain_rows(e, "time offsets");
    for (uint32_t i = 0; i < e->plan->time_offsets.n; i++) {
        explain_row(e);
        explain_text(e, "clock", o[i].clock == CLOCK_BOOTTIME ? "boottime" : "monotonic");
        explain_number(e, "seconds", o[i].secs);
        explain_number(e, "nanoseconds", o[i].nanosecs);
    }
}

static const char *cgroup_path(const struct explain *e, uint32_t dir, const char *file)
{
    const struct plan_cgroup_dir *d = &PLAN_ITEMS(e->plan, cgroup_dirs, struct plan_cgroup_dir)[dir];

    return arena_printf(e->out.arena, "%s%s%s%s", plan_word(e->plan, d->mount), plan_word(e->plan, d->path),
                        file ? "/" : "", file ? file : "");
}

static void explain_cgroups(struct explain *e)
{
    static const struct explain_bit write_notes[] = {
        { PLAN_WRITE_OPTIONAL, "may be missing" },
        { PLAN_WRITE_ELSE_NEXT, "if missing the next one" },
        { PLAN_WRITE_ABOVE_USAGE, "not below what is in use" },
        { 0, NULL },
    };
    static const struct explain_bit notes[] = {
        { PLAN_CGROUP_CPUSET, "empty cpuset.cpus and cpuset.mems are copied from above" },
        { PLAN_CGROUP_V2, "v2" },
        { 0, NULL },
    };
    const struct plan_cgroup_dir *dir = PLAN_ITEMS(e->plan, cgroup_dirs, struct plan_cgroup_dir);
    const struct plan_write *write = PLAN_ITEMS(e->plan, cgroup_writes, struct plan_write);
    bool owned = e->plan->cgroup_owner != UINT32_MAX;

    explain_rows(e, "cgroups");
    for (uint32_t i = 0; i < e->plan->cgroup_dirs.n; i++) {
        explain_row(e);
        explain_text(e, "directory", cgroup_path(e, i, NULL));
        explain_bits(e, "note", dir[i].flags, notes);
        if (owned && (dir[i].flags & PLAN_CGROUP_V2))
            explain_number(e, "owner", e->plan->cgroup_owner);
    }
    explain_rows(e, "cgroup files");
    for (uint32_t i = 0; i < e->plan->cgroup_writes.n; i++) {
        explain_row(e);
        explain_text(e, "file", cgroup_path(e, write[i].dir, plan_text(e->plan, write[i].file)));
        explain_ref(e, "value", write[i].value);
        explain_ref(e, "for", write[i].pointer);
        explain_bits(e, "note", write[i].flags, write_notes);
    }
}

static void explain_unit(struct explain *e)
{
    static const struct explain_bit notes[] = { { PLAN_UNIT_PROCESS, "the container's first process" }, { 0, NULL } };
    const struct plan_unit_property *q = PLAN_ITEMS(e->plan, unit_properties, struct plan_unit_property);

    explain_fields(e, "systemd unit");
    explain_ref(e, "name", e->plan->unit);
    if (e->plan->unit)
        explain_phrase(e, "manager", e->plan->flags & PLAN_USER_MANAGER ? "the user's" : "the system's");
    explain_rows(e, "unit properties");
    for (uint32_t i = 0; i < e->plan->unit_properties.n; i++) {
        explain_row(e);
        explain_ref(e, "name", q[i].name);
        explain_ref(e, "type", q[i].signature);
        if (!(q[i].flags & PLAN_UNIT_PROCESS))
            explain_text(e, "value", unit_value_text(e->out.arena, e->plan, &q[i]));
        if (q[i].since)
            explain_number(e, "since", q[i].since);
        explain_ref(e, "for", q[i].pointer);
        explain_bits(e, "note", q[i].flags, notes);
    }
}

static void explain_device_rules(struct explain *e)
{
    const struct plan_device_rule *rule = PLAN_ITEMS(e->plan, device_rules, struct plan_device_rule);

    explain_rows(e, "device rules");
    for (uint32_t i = 0; i < e->plan->device_rules.n; i++) {
        explain_row(e);
        explain_text(e, "verdict", rule[i].allow ? "allow" : "deny");
        explain_text(e, "devices", rule[i].type == 'a' ? "others" : device_rule_text(e->out.arena, &rule[i]));
    }
    explain_fields(e, "device program");
    if (e->plan->device_program.n)
        explain_number(e, "instructions", e->plan->device_program.n);
}

static void explain_rdt(struct explain *e)
{
    static const struct explain_bit notes[] = {
        { PLAN_RDT_FOUND, "must be there already" },
        { PLAN_RDT_SHARED, "others may be in it" },
        { 0, NULL },
    };
    const struct plan_rdt *rdt = &e->plan->rdt;
    const char *root = plan_word(e->plan, rdt->root);

    explain_fields(e, "intel rdt");
    if (!rdt->root)
        return;
    explain_text(e, "group", arena_printf(e->out.arena, "%s%s", root, plan_word(e->plan, rdt->group)));
    explain_bits(e, "note", rdt->flags, notes);
    explain_ref(e, "schemata", rdt->schemata);
    if (rdt->monitor)
        explain_text(e, "monitoring group", arena_printf(e->out.arena, "%s%s", root, plan_word(e->plan, rdt->monitor)));
}

void explain_outside(struct explain *e)
{
    explain_container(e);
    explain_namespaces(e);
    explain_id_maps(e);
    explain_unit(e);
    explain_cgroups(e);
    explain_device_rules(e);
    explain_rdt(e);
}
