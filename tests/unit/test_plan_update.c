/* An update of a saved plan: which files are written with what, and what the next plan says. One row per case: the resources
 * of the creation, those of the update, and the writes that are due, in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "base/str.h"
#include "plan/planner.h"
#include "plan/update.h"

static struct host_hierarchy v1[] = {
    { "cpuset", "/cg/cpuset", "/" }, { "cpu,cpuacct", "/cg/cpu", "/" }, { "memory", "/cg/memory", "/" },
    { "devices", "/cg/devices", "/" }, { "blkio", "/cg/blkio", "/" }, { "pids", "/cg/pids", "/" },
    { "hugetlb", "/cg/hugetlb", "/" }, { "net_cls,net_prio", "/cg/net", "/" }, { "rdma", "/cg/rdma", "/" },
    { "freezer", "/cg/freezer", "/" },
};
static struct host_hierarchy v2[] = { { "", "/cg", "/own" } };
static const struct host machines[] = {
    { .last_cap = 40, .layout = HOST_CGROUP_V1, .hierarchies = v1, .n_hierarchies = 10 },
    { .last_cap = 40, .layout = HOST_CGROUP_V2, .hierarchies = v2, .n_hierarchies = 1 },
};
enum { V1, V2 };

struct fixture {
    struct op op;
    struct plan *plan;          /* saved */
    char log[256];
};

static void keep_log(void *data, enum op_level level, const char *message)
{
    struct fixture *f = data;

    (void) level;
    snprintf(f->log, sizeof(f->log), "%s", message);
}

static struct fixture *create(struct arena *a, int machine, const char *resources)
{
    const struct plan_request request = { .id = "ID", .bundle = "/b", .rootless = 0 };
    struct fixture *f = arena_alloc(a, sizeof(*f));
    char *config = arena_printf(a, "{\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"x\"],\"cwd\":\"/\"},\"linux\":"
                                "{\"cgroupsPath\":\"/c\",\"resources\":%s,\"namespaces\":[{\"type\":\"mount\"}]}}", resources);
    struct spec *spec;

    op_init(&f->op, a);
    f->op.log = keep_log;
    f->op.log_data = f;
    if (spec_parse(&f->op, "config.json", config, strlen(config), &spec) < 0 ||
        plan_make(&f->op, spec, &machines[machine], &request, &f->plan) < 0)
        fail_msg("%s: %s", resources, f->op.message);
    assert_true(plan_check(f->plan, f->plan->size));
    f->op.source = NULL;
    f->log[0] = '\0';
    return f;
}

static int try_update(struct fixture *f, const char *resources, struct plan **ret, bool **ret_due)
{
    struct plan_update_request request = { 0 };
    struct spec_resources *given;
    int r = spec_parse_resources(&f->op, "update", resources, strlen(resources), &given);

    if (r < 0)
        return r;
    request.resources = *given;
    return plan_update(&f->op, f->plan, &request, ret, ret_due);
}

/* The fixture has the next plan afterwards. "FILE=VALUE, …" of what is due. */
static const char *update(struct fixture *f, const char *resources)
{
    const struct plan_write *w;
    struct plan *next = NULL;
    struct str s;
    bool *due;

    if (try_update(f, resources, &next, &due) < 0)
        fail_msg("%s: %s", resources, f->op.message);
    assert_true(plan_check(next, next->size));
    str_init(&s, f->op.arena);
    w = PLAN_ITEMS(next, cgroup_writes, struct plan_write);
    for (uint32_t i = 0; i < next->cgroup_writes.n; i++)
        if (due[i])
            str_addf(&s, "%s%s=%s", s.len ? ", " : "", plan_text(next, w[i].file), plan_text(next, w[i].value));
    f->plan = next;
    return s.text;
}

static const struct {
    int machine;
    const char *before, *update, *due;
} cases[] = {
    { V1, "{}", "{}", "" },
    { V2, "{}", "{}", "" },
    { V1, "{\"cpu\":{\"shares\":512}}", "{}", "" },
    { V1, "{}", "null", "" },

    /* memory */
    { V1, "{}", "{\"memory\":{\"limit\":1000}}", "memory.limit_in_bytes=1000" },
    { V2, "{}", "{\"memory\":{\"limit\":1000}}", "memory.max=1000" },
    { V1, "{\"memory\":{\"limit\":1000}}", "{\"memory\":{\"limit\":1000}}", "memory.limit_in_bytes=1000" },
    { V1, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"limit\":2000}}",
      "memory.limit_in_bytes=2000, memory.memsw.limit_in_bytes=3000" },
    { V2, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"limit\":2000}}",
      "memory.swap.max=1000, memory.max=2000" },
    { V1, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"swap\":4000}}",
      "memory.limit_in_bytes=1000, memory.memsw.limit_in_bytes=4000" },
    { V2, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"swap\":4000}}",
      "memory.swap.max=3000, memory.max=1000" },
    { V2, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"limit\":2000,\"swap\":2000}}",
      "memory.swap.max=0, memory.max=2000" },
    { V1, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"limit\":-1}}",
      "memory.memsw.limit_in_bytes=-1, memory.limit_in_bytes=-1" },
    { V2, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"limit\":-1}}",
      "memory.swap.max=max, memory.max=max" },
    { V2, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"limit\":-1,\"swap\":3000}}",
      "memory.swap.max=3000, memory.max=max" },
    { V2, "{\"memory\":{\"limit\":1000}}", "{\"memory\":{\"swap\":-1}}", "memory.swap.max=max, memory.max=1000" },
    { V1, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"limit\":0}}", "" },
    { V1, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"limit\":2000,\"swap\":0}}",
      "memory.limit_in_bytes=2000" },
    { V1, "{\"memory\":{\"limit\":1000}}", "{\"memory\":{\"reservation\":500}}", "memory.soft_limit_in_bytes=500" },
    { V2, "{\"memory\":{\"limit\":1000}}", "{\"memory\":{\"reservation\":-1}}", "memory.low=max" },
    { V1, "{\"memory\":{\"limit\":1000}}", "{\"memory\":{\"swappiness\":7}}", "memory.swappiness=7" },
    { V1, "{}", "{\"memory\":{\"disableOOMKiller\":true}}", "memory.oom_control=1" },
    { V2, "{}", "{\"memory\":{\"swappiness\":7,\"useHierarchy\":true,\"disableOOMKiller\":true}}", "" },
    { V1, "{}", "{\"memory\":{\"kernel\":1000,\"kernelTCP\":1000}}", "" },

    /* cpu */
    { V1, "{}", "{\"cpu\":{\"shares\":512}}", "cpu.shares=512" },
    { V2, "{}", "{\"cpu\":{\"shares\":1024}}", "cpu.weight=100" },
    { V1, "{\"cpu\":{\"quota\":20000,\"period\":50000}}", "{\"cpu\":{\"quota\":30000}}",
      "cpu.cfs_period_us=50000, cpu.cfs_quota_us=30000" },
    { V2, "{\"cpu\":{\"quota\":20000,\"period\":50000}}", "{\"cpu\":{\"quota\":30000}}", "cpu.max=30000 50000" },
    { V2, "{\"cpu\":{\"quota\":20000,\"period\":50000}}", "{\"cpu\":{\"period\":60000}}", "cpu.max=20000 60000" },
    { V2, "{\"cpu\":{\"quota\":20000,\"period\":50000}}", "{\"cpu\":{\"period\":50000}}", "cpu.max=20000 50000" },
    { V2, "{\"cpu\":{\"quota\":20000,\"period\":50000}}", "{\"cpu\":{\"quota\":0,\"period\":60000}}", "cpu.max=20000 60000" },
    { V2, "{\"cpu\":{\"quota\":20000,\"period\":50000}}", "{\"cpu\":{\"quota\":30000,\"period\":0}}", "cpu.max=30000 50000" },
    { V2, "{\"cpu\":{\"quota\":20000,\"period\":50000}}", "{\"cpu\":{\"quota\":-1}}", "cpu.max=max 50000" },
    { V2, "{\"cpu\":{\"quota\":20000,\"period\":50000}}", "{\"cpu\":{\"quota\":0,\"period\":0,\"shares\":2}}", "cpu.weight=1" },
    { V2, "{}", "{\"cpu\":{\"quota\":30000}}", "cpu.max=30000 100000" },
    { V2, "{\"cpu\":{\"quota\":20000}}", "{\"cpu\":{\"burst\":1000}}", "cpu.max.burst=1000" },
    { V1, "{}", "{\"cpu\":{\"realtimePeriod\":1000,\"realtimeRuntime\":900}}", "cpu.rt_period_us=1000, cpu.rt_runtime_us=900" },
    { V1, "{\"cpu\":{\"cpus\":\"0\",\"mems\":\"0\"}}", "{\"cpu\":{\"cpus\":\"0-1\"}}", "cpuset.cpus=0-1" },
    { V2, "{\"cpu\":{\"cpus\":\"0\",\"mems\":\"0\"}}", "{\"cpu\":{\"mems\":\"1\"}}", "cpuset.mems=1" },
    { V1, "{\"cpu\":{\"cpus\":\"0\"}}", "{\"cpu\":{\"cpus\":\"\",\"mems\":\"\"}}", "" },

    /* an idle cgroup has no weight: shares given without idle are for the kernel to refuse */
    { V2, "{\"cpu\":{\"shares\":512}}", "{\"cpu\":{\"idle\":1}}", "cpu.idle=1" },
    { V1, "{\"cpu\":{\"shares\":512}}", "{\"cpu\":{\"idle\":1}}", "cpu.idle=1" },
    { V2, "{\"cpu\":{\"idle\":1}}", "{\"cpu\":{\"shares\":1024}}", "cpu.weight=100" },
    { V2, "{\"cpu\":{\"idle\":1}}", "{\"cpu\":{\"idle\":0,\"shares\":1024}}", "cpu.idle=0, cpu.weight=100" },
    { V2, "{\"cpu\":{\"idle\":1,\"shares\":512}}", "{\"memory\":{\"limit\":1000}}", "memory.max=1000" },
    { V2, "{\"cpu\":{\"idle\":1,\"shares\":512}}", "{\"cpu\":{\"cpus\":\"0\"}}", "cpuset.cpus=0" },

    /* pids */
    { V1, "{}", "{\"pids\":{\"limit\":9}}", "pids.max=9" },
    { V2, "{\"pids\":{\"limit\":9}}", "{\"pids\":{\"limit\":-1}}", "pids.max=max" },
    { V2, "{\"pids\":{\"limit\":9}}", "{\"pids\":{\"limit\":0}}", "pids.max=1" },
    { V2, "{\"pids\":{\"limit\":9}}", "{\"pids\":{}}", "" },

    /* block devices, item by item */
    { V1, "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":100},{\"major\":8,\"minor\":16,\"rate\":200}]}}",
      "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":16,\"rate\":300},{\"major\":9,\"minor\":0,\"rate\":400}]}}",
      "blkio.throttle.read_bps_device=8:0 100, blkio.throttle.read_bps_device=8:16 300, "
      "blkio.throttle.read_bps_device=9:0 400" },
    { V2, "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":100}]}}",
      "{\"blockIO\":{\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":5}]}}", "io.max=8:0 wiops=5" },

    /* lists of other things */
    { V1, "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1},{\"pageSize\":\"1GB\",\"limit\":2}]}",
      "{\"hugepageLimits\":[{\"pageSize\":\"1GB\",\"limit\":3}]}",
      "hugetlb.2MB.limit_in_bytes=1, hugetlb.2MB.rsvd.limit_in_bytes=1, "
      "hugetlb.1GB.limit_in_bytes=3, hugetlb.1GB.rsvd.limit_in_bytes=3" },
    { V1, "{\"network\":{\"classID\":1,\"priorities\":[{\"name\":\"lo\",\"priority\":1}]}}",
      "{\"network\":{\"priorities\":[{\"name\":\"lo\",\"priority\":2},{\"name\":\"eth0\",\"priority\":3}]}}",
      "net_prio.ifpriomap=lo 2, net_prio.ifpriomap=eth0 3" },
    { V2, "{\"rdma\":{\"mlx\":{\"hcaHandles\":1}}}", "{\"rdma\":{\"mlx\":{\"hcaObjects\":2}}}",
      "rdma.max=mlx hca_handle=1 hca_object=2" },
    { V2, "{\"unified\":{\"memory.high\":\"1\",\"cpu.weight\":\"7\"}}", "{\"unified\":{\"memory.high\":\"2\"}}",
      "memory.high=2, cpu.weight=7" },

    /* devices are none of an update's business */
    { V1, "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}],\"pids\":{\"limit\":1}}",
      "{\"devices\":[{\"allow\":true,\"access\":\"rwm\"}],\"pids\":{\"limit\":2}}", "pids.max=2" },
    { V2, "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}", "{\"devices\":[{\"allow\":true,\"access\":\"rwm\"}]}", "" },
};

static void test_due(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct arena *a = arena_new();
        struct fixture *f = create(a, cases[i].machine, cases[i].before);
        const char *due = update(f, cases[i].update);

        if (!str_eq(due, cases[i].due))
            fail_msg("v%d, %s, then %s:\nexpected %s\n  actual %s", cases[i].machine + 1, cases[i].before, cases[i].update,
                     cases[i].due, due);
        arena_free(a);
    }
}

static const struct { int machine; const char *before, *update, *fault; } refusals[] = {
    { V1, "{\"memory\":{\"limit\":1000,\"swap\":3000}}", "{\"memory\":{\"limit\":4000}}",
      "update:1:11: /linux/resources/memory/swap: memory+swap limit should be >= memory limit" },
    { V2, "{}", "{\"memory\":{\"swap\":4000}}", "unable to set swap limit without memory limit" },
    { V1, "{}", "{\"cpu\":{\"shares\":1}}", "update:1:18: /linux/resources/cpu/shares: the minimum allowed cpu-shares is 2" },
    { V1, "{}", "{\"unified\":{\"memory.high\":\"1\"}}", "/linux/resources/unified" },
    { V2, "{}", "{\"unified\":{\"../x\":\"1\"}}", "no slashes" },
    { V2, "{}", "{\"memory\":{\"limit\":\"1\"}}", "update:1:20: /linux/resources/memory/limit: " },
    { V2, "{}", "{\"memory\":", "update:1:" },
    { V2, "{}", "[]", "/linux/resources: " },
    { V2, "{}", "{\"blockIO\":{\"weight\":5}}", "must be 10 to 1000" },
};

static void test_refused(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        struct arena *a = arena_new();
        struct fixture *f = create(a, refusals[i].machine, refusals[i].before);
        struct plan *next = NULL;
        bool *due;

        if (try_update(f, refusals[i].update, &next, &due) >= 0 || next)
            fail_msg("taken: %s", refusals[i].update);
        if (!strstr(f->op.message, refusals[i].fault))
            fail_msg("not found: %s\nin: %s", refusals[i].fault, f->op.message);
        arena_free(a);
    }
}

/* Each update starts from the last one, and the plan does not grow. */
static void test_one_after_the_other(void **state)
{
    struct arena *a = arena_new();
    struct fixture *f = create(a, V2, "{\"memory\":{\"limit\":1000,\"swap\":3000},\"cpu\":{\"quota\":20000,\"period\":50000}}");
    uint32_t made = f->plan->size, once;

    (void) state;
    update(f, "{\"memory\":{\"limit\":1500}}");
    once = f->plan->size;
    assert_true(once > made);
    assert_string_equal(update(f, "{\"memory\":{\"swap\":2000}}"), "memory.swap.max=500, memory.max=1500");
    assert_string_equal(update(f, "{\"cpu\":{\"quota\":10000}}"), "cpu.max=10000 50000");
    for (int i = 0; i < 100; i++)
        update(f, i % 2 ? "{\"memory\":{\"limit\":1500}}" : "{\"memory\":{\"limit\":1600}}");
    assert_in_range(f->plan->size, once, once + 64);
    assert_int_equal(f->plan->made_size, made);
    arena_free(a);
}

/* What is not the update's stays what it was: the device rules, the process, the namespaces. */
static void test_the_rest_stays(void **state)
{
    struct arena *a = arena_new();
    struct fixture *f = create(a, V1, "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"},"
                               "{\"allow\":true,\"type\":\"c\",\"major\":1,\"minor\":3,\"access\":\"rw\"}]}");
    const struct plan *before = f->plan;
    const struct plan_write *old = PLAN_ITEMS(before, cgroup_writes, struct plan_write), *new;

    (void) state;
    update(f, "{\"pids\":{\"limit\":3}}");
    update(f, "{\"cpu\":{\"shares\":3}}");
    new = PLAN_ITEMS(f->plan, cgroup_writes, struct plan_write);
    assert_int_equal(f->plan->cgroup_writes.n, before->cgroup_writes.n + 2);
    for (uint32_t i = 0; i < before->cgroup_writes.n; i++) {
        assert_string_equal(plan_text(f->plan, new[i].file), plan_text(before, old[i].file));
        assert_string_equal(plan_text(f->plan, new[i].value), plan_text(before, old[i].value));
    }
    assert_string_equal(plan_text(f->plan, f->plan->id), "ID");
    assert_int_equal(f->plan->new_ns, before->new_ns);
    assert_int_equal(f->plan->argv.n, 1);
    arena_free(a);
}

/* What is in use lies behind the place where the damaged plan has an earlier update begin, and would be dropped. */
static void test_damaged(void **state)
{
    struct arena *a = arena_new();
    struct fixture *f = create(a, V1, "{\"pids\":{\"limit\":5}}");
    struct plan *next = NULL;
    bool *due;

    (void) state;
    f->plan->made_size = sizeof(struct plan);
    assert_true(plan_check(f->plan, f->plan->size));
    assert_int_not_equal(try_update(f, "{\"pids\":{\"limit\":6}}", &next, &due), 0);
    assert_string_equal(f->op.message, "the saved plan of container ID is damaged");
    assert_null(next);
    arena_free(a);
}

static void test_kernel_memory_warns_once(void **state)
{
    struct arena *a = arena_new();
    struct fixture *f = create(a, V1, "{\"memory\":{\"kernel\":5}}");

    (void) state;
    update(f, "{\"memory\":{\"limit\":1000}}");
    assert_string_equal(f->log, "");
    update(f, "{\"memory\":{\"kernelTCP\":1000}}");
    assert_string_equal(f->log, "Kernel memory settings are ignored and will be removed");
    arena_free(a);
}

/* The saved text decodes to the same again, with every property there is. */
static void test_resources_as_text(void **state)
{
    static const char all[] =
        "{\"memory\":{\"limit\":-1,\"reservation\":2,\"swap\":3,\"kernel\":4,\"kernelTCP\":5,\"swappiness\":6,"
        "\"disableOOMKiller\":true,\"useHierarchy\":false,\"checkBeforeUpdate\":true},"
        "\"cpu\":{\"shares\":18446744073709551615,\"quota\":-1,\"burst\":1,\"period\":2,\"realtimeRuntime\":3,"
        "\"realtimePeriod\":4,\"cpus\":\"0-1\",\"mems\":\"0\",\"idle\":1},\"pids\":{\"limit\":7},"
        "\"blockIO\":{\"weight\":10,\"leafWeight\":11,\"weightDevice\":[{\"major\":1,\"minor\":2,\"weight\":12,\"leafWeight\":13}],"
        "\"throttleReadBpsDevice\":[{\"major\":1,\"minor\":2,\"rate\":3},{\"major\":2,\"minor\":2,\"rate\":4}],"
        "\"throttleWriteBpsDevice\":[{\"major\":1,\"minor\":2,\"rate\":3}],"
        "\"throttleReadIOPSDevice\":[{\"major\":1,\"minor\":2,\"rate\":3}],"
        "\"throttleWriteIOPSDevice\":[{\"major\":1,\"minor\":2,\"rate\":3}]},"
        "\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1}],"
        "\"network\":{\"classID\":1,\"priorities\":[{\"name\":\"lo\",\"priority\":2}]},"
        "\"rdma\":{\"mlx\":{\"hcaHandles\":1,\"hcaObjects\":2}},\"unified\":{\"memory.high\":\"\\\"1\\\"\\n2\"}}";
    struct arena *a = arena_new();
    struct spec_resources *r;
    struct op op;

    (void) state;
    op_init(&op, a);
    if (spec_parse_resources(&op, "all", all, strlen(all), &r) < 0)
        fail_msg("%s", op.message);
    assert_string_equal(spec_resources_json(a, r), all);
    assert_true(spec_resources_has(r, "memory/limit"));
    assert_true(spec_resources_has(r, "blockIO/weightDevice/0"));
    assert_true(spec_resources_has(r, "unified/memory.high"));
    assert_false(spec_resources_has(r, "memory/none"));
    assert_false(spec_resources_has(&(struct spec_resources) { 0 }, "memory/limit"));
    arena_free(a);
}

/* What one update has said the next one, which is about something else, does not lose. */
static void test_schemata_stay(void **state)
{
    struct plan_update_request request = { .l3 = "L3:0=f", .mb = "MB:0=50" };
    struct arena *a = arena_new();
    struct fixture *f = create(a, V2, "{}");
    bool *due;

    (void) state;
    assert_int_equal(plan_update(&f->op, f->plan, &request, &f->plan, &due), 0);
    assert_string_equal(plan_text(f->plan, f->plan->rdt.schemata), "L3:0=f\nMB:0=50\n");
    update(f, "{\"memory\":{\"limit\":1000}}");
    assert_string_equal(plan_text(f->plan, f->plan->rdt.schemata), "L3:0=f\nMB:0=50\n");
    request.mb = NULL;
    request.l3 = "L3:0=3";
    assert_int_equal(plan_update(&f->op, f->plan, &request, &f->plan, &due), 0);
    assert_string_equal(plan_text(f->plan, f->plan->rdt.schemata), "MB:0=50\nL3:0=3\n");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_the_rest_stays),
        cmocka_unit_test(test_schemata_stay),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_kernel_memory_warns_once),
        cmocka_unit_test(test_resources_as_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
