#include <math.h>
#include "plan/cgroup.h"

const char *cgroup_memory_fault(int64_t limit, int64_t swap)
{
    if (swap <= 0 || limit == -1)
        return NULL;
    if (limit == 0)
        return "unable to set swap limit without memory limit";
    return swap < limit ? "memory+swap limit should be >= memory limit" : NULL;
}

int64_t cgroup_swap_only(int64_t limit, int64_t swap)
{
    if (limit == -1 && swap == 0)
        return -1;
    return swap <= 0 || limit == -1 ? swap : swap - limit;
}

/* A quadratic in log2(shares) through the two minima, the two defaults and the two maxima. (A straight
 * line through minima and maxima, the older conversion, made 39 out of the default of 1024.) */
uint64_t cgroup_weight(uint64_t shares)
{
    double l;

    if (shares == 0)
        return 0;
    if (shares <= 2)
        return 1;
    if (shares >= 262144)
        return 10000;
    l = log2((double) shares);
    return (uint64_t) ceil(pow(10, (l * l + 125 * l) / 612.0 - 7.0 / 34.0));
}

uint64_t cgroup_io_weight(uint64_t weight)
{
    return weight < 10 ? weight > 0 : 1 + (weight - 10) * 9999 / 990;
}
