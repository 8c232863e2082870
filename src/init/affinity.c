#include "init/affinity.h"

/* EINVAL: none of these CPUs is there, or the cgroup's cpuset has none of them. */
static int set(struct init *in, struct plan_list cpus, const char *what)
{
    int r = cpus.n ? sys_sched_setaffinity(plan_at(in->plan, cpus.at), cpus.n * sizeof(uint64_t)) : 0;

    return r < 0 ? init_fail_text(in, CALL_sched_setaffinity, r, what) : 0;
}

int affinity_set_initial(struct init *in)
{
    return set(in, in->plan->cpus_initial, "process.execCPUAffinity.initial");
}

int affinity_set_final(struct init *in)
{
    return set(in, in->plan->cpus_final, "process.execCPUAffinity.final");
}
