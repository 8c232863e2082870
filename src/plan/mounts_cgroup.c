#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>
#include "plan/mounts.h"

enum {
    BASE_ATTRS = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    PLAIN_ATTRS = BASE_ATTRS | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSYMFOLLOW,
};

/* Read-only when asked for, and always where the container would otherwise get at cgroups that the
 * user may write to but that are not its own: rootless without a cgroup namespace (CVE-2023-25809). */
static bool is_readonly(const struct make *m, const struct mount_entry *e)
{
    bool exposed = (m->plan.flags & PLAN_ROOTLESS) && !make_has_namespace(m, CLONE_NEWCGROUP);

    return exposed || (e->options.set & MS_RDONLY);
}

static uint64_t attrs(const struct make *m, const struct mount_entry *e)
{
    uint64_t attr = mount_options_attr(e->options.set) | mount_options_atime(e->options.set);

    return attr | (is_readonly(m, e) ? MOUNT_ATTR_RDONLY : 0);
}

static void set_bind(struct plan_mount *p, uint64_t attr)
{
    p->flags |= PLAN_MOUNT_EXACT;
    p->attr_set = attr & PLAIN_ATTRS;
    p->attr_clr = PLAIN_ATTRS & ~p->attr_set;
}

/* ---- v1: a tmpfs with one directory a hierarchy ---------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void add_tmpfs(struct mounts *mounts, const struct mount_entry *e)
{
    struct make *m = mounts->m;
    struct plan_mount *p = mounts_add(mounts, e, PLAN_MOUNT_NEW);
    struct plan_pair mode = { block_text(&m->block, "mode"), block_text(&m->block, "755") };

    p->fstype = block_text(&m->block, "tmpfs");
    p->source = block_text(&m->block, "tmpfs");
    p->data = block_list(&m->block, &mode, 1, sizeof(mode));
    p->attr_set = BASE_ATTRS;
    if (is_readonly(m, e))
        p->flags |= PLAN_MOUNT_RO_LATE;
}

/* "cpu,cpuacct" and "name=systemd" as options of the file system type cgroup. */
static struct plan_list controller_options(struct make *m, const char *controllers)
{
    struct rows rows;
    char *name = arena_strdup(m->op->arena, controllers), *rest = name, *value;

    rows_init(&rows, m->op->arena, sizeof(struct plan_pair));
    while ((name = strsep(&rest, ","))) {
        value = strchr(name, '=');
        if (value)
            *value++ = '\0';
        *(struct plan_pair *) rows_add(&rows) = (struct plan_pair) {
            block_text(&m->block, name), block_text(&m->block, value),
        };
    }
    return block_rows(&m->block, &rows);
}

/* What the container sees of a hierarchy when it has no cgroup namespace: its own cgroup, bound. A
 * rootless runtime may turn out unable to make one; it shows its own cgroup, which is there. */
static const char *bound_path(const struct make *m, const struct make_cgroup *c)
{
    bool uncertain = (m->plan.flags & (PLAN_ROOTLESS | PLAN_CGROUP_NEEDED)) == PLAN_ROOTLESS;

    return arena_printf(m->op->arena, "%s%s", c->hierarchy->mount, uncertain ? c->hierarchy->own : c->path);
}

static void add_hierarchy(struct mounts *mounts, const struct mount_entry *e, const struct make_cgroup *c)
{
    struct make *m = mounts->m;
    bool namespace = make_has_namespace(m, CLONE_NEWCGROUP);
    struct plan_mount *p = mounts_add(mounts, e, namespace ? PLAN_MOUNT_NEW : PLAN_MOUNT_BIND);

    p->target = block_textf(&m->block, "%s/%s", e->target, base_name(c->hierarchy->mount));
    p->flags |= PLAN_MOUNT_AFTER_CGROUP;
    if (namespace) {
        p->fstype = block_text(&m->block, "cgroup");
        p->source = block_text(&m->block, "cgroup");
        p->data = controller_options(m, c->hierarchy->controllers);
        p->attr_set = BASE_ATTRS | attrs(m, e);
    } else {
        p->flags |= PLAN_MOUNT_RECURSIVE;
        p->source = block_text(&m->block, path_clean(m->op->arena, bound_path(m, c)));
        set_bind(p, BASE_ATTRS | attrs(m, e));
    }
}

/* "cpu" and "cpuacct" beside a hierarchy mounted as "cpu,cpuacct". */
static void add_links(struct make *m, const struct mount_entry *e, const struct host_hierarchy *h)
{
    char *name = arena_strdup(m->op->arena, h->controllers), *rest = name;

    if (strchr(h->controllers, ',') == NULL)
        return;
    while ((name = strsep(&rest, ",")))
        make_link(m, arena_printf(m->op->arena, "%s/%s", e->target, name), base_name(h->mount));
}

static void add_v1(struct mounts *mounts, const struct mount_entry *e)
{
    struct make *m = mounts->m;

    add_tmpfs(mounts, e);
    for (size_t i = 0; i < m->n_cgroups; i++) {
        if (m->cgroups[i].hierarchy->controllers[0] == '\0')
            continue;
        add_hierarchy(mounts, e, &m->cgroups[i]);
        add_links(m, e, m->cgroups[i].hierarchy);
    }
}

/* ---- v2 ------------------------------------------------------------------------------------- */

static const struct make_cgroup *find_v2(const struct make *m)
{
    if (m->n_cgroups > 0 && m->cgroups[m->n_cgroups - 1].hierarchy->controllers[0] == '\0')
        return &m->cgroups[m->n_cgroups - 1];
    return NULL;
}

/* Without a cgroup namespace a new mount would show what the host's shows, and mounting it would
 * reset the host's own options (nsdelegate, memory_recursiveprot): the host's is bound instead. */
static void add_v2_bind(struct mounts *mounts, const struct mount_entry *e, const struct make_cgroup *c)
{
    struct plan_mount *p = mounts_add(mounts, e, PLAN_MOUNT_BIND);

    p->source = block_text(&mounts->m->block, c->hierarchy->mount);
    set_bind(p, attrs(mounts->m, e));
}

static void add_v2(struct mounts *mounts, const struct mount_entry *e)
{
    struct make *m = mounts->m;
    const struct make_cgroup *c = find_v2(m);
    bool own = m->plan.new_ns & CLONE_NEWCGROUP;
    struct plan_mount *p;

    if (c && !make_has_namespace(m, CLONE_NEWCGROUP)) {
        add_v2_bind(mounts, e, c);
        return;
    }
    p = mounts_add(mounts, e, PLAN_MOUNT_NEW);
    p->fstype = block_text(&m->block, "cgroup2");
    p->source = block_text(&m->block, e->source ? e->source : "cgroup");
    p->data = e->data;
    p->attr_set = attrs(m, e);
    p->rec_set = e->options.rec_set;
    p->rec_clr = e->options.rec_clr;
    if (own)
        p->flags |= PLAN_MOUNT_AFTER_CGROUP;
    if (c)
        p->fallback = block_textf(&m->block, "%s%s", c->hierarchy->mount, own ? c->path : "");
}

void mounts_add_cgroup(struct mounts *mounts, const struct mount_entry *e)
{
    struct make *m = mounts->m;
    bool v1 = m->host->layout == HOST_CGROUP_V1 || m->host->layout == HOST_CGROUP_HYBRID;

    if (v1 && str_eq(e->type, "cgroup"))
        add_v1(mounts, e);
    else if (m->host->layout == HOST_CGROUP_NONE && str_eq(e->type, "cgroup"))
        op_fault(m->op, arena_printf(m->op->arena, "/mounts/%zu", e->index),
                 "no cgroup file system is mounted on this machine");
    else
        add_v2(mounts, e);
}
