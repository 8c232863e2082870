/* The files of cgroup v2, in the terms of v1: so runc tells them. */
#include <string.h>
#include "base/str.h"
#include "launch/cgroup_file.h"
#include "launch/stats_read.h"

#define AT(field) offsetof(struct stats, field)

/* A file of "cgroup" is there whatever the controllers. */
static const struct stats_file pressure_files[] = {
    { "cgroup", "cpu.pressure", stats_parse_psi, AT(cpu.psi), 0 },
    { "cgroup", "memory.pressure", stats_parse_psi, AT(memory.psi), 0 },
    { "cgroup", "io.pressure", stats_parse_psi, AT(blkio.psi), 0 },
    { NULL },
};

static const struct stats_file files[] = {
    { "cgroup", "cpu.stat", stats_parse_cpu_v2, AT(cpu), STATS_CPU },
    { "memory", "memory.stat", stats_parse_values, AT(memory.raw), 0 },
    { "memory", "memory.current", stats_parse_number, AT(memory.usage.usage), STATS_MEMORY },
    { "memory", "memory.max", stats_parse_number, AT(memory.usage.limit), 0 },
    { "memory", "memory.peak", stats_parse_number, AT(memory.usage.max), 0 },
    { "memory", "memory.swap.current", stats_parse_number, AT(memory.swap.usage), STATS_SWAP },
    { "memory", "memory.swap.max", stats_parse_number, AT(memory.swap.limit), 0, STATS_DETAIL },
    { "memory", "memory.events", stats_parse_values, AT(memory.events), STATS_OOM },
    { "pids", "pids.current", stats_parse_number, AT(pids), STATS_PIDS },
    { "pids", "pids.max", stats_parse_number, AT(pids_limit), 0 },
    { "io", "io.stat", stats_parse_io_v2, AT(blkio), STATS_IO },
    { "rdma", "rdma.current", stats_parse_rdma, AT(rdma), 0, STATS_DETAIL },
    { "rdma", "rdma.max", stats_parse_rdma, AT(rdma_limits), 0, STATS_DETAIL },
    { NULL },
};

static uint64_t add_limits(uint64_t a, uint64_t b)
{
    uint64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? STATS_NO_LIMIT : sum;
}

/* v1 counts memory and swap together; what v2 has had of each at most is no sum. */
static void join_swap(struct stats_memory *memory)
{
    memory->swap.usage += memory->usage.usage;
    memory->swap.limit = add_limits(memory->swap.limit, memory->usage.limit);
}

/* Without the controller the processes are counted, of which each is one task at least. */
static int count_processes(struct stats_reader *r)
{
    struct cgroup_members members = { .arena = r->op->arena };

    if (cgroup_members_add(&members, r->dir) == 0) {
        r->stats->pids = members.n;
        r->stats->known |= STATS_PIDS;
    }
    return 0;
}

static int read_hugetlb(struct stats_reader *r, const char *prefix, struct stats_hugetlb *ret)
{
    struct arena *a = r->op->arena;
    struct stats_values events = { 0 };
    int n = stats_read_file(r, arena_printf(a, "%s.rsvd.current", prefix), stats_parse_number, &ret->usage);

    if (n == 0)
        n = stats_read_file(r, arena_printf(a, "%s.current", prefix), stats_parse_number, &ret->usage);
    if (n >= 0)
        n = stats_read_file(r, arena_printf(a, "%s.events", prefix), stats_parse_values, &events);
    ret->failcnt = stats_value(&events, "max");
    return n < 0 ? n : 0;
}

static int parse_controllers(struct arena *a, char *text, void *ret)
{
    *(const char **) ret = arena_printf(a, "%.*s cgroup", (int) strcspn(text, "\n"), text);
    return 0;
}

static int read_controllers(struct stats_reader *r, const char *controllers)
{
    int n = stats_read_files(r, files, controllers);

    if (n < 0)
        return n;
    join_swap(&r->stats->memory);
    if (str_has_word(controllers, " ", "cpu"))
        r->stats->known |= STATS_THROTTLING;
    if (!r->brief && str_has_word(controllers, " ", "hugetlb") && (n = stats_read_hugetlb(r, "current", read_hugetlb)) < 0)
        return n;
    return r->stats->known & STATS_PIDS ? 0 : count_processes(r);
}

int stats_read_v2(struct stats_reader *r, bool alone)
{
    const char *controllers = "cgroup";
    int n = stats_read_files(r, pressure_files, controllers);

    if (n < 0 || !alone)
        return n;
    if ((n = stats_read_file(r, "cgroup.controllers", parse_controllers, &controllers)) < 0)
        return n;
    return read_controllers(r, controllers);
}
