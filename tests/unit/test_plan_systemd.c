/* The systemd driver's conversions: names of slices, quotas, GVariant texts, limits from the texts of cgroup files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "plan/gvariant.h"
#include "plan/systemd.h"
#include "plan/unit_type.h"

struct fixture { struct op op; struct block block; struct unit unit; };

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    op_init(&f->op, arena_new());
    block_init(&f->block, f->op.arena);
    unit_init(&f->unit, &f->op, &f->block);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    arena_free(f->op.arena);
    free(f);
    return 0;
}

/* ---- Slices --------------------------------------------------------------------------------- */

static void test_slices(void **state)
{
    static const struct { const char *name, *path; } cases[] = {
        { "a.slice", "/a.slice" }, { "a-b.slice", "/a.slice/a-b.slice" },
        { "a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice" }, { "system.slice", "/system.slice" },
        { "kubepods-burstable-pod1_2.slice", "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice" },
        { "-.slice", "" }, { "-", "" }, { "a\\x2db.slice", "/a\\x2db.slice" },
        { "", NULL }, { ".slice", NULL }, { "a", NULL }, { "a.scope", NULL }, { "--.slice", NULL }, { "-a.slice", NULL },
        { "a-.slice", NULL }, { "a--b.slice", NULL }, { "a/b.slice", NULL }, { "../a.slice", NULL }, { "a b.slice", NULL },
        { "a.slice/", NULL }, { "\xc3\xa4.slice", NULL },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = systemd_slice_path(f->op.arena, cases[i].name);

        if (!str_eq(path, cases[i].path))
            fail_msg("%s: %s", cases[i].name, path ? path : "no slice");
    }
}

/* ---- Quotas --------------------------------------------------------------------------------- */

static void test_quotas(void **state)
{
    static const struct { int64_t quota; uint64_t period, per_second; } cases[] = {
        { 100000, 100000, 1000000 }, { 50000, 100000, 500000 }, { 50000, 0, 500000 }, { 1000, 100000, 10000 },
        { 1001, 100000, 20000 }, { 1, 1000000, 10000 }, { 12345, 100000, 130000 }, { 300000, 100000, 3000000 },
        { 1000, 1000000, 10000 }, { 33333, 50000, 670000 }, { -1, 100000, UINT64_MAX }, { 0, 100000, UINT64_MAX },
        { INT64_MAX, 1, UINT64_MAX },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(systemd_quota_per_second(cases[i].quota, cases[i].period), cases[i].per_second);
}

static int64_t rounded(struct fixture *f, int64_t quota, uint64_t period)
{
    struct spec_cpu cpu = { .quota = { true, quota }, .period = { period != 0, period } };
    struct spec_resources r = { .cpu = &cpu };

    return systemd_round_resources(f->op.arena, &r)->cpu->quota.v;
}

static void test_rounding(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(rounded(f, 12345, 100000), 13000);
    assert_int_equal(rounded(f, 12345, 0), 13000);
    assert_int_equal(rounded(f, 13000, 100000), 13000);
    assert_int_equal(rounded(f, 1, 1000), 10);
    assert_int_equal(rounded(f, -1, 1000), -1);
    assert_int_equal(rounded(f, INT64_MAX, 1), INT64_MAX);
}

/* Without a quota systemd writes a period of its own, and the files are to say the same. */
static void test_period_without_quota(void **state)
{
    static const struct { int64_t quota; uint64_t period, rounded; } cases[] = {
        { -1, 50000, 100000 }, { 0, 50000, 100000 }, { -1, 0, 0 }, { 20000, 50000, 50000 }, { 20000, 0, 0 },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct spec_cpu cpu = { .quota = { true, cases[i].quota }, .period = { true, cases[i].period } };
        struct spec_resources r = { .cpu = &cpu };

        assert_int_equal(systemd_round_resources(f->op.arena, &r)->cpu->period.v, cases[i].rounded);
        assert_int_equal(cpu.period.v, cases[i].period);
    }
}

/* ---- Signatures ----------------------------------------------------------------------------- */

static void test_signatures(void **state)
{
    static const struct { const char *signature; size_t length; } cases[] = {
        { "s", 1 }, { "su", 1 }, { "as", 2 }, { "a(ss)u", 5 }, { "a{sv}", 5 }, { "aay", 3 }, { "(s(tt))", 7 }, { "v", 1 },
        { "", 0 }, { "a", 0 }, { "(s", 0 }, { "z", 0 }, { "a{s", 0 }, { ")", 0 },
    };
    char deep[200];

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(unit_type_length(cases[i].signature), cases[i].length);
    memset(deep, 'a', sizeof(deep));
    deep[sizeof(deep) - 1] = '\0';
    deep[sizeof(deep) - 2] = 's';
    assert_int_equal(unit_type_length(deep), 0);
}

/* ---- GVariant texts ------------------------------------------------------------------------- */

/* "SIGNATURE VALUE" of a text, or "error". */
static const char *read_back(struct fixture *f, const char *text)
{
    struct gvariant *v;
    struct rows words;
    const char *why;
    struct plan_unit_property *q;

    if (gvariant_parse(f->op.arena, text, &v, &why) < 0) {
        assert_non_null(why);
        return "error";
    }
    rows_init(&words, f->op.arena, sizeof(uint64_t));
    gvariant_words(v, &f->block, &words);
    q = unit_add(&f->unit, "X", gvariant_signature(v), &words);
    ((struct plan *) f->block.base)->size = (uint32_t) f->block.size;
    return arena_printf(f->op.arena, "%s %s", gvariant_signature(v),
                        unit_value_text(f->op.arena, (const struct plan *) f->block.base, q));
}

static void test_gvariant(void **state)
{
    static const struct { const char *text, *value; } cases[] = {
        /* numbers */
        { "5", "i 5" }, { " 5 ", "i 5" }, { "-5", "i -5" }, { "+5", "i 5" }, { "0", "i 0" }, { "-0", "i 0" }, { "0x1F", "i 31" },
        { "010", "i 8" }, { "2147483647", "i 2147483647" }, { "2147483648", "error" }, { "-2147483648", "i -2147483648" },
        { "-2147483649", "error" }, { "1.5", "d 1.5" }, { "-1.5", "d -1.5" }, { ".5", "d 0.5" }, { "1e3", "d 1000" },
        { "2.5e-1", "d 0.25" }, { "0.1", "d 0.10000000000000001" }, { "5x", "error" }, { "5.", "d 5" }, { "1e", "error" },
        { "0x", "error" }, { "-", "error" }, { "", "error" }, { "09", "error" }, { "99999999999999999999", "error" },
        { "byte 255", "y 255" }, { "byte 256", "error" }, { "byte -1", "error" }, { "int16 -32768", "n -32768" },
        { "int16 32768", "error" }, { "uint16 65535", "q 65535" }, { "uint32 5", "u 5" }, { "uint32 4294967296", "error" },
        { "int64 -5", "x -5" }, { "uint64 18446744073709551614", "t 18446744073709551614" },
        { "uint64 18446744073709551615", "t infinity" }, { "uint64 18446744073709551616", "error" }, { "double 5", "d 5" },
        { "uint32 1.5", "error" }, { "@t 5", "t 5" }, { "@t uint64 5", "error" }, { "int32 int32 5", "error" },
        { "uint128 5", "error" }, { "handle 5", "error" },
        /* truth, texts */
        { "true", "b true" }, { "false", "b false" }, { "boolean true", "b true" }, { "True", "error" }, { "boolean 1", "error" },
        { "'a'", "s 'a'" }, { "\"a\"", "s 'a'" }, { "\"it's\"", "s \"it's\"" }, { "'a\\'b'", "s \"a'b\"" },
        { "'a\\tb'", "s 'a\tb'" }, { "'\\u00e4'", "s '\xc3\xa4'" }, { "'\\U0001F600'", "s '\xf0\x9f\x98\x80'" },
        { "'\\u20ac'", "s '\xe2\x82\xac'" }, { "'\\ud800'", "error" }, { "'\\u0000'", "error" }, { "'\\u12'", "error" },
        { "'a", "error" }, { "'a\\", "error" }, { "a", "error" }, { "string 'a'", "s 'a'" }, { "objectpath '/a'", "o '/a'" },
        { "string 5", "error" }, { "'a' 'b'", "error" }, { "''", "s ''" },
        /* lists */
        { "['a', 'b']", "as ['a', 'b']" }, { "['a',]", "as ['a']" }, { "[1, 2]", "ai [1, 2]" }, { "[uint64 1, 2]", "at [1, 2]" },
        { "[1, uint64 2]", "at [1, 2]" }, { "[1, 2.5]", "ad [1, 2.5]" }, { "[byte 1, 300]", "error" }, { "[1, 'a']", "error" },
        { "[]", "error" }, { "@as []", "as []" }, { "@au [1, 2]", "au [1, 2]" }, { "@as [1]", "error" }, { "[1 2]", "error" },
        { "[1, 2", "error" }, { "[,]", "error" }, { "[['a'], ['b', 'c']]", "aas [['a'], ['b', 'c']]" }, { "@a", "error" },
        /* tuples, dictionaries, variants */
        { "('a', 5)", "(si) ('a', 5)" }, { "('a',)", "(s) ('a')" }, { "()", "error" }, { "[('a', 5), ('b', 6)]", "a(si) [('a', 5), ('b', 6)]" },
        { "@a(st) [('/dev/sda', 5)]", "a(st) [('/dev/sda', 5)]" }, { "@(st) ('a',)", "error" }, { "@(s) ('a', 'b')", "error" },
        { "{'k': 1, 'l': 2}", "a{si} {'k': 1, 'l': 2}" }, { "{'k': <5>}", "a{sv} {'k': <5>}" }, { "{'k' 1}", "error" }, { "{'k':}", "error" },
        { "@a{sv} {}", "a{sv} {}" }, { "<'a'>", "v <'a'>" }, { "<<5>>", "v <<5>>" }, { "<5", "error" }, { "<[]>", "error" },
        { "[<1>, <'a'>]", "av [<1>, <'a'>]" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *value = read_back(f, cases[i].text);

        if (strcmp(value, cases[i].value) != 0)
            fail_msg("%s: %s instead of %s", cases[i].text, value, cases[i].value);
    }
}

static void test_gvariant_deep(void **state)
{
    struct fixture *f = *state;
    char text[401] = "";

    memset(text, '[', 400);
    assert_string_equal(read_back(f, text), "error");
    memset(text, '<', 400);
    assert_string_equal(read_back(f, text), "error");
}

/* "4294967297" of "4294.967297", or what is in the way. */
static const char *million(struct fixture *f, const char *text)
{
    struct gvariant *v;
    const char *why;
    uint64_t n = 0;

    assert_int_equal(gvariant_parse(f->op.arena, text, &v, &why), 0);
    why = gvariant_million(v, &n);
    return why ? why : arena_printf(f->op.arena, "%llu", (unsigned long long) n);
}

static void test_seconds(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(million(f, "5"), "5000000");
    assert_string_equal(million(f, "0"), "0");
    assert_string_equal(million(f, "1.5"), "1500000");
    assert_string_equal(million(f, "0.000001"), "1");
    assert_string_equal(million(f, "uint64 5"), "5000000");
    assert_string_equal(million(f, "uint64 18446744073709"), "18446744073709000000");
    assert_string_equal(million(f, "uint64 18446744073710"), "too large");
    assert_string_equal(million(f, "1e30"), "too large");
    assert_string_equal(million(f, "0e9999"), "0");
    assert_string_equal(million(f, "1e9999"), "too large");
    assert_string_equal(million(f, "-5"), "a negative number");
    assert_string_equal(million(f, "'5'"), "not a number");
    assert_string_equal(million(f, "true"), "not a number");
}

/* ---- Limits --------------------------------------------------------------------------------- */

/* "NAME TYPE VALUE[; …]" of all properties that a write makes; "error". */
static const char *limits_of(struct fixture *f, const char *file, const char *value)
{
    struct plan_write w = {
        .file = block_text(&f->block, file), .value = block_text(&f->block, value), .pointer = block_text(&f->block, "/x"),
    };
    struct str s;

    f->unit.properties.n = 0;
    op_forget(&f->op);
    f->op.faults = 0;
    systemd_add_limits(&f->unit, &w, 1);
    if (f->op.faults)
        return "error";
    str_init(&s, f->op.arena);
    for (size_t i = 0; i < f->unit.properties.n; i++) {
        const struct plan_unit_property *q = (const struct plan_unit_property *) f->unit.properties.items + i;
        const struct plan *p = (const struct plan *) f->block.base;

        assert_true(q->flags & PLAN_UNIT_LIMIT);
        assert_string_equal(plan_text(p, q->pointer), "/x");
        str_addf(&s, "%s%s %s %s", i ? "; " : "", plan_text(p, q->name), plan_text(p, q->signature),
                 unit_value_text(f->op.arena, p, q));
    }
    return s.text;
}

static void test_limits(void **state)
{
    static const struct { const char *file, *value, *properties; } cases[] = {
        { "memory.max", "1000", "MemoryMax t 1000" }, { "memory.max", "max", "MemoryMax t infinity" },
        { "memory.max", "1G", "error" }, { "memory.max", "", "error" }, { "memory.max", "99999999999999999999", "error" },
        { "memory.low", "0", "MemoryLow t 0" }, { "memory.min", "1", "MemoryMin t 1" }, { "memory.high", "max", "MemoryHigh t infinity" },
        { "memory.swap.max", "0", "MemorySwapMax t 0" }, { "memory.zswap.max", "5", "MemoryZSwapMax t 5" },
        { "memory.limit_in_bytes", "-1", "MemoryLimit t infinity" }, { "memory.limit_in_bytes", "5", "MemoryLimit t 5" },
        { "memory.oom.group", "1", "OOMPolicy s 'kill'" }, { "memory.oom.group", "0", "OOMPolicy s 'continue'" },
        { "memory.oom.group", "yes", "error" }, { "memory.soft_limit_in_bytes", "5", "" },
        { "cpu.weight", "100", "CPUWeight t 100" }, { "cpu.weight", "x", "error" }, { "cpu.idle", "1", "CPUWeight t 0" },
        { "cpu.idle", "0", "CPUWeight t infinity" }, { "cpu.shares", "512", "CPUShares t 512" },
        { "cpu.max", "50000 100000", "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t 500000" },
        { "cpu.max", "max 50000", "CPUQuotaPeriodUSec t 50000; CPUQuotaPerSecUSec t infinity" },
        { "cpu.max", "max", "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t infinity" },
        { "cpu.max", "1", "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t 10000" },
        { "cpu.max", "5 0", "error" }, { "cpu.max", "-1", "error" }, { "cpu.max.burst", "5", "" },
        { "cpu.cfs_quota_us", "50000", "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t 500000" },
        { "cpu.cfs_quota_us", "-1", "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t infinity" },
        { "cpu.cfs_period_us", "50000", "CPUQuotaPeriodUSec t 50000; CPUQuotaPerSecUSec t infinity" },
        { "cpuset.cpus", "0", "AllowedCPUs ay [1]" }, { "cpuset.cpus", "0-3,7", "AllowedCPUs ay [143]" },
        { "cpuset.cpus", "8", "AllowedCPUs ay [0, 1]" }, { "cpuset.cpus", "64", "AllowedCPUs ay [0, 0, 0, 0, 0, 0, 0, 0, 1]" },
        { "cpuset.cpus", "", "AllowedCPUs ay []" }, { "cpuset.mems", "1", "AllowedMemoryNodes ay [2]" }, { "cpuset.mems", "a", "error" },
        { "pids.max", "5", "TasksMax t 5" }, { "pids.max", "max", "TasksMax t infinity" },
        { "io.weight", "5", "IOWeight t 5" }, { "io.weight", "default 5", "IOWeight t 5" },
        { "io.weight", "8:0 5", "IODeviceWeight a(st) [('/dev/block/8:0', 5)]" }, { "io.weight", "8:0 default", "error" },
        { "io.max", "8:0 rbps=5", "IOReadBandwidthMax a(st) [('/dev/block/8:0', 5)]" },
        { "io.max", "8:0 wbps=5 riops=6 wiops=max", "IOWriteBandwidthMax a(st) [('/dev/block/8:0', 5)]; "
          "IOReadIOPSMax a(st) [('/dev/block/8:0', 6)]; IOWriteIOPSMax a(st) [('/dev/block/8:0', infinity)]" },
        { "io.max", "nonsense", "" }, { "io.max", "8:0 x=1", "" }, { "io.bfq.weight", "5", "" },
        { "blkio.weight", "500", "BlockIOWeight t 500" },
        { "blkio.weight_device", "8:0 500", "BlockIODeviceWeight a(st) [('/dev/block/8:0', 500)]" },
        { "blkio.throttle.read_bps_device", "8:16 1", "BlockIOReadBandwidth a(st) [('/dev/block/8:16', 1)]" },
        { "blkio.throttle.write_bps_device", "8:16 1", "BlockIOWriteBandwidth a(st) [('/dev/block/8:16', 1)]" },
        { "blkio.throttle.read_iops_device", "8:16 1", "" }, { "hugetlb.2MB.max", "5", "" }, { "misc.max", "a 1", "" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *found = limits_of(f, cases[i].file, cases[i].value);

        if (strcmp(found, cases[i].properties) != 0)
            fail_msg("%s = %s: %s", cases[i].file, cases[i].value, found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_slices, set_up, tear_down),
        cmocka_unit_test(test_quotas),
        cmocka_unit_test_setup_teardown(test_rounding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_period_without_quota, set_up, tear_down),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test_setup_teardown(test_gvariant, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gvariant_deep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_seconds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
