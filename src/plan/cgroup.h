/* cgroup.h - what the two versions of cgroups share: the list of writes, and the pure conversions. */
#pragma once
#include "plan/device_rules.h"
#include "plan/make.h"

struct cgroup {
    struct make *m;
    const struct spec_resources *resources;     /* never NULL */
    struct rows writes;                         /* struct plan_write */
};

/* Adds a write of `value` to `file`, asked for by /linux/resources/`member`. The directory is that of the
 * controller that the file is named after. */
void cgroup_write(struct cgroup *c, const char *file, const char *member, const char *value);
void cgroup_write_int(struct cgroup *c, const char *file, const char *member, int64_t value);
void cgroup_write_uint(struct cgroup *c, const char *file, const char *member, uint64_t value);
/* cpuset.cpus and cpuset.mems, which v1 and v2 name alike. */
void cgroup_write_cpuset(struct cgroup *c, const struct spec_cpu *cpu);
/* The last write's file may be missing. */
void cgroup_write_is_optional(struct cgroup *c);
/* Whether the list of controllers ("cpu,cpuacct") holds the first n bytes of `name`. */
bool cgroup_list_holds(const char *controllers, const char *name, size_t n);
/* Whether files of this controller can be written at all. */
bool cgroup_has_controller(const struct cgroup *c, const char *controller);

/* One file each: everything below linux.resources, in the order in which it is written. */
void cgroup_v1_plan(struct cgroup *c, const struct device_rules *rules);
void cgroup_v2_plan(struct cgroup *c, const struct device_rules *rules);

/* What is wrong with this pair of memory.limit and memory.swap (which counts both); NULL: nothing. 0 is "not given". */
const char *cgroup_memory_fault(int64_t limit, int64_t swap);
/* memory.swap of the specification (memory and swap together) as memory.swap.max (swap alone): -1 is
 * "max", 0 with swap > 0 "no swap", 0 with swap = 0 "not given". The pair must be without fault. */
int64_t cgroup_swap_only(int64_t limit, int64_t swap);
/* cpu.shares (2 to 262144, 1024 is usual) as cpu.weight (1 to 10000, 100 is usual). 0 stays 0: "not given". */
uint64_t cgroup_weight(uint64_t shares);
