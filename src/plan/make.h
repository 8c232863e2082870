/* make.h - what the topics of the planner share while one plan is being made.
 *
 * Each topic is one function in a file of its own; it reads the configuration and the facts, and
 * fills in its part of the plan. What cannot be done is reported with op_fault (or op_fault_code),
 * so that independent faults appear together; plan_make looks at the end whether there were any. */
#pragma once
#include "base/op.h"
#include "base/str.h"
#include "plan/block.h"
#include "plan/planner.h"

/* The cgroup in one hierarchy, as cgroup.c decided; the same index as in plan.cgroup_dirs. */
struct make_cgroup {
    const struct host_hierarchy *hierarchy;
    const char *path;
};

struct make {
    struct op *op;
    const struct spec *spec;
    const struct spec_linux *linux_;    /* never NULL: empty when config.json has none */
    const struct host *host;
    const struct plan_request *request;
    struct plan plan;                   /* put in front of the block at the end */
    struct block block;
    uint64_t namespaces;                /* CLONE_NEW* not shared with the caller: new and joined */
    const char *unit_cgroup;            /* systemd makes the cgroup: its path in every hierarchy; else NULL */
    struct make_cgroup *cgroups;
    size_t n_cgroups;
    struct rows links;                  /* plan_link: of cgroup v1 mounts, then of /dev */
};

void make_namespaces(struct make *m);
void make_rootfs(struct make *m);
void make_mounts(struct make *m);
void make_devices(struct make *m);      /* after the mounts */
void make_kernel_view(struct make *m);  /* host name, sysctls, masked and read-only paths */
void make_process(struct make *m);
void make_priority(struct make *m);
void make_net(struct make *m);          /* after the namespaces */
void make_seccomp(struct make *m);     /* after the process */
void make_cgroups(struct make *m);      /* before the mounts */
void make_rdt(struct make *m);
void make_hooks(struct make *m);
/* state_head and state_tail, for whoever is told the container's state; once. */
void make_state(struct make *m);

/* Id mappings as the plan has them; in namespaces.c. */
struct plan_list make_maps(struct make *m, const struct spec_id_map *maps, size_t n);

static inline bool make_has_namespace(const struct make *m, uint64_t type)
{
    return m->namespaces & type;
}

/* The runtime itself has no privilege, whatever the container's namespaces give it. */
static inline bool make_is_unprivileged(const struct make *m)
{
    return m->host->uid != 0;
}

/* A symlink at `path`, made after the mounts. */
static inline void make_link(struct make *m, const char *path, const char *text)
{
    *(struct plan_link *) rows_add(&m->links) = (struct plan_link) {
        block_text(&m->block, path), block_text(&m->block, text),
    };
}
