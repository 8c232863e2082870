/* linux.resources and the writes that it becomes: every knob on v1 and on v2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "base/op.h"
#include "base/str.h"
#include "plan/cgroup.h"

/* Writes are "FILE=TEXT", with ? behind one that may be missing, | behind one whose alternative follows, ^ behind one that is
 * checked against what is in use. "!" and a part of a message: refused. `v2` NULL: as on v1. */
static const struct { const char *resources, *v1, *v2; } cases[] = {
    { "", "", NULL },
    /* memory: how swap is counted */
    { "'memory':{}", "", NULL },
    { "'memory':{'limit':0,'swap':0,'reservation':0}", "", NULL },
    { "'memory':{'limit':1000}", "memory.limit_in_bytes=1000", "memory.max=1000" },
    { "'memory':{'limit':9223372036854775807}", "memory.limit_in_bytes=9223372036854775807", "memory.max=9223372036854775807" },
    { "'memory':{'limit':-1}", "memory.memsw.limit_in_bytes=-1? memory.limit_in_bytes=-1", "memory.swap.max=max? memory.max=max" },
    { "'memory':{'limit':-1,'swap':-1}", "memory.memsw.limit_in_bytes=-1? memory.limit_in_bytes=-1",
      "memory.swap.max=max? memory.max=max" },
    { "'memory':{'limit':-1,'swap':500}", "memory.limit_in_bytes=-1 memory.memsw.limit_in_bytes=500",
      "memory.swap.max=500 memory.max=max" },
    { "'memory':{'limit':1000,'swap':-1}", "memory.memsw.limit_in_bytes=-1? memory.limit_in_bytes=1000",
      "memory.swap.max=max? memory.max=1000" },
    { "'memory':{'limit':1000,'swap':0}", "memory.limit_in_bytes=1000", "memory.max=1000" },
    { "'memory':{'limit':1000,'swap':1000}", "memory.limit_in_bytes=1000 memory.memsw.limit_in_bytes=1000",
      "memory.swap.max=0? memory.max=1000" },
    { "'memory':{'limit':1000,'swap':1500}", "memory.limit_in_bytes=1000 memory.memsw.limit_in_bytes=1500",
      "memory.swap.max=500 memory.max=1000" },
    { "'memory':{'swap':-1}", "memory.memsw.limit_in_bytes=-1?", "memory.swap.max=max?" },
    { "'memory':{'swap':1000}", "!unable to set swap limit without memory limit", NULL },
    { "'memory':{'limit':1000,'swap':999}", "!memory+swap limit should be >= memory limit", NULL },
    { "'memory':{'limit':-2}", "!must be from -1 to", NULL },
    { "'memory':{'swap':-2}", "!must be from -1 to", NULL },
    { "'memory':{'limit':9223372036854775808}", "!must be from -1 to", NULL },
    { "'memory':{'limit':1.5}", "!/linux/resources/memory/limit: must be an integer", NULL },
    { "'memory':{'limit':'1G'}", "!/linux/resources/memory/limit: must be an integer", NULL },
    /* memory: the rest */
    { "'memory':{'reservation':500}", "memory.soft_limit_in_bytes=500", "memory.low=500" },
    { "'memory':{'reservation':-1}", "memory.soft_limit_in_bytes=-1", "memory.low=max" },
    { "'memory':{'swappiness':0}", "memory.swappiness=0", "" },
    { "'memory':{'swappiness':100}", "memory.swappiness=100", "" },
    { "'memory':{'swappiness':-1}", "", NULL },
    { "'memory':{'swappiness':101}", "!must be from -1 to 100", NULL },
    { "'memory':{'disableOOMKiller':true}", "memory.oom_control=1", "" },
    { "'memory':{'disableOOMKiller':false,'useHierarchy':true}", "", NULL },
    { "'memory':{'kernel':5,'kernelTCP':6}", "", NULL },
    { "'memory':{'limit':1000,'checkBeforeUpdate':true}", "memory.limit_in_bytes=1000", "memory.max=1000^" },
    { "'memory':{'limit':1000,'swap':1500,'checkBeforeUpdate':true}",
      "memory.limit_in_bytes=1000 memory.memsw.limit_in_bytes=1500", "memory.swap.max=500^ memory.max=1000^" },
    { "'memory':{'limit':-1,'checkBeforeUpdate':true}", "memory.memsw.limit_in_bytes=-1? memory.limit_in_bytes=-1",
      "memory.swap.max=max? memory.max=max" },
    { "'memory':{'limit':1000,'swap':-1,'checkBeforeUpdate':true}",
      "memory.memsw.limit_in_bytes=-1? memory.limit_in_bytes=1000", "memory.swap.max=max? memory.max=1000^" },
    { "'memory':{'limit':1000,'checkBeforeUpdate':false}", "memory.limit_in_bytes=1000", "memory.max=1000" },
    /* cpu: weight */
    { "'cpu':{}", "", NULL },
    { "'cpu':{'shares':0}", "", NULL },
    { "'cpu':{'shares':1}", "!the minimum allowed cpu-shares is 2", "cpu.weight=1" },
    { "'cpu':{'shares':2}", "cpu.shares=2", "cpu.weight=1" },
    { "'cpu':{'shares':1024}", "cpu.shares=1024", "cpu.weight=100" },
    { "'cpu':{'shares':262144}", "cpu.shares=262144", "cpu.weight=10000" },
    { "'cpu':{'shares':262145}", "!the maximum allowed cpu-shares is 262144", "cpu.weight=10000" },
    { "'cpu':{'shares':-1}", "!must be from 0 to", NULL },
    { "'cpu':{'idle':1}", "cpu.idle=1", NULL },
    { "'cpu':{'idle':0}", "cpu.idle=0?", NULL },
    { "'cpu':{'idle':1,'shares':1024}", "cpu.idle=1", NULL },
    { "'cpu':{'idle':0,'shares':1024}", "cpu.idle=0? cpu.shares=1024", "cpu.idle=0? cpu.weight=100" },
    { "'cpu':{'idle':2}", "!must be from 0 to 1", NULL },
    /* cpu: bandwidth */
    { "'cpu':{'quota':5000}", "cpu.cfs_quota_us=5000", "cpu.max=5000 100000" },
    { "'cpu':{'quota':5000,'period':20000}", "cpu.cfs_period_us=20000 cpu.cfs_quota_us=5000", "cpu.max=5000 20000" },
    { "'cpu':{'period':20000}", "cpu.cfs_period_us=20000", "cpu.max=max 20000" },
    { "'cpu':{'quota':-1}", "cpu.cfs_quota_us=-1", "cpu.max=max 100000" },
    { "'cpu':{'quota':-1,'period':20000}", "cpu.cfs_period_us=20000 cpu.cfs_quota_us=-1", "cpu.max=max 20000" },
    { "'cpu':{'quota':0,'period':0}", "", NULL },
    { "'cpu':{'quota':-2}", "!must be from -1 to", NULL },
    { "'cpu':{'quota':5000,'burst':1000}", "cpu.cfs_quota_us=5000 cpu.cfs_burst_us=1000", "cpu.max=5000 100000 cpu.max.burst=1000" },
    { "'cpu':{'burst':0}", "cpu.cfs_burst_us=0?", "cpu.max.burst=0?" },
    { "'cpu':{'burst':7}", "cpu.cfs_burst_us=7", "cpu.max.burst=7" },
    /* cpu: real time, cpusets */
    { "'cpu':{'realtimeRuntime':5,'realtimePeriod':6}", "cpu.rt_period_us=6 cpu.rt_runtime_us=5", "" },
    { "'cpu':{'realtimeRuntime':-1}", "cpu.rt_runtime_us=-1", "" },
    { "'cpu':{'cpus':'0-3,5','mems':'0'}", "cpuset.cpus=0-3,5 cpuset.mems=0", NULL },
    { "'cpu':{'cpus':'','mems':''}", "", NULL },
    /* pids */
    { "'pids':{}", "", NULL },
    { "'pids':{'limit':0}", "pids.max=1", NULL },
    { "'pids':{'limit':1}", "pids.max=1", NULL },
    { "'pids':{'limit':32768}", "pids.max=32768", NULL },
    { "'pids':{'limit':-1}", "pids.max=max", NULL },
    { "'pids':{'limit':-9223372036854775808}", "pids.max=max", NULL },
    /* block devices: weights */
    { "'blockIO':{}", "", NULL },
    { "'blockIO':{'weight':0,'leafWeight':0}", "", NULL },
    { "'blockIO':{'weight':10}", "blkio.weight=10| blkio.bfq.weight=10", "io.bfq.weight=10| io.weight=1" },
    { "'blockIO':{'weight':100}", "blkio.weight=100| blkio.bfq.weight=100", "io.bfq.weight=100| io.weight=910" },
    { "'blockIO':{'weight':500}", "blkio.weight=500| blkio.bfq.weight=500", "io.bfq.weight=500| io.weight=4950" },
    { "'blockIO':{'weight':1000}", "blkio.weight=1000| blkio.bfq.weight=1000", "io.bfq.weight=1000| io.weight=10000" },
    { "'blockIO':{'weight':9}", "!must be 10 to 1000, or 0", NULL },
    { "'blockIO':{'weight':1001}", "!must be from 0 to 1000", NULL },
    { "'blockIO':{'leafWeight':300}", "blkio.leaf_weight=300", "" },
    { "'blockIO':{'weightDevice':[{'major':8,'minor':16,'weight':500,'leafWeight':300}]}",
      "blkio.weight_device=8:16 500| blkio.bfq.weight_device=8:16 500 blkio.leaf_weight_device=8:16 300",
      "io.bfq.weight=8:16 500| io.weight=8:16 4950" },
    { "'blockIO':{'weightDevice':[{'major':8,'minor':16}]}", "", NULL },
    { "'blockIO':{'weightDevice':[{'minor':16,'weight':500}]}", "!/linux/resources/blockIO/weightDevice/0", NULL },
    /* block devices: limits */
    { "'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':600}]}", "blkio.throttle.read_bps_device=8:0 600",
      "io.max=8:0 rbps=600" },
    { "'blockIO':{'throttleWriteBpsDevice':[{'major':8,'minor':0,'rate':600}]}", "blkio.throttle.write_bps_device=8:0 600",
      "io.max=8:0 wbps=600" },
    { "'blockIO':{'throttleReadIOPSDevice':[{'major':8,'minor':0,'rate':600}]}", "blkio.throttle.read_iops_device=8:0 600",
      "io.max=8:0 riops=600" },
    { "'blockIO':{'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':600}]}", "blkio.throttle.write_iops_device=8:0 600",
      "io.max=8:0 wiops=600" },
    { "'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':0}]}", "blkio.throttle.read_bps_device=8:0 0",
      "io.max=8:0 rbps=max" },
    { "'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':18446744073709551615}]}",
      "blkio.throttle.read_bps_device=8:0 18446744073709551615", "io.max=8:0 rbps=18446744073709551615" },
    { "'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':1},{'major':259,'minor':3,'rate':2}]}",
      "blkio.throttle.read_bps_device=8:0 1 blkio.throttle.read_bps_device=259:3 2", "io.max=8:0 rbps=1 io.max=259:3 rbps=2" },
    { "'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':0}]}", "!/linux/resources/blockIO/throttleReadBpsDevice/0", NULL },
    /* huge pages */
    { "'hugepageLimits':[]", "", NULL },
    { "'hugepageLimits':[{'pageSize':'2MB','limit':0}]", "hugetlb.2MB.limit_in_bytes=0 hugetlb.2MB.rsvd.limit_in_bytes=0?",
      "hugetlb.2MB.max=0 hugetlb.2MB.rsvd.max=0?" },
    { "'hugepageLimits':[{'pageSize':'1GB','limit':9223372036854775807},{'pageSize':'64KB','limit':5}]",
      "hugetlb.1GB.limit_in_bytes=9223372036854775807 hugetlb.1GB.rsvd.limit_in_bytes=9223372036854775807? "
      "hugetlb.64KB.limit_in_bytes=5 hugetlb.64KB.rsvd.limit_in_bytes=5?",
      "hugetlb.1GB.max=9223372036854775807 hugetlb.1GB.rsvd.max=9223372036854775807? hugetlb.64KB.max=5 hugetlb.64KB.rsvd.max=5?" },
    { "'hugepageLimits':[{'pageSize':'../2MB','limit':1}]", "!unsupported huge page size", NULL },
    { "'hugepageLimits':[{'pageSize':'2MB'}]", "!/linux/resources/hugepageLimits/0", NULL },
    { "'hugepageLimits':[{'limit':5}]", "!/linux/resources/hugepageLimits/0", NULL },
    /* network */
    { "'network':{}", "", NULL },
    { "'network':{'classID':0}", "", NULL },
    { "'network':{'classID':1048577}", "net_cls.classid=1048577", "" },
    { "'network':{'classID':4294967296}", "!must be from 0 to 4294967295", NULL },
    { "'network':{'priorities':[{'name':'eth0','priority':5},{'name':'lo','priority':0}]}",
      "net_prio.ifpriomap=eth0 5 net_prio.ifpriomap=lo 0", "" },
    { "'network':{'priorities':[{'name':'a b','priority':5}]}", "!not the name of a network interface", NULL },
    /* RDMA */
    { "'rdma':{'mlx5_1':{'hcaHandles':3,'hcaObjects':10000}}", "rdma.max=mlx5_1 hca_handle=3 hca_object=10000", NULL },
    { "'rdma':{'mlx4_0':{'hcaObjects':1000},'rxe3':{'hcaHandles':0}}", "rdma.max=mlx4_0 hca_object=1000 rdma.max=rxe3 hca_handle=0",
      NULL },
    { "'rdma':{'a':{'hcaHandles':4294967295}}", "rdma.max=a hca_handle=max", NULL },
    { "'rdma':{'a':{}}", "", NULL },
    { "'rdma':{'a b':{'hcaHandles':1}}", "!not the name of an RDMA device", NULL },
    /* files by name */
    { "'unified':{}", "", NULL },
    { "'unified':{'memory.high':'1000'}", "!cannot use unified on cgroup v1", "memory.high=1000" },
    { "'unified':{'io.max':'8:0 rbps=1\\n8:16 rbps=2\\n'}", "!cannot use unified on cgroup v1", "io.max=8:0 rbps=1 io.max=8:16 rbps=2" },
    { "'unified':{'memory.high':''}", "!cannot use unified on cgroup v1", "" },
    { "'unified':{'memory.max':'5','pids.max':'9'},'memory':{'limit':1},'pids':{'limit':2}", "!cannot use unified on cgroup v1",
      "pids.max=2 memory.max=1 memory.max=5 pids.max=9" },
    { "'unified':{'../x':'1'}", "!must be a file name (no slashes)", NULL },
    { "'unified':{'':'1'}", "!must be in the form CONTROLLER.PARAMETER", NULL },
    { "'unified':{'..':'1'}", "!must be in the form CONTROLLER.PARAMETER", NULL },
    { "'unified':{'cgroup.procs':'1'}", "!is not a setting", NULL },
};

static const char *const v1_controllers[] = {
    "name=systemd", "cpuset", "cpu,cpuacct", "memory", "blkio", "pids", "hugetlb", "net_cls,net_prio", "rdma", "",
};
static const char *const v2_controllers[] = { "" };

static const char *without_apostrophes(struct arena *a, const char *text)
{
    char *copy = arena_strdup(a, text);

    for (char *p = copy; *p; p++)
        if (*p == '\'')
            *p = '"';
    return copy;
}

static int plan(struct cgroup *c, struct op *op, const char *resources)
{
    const char *text = without_apostrophes(op->arena, arena_printf(op->arena,
        "{'process':{'args':['x'],'cwd':'/'},'root':{'path':'r'},'linux':{'resources':{%s}}}", resources));
    struct spec *spec;
    int r = spec_parse(op, "config.json", text, strlen(text), &spec);

    if (r == 0)
        cgroup_plan_resources(c, spec->linux_->resources);
    return op->message ? -1 : 0;
}

static const char *writes_text(struct arena *a, const struct cgroup *c)
{
    const struct plan_write *w = (const struct plan_write *) c->writes.items;
    struct str s;

    str_init(&s, a);
    for (size_t i = 0; i < c->writes.n; i++)
        str_addf(&s, "%s%s=%s%s%s%s", i ? " " : "", c->block->base + w[i].file, c->block->base + w[i].value,
                 w[i].flags & PLAN_WRITE_OPTIONAL ? "?" : "", w[i].flags & PLAN_WRITE_ELSE_NEXT ? "|" : "",
                 w[i].flags & PLAN_WRITE_ABOVE_USAGE ? "^" : "");
    return s.text;
}

/* That each write goes to the directory with its controller. */
static void check_dirs(const struct cgroup *c)
{
    const struct plan_write *w = (const struct plan_write *) c->writes.items;

    for (size_t i = 0; i < c->writes.n; i++) {
        const char *file = c->block->base + w[i].file, *controller = arena_strndup(c->op->arena, file, strcspn(file, "."));

        assert_in_range(w[i].dir, 0, c->n_dirs - 1);
        if (!cgroup_is_v2(c) && !str_has_word(c->controllers[w[i].dir], ",", controller))
            fail_msg("%s goes to %s", file, c->controllers[w[i].dir]);
    }
}

static void check_case(const char *resources, const char *expected, const char *const *controllers, size_t n)
{
    struct arena *a = arena_new();
    struct block block;
    struct op op;
    struct cgroup c = { .op = &op, .block = &block, .controllers = controllers, .n_dirs = n };
    int r;

    op_init(&op, a);
    block_init(&block, a);
    rows_init(&c.writes, a, sizeof(struct plan_write));
    r = plan(&c, &op, resources);
    if (r < 0 && (expected[0] != '!' || !strstr(op.message, expected + 1)))
        fail_msg("{%s}: error: %s", resources, op.message);
    if (r == 0 && !str_eq(writes_text(a, &c), expected))
        fail_msg("{%s}\nbecomes  %s\nnot      %s", resources, writes_text(a, &c), expected);
    check_dirs(&c);
    arena_free(a);
}

static void test_writes(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_case(cases[i].resources, cases[i].v1, v1_controllers, sizeof(v1_controllers) / sizeof(v1_controllers[0]));
        check_case(cases[i].resources, cases[i].v2 ? cases[i].v2 : cases[i].v1, v2_controllers, 1);
    }
}

/* A controller that is mounted nowhere: one fault, with the first member that asked for it. */
static void test_missing_controllers(void **state)
{
    static const char *const poor[] = { "cpu" };

    (void) state;
    check_case("'blockIO':{'weight':10}", "!/linux/resources/blockIO/weight: cannot be set: no cgroup hierarchy with the controller "
               "blkio is mounted here", poor, 1);
    check_case("'hugepageLimits':[{'pageSize':'2MB','limit':1}]", "!controller hugetlb is mounted", poor, 1);
    check_case("'rdma':{'a':{'hcaHandles':1}}", "!/linux/resources/rdma/a: cannot be set", poor, 1);
    check_case("'network':{'classID':1}", "!controller net_cls is mounted", poor, 1);
    check_case("'memory':{'limit':-1}", "!controller memory is mounted", poor, 1);
    check_case("'cpu':{'shares':5}", "cpu.shares=5", poor, 1);
    check_case("'pids':{'limit':5}", "!the container has no cgroups", NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_writes), cmocka_unit_test(test_missing_controllers) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
