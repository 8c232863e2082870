/* libFuzzer target: the first byte chooses a parser, the rest is what the kernel's file says.
 *
 * with: src/launch/stats_parse.c src/launch/stats_parse_rest.c src/launch/stats_text.c */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "launch/stats_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct { stats_parse_fn *parse; size_t offset; } files[] = {
    { stats_parse_number, offsetof(struct stats, pids_limit) },
    { stats_parse_integer, offsetof(struct stats, cpuset.relax_domain_level) },
    { stats_parse_numbers, offsetof(struct stats, cpu.percpu) },
    { stats_parse_ids, offsetof(struct stats, cpuset.cpus) },
    { stats_parse_values, offsetof(struct stats, memory.raw) },
    { stats_parse_psi, offsetof(struct stats, memory.psi) },
    { stats_parse_cpu_v1, offsetof(struct stats, cpu) },
    { stats_parse_cpu_v2, offsetof(struct stats, cpu) },
    { stats_parse_cpuacct, offsetof(struct stats, cpu) },
    { stats_parse_usage_all, offsetof(struct stats, cpu) },
    { stats_parse_io_v1, offsetof(struct stats, blkio.time) },
    { stats_parse_io_v2, offsetof(struct stats, blkio) },
    { stats_parse_rdma, offsetof(struct stats, rdma) },
    { stats_parse_interfaces, offsetof(struct stats, interfaces) },
};

static void must(bool held)
{
    if (!held)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stats stats = { 0 }, untouched = { 0 };
    struct arena *a;
    unsigned file;
    char *text;
    int r;

    if (size == 0)
        return 0;
    a = arena_new();
    text = malloc(size);        /* exactly as long as the text with its end */
    file = data[0] % (sizeof(files) / sizeof(files[0]));
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    r = files[file].parse(a, text, (char *) &stats + files[file].offset);
    must(r == 0 || r == -EBADMSG || r == -ERANGE);
    must(r == 0 || memcmp(&stats, &untouched, sizeof(stats)) == 0);
    arena_free(a);
    free(text);
    return 0;
}
