#include <inttypes.h>
#include "plan/cgroup.h"

enum { MIN_SHARES = 2, MAX_SHARES = 262144 };           /* sched_group_set_shares in kernel/sched/fair.c */

/* The default first, which also drops all exceptions; then those of the list. */
static void plan_devices(struct cgroup *c, const struct device_rules *rules)
{
    const char *files[] = { "devices.deny", "devices.allow" };

    if (device_rules_allow_everything(rules) || (c->resources->devices.n == 0 && !cgroup_has_controller(c, "devices")))
        return;
    cgroup_write(c, files[rules->allow], "devices", "a");
    for (size_t i = 0; i < rules->n && cgroup_has_controller(c, "devices"); i++)
        if (rules->exceptions[i].access)
            cgroup_write(c, files[!rules->allow], "devices", device_rule_text(c->m->op->arena, &rules->exceptions[i]));
}

static void write_limit(struct cgroup *c, int64_t limit)
{
    if (limit)
        cgroup_write_int(c, "memory.limit_in_bytes", "memory/limit", limit);
}

/* Where the kernel does not count swap the file is missing, and swap is unlimited anyway. */
static void write_swap(struct cgroup *c, const char *member, int64_t swap)
{
    if (swap)
        cgroup_write_int(c, "memory.memsw.limit_in_bytes", member, swap);
    if (swap == -1)
        cgroup_write_is_optional(c);
}

/* The kernel keeps limit <= memsw at every moment. In a new cgroup both are unlimited, so limits go
 * down memory first; only "unlimited" goes up memsw first. */
static void plan_memory_and_swap(struct cgroup *c, int64_t limit, int64_t swap)
{
    if (limit == -1 && swap == 0) {
        write_swap(c, "memory/limit", -1);
        write_limit(c, limit);
    } else if (swap == -1) {
        write_swap(c, "memory/swap", swap);
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
        cgroup_write_int(c, "memory.soft_limit_in_bytes", "memory/reservation", memory->reservation.v);
    if (memory->disable_oom_killer.v)
        cgroup_write(c, "memory.oom_control", "memory/disableOOMKiller", "1");
    if (memory->swappiness.set && memory->swappiness.v != -1)
        cgroup_write_int(c, "memory.swappiness", "memory/swappiness", memory->swappiness.v);
}

/* The kernel would quietly take the nearest possible value. */
static void plan_shares(struct cgroup *c, uint64_t shares)
{
    static const char pointer[] = "/linux/resources/cpu/shares";

    if (shares == 0)
        return;
    if (shares < MIN_SHARES)
        op_fault(c->m->op, pointer, "the minimum allowed cpu-shares is %d", MIN_SHARES);
    if (shares > MAX_SHARES)
        op_fault(c->m->op, pointer, "the maximum allowed cpu-shares is %d", MAX_SHARES);
    cgroup_write_uint(c, "cpu.shares", "cpu/shares", shares);
}

static void plan_bandwidth(struct cgroup *c, const struct spec_cpu *cpu)
{
    if (cpu->period.v)
        cgroup_write_uint(c, "cpu.cfs_period_us", "cpu/period", cpu->period.v);
    if (cpu->quota.v)
        cgroup_write_int(c, "cpu.cfs_quota_us", "cpu/quota", cpu->quota.v);
    if (!cpu->burst.set)
        return;
    cgroup_write_uint(c, "cpu.cfs_burst_us", "cpu/burst", cpu->burst.v);
    if (cpu->burst.v == 0)
        cgroup_write_is_optional(c);
}

static void plan_cpu(struct cgroup *c, const struct spec_cpu *cpu)
{
    if (cpu->rt_period.v)
        cgroup_write_uint(c, "cpu.rt_period_us", "cpu/realtimePeriod", cpu->rt_period.v);
    if (cpu->rt_runtime.v)
        cgroup_write_int(c, "cpu.rt_runtime_us", "cpu/realtimeRuntime", cpu->rt_runtime.v);
    plan_shares(c, cpu->shares.v);
    plan_bandwidth(c, cpu);
    if (cpu->idle.set)
        cgroup_write_int(c, "cpu.idle", "cpu/idle", cpu->idle.v);
}

static void plan_pids(struct cgroup *c, int64_t limit)
{
    if (limit < 0)
        cgroup_write(c, "pids.max", "pids/limit", "max");
    else
        cgroup_write_int(c, "pids.max", "pids/limit", limit ? limit : 1);
}

void cgroup_v1_plan(struct cgroup *c, const struct device_rules *rules)
{
    const struct spec_resources *r = c->resources;

    if (r->cpu)
        cgroup_write_cpuset(c, r->cpu);
    plan_devices(c, rules);
    if (r->memory)
        plan_memory(c, r->memory);
    if (r->cpu)
        plan_cpu(c, r->cpu);
    if (r->pids && r->pids->limit.set)
        plan_pids(c, r->pids->limit.v);
}
