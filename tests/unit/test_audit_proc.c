/* The texts of /proc/PID that tell about rights, as kernels write them and as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <sys/resource.h>
#include "audit/proc_text.h"
#include "audit/sight.h"

static const char status[] =
    "Name:\tCapBnd:\\n\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t7\n"
    "CapInh:\t0000000000000001\nCapPrm:\t0000000000000003\nCapEff:\t0000000000000007\nCapBnd:\t000001ffffffffff\n"
    "CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n";

static void test_status(void **state)
{
    struct proc_status s;

    assert_int_equal(proc_text_status(status, &s), 0);
    assert_int_equal(s.state, 'S');
    assert_int_equal(s.caps[PLAN_INHERITABLE], 1);
    assert_int_equal(s.caps[PLAN_PERMITTED], 3);
    assert_int_equal(s.caps[PLAN_EFFECTIVE], 7);
    assert_int_equal(s.caps[PLAN_BOUNDING], 0x1ffffffffff);
    assert_int_equal(s.caps[PLAN_AMBIENT], 0);
    assert_true(s.no_new_privs);
    assert_int_equal(s.seccomp, 2);
    assert_true(s.has_filters);
    assert_int_equal(s.filters, 3);
}

/* Whoever says nothing of capabilities is no kernel: that must not pass for "none". */
static void test_status_incomplete(void **state)
{
    struct proc_status s;

    assert_int_equal(proc_text_status("", &s), -EINVAL);
    assert_int_equal(proc_text_status("State:\tS (sleeping)\nCapEff:\t0\n", &s), -EINVAL);
    assert_int_equal(proc_text_status("Name:\tState:\n", &s), -EINVAL);
}

static void test_limits(void **state)
{
    static const char text[] = "Limit                     Soft Limit           Hard Limit           Units     \n"
                               "Max cpu time              unlimited            unlimited            seconds   \n"
                               "Max stack size            8388608              unlimited            bytes     \n"
                               "Max open files            1024                 4096                 files     \n"
                               "Max locked memory         65536";
    uint64_t hard;

    assert_int_equal(proc_text_limit(text, RLIMIT_NOFILE, &hard), 0);
    assert_int_equal(hard, 4096);
    assert_int_equal(proc_text_limit(text, RLIMIT_STACK, &hard), 0);
    assert_true(hard == UINT64_MAX);
    assert_int_equal(proc_text_limit(text, RLIMIT_MEMLOCK, &hard), -ENOENT);
    assert_int_equal(proc_text_limit(text, RLIMIT_RTPRIO, &hard), -ENOENT);
    assert_int_equal(proc_text_limit(text, 1000, &hard), -ENOENT);
}

static void test_maps(void **state)
{
    static const struct plan_id_map map[] = { { 0, 100000, 65536 }, { 65536, 1000, 1 } };

    assert_true(proc_text_is_map("         0     100000      65536\n     65536       1000          1\n", map, 2));
    assert_true(proc_text_is_map("65536 1000 1\n0 100000 65536\n", map, 2));
    assert_false(proc_text_is_map("0 100000 65536\n", map, 2));
    assert_false(proc_text_is_map("0 100000 65536\n65536 1000 2\n", map, 2));
    assert_false(proc_text_is_map("0 0 4294967295\n", map, 2));
    assert_false(proc_text_is_map("", map, 2));
    assert_true(proc_text_is_map("", map, 0));
}

static void test_start(void **state)
{
    unsigned long long start;

    assert_int_equal(proc_text_start("7 (a) b) c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20", &start), 0);
    assert_int_equal(start, 4711);
    assert_int_equal(proc_text_start("7 (a", &start), -EINVAL);
    assert_int_equal(proc_text_start("7 (a) S 1", &start), -EINVAL);
}

static void test_apparmor(void **state)
{
    assert_int_equal(proc_text_apparmor("docker-default (enforce)", "docker-default"), PROC_LABEL_SAME);
    assert_int_equal(proc_text_apparmor("docker-default", "docker-default"), PROC_LABEL_SAME);
    assert_int_equal(proc_text_apparmor("docker-default//sub (enforce)", "docker-default"), PROC_LABEL_SAME);
    assert_int_equal(proc_text_apparmor("docker-default2 (enforce)", "docker-default"), PROC_LABEL_OTHER);
    assert_int_equal(proc_text_apparmor("other (enforce)", "docker-default"), PROC_LABEL_OTHER);
    assert_int_equal(proc_text_apparmor("docker-default (complain)", "docker-default"), PROC_LABEL_UNCONFINED);
    assert_int_equal(proc_text_apparmor("unconfined", "docker-default"), PROC_LABEL_UNCONFINED);
    assert_int_equal(proc_text_apparmor("unconfined", "unconfined"), PROC_LABEL_SAME);
    assert_int_equal(proc_text_apparmor("other (enforce)", "unconfined"), PROC_LABEL_OTHER);
}

static void test_paths(void **state)
{
    assert_true(sight_is_below("/proc/sys", "/proc/sys"));
    assert_true(sight_is_below("/proc/sys/kernel", "/proc/sys"));
    assert_false(sight_is_below("/proc/sysrq-trigger", "/proc/sys"));
    assert_true(sight_is_below("/anything", "/"));
    assert_false(sight_is_below("/proc", "/proc/sys"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_status_incomplete),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_start),
        cmocka_unit_test(test_apparmor),
        cmocka_unit_test(test_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
