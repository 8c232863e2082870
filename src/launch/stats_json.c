/* The `data` of a "stats" event: runc's names, order and rules of what is left out. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "launch/stats.h"

/* ---- Members -------------------------------------------------------------------------------- */

static void add_name(struct str *s, const char *name)
{
    if (s->len && !strchr("{[", s->text[s->len - 1]))
        str_add(s, ",");
    if (name)
        str_addf(s, "\"%s\":", name);
}

static void add_number(struct str *s, const char *name, uint64_t value)
{
    add_name(s, name);
    str_addf(s, "%" PRIu64, value);
}

/* One that is left out when it is 0. */
static void add_some(struct str *s, const char *name, uint64_t value)
{
    if (value)
        add_number(s, name, value);
}

static void add_numbers(struct str *s, const char *name, const struct stats_numbers *list)
{
    if (list->n == 0)
        return;
    add_name(s, name);
    str_add(s, "[");
    for (size_t i = 0; i < list->n; i++)
        add_number(s, NULL, list->v[i]);
    str_add(s, "]");
}

/* An object or array whose members follow. Returns where it began. */
static size_t begin(struct str *s, const char *name, const char *bracket)
{
    size_t start = s->len;

    add_name(s, name);
    str_add(s, bracket);
    return start;
}

/* Takes it back when it is empty. */
static void end_some(struct str *s, size_t start, const char *bracket)
{
    if (strchr("{[", s->text[s->len - 1]))
        s->text[s->len = start] = '\0';
    else
        str_add(s, bracket);
}

/* ---- Pressure ------------------------------------------------------------------------------- */

/* As Go prints it: without zeros at the end. */
static void add_percent(struct str *s, const char *name, unsigned hundredths)
{
    add_number(s, name, hundredths / 100);
    if (hundredths % 100)
        str_addf(s, hundredths % 10 ? ".%02u" : ".%u", hundredths % 10 ? hundredths % 100 : hundredths % 100 / 10);
}

static void add_share(struct str *s, const char *name, const struct stats_share *share)
{
    begin(s, name, "{");
    add_percent(s, "avg10", share->avg10);
    add_percent(s, "avg60", share->avg60);
    add_percent(s, "avg300", share->avg300);
    add_number(s, "total", share->total);
    str_add(s, "}");
}

static void add_psi(struct str *s, const struct stats_psi *psi)
{
    if (!psi->known)
        return;
    begin(s, "psi", "{");
    add_share(s, "some", &psi->some);
    add_share(s, "full", &psi->full);
    str_add(s, "}");
}

/* ---- Controllers ---------------------------------------------------------------------------- */

static void add_cpu_usage(struct str *s, const struct stats_cpu *cpu)
{
    if (!cpu->total && !cpu->kernel && !cpu->user && !cpu->percpu.n && !cpu->percpu_kernel.n && !cpu->percpu_user.n)
        return;
    begin(s, "usage", "{");
    add_some(s, "total", cpu->total);
    add_numbers(s, "percpu", &cpu->percpu);
    add_numbers(s, "percpu_kernel", &cpu->percpu_kernel);
    add_numbers(s, "percpu_user", &cpu->percpu_user);
    add_number(s, "kernel", cpu->kernel);
    add_number(s, "user", cpu->user);
    str_add(s, "}");
}

static void add_cpu(struct str *s, const struct stats_cpu *cpu)
{
    size_t start;

    begin(s, "cpu", "{");
    add_cpu_usage(s, cpu);
    start = begin(s, "throttling", "{");
    add_some(s, "periods", cpu->periods);
    add_some(s, "throttledPeriods", cpu->throttled_periods);
    add_some(s, "throttledTime", cpu->throttled_time);
    end_some(s, start, "}");
    add_psi(s, &cpu->psi);
    str_add(s, "}");
}

static void add_cpuset(struct str *s, const struct stats_cpuset *cpuset)
{
    begin(s, "cpuset", "{");
    add_numbers(s, "cpus", &cpuset->cpus);
    add_number(s, "cpu_exclusive", cpuset->cpu_exclusive);
    add_numbers(s, "mems", &cpuset->mems);
    add_number(s, "mem_hardwall", cpuset->mem_hardwall);
    add_number(s, "mem_exclusive", cpuset->mem_exclusive);
    add_number(s, "memory_migrate", cpuset->memory_migrate);
    add_number(s, "memory_spread_page", cpuset->spread_page);
    add_number(s, "memory_spread_slab", cpuset->spread_slab);
    add_number(s, "memory_pressure", cpuset->memory_pressure);
    add_number(s, "sched_load_balance", cpuset->load_balance);
    add_name(s, "sched_relax_domain_level");
    str_addf(s, "%" PRId64 "}", cpuset->relax_domain_level);
}

static void add_amount(struct str *s, const char *name, const struct stats_amount *amount)
{
    if (!amount->limit && !amount->usage && !amount->max && !amount->failcnt)
        return;
    begin(s, name, "{");
    add_number(s, "limit", amount->limit);
    add_some(s, "usage", amount->usage);
    add_some(s, "max", amount->max);
    add_number(s, "failcnt", amount->failcnt);
    str_add(s, "}");
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct stats_value *) a)->key, ((const struct stats_value *) b)->key);
}

/* A map has its keys in order. */
static void add_raw(struct str *s, struct arena *a, const struct stats_values *raw)
{
    struct stats_value *sorted = arena_array(a, raw->n, sizeof(*sorted));

    if (raw->n == 0)
        return;
    memcpy(sorted, raw->v, raw->n * sizeof(*sorted));
    qsort(sorted, raw->n, sizeof(*sorted), compare_keys);
    begin(s, "raw", "{");
    for (size_t i = 0; i < raw->n; i++) {
        add_name(s, NULL);
        str_add_json(s, sorted[i].key);
        str_addf(s, ":%" PRIu64, sorted[i].value);
    }
    str_add(s, "}");
}

/* The file cache is "cache" in v1 and "file" in v2. */
static uint64_t cache_of(const struct stats_values *raw)
{
    uint64_t cache = stats_value(raw, "cache");

    return cache ? cache : stats_value(raw, "file");
}

static void add_memory(struct str *s, struct arena *a, const struct stats_memory *memory)
{
    begin(s, "memory", "{");
    add_some(s, "cache", cache_of(&memory->raw));
    add_amount(s, "usage", &memory->usage);
    add_amount(s, "swap", &memory->swap);
    add_amount(s, "kernel", &memory->kernel);
    add_amount(s, "kernelTCP", &memory->kernel_tcp);
    add_raw(s, a, &memory->raw);
    add_psi(s, &memory->psi);
    str_add(s, "}");
}

static void add_ios(struct str *s, const char *name, const struct stats_ios *list)
{
    if (list->n == 0)
        return;
    begin(s, name, "[");
    for (size_t i = 0; i < list->n; i++) {
        begin(s, NULL, "{");
        add_some(s, "major", list->v[i].major);
        add_some(s, "minor", list->v[i].minor);
        if (*list->v[i].op)
            str_add_member(s, "op", list->v[i].op);
        add_some(s, "value", list->v[i].value);
        str_add(s, "}");
    }
    str_add(s, "]");
}

static void add_blkio(struct str *s, const struct stats_blkio *blkio)
{
    begin(s, "blkio", "{");
    add_ios(s, "ioServiceBytesRecursive", &blkio->bytes);
    add_ios(s, "ioServicedRecursive", &blkio->serviced);
    add_ios(s, "ioQueueRecursive", &blkio->queued);
    add_ios(s, "ioServiceTimeRecursive", &blkio->service_time);
    add_ios(s, "ioWaitTimeRecursive", &blkio->wait_time);
    add_ios(s, "ioMergedRecursive", &blkio->merged);
    add_ios(s, "ioTimeRecursive", &blkio->time);
    add_ios(s, "sectorsRecursive", &blkio->sectors);
    add_psi(s, &blkio->psi);
    str_add(s, "}");
}

static void add_hugetlb(struct str *s, const struct stats_hugetlbs *list)
{
    begin(s, "hugetlb", "{");
    for (size_t i = 0; i < list->n; i++) {
        add_name(s, NULL);
        str_add_json(s, list->v[i].size);
        str_add(s, ":{");
        add_some(s, "usage", list->v[i].usage);
        add_some(s, "max", list->v[i].max);
        add_number(s, "failcnt", list->v[i].failcnt);
        str_add(s, "}");
    }
    str_add(s, "}");
}

/* Not in runc's events: only there with RDMA devices in use. */
static void add_rdmas(struct str *s, const char *name, const struct stats_rdmas *list)
{
    size_t start = begin(s, name, "[");

    for (size_t i = 0; i < list->n; i++) {
        begin(s, NULL, "{");
        str_add_member(s, "device", list->v[i].device);
        add_number(s, "hcaHandles", list->v[i].handles);
        add_number(s, "hcaObjects", list->v[i].objects);
        str_add(s, "}");
    }
    end_some(s, start, "]");
}

static void add_rdma(struct str *s, const struct stats *stats)
{
    size_t start = begin(s, "rdma", "{");

    add_rdmas(s, "current", &stats->rdma);
    add_rdmas(s, "limit", &stats->rdma_limits);
    end_some(s, start, "}");
}

/* ---- Intel RDT ------------------------------------------------------------------------------ */

static void add_text(struct str *s, const char *name, const char *value)
{
    if (value)
        str_add_member(s, name, value);
}

static void add_cache(struct str *s, const struct rdt_stats *rdt)
{
    if (rdt->cbm_mask) {
        begin(s, "l3_cache_info", "{");
        add_text(s, "cbm_mask", rdt->cbm_mask);
        add_some(s, "min_cbm_bits", rdt->min_cbm_bits);
        add_some(s, "num_closids", rdt->l3_closids);
        str_add(s, "}");
    }
    add_text(s, "l3_cache_schema_root", rdt->l3_root);
    add_text(s, "l3_cache_schema", rdt->l3_schema);
}

static void add_bandwidth(struct str *s, const struct rdt_stats *rdt)
{
    if (rdt->mb) {
        begin(s, "mem_bw_info", "{");
        add_some(s, "bandwidth_gran", rdt->bandwidth_gran);
        add_some(s, "delay_linear", rdt->delay_linear);
        add_some(s, "min_bandwidth", rdt->min_bandwidth);
        add_some(s, "num_closids", rdt->mb_closids);
        str_add(s, "}");
    }
    add_text(s, "mem_bw_schema_root", rdt->mb_root);
    add_text(s, "mem_bw_schema", rdt->mb_schema);
}

static void add_schemata(struct str *s, const struct rdt_stats *rdt)
{
    size_t start = begin(s, "schemata", "[");

    for (size_t i = 0; i < rdt->n_schemata; i++) {
        add_name(s, NULL);
        str_add_json(s, rdt->schemata[i]);
    }
    end_some(s, start, "]");
}

static void add_monitoring(struct str *s, const struct rdt_stats *rdt)
{
    if (rdt->mbm) {
        begin(s, "mbm_stats", "[");
        for (size_t i = 0; i < rdt->n_domains; i++) {
            begin(s, NULL, "{");
            add_number(s, "mbm_total_bytes", rdt->domains[i].mbm_total);
            add_number(s, "mbm_local_bytes", rdt->domains[i].mbm_local);
            str_add(s, "}");
        }
        str_add(s, "]");
    }
    if (rdt->cmt) {
        begin(s, "cmt_stats", "[");
        for (size_t i = 0; i < rdt->n_domains; i++) {
            begin(s, NULL, "{");
            add_number(s, "llc_occupancy", rdt->domains[i].llc_occupancy);
            str_add(s, "}");
        }
        str_add(s, "]");
    }
}

static void add_rdt(struct str *s, const struct rdt_stats *rdt)
{
    begin(s, "intel_rdt", "{");
    add_cache(s, rdt);
    add_bandwidth(s, rdt);
    add_schemata(s, rdt);
    add_monitoring(s, rdt);
    str_add(s, "}");
}

/* ---- Network -------------------------------------------------------------------------------- */

static void add_traffic(struct str *s, const char *prefix, const struct stats_traffic *traffic)
{
    str_addf(s, ",\"%sBytes\":%" PRIu64 ",\"%sPackets\":%" PRIu64, prefix, traffic->bytes, prefix, traffic->packets);
    str_addf(s, ",\"%sErrors\":%" PRIu64 ",\"%sDropped\":%" PRIu64, prefix, traffic->errors, prefix, traffic->dropped);
}

static void add_interfaces(struct str *s, const struct stats_interfaces *list)
{
    add_name(s, "network_interfaces");
    if (list->n == 0) {
        str_add(s, "null");
        return;
    }
    str_add(s, "[");
    for (size_t i = 0; i < list->n; i++) {
        begin(s, NULL, "{");
        str_add_member(s, "Name", list->v[i].name);
        add_traffic(s, "Rx", &list->v[i].received);
        add_traffic(s, "Tx", &list->v[i].sent);
        str_add(s, "}");
    }
    str_add(s, "]");
}

char *stats_json(struct arena *a, const struct stats *stats)
{
    struct str s;

    str_init(&s, a);
    str_add(&s, "{");
    add_cpu(&s, &stats->cpu);
    add_cpuset(&s, &stats->cpuset);
    add_memory(&s, a, &stats->memory);
    begin(&s, "pids", "{");
    add_some(&s, "current", stats->pids);
    add_some(&s, "limit", stats->pids_limit == STATS_NO_LIMIT ? 0 : stats->pids_limit);
    str_add(&s, "}");
    add_blkio(&s, &stats->blkio);
    add_hugetlb(&s, &stats->hugetlb);
    add_rdma(&s, stats);
    add_rdt(&s, &stats->rdt);
    add_interfaces(&s, &stats->interfaces);
    str_add(&s, "}");
    return s.text;
}
