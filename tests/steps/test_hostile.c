/* Root file systems made to hurt: whatever they hold, nothing outside is changed and nothing waits.
 *
 * Every test has a canary directory beside the root file system. After each start, refused or not, it must be as
 * it was, and the start must not have taken the deadline (start.c). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "start.h"

enum { RACES = 300 };

#define PROC_ONLY "[{\"destination\":\"/proc\",\"type\":\"proc\"}]"
#define PROC_AND_PTS "[{\"destination\":\"/proc\",\"type\":\"proc\"},{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"options\":[\"newinstance\",\"ptmxmode=0666\"]}]"

static int prepare(void **state)
{
    start_prepare(state);
    start_shell("cd %s && mkdir -p canary/sub && echo secret > canary/file && chmod 600 canary/file && "
                "find canary -printf '%%p %%m %%u %%g %%s %%T@ %%C@\\n' | sort > before", start_path("."));
    return 0;
}

static void assert_canary_unharmed(void)
{
    start_shell("cd %s && find canary -printf '%%p %%m %%u %%g %%s %%T@ %%C@\\n' | sort | cmp - before && "
                "! grep -q %s /proc/self/mountinfo", start_path("."), start_path("canary"));
}

/* In the root file system: `path` becomes a symlink out. */
static void plant(const char *path, const char *target)
{
    start_shell("cd %s && rm -rf .%s && ln -s %s .%s", start_path("rootfs"), path, target, path);
}

static void try(const struct wants *w)
{
    start(w);
    assert_canary_unharmed();
}

static void dev_is_a_link(void **state)
{
    const char *const targets[] = { start_path("canary"), "../canary", "../../../../../../../../tmp", "/proc/self/fd/3" };

    for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
        plant("/dev", targets[i]);
        try(&(struct wants) { .all_mounts = PROC_ONLY, .script = "true", .readonly = true });
        try(&(struct wants) { .all_mounts = PROC_AND_PTS, .script = "true", .terminal = true });
        try(&(struct wants) { .script = "true" });
    }
}

static void console_and_pts_are_links(void **state)
{
    const char *const leaves[] = { "/dev/console", "/dev/pts", "/dev/null", "/dev/ptmx" };

    for (size_t i = 0; i < sizeof(leaves) / sizeof(*leaves); i++) {
        plant(leaves[i], start_path("canary/file"));
        try(&(struct wants) { .all_mounts = PROC_AND_PTS, .script = "true", .terminal = true });
        plant(leaves[i], start_path("canary/missing"));
        try(&(struct wants) { .all_mounts = PROC_AND_PTS, .script = "true", .terminal = true });
        start_shell("rm %s%s", start_path("rootfs"), leaves[i]);
    }
    plant("/dev/console", "/etc/passwd");
    assert_refused(&(struct wants) { .all_mounts = PROC_AND_PTS, .script = "true", .terminal = true }, "/dev/console");
}

static void proc_and_sys_must_be_directories(void **state)
{
    plant("/proc", "/tmp");
    assert_refused(&(struct wants) { .script = "true" }, "filesystem \"proc\" must be mounted on ordinary directory");
    plant("/proc", "/missing");
    assert_refused(&(struct wants) { .script = "true" }, "filesystem \"proc\" must be mounted on ordinary directory");
    start_shell("cd %s && rm proc && touch proc", start_path("rootfs"));
    assert_refused(&(struct wants) { .script = "true" }, "filesystem \"proc\" must be mounted on ordinary directory");
    start_shell("cd %s && rm proc", start_path("rootfs"));
    plant("/sys", "tmp");
    assert_refused(&(struct wants) { .mounts = ",{\"destination\":\"/sys\",\"type\":\"sysfs\"}", .script = "true" },
                   "filesystem \"sysfs\" must be mounted on ordinary directory");
    assert_canary_unharmed();
}

static void mount_targets_over_links(void **state)
{
    plant("/out", start_path("canary/sub"));
    plant("/up", "../../../../../../../..");
    plant("/dangling", "/not/yet/there");
    plant("/loop", "loop");
    plant("/magic", "/proc/self/root");
    assert_says(&(struct wants) { .mounts = ",{\"destination\":\"/out/x\",\"type\":\"tmpfs\"}", .script = "grep -c ' .*/canary/sub/x ' /proc/mounts" }, "1\n");
    assert_says(&(struct wants) { .mounts = ",{\"destination\":\"/up/tmp/x\",\"type\":\"tmpfs\"}", .script = "grep -c ' /tmp/x ' /proc/mounts" }, "1\n");
    assert_says(&(struct wants) { .mounts = ",{\"destination\":\"/dangling/x\",\"type\":\"tmpfs\"}", .script = "grep -c ' /not/yet/there/x ' /proc/mounts" }, "1\n");
    assert_refused(&(struct wants) { .mounts = ",{\"destination\":\"/loop/x\",\"type\":\"tmpfs\"}", .script = "true" }, "symbolic links");
    assert_refused(&(struct wants) { .mounts = ",{\"destination\":\"/magic/x\",\"type\":\"tmpfs\"}", .script = "true" }, "mounts[5] /magic/x");
    assert_refused(&(struct wants) { .mounts = ",{\"destination\":\"/up\",\"type\":\"tmpfs\"}", .script = "true" }, "the container's root directory");
    assert_canary_unharmed();
}

static void mounts_into_proc_over_links(void **state)
{
    char mounts[1024];

    plant("/p", "/proc/sys");
    plant("/q", "/proc");
    assert_refused(&(struct wants) { .mounts = ",{\"destination\":\"/p\",\"type\":\"tmpfs\"}", .script = "true" },
                   "cannot be mounted because it is inside /proc");
    assert_refused(&(struct wants) { .mounts = ",{\"destination\":\"/q\",\"type\":\"tmpfs\"}", .script = "true" },
                   "cannot be mounted because it is inside /proc");
    snprintf(mounts, sizeof(mounts), ",{\"destination\":\"/q/uptime\",\"source\":\"%s\",\"options\":[\"bind\"]}", start_path("canary/file"));
    assert_refused(&(struct wants) { .mounts = mounts, .script = "true" }, "cannot be mounted because it is inside /proc");
    snprintf(mounts, sizeof(mounts), ",{\"destination\":\"/proc/uptime\",\"source\":\"%s\",\"options\":[\"bind\"]}", start_path("canary/file"));
    assert_says(&(struct wants) { .mounts = mounts, .script = "cat /proc/uptime" }, "secret\n");
    snprintf(mounts, sizeof(mounts), "[{\"destination\":\"/proc\",\"source\":\"%s\",\"options\":[\"bind\"]}]", start_path("canary"));
    assert_refused(&(struct wants) { .all_mounts = mounts, .script = "true" }, "not a procfs");
    assert_says(&(struct wants) { .all_mounts = "[{\"destination\":\"/proc\",\"source\":\"/proc\",\"options\":[\"rbind\"]}]", .linux_ = "", .script = "echo ok" }, "ok\n");
}

/* A mount target that would block or act when opened. */
static void targets_that_must_not_be_opened(void **state)
{
    char mounts[1024];

    start_shell("mkfifo %s && mknod %s c 4 64", start_path("rootfs/fifo"), start_path("rootfs/tty"));
    snprintf(mounts, sizeof(mounts), ",{\"destination\":\"/fifo\",\"source\":\"%s\",\"options\":[\"bind\"]},{\"destination\":\"/tty\",\"source\":\"%s\",\"options\":[\"bind\"]}",
             start_path("canary/file"), start_path("canary/file"));
    assert_says(&(struct wants) { .mounts = mounts, .script = "cat /fifo /tty" }, "secret\nsecret\n");
    start_shell("mkfifo %s", start_path("hostfifo"));
    snprintf(mounts, sizeof(mounts), ",{\"destination\":\"/x\",\"source\":\"%s\",\"options\":[\"bind\",\"ro\"]}", start_path("hostfifo"));
    assert_says(&(struct wants) { .mounts = mounts, .script = "stat -c %F /x" }, "fifo\n");
}

/* The masks are the host's null device, whatever /dev/null of the image is (CVE-2025-31133). */
static void null_is_false(void **state)
{
    char mounts[1024];

    start_shell("mkdir %s", start_path("dev"));
    snprintf(mounts, sizeof(mounts), "[{\"destination\":\"/proc\",\"type\":\"proc\"},{\"destination\":\"/dev\",\"source\":\"%s\",\"options\":[\"bind\"]}]", start_path("dev"));
    for (const char *const *how = (const char *const[]) { "ln -s /proc/sys/kernel/core_pattern null", "ln -s /secret null", "touch null",
                                                           "mknod null c 1 5", "mkfifo null", NULL }; *how; how++) {
        start_shell("cd %s && rm -f null && %s && echo mine > %s", start_path("dev"), *how, start_path("rootfs/secret"));
        assert_says(&(struct wants) {
            .all_mounts = mounts, .linux_ = ",\"maskedPaths\":[\"/proc/timer_list\",\"/secret\"]", .process = "\"user\":{\"uid\":1000,\"gid\":1000},",
            .script = "wc -c < /proc/timer_list; stat -L -c %t:%T /proc/self/fd/0; stat -c %t:%T /secret" },
            "0\n1:3\n1:3\n");
        start_shell("[ $(stat -c %%u %s) = 0 ]", start_path("rootfs/secret"));
    }
}

static void working_directory_over_links(void **state)
{
    plant("/w", start_path("canary/sub"));
    try(&(struct wants) { .args = "[\"true\"],\"cwd\":\"/w/deeper\"" });
    plant("/w", "/proc/self/cwd");
    try(&(struct wants) { .args = "[\"true\"],\"cwd\":\"/w\"" });
    plant("/w", "../../../../../../../../../../..");
    assert_says(&(struct wants) { .args = "[\"pwd\"],\"cwd\":\"/w\"" }, "/\n");
}

static void etc_passwd_is_a_link_out(void **state)
{
    plant("/etc/passwd", start_path("canary/file"));
    assert_says(&(struct wants) { .script = "echo $HOME" }, "/\n");
    assert_canary_unharmed();
}

static void root_is_a_link(void **state)
{
    start_shell("ln -s rootfs %s", start_path("link"));
    assert_refused(&(struct wants) { .rootfs = "link", .script = "true" }, "invalid rootfs: not an absolute path, or a symlink");
    assert_refused(&(struct wants) { .rootfs = "canary/file", .script = "true" }, "Not a directory");
    assert_refused(&(struct wants) { .rootfs = "none", .script = "true" }, "No such file");
}

/* Somebody exchanges a directory with a symlink out all the time. A start may fail; nothing may get out. */
static pid_t start_exchanging(const char *a, const char *b)
{
    pid_t pid = fork();

    if (pid)
        return pid;
    for (;;)
        syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2 /* RENAME_EXCHANGE */);
}

static void exchanged_all_the_time(void **state)
{
    char a[128], b[128];
    unsigned started = 0;
    pid_t pid;

    snprintf(a, sizeof(a), "%s", start_path("rootfs/v"));
    snprintf(b, sizeof(b), "%s", start_path("rootfs/w"));
    start_shell("mkdir %s && ln -s ../../../../../..%s %s", a, start_path("canary"), b);
    pid = start_exchanging(a, b);
    for (unsigned i = 0; i < RACES; i++)
        started += start(&(struct wants) {
            .mounts = ",{\"destination\":\"/v/sub\",\"type\":\"tmpfs\"},{\"destination\":\"/v/deep/er\",\"type\":\"tmpfs\"}",
            .linux_ = ",\"maskedPaths\":[\"/v/sub\"],\"readonlyPaths\":[\"/v/deep\"],\"devices\":[{\"path\":\"/v/n\",\"type\":\"c\",\"major\":1,\"minor\":3}]",
            .args = "[\"true\"],\"cwd\":\"/v/cwd\"" })->err == 0;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_canary_unharmed();
    assert_true(started > 0);
    printf("%u of %u starts went through\n", started, RACES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, start_clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(dev_is_a_link),
        TEST(console_and_pts_are_links),
        TEST(proc_and_sys_must_be_directories),
        TEST(mount_targets_over_links),
        TEST(mounts_into_proc_over_links),
        TEST(targets_that_must_not_be_opened),
        TEST(null_is_false),
        TEST(working_directory_over_links),
        TEST(etc_passwd_is_a_link_out),
        TEST(root_is_a_link),
        TEST(exchanged_all_the_time),
    };

    return geteuid() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
