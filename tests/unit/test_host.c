/* The texts of procfs that tell about cgroups, and the facts of the machine that the test runs on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "host/host.h"
#include "host/parse.h"

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void expect_hierarchy(const struct host_hierarchy *h, const char *controllers, const char *own)
{
    assert_string_equal(h->controllers, controllers);
    assert_string_equal(h->own, own);
    assert_null(h->mount);
}

static void test_cgroups_hybrid(void **state)
{
    struct host_hierarchy *h;
    size_t n = parse_cgroups(*state, "0::/init.scope\n"
                                     "4:cpu,cpuacct:/user.slice\n"
                                     "3:memory:/a:b/c d\n"
                                     "1:name=systemd:/\n", &h);

    assert_int_equal(n, 4);
    expect_hierarchy(&h[0], "cpu,cpuacct", "/user.slice");
    expect_hierarchy(&h[1], "memory", "/a:b/c d");
    expect_hierarchy(&h[2], "name=systemd", "/");
    expect_hierarchy(&h[3], "", "/init.scope");
}

static void test_cgroups_v2_without_newline(void **state)
{
    struct host_hierarchy *h;

    assert_int_equal(parse_cgroups(*state, "0::/x (deleted)", &h), 1);
    expect_hierarchy(&h[0], "", "/x (deleted)");
}

static void test_cgroups_nonsense(void **state)
{
    static const char *const texts[] = { "", "\n", "\n\n", ":", "::", "::\n", "0:\n", "0::", "0::x\n", "memory /\n" };
    struct host_hierarchy *h;

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        assert_int_equal(parse_cgroups(*state, texts[i], &h), 0);
    assert_int_equal(parse_cgroups(*state, "junk\n5:pids:/p\n7:x\n", &h), 1);
    expect_hierarchy(&h[0], "pids", "/p");
}

static void expect_mount(struct arena *a, const char **text, const struct parse_mount *want)
{
    struct parse_mount m;

    assert_true(parse_next_mount(a, text, &m));
    assert_string_equal(m.root, want->root);
    assert_string_equal(m.point, want->point);
    assert_string_equal(m.type, want->type);
    assert_string_equal(m.options, want->options);
    assert_string_equal(m.device, want->device);
    assert_string_equal(m.flags, want->flags);
    assert_string_equal(m.peers, want->peers);
    assert_string_equal(m.source, want->source);
    assert_int_equal(m.id, want->id);
}

static void test_mountinfo(void **state)
{
    static const struct parse_mount want[] = {
        { "/", "/", "ext4", "rw,errors=remount-ro", "8:1", "rw,relatime", "shared:1", "/dev/sda1", 21 },
        { "/docker/ab", "/sys/fs/cgroup/memory", "cgroup", "rw,memory", "0:27", "ro,nosuid", "master:11 propagate_from:2", "cgroup", 31 },
        { "/..", "/mnt/a b\\c\n", "cgroup2", "rw,nsdelegate", "0:28", "rw", "", "none", 32 },
        { "", "", "", "", "", "", "", "", 0 },
        { "", "", "", "", "", "", "", "", 0 },
        { "/", "/t\\0", "tmpfs", "rw", "0:30", "rw", "", "none", 34 },
    };
    const char *text = "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
                       "31 21 0:27 /docker/ab /sys/fs/cgroup/memory ro,nosuid master:11 propagate_from:2 - cgroup cgroup rw,memory\n"
                       "32 21 0:28 /.. /mnt/a\\040b\\134c\\012 rw - cgroup2 none rw,nsdelegate\n"
                       "33 21 0:29 / /short rw - tmpfs\n"
                       "no mount\n"
                       "34 21 0:30 / /t\\0 rw - tmpfs none rw";
    struct parse_mount m;

    for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
        expect_mount(*state, &text, &want[i]);
    assert_false(parse_next_mount(*state, &text, &m));
}

static void test_mount_is(void **state)
{
    struct parse_mount v1 = { "/", "/x", "cgroup", "rw,cpuacct,cpu" };
    struct parse_mount named = { "/", "/x", "cgroup", "rw,xattr,name=systemd" };
    struct parse_mount v2 = { "/", "/x", "cgroup2", "rw" };
    struct parse_mount other = { "/", "/x", "tmpfs", "rw,memory" };

    (void) state;
    assert_true(parse_mount_is(&v1, "cpu,cpuacct"));
    assert_true(parse_mount_is(&v1, "cpu"));
    assert_false(parse_mount_is(&v1, "cpus"));
    assert_false(parse_mount_is(&v1, "cpu,memory"));
    assert_false(parse_mount_is(&v1, ""));
    assert_true(parse_mount_is(&named, "name=systemd"));
    assert_false(parse_mount_is(&named, "name=system"));
    assert_true(parse_mount_is(&v2, ""));
    assert_false(parse_mount_is(&v2, "memory"));
    assert_false(parse_mount_is(&other, "memory"));
    assert_false(parse_mount_is(&other, ""));
}

static void test_strip_root(void **state)
{
    static const char *const rows[][3] = {
        { "/", "/", "/" },
        { "/a/b", "/", "/a/b" },
        { "/docker/ab", "/docker/ab", "/" },
        { "/docker/ab/x", "/docker/ab", "/x" },
        { "/docker/abc", "/docker/ab", "/" },
        { "/elsewhere", "/docker/ab", "/" },
        { "/../x", "/..", "/x" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_string_equal(parse_strip_root(rows[i][0], rows[i][1]), rows[i][2]);
}

/* Whatever machine this is, its facts agree with each other. */
static void test_this_machine(void **state)
{
    struct op op;
    struct host h;
    struct stat st;

    op_init(&op, *state);
    assert_int_equal(host_read(&op, &h), 0);
    assert_int_equal(h.uid, geteuid());
    assert_int_equal(h.gid, getegid());
    assert_in_range(h.last_cap, 38, 63);
    assert_true(h.caps >> h.last_cap <= 1);
    assert_int_equal(stat("/proc/self/ns/net", &st), 0);
    assert_int_equal(h.net_namespace, st.st_ino);
    assert_int_equal(h.layout == HOST_CGROUP_NONE, h.n_hierarchies == 0);
    for (size_t i = 0; i < h.n_hierarchies; i++) {
        assert_int_equal(h.hierarchies[i].mount[0], '/');
        assert_int_equal(h.hierarchies[i].own[0], '/');
        assert_true(*h.hierarchies[i].controllers || i == h.n_hierarchies - 1);
        assert_int_equal(access(h.hierarchies[i].mount, F_OK), 0);
    }
    if (h.layout == HOST_CGROUP_V2)
        assert_int_equal(h.n_hierarchies, 1);
}

static void touch(const char *root, const char *file, bool directory)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", root, file);
    assert_int_equal(directory ? mkdir(path, 0755) : mknod(path, S_IFREG | 0644, 0), 0);
}

static void test_rdt(void **state)
{
    char root[] = "/tmp/proa-rdt-XXXXXX", command[64];
    struct host_rdt rdt;

    assert_non_null(mkdtemp(root));
    host_read_rdt(*state, root, &rdt);
    assert_string_equal(rdt.root, root);
    assert_false(rdt.l3 || rdt.mb || rdt.monitoring);
    touch(root, "info", true);
    touch(root, "info/L3", true);
    host_read_rdt(*state, root, &rdt);
    assert_true(rdt.l3 && !rdt.mb && !rdt.monitoring);
    touch(root, "info/MB", true);
    touch(root, "info/L3_MON", true);
    touch(root, "info/L3_MON/mon_features", false);
    host_read_rdt(*state, root, &rdt);
    assert_true(rdt.l3 && rdt.mb && rdt.monitoring);
    snprintf(command, sizeof(command), "rm -r %s", root);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cgroups_hybrid, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cgroups_v2_without_newline, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cgroups_nonsense, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mountinfo, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mount_is, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strip_root, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rdt, setup, teardown),
        cmocka_unit_test_setup_teardown(test_this_machine, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
