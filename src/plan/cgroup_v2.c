#include <inttypes.h>
#include "plan/cgroup.h"

enum { DEFAULT_PERIOD = 100000 };

static void write_max(struct cgroup *c, const char *file, const char *member, int64_t value)
{
    if (value < 0)
        cgroup_write(c, file, member, "max");
    else
        cgroup_write_int(c, file, member, value);
}

static void plan_pids(struct cgroup *c, int64_t limit)
{
    write_max(c, "pids.max", "pids/limit", limit ? limit : 1);
}

/* memory.swap.max is missing where the kernel does not count swap; then there is none to allow or forbid. */
static void plan_swap(struct cgroup *c, int64_t limit, int64_t swap)
{
    int64_t only = cgroup_swap_only(limit, swap);

    if (only == 0 && swap <= 0)
        return;
    write_max(c, "memory.swap.max", swap ? "memory/swap" : "memory/limit", only);
    if (only <= 0)
        cgroup_write_is_optional(c);
}

static void plan_memory(struct cgroup *c, const struct spec_memory *memory)
{
    plan_swap(c, memory->limit.v, memory->swap.v);
    if (memory->limit.v)
        write_max(c, "memory.max", "memory/limit", memory->limit.v);
    if (memory->reservation.v)
        write_max(c, "memory.low", "memory/reservation", memory->reservation.v);
}

/* An idle group has a weight of its own; the kernel refuses to be given another. */
static void plan_weight(struct cgroup *c, const struct spec_cpu *cpu)
{
    if (cpu->idle.set)
        cgroup_write_int(c, "cpu.idle", "cpu/idle", cpu->idle.v);
    if (cpu->shares.v && cpu->idle.v != 1)
        cgroup_write_uint(c, "cpu.weight", "cpu/shares", cgroup_weight(cpu->shares.v));
}

static void plan_bandwidth(struct cgroup *c, const struct spec_cpu *cpu)
{
    uint64_t period = cpu->period.v ? cpu->period.v : DEFAULT_PERIOD;
    const char *member = cpu->quota.v ? "cpu/quota" : "cpu/period";

    if (cpu->quota.v > 0)
        cgroup_write(c, "cpu.max", member, arena_printf(c->m->op->arena, "%" PRId64 " %" PRIu64, cpu->quota.v, period));
    else if (cpu->quota.v || cpu->period.v)
        cgroup_write(c, "cpu.max", member, arena_printf(c->m->op->arena, "max %" PRIu64, period));
    if (!cpu->burst.set)
        return;
    cgroup_write_uint(c, "cpu.max.burst", "cpu/burst", cpu->burst.v);
    if (cpu->burst.v == 0)
        cgroup_write_is_optional(c);
}

static void plan_devices(struct cgroup *c, const struct device_rules *rules)
{
    struct make *m = c->m;

    if (device_rules_allow_everything(rules))
        return;
    m->plan.device_rules = device_rules_list(&m->block, rules);
    m->plan.device_program = device_program(&m->block, rules);
}

void cgroup_v2_plan(struct cgroup *c, const struct device_rules *rules)
{
    const struct spec_resources *r = c->resources;

    if (r->pids && r->pids->limit.set)
        plan_pids(c, r->pids->limit.v);
    if (r->memory)
        plan_memory(c, r->memory);
    if (r->cpu) {
        plan_weight(c, r->cpu);
        plan_bandwidth(c, r->cpu);
    }
    plan_devices(c, rules);
    if (r->cpu)
        cgroup_write_cpuset(c, r->cpu);
}
