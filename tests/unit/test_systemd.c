/* The helper program for systemd, when nobody answers it or it is not wanted any more: a deadline, no process and no descriptor
 * left. tests/cli/systemd-driver.bats has a manager that answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/str.h"
#include "launch/systemd.h"
#include "plan/planner.h"

struct fixture {
    struct op op;
    struct plan *plan;
    char dir[32], socket[64];
    int listener;
    unsigned descriptors;
};

static unsigned count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned n = 0;

    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static struct plan *make_plan(struct op *op)
{
    static const char config[] = "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"cwd\":\"/\",\"args\":[\"sh\"]},"
        "\"linux\":{\"cgroupsPath\":\"::box\",\"namespaces\":[{\"type\":\"mount\"}]}}";
    static struct host_hierarchy v2 = { "", "/sys/fs/cgroup", "/" };
    const struct host host = { .caps = 1, .layout = HOST_CGROUP_V2, .hierarchies = &v2, .n_hierarchies = 1 };
    const struct plan_request request = { .id = "box", .bundle = "/b", .systemd_cgroup = true, .rootless = -1 };
    struct spec *spec;
    struct plan *plan;

    assert_int_equal(spec_parse(op, "config.json", config, strlen(config), &spec), 0);
    assert_int_equal(plan_make(op, spec, &host, &request, &plan), 0);
    return plan;
}

/* A socket that takes connections, and nobody who reads from them. */
static void listen_silently(struct fixture *f)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->socket);
    f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(f->listener, (struct sockaddr *) &address, sizeof(address)), 0);
    assert_int_equal(listen(f->listener, 5), 0);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    char address[96];

    op_init(&f->op, arena_new());
    f->plan = make_plan(&f->op);
    snprintf(f->dir, sizeof(f->dir), "/tmp/proa-test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->socket, sizeof(f->socket), "%s/bus", f->dir);
    snprintf(address, sizeof(address), "unix:path=%s", f->socket);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
    listen_silently(f);
    f->descriptors = count_descriptors();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(count_descriptors(), f->descriptors);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    close(f->listener);
    unlink(f->socket);
    rmdir(f->dir);
    arena_free(f->op.arena);
    free(f);
    return 0;
}

static void wants_helper(void)
{
    if (!systemd_is_built_in())
        skip();
}

static void test_silence(void **state)
{
    struct systemd s = { .socket = -1, .seconds = 1 };
    struct fixture *f = *state;

    wants_helper();
    assert_int_equal(systemd_prepare(&f->op, f->plan, &s), 0);
    assert_int_equal(systemd_start(&f->op, f->plan, &s, getpid(), -1), -EINVAL);
    assert_non_null(strstr(f->op.message, "systemd unit -box.scope: no answer within 1 seconds: connecting to the system's systemd at "));
    assert_non_null(strstr(f->op.message, f->socket));
}

static void test_abandoned(void **state)
{
    struct systemd s = SYSTEMD_NONE;
    struct fixture *f = *state;

    wants_helper();
    systemd_abandon(&s);
    assert_int_equal(systemd_prepare(&f->op, f->plan, &s), 0);
    assert_true(s.pid > 0 && s.socket >= 0);
    systemd_abandon(&s);
    assert_true(s.pid == 0 && s.socket == -1);
}

static void test_nobody(void **state)
{
    struct fixture *f = *state;

    wants_helper();
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", 1);
    assert_int_equal(systemd_stop(&f->op, "x.scope", false), -EINVAL);
    assert_string_equal(f->op.message, "systemd unit x.scope: cannot connect to the system's systemd over D-Bus (unix:path=/nowhere): "
                        "No such file or directory (is systemd running here?)");
}

static void test_user(void **state)
{
    struct fixture *f = *state;

    wants_helper();
    unsetenv("DBUS_SESSION_BUS_ADDRESS");
    setenv("XDG_RUNTIME_DIR", "/nowhere", 1);
    assert_int_equal(systemd_stop(&f->op, "x.scope", true), -EINVAL);
    assert_string_equal(f->op.message, "systemd unit x.scope: cannot connect to the user's systemd over D-Bus (unix:path=/nowhere/bus, "
                        "then unix:path=/nowhere/systemd/private): No such file or directory "
                        "(is systemd running here?)");
}

static void test_not_built_in(void **state)
{
    struct systemd s = SYSTEMD_NONE;
    struct fixture *f = *state;

    if (systemd_is_built_in())
        skip();
    assert_true(systemd_prepare(&f->op, f->plan, &s) < 0);
    assert_string_equal(f->op.message, "the systemd cgroup driver is not built in (libsystemd was missing)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_silence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_abandoned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_user, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_built_in, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
