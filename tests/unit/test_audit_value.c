/* What the kernel says of a value that was written, in all the words that it has for the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "audit/value.h"

enum { PAGE = 4096 };
struct row { const char *file, *asked, *there; bool same; };

static const struct row rows[] = {
    /* bytes go down to pages, and "no limit" has three names */
    { "memory.max", "33554432", "33554432", true },
    { "memory.max", "33554433", "33554432", true },
    { "memory.max", "33558527", "33554432", true },
    { "memory.max", "33558528", "33554432", false },
    { "memory.max", "32M", "33554432", true },
    { "memory.max", "max", "max", true },
    { "memory.max", "max", "33554432", false },
    { "memory.max", "33554432", "max", false },
    { "memory.limit_in_bytes", "-1", "9223372036854771712", true },
    { "memory.limit_in_bytes", "33554432", "9223372036854771712", false },
    { "memory.limit_in_bytes", "9223372036854775807", "9223372036854771712", true },
    { "memory.limit_in_bytes", "33554432", "", false },
    { "memory.swappiness", "10", "10", true },
    { "memory.swappiness", "10", "0", false },
    { "memory.oom.group", "1", "0", false },
    { "memory.oom_control", "1", "oom_kill_disable 1\nunder_oom 0\noom_kill 0", true },
    { "memory.oom_control", "1", "oom_kill_disable 0\nunder_oom 1\noom_kill 1", false },
    { "memory.oom_control", "1", "under_oom 1", false },
    { "hugetlb.2MB.max", "4194304", "4194304", true },
    { "hugetlb.2MB.max", "4194305", "4194304", true },
    { "hugetlb.2MB.max", "4194304", "2097152", false },
    { "hugetlb.1GB.limit_in_bytes", "-1", "9223372035781033984", true },
    { "hugetlb.64KB.rsvd.max", "70000", "65536", true },

    /* words */
    { "pids.max", "50", "50", true },
    { "pids.max", "50", "51", false },
    { "pids.max", "max", "max", true },
    { "pids.max", "50", "max", false },
    { "cpu.max", "max 100000", "max 100000", true },
    { "cpu.max", "50000 100000", "50000 100000", true },
    { "cpu.max", "50000 100000", "50000 200000", false },
    { "cpu.max", "50000 100000", "max 100000", false },
    { "cpu.max", "50000", "50000 100000", true },
    { "cpu.max", "50000 100000", "50000", false },
    { "cpu.cfs_quota_us", "-1", "-1", true },
    { "cpu.cfs_quota_us", "50000", "-1", false },
    { "cpu.uclamp.min", "20", "20.00", true },
    { "cpu.uclamp.min", "20", "20.01", false },
    { "net_cls.classid", "0x100001", "1048577", true },
    { "net_cls.classid", "0x100001", "1048578", false },
    { "cpuset.cpus.partition", "root", "root", true },
    { "cpuset.cpus.partition", "root", "member", false },

    /* lists */
    { "cpuset.cpus", "0,1,2", "0-2", true },
    { "cpuset.cpus", "2,0-1,1", "0-2", true },
    { "cpuset.cpus", "0-7:1/2", "0,2,4,6", true },
    { "cpuset.cpus", "0-2", "0-1", false },
    { "cpuset.cpus", "0-1", "0-2", false },
    { "cpuset.cpus", "", "", true },
    { "cpuset.cpus", "0", "", false },
    { "cpuset.mems", "0", "0", true },
    { "cpuset.cpus", "all", "all", true },
    { "cpuset.cpus", "0-99999999", "0", false },
    { "cpuset.cpus", "0-18446744073709551615", "0", false },
    { "cpuset.cpus", "0-3:1/0", "0", false },

    /* a line for each device */
    { "io.max", "8:0 rbps=1048576", "8:0 rbps=1048576 wbps=max riops=max wiops=max", true },
    { "io.max", "8:0 rbps=1048576", "8:16 rbps=1048576 wbps=max\n8:0 rbps=max wbps=1048576", false },
    { "io.max", "8:0 rbps=1048576 wiops=9", "8:16 x=y\n8:0 rbps=1048576 wbps=max riops=max wiops=9", true },
    { "io.max", "8:0 rbps=1048576", "", false },
    { "io.max", "8:0 rbps=max", "", true },
    { "io.max", "8:0 rbps=1", "18:0 rbps=1", false },
    { "io.weight", "200", "default 200\n8:0 300", true },
    { "io.weight", "default 200", "default 200", true },
    { "io.weight", "8:0 300", "default 200\n8:0 300", true },
    { "io.weight", "8:0 300", "default 300", false },
    { "io.weight", "200", "default 100", false },
    { "io.bfq.weight", "200", "default 200", true },
    { "io.bfq.weight", "200", "200", true },
    { "blkio.throttle.read_bps_device", "8:0 1048576", "8:16 5\n8:0 1048576", true },
    { "blkio.throttle.read_bps_device", "8:0 1048576", "8:16 1048576", false },
    { "blkio.throttle.read_bps_device", "8:0 0", "", true },
    { "blkio.weight_device", "8:0 500", "8:0 500", true },
    { "rdma.max", "mlx5_0 hca_handle=2 hca_object=2000", "mlx4_0 hca_handle=max\nmlx5_0 hca_handle=2 hca_object=2000", true },
    { "rdma.max", "mlx5_0 hca_handle=2", "mlx5_0 hca_handle=3 hca_object=max", false },
    { "net_prio.ifpriomap", "eth0 5", "lo 0\neth0 5\neth1 0", true },
    { "net_prio.ifpriomap", "eth0 5", "lo 5\neth0 4", false },
    { "misc.max", "res_a 3", "res_a 3\nres_b max", true },
};

static void test_values(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (value_is_there(rows[i].file, rows[i].asked, rows[i].there, PAGE) != rows[i].same)
            fail_msg("%s: asked \"%s\", there \"%s\"", rows[i].file, rows[i].asked, rows[i].there);
}

/* Whatever a file holds, it is only compared. */
static void test_nonsense(void **state)
{
    static const char *const texts[] = {
        "", " ", "\n", "\n\n \n", "=", "8:0", "8:0 =", "8:0 rbps=", ":", "default", "-", "0-", "1-0", "0:/", "max max max", "\x80\xff",
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999", "0x", "1e999", "nan",
    };

    for (size_t row = 0; row < sizeof(rows) / sizeof(*rows); row++)
        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
            value_is_there(rows[row].file, texts[i], rows[row].there, PAGE);
            value_is_there(rows[row].file, rows[row].asked, texts[i], PAGE);
            value_replaces(rows[row].file, texts[i], rows[row].asked);
            value_has_rule(texts[i], "c 1:3 rwm", 9);
        }
}

static void test_replaces(void **state)
{
    assert_true(value_replaces("pids.max", "1", "2"));
    assert_true(value_replaces("memory.swap.max", "max", "2"));
    assert_true(value_replaces("io.max", "8:0 rbps=1", "8:0 rbps=2"));
    assert_false(value_replaces("io.max", "8:0 rbps=1", "8:0 wbps=2"));
    assert_false(value_replaces("io.max", "8:0 rbps=1", "8:16 rbps=1"));
    assert_true(value_replaces("blkio.weight_device", "8:0 1", "8:0 2"));
    assert_false(value_replaces("blkio.weight_device", "8:0 1", "8:16 2"));
}

static bool has(const char *list, const char *rule)
{
    return value_has_rule(list, rule, strlen(rule));
}

static void test_rules(void **state)
{
    static const char list[] = "c 1:3 rwm\nc 5:* rw\nb *:* m";

    assert_true(has(list, "c 1:3 rwm"));
    assert_true(has(list, "c 1:3 mwr"));
    assert_true(has(list, "b *:* m"));
    assert_false(has(list, "c 1:3 rw"));
    assert_false(has(list, "b 1:3 rwm"));
    assert_false(has(list, "c 5:1 rw"));
    assert_false(has("", "c 5:1 rw"));
    assert_true(value_has_rule(list, "c 1:3 rwm\nc 9:9 r", 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_replaces),
        cmocka_unit_test(test_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
