#include <linux/capability.h>
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

/* ---- A joined user namespace ---------------------------------------------------------------- */

static bool has_range(const struct spec_id_map *maps, size_t n, const struct host_id_range *range)
{
    for (size_t i = 0; i < n; i++)
        if (maps[i].container_id.v == range->inside && maps[i].host_id.v == range->outside && maps[i].size.v == range->count)
            return true;
    return false;
}

/* In any order: the kernel sorts long maps. */
static bool is_same_map(const struct spec_id_map *maps, size_t n, const struct host_id_map *joined)
{
    for (size_t i = 0; i < joined->n; i++)
        if (!has_range(maps, n, &joined->v[i]))
            return false;
    return n == joined->n;
}

static struct spec_id_map *convert_map(struct make *m, const struct host_id_map *joined)
{
    struct spec_id_map *maps = arena_array(m->op->arena, joined->n, sizeof(*maps));

    for (size_t i = 0; i < joined->n; i++)
        maps[i] = (struct spec_id_map) {
            { true, joined->v[i].inside }, { true, joined->v[i].outside }, { true, joined->v[i].count },
        };
    return maps;
}

static void check_stated_maps(struct make *m)
{
    const struct spec_linux *l = m->linux_;

    if (l->uid_maps.n == 0 && l->gid_maps.n == 0)
        return;
    if (is_same_map(l->uid_maps.v, l->uid_maps.n, &m->host->joined_uids) &&
        is_same_map(l->gid_maps.v, l->gid_maps.n, &m->host->joined_gids))
        op_warn(m->op, "config.json has both a userns path to join and a matching userns mapping specified: the path is enough");
    else
        op_fault(m->op, l->uid_maps.n ? "/linux/uidMappings" : "/linux/gidMappings", "user namespaces enabled, but both "
                 "namespace path and non-matching mapping specified -- you may only provide one");
}

/* From here on its mappings are those of the configuration. */
static void take_joined_maps(struct make *m)
{
    struct spec_linux *l;

    if (!m->host->joined_user)
        return;
    check_stated_maps(m);
    l = arena_alloc(m->op->arena, sizeof(*l));
    *l = *m->linux_;
    l->uid_maps.v = convert_map(m, &m->host->joined_uids);
    l->uid_maps.n = m->host->joined_uids.n;
    l->gid_maps.v = convert_map(m, &m->host->joined_gids);
    l->gid_maps.n = m->host->joined_gids.n;
    m->linux_ = l;
}

static void check_joined_id(struct make *m, const char *pointer, const char *what, uint64_t id)
{
    const struct spec_linux *l = m->linux_;
    bool user = what[0] == 'u';
    size_t n = user ? l->uid_maps.n : l->gid_maps.n;

    if (n == 0 || !spec_is_mapped(user ? l->uid_maps.v : l->gid_maps.v, n, id))
        op_fault(m->op, pointer, "user namespaces enabled, but no mapping found for %s %llu", what, (unsigned long long) id);
}

/* What spec_check has done for a new one. */
static void check_joined_ids(struct make *m)
{
    const struct spec_user *user = m->spec->process->user;

    if (!m->host->joined_user)
        return;
    check_joined_id(m, "/process/user/uid", "uid", user ? user->uid.v : 0);
    check_joined_id(m, "/process/user/gid", "gid", user ? user->gid.v : 0);
    for (size_t i = 0; user && i < user->additional_gids.n; i++)
        check_joined_id(m, arena_printf(m->op->arena, "/process/user/additionalGids/%zu", i), "gid",
                        user->additional_gids.v[i].v);
}

/* ---- ID mappings ---------------------------------------------------------------------------- */

/* The init acts as root of the namespace before it becomes the user: that root has to be somebody. */
static void check_root(struct make *m)
{
    if (!spec_is_mapped(m->linux_->uid_maps.v, m->linux_->uid_maps.n, 0))
        op_fault(m->op, "/linux/uidMappings", "user namespaces enabled, but no mapping found for uid 0");
    if (!spec_is_mapped(m->linux_->gid_maps.v, m->linux_->gid_maps.n, 0))
        op_fault(m->op, "/linux/gidMappings", "user namespaces enabled, but no mapping found for gid 0");
}

struct plan_list make_maps(struct make *m, const struct spec_id_map *maps, size_t n)
{
    struct rows rows;

    rows_init(&rows, m->op->arena, sizeof(struct plan_id_map));
    for (size_t i = 0; i < n; i++)
        *(struct plan_id_map *) rows_add(&rows) = (struct plan_id_map) {
            (uint32_t) maps[i].container_id.v, (uint32_t) maps[i].host_id.v, (uint32_t) maps[i].size.v,
        };
    return block_rows(&m->block, &rows);
}

static bool maps_only(const struct spec_id_map *maps, size_t n, uint32_t id)
{
    return n == 1 && maps->size.v == 1 && maps->host_id.v == id;
}

static bool may(const struct make *m, unsigned capability)
{
    return m->host->caps >> capability & 1;
}

/* The kernel lets everybody map just himself, provided that setgroups(2) is given up first (user_namespaces(7)). For
 * anything more it wants a capability, which newuidmap and newgidmap have; they leave setgroups alone. */
static void make_map_writer(struct make *m)
{
    bool own_uid = maps_only(m->linux_->uid_maps.v, m->linux_->uid_maps.n, m->host->uid);
    bool own_gid = maps_only(m->linux_->gid_maps.v, m->linux_->gid_maps.n, m->host->gid);

    if (!(m->plan.new_ns & CLONE_NEWUSER))
        return;
    if ((!own_uid && !may(m, CAP_SETUID)) || (!own_gid && !may(m, CAP_SETGID)))
        m->plan.flags |= PLAN_MAPS_BY_HELPER;
    else if (make_is_unprivileged(m) && own_gid)
        m->plan.flags |= PLAN_DENY_SETGROUPS;
}

static void make_id_maps(struct make *m)
{
    check_unprivileged(m);
    take_joined_maps(m);
    check_root(m);
    check_joined_ids(m);
    m->plan.uid_map = make_maps(m, m->linux_->uid_maps.v, m->linux_->uid_maps.n);
    m->plan.gid_map = make_maps(m, m->linux_->gid_maps.v, m->linux_->gid_maps.n);
    make_map_writer(m);
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
