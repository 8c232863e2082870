#include <linux/sched.h>
#include <sys/stat.h>
#include "plan/mounts.h"

static const struct { const char *path; uint32_t major, minor; } default_nodes[] = {
    { "/dev/null", 1, 3 },
    { "/dev/zero", 1, 5 },
    { "/dev/full", 1, 7 },
    { "/dev/tty", 5, 0 },
    { "/dev/random", 1, 8 },
    { "/dev/urandom", 1, 9 },
};

static const struct { const char *path, *text; } default_links[] = {
    { "/dev/ptmx", "pts/ptmx" },
    { "/dev/fd", "/proc/self/fd" },
    { "/dev/stdin", "/proc/self/fd/0" },
    { "/dev/stdout", "/proc/self/fd/1" },
    { "/dev/stderr", "/proc/self/fd/2" },
    { "/dev/core", "/proc/kcore" },
};

/* A /dev that is bound from outside is somebody else's: nothing is made in it. */
static bool has_foreign_dev(const struct make *m)
{
    for (size_t i = 0; i < m->spec->mounts.n; i++) {
        const struct spec_mount *mount = &m->spec->mounts.v[i];

        if (mount_is_bind(mount) && str_eq(path_join(m->op->arena, "/", mount->destination), "/dev"))
            return true;
    }
    return false;
}

/* mknod(2) of a device needs CAP_MKNOD in the initial user namespace. */
static uint32_t node_flags(const struct make *m, uint32_t type)
{
    bool inside = make_has_namespace(m, CLONE_NEWUSER) || m->host->user_namespace;

    return inside && type != S_IFIFO ? PLAN_NODE_BIND : 0;
}

static bool is_overridden(const struct make *m, const char *path)
{
    for (size_t i = 0; i < m->linux_->devices.n; i++)
        if (str_eq(path_join(m->op->arena, "/", m->linux_->devices.v[i].path), path))
            return true;
    return false;
}

static void add_default_nodes(struct make *m, struct rows *rows)
{
    for (size_t i = 0; i < sizeof(default_nodes) / sizeof(default_nodes[0]); i++)
        if (!is_overridden(m, default_nodes[i].path))
            *(struct plan_node *) rows_add(rows) = (struct plan_node) {
                .path = block_text(&m->block, default_nodes[i].path), .mode = S_IFCHR | 0666,
                .major = default_nodes[i].major, .minor = default_nodes[i].minor, .index = UINT32_MAX,
                .flags = node_flags(m, S_IFCHR),
            };
}

static uint32_t file_type(int64_t type)
{
    return type == 'b' ? S_IFBLK : type == 'p' ? S_IFIFO : S_IFCHR;
}

static void add_nodes(struct make *m, struct rows *rows)
{
    for (size_t i = 0; i < m->linux_->devices.n; i++) {
        const struct spec_device *d = &m->linux_->devices.v[i];
        uint32_t type = file_type(d->type.v);

        *(struct plan_node *) rows_add(rows) = (struct plan_node) {
            .path = block_text(&m->block, path_join(m->op->arena, "/", d->path)),
            .mode = type | (d->mode.set ? (uint32_t) d->mode.v & 07777 : 0666),
            .major = (uint32_t) d->major.v, .minor = (uint32_t) d->minor.v,
            .uid = (uint32_t) d->uid.v, .gid = (uint32_t) d->gid.v,
            .index = (uint32_t) i, .flags = node_flags(m, type),
        };
    }
}

void make_devices(struct make *m)
{
    struct rows rows;

    if (!(m->plan.flags & PLAN_PRIVATE_MOUNTS) || has_foreign_dev(m))
        return;
    rows_init(&rows, m->op->arena, sizeof(struct plan_node));
    add_default_nodes(m, &rows);
    add_nodes(m, &rows);
    m->plan.nodes = block_rows(&m->block, &rows);
    for (size_t i = 0; i < sizeof(default_links) / sizeof(default_links[0]); i++)
        make_link(m, default_links[i].path, default_links[i].text);
}
