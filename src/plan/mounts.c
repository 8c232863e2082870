#include "plan/mounts.h"
#include <linux/mount.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* What an EXACT bind mount settles besides the access time. */
    PLAIN_ATTRS = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW,
    ATIME_FLAGS = MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME,
};

static const char *entry_pointer(struct make *m, const struct mount_entry *e)
{
    return arena_printf(m->op->arena, "/mounts/%zu", e->index);
}

static bool has_option(const struct spec_mount *mount, const char *name)
{
    for (size_t i = 0; i < mount->options.n; i++)
        if (str_eq(mount->options.v[i], name))
            return true;
    return false;
}

bool mount_is_bind(const struct spec_mount *mount)
{
    return str_eq(mount->type, "bind") || has_option(mount, "bind") || has_option(mount, "rbind");
}

/* ---- /proc ---------------------------------------------------------------------------------- */

/* Files of procfs that container managers rightly put something else over (lxcfs and the like). */
static bool may_cover_proc(const char *below)
{
    static const char *const names[] = {
        "cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo", "sys/kernel/ns_last_pid",
        "sys/crypto/fips_enabled",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_eq(below, names[i]))
            return true;
    return false;
}

/* A false /proc lets writes of security labels and sysctls go nowhere, or elsewhere (CVE-2019-16884,
 * CVE-2025-52881). These are the rules for the path as it is written; the init, which sees where it
 * leads, holds up the same by the type of the file system there. */
static uint32_t check_proc(struct make *m, const struct mount_entry *e, bool bind)
{
    if (str_starts(e->target, "/proc/")) {
        if (may_cover_proc(e->target + strlen("/proc/")))
            return PLAN_MOUNT_MAY_COVER_PROC;
        op_fault(m->op, entry_pointer(m, e), "\"%s\" cannot be mounted because it is inside /proc", e->target);
    } else if (str_eq(e->target, "/proc")) {
        if (bind)
            return PLAN_MOUNT_SOURCE_PROC;
        if (!str_eq(e->type, "proc"))
            op_fault(m->op, entry_pointer(m, e), "\"%s\" cannot be mounted because it is not of type proc", e->target);
    }
    return 0;
}

/* ---- Flags of binds --------------------------------------------------------------------------- */

/* A bind mount for which any flag was named gets exactly the named ones, whatever its source has, as
 * with mount(2) and MS_REMOUNT. Access time stays as it is unless it was named too. */
static void set_exact(struct plan_mount *p, const struct mount_options *o)
{
    uint64_t named = (o->set | o->cleared) & ~(uint64_t) (MS_BIND | MS_REC);

    if (named == 0)
        return;
    p->flags |= PLAN_MOUNT_EXACT;
    p->attr_set = mount_options_attr(o->set);
    p->attr_clr = PLAIN_ATTRS;
    if (o->set & ATIME_FLAGS) {
        p->attr_set |= mount_options_atime(o->set);
        p->attr_clr |= MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME;
    }
    p->attr_clr = (p->attr_clr | mount_options_attr(o->cleared)) & ~(p->attr_set & ~(uint64_t) MOUNT_ATTR__ATIME);
    p->must_clr = mount_options_attr(o->cleared);
}

/* ---- Id mappings ---------------------------------------------------------------------------- */

/* By the option, or by mappings of the mount's own. Without those the container's are meant. */
static bool is_idmapped(const struct mount_entry *e)
{
    return (e->options.flags & PLAN_MOUNT_IDMAP) || e->uid_maps.n || e->gid_maps.n;
}

static void check_idmap(struct make *m, const struct mount_entry *e, bool bind)
{
    bool own = e->uid_maps.n || e->gid_maps.n;
    bool mapped = own ? e->uid_maps.n && e->gid_maps.n : make_has_namespace(m, CLONE_NEWUSER);

    if (!is_idmapped(e))
        return;
    if (!bind)
        op_fault(m->op, entry_pointer(m, e), "id-mapped mounts are only supported for bind-mounts");
    else if (make_is_unprivileged(m))
        op_fault(m->op, entry_pointer(m, e), "id-mapped mounts are not supported for rootless containers");
    else if (!mapped)
        op_fault(m->op, entry_pointer(m, e), "id-mapped mounts must have both uid and gid mappings specified");
}

static void set_idmap(struct make *m, const struct mount_entry *e, struct plan_mount *p)
{
    if (!is_idmapped(e))
        return;
    p->flags |= PLAN_MOUNT_IDMAP | (e->options.flags & PLAN_MOUNT_IDMAP_TREE);
    p->uid_map = make_maps(m, e->uid_maps.v, e->uid_maps.n);
    p->gid_map = make_maps(m, e->gid_maps.v, e->gid_maps.n);
}

/* ---- Bind mounts ---------------------------------------------------------------------------- */

#define NO_DATA "bind mounts cannot have any filesystem-specific options applied (found \"%s\")"

static const char *first_data(const struct make *m, const struct mount_entry *e)
{
    const struct plan_pair *pairs = (const struct plan_pair *) e->options.data.items;

    return m->block.full ? "" : m->block.base + pairs[0].key;
}

static void add_bind(struct mounts *mounts, const struct mount_entry *e, uint32_t flags)
{
    struct make *m = mounts->m;
    struct plan_mount *p;

    if (e->source == NULL)
        op_fault(m->op, entry_pointer(m, e), "a bind mount needs a source");
    if (e->options.data.n > 0)
        op_fault(m->op, entry_pointer(m, e), NO_DATA, first_data(m, e));
    p = mounts_add(mounts, e, PLAN_MOUNT_BIND);
    p->flags = flags;
    if (e->options.set & MS_REC)
        p->flags |= PLAN_MOUNT_RECURSIVE;
    p->source = block_text(&m->block, path_join(m->op->arena, m->request->bundle, e->source ? e->source : "."));
    p->rec_set = e->options.rec_set;
    p->rec_clr = e->options.rec_clr;
    set_exact(p, &e->options);
    set_idmap(m, e, p);
}

/* ---- What is mounted already ---------------------------------------------------------------- */

/* mount(2) with MS_REMOUNT: of a bind mount only the flags change, else the file system is told the options as well. */
static void add_remount(struct mounts *mounts, const struct mount_entry *e, uint32_t flags)
{
    bool bind = e->options.set & MS_BIND;
    bool late = !bind && (e->options.set & MS_RDONLY) && (str_eq(e->type, "tmpfs") || str_eq(e->target, "/dev"));
    struct plan_mount *p = mounts_add(mounts, e, PLAN_MOUNT_REMOUNT);

    if (bind && e->options.data.n > 0)
        op_fault(mounts->m->op, entry_pointer(mounts->m, e), NO_DATA, first_data(mounts->m, e));
    p->flags = flags | (late ? PLAN_MOUNT_RO_LATE : 0) | (str_eq(e->type, "proc") ? PLAN_MOUNT_IS_PROC : 0);
    set_exact(p, &e->options);
    p->fstype = bind ? 0 : block_text(&mounts->m->block, e->type ? e->type : "none");
    p->data = e->data;
    p->rec_set = e->options.rec_set;
    p->rec_clr = e->options.rec_clr;
}

/* ---- New file systems ----------------------------------------------------------------------- */

static void check_owner(struct make *m, const struct mount_entry *e)
{
    const struct { const char *key; const struct spec_id_map *maps; size_t n; } owners[] = {
        { "uid", m->linux_->uid_maps.v, m->linux_->uid_maps.n },
        { "gid", m->linux_->gid_maps.v, m->linux_->gid_maps.n },
    };

    for (size_t i = 0; i < 2 && make_is_unprivileged(m); i++) {
        const char *value = mount_options_data(m, &e->options, owners[i].key);
        char *end = NULL;
        unsigned long id = value ? strtoul(value, &end, 10) : 0;

        if (value && end != value && *end == '\0' && !spec_is_mapped(owners[i].maps, owners[i].n, id))
            op_fault(m->op, entry_pointer(m, e), "cannot specify %s=%lu mount option for rootless container",
                     owners[i].key, id);
    }
}

/* Further flags that a file system's type asks for. */
static uint32_t type_flags(const struct make *m, const struct mount_entry *e)
{
    bool tmpfs = str_eq(e->type, "tmpfs"), readonly = e->options.set & MS_RDONLY;
    uint32_t flags = 0;

    if (str_eq(e->type, "proc"))
        flags |= PLAN_MOUNT_PLAIN_DIR | PLAN_MOUNT_IS_PROC;
    if (str_eq(e->type, "sysfs"))
        flags |= PLAN_MOUNT_PLAIN_DIR;
    if (tmpfs && mount_options_data(m, &e->options, "mode") == NULL)
        flags |= PLAN_MOUNT_INHERIT_MODE;
    if (tmpfs)
        flags |= e->options.flags & PLAN_MOUNT_COPY_UP;
    if (readonly && (tmpfs || str_eq(e->target, "/dev")))
        flags |= PLAN_MOUNT_RO_LATE;
    return flags;
}

static void add_new(struct mounts *mounts, struct mount_entry *e, uint32_t flags)
{
    struct make *m = mounts->m;
    struct plan_mount *p;

    if (e->type == NULL)
        op_fault(m->op, entry_pointer(m, e), "type is required unless it is a bind mount");
    check_owner(m, e);
    p = mounts_add(mounts, e, PLAN_MOUNT_NEW);
    p->flags = flags | type_flags(m, e);
    p->fstype = block_text(&m->block, e->type);
    p->source = block_text(&m->block, e->source);
    p->data = e->data;
    p->label = str_eq(e->type, "mqueue") ? block_text(&m->block, m->linux_->mount_label) : 0;
    p->attr_set = mount_options_attr(e->options.set) | mount_options_atime(e->options.set);
    if (p->flags & PLAN_MOUNT_RO_LATE)
        p->attr_set &= ~(uint64_t) MOUNT_ATTR_RDONLY;
    p->rec_set = e->options.rec_set;
    p->rec_clr = e->options.rec_clr;
}

/* ---- SELinux -------------------------------------------------------------------------------- */

/* A context= for all of the file system. Of these the kernel labels the files itself; mqueue has its root labelled. */
static bool takes_context(const struct make *m, const struct mount_entry *e)
{
    static const char *const without[] = { "proc", "sysfs", "mqueue", "cgroup", "cgroup2" };

    for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
        if (str_eq(e->type, without[i]))
            return false;
    return !(e->options.set & MS_REMOUNT) && mount_options_data(m, &e->options, "context") == NULL;
}

/* ---- The list ------------------------------------------------------------------------------- */

/* What config.json says about the file system elsewhere than in the options. */
static void add_more_options(struct make *m, struct mount_entry *e)
{
    mount_options_add_super(m, &e->options, e->source && e->source[0] == '/');
    mount_options_split_layers(m, &e->options, e->type);
    if (m->linux_->mount_label && takes_context(m, e))
        mount_options_add(m, &e->options, "context", m->linux_->mount_label);
}

static void add_entry(struct mounts *mounts, size_t index)
{
    struct make *m = mounts->m;
    const struct spec_mount *mount = &m->spec->mounts.v[index];
    bool bind = mount_is_bind(mount), cgroup = str_eq(mount->type, "cgroup") || str_eq(mount->type, "cgroup2");
    struct mount_entry e = {
        .index = index, .source = mount->source, .type = mount->type,
        .uid_maps = { mount->uid_maps.v, mount->uid_maps.n }, .gid_maps = { mount->gid_maps.v, mount->gid_maps.n },
    };
    uint32_t flags;

    e.target = path_join(m->op->arena, "/", mount->destination);
    mount_options_parse(m, index, &e.options);
    check_idmap(m, &e, bind);
    if (!bind)
        add_more_options(m, &e);
    e.propagation = block_rows(&m->block, &e.options.propagation);
    e.data = block_rows(&m->block, &e.options.data);
    flags = check_proc(m, &e, bind);
    if (e.options.set & MS_REMOUNT)
        add_remount(mounts, &e, flags);
    else if (bind)
        add_bind(mounts, &e, flags);
    else if (cgroup)
        mounts_add_cgroup(mounts, &e);
    else
        add_new(mounts, &e, flags);
}

void make_mounts(struct make *m)
{
    struct mounts mounts = { .m = m };

    if (!(m->plan.flags & PLAN_PRIVATE_MOUNTS))
        return;
    rows_init(&mounts.rows, m->op->arena, sizeof(struct plan_mount));
    for (size_t i = 0; i < m->spec->mounts.n; i++)
        add_entry(&mounts, i);
    m->plan.mounts = block_rows(&m->block, &mounts.rows);
}
