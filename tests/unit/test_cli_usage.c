/* The three forms of a look at containers, and what of a table fits a window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "../../cli/usage.h"
#include "../../cli/usage_fields.h"

#define SECOND UINT64_C(1000000000)

/* One of which all is known, after two seconds; and a new one of which next to nothing is. */
static struct usage_row rows[] = {
    {
        .id = (char *) "one",
        .now = {
            .known = 511, .time = 12 * SECOND, .cpu = 7 * SECOND, .cpu_user = 1500000000, .cpu_system = 1, .periods = 30,
            .throttled_periods = 8, .throttled = 250000000, .memory = 3 << 20, .memory_limit = UINT64_C(5) << 30, .memory_peak = 4 << 20,
            .memory_working_set = 1025 << 10, .swap = 512, .oom_kills = 2, .pids = 17, .pids_limit = PROA_USAGE_NO_LIMIT,
            .io_read = 999, .io_written = 1000, .io_reads = 3, .io_writes = 4, .net_received = 10239, .net_received_packets = 5,
            .net_sent = 1023 << 10, .net_sent_packets = 6, .cpu_pressure = { 10 * SECOND, 9, 1234, 5 }, .memory_pressure = { 0, 0, 10000, 0 },
        },
        .before = { .known = 511, .time = 10 * SECOND, .cpu = 4 * SECOND, .periods = 10, .throttled_periods = 3 },
    },
    { .id = (char *) "a\"b\\c", .now = { .known = PROA_USAGE_PIDS, .time = 12 * SECOND, .pids = 1, .pids_limit = 9 } },
};
static const struct usage_look look = { rows, 2, 1500000000, NULL }, none = { NULL, 0, 0, NULL };

static void assert_text(char *text, const char *expected)
{
    assert_string_equal(text, expected);
    free(text);
}

static void test_table(void **state)
{
    assert_text(usage_table(&look),
                "ID      CPU%  MEMORY  LIMIT  PIDS  READ  WRITTEN  RECEIVED   SENT  WAIT-CPU%  WAIT-MEM%  WAIT-IO%  THROTTLED%  OOM\n"
                "one    150.0   1.00M  5.00G    17   999    0.98K     10.0K  1.00M       12.3      100.0       0.0          25    2\n"
                "a\"b\\c      -       -      -     1     -        -         -      -          -          -         -           -    -\n");
    assert_text(usage_table(&none),
                "ID  CPU%  MEMORY  LIMIT  PIDS  READ  WRITTEN  RECEIVED  SENT  WAIT-CPU%  WAIT-MEM%  WAIT-IO%  THROTTLED%  OOM\n");
}

static void test_json(void **state)
{
    assert_text(usage_json(&look),
                "{\"time\":1.5,\"containers\":[{\"id\":\"one\",\"cpu\":{\"usage_seconds\":7,\"user_seconds\":1.5,"
                "\"system_seconds\":0.000000001,\"periods\":30,\"throttled_periods\":8,\"throttled_seconds\":0.25},"
                "\"memory\":{\"usage_bytes\":3145728,\"working_set_bytes\":1049600,\"limit_bytes\":5368709120,\"peak_bytes\":4194304,"
                "\"swap_bytes\":512,\"oom_kills\":2},\"pids\":{\"current\":17,\"limit\":null},"
                "\"io\":{\"read_bytes\":999,\"written_bytes\":1000,\"reads\":3,\"writes\":4},"
                "\"network\":{\"received_bytes\":10239,\"received_packets\":5,\"sent_bytes\":1047552,\"sent_packets\":6},"
                "\"cpu_pressure\":{\"some_seconds\":10,\"full_seconds\":0.000000009},"
                "\"memory_pressure\":{\"some_seconds\":0,\"full_seconds\":0},\"io_pressure\":{\"some_seconds\":0,\"full_seconds\":0}},"
                "{\"id\":\"a\\\"b\\\\c\",\"pids\":{\"current\":1,\"limit\":9}}]}\n");
    assert_text(usage_json(&none), "{\"time\":0,\"containers\":[]}\n");
}

static void contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("not there: %s", part);
}

static void test_metrics(void **state)
{
    char *text = usage_metrics(&look);

    contains(text, "# TYPE proa_cpu_user_seconds counter\n# UNIT proa_cpu_user_seconds seconds\n"
                   "# HELP proa_cpu_user_seconds Processor time used in user mode.\nproa_cpu_user_seconds_total{id=\"one\"} 1.5\n# TYPE");
    contains(text, "# TYPE proa_pids_current gauge\n# HELP proa_pids_current Tasks.\n"
                   "proa_pids_current{id=\"one\"} 17\nproa_pids_current{id=\"a\\\"b\\\\c\"} 1\n");
    contains(text, "# HELP proa_pids_limit Most tasks that there may be.\nproa_pids_limit{id=\"a\\\"b\\\\c\"} 9\n");
    assert_string_equal(text + strlen(text) - 6, "# EOF\n");
    free(text);
}

/* Names are good for metrics, groups stand together, no name is there twice, and each number has a row. */
static void test_fields(void **state)
{
    uint64_t covered = 0;

    for (const struct usage_field *f = usage_fields; f->group; f++) {
        assert_int_equal(strspn(f->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(f->name));
        assert_true(f->help[strlen(f->help) - 1] != '.');
        assert_int_equal(f->offset % sizeof(uint64_t), 0);
        assert_int_equal(covered & UINT64_C(1) << f->offset / 8, 0);
        covered |= UINT64_C(1) << f->offset / 8;
        for (const struct usage_field *g = usage_fields; g < f; g++) {
            assert_true(strcmp(f->group, g->group) || strcmp(f->name, g->name));
            assert_true(strcmp(f->group, g->group) || !strcmp(f[-1].group, f->group));
        }
    }
    assert_int_equal(__builtin_popcountll(covered), 28);
}

static void test_fit(void **state)
{
    assert_text(usage_fit("abc\ndef\n", 2, 80), "abc\ndef");
    assert_text(usage_fit("abc\ndef\n", 2, 2), "ab\nde");
    assert_text(usage_fit("abc\ndef\nghi\n", 2, 80), "abc\n... 2 more");
    assert_text(usage_fit("abc\ndef\nghi\n", 1, 80), "... 3 more");
    assert_text(usage_fit("abc\n", 0, 80), "");
    assert_text(usage_fit("", 5, 80), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table), cmocka_unit_test(test_json), cmocka_unit_test(test_metrics), cmocka_unit_test(test_fields),
        cmocka_unit_test(test_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
