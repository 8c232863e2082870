/* Intel RDT over a container's life, with a tree of files in place of the resctrl file system, which needs a processor
 * that has it. What the kernel does there is played by wrappers of mkdirat and unlinkat (see meson.build): a group
 * that is made has its files at once, and goes with all that is in it. What it says to a value is not played: a written file
 * just has the new text in front. Needs root; 77 without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../api/bundle.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "container/container.h"
#include "container/store.h"
#include "launch/rdt.h"

#define FRESH "    MB:0= 100;1= 100\n    L3:0=fffff;1=fffff\n"

static struct bundle bundle;
static char resctrl[128];
static char id[32];

/* ---- The kernel's part ---------------------------------------------------------------------- */

int __real_mkdirat(int dir, const char *path, mode_t mode);
int __real_unlinkat(int dir, const char *path, int flags);
int __wrap_mkdirat(int dir, const char *path, mode_t mode);
int __wrap_unlinkat(int dir, const char *path, int flags);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);

static void put(const char *group, const char *file, const char *text)
{
    char path[PATH_MAX];
    FILE *f;

    snprintf(path, sizeof(path), "%s%s/%s", resctrl, group, file);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void make(const char *group, const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s%s/%s", resctrl, group, name);
    assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
}

static void fill_monitor(const char *group)
{
    char domain[512];

    put(group, "tasks", "");
    make(group, "mon_data");
    for (int i = 0; i < 2; i++) {
        snprintf(domain, sizeof(domain), "%s/mon_data/mon_L3_%02d", group, i);
        make(domain, "");
        put(domain, "llc_occupancy", i ? "Unavailable\n" : "65536\n");
        put(domain, "mbm_total_bytes", i ? "20\n" : "10\n");
        put(domain, "mbm_local_bytes", i ? "2\n" : "1\n");
    }
}

static void fill_group(const char *group)
{
    fill_monitor(group);
    make(group, "mon_groups");
    put(group, "schemata", FRESH);
}

/* Below the tree: what of it; else NULL. */
static const char *in_tree(int dir, const char *path, char full[2 * PATH_MAX])
{
    char link[64], base[PATH_MAX] = "";
    ssize_t n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
    n = path[0] == '/' ? 0 : readlink(link, base, sizeof(base) - 1);
    base[n > 0 ? n : 0] = '\0';
    snprintf(full, 2 * PATH_MAX, "%s%s%s", base, *base ? "/" : "", path);
    return *resctrl && str_starts(full, resctrl) ? full + strlen(resctrl) : NULL;
}

int __wrap_mkdirat(int dir, const char *path, mode_t mode)
{
    char full[2 * PATH_MAX];
    const char *group = in_tree(dir, path, full);
    int r = __real_mkdirat(dir, path, mode);

    if (r == 0 && group && strstr(group, "/mon_groups/"))
        fill_monitor(group);
    else if (r == 0 && group)
        fill_group(group);
    return r;
}

int __wrap_unlinkat(int dir, const char *path, int flags)
{
    char full[2 * PATH_MAX], command[3 * PATH_MAX];

    if (!in_tree(dir, path, full))
        return __real_unlinkat(dir, path, flags);
    assert_int_equal(flags, AT_REMOVEDIR);
    snprintf(command, sizeof(command), "rm -r '%s'", full);
    if (access(full, F_OK) < 0)
        return -1;
    assert_int_equal(system(command), 0);
    return 0;
}

/* A disk that is full when the plan is to be saved. */
static bool refuse_plan;

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    if (!refuse_plan || strcmp(to, "plan") != 0)
        return __real_renameat(from_dir, from, to_dir, to);
    errno = ENOSPC;
    return -1;
}

/* ---- A container ---------------------------------------------------------------------------- */

static const char config[] =
    "{\"ociVersion\":\"1.3.0\",\"process\":{\"args\":[%s],\"cwd\":\"/\",\"env\":[\"PATH=/bin\"]},\"root\":{\"path\":\"rootfs\"},"
    "\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"}],"
    "\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"}],\"intelRdt\":%s}}";

static void configure(const char *args, const char *rdt)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/config.json", bundle.base);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fprintf(f, config, args, rdt) > 0);
    assert_int_equal(fclose(f), 0);
}

static struct proa_process create(const char *rdt)
{
    struct proa_create_options options = { .size = sizeof(options), .bundle = bundle.base, .flags = PROA_CREATE_START };
    struct proa_process process = { .size = sizeof(process) };
    struct proa_error *e = NULL;

    configure("\"busybox\", \"sleep\", \"1000\"", rdt);
    if (proa_create(bundle.runtime, id, &options, &process, &e) < 0)
        fail_msg("%s", proa_error_message(e));
    return process;
}

static void destroy(struct proa_process *process)
{
    struct proa_error *e = NULL;

    close(process->pidfd);
    if (proa_delete(bundle.runtime, id, PROA_DELETE_FORCE, &e) < 0)
        fail_msg("%s", proa_error_message(e));
}

/* The creation fails with this in its message, and leaves no container. */
static void refuse(const char *args, const char *rdt, const char *text)
{
    struct proa_create_options options = { .size = sizeof(options), .bundle = bundle.base, .flags = PROA_CREATE_START };
    struct proa_error *e = NULL;
    char state[256];

    configure(args, rdt);
    assert_true(proa_create(bundle.runtime, id, &options, NULL, &e) < 0);
    if (!strstr(proa_error_message(e), text))
        fail_msg("\"%s\" is not in: %s", text, proa_error_message(e));
    proa_error_free(e);
    snprintf(state, sizeof(state), "%s/state/%s", bundle.base, id);
    assert_int_equal(access(state, F_OK), -1);
}

static bool there(const char *group)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s%s", resctrl, group);
    return access(path, F_OK) == 0;
}

static const char *text_of(const char *group, const char *file)
{
    static char text[4096];
    char path[PATH_MAX];
    auto_close int fd = -1;
    ssize_t n;

    snprintf(path, sizeof(path), "%s%s/%s", resctrl, group, file);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = read(fd, text, sizeof(text) - 1);
    assert_true(n >= 0);
    text[n] = '\0';
    return text;
}

static void assert_begins(const char *text, const char *with)
{
    if (!str_starts(text, with))
        fail_msg("it does not begin with \"%s\": %s", with, text);
}

static const char *tree(const char *group)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s%s", resctrl, group);
    return path;
}

static const char *own_group(const char *below)
{
    static char group[128];

    snprintf(group, sizeof(group), "/%s%s%s", id, *below ? "/mon_groups/" : "", below);
    return group;
}

/* ---- Fixture -------------------------------------------------------------------------------- */

static int prepare(void **state)
{
    (void) state;
    bundle_make(&bundle, "[]");
    snprintf(id, sizeof(id), "rdt-%d", (int) getpid());
    snprintf(resctrl, sizeof(resctrl), "%s/resctrl", bundle.base);
    make("", "");
    fill_group("");
    make("", "info");
    make("/info", "L3");
    make("/info", "MB");
    make("/info", "L3_MON");
    put("/info", "last_cmd_status", "ok\n");
    put("/info/L3", "cbm_mask", "fffff\n");
    put("/info/L3", "min_cbm_bits", "1\n");
    put("/info/L3", "num_closids", "16\n");
    put("/info/MB", "bandwidth_gran", "10\n");
    put("/info/MB", "delay_linear", "1\n");
    put("/info/MB", "min_bandwidth", "10\n");
    put("/info/MB", "num_closids", "8\n");
    put("/info/L3_MON", "mon_features", "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n");
    bundle.runtime->resctrl = resctrl;
    return 0;
}

static int clean(void **state)
{
    (void) state;
    bundle_remove(&bundle);
    *resctrl = '\0';
    return 0;
}

/* ---- Tests ---------------------------------------------------------------------------------- */

static pid_t run_true(void)
{
    static const char *const args[] = { "busybox", "true", NULL };
    struct proa_exec_options options = { .size = sizeof(options), .args = args };
    struct proa_process process = { .size = sizeof(process) };
    struct proa_error *e = NULL;
    int status = -1;

    if (proa_exec(bundle.runtime, id, &options, &process, &e) < 0 || proa_wait(process.pidfd, &status, &e) < 0)
        fail_msg("%s", proa_error_message(e));
    close(process.pidfd);
    assert_int_equal(status, 0);
    return process.pid;
}

static void test_own_group(void **state)
{
    struct proa_process process = create("{\"l3CacheSchema\":\"L3:0=ff;1=ff\\nMB:0=1\",\"memBwSchema\":\"MB:0=20\","
                                         "\"schemata\":[\"L2:0=1\"],\"enableMonitoring\":true}");
    pid_t further;

    (void) state;
    assert_begins(text_of(own_group(""), "schemata"), "L3:0=ff;1=ff\nMB:0=20\nL2:0=1\n");
    assert_int_equal(atoi(text_of(own_group(""), "tasks")), process.pid);
    assert_int_equal(atoi(text_of(own_group(id), "tasks")), process.pid);
    put(own_group(""), "tasks", "");
    put(own_group(id), "tasks", "");
    further = run_true();
    assert_int_equal(atoi(text_of(own_group(""), "tasks")), further);
    assert_int_equal(atoi(text_of(own_group(id), "tasks")), further);
    destroy(&process);
    assert_false(there(own_group("")));
}

/* How many differences there are; `what` is in the text. */
static unsigned audit(const char *what)
{
    struct proa_error *e = NULL;
    unsigned differences;
    char *text;

    if (proa_audit(bundle.runtime, id, 0, &text, &differences, &e) < 0)
        fail_msg("%s", proa_error_message(e));
    if (!strstr(text, what))
        fail_msg("\"%s\" is not in: %s", what, text);
    free(text);
    return differences;
}

static void test_audit(void **state)
{
    struct proa_process process = create("{\"l3CacheSchema\":\"L3:0=ff;1=ff\",\"memBwSchema\":\"MB:0=25\",\"enableMonitoring\":true}");
    char tasks[64];

    (void) state;
    put(own_group(""), "schemata", "    MB:0=  30;1= 100\n    L3:0=000ff;1=000ff\n");
    assert_int_equal(audit("no difference"), 0);
    put(own_group(""), "schemata", "    MB:0=  30;1= 100\n    L3:0=fffff;1=000ff\n");
    assert_int_equal(audit("/linux/intelRdt: asked L3:0=ff;1=ff?MB:0=25"), 1);
    put(own_group(""), "schemata", "    MB:0=  30;1= 100\n    L3:0=000ff;1=000ff\n");
    put(own_group(""), "tasks", "1\n2\n");
    assert_int_equal(audit("is not in it"), 1);
    snprintf(tasks, sizeof(tasks), "1\n%d\n", (int) process.pid);
    put(own_group(""), "tasks", tasks);
    assert_int_equal(audit("no difference"), 0);
    put(own_group(id), "tasks", "");
    assert_int_equal(audit("mon_groups"), 1);
    destroy(&process);
}

static void test_own_group_as_it_is(void **state)
{
    struct proa_process process = create("{}");

    (void) state;
    assert_string_equal(text_of(own_group(""), "schemata"), FRESH);
    assert_false(there(own_group(id)));
    destroy(&process);
    assert_false(there(own_group("")));
}

static void test_exec_without_the_group(void **state)
{
    struct proa_process process = create("{}");
    char command[512];

    (void) state;
    snprintf(command, sizeof(command), "rm -r %s%s", resctrl, own_group(""));
    assert_int_equal(system(command), 0);
    run_true();
    destroy(&process);
}

static void test_found_group(void **state)
{
    struct proa_process process;

    (void) state;
    make("", "gold");
    fill_group("/gold");
    put("/gold", "schemata", "    MB:0=  30;1= 100\n    L3:0=000ff;1=fffff\n");
    process = create("{\"closID\":\"gold\",\"l3CacheSchema\":\"L3:1=FFFFF;0=ff\",\"memBwSchema\":\"MB:0=25\","
                     "\"enableMonitoring\":true}");
    assert_begins(text_of("/gold", "schemata"), "    MB:0=  30");
    assert_int_equal(atoi(text_of("/gold", "tasks")), process.pid);
    destroy(&process);
    assert_true(there("/gold"));

    process = create("{\"closID\":\"gold\"}");
    assert_int_equal(atoi(text_of("/gold", "tasks")), process.pid);
    destroy(&process);
    assert_true(there("/gold/tasks"));
}

static void test_found_group_refused(void **state)
{
    (void) state;
    make("", "gold");
    fill_group("/gold");
    refuse("\"busybox\", \"true\"", "{\"closID\":\"gold\",\"l3CacheSchema\":\"L3:0=ff\",\"enableMonitoring\":true}",
           "gold exists with other schemata: asked for is L3:0=ff");
    assert_string_equal(text_of("/gold", "tasks"), "");
    refuse("\"busybox\", \"true\"", "{\"closID\":\"silver\"}", "/silver: No such file or directory");
    assert_false(there("/silver"));
}

static void test_root_group(void **state)
{
    struct proa_process process = create("{\"closID\":\"/\",\"enableMonitoring\":true}");
    char group[128];

    (void) state;
    snprintf(group, sizeof(group), "/mon_groups/%s", id);
    assert_int_equal(atoi(text_of("/", "tasks")), process.pid);
    assert_int_equal(atoi(text_of(group, "tasks")), process.pid);
    destroy(&process);
    assert_false(there(group));
    assert_true(there("/schemata"));
}

/* A group of closID goes with the container that made it, unless another one is in it by then. */
static void test_shared_group(void **state)
{
    static const char rdt[] = "{\"closID\":\"bronze\",\"schemata\":[\"L3:0=f;1=f\"]}";
    struct proa_process process = create(rdt);

    (void) state;
    assert_begins(text_of("/bronze", "schemata"), "L3:0=f;1=f\n");
    destroy(&process);          /* the file goes on having its pid, as if another one were in */
    assert_true(there("/bronze"));
    put("/bronze", "schemata", "L3:0=f;1=f\n");
    process = create(rdt);
    put("/bronze", "tasks", "");
    destroy(&process);
    assert_true(there("/bronze"));      /* this one has only found it */
    assert_int_equal(unlinkat(AT_FDCWD, tree("/bronze"), AT_REMOVEDIR), 0);
    process = create(rdt);
    put("/bronze", "tasks", "");
    destroy(&process);
    assert_false(there("/bronze"));
}

static void test_failure_takes_it_back(void **state)
{
    (void) state;
    refuse("\"/nothing\"", "{\"l3CacheSchema\":\"L3:0=f\",\"enableMonitoring\":true}", "/nothing");
    assert_false(there(own_group("")));
    put("/info", "last_cmd_status", "mon_groups: out of RMIDs\n");
    make("", "gold");           /* without its files */
    refuse("\"busybox\", \"true\"", "{\"closID\":\"gold\",\"l3CacheSchema\":\"L3:0=f\"}",
           "(last_cmd_status: mon_groups: out of RMIDs): No such file");
    assert_true(there("/gold"));
}

/* What a creator that was killed between note and directory leaves: delete copes. */
static void test_note_without_group(void **state)
{
    struct proa_process process = create("{\"enableMonitoring\":true}");
    char command[512];

    (void) state;
    snprintf(command, sizeof(command), "rm -r %s%s", resctrl, own_group(""));
    assert_int_equal(system(command), 0);
    destroy(&process);
}

static void update_refused(struct proa_update_options options, const char *text)
{
    struct proa_error *e = NULL;

    assert_true(proa_update(bundle.runtime, id, &options, &e) < 0);
    assert_string_equal(proa_error_message(e), text);
    proa_error_free(e);
}

static void test_update(void **state)
{
    struct proa_update_options options = {
        .size = sizeof(options), .l3_cache_schema = "L3:0=f\nMB:0=1", .mem_bw_schema = "MB:1=50",
    };
    struct proa_process process = create("{\"l3CacheSchema\":\"L3:0=ff\",\"schemata\":[\"L2:0=1\"]}");
    struct proa_error *e = NULL;
    auto_close int dir = -1;
    struct plan *plan;
    struct op op;

    (void) state;
    op_init(&op, arena_new());
    if (proa_update(bundle.runtime, id, &options, &e) < 0)
        fail_msg("%s", proa_error_message(e));
    assert_begins(text_of(own_group(""), "schemata"), "L3:0=f\nMB:1=50\n");
    assert_int_equal(store_open(&op, bundle.runtime->root, id, &dir), 0);
    assert_int_equal(state_load_plan(&op, dir, id, &plan), 0);
    assert_string_equal(plan_text(plan, plan->rdt.schemata), "L2:0=1\nL3:0=f\nMB:1=50\n");
    bundle.runtime->resctrl = "/nowhere";
    update_refused((struct proa_update_options) { .size = sizeof(options), .l3_cache_schema = "L3:0=f" },
                   "Intel RDT/CAT: l3 cache schema is not enabled");
    update_refused((struct proa_update_options) { .size = sizeof(options), .mem_bw_schema = "MB:0=50" },
                   "Intel RDT/MBA: memory bandwidth schema is not enabled");
    arena_free(op.arena);
    destroy(&process);
}

/* What comes after the schemas fails: they are what they were. */
static void test_update_taken_back(void **state)
{
    struct proa_update_options options = { .size = sizeof(options), .l3_cache_schema = "L3:0=f" };
    struct proa_process process = create("{}");
    struct proa_error *e = NULL;

    (void) state;
    refuse_plan = true;
    assert_true(proa_update(bundle.runtime, id, &options, &e) < 0);
    refuse_plan = false;
    assert_non_null(strstr(proa_error_message(e), "plan"));
    proa_error_free(e);
    assert_string_equal(text_of(own_group(""), "schemata"), FRESH);
    destroy(&process);
}

static void test_update_without_rdt(void **state)
{
    struct proa_process process = create("null");

    (void) state;
    update_refused((struct proa_update_options) { .size = sizeof(struct proa_update_options), .l3_cache_schema = "L3:0=f" },
                   "updating a non-existent Intel RDT configuration is not supported");
    destroy(&process);
}

static void test_stats(void **state)
{
    static const char want[] =
        "\"intel_rdt\":{\"l3_cache_info\":{\"cbm_mask\":\"fffff\",\"min_cbm_bits\":1,\"num_closids\":16},"
        "\"l3_cache_schema_root\":\"L3:0=fffff;1=fffff\",\"l3_cache_schema\":\"L3:0=fffff;1=fffff\","
        "\"mem_bw_info\":{\"bandwidth_gran\":10,\"delay_linear\":1,\"min_bandwidth\":10,\"num_closids\":8},"
        "\"mem_bw_schema_root\":\"MB:0= 100;1= 100\",\"mem_bw_schema\":\"MB:0= 100;1= 100\","
        "\"schemata\":[\"MB:0= 100;1= 100\",\"L3:0=fffff;1=fffff\"],"
        "\"mbm_stats\":[{\"mbm_total_bytes\":10,\"mbm_local_bytes\":1},{\"mbm_total_bytes\":20,\"mbm_local_bytes\":2}],"
        "\"cmt_stats\":[{\"llc_occupancy\":65536},{\"llc_occupancy\":0}]},";
    struct proa_process process = create("{\"enableMonitoring\":true}");
    struct proa_error *e = NULL;
    struct proa_stats *stats;
    char *json;

    (void) state;
    if (proa_stats(bundle.runtime, id, &stats, &e) < 0 || proa_stats_json(stats, &json, &e) < 0)
        fail_msg("%s", proa_error_message(e));
    if (!strstr(json, want))
        fail_msg("%s", json);
    free(json);
    proa_stats_free(stats);
    destroy(&process);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_own_group, prepare, clean),
        cmocka_unit_test_setup_teardown(test_audit, prepare, clean),
        cmocka_unit_test_setup_teardown(test_own_group_as_it_is, prepare, clean),
        cmocka_unit_test_setup_teardown(test_exec_without_the_group, prepare, clean),
        cmocka_unit_test_setup_teardown(test_found_group, prepare, clean),
        cmocka_unit_test_setup_teardown(test_found_group_refused, prepare, clean),
        cmocka_unit_test_setup_teardown(test_root_group, prepare, clean),
        cmocka_unit_test_setup_teardown(test_shared_group, prepare, clean),
        cmocka_unit_test_setup_teardown(test_failure_takes_it_back, prepare, clean),
        cmocka_unit_test_setup_teardown(test_note_without_group, prepare, clean),
        cmocka_unit_test_setup_teardown(test_update, prepare, clean),
        cmocka_unit_test_setup_teardown(test_update_taken_back, prepare, clean),
        cmocka_unit_test_setup_teardown(test_update_without_rdt, prepare, clean),
        cmocka_unit_test_setup_teardown(test_stats, prepare, clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
