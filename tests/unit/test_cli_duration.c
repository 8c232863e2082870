/* Go's grammar of durations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../cli/duration.h"

#define SECOND INT64_C(1000000000)

static void test_good(void **state)
{
    static const struct { const char *text; int64_t value; } cases[] = {
        { "0", 0 }, { "+0", 0 }, { "-0", 0 }, { "0s", 0 }, { "5s", 5 * SECOND }, { "-5s", -5 * SECOND }, { "+5s", 5 * SECOND },
        { "30m", 1800 * SECOND }, { "1h30m", 5400 * SECOND }, { "1.5h", 5400 * SECOND }, { "1.5s", 3 * SECOND / 2 },
        { ".5s", SECOND / 2 }, { "1.s", SECOND }, { "12ns", 12 }, { "11us", 11000 }, { "12\xc2\xb5s", 12000 }, { "12\xce\xbcs", 12000 },
        { "13ms", 13000000 }, { "1s1s", 2 * SECOND }, { "1m1ms1us1ns", 60 * SECOND + 1001001 },
        { "0.000000000000000000001h", 0 }, { "0.9223372036854775807h", INT64_C(3320413933267) },
        { "9223372036854775807ns", INT64_MAX }, { "9223372036.854775807s", INT64_MAX }, { "0.100000000000000000000h", 360 * SECOND },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t value = 4711;

        assert_true(duration_parse(cases[i].text, &value));
        assert_true(value == cases[i].value);
    }
}

static void test_bad(void **state)
{
    static const char *const cases[] = {
        "", "3", "-", "s", ".", "-.", ".s", "+.s", "1d", "1 s", " 1s", "1s ", "--1s", "1s-1s", "5S", "1e3s", "1,5s", "\x85\x85",
        "9223372036854775808ns", "9223372036854775.808us", "9223372036854ms775us808ns", "3000000h", "99999999999999999999s",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t value = 4711;

        assert_false(duration_parse(cases[i], &value));
        assert_true(value == 4711);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_bad) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
