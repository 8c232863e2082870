/* The plan of a further process: what is asked for, on top of what the container is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/sched.h>
#include <string.h>
#include "base/str.h"
#include "plan/planner.h"

static const char config[] =
    "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"init\"],\"cwd\":\"/home\","
    "\"env\":[\"PATH=/bin\",\"A=config\",\"LISTEN_FDS=1\"],\"user\":{\"uid\":1,\"gid\":2,\"additionalGids\":[3],\"umask\":63},"
    "\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"effective\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"],"
    "\"inheritable\":[\"CAP_CHOWN\"]},\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":5,\"hard\":6}],\"oomScoreAdj\":7,"
    "\"noNewPrivileges\":true,\"scheduler\":{\"policy\":\"SCHED_BATCH\",\"nice\":3},"
    "\"execCPUAffinity\":{\"initial\":\"0\",\"final\":\"1\"}},"
    "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"network\",\"path\":\"/n\"},"
    "{\"type\":\"user\"}],\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":100}],"
    "\"gidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":100}],\"cgroupsPath\":\"/c\"}}";

static struct host_hierarchy v1[] = {
    { "cpu,cpuacct", "/cg/cpu", "/" }, { "memory", "/cg/memory", "/" }, { "", "/cg/unified", "/" },
};
static const char *const args[] = { "true", "x", NULL };

struct fixture {
    struct op op;
    struct host host;
    struct plan *container;
    struct plan_exec_request request;
};

static void forget_log(void *data, enum op_level level, const char *message)
{
    (void) data, (void) level, (void) message;
}

static struct fixture *fixture_new(struct arena *a)
{
    struct fixture *f = arena_alloc(a, sizeof(*f));
    const struct plan_request create = { .id = "ID", .bundle = "/b", .rootless = 0 };
    struct spec *spec;

    op_init(&f->op, a);
    f->op.log = forget_log;
    f->host = (struct host) { .last_cap = 40, .layout = HOST_CGROUP_HYBRID, .hierarchies = v1, .n_hierarchies = 3 };
    assert_int_equal(spec_parse(&f->op, "config.json", config, strlen(config), &spec), 0);
    if (plan_make(&f->op, spec, &f->host, &create, &f->container) < 0)
        fail_msg("%s", f->op.message);
    f->op.source = NULL;
    f->request = (struct plan_exec_request) { .container = f->container, .args = args, .no_new_privileges = -1 };
    return f;
}

static struct plan *make(struct fixture *f)
{
    struct plan *p = NULL;

    if (plan_exec(&f->op, &f->host, &f->request, &p) < 0)
        fail_msg("%s", f->op.message);
    assert_true(plan_check(p, p->size));
    return p;
}

/* It fails, and says so. */
static void refused(struct fixture *f, const char *text)
{
    struct plan *p = NULL;

    assert_true(plan_exec(&f->op, &f->host, &f->request, &p) < 0);
    assert_null(p);
    if (!strstr(f->op.message, text))
        fail_msg("not found: %s\nin: %s", text, f->op.message);
    op_forget(&f->op);
}

static const char *item(const struct plan *p, struct plan_list list, uint32_t i)
{
    return plan_text(p, (plan_ref) ((const uint64_t *) plan_at(p, list.at))[i]);
}

/* A container of an ordinary user with subordinate ids: its processes keep none of the caller's groups. */
static void test_groups_of_an_ordinary_user(void **state)
{
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);

    (void) state;
    f->container->groups.n = 0;
    f->host.uid = 1000;
    assert_true(make(f)->flags & PLAN_SET_GROUPS);
    f->container->flags &= ~(uint32_t) PLAN_SET_GROUPS;
    assert_false(make(f)->flags & PLAN_SET_GROUPS);
    arena_free(a);
}

static void test_as_the_container(void **state)
{
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);
    const struct plan *p = make(f), *c = f->container;

    (void) state;
    assert_true(p->flags & PLAN_EXEC);
    assert_int_equal(p->new_ns, 0);
    assert_int_equal(p->joins.n, 0);
    assert_int_equal(p->enter_ns, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUSER);
    assert_int_equal(p->mounts.n + p->nodes.n + p->masks.n + p->cgroup_writes.n, 0);
    assert_int_equal(p->argv.n, 2);
    assert_string_equal(item(p, p->argv, 0), "true");
    assert_int_equal(p->envp.n, 3);
    assert_string_equal(item(p, p->envp, 1), "A=config");
    assert_true(p->flags & PLAN_HOME_UNSET);
    assert_string_equal(plan_text(p, p->cwd), "/home");
    assert_string_equal(plan_text(p, p->path), "/bin");
    assert_string_equal(plan_text(p, p->keyring), "_ses.ID");
    assert_int_equal(p->uid, 1);
    assert_int_equal(p->gid, 2);
    assert_int_equal(p->umask, 63);
    assert_int_equal(p->groups.n, 1);
    assert_memory_equal(p->caps, c->caps, sizeof(p->caps));
    assert_int_equal(p->rlimits.n, 1);
    assert_int_equal(p->oom_score_adj, 7);
    assert_true(p->flags & PLAN_NO_NEW_PRIVS);
    assert_memory_equal(&p->scheduler, &c->scheduler, sizeof(p->scheduler));
    assert_int_equal(p->cpus_initial.n, 1);
    assert_int_equal(p->cpus_final.n, 1);
    arena_free(a);
}

static void test_options(void **state)
{
    static const char *const env[] = { "A=1", "HOME=/h", "LISTEN_FDS=2", NULL };
    static const uint32_t gids[] = { 8, 9 };
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);
    const struct plan *p;

    (void) state;
    f->request.env = env;
    f->request.cwd = "/tmp";
    f->request.user = "5:6";
    f->request.gids = gids;
    f->request.n_gids = 2;
    f->request.no_new_privileges = 0;
    f->request.terminal = true;
    f->request.wait = true;
    p = make(f);
    assert_int_equal(p->envp.n, 4);
    assert_string_equal(item(p, p->envp, 1), "A=1");
    assert_string_equal(item(p, p->envp, 3), "LISTEN_FDS=2");
    assert_false(p->flags & (PLAN_HOME_UNSET | PLAN_NO_NEW_PRIVS));
    assert_true((p->flags & PLAN_TERMINAL) && (p->flags & PLAN_WAIT));
    assert_string_equal(plan_text(p, p->cwd), "/tmp");
    assert_int_equal(p->uid, 5);
    assert_int_equal(p->gid, 6);
    assert_int_equal(p->groups.n, 3);
    assert_int_equal(PLAN_ITEMS(p, groups, uint32_t)[2], 9);
    f->request.user = "7";
    assert_int_equal(make(f)->gid, 2);
    arena_free(a);
}

/* A size of config.json is the container's; that of the terminal on which somebody ran it is not. */
static void test_console_size(void **state)
{
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);

    f->container->flags |= PLAN_TERMINAL | PLAN_CONSOLE_SIZE;
    f->container->console_rows = 20;
    f->container->console_columns = 50;
    assert_false(make(f)->flags & PLAN_CONSOLE_SIZE);
    f->request.terminal = true;
    assert_int_equal(make(f)->console_rows, 20);
    f->container->flags |= PLAN_CONSOLE_FITTED;
    assert_false(make(f)->flags & PLAN_CONSOLE_SIZE);
    arena_free(a);
}

static void test_users(void **state)
{
    static const char *const bad[] = {
        "", "root", "-1", "+1", "0x10", "1 ", " 1", "1:", ":1", ":", "1:2:3", "1,2", "4294967295", "4294967296",
        "18446744073709551616", "1:4294967295", "1:-0", "\xd9\xa1",
    };
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);

    (void) state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        f->request.user = bad[i];
        refused(f, "bad ");
    }
    f->request.user = "100";
    refused(f, "user namespaces enabled, but no mapping found for uid 100");
    f->request.user = "99:100";
    refused(f, "user namespaces enabled, but no mapping found for gid 100");
    f->request.user = "0099:99";
    assert_int_equal(make(f)->uid, 99);
    arena_free(a);
}

static void test_caps(void **state)
{
    static const char *const caps[] = { "CAP_CHOWN", "CAP_NET_RAW", "CAP_OF_TOMORROW", NULL };
    enum { CHOWN = 1 << 0, KILL = 1 << 5, NET_RAW = 1 << 13 };
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);
    const uint64_t *sets;

    (void) state;
    f->request.caps = caps;
    sets = make(f)->caps;
    assert_int_equal(sets[PLAN_BOUNDING], KILL | CHOWN | NET_RAW);
    assert_int_equal(sets[PLAN_EFFECTIVE], KILL | CHOWN | NET_RAW);
    assert_int_equal(sets[PLAN_PERMITTED], KILL | CHOWN | NET_RAW);
    assert_int_equal(sets[PLAN_INHERITABLE], CHOWN);
    assert_int_equal(sets[PLAN_AMBIENT], CHOWN);
    f->container->flags &= ~(uint32_t) PLAN_CAPS;
    refused(f, "no process.capabilities");
    arena_free(a);
}

static void test_process(void **state)
{
    static const char text[] = "{\"args\":[\"p\"],\"cwd\":\"/\",\"user\":{\"uid\":9,\"gid\":9},\"rlimits\":"
                               "[{\"type\":\"RLIMIT_CPU\",\"soft\":1,\"hard\":2}],\"capabilities\":{}}";
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);
    struct spec_process *process;
    const struct plan *p;

    (void) state;
    assert_int_equal(spec_parse_process(&f->op, "p.json", text, strlen(text), &process), 0);
    f->request.process = process;
    f->request.user = "5";
    p = make(f);
    assert_int_equal(p->uid, 9);
    assert_int_equal(p->groups.n, 0);
    assert_int_equal(p->rlimits.n, 1);
    assert_int_equal(PLAN_ITEMS(p, rlimits, struct plan_rlimit)->soft, 1);
    assert_int_equal(p->caps[PLAN_BOUNDING], 0);
    assert_true(p->flags & PLAN_CAPS);
    assert_false(p->flags & PLAN_NO_NEW_PRIVS);
    assert_int_equal(p->umask, 63);
    assert_int_equal(p->oom_score_adj, 7);
    assert_int_equal(p->envp.n, 1);
    arena_free(a);
}

static void test_process_faults(void **state)
{
    static const char text[] = "{\n \"args\": [],\n \"cwd\": \"x\", \"env\": [\"=\"]}";
    struct arena *a = arena_new();
    struct spec_process *process = NULL;
    struct op op;

    (void) state;
    op_init(&op, a);
    assert_true(spec_parse_process(&op, "p.json", text, strlen(text), &process) < 0);
    assert_null(process);
    assert_non_null(strstr(op.message, "p.json:2:10: /process/args: args must not be empty"));
    assert_non_null(strstr(op.message, "p.json:3:9: /process/cwd: Cwd must be an absolute path"));
    assert_non_null(strstr(op.message, "p.json:3:22: /process/env/0: invalid environment variable: name cannot be empty"));
    arena_free(a);
}

static const struct { const char *cgroups[3], *paths[3], *fault; } subs[] = {
    { { NULL }, { "/c", "/c", "/c" }, NULL },
    { { "sub" }, { "/c/sub", "/c/sub", "/c" }, NULL },
    { { "/sub/" }, { "/c/sub", "/c/sub", "/c" }, NULL },
    { { "memory:a/b" }, { "/c", "/c/a/b", "/c" }, NULL },
    { { "cpuacct:a", "memory:b" }, { "/c/a", "/c/b", "/c" }, NULL },
    { { "cpu,memory:a" }, { "/c/a", "/c/a", "/c" }, NULL },
    { { "memory:x:y" }, { "/c", "/c/x:y", "/c" }, NULL },
    { { "memory:" }, { "/c", "/c", "/c" }, NULL },
    { { "memory:.." }, { NULL }, "bad sub cgroup path: .." },
    { { "memory:../cc" }, { NULL }, "bad sub cgroup path: ../cc" },
    { { "a/../../c" }, { "/c", "/c", "/c" }, NULL },
    { { "mem:a" }, { NULL }, "unknown controller mem in SubCgroupPaths" },
    { { ":a" }, { NULL }, "invalid --cgroup argument: :a (empty <controller> prefix)" },
    { { "cpu,:a" }, { NULL }, "invalid --cgroup argument: cpu,:a (empty <controller> prefix)" },
    { { "cpu:a", "memory,cpu:b" }, { NULL }, "invalid --cgroup argument(s): controller cpu specified multiple times" },
    { { "cpu:a", "b" }, { NULL }, "invalid --cgroup argument: b (missing <controller>: prefix)" },
};

static void test_cgroups(void **state)
{
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);

    (void) state;
    for (size_t i = 0; i < sizeof(subs) / sizeof(*subs); i++) {
        const struct plan *p;

        f->request.cgroups = subs[i].cgroups;
        if (subs[i].fault) {
            refused(f, subs[i].fault);
            continue;
        }
        p = make(f);
        assert_int_equal(p->cgroup_dirs.n, 3);
        for (size_t dir = 0; dir < 3; dir++)
            assert_string_equal(plan_text(p, PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir)[dir].path), subs[i].paths[dir]);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_the_container),
        cmocka_unit_test(test_groups_of_an_ordinary_user), cmocka_unit_test(test_options), cmocka_unit_test(test_console_size),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_caps), cmocka_unit_test(test_process), cmocka_unit_test(test_process_faults),
        cmocka_unit_test(test_cgroups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
