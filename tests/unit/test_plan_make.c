/* Pieces of a plan that are texts made out of texts: environment, sysctl names, paths. And what a plan
 * must not depend on: how big it gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/sched.h>
#include <string.h>
#include "base/str.h"
#include "plan/planner.h"

static struct host_hierarchy v2 = { "", "/sys/fs/cgroup", "/own/scope" };
static struct host_hierarchy v1 = { "memory", "/sys/fs/cgroup/memory", "/own/scope" };
static struct host_hierarchy v2_in_root = { "", "/sys/fs/cgroup", "/" };

/* The smallest configuration, to be changed by each test. */
struct fixture {
    struct op op;
    struct spec_namespace namespaces[4];
    struct spec_linux linux_;
    struct spec_process process;
    struct spec_root root;
    struct spec spec;
    struct host host;
    struct plan_request request;
};

static struct fixture *fixture_new(struct arena *a)
{
    static const char *args[] = { "x" };
    struct fixture *f = arena_alloc(a, sizeof(*f));

    op_init(&f->op, a);
    f->namespaces[0].type = (opt_word) { true, CLONE_NEWNS };
    f->namespaces[1].type = (opt_word) { true, CLONE_NEWNET };
    f->linux_.namespaces.v = f->namespaces;
    f->linux_.namespaces.n = 2;
    f->process = (struct spec_process) { .cwd = "/", .args = { true, args, 1 } };
    f->root.path = "rootfs";
    f->spec = (struct spec) { .root = &f->root, .process = &f->process, .linux_ = &f->linux_ };
    f->host = (struct host) { .last_cap = 40, .layout = HOST_CGROUP_V2, .hierarchies = &v2, .n_hierarchies = 1 };
    f->request = (struct plan_request) { .id = "ID", .bundle = "/b", .rootless = -1 };
    return f;
}

static struct plan *fixture_plan(struct fixture *f)
{
    struct plan *p = NULL;

    plan_make(&f->op, &f->spec, &f->host, &f->request, &p);
    assert_true(p == NULL || plan_check(p, p->size));
    return p;
}

/* A list with blanks between: "A=1 B=2". */
static struct spec_strings split(struct arena *a, const char *text)
{
    struct spec_strings s = { true, arena_array(a, strlen(text) + 1, sizeof(char *)), 0 };
    char *rest = arena_strdup(a, text);

    for (char *word; (word = strsep(&rest, " ")) && *word;)
        s.v[s.n++] = word;
    return s;
}

/* ---- Environment ---------------------------------------------------------------------------- */

static const struct { const char *env, *kept, *path; bool home_unset; } envs[] = {
    { "", "", NULL, true },
    { "A=1", "A=1", NULL, true },
    { "HOME=/", "HOME=/", NULL, false },
    { "HOME=", "", NULL, true },
    { "HOME=/a HOME=", "", NULL, true },
    { "HOME= HOME=/a", "HOME=/a", NULL, false },
    { "HOMES=1", "HOMES=1", NULL, true },
    { "A=1 B=2 A=3", "B=2 A=3", NULL, true },
    { "A=1 A=2 A=3 B=1", "A=3 B=1", NULL, true },
    { "A=1 AB=2 ABC=3", "A=1 AB=2 ABC=3", NULL, true },
    { "A= A", "A", NULL, true },
    { "A=x=y A=", "A=", NULL, true },
    { "PATH=/a:/b HOME=/", "PATH=/a:/b HOME=/", "/a:/b", false },
    { "PATH=/a PATH=/b", "PATH=/b", "/b", true },
    { "PATH=", "PATH=", "", true },
    { "XPATH=/a", "XPATH=/a", NULL, true },
};

static const char *joined(struct arena *a, const struct plan *p, struct plan_list list)
{
    const uint64_t *at = plan_at(p, list.at);
    struct str s;

    str_init(&s, a);
    for (uint32_t i = 0; i < list.n && at[i]; i++)
        str_addf(&s, "%s%s", i ? " " : "", plan_text(p, (plan_ref) at[i]));
    return s.text;
}

static void test_environment(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(envs) / sizeof(envs[0]); i++) {
        struct arena *a = arena_new();
        struct fixture *f = fixture_new(a);
        struct plan *p;

        f->process.env = split(a, envs[i].env);
        p = fixture_plan(f);
        assert_string_equal(joined(a, p, p->envp), envs[i].kept);
        assert_true(str_eq(plan_text(p, p->path), envs[i].path));
        assert_int_equal(!!(p->flags & PLAN_HOME_UNSET), envs[i].home_unset);
        arena_free(a);
    }
}

/* Many variables, many times: no quadratic time, no lost one. */
static void test_large_environment(void **state)
{
    enum { N = 100000, NAMES = 50000 };
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);
    struct plan *p;

    (void) state;
    f->process.env = (struct spec_strings) { true, arena_array(a, N, sizeof(char *)), N };
    for (int i = 0; i < N; i++)
        f->process.env.v[i] = arena_printf(a, "V%d=%d", i % NAMES, i);
    p = fixture_plan(f);
    assert_int_equal(p->envp.n, NAMES + 1);
    assert_string_equal(plan_text(p, (plan_ref) PLAN_ITEMS(p, envp, uint64_t)[0]), "V0=50000");
    assert_string_equal(plan_text(p, (plan_ref) PLAN_ITEMS(p, envp, uint64_t)[NAMES - 1]), "V49999=99999");
    arena_free(a);
}

/* ---- Sysctls and paths ----------------------------------------------------------------------- */

static const struct { const char *name, *path; } sysctls[] = {
    { "net.ipv4.ip_forward", "net/ipv4/ip_forward" },
    { "net/ipv4/ip_forward", "net/ipv4/ip_forward" },
    { "net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter" },
    { "net/ipv4/conf/eth0.100/rp_filter", "net/ipv4/conf/eth0.100/rp_filter" },
    { "kernel.shm_rmid_forced", "kernel/shm_rmid_forced" },
    { "net.ipv4.neigh.a/b/c.d", "net/ipv4/neigh/a.b.c/d" },
    { "net/x.y/z.", "net/x.y/z." },
};

static void test_sysctl_names(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++) {
        struct arena *a = arena_new();
        struct fixture *f = fixture_new(a);
        struct spec_pair pair = { sysctls[i].name, "1" };
        struct plan *p;

        f->linux_.sysctl = (struct spec_pairs) { &pair, 1 };
        p = fixture_plan(f);
        assert_string_equal(plan_text(p, PLAN_ITEMS(p, sysctls, struct plan_pair)->key), sysctls[i].path);
        assert_false(p->flags & PLAN_NET_NOT_HOST);
        arena_free(a);
    }
}

static const struct { const char *asked, *v1, *v2, *v2_in_root; } cgroup_paths[] = {
    { NULL, "/own/scope/ID", "/own/ID", "/ID" },
    { "/a", "/a", "/a", "/a" },
    { "/a/b/", "/a/b", "/a/b", "/a/b" },
    { "a", "/own/scope/a", "/own/a", "/a" },
    { "a/b", "/own/scope/a/b", "/own/a/b", "/a/b" },
    { "./a", "/own/scope/a", "/own/a", "/a" },
    { "../a", "/own/scope/a", "/own/a", "/a" },
    { "../../../../a", "/own/scope/a", "/own/a", "/a" },
    { "a/../b", "/own/scope/b", "/own/b", "/b" },
    { "/../a", "/a", "/a", "/a" },
    { "/a/../../b", "/b", "/b", "/b" },
    { "//a//b", "/a/b", "/a/b", "/a/b" },
    { "/", NULL, NULL, NULL },
    { ".", NULL, NULL, NULL },
    { "..", NULL, NULL, NULL },
    { "a/..", NULL, NULL, NULL },
    { "/a/../..", NULL, NULL, NULL },
};

static void check_cgroup_path(const char *asked, struct host_hierarchy *h, const char *expected)
{
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);
    struct plan *p;

    f->linux_.cgroups_path = asked;
    f->host.layout = h->controllers[0] ? HOST_CGROUP_V1 : HOST_CGROUP_V2;
    f->host.hierarchies = h;
    p = fixture_plan(f);
    if (expected)
        assert_string_equal(plan_text(p, PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir)->path), expected);
    else
        assert_null(p);
    arena_free(a);
}

static void test_cgroup_paths(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(cgroup_paths) / sizeof(cgroup_paths[0]); i++) {
        check_cgroup_path(cgroup_paths[i].asked, &v1, cgroup_paths[i].v1);
        check_cgroup_path(cgroup_paths[i].asked, &v2, cgroup_paths[i].v2);
        check_cgroup_path(cgroup_paths[i].asked, &v2_in_root, cgroup_paths[i].v2_in_root);
    }
}

static const struct { const char *root, *rootfs; } roots[] = {
    { "rootfs", "/b/rootfs" }, { "/abs", "/abs" }, { "./x/../y/", "/b/y" }, { "..", "/" }, { "../c", "/c" },
    { "/a//b/.", "/a/b" },
};

static void test_rootfs(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        struct arena *a = arena_new();
        struct fixture *f = fixture_new(a);
        struct plan *p;

        f->root.path = roots[i].root;
        p = fixture_plan(f);
        assert_string_equal(plan_text(p, p->rootfs), roots[i].rootfs);
        arena_free(a);
    }
}

static void test_paths_once(void **state)
{
    struct arena *a = arena_new();
    struct fixture *f = fixture_new(a);
    struct plan *p;
    const plan_ref *mask;

    (void) state;
    f->linux_.masked_paths = split(a, "/a /b a /a/ /a/../b /c //c /c/. /a/b");
    p = fixture_plan(f);
    mask = PLAN_ITEMS(p, masks, plan_ref);
    assert_int_equal(p->masks.n, 4);
    assert_string_equal(plan_text(p, mask[0]), "/a");
    assert_string_equal(plan_text(p, mask[1]), "/b");
    assert_string_equal(plan_text(p, mask[2]), "/c");
    assert_string_equal(plan_text(p, mask[3]), "/a/b");
    arena_free(a);
}

/* ---- Privilege ------------------------------------------------------------------------------ */

static const struct { uint32_t uid; bool inside; int asked; bool rootless, groups; } privileges[] = {
    { 0, false, -1, false, true }, { 0, false, 0, false, true }, { 0, false, 1, true, true },
    { 0, true, -1, true, true }, { 0, true, 0, false, true }, { 0, true, 1, true, true },
    { 1000, false, -1, true, false }, { 1000, false, 0, false, false }, { 1000, true, -1, true, false },
};

static void test_privileges(void **state)
{
    struct spec_id_map map = { { true, 0 }, { true, 1000 }, { true, 1 } };

    (void) state;
    for (size_t i = 0; i < sizeof(privileges) / sizeof(privileges[0]); i++) {
        struct arena *a = arena_new();
        struct fixture *f = fixture_new(a);
        struct plan *p;

        f->namespaces[2].type = (opt_word) { true, CLONE_NEWUSER };
        f->linux_.namespaces.n = 3;
        f->linux_.uid_maps.v = f->linux_.gid_maps.v = &map;
        f->linux_.uid_maps.n = f->linux_.gid_maps.n = 1;
        f->host.uid = f->host.gid = privileges[i].uid;
        f->host.user_namespace = privileges[i].inside;
        f->request.rootless = privileges[i].asked;
        p = fixture_plan(f);
        assert_int_equal(!!(p->flags & PLAN_ROOTLESS), privileges[i].rootless);
        assert_int_equal(!!(p->flags & PLAN_SET_GROUPS), privileges[i].groups);
        assert_int_equal(!!(p->flags & PLAN_DENY_SETGROUPS), privileges[i].uid != 0);
        assert_int_equal(p->device_program.n != 0, privileges[i].uid == 0 && !privileges[i].inside);
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment), cmocka_unit_test(test_large_environment), cmocka_unit_test(test_sysctl_names),
        cmocka_unit_test(test_cgroup_paths), cmocka_unit_test(test_rootfs), cmocka_unit_test(test_paths_once),
        cmocka_unit_test(test_privileges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
