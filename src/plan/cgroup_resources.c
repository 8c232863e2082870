/* cgroup_resources.c - what v1 and v2 have alike, around what they have not. */
#include <inttypes.h>
#include <string.h>
#include "plan/cgroup.h"

static void check_memory(struct cgroup *c, const struct spec_memory *memory)
{
    const char *fault = cgroup_memory_fault(memory->limit.v, memory->swap.v);

    if (memory->kernel.set || memory->kernel_tcp.set)
        op_warn(c->op, "Kernel memory settings are ignored and will be removed");
    if (fault)
        op_fault(c->op, "/linux/resources/memory/swap", "%s", fault);
}

static void plan_cpuset(struct cgroup *c, const struct spec_cpu *cpu)
{
    if (cpu->cpus)
        cgroup_write(c, "cpuset.cpus", "cpu/cpus", cpu->cpus);
    if (cpu->mems)
        cgroup_write(c, "cpuset.mems", "cpu/mems", cpu->mems);
}

static void plan_pids(struct cgroup *c, int64_t limit)
{
    if (limit < 0)
        cgroup_write(c, "pids.max", "pids/limit", "max");
    else
        cgroup_writef(c, "pids.max", "pids/limit", "%" PRId64, limit ? limit : 1);
}

/* The limit counts pages when they are used; rsvd, since Linux 5.7, when they are reserved, so that mmap
 * fails in time instead of SIGBUS later. */
static void plan_hugepages(struct cgroup *c, const struct spec_resources *r)
{
    const char *suffix = cgroup_is_v2(c) ? "max" : "limit_in_bytes";
    struct arena *a = c->op->arena;

    for (size_t i = 0; i < r->hugepages.n; i++) {
        const char *member = arena_printf(a, "hugepageLimits/%zu", i), *size = r->hugepages.v[i].page_size;
        uint64_t limit = r->hugepages.v[i].limit.v;

        cgroup_writef(c, arena_printf(a, "hugetlb.%s.%s", size, suffix), member, "%" PRIu64, limit);
        cgroup_writef(c, arena_printf(a, "hugetlb.%s.rsvd.%s", size, suffix), member, "%" PRIu64, limit);
        cgroup_mark_write(c, PLAN_WRITE_OPTIONAL);
    }
}

/* Larger numbers are none to the kernel. */
static const char *rdma_number(struct arena *a, const char *name, opt_uint n)
{
    if (!n.set)
        return "";
    return n.v > INT32_MAX ? arena_printf(a, " %s=max", name) : arena_printf(a, " %s=%" PRIu64, name, n.v);
}

static void plan_rdma(struct cgroup *c, const struct spec_resources *r)
{
    struct arena *a = c->op->arena;

    for (size_t i = 0; i < r->rdma.n; i++) {
        const struct spec_rdma *device = &r->rdma.v[i];

        if (device->handles.set || device->objects.set)
            cgroup_writef(c, "rdma.max", arena_printf(a, "rdma/%s", device->key), "%s%s%s", device->key,
                          rdma_number(a, "hca_handle", device->handles), rdma_number(a, "hca_object", device->objects));
    }
}

/* A file that takes several lines takes them one by one. */
static void plan_lines(struct cgroup *c, const struct spec_pair *pair)
{
    const char *line = pair->value, *member = arena_printf(c->op->arena, "unified/%s", pair->key);

    while (*line) {
        size_t n = strcspn(line, "\n");

        cgroup_write(c, pair->key, member, arena_strndup(c->op->arena, line, n));
        line += n + (line[n] == '\n');
    }
}

static void plan_unified(struct cgroup *c, const struct spec_pairs *unified)
{
    if (unified->n > 0 && !cgroup_is_v2(c)) {
        op_fault(c->op, "/linux/resources/unified", "invalid configuration: cannot use unified on cgroup v1");
        return;
    }
    for (size_t i = 0; i < unified->n; i++)
        plan_lines(c, &unified->v[i]);
}

void cgroup_plan_resources(struct cgroup *c, const struct spec_resources *r)
{
    if (r->memory)
        check_memory(c, r->memory);
    if (r->cpu)
        plan_cpuset(c, r->cpu);
    if (r->pids && r->pids->limit.set)
        plan_pids(c, r->pids->limit.v);
    if (cgroup_is_v2(c))
        cgroup_v2_plan(c, r);
    else
        cgroup_v1_plan(c, r);
    plan_hugepages(c, r);
    plan_rdma(c, r);
    /* Whoever names a file means it, and has the last word. */
    plan_unified(c, &r->unified);
}
