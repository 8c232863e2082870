#include "plan/cgroup.h"
#include <inttypes.h>
#include <string.h>

bool cgroup_list_holds(const char *controllers, const char *name, size_t n)
{
    for (const char *p = controllers; *p; p += strcspn(p, ","), p += *p == ',')
        if (strcspn(p, ",") == n && strncmp(p, name, n) == 0)
            return true;
    return false;
}

/* Index of the directory with the files of a controller, or n_cgroups. */
static size_t find_dir(const struct make *m, const char *controller, size_t n)
{
    size_t i;

    for (i = 0; i < m->n_cgroups; i++)
        if (cgroup_list_holds(m->cgroups[i].hierarchy->controllers, controller, n) || m->host->layout == HOST_CGROUP_V2)
            break;
    return i;
}

bool cgroup_has_controller(const struct cgroup *c, const char *controller)
{
    return find_dir(c->m, controller, strlen(controller)) < c->m->n_cgroups;
}

void cgroup_write(struct cgroup *c, const char *file, const char *member, const char *value)
{
    struct make *m = c->m;
    size_t n = strcspn(file, "."), dir = find_dir(m, file, n);
    const char *pointer = arena_printf(m->op->arena, "/linux/resources/%s", member);

    if (dir == m->n_cgroups) {
        op_fault(m->op, pointer, "cannot be set: no cgroup hierarchy with the controller %.*s is mounted here",
                 (int) n, file);
        return;
    }
    *(struct plan_write *) rows_add(&c->writes) = (struct plan_write) {
        .dir = (uint32_t) dir, .file = block_text(&m->block, file), .value = block_text(&m->block, value),
        .pointer = block_text(&m->block, pointer),
    };
}

void cgroup_write_int(struct cgroup *c, const char *file, const char *member, int64_t value)
{
    cgroup_write(c, file, member, arena_printf(c->m->op->arena, "%" PRId64, value));
}

void cgroup_write_uint(struct cgroup *c, const char *file, const char *member, uint64_t value)
{
    cgroup_write(c, file, member, arena_printf(c->m->op->arena, "%" PRIu64, value));
}

void cgroup_write_is_optional(struct cgroup *c)
{
    struct plan_write *writes = (struct plan_write *) c->writes.items;

    if (c->writes.n > 0)
        writes[c->writes.n - 1].flags |= PLAN_WRITE_OPTIONAL;
}

void cgroup_write_cpuset(struct cgroup *c, const struct spec_cpu *cpu)
{
    if (cpu->cpus)
        cgroup_write(c, "cpuset.cpus", "cpu/cpus", cpu->cpus);
    if (cpu->mems)
        cgroup_write(c, "cpuset.mems", "cpu/mems", cpu->mems);
}
