#include <linux/mount.h>
#include <sys/stat.h>
#include "plan/explain.h"
#include "spec/words.h"

static const struct explain_bit attr_set[] = {
    { MOUNT_ATTR_RDONLY, "ro" }, { MOUNT_ATTR_NOSUID, "nosuid" }, { MOUNT_ATTR_NODEV, "nodev" },
    { MOUNT_ATTR_NOEXEC, "noexec" }, { MOUNT_ATTR_NOATIME, "noatime" }, { MOUNT_ATTR_STRICTATIME, "strictatime" },
    { MOUNT_ATTR_NODIRATIME, "nodiratime" }, { MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" }, { 0, NULL },
};
static const struct explain_bit attr_clr[] = {
    { MOUNT_ATTR_RDONLY, "rw" }, { MOUNT_ATTR_NOSUID, "suid" }, { MOUNT_ATTR_NODEV, "dev" },
    { MOUNT_ATTR_NOEXEC, "exec" }, { MOUNT_ATTR_NODIRATIME, "diratime" }, { MOUNT_ATTR_NOSYMFOLLOW, "symfollow" },
    { 0, NULL },
};

/* The values of access time are cleared as a whole; that none of them is set then means relatime. */
static void explain_attrs(struct explain *e, const char *key, uint64_t set, uint64_t clr)
{
    const char *list[2 * EXPLAIN_BITS];
    size_t n = explain_select(set, attr_set, list);

    n += explain_select(clr & ~set, attr_clr, list + n);
    if ((clr & MOUNT_ATTR__ATIME) && !(set & MOUNT_ATTR__ATIME))
        list[n++] = "relatime";
    explain_words(e, key, list, n);
}

static void explain_propagation(struct explain *e, const char *key, struct plan_list list)
{
    const uint32_t *flag = plan_at(e->plan, list.at);
    const char **names = arena_array(e->out.arena, list.n, sizeof(*names));

    for (uint32_t i = 0; i < list.n; i++)
        names[i] = words_name(&words_propagation, flag[i]);
    explain_words(e, key, names, list.n);
}

static void explain_data(struct explain *e, struct plan_list list)
{
    const struct plan_pair *pair = plan_at(e->plan, list.at);
    const char **options = arena_array(e->out.arena, list.n, sizeof(*options));

    for (uint32_t i = 0; i < list.n; i++) {
        const char *value = plan_text(e->plan, pair[i].value);

        options[i] = arena_printf(e->out.arena, "%s%s%s", plan_word(e->plan, pair[i].key), value ? "=" : "",
                                  value ? value : "");
    }
    explain_words(e, "options", options, list.n);
}

static const char *mount_type(const struct explain *e, const struct plan_mount *m)
{
    switch (m->kind) {
    case PLAN_MOUNT_REMOUNT:
        return "remount";
    case PLAN_MOUNT_BIND:
        return m->flags & PLAN_MOUNT_RECURSIVE ? "rbind" : "bind";
    default:
        return plan_text(e->plan, m->fstype);
    }
}

static void explain_id_maps(struct explain *e, const char *key, struct plan_list list)
{
    const struct plan_id_map *map = plan_at(e->plan, list.at);
    const char **texts = arena_array(e->out.arena, list.n, sizeof(*texts));

    for (uint32_t i = 0; i < list.n; i++)
        texts[i] = arena_printf(e->out.arena, "%u:%u:%u", map[i].inside, map[i].outside, map[i].count);
    explain_words(e, key, texts, list.n);
}

static void explain_mount(struct explain *e, const struct plan_mount *m)
{
    static const struct explain_bit notes[] = {
        { PLAN_MOUNT_RO_LATE, "made read-only at the end" },
        { PLAN_MOUNT_PLAIN_DIR, "only on a plain directory" },
        { PLAN_MOUNT_MAY_COVER_PROC, "may cover a file of procfs" },
        { PLAN_MOUNT_SOURCE_PROC, "only from the root of a procfs" },
        { PLAN_MOUNT_AFTER_CGROUP, "once in the cgroup" },
        { PLAN_MOUNT_INHERIT_MODE, "mode and owner of the directory it covers" },
        { PLAN_MOUNT_IDMAP, "id-mapped by the launcher" },
        { PLAN_MOUNT_IDMAP_TREE, "with all below it" },
        { PLAN_MOUNT_COPY_UP, "begins with a copy of what it covers" },
        { 0, NULL },
    };
    explain_row(e);
    explain_ref(e, "target", m->target);
    explain_text(e, "type", mount_type(e, m));
    explain_ref(e, "source", m->source);
    explain_attrs(e, "flags", m->attr_set, m->attr_clr);
    explain_attrs(e, "fails unless", 0, m->must_clr);
    explain_attrs(e, "whole tree", m->rec_set, m->rec_clr);
    explain_data(e, m->data);
    explain_propagation(e, "propagation", m->propagation);
    explain_ref(e, "otherwise bind", m->fallback);
    explain_ref(e, "label", m->label);
    explain_id_maps(e, "uids", m->uid_map);
    explain_id_maps(e, "gids", m->gid_map);
    explain_bits(e, "note", m->flags, notes);
}

static void explain_rootfs(struct explain *e)
{
    bool own = e->plan->flags & PLAN_PRIVATE_MOUNTS, no_pivot = e->plan->flags & PLAN_NO_PIVOT;

    explain_fields(e, "root file system");
    explain_ref(e, "path", e->plan->rootfs);
    explain_text(e, "propagation", words_name(&words_propagation, e->plan->propagation));
    explain_text(e, "propagation of the new root", words_name(&words_propagation, e->plan->root_propagation));
    explain_phrase(e, "entered by", !own ? "chroot" : no_pivot ? "moving it to / and chroot" : "pivot_root");
    if (e->plan->flags & PLAN_ROOT_READONLY)
        explain_text(e, "flags", "ro");
}

static void explain_mounts(struct explain *e)
{
    const struct plan_mount *m = PLAN_ITEMS(e->plan, mounts, struct plan_mount);

    explain_rows(e, "mounts");
    for (uint32_t i = 0; i < e->plan->mounts.n; i++)
        explain_mount(e, &m[i]);
}

static const char *node_type(uint32_t mode)
{
    return S_ISBLK(mode) ? "block" : S_ISFIFO(mode) ? "fifo" : "char";
}

static void explain_nodes(struct explain *e)
{
    static const struct explain_bit notes[] = { { PLAN_NODE_BIND, "bound from the host" }, { 0, NULL } };
    const struct plan_node *node = PLAN_ITEMS(e->plan, nodes, struct plan_node);

    explain_rows(e, "devices");
    for (uint32_t i = 0; i < e->plan->nodes.n; i++) {
        explain_row(e);
        explain_ref(e, "path", node[i].path);
        explain_text(e, "type", node_type(node[i].mode));
        if (!S_ISFIFO(node[i].mode))
            explain_text(e, "number", arena_printf(e->out.arena, "%u:%u", node[i].major, node[i].minor));
        explain_octal(e, "mode", node[i].mode & 07777);
        explain_text(e, "owner", arena_printf(e->out.arena, "%u:%u", node[i].uid, node[i].gid));
        explain_bits(e, "note", node[i].flags, notes);
    }
}

static void explain_paths(struct explain *e, const char *name, struct plan_list list)
{
    const plan_ref *path = plan_at(e->plan, list.at);

    explain_rows(e, name);
    for (uint32_t i = 0; i < list.n; i++) {
        explain_row(e);
        explain_ref(e, "path", path[i]);
    }
}

static void explain_kernel_view(struct explain *e)
{
    explain_rows(e, "links");
    explain_pairs(e, e->plan->links, "path", "to");
    explain_fields(e, "host name");
    explain_ref(e, "hostname", e->plan->hostname);
    explain_ref(e, "domainname", e->plan->domainname);
    explain_rows(e, "sysctls");
    explain_pairs(e, e->plan->sysctls, "path", "value");
    explain_paths(e, "masked paths", e->plan->masks);
    explain_paths(e, "read-only paths", e->plan->readonly);
}

void explain_files(struct explain *e)
{
    explain_rootfs(e);
    explain_mounts(e);
    explain_nodes(e);
    explain_kernel_view(e);
}
