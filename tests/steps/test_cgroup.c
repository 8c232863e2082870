/* The cgroup driver on the real kernel: in this machine's layout, then on a fresh cgroup2 in a mount
 * namespace of our own. Needs root; exits with 77 where cgroups cannot be made. All that it makes lies
 * below cgroups called proa-test-PID and is removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "host/host.h"
#include "launch/cgroup.h"
#include "launch/cgroup_devices.h"

enum { SKIPPED = 77, BLOCK = 1 << 16 };

/* ---- A machine, a plan, a process ----------------------------------------------------------- */

struct fixture {
    struct op op;
    struct host host;
    char base[64];              /* "/proa-test-PID" */
    struct plan *plan;
    struct cgroups set;
};

static plan_ref add_bytes(struct plan *p, const void *bytes, size_t size)
{
    plan_ref at = (p->size + 7) & ~7u;

    assert_true(at + size < BLOCK);
    memcpy((char *) p + at, bytes, size);
    p->size = (uint32_t) (at + size);
    return at;
}

static plan_ref add_text(struct plan *p, const char *s)
{
    return add_bytes(p, s, strlen(s) + 1);
}

/* The directory of every hierarchy at base `path`. */
static struct plan *new_plan(struct fixture *f, const char *path)
{
    struct plan *p = arena_alloc(f->op.arena, BLOCK);
    struct plan_cgroup_dir dirs[32];
    size_t n = f->host.n_hierarchies;

    assert_true(n > 0 && n <= 32);
    p->size = sizeof(*p);
    for (size_t i = 0; i < n; i++) {
        const struct host_hierarchy *h = &f->host.hierarchies[i];

        dirs[i] = (struct plan_cgroup_dir) {
            .mount = add_text(p, h->mount),
            .path = add_text(p, arena_printf(f->op.arena, "%s%s", f->base, path)),
            .controllers = add_text(p, h->controllers),
            .flags = !*h->controllers ? PLAN_CGROUP_V2 : str_eq(h->controllers, "cpuset") ? PLAN_CGROUP_CPUSET : 0,
        };
    }
    p->cgroup_dirs = (struct plan_list) { add_bytes(p, dirs, n * sizeof(*dirs)), (uint32_t) n };
    f->plan = p;
    return p;
}

struct row { const char *file, *value, *pointer; uint32_t flags; };

/* The hierarchy with the controller that the file is named after; -1: none. */
static int find_hierarchy(const struct fixture *f, const char *file)
{
    size_t len = strcspn(file, ".");

    for (size_t i = 0; i < f->host.n_hierarchies; i++)
        if (f->host.layout == HOST_CGROUP_V2 || (strncmp(f->host.hierarchies[i].controllers, file, len) == 0 &&
                                                 !f->host.hierarchies[i].controllers[len]))
            return (int) i;
    return -1;
}

static void set_writes(struct fixture *f, const struct row *rows, size_t n)
{
    struct plan_write writes[16];

    for (size_t i = 0; i < n; i++)
        writes[i] = (struct plan_write) {
            .dir = (uint32_t) find_hierarchy(f, rows[i].file), .flags = rows[i].flags,
            .file = add_text(f->plan, rows[i].file), .value = add_text(f->plan, rows[i].value),
            .pointer = add_text(f->plan, rows[i].pointer),
        };
    f->plan->cgroup_writes = (struct plan_list) { add_bytes(f->plan, writes, n * sizeof(*writes)), (uint32_t) n };
}

static const char *dir_at(struct fixture *f, size_t hierarchy, const char *path)
{
    return arena_printf(f->op.arena, "%s%s%s", f->host.hierarchies[hierarchy].mount, f->base, path);
}

static const char *file_of(struct fixture *f, const char *path, const char *file)
{
    int i = find_hierarchy(f, file);

    assert_true(i >= 0);
    return arena_printf(f->op.arena, "%s/%s", dir_at(f, (size_t) i, path), file);
}

static const char *read_text(struct fixture *f, const char *path)
{
    char *text;

    assert_int_equal(io_read_at(AT_FDCWD, path, f->op.arena, BLOCK, &text, NULL), 0);
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(io_write_at(AT_FDCWD, path, text), 0);
}

static size_t count_existing(struct fixture *f, const char *path)
{
    size_t n = 0;

    for (size_t i = 0; i < f->host.n_hierarchies; i++)
        n += access(dir_at(f, i, path), F_OK) == 0;
    return n;
}

static void expect_ok(struct fixture *f, int r)
{
    if (r < 0)
        fail_msg("%s", f->op.message ? f->op.message : "failed without a message");
}

static void expect_error(struct fixture *f, int r, const char *part)
{
    assert_true(r < 0);
    assert_non_null(f->op.message);
    if (!strstr(f->op.message, part))
        fail_msg("expected: %s\ngot: %s", part, f->op.message);
    op_forget(&f->op);
}

static void create(struct fixture *f, const char *path)
{
    new_plan(f, path);
    expect_ok(f, cgroup_create(&f->op, f->plan, 0, &f->set));
}

/* A child that does nothing but say that it is there, and dies with the test. */
static pid_t start_sleeper(void)
{
    int ready[2];
    pid_t pid;
    char byte;

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ready[0]);
        close(ready[1]);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 0);
    close(ready[0]);
    return pid;
}

static void expect_killed(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static size_t paths_of(struct fixture *f, struct cgroup_path **ret)
{
    return cgroup_paths_of_plan(&f->op, f->plan, ret);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->set = (struct cgroups) CGROUPS_NONE;
    op_init(&f->op, arena_new());
    snprintf(f->base, sizeof(f->base), "/proa-test-%d", (int) getpid());
    *state = f;
    return host_read(&f->op, &f->host);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    struct cgroup_path *paths;
    size_t n;
    int r;

    cgroup_close(&f->set);
    op_forget(&f->op);
    new_plan(f, "");
    n = paths_of(f, &paths);
    (void) ((r = cgroup_kill(&f->op, paths, n)) < 0 || (r = cgroup_remove(&f->op, paths, n)) < 0);
    if (r < 0)
        print_error("%s\n", f->op.message);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    arena_free(f->op.arena);
    free(f);
    return r;
}

/* ---- Making and undoing --------------------------------------------------------------------- */

static void test_create_and_undo(void **state)
{
    struct fixture *f = *state;
    size_t all = f->host.n_hierarchies;

    create(f, "/a/b");
    assert_int_equal(count_existing(f, "/a/b"), all);
    for (size_t i = 0; i < all; i++)
        assert_int_equal(f->set.items[i].made, 3);
    assert_true((f->set.v2 >= 0) == (f->host.layout == HOST_CGROUP_V2 || f->host.layout == HOST_CGROUP_HYBRID));
    expect_ok(f, cgroup_undo(&f->op, &f->set));
    assert_int_equal(count_existing(f, ""), 0);
}

static void test_undo_leaves_what_was_there(void **state)
{
    struct fixture *f = *state;

    create(f, "/a");
    cgroup_close(&f->set);
    create(f, "/a/b/c");
    expect_ok(f, cgroup_undo(&f->op, &f->set));
    assert_int_equal(count_existing(f, "/a/b"), 0);
    assert_int_equal(count_existing(f, "/a"), f->host.n_hierarchies);
}

static void test_failure_removes_what_was_made(void **state)
{
    struct fixture *f = *state;
    const char *last = dir_at(f, f->host.n_hierarchies - 1, "");
    pid_t pid = start_sleeper();

    assert_int_equal(mkdir(last, 0755), 0);
    write_text(arena_printf(f->op.arena, "%s/cgroup.procs", last), arena_printf(f->op.arena, "%d", (int) pid));
    new_plan(f, "");
    expect_error(f, cgroup_create(&f->op, f->plan, 0, &f->set), "container's cgroup is not empty: 1 process(es) found");
    assert_int_equal(count_existing(f, ""), 1);
    assert_int_equal(access(last, F_OK), 0);
    kill(pid, SIGKILL);
    expect_killed(pid);
}

static void test_path_too_long(void **state)
{
    struct fixture *f = *state;
    char path[5000];

    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    for (size_t i = 0; i < sizeof(path); i += 100)
        path[i] = '/';
    new_plan(f, path);
    expect_error(f, cgroup_create(&f->op, f->plan, 0, &f->set), "File name too long");
    assert_int_equal(count_existing(f, ""), 0);
}

static void test_paths(void **state)
{
    struct fixture *f = *state;
    struct cgroup_path *paths;
    size_t n;

    new_plan(f, "/x");
    n = paths_of(f, &paths);
    assert_int_equal(n, f->host.n_hierarchies);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(paths[i].dir, dir_at(f, i, "/x"));
        assert_int_equal(!!(paths[i].flags & PLAN_CGROUP_V2), !*f->host.hierarchies[i].controllers);
        assert_int_equal(!!(paths[i].flags & CGROUP_FREEZER), str_eq(f->host.hierarchies[i].controllers, "freezer"));
    }
}

/* Of cgroups that are the roots of their hierarchies none is the container's, to be killed or removed. */
static void test_roots_are_nobodys(void **state)
{
    struct fixture *f = *state;
    struct cgroup_path *paths;

    f->base[0] = '\0';
    new_plan(f, "/");
    assert_int_equal(paths_of(f, &paths), 0);
    expect_error(f, cgroup_create(&f->op, f->plan, 0, &f->set), "container's cgroup is not empty");
    snprintf(f->base, sizeof(f->base), "/proa-test-%d", (int) getpid());
}

/* ---- Living --------------------------------------------------------------------------------- */

static void test_attach_kill_remove(void **state)
{
    struct fixture *f = *state;
    pid_t pid = start_sleeper(), *pids;
    struct cgroup_path *paths;
    char *text;
    size_t n, found = 0;

    create(f, "/a/b");
    expect_ok(f, cgroup_attach(&f->op, &f->set, pid, true));
    assert_int_equal(io_read_at(AT_FDCWD, arena_printf(f->op.arena, "/proc/%d/cgroup", (int) pid), f->op.arena, BLOCK,
                                &text, NULL), 0);
    for (const char *at = text; (at = strstr(at, "/a/b\n")); at++)
        found++;
    assert_int_equal(found, f->host.n_hierarchies);

    n = paths_of(f, &paths);
    assert_int_equal(cgroup_pids(&f->op, paths, n, &pids), 1);
    assert_int_equal(pids[0], pid);
    assert_int_equal(cgroup_frozen(&f->op, paths, n), 0);
    expect_error(f, cgroup_remove(&f->op, paths, n),
                 arena_printf(f->op.arena, "processes in it: %d: Device", (int) pid));
    expect_ok(f, cgroup_kill(&f->op, paths, n));
    assert_int_equal(cgroup_pids(&f->op, paths, n, &pids), 0);
    expect_killed(pid);
    expect_ok(f, cgroup_remove(&f->op, paths, n));
    assert_int_equal(count_existing(f, "/a/b"), 0);

    /* All of it again is no error. */
    expect_ok(f, cgroup_kill(&f->op, paths, n));
    expect_ok(f, cgroup_remove(&f->op, paths, n));
    assert_int_equal(cgroup_pids(&f->op, paths, n, &pids), 0);
    assert_int_equal(cgroup_frozen(&f->op, paths, n), 0);
}

static void test_attach_gone(void **state)
{
    struct fixture *f = *state;
    pid_t pid = start_sleeper();

    create(f, "/a");
    kill(pid, SIGKILL);
    expect_killed(pid);
    expect_error(f, cgroup_attach(&f->op, &f->set, pid, true), "No such process");
}

/* The processes of sub-cgroups are the container's too: it may have made them itself. */
static void start_tree(struct fixture *f, const char *path, pid_t pids[3])
{
    create(f, path);
    pids[0] = start_sleeper();
    expect_ok(f, cgroup_attach(&f->op, &f->set, pids[0], true));
    cgroup_close(&f->set);
    for (int i = 1; i < 3; i++) {
        create(f, arena_printf(f->op.arena, "%s/sub/%d", path, i));
        pids[i] = start_sleeper();
        expect_ok(f, cgroup_attach(&f->op, &f->set, pids[i], true));
        cgroup_close(&f->set);
    }
    new_plan(f, path);
}

/* With these paths only. */
static void kill_tree(struct fixture *f, unsigned without)
{
    struct cgroup_path *paths, *some;
    size_t n, n_some = 0;
    pid_t pids[3], *listed;

    start_tree(f, "/t", pids);
    n = paths_of(f, &paths);
    some = arena_array(f->op.arena, n, sizeof(*some));
    for (size_t i = 0; i < n; i++)
        if (!(paths[i].flags & without))
            some[n_some++] = paths[i];
    if (n_some == 0)
        return;
    assert_int_equal(cgroup_pids(&f->op, some, n_some, &listed), 3);
    expect_ok(f, cgroup_kill(&f->op, some, n_some));
    for (int i = 0; i < 3; i++)
        expect_killed(pids[i]);
    expect_ok(f, cgroup_remove(&f->op, paths, n));
    assert_int_equal(count_existing(f, "/t"), 0);
}

static void test_kill_tree(void **state)
{
    kill_tree(*state, 0);
}

static void test_kill_tree_by_freezer(void **state)
{
    struct fixture *f = *state;

    if (f->host.layout == HOST_CGROUP_V2)
        skip();
    kill_tree(f, PLAN_CGROUP_V2);
}

static void test_kill_tree_without_freezer(void **state)
{
    struct fixture *f = *state;

    if (f->host.layout == HOST_CGROUP_V2)
        skip();
    kill_tree(f, PLAN_CGROUP_V2 | CGROUP_FREEZER);
}

static const char *freezer_file(struct fixture *f, const char *path)
{
    return file_of(f, path, f->host.layout == HOST_CGROUP_V2 ? "cgroup.freeze" : "freezer.state");
}

static void set_frozen(struct fixture *f, const char *path, bool on)
{
    bool v2 = f->host.layout == HOST_CGROUP_V2;

    write_text(freezer_file(f, path), v2 ? (on ? "1" : "0") : on ? "FROZEN" : "THAWED");
}

static void test_kill_frozen(void **state)
{
    struct fixture *f = *state;
    struct cgroup_path *paths;
    pid_t pid = start_sleeper();
    size_t n;

    create(f, "/z");
    expect_ok(f, cgroup_attach(&f->op, &f->set, pid, true));
    n = paths_of(f, &paths);
    set_frozen(f, "/z", true);
    assert_int_equal(cgroup_frozen(&f->op, paths, n), 1);
    expect_ok(f, cgroup_kill(&f->op, paths, n));
    expect_killed(pid);
}

static void test_error_names_the_freezer(void **state)
{
    struct fixture *f = *state;
    const struct cgroup_path paths[] = { { .dir = "/dev" }, { .dir = "/dev/null", .flags = CGROUP_FREEZER } };

    expect_error(f, cgroup_frozen(&f->op, paths, 2), "freezer of cgroup /dev/null: Not a directory");
    expect_error(f, cgroup_freeze(&f->op, paths, 2), "freezer of cgroup /dev/null: Not a directory");
}

static void test_frozen_and_empty(void **state)
{
    struct fixture *f = *state;

    create(f, "/z");
    cgroup_close(&f->set);
    set_frozen(f, "/z", true);
    expect_error(f, cgroup_create(&f->op, f->plan, 0, &f->set), "container's cgroup unexpectedly frozen");
    assert_int_equal(count_existing(f, "/z"), f->host.n_hierarchies);
    set_frozen(f, "/z", false);
    create(f, "/z");
}

/* Deeper than descriptors are allowed, and than a path can be long. */
static void test_remove_deep(void **state)
{
    enum { DEPTH = 300 };
    struct fixture *f = *state;
    struct rlimit old, few = { .rlim_cur = 64 };
    int at, next;

    create(f, "/deep");
    at = open(dir_at(f, 0, "/deep"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < DEPTH && mkdirat(at, "fifteen-letters", 0755) == 0; i++, at = next) {
        next = openat(at, "fifteen-letters", O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(next >= 0);
        close(at);
    }
    close(at);
    getrlimit(RLIMIT_NOFILE, &old);
    few.rlim_max = old.rlim_max;
    setrlimit(RLIMIT_NOFILE, &few);
    expect_ok(f, cgroup_undo(&f->op, &f->set));
    setrlimit(RLIMIT_NOFILE, &old);
    assert_int_equal(count_existing(f, ""), 0);
}

/* The kernel takes names in cgroupfs that no other file system takes. */
static void test_remove_long_name(void **state)
{
    struct fixture *f = *state;
    char path[2 + 3000];
    int at;

    create(f, "/long");
    memset(path, 'n', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    at = open(dir_at(f, 0, "/long"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (mkdirat(at, path, 0755) < 0)
        assert_int_equal(errno, ENAMETOOLONG);
    close(at);
    expect_ok(f, cgroup_undo(&f->op, &f->set));
    assert_int_equal(count_existing(f, ""), 0);
}

/* ---- Without privilege ---------------------------------------------------------------------- */

/* Exit status of cgroup_create as nobody: 0 and no hierarchy, 1 with `text`, else 2. */
static int create_as_nobody(struct fixture *f, uint32_t flags, const char *text)
{
    pid_t pid;
    int status;

    new_plan(f, "/mine")->flags = flags;
    pid = fork();
    if (pid == 0) {
        int r = setgid(65534) < 0 || setuid(65534) < 0 ? 1 : cgroup_create(&f->op, f->plan, 0, &f->set);

        if (r < 0)
            _exit(strstr(f->op.message, text) ? 1 : 2);
        for (size_t i = 0; i < f->set.n && r == 0; i++)
            r = f->set.items[i].root >= 0;
        _exit(r == 0 && f->set.v2 < 0 && cgroup_apply(&f->op, &f->set) == 0 &&
              cgroup_attach(&f->op, &f->set, getpid(), true) == 0 ? 0 : 2);
    }
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_rootless(void **state)
{
    static const char refusal[] =
        "rootless needs no limits + no cgrouppath when no permission is granted for cgroups";
    struct fixture *f = *state;

    assert_int_equal(create_as_nobody(f, PLAN_ROOTLESS, ""), 0);
    assert_int_equal(create_as_nobody(f, PLAN_ROOTLESS | PLAN_CGROUP_NEEDED, refusal), 1);
    assert_int_equal(create_as_nobody(f, 0, "Permission denied"), 1);
    assert_int_equal(count_existing(f, ""), 0);
}

/* ---- Writing -------------------------------------------------------------------------------- */

static bool has_controller(struct fixture *f, const char *name)
{
    if (f->host.layout == HOST_CGROUP_V2)
        return strstr(read_text(f, "/sys/fs/cgroup/cgroup.controllers"), name) != NULL;
    return find_hierarchy(f, name) >= 0;
}

static int apply(struct fixture *f, const char *path, const struct row *rows, size_t n)
{
    cgroup_close(&f->set);
    create(f, path);
    set_writes(f, rows, n);
    return cgroup_apply(&f->op, &f->set);
}

static void test_writes(void **state)
{
    struct fixture *f = *state;
    const struct row good[] = {
        { "pids.max", "max", "/linux/resources/pids/limit", 0 },
        { "pids.max", "17", "/linux/resources/pids/limit", 0 },
        { "pids.nonsense", "1", "/linux/resources/x", PLAN_WRITE_OPTIONAL },
    };
    const struct row bad[] = { { "pids.max", "many", "/linux/resources/pids/limit", 0 } };
    const struct row missing[] = { { "pids.nonsense", "1", "/linux/resources/pids/nonsense", 0 } };
    const struct row unified[] = { { "pids.nonsense", "1", "/linux/resources/unified/pids.nonsense", 0 } };

    if (!has_controller(f, "pids"))
        skip();
    expect_ok(f, apply(f, "/w", good, 3));
    assert_string_equal(read_text(f, file_of(f, "/w", "pids.max")), "17");
    expect_error(f, apply(f, "/w", bad, 1),
                 arena_printf(f->op.arena, "/linux/resources/pids/limit: write \"many\" to %s: Invalid argument",
                              file_of(f, "/w", "pids.max")));
    expect_error(f, apply(f, "/w", missing, 1), "controller \"pids\" not available here");
    expect_error(f, apply(f, "/w", unified, 1), f->host.layout == HOST_CGROUP_V2
                 ? "unable to set unified resource \"pids.nonsense\""
                 : "unified resource \"pids.nonsense\" can't be set: controller \"pids\" not available");
}

/* The second of two files is for when there is no first. */
static void test_alternatives(void **state)
{
    struct fixture *f = *state;
    const struct row second[] = {
        { "pids.nonsense", "1", "/linux/resources/x", PLAN_WRITE_ELSE_NEXT }, { "pids.max", "7", "/linux/resources/x", 0 },
    };
    const struct row first[] = {
        { "pids.max", "8", "/linux/resources/x", PLAN_WRITE_ELSE_NEXT }, { "pids.max", "9", "/linux/resources/x", 0 },
    };
    const struct row neither[] = {
        { "pids.none", "1", "/linux/resources/x", PLAN_WRITE_ELSE_NEXT }, { "pids.nonsense", "1", "/linux/resources/x", 0 },
    };

    if (!has_controller(f, "pids"))
        skip();
    expect_ok(f, apply(f, "/w", second, 2));
    assert_string_equal(read_text(f, file_of(f, "/w", "pids.max")), "7");
    expect_ok(f, apply(f, "/w", first, 2));
    assert_string_equal(read_text(f, file_of(f, "/w", "pids.max")), "8");
    expect_error(f, apply(f, "/w", neither, 2), "pids.nonsense");
}

static void test_escaping_file(void **state)
{
    struct fixture *f = *state;
    const struct row rows[] = { { "pids.x/../../pids.max", "1", "/linux/resources/unified/x", 0 } };

    if (!has_controller(f, "pids"))
        skip();
    create(f, "");
    assert_int_equal(mkdir(dir_at(f, (size_t) find_hierarchy(f, "pids"), "/w"), 0755), 0);
    assert_true(apply(f, "/v", rows, 1) < 0);
    op_forget(&f->op);
    assert_string_equal(read_text(f, file_of(f, "/w", "pids.max")), "max");
}

/* Only v1 refuses a limit below the usage; v2 would kill. */
static void test_memory_in_use(void **state)
{
    struct fixture *f = *state;
    const struct row rows[] = { { "memory.limit_in_bytes", "1048576", "/linux/resources/memory/limit", 0 } };
    char *swaps;
    pid_t pid;

    assert_int_equal(io_read_at(AT_FDCWD, "/proc/swaps", f->op.arena, BLOCK, &swaps, NULL), 0);
    if (find_hierarchy(f, "memory") < 0 || f->host.layout == HOST_CGROUP_V2 || strchr(swaps, '\n')[1])
        skip();
    create(f, "/m");
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        raise(SIGSTOP);
        mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        raise(SIGSTOP);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    expect_ok(f, cgroup_attach(&f->op, &f->set, pid, true));
    kill(pid, SIGCONT);
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    set_writes(f, rows, 1);
    expect_error(f, cgroup_apply(&f->op, &f->set), "unable to set memory limit to 1048576 (current usage: ");
    kill(pid, SIGKILL);
    expect_killed(pid);
}

/* Half a processor above: a period of 10 ms does not go with the quota of 10 ms that is there, only
 * with the one of 2 ms that comes after it. */
static void test_period_after_quota(void **state)
{
    struct fixture *f = *state;
    const struct row rows[] = {
        { "cpu.cfs_period_us", "10000", "/linux/resources/cpu/period", 0 },
        { "cpu.cfs_quota_us", "2000", "/linux/resources/cpu/quota", 0 },
    };
    const struct row never[] = {
        { "cpu.cfs_period_us", "1", "/linux/resources/cpu/period", 0 },
        { "cpu.cfs_quota_us", "2000", "/linux/resources/cpu/quota", 0 },
    };

    if (f->host.layout == HOST_CGROUP_V2 || find_hierarchy(f, "cpu") < 0)
        skip();
    create(f, "/c");
    if (access(file_of(f, "/c", "cpu.cfs_quota_us"), F_OK) < 0)
        skip();
    write_text(file_of(f, "", "cpu.cfs_quota_us"), "50000");
    write_text(file_of(f, "/c", "cpu.cfs_quota_us"), "10000");
    expect_ok(f, apply(f, "/c", rows, 2));
    assert_string_equal(read_text(f, file_of(f, "/c", "cpu.cfs_period_us")), "10000");
    assert_string_equal(read_text(f, file_of(f, "/c", "cpu.cfs_quota_us")), "2000");
    expect_error(f, apply(f, "/c", never, 2), "/linux/resources/cpu/period: write \"1\" to ");
}

/* ---- One version only ----------------------------------------------------------------------- */

static void test_cpuset_is_filled(void **state)
{
    struct fixture *f = *state;
    const char *root = "/sys/fs/cgroup/cpuset/cpuset.cpus";

    if (f->host.layout == HOST_CGROUP_V2 || find_hierarchy(f, "cpuset") < 0)
        skip();
    /* One on the way down that somebody has left empty. */
    assert_int_equal(mkdir(dir_at(f, (size_t) find_hierarchy(f, "cpuset"), ""), 0755), 0);
    assert_string_equal(read_text(f, file_of(f, "", "cpuset.cpus")), "");
    create(f, "/a/b");
    assert_string_equal(read_text(f, file_of(f, "", "cpuset.cpus")), read_text(f, root));
    assert_string_equal(read_text(f, file_of(f, "/a/b", "cpuset.cpus")), read_text(f, root));
    assert_string_not_equal(read_text(f, file_of(f, "/a/b", "cpuset.mems")), "");
}

static void test_controllers_are_handed_down(void **state)
{
    struct fixture *f = *state;
    const char *all;

    if (f->host.layout != HOST_CGROUP_V2 || !has_controller(f, "memory"))
        skip();
    all = read_text(f, "/sys/fs/cgroup/cgroup.controllers");
    create(f, "/a/b");
    assert_string_equal(read_text(f, file_of(f, "/a/b", "cgroup.controllers")), all);
    cgroup_close(&f->set);
    create(f, "/a/c");
    assert_string_equal(read_text(f, file_of(f, "/a/c", "cgroup.controllers")), all);
}

/* Processes in a cgroup keep controllers from being handed down. A container can live there, but not
 * with limits. */
static void test_controllers_that_cannot(void **state)
{
    struct fixture *f = *state;
    const struct row rows[] = { { "memory.max", "max", "/linux/resources/memory/limit", 0 } };
    pid_t pid = start_sleeper();

    if (f->host.layout != HOST_CGROUP_V2 || !has_controller(f, "memory")) {
        kill(pid, SIGKILL);
        skip();
    }
    create(f, "");
    expect_ok(f, cgroup_attach(&f->op, &f->set, pid, true));
    expect_error(f, apply(f, "/x", rows, 1), "controller \"memory\" not available here");
    assert_string_equal(read_text(f, file_of(f, "/x", "cgroup.type")), "domain");
    kill(pid, SIGKILL);
    expect_killed(pid);
}

static void test_threaded_parent(void **state)
{
    static const char text[] = "domain controllers -- it is in an invalid state";
    struct fixture *f = *state;
    int r;

    if (f->host.layout != HOST_CGROUP_V2)
        skip();
    /* Made by hand: one that hands domain controllers down could have no threads. */
    assert_int_equal(mkdir(dir_at(f, 0, ""), 0755), 0);
    assert_int_equal(mkdir(dir_at(f, 0, "/thread"), 0755), 0);
    write_text(file_of(f, "/thread", "cgroup.type"), "threaded");
    new_plan(f, "/x");
    r = cgroup_create(&f->op, f->plan, 0, &f->set);
    if (r == 0)
        r = cgroup_fail_birth(&f->op, f->set.v2, EOPNOTSUPP);
    expect_error(f, r, text);
}

/* ---- Devices -------------------------------------------------------------------------------- */

static void set_program(struct fixture *f, int answer, bool broken)
{
    const struct bpf_insn program[] = {
        { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = broken ? BPF_REG_3 : BPF_REG_0, .imm = answer },
        { .code = BPF_JMP | BPF_EXIT },
    };

    f->plan->device_program = (struct plan_list) { add_bytes(f->plan, program, sizeof(program)), 2 };
}

static int open_null_inside(const struct fixture *f)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        struct op op = f->op;

        if (cgroup_attach(&op, &f->set, getpid(), true) < 0)
            _exit(255);
        _exit(open("/dev/null", O_RDWR) < 0 ? errno : 0);
    }
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static void test_device_program(void **state)
{
    struct fixture *f = *state;

    create(f, "/d");
    if (f->set.v2 < 0)
        skip();
    assert_int_equal(open_null_inside(f), 0);
    set_program(f, 0, false);
    expect_ok(f, cgroup_devices_attach(&f->op, &f->set));
    assert_int_equal(open_null_inside(f), EPERM);

    /* A new one replaces what is there. */
    cgroup_close(&f->set);
    create(f, "/d");
    assert_int_equal(f->set.items[f->set.n - 1].made, 0);
    set_program(f, 1, false);
    expect_ok(f, cgroup_devices_attach(&f->op, &f->set));
    assert_int_equal(open_null_inside(f), 0);

    set_program(f, 0, true);
    expect_error(f, cgroup_devices_attach(&f->op, &f->set), "/linux/resources/devices: loading the device program: ");
}

/* ---- Two layouts ---------------------------------------------------------------------------- */

static int run_group(const char *name)
{
    const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
        TEST(test_create_and_undo), TEST(test_undo_leaves_what_was_there), TEST(test_failure_removes_what_was_made),
        TEST(test_path_too_long), TEST(test_paths), TEST(test_roots_are_nobodys), TEST(test_attach_kill_remove),
        TEST(test_attach_gone), TEST(test_kill_tree), TEST(test_kill_tree_by_freezer),
        TEST(test_kill_tree_without_freezer), TEST(test_kill_frozen), TEST(test_error_names_the_freezer), TEST(test_frozen_and_empty),
        TEST(test_remove_deep), TEST(test_remove_long_name),
        TEST(test_rootless), TEST(test_writes), TEST(test_alternatives), TEST(test_escaping_file), TEST(test_memory_in_use),
        TEST(test_period_after_quota), TEST(test_cpuset_is_filled), TEST(test_controllers_are_handed_down),
        TEST(test_controllers_that_cannot), TEST(test_threaded_parent), TEST(test_device_program),
    };

    print_message("%s\n", name);
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

static int can_make_cgroups(enum host_cgroup_layout *ret_layout)
{
    struct fixture *f;
    const char *probe;
    int can;

    if (geteuid() != 0 || setup((void **) &f) < 0 || f->host.n_hierarchies == 0)
        return 0;
    probe = dir_at(f, f->host.n_hierarchies - 1, "");
    can = mkdir(probe, 0755) == 0 && rmdir(probe) == 0;
    *ret_layout = f->host.layout;
    arena_free(f->op.arena);
    free(f);
    return can;
}

int main(void)
{
    enum host_cgroup_layout layout;
    int failed, status;
    pid_t pid;

    if (!can_make_cgroups(&layout))
        return SKIPPED;
    failed = run_group("this machine's layout");
    if (layout == HOST_CGROUP_V2)
        return failed;
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("none", "/sys/fs/cgroup", "cgroup2", 0, NULL) < 0)
            return 0;
        return run_group("cgroup2");
    }
    waitpid(pid, &status, 0);
    return failed || !WIFEXITED(status) || WEXITSTATUS(status);
}
