#include "usage_fields.h"
#include <inttypes.h>
#include <string.h>

#define AT(field) offsetof(struct proa_usage, field)

const struct usage_field usage_fields[] = {
    { "cpu", "usage_seconds", "Processor time used", USAGE_COUNTER, PROA_USAGE_CPU, AT(cpu) },
    { "cpu", "user_seconds", "Processor time used in user mode", USAGE_COUNTER, PROA_USAGE_CPU, AT(cpu_user) },
    { "cpu", "system_seconds", "Processor time used in the kernel", USAGE_COUNTER, PROA_USAGE_CPU, AT(cpu_system) },
    { "cpu", "periods", "Periods of the CPU quota that have passed", USAGE_COUNTER, PROA_USAGE_THROTTLING, AT(periods) },
    { "cpu", "throttled_periods", "Periods in which the quota was used up", USAGE_COUNTER, PROA_USAGE_THROTTLING,
      AT(throttled_periods) },
    { "cpu", "throttled_seconds", "Time spent waiting for quota", USAGE_COUNTER, PROA_USAGE_THROTTLING, AT(throttled) },
    { "memory", "usage_bytes", "Memory in use, file cache included", USAGE_GAUGE, PROA_USAGE_MEMORY, AT(memory) },
    { "memory", "working_set_bytes", "Memory in use less the file cache that is inactive", USAGE_GAUGE, PROA_USAGE_MEMORY,
      AT(memory_working_set) },
    { "memory", "limit_bytes", "Memory limit", USAGE_GAUGE, PROA_USAGE_MEMORY, AT(memory_limit) },
    { "memory", "peak_bytes", "Most memory that has been in use", USAGE_GAUGE, PROA_USAGE_MEMORY, AT(memory_peak) },
    { "memory", "swap_bytes", "Swap space in use", USAGE_GAUGE, PROA_USAGE_SWAP, AT(swap) },
    { "memory", "oom_kills", "Processes killed for want of memory", USAGE_COUNTER, PROA_USAGE_OOM, AT(oom_kills) },
    { "pids", "current", "Tasks", USAGE_GAUGE, PROA_USAGE_PIDS, AT(pids) },
    { "pids", "limit", "Most tasks that there may be", USAGE_GAUGE, PROA_USAGE_PIDS, AT(pids_limit) },
    { "io", "read_bytes", "Read from block devices", USAGE_COUNTER, PROA_USAGE_IO, AT(io_read) },
    { "io", "written_bytes", "Written to block devices", USAGE_COUNTER, PROA_USAGE_IO, AT(io_written) },
    { "io", "reads", "Read operations on block devices", USAGE_COUNTER, PROA_USAGE_IO, AT(io_reads) },
    { "io", "writes", "Write operations on block devices", USAGE_COUNTER, PROA_USAGE_IO, AT(io_writes) },
    { "network", "received_bytes", "Received by all interfaces but the loopback", USAGE_COUNTER, PROA_USAGE_NETWORK,
      AT(net_received) },
    { "network", "received_packets", "Packets received by all interfaces but the loopback", USAGE_COUNTER, PROA_USAGE_NETWORK,
      AT(net_received_packets) },
    { "network", "sent_bytes", "Sent by all interfaces but the loopback", USAGE_COUNTER, PROA_USAGE_NETWORK, AT(net_sent) },
    { "network", "sent_packets", "Packets sent by all interfaces but the loopback", USAGE_COUNTER, PROA_USAGE_NETWORK,
      AT(net_sent_packets) },
    { "cpu_pressure", "some_seconds", "Time in which some tasks waited for a processor", USAGE_COUNTER, PROA_USAGE_PRESSURE,
      AT(cpu_pressure.some) },
    { "cpu_pressure", "full_seconds", "Time in which all tasks waited for a processor", USAGE_COUNTER, PROA_USAGE_PRESSURE,
      AT(cpu_pressure.full) },
    { "memory_pressure", "some_seconds", "Time in which some tasks waited for memory", USAGE_COUNTER, PROA_USAGE_PRESSURE,
      AT(memory_pressure.some) },
    { "memory_pressure", "full_seconds", "Time in which all tasks waited for memory", USAGE_COUNTER, PROA_USAGE_PRESSURE,
      AT(memory_pressure.full) },
    { "io_pressure", "some_seconds", "Time in which some tasks waited for block devices", USAGE_COUNTER, PROA_USAGE_PRESSURE,
      AT(io_pressure.some) },
    { "io_pressure", "full_seconds", "Time in which all tasks waited for block devices", USAGE_COUNTER, PROA_USAGE_PRESSURE,
      AT(io_pressure.full) },
    { 0 },
};

bool usage_value(const struct usage_field *field, const struct proa_usage *usage, uint64_t *ret)
{
    if (!(usage->known & field->known))
        return false;
    memcpy(ret, (const char *) usage + field->offset, sizeof(*ret));
    return true;
}

const char *usage_unit(const struct usage_field *field)
{
    const char *last = strrchr(field->name, '_');

    if (last && (!strcmp(last + 1, "seconds") || !strcmp(last + 1, "bytes")))
        return last + 1;
    return NULL;
}

void usage_write_seconds(FILE *out, uint64_t nanoseconds)
{
    char fraction[16];
    size_t length;

    snprintf(fraction, sizeof(fraction), ".%09" PRIu64, nanoseconds % 1000000000);
    for (length = 10; length && (fraction[length - 1] == '0' || fraction[length - 1] == '.');)
        length--;
    fprintf(out, "%" PRIu64 "%.*s", nanoseconds / 1000000000, (int) length, fraction);
}

void usage_write_value(FILE *out, const struct usage_field *field, uint64_t value)
{
    const char *unit = usage_unit(field);

    if (unit && *unit == 's')
        usage_write_seconds(out, value);
    else
        fprintf(out, "%" PRIu64, value);
}
