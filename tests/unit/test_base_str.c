/* The arena, growing strings, JSON strings and layout, UTF-8, paths, dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdalign.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include "base/date.h"
#include "base/str.h"
#include "base/utf8.h"

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

static void test_arena_is_zeroed_and_aligned(void **state)
{
    static const size_t sizes[] = { 0, 1, 7, 16, 17, 4000, 8191, 8192, 40000, 1, 3 };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *p = arena_alloc(*state, sizes[i]);

        assert_non_null(p);
        assert_int_equal((uintptr_t) p % alignof(max_align_t), 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(p[k], 0);
        memset(p, 0xff, sizes[i]);
    }
}

static void test_arena_strings(void **state)
{
    assert_string_equal(arena_strdup(*state, "proa"), "proa");
    assert_string_equal(arena_strndup(*state, "proa", 2), "pr");
    assert_string_equal(arena_strndup(*state, "proa", 99), "proa");
    assert_string_equal(arena_printf(*state, "%s-%d", "a", 7), "a-7");
}

static void test_str_grows(void **state)
{
    struct str s;

    str_init(&s, *state);
    assert_string_equal(s.text, "");
    for (int i = 0; i < 1000; i++)
        str_addf(&s, "%03d,", i);
    assert_int_equal(s.len, 4000);
    assert_memory_equal(s.text + 3996, "999,", 5);
    str_add_n(&s, "abc", 2);
    assert_string_equal(s.text + 4000, "ab");
    str_addf(&s, "%5000d", 1);
    assert_int_equal(strlen(s.text), 9002);
}

static void test_json_strings(void **state)
{
    static const struct { const char *text, *json; } cases[] = {
        { "", "\"\"" },
        { "a/b", "\"a/b\"" },
        { "q\"b\\", "\"q\\\"b\\\\\"" },
        { "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
        { "\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"" },
        { "\xc3\xa9\xf0\x9f\x90\xb3", "\"\xc3\xa9\xf0\x9f\x90\xb3\"" },
        { "a\xff\xc3", "\"a\xef\xbf\xbd\xef\xbf\xbd\"" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str s;

        str_init(&s, *state);
        str_add_json(&s, cases[i].text);
        assert_string_equal(s.text, cases[i].json);
    }
}

static void test_indent(void **state)
{
    struct str s;

    str_init(&s, *state);
    str_add_indented(&s, " {\"a\":[1, {\"b\":\"x\\\" {,\"}],\n\"c\":[ ], \"d\":{}}\n", "  ");
    assert_string_equal(s.text,
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\\\" {,\"\n    }\n  ],\n  \"c\": [],\n  \"d\": {}\n}");
}

static void test_utf8(void **state)
{
    static const struct { const char *s; size_t length; } cases[] = {
        { "a", 1 }, { "\x7f", 1 }, { "\xc3\xa9", 2 }, { "\xe2\x82\xac", 3 }, { "\xf0\x9f\x90\xb3", 4 },
        { "\xf4\x8f\xbf\xbf", 4 }, { "\x80", 0 }, { "\xc0\xaf", 0 }, { "\xc1\xbf", 0 }, { "\xe0\x80\x80", 0 },
        { "\xed\xa0\x80", 0 }, { "\xf0\x80\x80\x80", 0 }, { "\xf4\x90\x80\x80", 0 }, { "\xf5\x80\x80\x80", 0 },
        { "\xc3", 0 }, { "\xe2\x82", 0 }, { "\xff", 0 }, { "\xc3\x28", 0 }, { "\xe2\x28\xa1", 0 },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(utf8_length(cases[i].s, strlen(cases[i].s)), cases[i].length);
}

static void test_comparisons(void **state)
{
    (void) state;
    assert_true(str_eq(NULL, NULL));
    assert_false(str_eq(NULL, ""));
    assert_false(str_eq("a", "b"));
    assert_true(str_eq("a", "a"));
    assert_true(str_starts("net.ipv4", "net."));
    assert_false(str_starts("ne", "net."));
}

static void test_words(void **state)
{
    (void) state;
    assert_true(str_has_word("cpu,cpuacct", ",", "cpu"));
    assert_true(str_has_word("cpuset,cpuacct,cpu", ",", "cpu"));
    assert_true(str_has_word("cpuset cpu io", " ", "cpu"));
    assert_false(str_has_word("cpuset,cpuacct", ",", "cpu"));
    assert_false(str_has_word("name=memory", ",", "memory"));
    assert_false(str_has_word("rw,errors=remount-ro", ",", "ro"));
    assert_false(str_has_word("upperdir=/a ro,rw", ",", "ro"));
    assert_false(str_has_word("", ",", "cpu"));
}

static void test_lines_and_numbers(void **state)
{
    static const char text[] = "oom 1\noom_kill 2\noom_kill_all 3";
    uint64_t n = 7;

    (void) state;
    assert_string_equal(str_find_line(text, "oom_kill", 8), text + 6);
    assert_string_equal(str_find_line(text, "oom_kill_all", 12), "oom_kill_all 3");
    assert_ptr_equal(str_find_line(text, "kill", 4), NULL);
    assert_ptr_equal(str_find_line("", "oom", 3), NULL);
    assert_int_equal(str_number("18446744073709551616", &n), -ERANGE);
    assert_int_equal(str_number("1x", &n), -EBADMSG);
    assert_int_equal(str_number("-1", &n), -EBADMSG);
    assert_int_equal(str_number("", &n), -EBADMSG);
    assert_int_equal(str_number(NULL, &n), -EBADMSG);
    assert_true(n == 7);
    assert_int_equal(str_number("18446744073709551615", &n), 0);
    assert_true(n == UINT64_MAX);
}

static void test_path_clean(void **state)
{
    static const struct { const char *path, *clean; } cases[] = {
        { "/", "/" }, { "", "." }, { ".", "." }, { "//", "/" }, { "/..", "/" }, { "/../../a", "/a" },
        { "/a//b/./c/", "/a/b/c" }, { "/a/../b", "/b" }, { "/a/b/../../..", "/" }, { "a/..", "." },
        { "..", ".." }, { "../../a", "../../a" }, { "a/../../b", "../b" }, { "./a/", "a" }, { "/...", "/..." },
        { "/..a/b", "/..a/b" }, { "a..", "a.." }, { "x../..", "." },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(path_clean(*state, cases[i].path), cases[i].clean);
    assert_string_equal(path_join(*state, "/a/b", "../c"), "/a/c");
    assert_string_equal(path_join(*state, "/a/b", "/c/./d"), "/c/d");
    assert_string_equal(path_join(*state, "/", "../.."), "/");
}

/* Every day from 1970 to 2400, by the C library. */
static void test_date_of_day(void **state)
{
    (void) state;
    for (time_t day = 0; day < 157054; day++) {
        struct date date = date_of_day(day);
        struct tm tm;

        gmtime_r(&(time_t) { day * 86400 }, &tm);
        assert_int_equal(date.year, tm.tm_year + 1900);
        assert_int_equal(date.month, tm.tm_mon + 1);
        assert_int_equal(date.day, tm.tm_mday);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_arena_is_zeroed_and_aligned, setup, teardown),
        cmocka_unit_test_setup_teardown(test_arena_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_str_grows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_indent, setup, teardown),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_lines_and_numbers),
        cmocka_unit_test(test_date_of_day),
        cmocka_unit_test_setup_teardown(test_path_clean, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
