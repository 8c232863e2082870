/* mounts.h - what the files about mounts share. */
#pragma once
#include "plan/mount_options.h"

/* One entry of config.json's mounts, understood so far as that is the same for all kinds. */
struct mount_entry {
    size_t index;
    const char *target;                 /* absolute and clean */
    const char *source, *type;          /* as given; may be NULL */
    struct { const struct spec_id_map *v; size_t n; } uid_maps, gid_maps;
    struct mount_options options;
    struct plan_list propagation, data; /* the options' rows, in the block */
};

struct mounts {
    struct make *m;
    struct rows rows;                   /* struct plan_mount */
};

/* A new row with kind, index, target and propagation filled in. */
static inline struct plan_mount *mounts_add(struct mounts *mounts, const struct mount_entry *e, uint32_t kind)
{
    struct plan_mount *p = rows_add(&mounts->rows);

    p->kind = kind;
    p->index = (uint32_t) e->index;
    p->target = block_text(&mounts->m->block, e->target);
    p->propagation = e->propagation;
    return p;
}

/* Whether config.json asks for a bind mount. */
bool mount_is_bind(const struct spec_mount *mount);

/* The mounts that one of type cgroup stands for; in mounts_cgroup.c. */
void mounts_add_cgroup(struct mounts *mounts, const struct mount_entry *e);
