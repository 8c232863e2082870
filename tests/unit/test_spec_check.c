/* What is wrong with a configuration, one case a line: the document and what the message must say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/op.h"
#include "spec/spec.h"

/* The parts of a sound document, to be put together with the culprit. */
#define PROCESS "\"process\":{\"cwd\":\"/\",\"args\":[\"x\"]},"
#define ROOT "\"root\":{\"path\":\"r\"}"
#define DOC(more) "{" PROCESS ROOT more "}"
#define LINUX(more) DOC(",\"linux\":{" more "}")
#define IN_PROCESS(more) "{\"process\":{\"cwd\":\"/\",\"args\":[\"x\"]," more "}," ROOT "}"
#define NS(type) "\"namespaces\":[{\"type\":\"" type "\"}]"
#define NS_AT(type, path) "\"namespaces\":[{\"type\":\"" type "\",\"path\":\"" path "\"}]"
#define MAP(c, h, n) "[{\"containerID\":" c ",\"hostID\":" h ",\"size\":" n "}]"
#define MAPS(m) "\"uidMappings\":" m ",\"gidMappings\":" m
#define SCHEDULER(policy, more) IN_PROCESS("\"scheduler\":{\"policy\":\"" policy "\"" more "}")
#define AFFINITY(which, list) IN_PROCESS("\"execCPUAffinity\":{\"" which "\":\"" list "\"}")
#define POLICY(mode, more) LINUX("\"memoryPolicy\":{\"mode\":\"" mode "\"" more "}")
#define RESOURCES(r) LINUX("\"resources\":{" r "}")
#define RULE(r) RESOURCES("\"devices\":[" r "]")
#define UNIFIED(key) RESOURCES("\"unified\":{\"" key "\":\"1\"}")
#define HUGEPAGE(size) RESOURCES("\"hugepageLimits\":[{\"pageSize\":\"" size "\",\"limit\":1}]")
#define BLOCK_IO(members) RESOURCES("\"blockIO\":{" members "}")
#define PRIORITY(name) RESOURCES("\"network\":{\"priorities\":[{\"name\":\"" name "\",\"priority\":1}]}")
#define RDMA(device) RESOURCES("\"rdma\":{\"" device "\":{\"hcaHandles\":1}}")

static const struct { const char *text, *message; } bad[] = {
    { "", "c:1:1: the text ends too early" },
    { "null", "config cannot be null" },
    { "[]", "c:1:1: must be an object (found an array)" },
    { "{}", "/process: process property must not be empty; c:1:1: /root: root must be specified" },
    { "{\"process\":null," ROOT "}", "c:1:12: /process: process property must not be empty" },
    { "{\"process\":7," ROOT "}", "c:1:12: /process: must be an object (found 7)" },
    { "{\"process\":{\"args\":[\"x\"]}," ROOT "}", "c:1:12: /process/cwd: Cwd property must not be empty" },
    { "{\"process\":{\"cwd\":\"\",\"args\":[\"x\"]}," ROOT "}",
      "c:1:19: /process/cwd: Cwd property must not be empty" },
    { "{\"process\":{\"cwd\":\"x\",\"args\":[\"x\"]}," ROOT "}",
      "c:1:19: /process/cwd: Cwd must be an absolute path (found \"x\")" },
    { "{\"process\":{\"cwd\":\"/\"}," ROOT "}", "/process/args: args must not be empty" },
    { "{\"process\":{\"cwd\":\"/\",\"args\":[]}," ROOT "}", "c:1:30: /process/args: args must not be empty" },
    { "{" PROCESS "\"x\":1}", "/root: root must be specified" },
    { "{" PROCESS "\"root\":{}}", "/root/path: is required" },
    { IN_PROCESS("\"env\":[\"A=1\",\"B\"]"), "/process/env/1: invalid environment variable: missing '='" },
    { IN_PROCESS("\"env\":[\"=B\"]"), "/process/env/0: invalid environment variable: name cannot be empty" },
    { IN_PROCESS("\"env\":[\"\"]"), "/process/env/0: invalid environment variable: missing '='" },
    { IN_PROCESS("\"env\":[null]"), "/process/env/0: must be a string (found null)" },
    { IN_PROCESS("\"user\":{\"uid\":4294967295}"),
      "/process/user/uid: must be from 0 to 4294967294 (found 4294967295)" },
    { IN_PROCESS("\"user\":{\"uid\":-1}"), "/process/user/uid: must be from 0 to 4294967294 (found -1)" },
    { IN_PROCESS("\"user\":{\"umask\":512}"), "/process/user/umask: must be from 0 to 511 (found 512)" },
    { IN_PROCESS("\"user\":{\"additionalGids\":[1,\"2\"]}"), "/process/user/additionalGids/1: must be an integer" },
    { IN_PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_FOO\",\"soft\":1,\"hard\":1}]"),
      "/process/rlimits/0/type: unknown rlimit type \"RLIMIT_FOO\"" },
    { IN_PROCESS("\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":2,\"hard\":1}]"),
      "/process/rlimits/0/soft: must not exceed the hard limit" },
    { IN_PROCESS("\"oomScoreAdj\":1001"), "/process/oomScoreAdj: must be from -1000 to 1000 (found 1001)" },
    { IN_PROCESS("\"scheduler\":{}"), "/process/scheduler/policy: is required" },
    { SCHEDULER("SCHED_FAST", ""), "/process/scheduler/policy: unknown scheduler policy \"SCHED_FAST\"" },
    { SCHEDULER("SCHED_OTHER", ",\"nice\":20"), "/process/scheduler/nice: must be from -20 to 19 for SCHED_OTHER (found 20)" },
    { SCHEDULER("SCHED_BATCH", ",\"nice\":-21"), "/process/scheduler/nice: must be from -20 to 19 for SCHED_BATCH" },
    { SCHEDULER("SCHED_BATCH", ",\"priority\":1"),
      "/process/scheduler/priority: scheduler.priority can only be specified for SchedFIFO or SchedRR policy" },
    { SCHEDULER("SCHED_FIFO", ",\"period\":1"),
      "/process/scheduler: scheduler runtime/deadline/period can only be specified for SchedDeadline policy" },
    { SCHEDULER("SCHED_RR", ",\"flags\":[\"SCHED_FLAG_FAST\"]"), "unknown scheduler flag \"SCHED_FLAG_FAST\"" },
    { IN_PROCESS("\"ioPriority\":{\"priority\":1}"), "/process/ioPriority/class: is required" },
    { IN_PROCESS("\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":8}"),
      "/process/ioPriority/priority: must be from 0 to 7 (found 8)" },
    { AFFINITY("initial", "x"), "/process/execCPUAffinity/initial: bad CPUAffinity.Initial \"x\": not a number at \"x\"" },
    { AFFINITY("final", "3-1"), "/process/execCPUAffinity/final: bad CPUAffinity.Final \"3-1\": invalid range: 3-1" },
    { AFFINITY("final", "1-"), "not a number at \"\"" },
    { AFFINITY("final", "-1"), "not a number at \"-1\"" },
    { AFFINITY("final", "0x1"), "unexpected \"x1\"" },
    { AFFINITY("final", "1 2"), "unexpected \"2\"" },
    { AFFINITY("final", " , "), "no CPUs found" },
    { AFFINITY("final", "8192"), "values larger than 8191 are not supported" },
    { AFFINITY("final", "99999999999999999999"), "values larger than 8191 are not supported" },
    { POLICY("MPOL_FAR", ""), "/linux/memoryPolicy/mode: invalid memory policy mode \"MPOL_FAR\"" },
    { LINUX("\"memoryPolicy\":{}"), "/linux/memoryPolicy/mode: invalid memory policy mode \"\"" },
    { POLICY("MPOL_BIND", ",\"nodes\":\"0\",\"flags\":[\"MPOL_F_X\"]"),
      "/linux/memoryPolicy/flags/0: invalid memory policy flag \"MPOL_F_X\"" },
    { POLICY("MPOL_BIND", ",\"nodes\":\"1-x\""), "/linux/memoryPolicy/nodes: invalid memory policy nodes \"1-x\": not a" },
    { POLICY("MPOL_BIND", ",\"nodes\":\"1024\""), "values larger than 1023 are not supported" },
    { POLICY("MPOL_DEFAULT", ",\"nodes\":\"0-2,1\""), "memory policy mode requires 0 nodes but got 3" },
    { POLICY("MPOL_LOCAL", ",\"nodes\":\"5\""), "memory policy mode requires 0 nodes but got 1" },
    { POLICY("MPOL_BIND", ""), "memory policy mode requires at least one node but got 0" },
    { POLICY("MPOL_INTERLEAVE", ""), "memory policy mode requires at least one node but got 0" },
    { POLICY("MPOL_PREFERRED_MANY", ",\"nodes\":\",\""), "memory policy mode requires at least one node but got 0" },
    { POLICY("MPOL_WEIGHTED_INTERLEAVE", ""), "memory policy mode requires at least one node but got 0" },
    { LINUX("\"personality\":{\"domain\":\"BSD\"}"), "unknown personality domain \"BSD\"" },
    { DOC(",\"hostname\":\"h\""), "/hostname: unable to set hostname without a private UTS namespace" },
    { DOC(",\"domainname\":\"d\""), "/domainname: unable to set domainname without a private UTS namespace" },
    { DOC(",\"hostname\":\"0123456789012345678901234567890123456789012345678901234567890123x\","
          "\"linux\":{" NS("uts") "}"),
      "/hostname: must not be longer than 64 bytes" },
    { DOC(",\"mounts\":[{\"destination\":\"/a/..\"}]"), "/mounts/0/destination: must not be the root directory" },
    { DOC(",\"mounts\":[{\"destination\":\".\"}]"), "/mounts/0/destination: must not be the root directory" },
    { DOC(",\"mounts\":[{\"source\":\"x\"}]"), "/mounts/0/destination: is required" },
    { LINUX("\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"net\"}]"),
      "/linux/namespaces/1/type: unknown namespace type \"net\"" },
    { LINUX("\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"pid\"}]"),
      "malformed spec file: duplicated ns {\"pid\" \"\"}" },
    { LINUX(NS_AT("pid", "proc/1/ns/pid")), "/linux/namespaces/0/path: must be an absolute path" },
    { LINUX("\"maskedPaths\":[\"/x\"]"),
      "/linux/maskedPaths: unable to restrict sys entries without a private MNT namespace" },
    { LINUX("\"readonlyPaths\":[\"/x\"]"), "/linux/readonlyPaths: unable to restrict sys entries without" },
    { LINUX("\"rootfsPropagation\":\"sharing\""), "unknown mount propagation \"sharing\"" },
    { LINUX(NS("user")), "user namespaces enabled, but no namespace path to join nor mappings to apply specified" },
    { LINUX(NS("user") ",\"uidMappings\":" MAP("0", "0", "1")), "/linux/gidMappings: user namespaces enabled, but no" },
    { LINUX(MAPS(MAP("0", "0", "1"))),
      "user namespace mappings specified, but user namespace isn't enabled in the config" },
    { LINUX(NS("user") "," MAPS(MAP("1", "0", "9"))),
      "/process/user/uid: user namespaces enabled, but no mapping found for uid 0" },
    { LINUX(NS("user") "," MAPS(MAP("1", "0", "9"))),
      "/process/user/gid: user namespaces enabled, but no mapping found for gid 0" },
    { LINUX(NS("user") "," MAPS(MAP("0", "4294967294", "2"))),
      "/linux/uidMappings/0: the range goes beyond the last ID" },
    { LINUX(NS("user") "," MAPS(MAP("0", "0", "0"))), "/linux/uidMappings/0/size: must be from 1 to" },
    { LINUX("\"timeOffsets\":{\"monotonic\":{\"secs\":1}}"),
      "time namespace offsets specified, but time namespace isn't enabled in the config" },
    { LINUX(NS_AT("time", "/x") ",\"timeOffsets\":{\"boottime\":{\"secs\":1}}"),
      "time namespace enabled, but both namespace path and time offsets specified -- you may only provide one" },
    { LINUX(NS("time") ",\"timeOffsets\":{\"realtime\":{\"secs\":1}}"), "/linux/timeOffsets/realtime: unknown clock" },
    { LINUX("\"sysctl\":{\"kernel.shmmax\":\"1\"}"),
      "sysctl \"kernel.shmmax\" is not allowed in the hosts ipc namespace" },
    { LINUX("\"sysctl\":{\"fs/mqueue/x\":\"1\"}"),
      "/linux/sysctl/fs~1mqueue~1x: sysctl \"fs/mqueue/x\" is not allowed in the hosts ipc namespace" },
    { LINUX("\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"}"),
      "sysctl \"net.ipv4.ip_forward\" not allowed in host network namespace" },
    { LINUX("\"sysctl\":{\"user.max_pid_namespaces\":\"1\"}"),
      "setting ucounts without a user namespace not allowed: user.max_pid_namespaces" },
    { LINUX(NS("uts") ",\"sysctl\":{\"kernel.hostname\":\"1\"}"),
      "sysctl \"kernel.hostname\" is not allowed as it conflicts with the OCI \"hostname\" field" },
    { LINUX("\"sysctl\":{\"kernel.domainname\":\"1\"}"),
      "/linux/sysctl/kernel.domainname: sysctl \"kernel.domainname\" is not in a separate kernel namespace" },
    { LINUX("\"sysctl\":{\"vm.swappiness\":\"1\"}"), "sysctl \"vm.swappiness\" is not in a separate kernel namespace" },
    { LINUX(NS("network") ",\"sysctl\":{\"net/../kernel/core_pattern\":\"1\"}"), "not the name of a sysctl" },
    { LINUX(NS("network") ",\"sysctl\":{\"net.//.x\":\"1\"}"), "not the name of a sysctl" },
    { LINUX(NS("network") ",\"sysctl\":{\"net..x\":\"1\"}"), "not the name of a sysctl" },
    { LINUX(NS("network") ",\"sysctl\":{\"net.\":\"1\"}"), "not the name of a sysctl" },
    { LINUX("\"sysctl\":{\"a\":1}"), "/linux/sysctl/a: must be a string (found 1)" },
    { LINUX("\"devices\":[{\"type\":\"a\",\"path\":\"/dev/x\",\"major\":1,\"minor\":1}]"),
      "/linux/devices/0/type: must be b, c, u or p" },
    { LINUX("\"devices\":[{\"type\":\"c\",\"path\":\"/dev/x\",\"major\":1}]"),
      "/linux/devices/0: major and minor are required" },
    { RULE("{\"allow\":true,\"access\":\"\"}"), "/linux/resources/devices/0/access: must not be empty" },
    { RULE("{\"allow\":true,\"access\":\"rx\"}"),
      "/linux/resources/devices/0/access: must be made of r, w and m (found \"rx\")" },
    { RULE("{\"type\":\"p\",\"access\":\"r\"}"), "/linux/resources/devices/0/type: must be a, b, c or u" },
    { UNIFIED(""), "/linux/resources/unified/: unified resource \"\" must be in the form CONTROLLER.PARAMETER" },
    { UNIFIED("a"), "/linux/resources/unified/a: unified resource \"a\" must be in the form CONTROLLER.PARAMETER" },
    { UNIFIED(".."), "unified resource \"..\" must be in the form CONTROLLER.PARAMETER" },
    { UNIFIED("."), "unified resource \".\" must be in the form CONTROLLER.PARAMETER" },
    { UNIFIED("a..b"), "unified resource \"a..b\" must be in the form CONTROLLER.PARAMETER" },
    { UNIFIED("a."), "unified resource \"a.\" must be in the form CONTROLLER.PARAMETER" },
    { UNIFIED(".a"), "unified resource \".a\" must be in the form CONTROLLER.PARAMETER" },
    { UNIFIED("memory.max\\n"), "must be in the form CONTROLLER.PARAMETER" },
    { UNIFIED("../memory.max"), "unified resource \"../memory.max\" must be a file name (no slashes)" },
    { UNIFIED("x/memory.max"), "/linux/resources/unified/x~1memory.max: unified resource \"x/memory.max\" must be a file name" },
    { UNIFIED("cgroup.procs"), "unified resource \"cgroup.procs\" is not a setting" },
    { UNIFIED("cgroup.threads"), "unified resource \"cgroup.threads\" is not a setting" },
    { UNIFIED("cgroup.freeze"), "unified resource \"cgroup.freeze\" is not a setting" },
    { UNIFIED("cgroup.kill"), "unified resource \"cgroup.kill\" is not a setting" },
    { LINUX("\"resources\":{\"unified\":{\"pids.max\":1}}"), "/linux/resources/unified/pids.max: must be a string (found 1)" },
    { HUGEPAGE(""), "/linux/resources/hugepageLimits/0" },
    { HUGEPAGE("2"), "/linux/resources/hugepageLimits/0/pageSize: unsupported huge page size" },
    { HUGEPAGE("MB"), "unsupported huge page size" },
    { HUGEPAGE("02MB"), "unsupported huge page size" },
    { HUGEPAGE("2mb"), "unsupported huge page size" },
    { HUGEPAGE("2TB"), "unsupported huge page size" },
    { HUGEPAGE("2MBs"), "unsupported huge page size" },
    { HUGEPAGE("2MB/../../x"), "unsupported huge page size" },
    { HUGEPAGE("../2MB"), "unsupported huge page size: must be a number and KB, MB or GB, such as 2MB (found \"../2MB\")" },
    { BLOCK_IO("\"weight\":9"), "/linux/resources/blockIO/weight: must be 10 to 1000, or 0 for none (found 9)" },
    { BLOCK_IO("\"weight\":1001"), "/linux/resources/blockIO/weight: must be from 0 to 1000" },
    { BLOCK_IO("\"leafWeight\":1"), "/linux/resources/blockIO/leafWeight: must be 10 to 1000, or 0 for none (found 1)" },
    { BLOCK_IO("\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":5}]"),
      "/linux/resources/blockIO/weightDevice/0/weight: must be 10 to 1000" },
    { BLOCK_IO("\"weightDevice\":[{\"major\":8,\"minor\":0,\"leafWeight\":5}]"),
      "/linux/resources/blockIO/weightDevice/0/leafWeight: must be 10 to 1000" },
    { BLOCK_IO("\"throttleReadBpsDevice\":[{\"major\":8,\"rate\":5}]"),
      "/linux/resources/blockIO/throttleReadBpsDevice/0" },
    { BLOCK_IO("\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":-1}]"),
      "/linux/resources/blockIO/throttleWriteIOPSDevice/0/rate: must be from 0 to" },
    { PRIORITY("eth0 5\\neth1"), "/linux/resources/network/priorities/0/name: not the name of a network interface" },
    { PRIORITY("../x"), "/linux/resources/network/priorities/0/name: not the name of a network interface" },
    { LINUX("\"resources\":{\"network\":{\"classID\":4294967296}}"), "/linux/resources/network/classID: must be from 0 to" },
    { RDMA("mlx5 x"), "/linux/resources/rdma/mlx5 x: not the name of an RDMA device" },
    { RDMA(""), "/linux/resources/rdma/: not the name of an RDMA device" },
    { LINUX("\"resources\":{\"rdma\":{\"a\":{\"hcaHandles\":-1}}}"), "/linux/resources/rdma/a/hcaHandles: must be from 0 to" },
    { LINUX("\"resources\":{\"memory\":{\"limit\":-2}}"),
      "/linux/resources/memory/limit: must be from -1 to 9223372036854775807" },
    { DOC(",\"annotations\":{\"a/b~c\":5}"), "/annotations/a~1b~0c: must be a string (found 5)" },
    { "{\n  " PROCESS "\r\n\t" ROOT ",\n\"hostname\": [\n]\n}",
      "c:4:13: /hostname: must be a string (found an array)" },
    /* The last one counts. */
    { "{" PROCESS ROOT ",\"hostname\":1,\"hostname\":{}}", "/hostname: must be a string (found an object)" },
};

/* One fault and no more. */
static const char *const bad_alone[] = {
    "{\"process\":7," ROOT "}",
    "{\"process\":{\"cwd\":5,\"args\":[\"x\"]}," ROOT "}",
    "{\"process\":{\"cwd\":\"/\",\"args\":5}," ROOT "}",
    "{" PROCESS "\"root\":5}",
    DOC(",\"hostname\":\"h\",\"linux\":5"),
    DOC(",\"hostname\":\"h\",\"linux\":{\"namespaces\":[{\"type\":\"UTS\"}]}"),
    LINUX(NS("user") ",\"uidMappings\":5,\"gidMappings\":" MAP("0", "0", "1")),
};

static const char *const good[] = {
    "{" PROCESS ROOT "}",
    "{\"linux\":null,\"hooks\":null,\"hostname\":\"\",\"mounts\":null,\"windows\":5,\"x\":[{}]," PROCESS ROOT "}",
    DOC(",\"hostname\":\"h\",\"domainname\":\"d\",\"linux\":{" NS("uts") ",\"sysctl\":{\"kernel.domainname\":\"x\"}}"),
    DOC(",\"hostname\":\"h\",\"linux\":{" NS_AT("uts", "/proc/1/ns/uts") "}"),
    LINUX(NS("mount") ",\"maskedPaths\":[\"/x\"],\"readonlyPaths\":[]"),
    LINUX(NS("user") "," MAPS(MAP("0", "1000", "1"))),
    LINUX(NS_AT("user", "/proc/1/ns/user")),
    LINUX(NS("time") ",\"timeOffsets\":{\"monotonic\":{\"secs\":-5,\"nanosecs\":999999999}}"),
    LINUX(NS("ipc") ",\"sysctl\":{\"kernel.sem\":\"1\",\"kernel/msgmax\":\"2\",\"fs.mqueue.msg_max\":\"3\"}"),
    LINUX(NS("network") ",\"sysctl\":{\"net.ipv4.conf.eth0/100.x\":\"1\",\"net/ipv4/conf/eth0.100/x\":\"1\"}"),
    LINUX("\"seccomp\":{},\"intelRdt\":{},\"personality\":null,\"mountLabel\":\"\",\"netDevices\":{},\"resources\":"
          "{\"blockIO\":{\"weightDevice\":[]},\"hugepageLimits\":[],\"unified\":{},\"rdma\":{},"
          "\"network\":{\"priorities\":null}}"),
    DOC(",\"hooks\":{\"prestart\":[],\"poststop\":null}"),
    IN_PROCESS("\"apparmorProfile\":\"\",\"selinuxLabel\":\"\",\"env\":[]"),
    SCHEDULER("SCHED_OTHER", ",\"nice\":-20"),
    SCHEDULER("SCHED_FIFO", ",\"nice\":77,\"priority\":99"),
    SCHEDULER("SCHED_DEADLINE", ",\"runtime\":1,\"deadline\":2,\"period\":3,\"flags\":[\"SCHED_FLAG_RECLAIM\"]"),
    SCHEDULER("SCHED_ISO", ""),
    HUGEPAGE("2MB"), HUGEPAGE("64KB"), HUGEPAGE("1GB"),
    BLOCK_IO("\"weight\":10,\"leafWeight\":0,\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":1000}]"),
    PRIORITY("eth0"), RDMA("mlx5_1"), UNIFIED("memory.oom.group"), UNIFIED("hugetlb.2MB.rsvd.max"), UNIFIED("cgroup.max.depth"),
    AFFINITY("initial", " 0 - 3 ,, 8191,"),
    AFFINITY("final", ""),
    POLICY("MPOL_PREFERRED", ""),
    POLICY("MPOL_PREFERRED", ",\"nodes\":\"0,3\""),
    POLICY("MPOL_LOCAL", ""),
    POLICY("MPOL_BIND", ",\"nodes\":\"1023\",\"flags\":[\"MPOL_F_STATIC_NODES\"]"),
    LINUX("\"devices\":[{\"type\":\"p\",\"path\":\"/dev/fifo\"},"
          "{\"type\":\"u\",\"path\":\"/dev/x\",\"major\":1,\"minor\":3,\"fileMode\":8630}]"),
    RULE("{\"allow\":false,\"access\":\"rwm\"},"
         "{\"allow\":true,\"type\":\"u\",\"major\":-1,\"minor\":3,\"access\":\"r\"}"),
};

static struct op op;
static char warned[400];

static void keep_warning(void *data, enum op_level level, const char *message)
{
    (void) data;
    snprintf(warned, sizeof(warned), "%d %s", (int) level, message);
}

static int setup(void **state)
{
    (void) state;
    op_init(&op, arena_new());
    op.log = keep_warning;
    warned[0] = '\0';
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    arena_free(op.arena);
    return 0;
}

static int parse(const char *text)
{
    struct spec *spec = NULL;

    teardown(NULL);
    setup(NULL);
    return spec_parse(&op, "c", text, strlen(text), &spec);
}

static void test_bad(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (parse(bad[i].text) == 0)
            fail_msg("accepted: %s", bad[i].text);
        if (strstr(op.message, bad[i].message) == NULL)
            fail_msg("%s\n wanted %s\n    got %s", bad[i].text, bad[i].message, op.message);
        assert_int_equal(op.code, OP_CONFIG);
        assert_string_equal(warned, "");
    }
}

static void test_bad_alone(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(bad_alone) / sizeof(bad_alone[0]); i++) {
        assert_true(parse(bad_alone[i]) < 0);
        if (op.faults != 1)
            fail_msg("%s: %s", bad_alone[i], op.message);
    }
}

static void test_good(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (parse(good[i]) < 0)
            fail_msg("%s: %s", good[i], op.message);
}

/* A document that is cut anywhere is refused, with a place. */
static void test_truncated(void **state)
{
    static const char text[] = LINUX(NS("uts") ",\"sysctl\":{\"kernel.domainname\":\"\\u00e9\"},"
                                     "\"x\":[-1.5e3,true,null]");

    (void) state;
    for (size_t n = 0; n < sizeof(text) - 1; n++) {
        char *cut = arena_strndup(op.arena, text, n);
        struct spec *spec = NULL;
        struct op one;

        op_init(&one, op.arena);
        assert_true(spec_parse(&one, "c", cut, n, &spec) < 0);
        assert_int_equal(strncmp(one.message, "c:1:", 4), 0);
    }
}

static void test_warnings(void **state)
{
    (void) state;
    assert_int_equal(parse(IN_PROCESS("\"capabilities\":{\"bounding\":[\"CAP_X\",\"CAP_KILL\"],"
                                      "\"effective\":[\"CAP_Y\",\"CAP_X\"]}")), 0);
    assert_string_equal(warned, "2 ignoring unknown or unavailable capabilities: [CAP_X CAP_Y]");
    assert_int_equal(parse(DOC(",\"mounts\":[{\"destination\":\"a\"}]")), 0);
    assert_non_null(strstr(warned, "relative destination path is **deprecated**, using it as relative to /"));
}

static void test_load(void **state)
{
    char path[] = "/tmp/proa-test-spec-XXXXXX";
    struct spec *spec = NULL;
    int dir, fd;

    (void) state;
    assert_non_null(mkdtemp(path));
    dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(spec_load(&op, dir, "/b", &spec) < 0);
    assert_string_equal(op.message, "JSON specification file config.json not found in bundle /b");
    op_forget(&op);
    assert_int_equal(mkfifoat(dir, "config.json", 0600), 0);
    assert_true(spec_load(&op, dir, "/b", &spec) < 0);
    assert_string_equal(op.message, "config.json: not a regular file");
    op_forget(&op);
    unlinkat(dir, "config.json", 0);
    fd = openat(dir, "config.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, 20 << 20), 0);
    assert_true(spec_load(&op, dir, "/b", &spec) < 0);
    assert_string_equal(op.message, "config.json: more than 16 MB: File too large");
    op_forget(&op);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(write(fd, good[0], strlen(good[0])), strlen(good[0]));
    assert_int_equal(spec_load(&op, dir, "/b", &spec), 0);
    assert_string_equal(spec->root->path, "r");
    close(fd);
    unlinkat(dir, "config.json", 0);
    close(dir);
    rmdir(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bad, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_good, setup, teardown),
        cmocka_unit_test_setup_teardown(test_truncated, setup, teardown),
        cmocka_unit_test_setup_teardown(test_warnings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_load, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
