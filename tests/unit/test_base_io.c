/* Whole files, and what is not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "base/fd.h"
#include "base/io.h"

static struct arena *arena;
static char path[] = "/tmp/proa-test-io-XXXXXX";
static int dir = -1;

static int setup(void **state)
{
    (void) state;
    arena = arena_new();
    if (mkdtemp(path) == NULL)
        return -1;
    dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    (void) state;
    close(dir);
    arena_free(arena);
    return rmdir(path);
}

static void test_write_and_read(void **state)
{
    struct stat st;
    char *text;
    size_t len;

    (void) state;
    assert_int_equal(io_write_atomic(dir, "f", "one\0two", 7, 0600), 0);
    assert_int_equal(fstatat(dir, "f", &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(io_read_at(dir, "f", arena, 7, &text, &len), 0);
    assert_int_equal(len, 7);
    assert_memory_equal(text, "one\0two", 8);
    assert_int_equal(io_read_at(dir, "f", arena, 6, &text, NULL), -EFBIG);
    assert_int_equal(io_write_atomic(dir, "f", "", 0, 0600), 0);
    assert_int_equal(io_read_at(dir, "f", arena, 0, &text, &len), 0);
    assert_int_equal(len, 0);
    assert_int_equal(io_write_at(dir, "f", "new"), 0);
    assert_int_equal(io_read_at(dir, "f", arena, 10, &text, NULL), 0);
    assert_string_equal(text, "new");
    unlinkat(dir, "f", 0);
    assert_int_equal(io_read_at(dir, "f", arena, 10, &text, NULL), -ENOENT);
    assert_int_equal(io_write_at(dir, "f", "x"), -ENOENT);
}

static void test_atomic_leaves_nothing_behind(void **state)
{
    (void) state;
    assert_int_equal(mkdirat(dir, "d", 0700), 0);
    assert_int_equal(mkdirat(dir, "d/x", 0700), 0);
    assert_int_equal(io_write_atomic(dir, "d", "x", 1, 0600), -EISDIR);
    unlinkat(dir, "d/x", AT_REMOVEDIR);
    assert_int_equal(io_write_atomic(dir, "d/pid", "12", 2, 0600), 0);
    assert_int_equal(unlinkat(dir, "d/pid", 0), 0);
    assert_int_equal(unlinkat(dir, "d", AT_REMOVEDIR), 0);
    assert_int_equal(io_write_atomic(dir, "d/pid", "12", 2, 0600), -ENOENT);
}

static void test_make_directory(void **state)
{
    char *above = arena_printf(arena, "%s/a", path), *deep = arena_printf(arena, "%s/a/b", path);
    mode_t before = umask(0);
    struct stat st;

    (void) state;
    for (int times = 0; times < 2; times++)
        assert_int_equal(io_make_directory(deep, 0755, 0700), 0);
    umask(before);
    assert_int_equal(stat(above, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_int_equal(stat(deep, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(io_write_atomic(dir, "f", "", 0, 0600), 0);
    assert_int_equal(io_make_directory(arena_printf(arena, "%s/f/x", path), 0755, 0700), -ENOTDIR);
    assert_int_equal(unlinkat(dir, "f", 0), 0);
    assert_int_equal(unlinkat(dir, "a/b", AT_REMOVEDIR), 0);
    assert_int_equal(unlinkat(dir, "a", AT_REMOVEDIR), 0);
}

static void test_only_files_are_read(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char *text;

    (void) state;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", path);
    assert_int_equal(bind(fd, (struct sockaddr *) &address, sizeof(address)), 0);
    assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
    assert_int_equal(io_read_at(dir, "socket", arena, 10, &text, NULL), -EINVAL);
    assert_int_equal(io_read_at(dir, "fifo", arena, 10, &text, NULL), -EINVAL);
    assert_int_equal(io_read_at(dir, ".", arena, 10, &text, NULL), -EINVAL);
    assert_int_equal(io_read_at(AT_FDCWD, "/dev/zero", arena, 10, &text, NULL), -EINVAL);
    unlinkat(dir, "fifo", 0);
    unlinkat(dir, "socket", 0);
}

static void test_send(void **state)
{
    static char much[4 << 20];
    int pair[2];

    (void) state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(io_send(pair[0], "x", 1, -1), 0);
    assert_int_equal(io_send(pair[0], "y", 1, pair[1]), 0);
    assert_int_equal(io_send(pair[0], much, sizeof(much), -1), -EMSGSIZE);
    assert_int_equal(io_send(pair[0], "z", 1, -1), -EAGAIN);
    close(pair[1]);
    close(pair[0]);
}

static void test_files_without_a_size(void **state)
{
    char *text;
    size_t len;

    (void) state;
    assert_int_equal(io_read_at(AT_FDCWD, "/proc/self/status", arena, 1 << 20, &text, &len), 0);
    assert_non_null(strstr(text, "Threads:\t1"));
    assert_int_equal(io_read_at(AT_FDCWD, "/proc/self/smaps", arena, 4 << 20, &text, &len), 0);
    assert_true(len > 4096);
    assert_int_equal(strlen(text), len);
    assert_int_equal(io_read_at(AT_FDCWD, "/proc/self/smaps", arena, 5000, &text, &len), -EFBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_and_read), cmocka_unit_test(test_atomic_leaves_nothing_behind),
        cmocka_unit_test(test_only_files_are_read), cmocka_unit_test(test_files_without_a_size),
        cmocka_unit_test(test_send), cmocka_unit_test(test_make_directory),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
