/* The kernel's texts of statistics, those that no kernel writes among them, and whole trees of cgroup files of both versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/str.h"
#include "launch/stats_parse.h"
#include "launch/stats_read.h"

static struct arena *arena;

static int make_arena(void **state)
{
    arena = arena_new();
    return 0;
}

static int free_arena(void **state)
{
    arena_free(arena);
    return 0;
}

static int parse(stats_parse_fn *fn, const char *text, void *ret)
{
    return fn(arena, arena_strdup(arena, text), ret);
}

/* ---- Numbers and lists ---------------------------------------------------------------------- */

static void test_number(void **state)
{
    static const struct { const char *text; int r; uint64_t value; } cases[] = {
        { "0\n", 0, 0 }, { "17\n", 0, 17 }, { "max\n", 0, UINT64_MAX }, { "-1\n", 0, 0 },
        { "18446744073709551615\n", 0, UINT64_MAX }, { "18446744073709551616\n", -ERANGE, 0 },
        { "99999999999999999999999999999999\n", -ERANGE, 0 }, { "", -EBADMSG, 0 }, { "\n", -EBADMSG, 0 },
        { "12x\n", -EBADMSG, 0 }, { "+1\n", -EBADMSG, 0 }, { "0x10\n", -EBADMSG, 0 }, { "1.5\n", -EBADMSG, 0 },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t value = 4711;

        assert_int_equal(parse(stats_parse_number, cases[i].text, &value), cases[i].r);
        assert_true(value == (cases[i].r ? 4711 : cases[i].value));
    }
}

static void test_integer(void **state)
{
    int64_t value = 0;

    assert_int_equal(parse(stats_parse_integer, "-1\n", &value), 0);
    assert_true(value == -1);
    assert_int_equal(parse(stats_parse_integer, "5\n", &value), 0);
    assert_true(value == 5);
    assert_int_equal(parse(stats_parse_integer, "9223372036854775808\n", &value), -ERANGE);
    assert_int_equal(parse(stats_parse_integer, "-\n", &value), -EBADMSG);
    assert_int_equal(parse(stats_parse_integer, "", &value), -EBADMSG);
    assert_true(value == 5);
}

static void assert_numbers(const struct stats_numbers *list, size_t n, const uint64_t *expected)
{
    assert_int_equal(list->n, n);
    for (size_t i = 0; i < n; i++)
        assert_true(list->v[i] == expected[i]);
}

static void test_lists(void **state)
{
    struct stats_numbers list = { 0 };

    assert_int_equal(parse(stats_parse_numbers, "1 22 333 \n", &list), 0);
    assert_numbers(&list, 3, (uint64_t[]) { 1, 22, 333 });
    assert_int_equal(parse(stats_parse_numbers, "1 -2\n", &list), -EBADMSG);
    assert_int_equal(parse(stats_parse_ids, "0-2,7,65535\n", &list), 0);
    assert_numbers(&list, 5, (uint64_t[]) { 0, 1, 2, 7, 65535 });
    assert_int_equal(parse(stats_parse_ids, "\n", &list), 0);
    assert_int_equal(list.n, 0);
}

/* The last two would be a list without end. */
static void test_bad_ids(void **state)
{
    static const struct { const char *text; int r; } cases[] = {
        { "2-1\n", -EBADMSG }, { "1-\n", -EBADMSG }, { "-1\n", -EBADMSG }, { "1-2-3\n", -EBADMSG }, { "a\n", -EBADMSG },
        { "65536\n", -ERANGE }, { "0-4294967295\n", -ERANGE }, { "3,1\n", -EBADMSG }, { "0-65535,0-65535\n", -EBADMSG },
    };
    struct stats_numbers list = { NULL, 3 };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(parse(stats_parse_ids, cases[i].text, &list), cases[i].r);
    assert_int_equal(list.n, 3);
}

static void test_values(void **state)
{
    struct stats_values values = { 0 };

    assert_int_equal(parse(stats_parse_values, "cache 1\nrss 18446744073709551615\n\nnew_in_7.9 3\n", &values), 0);
    assert_int_equal(values.n, 3);
    assert_true(stats_value(&values, "rss") == UINT64_MAX);
    assert_true(stats_value(&values, "new_in_7.9") == 3);
    assert_true(stats_value(&values, "rs") == 0);
    assert_int_equal(parse(stats_parse_values, "", &values), 0);
    assert_int_equal(values.n, 0);
    assert_int_equal(parse(stats_parse_values, "cache\n", &values), -EBADMSG);
    assert_int_equal(parse(stats_parse_values, "cache x\n", &values), -EBADMSG);
    assert_int_equal(parse(stats_parse_values, "cache 99999999999999999999\n", &values), -ERANGE);
}

/* A text of a megabyte is cut up like any other. */
static void test_long(void **state)
{
    size_t n = 100000;
    struct stats_values values;
    struct stats_ios ios;
    struct str s;

    str_init(&s, arena);
    for (size_t i = 0; i < n; i++)
        str_addf(&s, "key%zu %zu\n", i, i);
    assert_int_equal(stats_parse_values(arena, s.text, &values), 0);
    assert_int_equal(values.n, n);
    assert_true(stats_value(&values, "key99999") == 99999);
    str_init(&s, arena);
    for (size_t i = 0; i < n; i++)
        str_addf(&s, "8:%zu Read 5\n", i);
    assert_int_equal(stats_parse_io_v1(arena, s.text, &ios), 0);
    assert_int_equal(ios.n, n);
}

/* ---- Processor ------------------------------------------------------------------------------ */

static void test_cpu(void **state)
{
    struct stats_cpu cpu = { .total = 9 };

    assert_int_equal(parse(stats_parse_cpu_v1, "nr_periods 1\nnr_throttled 2\nthrottled_time 3\nnr_bursts 4\n", &cpu), 0);
    assert_true(cpu.periods == 1 && cpu.throttled_periods == 2 && cpu.throttled_time == 3 && cpu.total == 9);
    assert_int_equal(parse(stats_parse_cpuacct, "user 12\nsystem 34\n", &cpu), 0);
    assert_true(cpu.user == 120000000 && cpu.kernel == 340000000);
    assert_int_equal(parse(stats_parse_cpu_v2, "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_throttled 7\n", &cpu), 0);
    assert_true(cpu.total == 30000 && cpu.user == 20000 && cpu.kernel == 10000 && cpu.throttled_periods == 7);
    assert_int_equal(parse(stats_parse_cpu_v2, "usage_usec 18446744073709551615\n", &cpu), -ERANGE);
    assert_true(cpu.total == 30000);
}

static void test_usage_all(void **state)
{
    struct stats_cpu cpu = { 0 };

    assert_int_equal(parse(stats_parse_usage_all, "cpu user system\n0 11 22\n1 33 44\n", &cpu), 0);
    assert_numbers(&cpu.percpu_user, 2, (uint64_t[]) { 11, 33 });
    assert_numbers(&cpu.percpu_kernel, 2, (uint64_t[]) { 22, 44 });
    assert_int_equal(parse(stats_parse_usage_all, "cpu user system\n0 11\n", &cpu), -EBADMSG);
    assert_int_equal(parse(stats_parse_usage_all, "cpu user system\n0 11 22\n\n", &cpu), -EBADMSG);
    assert_int_equal(cpu.percpu_user.n, 2);
    assert_int_equal(parse(stats_parse_usage_all, "", &cpu), 0);
    assert_int_equal(cpu.percpu_user.n, 0);
}

static void test_psi(void **state)
{
    static const char *const bad[] = {
        "some avg10=1.5 avg60=0.00 avg300=0.00 total=0\n", "some avg10=. total=0\n", "some avg10=1,50 total=0\n",
        "some avg10=-1.00 total=0\n", "some avg10=0.00 total=x\n", "some avg10=111111111111111111111.00\n",
    };
    struct stats_psi psi = { 0 };

    assert_int_equal(parse(stats_parse_psi, "some avg10=1.50 avg60=0.07 avg300=100.00 total=12\n"
                           "full avg10=0.00 avg60=0.00 avg300=0.00 total=3\n", &psi), 0);
    assert_true(psi.known && psi.some.avg10 == 150 && psi.some.avg60 == 7 && psi.some.avg300 == 10000 && psi.some.total == 12);
    assert_true(psi.full.total == 3);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(parse(stats_parse_psi, bad[i], &psi), -EBADMSG);
    assert_int_equal(parse(stats_parse_psi, "some avg10=200.00 total=0\n", &psi), -ERANGE);
    assert_true(psi.some.total == 12);
}

/* ---- Devices -------------------------------------------------------------------------------- */

static void assert_io(const struct stats_ios *list, size_t i, const char *text)
{
    const struct stats_io *io = &list->v[i];

    assert_true(i < list->n);
    assert_string_equal(arena_printf(arena, "%d:%d %s %d", (int) io->major, (int) io->minor, io->op, (int) io->value), text);
}

static void test_io_v1(void **state)
{
    struct stats_ios list = { 0 };

    assert_int_equal(parse(stats_parse_io_v1, "8:0 Read 1\n8:16 Write 2\nTotal 3\n", &list), 0);
    assert_int_equal(list.n, 2);
    assert_io(&list, 0, "8:0 Read 1");
    assert_io(&list, 1, "8:16 Write 2");
    assert_int_equal(parse(stats_parse_io_v1, "8:0 55\n", &list), 0);
    assert_io(&list, 0, "8:0  55");
    assert_int_equal(parse(stats_parse_io_v1, "8 Read 1\n", &list), -EBADMSG);
    assert_int_equal(parse(stats_parse_io_v1, "8:x Read 1\n", &list), -EBADMSG);
    assert_int_equal(parse(stats_parse_io_v1, "8:0\n", &list), -EBADMSG);
    assert_int_equal(parse(stats_parse_io_v1, "99999999999999999999:0 Read 1\n", &list), -EBADMSG);
    assert_int_equal(parse(stats_parse_io_v1, "8:0 Read 99999999999999999999\n", &list), -ERANGE);
    assert_int_equal(list.n, 1);
}

static void test_io_v2(void **state)
{
    struct stats_blkio blkio = { 0 };

    assert_int_equal(parse(stats_parse_io_v2, "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n254:0\n"
                           "259:7 cost.usage=1 rbytes=9\n", &blkio), 0);
    assert_int_equal(blkio.bytes.n, 3);
    assert_int_equal(blkio.serviced.n, 2);
    assert_io(&blkio.bytes, 0, "8:0 Read 1");
    assert_io(&blkio.bytes, 1, "8:0 Write 2");
    assert_io(&blkio.bytes, 2, "259:7 Read 9");
    assert_io(&blkio.serviced, 1, "8:0 Write 4");
    assert_int_equal(parse(stats_parse_io_v2, "rbytes=1\n", &blkio), -EBADMSG);
    assert_int_equal(parse(stats_parse_io_v2, "8:0 rbytes=\n", &blkio), -EBADMSG);
    assert_int_equal(parse(stats_parse_io_v2, "8:0 rbytes=99999999999999999999\n", &blkio), -ERANGE);
    assert_int_equal(blkio.bytes.n, 3);
}

static void test_rdma(void **state)
{
    struct stats_rdmas list = { 0 };

    assert_int_equal(parse(stats_parse_rdma, "mlx4_0 hca_handle=2 hca_object=2000\nocrdma1 hca_handle=3 hca_object=max\n", &list), 0);
    assert_int_equal(list.n, 2);
    assert_string_equal(list.v[0].device, "mlx4_0");
    assert_true(list.v[0].handles == 2 && list.v[0].objects == 2000 && list.v[1].objects == UINT32_MAX);
    assert_int_equal(parse(stats_parse_rdma, "mlx4_0 hca_handle=two\n", &list), -EBADMSG);
}

#define NET_HEAD \
    "Inter-|   Receive                                                |  Transmit\n" \
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"

/* The one who names interfaces in a container may be hostile: "|" and "Inter-" are good names. */
static void test_interfaces(void **state)
{
    struct stats_interfaces list = { 0 };

    assert_int_equal(parse(stats_parse_interfaces, NET_HEAD "    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
                           " a|b:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n  eth0: 8 7 6 5 4 3 2 1 16 15 14 13 12 11 10 9\n", &list), 0);
    assert_int_equal(list.n, 2);
    assert_string_equal(list.v[0].name, "a|b");
    assert_true(list.v[0].received.bytes == 1 && list.v[0].received.dropped == 4 && list.v[0].sent.bytes == 9);
    assert_true(list.v[1].received.errors == 6 && list.v[1].sent.packets == 15 && list.v[1].sent.dropped == 13);
    assert_int_equal(parse(stats_parse_interfaces, NET_HEAD " eth0: 1 2 3\n", &list), -EBADMSG);
    assert_int_equal(parse(stats_parse_interfaces, NET_HEAD " eth0 1 2 3\n", &list), -EBADMSG);
    assert_int_equal(parse(stats_parse_interfaces, NET_HEAD " eth0: 1 2 3 99999999999999999999 5 6 7 8\n", &list), -ERANGE);
    assert_int_equal(list.n, 2);
    assert_int_equal(parse(stats_parse_interfaces, "", &list), 0);
    assert_int_equal(list.n, 0);
}

/* ---- Trees ---------------------------------------------------------------------------------- */

enum { MAX_DIRS = 8 };

struct tree {
    char base[64];
    struct {
        struct plan p;
        struct plan_cgroup_dir dirs[MAX_DIRS];
        char texts[4096];
    } block;
    size_t used;
};

static plan_ref add_text(struct tree *t, const char *text)
{
    char *to = t->block.texts + t->used;

    assert_true(t->used + strlen(text) < sizeof(t->block.texts));
    t->used += (size_t) snprintf(to, sizeof(t->block.texts) - t->used, "%s", text) + 1;
    return (plan_ref) (to - (char *) &t->block);
}

static void begin_tree(struct tree *t)
{
    *t = (struct tree) { 0 };
    snprintf(t->base, sizeof(t->base), "/tmp/proa-stats.XXXXXX");
    assert_non_null(mkdtemp(t->base));
    t->block.p.cgroup_dirs.at = (plan_ref) ((char *) t->block.dirs - (char *) &t->block);
}

static void add_dir(struct tree *t, const char *controllers, const char *name, unsigned flags)
{
    char *mount = arena_printf(arena, "%s/%s", t->base, name);

    assert_int_equal(mkdir(mount, 0700), 0);
    assert_int_equal(mkdir(arena_printf(arena, "%s/box", mount), 0700), 0);
    t->block.dirs[t->block.p.cgroup_dirs.n++] = (struct plan_cgroup_dir) {
        .mount = add_text(t, mount), .path = add_text(t, "/box"), .controllers = add_text(t, controllers), .flags = flags,
    };
}

static void add_file(struct tree *t, const char *name, const char *text)
{
    FILE *f = fopen(arena_printf(arena, "%s/%s", t->base, name), "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void end_tree(struct tree *t)
{
    assert_int_equal(system(arena_printf(arena, "rm -r %s", t->base)), 0);
}

static int read_some(struct tree *t, bool brief, struct stats *ret, char **ret_message)
{
    struct op op;
    int r;

    op_init(&op, arena);
    r = stats_read_cgroups(&op, &t->block.p, brief, ret);
    if (ret_message)
        *ret_message = op.message;
    return r;
}

static int read_tree(struct tree *t, struct stats *ret, char **ret_message)
{
    return read_some(t, false, ret, ret_message);
}

static void assert_json(struct tree *t, const char *expected)
{
    struct stats stats;

    assert_int_equal(read_tree(t, &stats, NULL), 0);
    assert_string_equal(stats_json(arena, &stats), expected);
}

#define NO_CPUSET \
    "\"cpuset\":{\"cpu_exclusive\":0,\"mem_hardwall\":0,\"mem_exclusive\":0,\"memory_migrate\":0,\"memory_spread_page\":0," \
    "\"memory_spread_slab\":0,\"memory_pressure\":0,\"sched_load_balance\":0,\"sched_relax_domain_level\":0}"

static void test_nothing(void **state)
{
    struct tree t;

    begin_tree(&t);
    assert_json(&t, "{\"cpu\":{}," NO_CPUSET ",\"memory\":{},\"pids\":{},\"blkio\":{},\"hugetlb\":{},\"intel_rdt\":{},"
                "\"network_interfaces\":null}");
    end_tree(&t);
}

static const struct { const char *name, *text; } v1_files[] = {
    { "cpu/box/cpu.stat", "nr_periods 5\nnr_throttled 2\nthrottled_time 700\nnr_bursts 0\nburst_time 0\n" },
    { "cpu/box/cpuacct.usage", "123456789\n" },
    { "cpu/box/cpuacct.stat", "user 7\nsystem 3\n" },
    { "cpu/box/cpuacct.usage_percpu", "100 23456689 \n" },
    { "cpu/box/cpuacct.usage_all", "cpu user system\n0 60 40\n1 20000000 3456689\n" },
    { "cpuset/box/cpuset.cpus", "0-1,3\n" }, { "cpuset/box/cpuset.mems", "0\n" },
    { "cpuset/box/cpuset.cpu_exclusive", "1\n" }, { "cpuset/box/cpuset.mem_hardwall", "2\n" },
    { "cpuset/box/cpuset.mem_exclusive", "3\n" }, { "cpuset/box/cpuset.memory_migrate", "4\n" },
    { "cpuset/box/cpuset.memory_spread_page", "5\n" }, { "cpuset/box/cpuset.memory_spread_slab", "6\n" },
    { "cpuset/box/cpuset.memory_pressure", "7\n" }, { "cpuset/box/cpuset.sched_load_balance", "8\n" },
    { "cpuset/box/cpuset.sched_relax_domain_level", "-1\n" },
    { "memory/box/memory.stat", "rss 20\ncache 10\ntotal_inactive_file 4\n" },
    { "memory/box/memory.usage_in_bytes", "30\n" }, { "memory/box/memory.limit_in_bytes", "9223372036854771712\n" },
    { "memory/box/memory.max_usage_in_bytes", "40\n" }, { "memory/box/memory.failcnt", "1\n" },
    { "memory/box/memory.memsw.usage_in_bytes", "31\n" }, { "memory/box/memory.memsw.limit_in_bytes", "50\n" },
    { "memory/box/memory.memsw.max_usage_in_bytes", "41\n" }, { "memory/box/memory.memsw.failcnt", "2\n" },
    { "memory/box/memory.kmem.usage_in_bytes", "32\n" }, { "memory/box/memory.kmem.limit_in_bytes", "51\n" },
    { "memory/box/memory.kmem.max_usage_in_bytes", "42\n" }, { "memory/box/memory.kmem.failcnt", "3\n" },
    { "memory/box/memory.kmem.tcp.usage_in_bytes", "0\n" }, { "memory/box/memory.kmem.tcp.limit_in_bytes", "52\n" },
    { "memory/box/memory.kmem.tcp.max_usage_in_bytes", "0\n" }, { "memory/box/memory.kmem.tcp.failcnt", "0\n" },
    { "memory/box/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 6\n" },
    { "pids/box/pids.current", "4\n" }, { "pids/box/pids.max", "max\n" },
    { "blkio/box/blkio.bfq.io_serviced_recursive", "Total 0\n" },
    { "blkio/box/blkio.throttle.io_serviced_recursive", "8:0 Read 3\n8:0 Write 0\nTotal 3\n" },
    { "blkio/box/blkio.throttle.io_service_bytes_recursive", "8:0 Read 4096\nTotal 4096\n" },
    { "hugetlb/box/hugetlb.2MB.rsvd.usage_in_bytes", "2097152\n" },
    { "hugetlb/box/hugetlb.2MB.rsvd.max_usage_in_bytes", "4194304\n" }, { "hugetlb/box/hugetlb.2MB.rsvd.failcnt", "9\n" },
    { "hugetlb/box/hugetlb.2MB.usage_in_bytes", "1\n" },
    { "hugetlb/box/hugetlb.1GB.usage_in_bytes", "0\n" }, { "hugetlb/box/hugetlb.1GB.max_usage_in_bytes", "0\n" },
    { "hugetlb/box/hugetlb.1GB.failcnt", "0\n" },
    { "unified/box/cpu.pressure", "some avg10=1.50 avg60=0.07 avg300=0.00 total=12\nfull avg10=0.00 avg60=0.00 avg300=10.00 total=3\n" },
    /* Beside v1 hierarchies this says nothing of the container's controllers. */
    { "unified/box/cpu.stat", "usage_usec 1\n" }, { "unified/box/cgroup.controllers", "hugetlb\n" },
};

static const char v1_json[] =
    "{\"cpu\":{\"usage\":{\"total\":123456789,\"percpu\":[100,23456689],\"percpu_kernel\":[40,3456689],\"percpu_user\":[60,20000000],"
    "\"kernel\":30000000,\"user\":70000000},\"throttling\":{\"periods\":5,\"throttledPeriods\":2,\"throttledTime\":700},"
    "\"psi\":{\"some\":{\"avg10\":1.5,\"avg60\":0.07,\"avg300\":0,\"total\":12},\"full\":{\"avg10\":0,\"avg60\":0,\"avg300\":10,\"total\":3}}},"
    "\"cpuset\":{\"cpus\":[0,1,3],\"cpu_exclusive\":1,\"mems\":[0],\"mem_hardwall\":2,\"mem_exclusive\":3,\"memory_migrate\":4,"
    "\"memory_spread_page\":5,\"memory_spread_slab\":6,\"memory_pressure\":7,\"sched_load_balance\":8,\"sched_relax_domain_level\":-1},"
    "\"memory\":{\"cache\":10,\"usage\":{\"limit\":9223372036854771712,\"usage\":30,\"max\":40,\"failcnt\":1},"
    "\"swap\":{\"limit\":50,\"usage\":31,\"max\":41,\"failcnt\":2},\"kernel\":{\"limit\":51,\"usage\":32,\"max\":42,\"failcnt\":3},"
    "\"kernelTCP\":{\"limit\":52,\"failcnt\":0},\"raw\":{\"cache\":10,\"rss\":20,\"total_inactive_file\":4}},"
    "\"pids\":{\"current\":4},\"blkio\":{\"ioServiceBytesRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":4096}],"
    "\"ioServicedRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":3},{\"major\":8,\"op\":\"Write\"}]},"
    "\"hugetlb\":{\"1GB\":{\"failcnt\":0},\"2MB\":{\"usage\":2097152,\"max\":4194304,\"failcnt\":9}},\"intel_rdt\":{},"
    "\"network_interfaces\":null}";

static void make_v1(struct tree *t)
{
    begin_tree(t);
    add_dir(t, "cpu,cpuacct", "cpu", 0);
    add_dir(t, "cpuset", "cpuset", PLAN_CGROUP_CPUSET);
    add_dir(t, "memory", "memory", 0);
    add_dir(t, "pids", "pids", 0);
    add_dir(t, "blkio", "blkio", 0);
    add_dir(t, "hugetlb", "hugetlb", 0);
    add_dir(t, "name=systemd", "systemd", PLAN_CGROUP_NAMED);
    add_dir(t, "", "unified", PLAN_CGROUP_V2);
    for (size_t i = 0; i < sizeof(v1_files) / sizeof(*v1_files); i++)
        add_file(t, v1_files[i].name, v1_files[i].text);
}

static void test_v1(void **state)
{
    struct stats stats;
    struct tree t;

    make_v1(&t);
    assert_json(&t, v1_json);
    assert_int_equal(read_tree(&t, &stats, NULL), 0);
    assert_true(stats_value(&stats.memory.events, "oom_kill") == 6 && stats.pids_limit == STATS_NO_LIMIT);
    assert_int_equal(stats.known, STATS_CPU | STATS_THROTTLING | STATS_MEMORY | STATS_SWAP | STATS_OOM | STATS_PIDS | STATS_IO);
    end_tree(&t);
}

/* Of the files that it leaves out none is looked at. */
static void test_brief(void **state)
{
    struct stats stats, all;
    struct tree t;

    make_v1(&t);
    assert_int_equal(read_tree(&t, &all, NULL), 0);
    add_file(&t, "cpu/box/cpuacct.usage_all", "?");
    add_file(&t, "cpuset/box/cpuset.cpus", "?");
    add_file(&t, "memory/box/memory.kmem.failcnt", "?");
    add_file(&t, "hugetlb/box/hugetlb.1GB.failcnt", "?");
    assert_int_equal(read_some(&t, true, &stats, NULL), 0);
    assert_int_equal(stats.known, all.known);
    assert_true(stats.cpu.total == all.cpu.total && stats.memory.usage.max == all.memory.usage.max);
    assert_true(stats.memory.swap.usage == all.memory.swap.usage && stats.pids_limit == all.pids_limit);
    assert_int_equal(stats.cpuset.cpus.n, 0);
    end_tree(&t);
}

/* What an I/O scheduler counts goes before the throttling's; with its debugging on it counts all. */
static void test_v1_schedulers(void **state)
{
    struct stats stats;
    struct tree t;

    make_v1(&t);
    add_file(&t, "blkio/box/blkio.bfq.io_serviced_recursive", "8:0 Read 30\nTotal 30\n");
    add_file(&t, "blkio/box/blkio.bfq.io_service_bytes_recursive", "8:0 Read 70\nTotal 70\n");
    assert_int_equal(read_tree(&t, &stats, NULL), 0);
    assert_io(&stats.blkio.bytes, 0, "8:0 Read 70");
    assert_io(&stats.blkio.serviced, 0, "8:0 Read 30");
    add_file(&t, "blkio/box/blkio.bfq.sectors_recursive", "8:0 55\n");
    add_file(&t, "blkio/box/blkio.bfq.io_queued_recursive", "8:0 Sync 1\nTotal 1\n");
    assert_int_equal(read_tree(&t, &stats, NULL), 0);
    assert_io(&stats.blkio.sectors, 0, "8:0  55");
    assert_io(&stats.blkio.queued, 0, "8:0 Sync 1");
    assert_io(&stats.blkio.bytes, 0, "8:0 Read 70");
    end_tree(&t);
}

static const struct { const char *name, *text; } v2_files[] = {
    { "v2/box/cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma\n" },
    { "v2/box/cpu.stat", "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 4\nnr_throttled 1\nthrottled_usec 5\n" },
    { "v2/box/cpu.pressure", "some avg10=0.10 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n" },
    { "v2/box/memory.stat", "anon 20\nfile 10\nkernel 5\n" },
    { "v2/box/memory.current", "35\n" }, { "v2/box/memory.max", "1000\n" }, { "v2/box/memory.peak", "77\n" },
    { "v2/box/memory.swap.current", "3\n" }, { "v2/box/memory.swap.max", "100\n" },
    { "v2/box/memory.events", "low 0\nhigh 0\nmax 3\noom 2\noom_kill 2\noom_group_kill 0\n" },
    { "v2/box/memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n" },
    { "v2/box/pids.current", "4\n" }, { "v2/box/pids.max", "10\n" },
    { "v2/box/io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=0 dbytes=0 dios=0\n" },
    { "v2/box/hugetlb.2MB.current", "2097152\n" }, { "v2/box/hugetlb.2MB.rsvd.current", "4194304\n" },
    { "v2/box/hugetlb.2MB.events", "max 8\n" }, { "v2/box/hugetlb.2MB.max", "max\n" },
    { "v2/box/hugetlb.1GB.current", "1073741824\n" }, { "v2/box/hugetlb.1GB.events", "max 0\n" },
    { "v2/box/rdma.current", "mlx4_0 hca_handle=2 hca_object=2000\n" }, { "v2/box/rdma.max", "mlx4_0 hca_handle=3 hca_object=max\n" },
};

#define NO_PSI "{\"avg10\":0,\"avg60\":0,\"avg300\":0,\"total\":0}"

static const char v2_json[] =
    "{\"cpu\":{\"usage\":{\"total\":30000,\"kernel\":10000,\"user\":20000},\"throttling\":{\"periods\":4,\"throttledPeriods\":1,"
    "\"throttledTime\":5000},\"psi\":{\"some\":{\"avg10\":0.1,\"avg60\":0,\"avg300\":0,\"total\":1},\"full\":" NO_PSI "}},"
    NO_CPUSET ",\"memory\":{\"cache\":10,\"usage\":{\"limit\":1000,\"usage\":35,\"max\":77,\"failcnt\":0},"
    "\"swap\":{\"limit\":1100,\"usage\":38,\"failcnt\":0},\"raw\":{\"anon\":20,\"file\":10,\"kernel\":5},"
    "\"psi\":{\"some\":" NO_PSI ",\"full\":" NO_PSI "}},\"pids\":{\"current\":4,\"limit\":10},"
    "\"blkio\":{\"ioServiceBytesRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":1},{\"major\":8,\"op\":\"Write\",\"value\":2}],"
    "\"ioServicedRecursive\":[{\"major\":8,\"op\":\"Read\",\"value\":3},{\"major\":8,\"op\":\"Write\"}]},"
    "\"hugetlb\":{\"1GB\":{\"usage\":1073741824,\"failcnt\":0},\"2MB\":{\"usage\":4194304,\"failcnt\":8}},"
    "\"rdma\":{\"current\":[{\"device\":\"mlx4_0\",\"hcaHandles\":2,\"hcaObjects\":2000}],"
    "\"limit\":[{\"device\":\"mlx4_0\",\"hcaHandles\":3,\"hcaObjects\":4294967295}]},\"intel_rdt\":{},\"network_interfaces\":null}";

static void make_v2(struct tree *t)
{
    begin_tree(t);
    add_dir(t, "", "v2", PLAN_CGROUP_V2);
    for (size_t i = 0; i < sizeof(v2_files) / sizeof(*v2_files); i++)
        add_file(t, v2_files[i].name, v2_files[i].text);
}

static void test_v2(void **state)
{
    struct tree t;

    make_v2(&t);
    assert_json(&t, v2_json);
    end_tree(&t);
}

static void test_v2_no_limits(void **state)
{
    struct stats stats;
    struct tree t;

    make_v2(&t);
    add_file(&t, "v2/box/memory.max", "max\n");
    assert_int_equal(read_tree(&t, &stats, NULL), 0);
    assert_true(stats.memory.usage.limit == UINT64_MAX && stats.memory.swap.limit == UINT64_MAX);
    add_file(&t, "v2/box/memory.max", "1000\n");
    add_file(&t, "v2/box/memory.swap.max", "max\n");
    assert_int_equal(read_tree(&t, &stats, NULL), 0);
    assert_true(stats.memory.usage.limit == 1000 && stats.memory.swap.limit == UINT64_MAX);
    end_tree(&t);
}

/* Files of controllers that are off are not looked at; the processes are counted one by one. */
static void test_v2_without_controllers(void **state)
{
    struct stats stats;
    struct tree t;

    make_v2(&t);
    add_file(&t, "v2/box/cgroup.controllers", "\n");
    add_file(&t, "v2/box/cgroup.procs", "11\n12\n13\n");
    assert_int_equal(read_tree(&t, &stats, NULL), 0);
    assert_int_equal(stats.known, STATS_CPU | STATS_PIDS);
    assert_int_equal(stats.pids, 3);
    assert_int_equal(stats.hugetlb.n, 0);
    end_tree(&t);
}

/* A hierarchy, a cgroup in one and a file that are not there. */
static void test_missing(void **state)
{
    struct stats stats;
    struct tree t;

    make_v1(&t);
    assert_int_equal(system(arena_printf(arena, "cd %s && rm -r memory hugetlb/box cpu/box/cpuacct.usage_all", t.base)), 0);
    assert_int_equal(read_tree(&t, &stats, NULL), 0);
    assert_int_equal(stats.known, STATS_CPU | STATS_THROTTLING | STATS_PIDS | STATS_IO);
    assert_int_equal(stats.cpu.percpu_user.n, 0);
    assert_int_equal(stats.cpu.percpu.n, 2);
    assert_int_equal(stats.hugetlb.n, 0);
    end_tree(&t);
}

static void test_bad_file(void **state)
{
    struct stats stats;
    char *message;
    struct tree t;

    make_v1(&t);
    add_file(&t, "memory/box/memory.failcnt", "many\n");
    assert_int_equal(read_tree(&t, &stats, &message), -EBADMSG);
    assert_string_equal(message, arena_printf(arena, "reading memory.failcnt of cgroup %s/memory/box: Bad message", t.base));
    end_tree(&t);
}

/* What cannot be read is an error, but for a rootless container. */
static void test_rootless(void **state)
{
    struct stats stats;
    char *message;
    struct tree t;

    make_v1(&t);
    assert_int_equal(system(arena_printf(arena, "cd %s/pids/box && rm pids.current && mkdir pids.current", t.base)), 0);
    assert_int_equal(read_tree(&t, &stats, &message), -EISDIR);
    assert_string_equal(message, arena_printf(arena, "reading pids.current of cgroup %s/pids/box: Is a directory", t.base));
    t.block.p.flags = PLAN_ROOTLESS;
    assert_int_equal(read_tree(&t, &stats, NULL), 0);
    assert_int_equal(stats.known & (STATS_PIDS | STATS_MEMORY), STATS_MEMORY);
    end_tree(&t);
}

/* One of more than the first buffer holds, and one that is beyond all measure. */
static void test_big_file(void **state)
{
    struct stats stats;
    struct tree t;
    struct str s;

    make_v1(&t);
    str_init(&s, arena);
    for (int i = 0; i < 5000; i++)
        str_addf(&s, "8:%d Read 7\n", i);
    add_file(&t, "blkio/box/blkio.throttle.io_serviced_recursive", s.text);
    assert_int_equal(read_tree(&t, &stats, NULL), 0);
    assert_int_equal(stats.blkio.serviced.n, 5000);
    assert_int_equal(truncate(arena_printf(arena, "%s/memory/box/memory.stat", t.base), 64 << 20), 0);
    assert_int_equal(read_tree(&t, &stats, NULL), -EFBIG);
    end_tree(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number), cmocka_unit_test(test_integer), cmocka_unit_test(test_lists), cmocka_unit_test(test_bad_ids),
        cmocka_unit_test(test_values), cmocka_unit_test(test_long), cmocka_unit_test(test_cpu), cmocka_unit_test(test_usage_all),
        cmocka_unit_test(test_psi), cmocka_unit_test(test_io_v1), cmocka_unit_test(test_io_v2), cmocka_unit_test(test_rdma),
        cmocka_unit_test(test_interfaces), cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_v1), cmocka_unit_test(test_brief), cmocka_unit_test(test_v1_schedulers), cmocka_unit_test(test_v2),
        cmocka_unit_test(test_v2_no_limits), cmocka_unit_test(test_v2_without_controllers), cmocka_unit_test(test_missing),
        cmocka_unit_test(test_bad_file), cmocka_unit_test(test_rootless), cmocka_unit_test(test_big_file),
    };

    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
