/* The lines of a resctrl group's schemata: put together, merged, compared with what the kernel has made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "plan/rdt.h"

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void test_lines(void **state)
{
    static const char *texts[] = { "L2:0=f", "", "MB:1=5\nL3:1=f\n" };
    const struct spec_strings others = { .v = texts, .n = 3 };

    assert_string_equal(rdt_schemata(*state, NULL, NULL, NULL), "");
    assert_string_equal(rdt_schemata(*state, "", "", NULL), "");
    assert_string_equal(rdt_schemata(*state, "L3:0=f", NULL, NULL), "L3:0=f\n");
    assert_string_equal(rdt_schemata(*state, NULL, "MB:0=10", NULL), "MB:0=10\n");
    assert_string_equal(rdt_schemata(*state, "MB:0=1\nL3:0=f\n MB :1=1", "MB:0=10\n", NULL), "L3:0=f\nMB:0=10\n");
    assert_string_equal(rdt_schemata(*state, "MB:0=1", NULL, NULL), "");
    assert_string_equal(rdt_schemata(*state, "L3:0=f", "MB:0=10", &others), "L3:0=f\nMB:0=10\nL2:0=f\nMB:1=5\nL3:1=f\n");
}

static void test_merge(void **state)
{
    assert_string_equal(rdt_schemata_merge(*state, "", "L3:0=f\n"), "L3:0=f\n");
    assert_string_equal(rdt_schemata_merge(*state, "L3:0=f\nMB:0=10\n", ""), "L3:0=f\nMB:0=10\n");
    assert_string_equal(rdt_schemata_merge(*state, "L3:0=f\nMB:0=10\nL3CODE:0=1\n", "L3:1=1\n"),
                        "MB:0=10\nL3CODE:0=1\nL3:1=1\n");
}

static const struct { const char *have, *want; unsigned step; bool holds; } pairs[] = {
    { "    L3:0=fffff;1=fffff\n    MB:0= 100;1=  70\n", "L3:0=FFFFF\n", 0, true },
    { "    L3:0=fffff;1=fffff\n    MB:0= 100;1=  70\n", "MB:1=70;0=100\nL3:1=0xfffff", 0, true },
    { "L3:0=0000f\n", "L3:0=f\n", 0, true },
    { "L3:0=f\n", "L3:0=e\n", 0, false },
    { "L3:0=10\n", "L3:0=16\n", 0, false },             /* cache: hexadecimal */
    { "MB:0=16\n", "MB:0=10\n", 0, false },             /* bandwidth: decimal */
    { "MB:0=30\n", "MB:0=25\n", 10, true },             /* rounded up */
    { "MB:0=30\n", "MB:0=30\n", 10, true },
    { "MB:0=20\n", "MB:0=25\n", 10, false },
    { "MB:0=25\n", "MB:0=25\n", 10, true },             /* mba_MBps: as it is */
    { "L3:0=30\n", "L3:0=25\n", 10, false },
    { "SMBA:0=20\n", "SMBA:0=20\n", 0, true },
    { "L3:0=f\n", "L3:1=f\n", 0, false },
    { "L3:0=f\n", "L2:0=f\n", 0, false },
    { "L3CODE:0=f\n", "L3:0=f\n", 0, false },
    { "L3:0=f\n", "", 0, true },
    { "L3:0=f\n", "L3:\n", 0, true },
    { "L3:0=f\n", "L3\n", 0, false },
    { "L3:0=f\n", "L3:0\n", 0, false },
    { "L3:0=f\n", "L3:0=\n", 0, false },
    { "L3:0=f\n", "L3:0=f;x\n", 0, false },
    { "L3\n", "L3:0=f\n", 0, false },
    { "", "L3:0=f\n", 0, false },
};

static void test_hold(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
        if (rdt_schemata_hold(pairs[i].have, pairs[i].want, pairs[i].step) != pairs[i].holds)
            fail_msg("\"%s\" and \"%s\"", pairs[i].have, pairs[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_merge, setup, teardown),
        cmocka_unit_test(test_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
