#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "size.h"
#include "text.h"

enum { RESOURCES_MAX = 16 << 20 };

struct update_values {
    const char *resources, *l3_cache_schema, *mem_bw_schema;
    const char *blkio_weight, *cpu_period, *cpu_quota, *cpu_burst, *cpu_share, *cpu_rt_period, *cpu_rt_runtime, *cpu_idle;
    const char *cpuset_cpus, *cpuset_mems;
    const char *memory, *memory_reservation, *memory_swap, *kernel_memory, *kernel_memory_tcp;
    const char *pids_limit;
};

#define VALUE(field) offsetof(struct update_values, field)

static const struct option rows[] = {
    { .name = "resources", .letter = 'r', .type = OPTION_STRING, .value = "FILE", .offset = VALUE(resources),
      .help = "file with a resources object of the runtime-spec, or - for standard input; most other options do not count then" },
    { .name = "blkio-weight", .type = OPTION_STRING, .value = "WEIGHT", .offset = VALUE(blkio_weight),
      .help = "block I/O weight, 10 to 1000" },
    { .name = "cpu-period", .type = OPTION_STRING, .value = "MICROSECONDS", .offset = VALUE(cpu_period),
      .help = "period of the CPU quota, in microseconds" },
    { .name = "cpu-quota", .type = OPTION_STRING, .value = "MICROSECONDS", .offset = VALUE(cpu_quota),
      .help = "CPU time allowed in each period, in microseconds" },
    { .name = "cpu-burst", .type = OPTION_STRING, .value = "MICROSECONDS", .offset = VALUE(cpu_burst),
      .help = "CPU time that may be saved up for later periods, in microseconds" },
    { .name = "cpu-share", .type = OPTION_STRING, .value = "SHARES", .offset = VALUE(cpu_share),
      .help = "CPU shares, relative to other containers'" },
    { .name = "cpu-rt-period", .type = OPTION_STRING, .value = "MICROSECONDS", .offset = VALUE(cpu_rt_period),
      .help = "period of the real-time CPU limit, in microseconds" },
    { .name = "cpu-rt-runtime", .type = OPTION_STRING, .value = "MICROSECONDS", .offset = VALUE(cpu_rt_runtime),
      .help = "real-time CPU time allowed in each period, in microseconds" },
    { .name = "cpu-idle", .type = OPTION_STRING, .value = "0|1", .offset = VALUE(cpu_idle),
      .help = "1: runs only when nothing else wants to" },
    { .name = "cpuset-cpus", .type = OPTION_STRING, .value = "LIST", .offset = VALUE(cpuset_cpus),
      .help = "CPUs to use, such as 0-3,7" },
    { .name = "cpuset-mems", .type = OPTION_STRING, .value = "LIST", .offset = VALUE(cpuset_mems),
      .help = "memory nodes to use" },
    { .name = "memory", .type = OPTION_STRING, .value = "SIZE", .offset = VALUE(memory),
      .help = "memory limit, such as 512m; -1: none" },
    { .name = "memory-reservation", .type = OPTION_STRING, .value = "SIZE", .offset = VALUE(memory_reservation),
      .help = "memory that is left to the container when it is short; -1: all" },
    { .name = "memory-swap", .type = OPTION_STRING, .value = "SIZE", .offset = VALUE(memory_swap),
      .help = "limit of memory and swap together; -1: no limit of swap" },
    { .name = "pids-limit", .type = OPTION_STRING, .value = "N", .offset = VALUE(pids_limit),
      .help = "most processes and threads; -1: no limit" },
    { .name = "l3-cache-schema", .type = OPTION_STRING, .value = "SCHEMA", .offset = VALUE(l3_cache_schema),
      .help = "Intel RDT: share of the L3 cache" },
    { .name = "mem-bw-schema", .type = OPTION_STRING, .value = "SCHEMA", .offset = VALUE(mem_bw_schema),
      .help = "Intel RDT: share of the memory bandwidth" },
    { .name = "kernel-memory", .type = OPTION_STRING, .value = "SIZE", .offset = VALUE(kernel_memory),
      .help = "no longer used", .hidden = true },
    { .name = "kernel-memory-tcp", .type = OPTION_STRING, .value = "SIZE", .offset = VALUE(kernel_memory_tcp),
      .help = "no longer used", .hidden = true },
    { 0 },
};

/* ---- From options to a resources object ----------------------------------------------------- */

enum kind { SIGNED, UNSIGNED, SIZE, TEXT };

/* Options of one object are neighbours. */
static const struct member {
    const char *option, *object, *name;
    enum kind kind;
    size_t offset;
} members[] = {
    { "blkio-weight", "blockIO", "weight", UNSIGNED, VALUE(blkio_weight) },
    { "cpu-period", "cpu", "period", UNSIGNED, VALUE(cpu_period) },
    { "cpu-quota", "cpu", "quota", SIGNED, VALUE(cpu_quota) },
    { "cpu-burst", "cpu", "burst", UNSIGNED, VALUE(cpu_burst) },
    { "cpu-share", "cpu", "shares", UNSIGNED, VALUE(cpu_share) },
    { "cpu-rt-period", "cpu", "realtimePeriod", UNSIGNED, VALUE(cpu_rt_period) },
    { "cpu-rt-runtime", "cpu", "realtimeRuntime", SIGNED, VALUE(cpu_rt_runtime) },
    { "cpu-idle", "cpu", "idle", SIGNED, VALUE(cpu_idle) },
    { "cpuset-cpus", "cpu", "cpus", TEXT, VALUE(cpuset_cpus) },
    { "cpuset-mems", "cpu", "mems", TEXT, VALUE(cpuset_mems) },
    { "memory", "memory", "limit", SIZE, VALUE(memory) },
    { "memory-reservation", "memory", "reservation", SIZE, VALUE(memory_reservation) },
    { "memory-swap", "memory", "swap", SIZE, VALUE(memory_swap) },
    { "kernel-memory", "memory", "kernel", SIZE, VALUE(kernel_memory) },
    { "kernel-memory-tcp", "memory", "kernelTCP", SIZE, VALUE(kernel_memory_tcp) },
    { "pids-limit", "pids", "limit", SIGNED, VALUE(pids_limit) },
};

/* Writes the number of `text`. NULL, or what is wrong, the caller's to free. */
static char *write_number(FILE *out, enum kind kind, const char *text)
{
    int64_t size;
    char *end, *fault;

    if (kind == SIZE && strcmp(text, "-1")) {
        if ((fault = size_parse(text, &size)))
            return fault;
        fprintf(out, "%" PRId64, size);
        return NULL;
    }
    errno = 0;
    if (kind == UNSIGNED)
        fprintf(out, "%ju", strtoumax(text, &end, 10));
    else
        fprintf(out, "%jd", strtoimax(text, &end, 10));
    if (!strchr(kind == UNSIGNED ? "0123456789" : "-+0123456789", *text) || end == text || *end)
        return text_format("parsing \"%s\": invalid syntax", text);
    return errno ? text_format("parsing \"%s\": value out of range", text) : NULL;
}

static char *write_value(FILE *out, const struct member *m, const char *text)
{
    char *fault, *whole;

    if (m->kind == TEXT) {
        text_quote_json(out, text);
        return NULL;
    }
    if (!(fault = write_number(out, m->kind, text)))
        return NULL;
    whole = text_format("invalid value for %s: %s", m->option, fault);
    free(fault);
    return whole;
}

/* Writes the object. An empty value is none. */
static char *write_resources(FILE *out, const struct update_values *v)
{
    const char *object = NULL;
    char *fault = NULL;

    fputc('{', out);
    for (size_t i = 0; !fault && i < sizeof(members) / sizeof(*members); i++) {
        const struct member *m = &members[i];
        const char *text = *(const char *const *) ((const char *) v + m->offset);

        if (!text || !*text)
            continue;
        if (!object || strcmp(object, m->object))
            fprintf(out, "%s\"%s\":{", object ? "}," : "", m->object);
        else
            fputc(',', out);
        object = m->object;
        fprintf(out, "\"%s\":", m->name);
        fault = write_value(out, m, text);
    }
    fputs(object ? "}}" : "}", out);
    return fault;
}

/* ---- The command ---------------------------------------------------------------------------- */

static bool is_stdin(const char *path)
{
    return !strcmp(path, "-");
}

/* Returns NULL, or what is wrong; either way *ret_text is the caller's to free. */
static char *read_resources(const char *path, char **ret_text)
{
    FILE *file = is_stdin(path) ? stdin : fopen(path, "re");
    int err;

    if (!file)
        return text_format("open %s: %s", path, strerror(errno));
    *ret_text = text_read(file, RESOURCES_MAX, &err);
    if (!is_stdin(path))
        fclose(file);
    return err ? text_format("read %s: %s", path, strerror(err)) : NULL;
}

static char *make_resources(const struct update_values *v, char **ret_text)
{
    struct text text;
    char *fault;

    text_stream(&text);
    fault = write_resources(text.out, v);
    *ret_text = text_take(&text);
    return fault;
}

static int update(struct cli *cli, const struct update_values *v, const char *id, const char *resources)
{
    const struct proa_update_options options = {
        .size = sizeof(options), .resources = resources,
        .resources_name = v->resources && is_stdin(v->resources) ? "standard input" : v->resources,
        .l3_cache_schema = v->l3_cache_schema, .mem_bw_schema = v->mem_bw_schema,
    };
    struct proa_error *error = NULL;

    return proa_update(cli->proa, id, &options, &error) < 0 ? cli_fail_error(cli, error) : 0;
}

static int update_run(struct cli *cli, const void *values, char **arguments)
{
    const struct update_values *v = values;
    char *resources = NULL, *fault;
    int status;

    fault = v->resources && *v->resources ? read_resources(v->resources, &resources) : make_resources(v, &resources);
    status = fault ? cli_fail(cli, "%s", fault) : update(cli, v, arguments[0], resources);
    free(fault);
    free(resources);
    return status;
}

const struct command cmd_update = {
    .name = "update",
    .usage = "give a container new limits",
    .arguments = "<container-id>",
    .containers = CONTAINERS_LIVE,
    .description = "   All that is given is set, or nothing when some of it is refused; what is not given stays as it is.\n"
                   "   --resources takes linux.resources of config.json: {\"memory\": {\"limit\": 536870912}}.\n",
    .options = rows,
    .values_size = sizeof(struct update_values),
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = update_run,
};
