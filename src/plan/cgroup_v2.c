/* Without a counterpart on v2, and left out as in runc: swappiness, the OOM killer's switch, real-time budgets, leaf
 * weights, classes and priorities of network traffic. */
#include <inttypes.h>
#include "plan/cgroup.h"

enum { DEFAULT_PERIOD = 100000 };

static void write_max(struct cgroup *c, const char *file, const char *member, int64_t value)
{
    if (value < 0)
        cgroup_write(c, file, member, "max");
    else
        cgroup_writef(c, file, member, "%" PRId64, value);
}

/* memory.swap.max is missing where the kernel does not count swap; then there is none to allow or forbid. */
static void plan_swap(struct cgroup *c, int64_t limit, int64_t swap)
{
    int64_t only = cgroup_swap_only(limit, swap);

    if (only == 0 && swap <= 0)
        return;
    write_max(c, "memory.swap.max", swap ? "memory/swap" : "memory/limit", only);
    if (only <= 0)
        cgroup_mark_write(c, PLAN_WRITE_OPTIONAL);
}

static void plan_memory(struct cgroup *c, const struct spec_memory *memory)
{
    uint32_t checked = memory->check_before_update.v ? PLAN_WRITE_ABOVE_USAGE : 0;

    plan_swap(c, memory->limit.v, memory->swap.v);
    if (memory->swap.v > 0)
        cgroup_mark_write(c, checked);
    if (memory->limit.v)
        write_max(c, "memory.max", "memory/limit", memory->limit.v);
    if (memory->limit.v > 0)
        cgroup_mark_write(c, checked);
    if (memory->reservation.v)
        write_max(c, "memory.low", "memory/reservation", memory->reservation.v);
}

/* An idle group has a weight of its own; the kernel refuses to be given another. */
static void plan_weight(struct cgroup *c, const struct spec_cpu *cpu)
{
    if (cpu->idle.set)
        cgroup_writef(c, "cpu.idle", "cpu/idle", "%" PRId64, cpu->idle.v);
    if (cpu->idle.set && cpu->idle.v == 0)
        cgroup_mark_write(c, PLAN_WRITE_OPTIONAL);
    if (cpu->shares.v && cpu->idle.v != 1)
        cgroup_writef(c, "cpu.weight", "cpu/shares", "%" PRIu64, cgroup_weight(cpu->shares.v));
}

static void plan_bandwidth(struct cgroup *c, const struct spec_cpu *cpu)
{
    uint64_t period = cpu->period.v ? cpu->period.v : DEFAULT_PERIOD;
    const char *member = cpu->quota.v ? "cpu/quota" : "cpu/period";

    if (cpu->quota.v > 0)
        cgroup_writef(c, "cpu.max", member, "%" PRId64 " %" PRIu64, cpu->quota.v, period);
    else if (cpu->quota.v || cpu->period.v)
        cgroup_writef(c, "cpu.max", member, "max %" PRIu64, period);
    if (!cpu->burst.set)
        return;
    cgroup_writef(c, "cpu.max.burst", "cpu/burst", "%" PRIu64, cpu->burst.v);
    if (cpu->burst.v == 0)
        cgroup_mark_write(c, PLAN_WRITE_OPTIONAL);
}

void cgroup_v2_plan(struct cgroup *c, const struct spec_resources *r)
{
    if (r->memory)
        plan_memory(c, r->memory);
    if (r->cpu) {
        plan_weight(c, r->cpu);
        plan_bandwidth(c, r->cpu);
    }
    if (r->block_io)
        cgroup_v2_plan_io(c, r->block_io);
}
