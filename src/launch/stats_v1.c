/* The files of cgroup v1. */
#include "base/str.h"
#include "launch/stats_read.h"

#define AT(field) offsetof(struct stats, field)

static const struct stats_file files[] = {
    { "cpu", "cpu.stat", stats_parse_cpu_v1, AT(cpu), STATS_THROTTLING },
    { "cpuacct", "cpuacct.usage", stats_parse_number, AT(cpu.total), STATS_CPU },
    { "cpuacct", "cpuacct.stat", stats_parse_cpuacct, AT(cpu), 0 },
    { "cpuacct", "cpuacct.usage_percpu", stats_parse_numbers, AT(cpu.percpu), 0, STATS_DETAIL },
    { "cpuacct", "cpuacct.usage_all", stats_parse_usage_all, AT(cpu), 0, STATS_DETAIL },
    { "cpuset", "cpuset.cpus", stats_parse_ids, AT(cpuset.cpus), 0, STATS_DETAIL },
    { "cpuset", "cpuset.mems", stats_parse_ids, AT(cpuset.mems), 0, STATS_DETAIL },
    { "cpuset", "cpuset.cpu_exclusive", stats_parse_number, AT(cpuset.cpu_exclusive), 0, STATS_DETAIL },
    { "cpuset", "cpuset.mem_exclusive", stats_parse_number, AT(cpuset.mem_exclusive), 0, STATS_DETAIL },
    { "cpuset", "cpuset.mem_hardwall", stats_parse_number, AT(cpuset.mem_hardwall), 0, STATS_DETAIL },
    { "cpuset", "cpuset.memory_migrate", stats_parse_number, AT(cpuset.memory_migrate), 0, STATS_DETAIL },
    { "cpuset", "cpuset.memory_pressure", stats_parse_number, AT(cpuset.memory_pressure), 0, STATS_DETAIL },
    { "cpuset", "cpuset.memory_spread_page", stats_parse_number, AT(cpuset.spread_page), 0, STATS_DETAIL },
    { "cpuset", "cpuset.memory_spread_slab", stats_parse_number, AT(cpuset.spread_slab), 0, STATS_DETAIL },
    { "cpuset", "cpuset.sched_load_balance", stats_parse_number, AT(cpuset.load_balance), 0, STATS_DETAIL },
    { "cpuset", "cpuset.sched_relax_domain_level", stats_parse_integer, AT(cpuset.relax_domain_level), 0, STATS_DETAIL },
    { "memory", "memory.stat", stats_parse_values, AT(memory.raw), 0 },
    { "memory", "memory.usage_in_bytes", stats_parse_number, AT(memory.usage.usage), STATS_MEMORY },
    { "memory", "memory.limit_in_bytes", stats_parse_number, AT(memory.usage.limit), 0 },
    { "memory", "memory.max_usage_in_bytes", stats_parse_number, AT(memory.usage.max), 0 },
    { "memory", "memory.failcnt", stats_parse_number, AT(memory.usage.failcnt), 0, STATS_DETAIL },
    { "memory", "memory.memsw.usage_in_bytes", stats_parse_number, AT(memory.swap.usage), STATS_SWAP },
    { "memory", "memory.memsw.limit_in_bytes", stats_parse_number, AT(memory.swap.limit), 0, STATS_DETAIL },
    { "memory", "memory.memsw.max_usage_in_bytes", stats_parse_number, AT(memory.swap.max), 0, STATS_DETAIL },
    { "memory", "memory.memsw.failcnt", stats_parse_number, AT(memory.swap.failcnt), 0, STATS_DETAIL },
    { "memory", "memory.kmem.usage_in_bytes", stats_parse_number, AT(memory.kernel.usage), 0, STATS_DETAIL },
    { "memory", "memory.kmem.limit_in_bytes", stats_parse_number, AT(memory.kernel.limit), 0, STATS_DETAIL },
    { "memory", "memory.kmem.max_usage_in_bytes", stats_parse_number, AT(memory.kernel.max), 0, STATS_DETAIL },
    { "memory", "memory.kmem.failcnt", stats_parse_number, AT(memory.kernel.failcnt), 0, STATS_DETAIL },
    { "memory", "memory.kmem.tcp.usage_in_bytes", stats_parse_number, AT(memory.kernel_tcp.usage), 0, STATS_DETAIL },
    { "memory", "memory.kmem.tcp.limit_in_bytes", stats_parse_number, AT(memory.kernel_tcp.limit), 0, STATS_DETAIL },
    { "memory", "memory.kmem.tcp.max_usage_in_bytes", stats_parse_number, AT(memory.kernel_tcp.max), 0, STATS_DETAIL },
    { "memory", "memory.kmem.tcp.failcnt", stats_parse_number, AT(memory.kernel_tcp.failcnt), 0, STATS_DETAIL },
    { "memory", "memory.oom_control", stats_parse_values, AT(memory.events), STATS_OOM },
    { "pids", "pids.current", stats_parse_number, AT(pids), STATS_PIDS },
    { "pids", "pids.max", stats_parse_number, AT(pids_limit), 0 },
    { "rdma", "rdma.current", stats_parse_rdma, AT(rdma), 0, STATS_DETAIL },
    { "rdma", "rdma.max", stats_parse_rdma, AT(rdma_limits), 0, STATS_DETAIL },
    { NULL },
};

/* ---- Block devices -------------------------------------------------------------------------- */

/* What an I/O scheduler or, failing that, the throttling counts. A group whose first file is missing or empty is not in use. */
struct group { const char *file; size_t offset; };

#define IO(field) offsetof(struct stats_blkio, field)

static const struct group bfq_debug[] = {
    { "blkio.bfq.sectors_recursive", IO(sectors) }, { "blkio.bfq.io_service_time_recursive", IO(service_time) },
    { "blkio.bfq.io_wait_time_recursive", IO(wait_time) }, { "blkio.bfq.io_merged_recursive", IO(merged) },
    { "blkio.bfq.io_queued_recursive", IO(queued) }, { "blkio.bfq.time_recursive", IO(time) },
    { "blkio.bfq.io_serviced_recursive", IO(serviced) }, { "blkio.bfq.io_service_bytes_recursive", IO(bytes) }, { NULL },
};
static const struct group bfq[] = {
    { "blkio.bfq.io_serviced_recursive", IO(serviced) }, { "blkio.bfq.io_service_bytes_recursive", IO(bytes) }, { NULL },
};
static const struct group cfq[] = {
    { "blkio.sectors_recursive", IO(sectors) }, { "blkio.io_service_time_recursive", IO(service_time) },
    { "blkio.io_wait_time_recursive", IO(wait_time) }, { "blkio.io_merged_recursive", IO(merged) },
    { "blkio.io_queued_recursive", IO(queued) }, { "blkio.time_recursive", IO(time) },
    { "blkio.io_serviced_recursive", IO(serviced) }, { "blkio.io_service_bytes_recursive", IO(bytes) }, { NULL },
};
static const struct group throttle_recursive[] = {
    { "blkio.throttle.io_serviced_recursive", IO(serviced) },
    { "blkio.throttle.io_service_bytes_recursive", IO(bytes) }, { NULL },
};
static const struct group throttle[] = {
    { "blkio.throttle.io_serviced", IO(serviced) }, { "blkio.throttle.io_service_bytes", IO(bytes) }, { NULL },
};
static const struct group *const groups[] = { bfq_debug, bfq, cfq, throttle_recursive, throttle };

static struct stats_ios *ios_at(struct stats_reader *r, const struct group *row)
{
    return (struct stats_ios *) ((char *) &r->stats->blkio + row->offset);
}

/* Whether this group is in use. */
static int read_group(struct stats_reader *r, const struct group *rows)
{
    int n = stats_read_file(r, rows->file, stats_parse_io_v1, ios_at(r, rows));
    const struct group *row;

    if (n > 0)
        r->stats->known |= STATS_IO;
    if (n < 0 || ios_at(r, rows)->n == 0)
        return n < 0 ? n : 0;
    for (row = rows + 1; n >= 0 && row->file; row++)
        n = stats_read_file(r, row->file, stats_parse_io_v1, ios_at(r, row));
    return n < 0 ? n : 1;
}

static int read_blkio(struct stats_reader *r)
{
    int n = 0;

    for (size_t i = 0; n == 0 && i < sizeof(groups) / sizeof(*groups); i++)
        n = read_group(r, groups[i]);
    return n < 0 ? n : 0;
}

/* ---- The whole ------------------------------------------------------------------------------ */

/* With reservations ("hugetlb.2MB.rsvd.…") these are what counts. */
static int read_hugetlb(struct stats_reader *r, const char *prefix, struct stats_hugetlb *ret)
{
    struct arena *a = r->op->arena;
    const char *rsvd = arena_printf(a, "%s.rsvd", prefix);
    int n = stats_read_file(r, arena_printf(a, "%s.usage_in_bytes", rsvd), stats_parse_number, &ret->usage);

    if (n == 0) {
        rsvd = prefix;
        n = stats_read_file(r, arena_printf(a, "%s.usage_in_bytes", rsvd), stats_parse_number, &ret->usage);
    }
    if (n >= 0)
        n = stats_read_file(r, arena_printf(a, "%s.max_usage_in_bytes", rsvd), stats_parse_number, &ret->max);
    if (n >= 0)
        n = stats_read_file(r, arena_printf(a, "%s.failcnt", rsvd), stats_parse_number, &ret->failcnt);
    return n < 0 ? n : 0;
}

int stats_read_v1(struct stats_reader *r, const char *controllers)
{
    int n = stats_read_files(r, files, controllers);

    if (n == 0 && str_has_word(controllers, ",", "blkio"))
        n = read_blkio(r);
    if (n == 0 && !r->brief && str_has_word(controllers, ",", "hugetlb"))
        n = stats_read_hugetlb(r, "usage_in_bytes", read_hugetlb);
    return n;
}
