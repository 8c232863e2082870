#include <linux/sched.h>
#include <time.h>
#include "plan/make.h"

static void check_kernel(struct make *m)
{
    if (make_has_namespace(m, CLONE_NEWCGROUP) && !m->host->cgroup_namespaces)
        op_fault(m->op, "/linux/namespaces", "cgroup namespaces aren't enabled in the kernel");
    if (make_has_namespace(m, CLONE_NEWTIME) && !m->host->time_namespaces)
        op_fault(m->op, "/linux/namespaces", "time namespaces aren't enabled in the kernel");
}

static void make_list(struct make *m)
{
    struct rows joins;

    rows_init(&joins, m->op->arena, sizeof(struct plan_join));
    for (size_t i = 0; i < m->linux_->namespaces.n; i++) {
        const struct spec_namespace *ns = &m->linux_->namespaces.v[i];
        uint64_t type = (uint64_t) ns->type.v;

        m->namespaces |= type;
        if (ns->path == NULL)
            m->plan.new_ns |= type;
        else
            *(struct plan_join *) rows_add(&joins) = (struct plan_join) { type, block_text(&m->block, ns->path), 0 };
    }
    m->plan.joins = block_rows(&m->block, &joins);
    if (m->plan.new_ns & CLONE_NEWCGROUP)
        m->plan.flags |= PLAN_CGROUP_NS_LATE;
    if (make_has_namespace(m, CLONE_NEWNS))
        m->plan.flags |= PLAN_PRIVATE_MOUNTS;
}

/* Without privilege nothing can be mounted and no ID can be taken on but inside a user namespace. */
static void check_unprivileged(struct make *m)
{
    if (!make_is_unprivileged(m))
        return;
    if (!make_has_namespace(m, CLONE_NEWUSER)) {
        op_fault(m->op, "/linux/namespaces", "rootless container requires user namespaces");
    } else if (m->plan.new_ns & CLONE_NEWUSER) {
        if (m->linux_->uid_maps.n == 0)
            op_fault(m->op, "/linux/uidMappings", "rootless containers requires at least one UID mapping");
        if (m->linux_->gid_maps.n == 0)
            op_fault(m->op, "/linux/gidMappings", "rootless containers requires at least one GID mapping");
    }
}

/* The init acts as root of the namespace before it becomes the user: that root has to be somebody. */
static void check_root(struct make *m)
{
    if (!spec_is_mapped(m->linux_->uid_maps.v, m->linux_->uid_maps.n, 0))
        op_fault(m->op, "/linux/uidMappings", "user namespaces enabled, but no mapping found for uid 0");
    if (!spec_is_mapped(m->linux_->gid_maps.v, m->linux_->gid_maps.n, 0))
        op_fault(m->op, "/linux/gidMappings", "user namespaces enabled, but no mapping found for gid 0");
}

static struct plan_list make_maps(struct make *m, const struct spec_id_map *maps, size_t n)
{
    struct rows rows;

    rows_init(&rows, m->op->arena, sizeof(struct plan_id_map));
    for (size_t i = 0; i < n; i++)
        *(struct plan_id_map *) rows_add(&rows) = (struct plan_id_map) {
            (uint32_t) maps[i].container_id.v, (uint32_t) maps[i].host_id.v, (uint32_t) maps[i].size.v,
        };
    return block_rows(&m->block, &rows);
}

/* The kernel lets everybody map just himself, provided that setgroups(2) is given up first
 * (user_namespaces(7)). For anything more newgidmap is needed, and it leaves setgroups alone. */
static bool maps_only_self(const struct make *m)
{
    const struct spec_id_map *map = m->linux_->gid_maps.v;

    return m->linux_->gid_maps.n == 1 && map->size.v == 1 && map->host_id.v == m->host->gid;
}

static void make_id_maps(struct make *m)
{
    check_unprivileged(m);
    check_root(m);
    m->plan.uid_map = make_maps(m, m->linux_->uid_maps.v, m->linux_->uid_maps.n);
    m->plan.gid_map = make_maps(m, m->linux_->gid_maps.v, m->linux_->gid_maps.n);
    if (make_is_unprivileged(m) && (m->plan.new_ns & CLONE_NEWUSER) && maps_only_self(m))
        m->plan.flags |= PLAN_DENY_SETGROUPS;
}

static void make_time_offsets(struct make *m)
{
    struct rows rows;

    rows_init(&rows, m->op->arena, sizeof(struct plan_time_offset));
    for (size_t i = 0; i < m->linux_->time_offsets.n; i++) {
        const struct spec_time_offset *o = &m->linux_->time_offsets.v[i];

        *(struct plan_time_offset *) rows_add(&rows) = (struct plan_time_offset) {
            .secs = o->secs.v, .nanosecs = (uint32_t) o->nanosecs.v,
            .clock = str_eq(o->key, "boottime") ? CLOCK_BOOTTIME : CLOCK_MONOTONIC,
        };
    }
    m->plan.time_offsets = block_rows(&m->block, &rows);
}

void make_namespaces(struct make *m)
{
    make_list(m);
    check_kernel(m);
    make_id_maps(m);
    make_time_offsets(m);
}
