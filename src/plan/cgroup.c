#include "plan/cgroup.h"
#include <linux/sched.h>
#include "plan/device_rules.h"
#include "plan/make.h"
#include "plan/systemd.h"

/* ---- Where the cgroups are ------------------------------------------------------------------ */

static char *parent(struct arena *a, const char *path)
{
    return path_clean(a, arena_printf(a, "%s/..", path));
}

static char *below_root(struct arena *a, const char *path)
{
    return path_clean(a, arena_printf(a, "/%s", path));
}

/* Absolute: below the hierarchy's root. Relative: below the runtime's own cgroup, on v2 beside it, since
 * a cgroup2 with processes can have no children with controllers. ".." leads nowhere above either. */
static const char *cgroup_path(const struct make *m, const struct host_hierarchy *h)
{
    struct arena *a = m->op->arena;
    const char *path = m->linux_->cgroups_path ? m->linux_->cgroups_path : m->request->id;
    const char *clean = below_root(a, path);
    const char *base = m->host->layout == HOST_CGROUP_V2 ? parent(a, h->own) : h->own;

    if (m->unit_cgroup)
        return m->unit_cgroup;
    if (path[0] == '/')
        return clean;
    return path_clean(a, arena_printf(a, "/%s/%s", base, clean));
}

static uint32_t dir_flags(const struct host_hierarchy *h)
{
    uint32_t flags = h->controllers[0] ? 0 : PLAN_CGROUP_V2;

    if (str_has_word(h->controllers, ",", "cpuset"))
        flags |= PLAN_CGROUP_CPUSET;
    return flags | (str_starts(h->controllers, "name=") ? PLAN_CGROUP_NAMED : 0);
}

/* All hierarchies. The cgroup2 of a hybrid machine has no controllers, but a process can be cloned
 * into it, counted and killed by it. */
static void make_dirs(struct make *m)
{
    struct rows rows;
    const char *asked = m->linux_->cgroups_path;

    if (asked && !m->unit_cgroup && !m->request->no_cgroups && str_eq(below_root(m->op->arena, asked), "/"))
        op_fault(m->op, "/linux/cgroupsPath", "must name a cgroup of the container's own");
    rows_init(&rows, m->op->arena, sizeof(struct plan_cgroup_dir));
    m->n_cgroups = m->host->layout == HOST_CGROUP_NONE || m->request->no_cgroups ? 0 : m->host->n_hierarchies;
    m->cgroups = arena_array(m->op->arena, m->n_cgroups, sizeof(*m->cgroups));
    for (size_t i = 0; i < m->n_cgroups; i++) {
        const struct host_hierarchy *h = &m->host->hierarchies[i];

        m->cgroups[i] = (struct make_cgroup) { h, cgroup_path(m, h) };
        *(struct plan_cgroup_dir *) rows_add(&rows) = (struct plan_cgroup_dir) {
            .mount = block_text(&m->block, h->mount), .path = block_text(&m->block, m->cgroups[i].path),
            .controllers = block_text(&m->block, h->controllers), .flags = dir_flags(h),
        };
    }
    m->plan.cgroup_dirs = block_rows(&m->block, &rows);
}

/* ---- Devices -------------------------------------------------------------------------------- */

/* Devices are left as they are where the kernel would not let them be changed: without privilege in the
 * initial user namespace. */
static bool may_limit_devices(const struct make *m)
{
    return !make_is_unprivileged(m) && !m->host->user_namespace;
}

static void read_device_rules(const struct make *m, const struct spec_resources *r, struct device_rules *rules)
{
    if (may_limit_devices(m))
        device_rules_read(m->op, r, rules);
    else
        *rules = (struct device_rules) { .allow = true };
}

/* The default first, which also drops all exceptions; then those of the list. */
static void plan_devices_v1(struct cgroup *c, const struct device_rules *rules)
{
    const char *files[] = { "devices.deny", "devices.allow" };

    cgroup_write(c, files[rules->allow], "devices", "a");
    for (size_t i = 0; i < rules->n && cgroup_has_controller(c, "devices"); i++)
        if (rules->exceptions[i].access)
            cgroup_write(c, files[!rules->allow], "devices", device_rule_text(c->op->arena, &rules->exceptions[i]));
}

static void plan_devices(struct make *m, struct cgroup *c, const struct spec_resources *r, const struct device_rules *rules)
{
    if (device_rules_allow_everything(rules) || m->request->no_cgroups)
        return;
    if (m->host->layout == HOST_CGROUP_V2) {
        m->plan.device_rules = device_rules_list(&m->block, rules);
        m->plan.device_program = device_program(&m->block, rules);
    } else if (r->devices.n > 0 || cgroup_has_controller(c, "devices")) {
        plan_devices_v1(c, rules);
    }
}

/* ---- Whose they are ------------------------------------------------------------------------- */

/* The host's number of a uid in the container; UINT32_MAX when it has none. */
static uint32_t host_uid(const struct make *m, uint32_t uid)
{
    const struct plan_id_map *map = (const struct plan_id_map *) (m->block.base + m->plan.uid_map.at);

    for (uint32_t i = 0; i < m->plan.uid_map.n; i++)
        if (uid - map[i].inside < map[i].count)
            return map[i].outside + (uid - map[i].inside);
    return make_has_namespace(m, CLONE_NEWUSER) ? UINT32_MAX : uid;
}

static bool mounts_cgroup_writable(const struct spec_mount *mount)
{
    bool writable = true;

    if (!str_eq(mount->type, "cgroup") && !str_eq(mount->type, "cgroup2"))
        return false;
    for (size_t i = 0; i < mount->options.n; i++)
        if (str_eq(mount->options.v[i], "ro") || str_eq(mount->options.v[i], "rw"))
            writable = str_eq(mount->options.v[i], "rw");
    return writable;
}

/* Who sees his own cgroups only, and may write to them by his mount of them, is given them as well: as with a
 * service manager in a container. */
static uint32_t find_owner(const struct make *m)
{
    const struct spec_process *process = m->spec->process;

    if (m->host->layout != HOST_CGROUP_V2 || !(m->plan.new_ns & CLONE_NEWCGROUP))
        return UINT32_MAX;
    for (size_t i = 0; i < m->spec->mounts.n; i++) {
        const struct spec_mount *mount = &m->spec->mounts.v[i];

        if (mounts_cgroup_writable(mount) && str_eq(path_join(m->op->arena, "/", mount->destination), "/sys/fs/cgroup"))
            return host_uid(m, process && process->user ? (uint32_t) process->user->uid.v : 0);
    }
    return UINT32_MAX;
}

/* ---- All of it ------------------------------------------------------------------------------ */

static const char *const *list_controllers(const struct make *m)
{
    const char **controllers = arena_array(m->op->arena, m->n_cgroups, sizeof(*controllers));

    for (size_t i = 0; i < m->n_cgroups; i++)
        controllers[i] = m->cgroups[i].hierarchy->controllers;
    return controllers;
}

void make_cgroups(struct make *m)
{
    static const struct spec_resources no_resources = { 0 };
    const struct spec_resources *r = m->linux_->resources ? m->linux_->resources : &no_resources;
    struct cgroup c = { .op = m->op, .block = &m->block };
    struct device_rules rules;

    if (m->request->systemd_cgroup) {
        systemd_name_unit(m);
        r = systemd_round_resources(m->op->arena, r);
    }
    make_dirs(m);
    c.controllers = list_controllers(m);
    c.n_dirs = m->n_cgroups;
    rows_init(&c.writes, m->op->arena, sizeof(struct plan_write));
    cgroup_plan_resources(&c, r);
    /* systemd gives what it makes to its user. */
    if (m->linux_->cgroups_path || c.writes.n > 0 || (m->plan.unit && m->host->layout == HOST_CGROUP_V2))
        m->plan.flags |= PLAN_CGROUP_NEEDED;
    read_device_rules(m, r, &rules);
    plan_devices(m, &c, r, &rules);
    if (m->request->systemd_cgroup)
        systemd_plan_unit(m, &c.writes, &rules);
    m->plan.cgroup_writes = block_rows(&m->block, &c.writes);
    m->plan.resources = m->linux_->resources ? block_text(&m->block, spec_resources_json(m->op->arena, r)) : 0;
    m->plan.cgroup_owner = find_owner(m);
}
