/* stats.h - what the kernel has counted for a container: in its cgroups and for its network interfaces.
 *
 * Reading changes nothing. What is not there (a controller that is off, an older kernel, a hierarchy that a rootless
 * container does without) counts as 0 or empty, and its STATS_* bit is not set. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/op.h"
#include "launch/rdt.h"
#include "plan/plan.h"

#define STATS_NO_LIMIT UINT64_MAX

/* struct stats.known: what could be read. */
enum {
    STATS_CPU = 1, STATS_THROTTLING = 2, STATS_MEMORY = 4, STATS_SWAP = 8, STATS_OOM = 16, STATS_PIDS = 32, STATS_IO = 64,
    STATS_NETWORK = 128,
};

struct stats_numbers { uint64_t *v; size_t n; };
struct stats_value { const char *key; uint64_t value; };
struct stats_values { struct stats_value *v; size_t n; };

/* Pressure stall information. */
struct stats_share {
    unsigned avg10, avg60, avg300;              /* of the time, in hundredths of a percent */
    uint64_t total;                             /* microseconds */
};
struct stats_psi { bool known; struct stats_share some, full; };

struct stats_cpu {                              /* nanoseconds */
    uint64_t total, kernel, user;
    struct stats_numbers percpu, percpu_kernel, percpu_user;
    uint64_t periods, throttled_periods, throttled_time;
    struct stats_psi psi;
};
struct stats_cpuset {
    struct stats_numbers cpus, mems;
    uint64_t cpu_exclusive, mem_exclusive, mem_hardwall, memory_migrate, memory_pressure, spread_page, spread_slab, load_balance;
    int64_t relax_domain_level;
};
struct stats_amount { uint64_t limit, usage, max, failcnt; };       /* bytes; `max`: the most there has been */
struct stats_memory {
    struct stats_amount usage;
    struct stats_amount swap;                   /* memory and swap together */
    struct stats_amount kernel, kernel_tcp;
    struct stats_values raw;                    /* memory.stat */
    struct stats_values events;                 /* with "oom_kill", how often the OOM killer has struck */
    struct stats_psi psi;
};

struct stats_io { uint64_t major, minor; const char *op; uint64_t value; };     /* `op` is "" where there are no operations */
struct stats_ios { struct stats_io *v; size_t n; };
struct stats_blkio {
    struct stats_ios bytes, serviced, queued, service_time, wait_time, merged, time, sectors;
    struct stats_psi psi;
};

struct stats_hugetlb { const char *size; uint64_t usage, max, failcnt; };       /* "2MB" */
struct stats_hugetlbs { struct stats_hugetlb *v; size_t n; };
struct stats_rdma { const char *device; uint64_t handles, objects; };
struct stats_rdmas { struct stats_rdma *v; size_t n; };
struct stats_traffic { uint64_t bytes, packets, errors, dropped; };
struct stats_interface { const char *name; struct stats_traffic received, sent; };
struct stats_interfaces { struct stats_interface *v; size_t n; };

struct stats {
    unsigned known;                             /* STATS_* */
    struct stats_cpu cpu;
    struct stats_cpuset cpuset;
    struct stats_memory memory;
    uint64_t pids, pids_limit;                  /* STATS_NO_LIMIT */
    struct stats_blkio blkio;
    struct stats_hugetlbs hugetlb;              /* in the order of the names */
    struct stats_rdmas rdma, rdma_limits;
    struct rdt_stats rdt;
    struct stats_interfaces interfaces;         /* but for the loopback */
};

/* The numbers of the plan's cgroups. All of it is in the operation's arena. `brief`: those that struct proa_usage has, which
 * are in less than half of the files. */
int stats_read_cgroups(struct op *op, const struct plan *p, bool brief, struct stats *ret);
/* Adds the interfaces of the process's network namespace, unless that is the caller's own. `pidfd` names the process as well.
 * -ESRCH when it is at its end. */
int stats_read_network(struct op *op, pid_t pid, int pidfd, struct stats *stats);

/* The value of a key; 0 when there is none. */
uint64_t stats_value(const struct stats_values *values, const char *key);
/* The `data` of an event as runc prints it. */
char *stats_json(struct arena *a, const struct stats *stats);
