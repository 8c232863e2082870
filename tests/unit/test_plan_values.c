/* The conversions of linux.resources, as pure functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "plan/cgroup.h"

#define G ((int64_t) 1 << 30)
#define MAX INT64_MAX

static const struct { int64_t limit, swap, only; const char *fault; } swaps[] = {
    { 0, 0, 0, NULL },
    { G, 0, 0, NULL },
    { -1, 0, -1, NULL },
    { 0, -1, -1, NULL },
    { G, -1, -1, NULL },
    { -1, -1, -1, NULL },
    { -1, 1, 1, NULL },
    { -1, G, G, NULL },
    { -1, MAX, MAX, NULL },
    { G, G, 0, NULL },
    { 1, 1, 0, NULL },
    { MAX, MAX, 0, NULL },
    { G, G + 1, 1, NULL },
    { G, 2 * G, G, NULL },
    { 1, MAX, MAX - 1, NULL },
    { 0, 1, 0, "unable to set swap limit without memory limit" },
    { 0, MAX, 0, "unable to set swap limit without memory limit" },
    { G, G - 1, 0, "memory+swap limit should be >= memory limit" },
    { G, 1, 0, "memory+swap limit should be >= memory limit" },
    { MAX, MAX - 1, 0, "memory+swap limit should be >= memory limit" },
    { 2, 1, 0, "memory+swap limit should be >= memory limit" },
};

static void test_swap(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(swaps) / sizeof(swaps[0]); i++) {
        const char *fault = cgroup_memory_fault(swaps[i].limit, swaps[i].swap);

        if (swaps[i].fault)
            assert_string_equal(fault, swaps[i].fault);
        else
            assert_null(fault);
        if (fault == NULL)
            assert_int_equal(cgroup_swap_only(swaps[i].limit, swaps[i].swap), swaps[i].only);
    }
}

static const struct { uint64_t shares, weight; } weights[] = {
    { 0, 0 }, { 1, 1 }, { 2, 1 }, { 3, 2 }, { 5, 2 }, { 10, 4 }, { 50, 10 }, { 100, 17 }, { 256, 35 }, { 500, 58 }, { 512, 59 },
    { 1000, 99 }, { 1024, 100 }, { 1025, 101 }, { 1536, 138 }, { 2048, 174 }, { 4096, 303 }, { 8192, 532 }, { 16384, 942 },
    { 65536, 3023 }, { 131072, 5478 }, { 262143, 10000 }, { 262144, 10000 }, { 262145, 10000 }, { UINT64_MAX, 10000 },
};

static void test_weights(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(weights) / sizeof(weights[0]); i++)
        if (cgroup_weight(weights[i].shares) != weights[i].weight)
            fail_msg("shares %llu: weight %llu", (unsigned long long) weights[i].shares,
                     (unsigned long long) cgroup_weight(weights[i].shares));
}

/* Every value that the specification knows: within the bounds, never falling, and the smallest integer not
 * below the curve, computed another way (natural logarithms, extended precision). */
static void test_weight_curve(void **state)
{
    uint64_t before = 1;

    (void) state;
    for (uint64_t shares = 3; shares < 262144; shares++) {
        uint64_t weight = cgroup_weight(shares);
        long double l = logl((long double) shares) / logl(2), exact = expl(logl(10) * ((l * l + 125 * l) / 612 - 7.0L / 34));

        assert_in_range(weight, before, 10000);
        assert_true((long double) weight >= exact - 1e-9L && (long double) weight < exact + 1 + 1e-9L);
        before = weight;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_swap), cmocka_unit_test(test_weights), cmocka_unit_test(test_weight_curve),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
