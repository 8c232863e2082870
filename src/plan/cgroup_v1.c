#include <inttypes.h>
#include "plan/cgroup.h"

enum { MIN_SHARES = 2, MAX_SHARES = 262144 };           /* sched_group_set_shares in kernel/sched/fair.c */

static void write_limit(struct cgroup *c, int64_t limit)
{
    if (limit)
        cgroup_writef(c, "memory.limit_in_bytes", "memory/limit", "%" PRId64, limit);
}

/* Where the kernel does not count swap the file is missing, and swap is unlimited anyway. */
static void write_swap(struct cgroup *c, const char *member, int64_t swap)
{
    if (swap)
        cgroup_writef(c, "memory.memsw.limit_in_bytes", member, "%" PRId64, swap);
    if (swap == -1)
        cgroup_mark_write(c, PLAN_WRITE_OPTIONAL);
}

/* The kernel keeps limit <= memsw at every moment. Limits that go down go memory first, "unlimited" goes
 * memsw first; an update that raises both finds memory refused and tries it again after memsw. */
static void plan_memory_and_swap(struct cgroup *c, int64_t limit, int64_t swap)
{
    bool unlimited = limit == -1 && swap == 0;

    if (unlimited || swap == -1) {
        write_swap(c, unlimited ? "memory/limit" : "memory/swap", -1);
        write_limit(c, limit);
    } else {
        write_limit(c, limit);
        write_swap(c, "memory/swap", swap);
    }
}

static void plan_memory(struct cgroup *c, const struct spec_memory *memory)
{
    plan_memory_and_swap(c, memory->limit.v, memory->swap.v);
    if (memory->reservation.v)
        cgroup_writef(c, "memory.soft_limit_in_bytes", "memory/reservation", "%" PRId64, memory->reservation.v);
    if (memory->disable_oom_killer.v)
        cgroup_write(c, "memory.oom_control", "memory/disableOOMKiller", "1");
    if (memory->swappiness.set && memory->swappiness.v != -1)
        cgroup_writef(c, "memory.swappiness", "memory/swappiness", "%" PRId64, memory->swappiness.v);
}

/* The kernel would quietly take the nearest possible value. An idle group has a weight of its own and refuses another. */
static void plan_weight(struct cgroup *c, const struct spec_cpu *cpu)
{
    static const char pointer[] = "/linux/resources/cpu/shares";
    uint64_t shares = cpu->shares.v;

    if (cpu->idle.set)
        cgroup_writef(c, "cpu.idle", "cpu/idle", "%" PRId64, cpu->idle.v);
    if (cpu->idle.set && cpu->idle.v == 0)
        cgroup_mark_write(c, PLAN_WRITE_OPTIONAL);
    if (shares == 0)
        return;
    if (shares < MIN_SHARES)
        op_fault(c->op, pointer, "the minimum allowed cpu-shares is %d", MIN_SHARES);
    if (shares > MAX_SHARES)
        op_fault(c->op, pointer, "the maximum allowed cpu-shares is %d", MAX_SHARES);
    if (cpu->idle.v != 1)
        cgroup_writef(c, "cpu.shares", "cpu/shares", "%" PRIu64, shares);
}

static void plan_bandwidth(struct cgroup *c, const struct spec_cpu *cpu)
{
    if (cpu->period.v)
        cgroup_writef(c, "cpu.cfs_period_us", "cpu/period", "%" PRIu64, cpu->period.v);
    if (cpu->quota.v)
        cgroup_writef(c, "cpu.cfs_quota_us", "cpu/quota", "%" PRId64, cpu->quota.v);
    if (!cpu->burst.set)
        return;
    cgroup_writef(c, "cpu.cfs_burst_us", "cpu/burst", "%" PRIu64, cpu->burst.v);
    if (cpu->burst.v == 0)
        cgroup_mark_write(c, PLAN_WRITE_OPTIONAL);
}

static void plan_cpu(struct cgroup *c, const struct spec_cpu *cpu)
{
    if (cpu->rt_period.v)
        cgroup_writef(c, "cpu.rt_period_us", "cpu/realtimePeriod", "%" PRIu64, cpu->rt_period.v);
    if (cpu->rt_runtime.v)
        cgroup_writef(c, "cpu.rt_runtime_us", "cpu/realtimeRuntime", "%" PRId64, cpu->rt_runtime.v);
    plan_weight(c, cpu);
    plan_bandwidth(c, cpu);
}

/* What the packets of the container's processes are marked with, for tc(8) and the network devices' queues. */
static void plan_network(struct cgroup *c, const struct spec_network *network)
{
    if (network->class_id.v)
        cgroup_writef(c, "net_cls.classid", "network/classID", "%" PRIu64, network->class_id.v);
    for (size_t i = 0; i < network->priorities.n; i++)
        cgroup_writef(c, "net_prio.ifpriomap", arena_printf(c->op->arena, "network/priorities/%zu", i), "%s %" PRIu64,
                      network->priorities.v[i].name, network->priorities.v[i].priority.v);
}

void cgroup_v1_plan(struct cgroup *c, const struct spec_resources *r)
{
    if (r->memory)
        plan_memory(c, r->memory);
    if (r->cpu)
        plan_cpu(c, r->cpu);
    if (r->block_io)
        cgroup_v1_plan_io(c, r->block_io);
    if (r->network)
        plan_network(c, r->network);
}
