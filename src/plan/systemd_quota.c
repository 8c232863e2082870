/* systemd_quota.c - CPU time, which systemd counts in hundredths of a second a second. */
#include "plan/systemd.h"

enum { DEFAULT_PERIOD = 100000, HUNDREDTH = 10000 };            /* microseconds */

/* n * times / by, rounded down; UINT64_MAX when that is too large. */
static uint64_t scale(uint64_t n, uint64_t times, uint64_t by)
{
    uint64_t product;

    if (!__builtin_mul_overflow(n, times, &product))
        return product / by;
    return __builtin_mul_overflow(n / by, times, &product) ? UINT64_MAX : product;
}

uint64_t systemd_quota_per_second(int64_t quota, uint64_t period)
{
    uint64_t exact = quota <= 0 ? UINT64_MAX : scale((uint64_t) quota, 1000000, period ? period : DEFAULT_PERIOD);

    if (exact > UINT64_MAX - HUNDREDTH)
        return UINT64_MAX;
    return (exact + HUNDREDTH - 1) / HUNDREDTH * HUNDREDTH;
}

/* Without a quota systemd has always the usual period. */
static void round_cpu(struct spec_cpu *cpu)
{
    uint64_t period = cpu->period.v ? cpu->period.v : DEFAULT_PERIOD;
    uint64_t per_second = systemd_quota_per_second(cpu->quota.v, period), quota = scale(per_second, period, 1000000);

    if (cpu->quota.v <= 0 && cpu->period.v)
        cpu->period.v = DEFAULT_PERIOD;
    else if (cpu->quota.v > 0 && per_second != UINT64_MAX && quota <= INT64_MAX)
        cpu->quota.v = (int64_t) quota;
}

const struct spec_resources *systemd_round_resources(struct arena *a, const struct spec_resources *r)
{
    struct spec_resources *rounded;

    if (!r->cpu)
        return r;
    rounded = arena_alloc(a, sizeof(*rounded));
    *rounded = *r;
    rounded->cpu = arena_alloc(a, sizeof(*rounded->cpu));
    *rounded->cpu = *r->cpu;
    round_cpu(rounded->cpu);
    return rounded;
}
