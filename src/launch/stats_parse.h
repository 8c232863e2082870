/* stats_parse.h - the texts in which the kernel tells its numbers, parsed. Pure.
 *
 * Each takes a whole file, which it cuts up, and fills what `ret` points to. 0; -EBADMSG for a text that no kernel writes, -ERANGE for a
 * number beyond 64 bits. What a later kernel may add to a file is passed over. */
#pragma once
#include "launch/stats.h"

typedef int stats_parse_fn(struct arena *a, char *text, void *ret);

stats_parse_fn
    stats_parse_number,         /* uint64_t: "17"; "max" is STATS_NO_LIMIT; what is negative is 0 */
    stats_parse_integer,        /* int64_t: "-1" */
    stats_parse_numbers,        /* struct stats_numbers: "1 2 3" */
    stats_parse_ids,            /* struct stats_numbers: "0-2,7" */
    stats_parse_values,         /* struct stats_values: lines of "key number" */
    stats_parse_psi,            /* struct stats_psi */
    stats_parse_cpu_v1,         /* struct stats_cpu: cpu.stat */
    stats_parse_cpu_v2,         /* the same of v2 */
    stats_parse_cpuacct,        /* struct stats_cpu: cpuacct.stat */
    stats_parse_usage_all,      /* struct stats_cpu: cpuacct.usage_all */
    stats_parse_io_v1,          /* struct stats_ios */
    stats_parse_io_v2,          /* struct stats_blkio: io.stat */
    stats_parse_rdma,           /* struct stats_rdmas */
    stats_parse_interfaces;     /* struct stats_interfaces: /proc/PID/net/dev */
