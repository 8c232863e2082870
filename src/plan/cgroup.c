#include "plan/cgroup.h"
#include <string.h>

/* ---- Where the cgroups are ------------------------------------------------------------------ */

static char *parent(struct arena *a, const char *path)
{
    return path_clean(a, arena_printf(a, "%s/..", path));
}

/* Absolute: below the hierarchy's root. Relative: below the runtime's own cgroup, on v2 beside it, since
 * a cgroup2 with processes can have no children with controllers. ".." leads nowhere above either. */
static const char *cgroup_path(const struct make *m, const struct host_hierarchy *h)
{
    struct arena *a = m->op->arena;
    const char *path = m->linux_->cgroups_path ? m->linux_->cgroups_path : m->request->id;
    const char *clean = path_clean(a, arena_printf(a, "/%s", path));
    const char *base = m->host->layout == HOST_CGROUP_V2 ? parent(a, h->own) : h->own;

    if (path[0] == '/')
        return clean;
    return path_clean(a, arena_printf(a, "/%s/%s", base, clean));
}

static uint32_t dir_flags(const struct host_hierarchy *h)
{
    uint32_t flags = h->controllers[0] ? 0 : PLAN_CGROUP_V2;

    if (cgroup_list_holds(h->controllers, "cpuset", strlen("cpuset")))
        flags |= PLAN_CGROUP_CPUSET;
    return flags | (str_starts(h->controllers, "name=") ? PLAN_CGROUP_NAMED : 0);
}

/* All hierarchies. The cgroup2 of a hybrid machine has no controllers, but a process can be cloned
 * into it, counted and killed by it. */
static void make_dirs(struct make *m)
{
    struct rows rows;
    const char *asked = m->linux_->cgroups_path;

    if (asked && str_eq(path_clean(m->op->arena, arena_printf(m->op->arena, "/%s", asked)), "/"))
        op_fault(m->op, "/linux/cgroupsPath", "must name a cgroup of the container's own");
    rows_init(&rows, m->op->arena, sizeof(struct plan_cgroup_dir));
    m->n_cgroups = m->host->layout == HOST_CGROUP_NONE ? 0 : m->host->n_hierarchies;
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

/* ---- What is written ------------------------------------------------------------------------ */

static void check_memory(struct cgroup *c)
{
    const struct spec_memory *memory = c->resources->memory;
    const char *fault;

    if (memory == NULL)
        return;
    if (memory->kernel.set || memory->kernel_tcp.set)
        op_warn(c->m->op, "Kernel memory settings are ignored and will be removed");
    fault = cgroup_memory_fault(memory->limit.v, memory->swap.v);
    if (fault)
        op_fault(c->m->op, "/linux/resources/memory/swap", "%s", fault);
}

/* Devices are left as they are where the kernel would not let them be changed: without privilege in the
 * initial user namespace. */
static bool may_limit_devices(const struct make *m)
{
    return !make_is_unprivileged(m) && !m->host->user_namespace;
}

static void read_device_rules(struct cgroup *c, struct device_rules *rules)
{
    if (may_limit_devices(c->m))
        device_rules_read(c->m->op, c->resources, rules);
    else
        *rules = (struct device_rules) { .allow = true };
}

/* Whether anything besides devices is limited. */
static bool has_limits(const struct cgroup *c)
{
    const struct plan_write *writes = (const struct plan_write *) c->writes.items;

    for (size_t i = 0; i < c->writes.n && !c->m->block.full; i++)
        if (!str_starts(c->m->block.base + writes[i].file, "devices."))
            return true;
    return false;
}

void make_cgroups(struct make *m)
{
    static const struct spec_resources no_resources = { 0 };
    struct cgroup c = { .m = m, .resources = m->linux_->resources ? m->linux_->resources : &no_resources };
    struct device_rules rules;

    rows_init(&c.writes, m->op->arena, sizeof(struct plan_write));
    make_dirs(m);
    check_memory(&c);
    read_device_rules(&c, &rules);
    if (m->host->layout == HOST_CGROUP_V2)
        cgroup_v2_plan(&c, &rules);
    else
        cgroup_v1_plan(&c, &rules);
    if (m->linux_->cgroups_path || has_limits(&c))
        m->plan.flags |= PLAN_CGROUP_NEEDED;
    m->plan.cgroup_writes = block_rows(&m->block, &c.writes);
}
