/* Strict parsing, exact numbers, and where things are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/json.h"

static struct json *parsed(const char *text)
{
    struct json_place place;
    const char *why = "";
    struct json *j;

    if (json_parse(text, strlen(text), &j, &place, &why) < 0)
        fail_msg("%s: %s", text, why);
    return j;
}

static void test_refused(void **state)
{
    static const struct { const char *text; size_t line, column; const char *why; } cases[] = {
        { "", 1, 1, "the text ends too early" },
        { " \n ", 2, 2, "the text ends too early" },
        { "{", 1, 2, "the text ends too early" },
        { "{\"a\":\n[1,", 2, 4, "the text ends too early" },
        { "\"abc", 1, 5, "the text ends too early" },
        { "nul", 1, 1, "not a JSON value" },
        { "[1 2]", 1, 4, "\",\" or \"]\" expected" },
        { "{\"a\" 1}", 1, 6, "\":\" expected" },
        { "{\"a\":1 \"b\":2}", 1, 8, "\",\" or \"}\" expected" },
        { "{1:2}", 1, 2, "a member name in quotes expected" },
        { "[1,]", 1, 4, "unexpected character" },
        { "{\"a\":1,}", 1, 8, "unexpected character" },
        { "1 2", 1, 3, "unexpected character" },
        { "{}x", 1, 3, "not a JSON value" },
        { "/* */ 1", 1, 1, "not a JSON value" },
        { "'a'", 1, 1, "not a JSON value" },
        { "{a:1}", 1, 2, "not a JSON value" },
        { "NaN", 1, 1, "not a JSON value" },
        { "Infinity", 1, 1, "not a JSON value" },
        { "True", 1, 1, "not a JSON value" },
        { "01", 1, 2, "not a number" },
        { "-", 1, 2, "not a number" },
        { "-a", 1, 2, "not a number" },
        { "1.", 1, 3, "not a number" },
        { "1e", 1, 3, "not a number" },
        { "0x10", 1, 2, "not a number" },
        { "18446744073709551616", 1, 1, "number out of range" },
        { "-9223372036854775809", 1, 1, "number out of range" },
        { "[\r\n123456789012345678901234567890]", 2, 1, "number out of range" },
        { "\"a\nb\"", 1, 3, "control character in a string" },
        { "\"\\x\"", 1, 3, "unknown escape in a string" },
        { "\"\\u12g4\"", 1, 3, "unknown escape in a string" },
        { "\"\\ud800\"", 1, 3, "half of a surrogate pair in a string" },
        { "\"\\udc00\\ud800\"", 1, 3, "half of a surrogate pair in a string" },
        { "\"\\u0000\"", 1, 3, "NUL character in a string" },
        { "{\"\\u0000\":1}", 1, 4, "NUL character in a string" },
        { "\"\x80\"", 1, 2, "not UTF-8" },
        { "\"\xc0\xaf\"", 1, 2, "not UTF-8" },
        { "\"\xed\xa0\x80\"", 1, 2, "not UTF-8" },
        { "\xff", 1, 1, "not a JSON value" },
        { "\xef\xbb\xbf{}", 1, 1, "begins with a byte order mark" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_place place = { 0, 0 };
        const char *why = NULL;
        struct json *j = NULL;

        if (json_parse(cases[i].text, strlen(cases[i].text), &j, &place, &why) != -EINVAL)
            fail_msg("accepted: %s", cases[i].text);
        assert_null(j);
        assert_string_equal(why, cases[i].why);
        assert_int_equal(place.line, cases[i].line);
        assert_int_equal(place.column, cases[i].column);
    }
}

static void test_nul_bytes(void **state)
{
    struct json_place place;
    const char *why;
    struct json *j;

    (void) state;
    assert_int_equal(json_parse("{}\0{}", 5, &j, &place, &why), -EINVAL);
    assert_string_equal(why, "NUL byte");
    assert_int_equal(place.column, 3);
    assert_int_equal(json_parse("[\"a\0b\"]", 7, &j, &place, &why), -EINVAL);
    assert_int_equal(place.column, 4);
}

static void test_depth(void **state)
{
    char text[2 * 1000];
    struct json_place place;
    const char *why;
    struct json *j;

    (void) state;
    memset(text, '[', 60);
    memset(text + 60, ']', 60);
    assert_int_equal(json_parse(text, 120, &j, &place, &why), 0);
    json_free(j);
    memset(text, '[', 1000);
    memset(text + 1000, ']', 1000);
    assert_int_equal(json_parse(text, 2000, &j, &place, &why), -EINVAL);
    assert_string_equal(why, "nested deeper than 64 levels");
}

static void test_size(void **state)
{
    size_t n = 20 << 20;
    char *text = malloc(n);
    struct json_place place;
    const char *why;
    struct json *j;

    (void) state;
    for (size_t i = 0; i + 3 <= n; i += 3)
        memcpy(text + i, i == 0 ? "[{}" : ",{}", 3);
    assert_int_equal(json_parse(text, n, &j, &place, &why), -EINVAL);
    assert_string_equal(why, "more than 200000 values");
    memset(text, ' ', n);
    memcpy(text + n - 2, "[]", 2);
    assert_int_equal(json_parse(text, n, &j, &place, &why), 0);
    json_free(j);
    free(text);
}

static void test_values(void **state)
{
    struct json *j = parsed(" {\"b\":true,\"s\":\"\\ud83d\\udc33\\/\","
                            "\"a\":[1,null,\"x\"],\"n\":null,\"d\":1,\"o\":{},\"d\":1.5}");

    (void) state;
    assert_int_equal(json_kind(j), JSON_OBJECT);
    assert_int_equal(json_count(j), 6);
    assert_true(json_is_true(json_get(j, "b")));
    assert_string_equal(json_string(json_get(j, "s")), "\xf0\x9f\x90\xb3/");
    assert_int_equal(json_count(json_get(j, "a")), 3);
    assert_null(json_item(json_get(j, "a"), 1));
    assert_string_equal(json_string(json_item(json_get(j, "a"), 2)), "x");
    assert_null(json_get(j, "n"));
    assert_null(json_get(j, "missing"));
    assert_int_equal(json_kind(json_get(j, "d")), JSON_DOUBLE);         /* the last one counts */
    assert_null(json_string(json_get(j, "b")));
    json_free(j);
    assert_null(parsed("null"));
}

static void test_members(void **state)
{
    struct json *j = parsed("{\"z\":1,\"a\":null,\"m\":[]}");
    static const char *const names[] = { "z", "a", "m" };
    size_t n = 0;

    (void) state;
    for (struct json_members m = json_members(j); json_next(&m); n++) {
        assert_string_equal(m.name, names[n]);
        assert_int_equal(json_kind(m.value), n == 0 ? JSON_INT : n == 1 ? JSON_NULL : JSON_ARRAY);
    }
    assert_int_equal(n, 3);
    json_free(j);
}

static void test_integers(void **state)
{
    static const struct { const char *text; int r, ru; int64_t v; uint64_t u; } cases[] = {
        { "0", 0, 0, 0, 0 },
        { "-0", 0, 0, 0, 0 },
        { "-1", 0, -ERANGE, -1, 0 },
        { "9223372036854775807", 0, 0, INT64_MAX, INT64_MAX },
        { "9223372036854775808", -ERANGE, 0, 0, (uint64_t) INT64_MAX + 1 },
        { "18446744073709551615", -ERANGE, 0, 0, UINT64_MAX },
        { "-9223372036854775808", 0, -ERANGE, INT64_MIN, 0 },
        { "1.0", -EINVAL, -EINVAL, 0, 0 },
        { "1e2", -EINVAL, -EINVAL, 0, 0 },
        { "\"1\"", -EINVAL, -EINVAL, 0, 0 },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json *j = parsed(cases[i].text);
        int64_t v = 0;
        uint64_t u = 0;

        assert_int_equal(json_int64(j, &v), cases[i].r);
        assert_int_equal(json_uint64(j, &u), cases[i].ru);
        assert_true(v == cases[i].v);
        assert_true(u == cases[i].u);
        json_free(j);
    }
}

static void test_locate(void **state)
{
    static const char text[] =
        "\t{ \"a\" : {\"b/c\": 1, \"d~e\": [ 10, [\"x,]\", {\"k\":2}],\r\n 30 ]},\n"
        "  \"\\u0061b\\n\\\"\": 5, \"\\ud83d\\udc33\": 6, \"a~1\": 9,\n"
        "  \"dup\": {\"x\": 1}, \"dup\": {\"y\": 2}, \"\": 7, \"e\": [], \"last\":-1.5e3}";
    static const struct { const char *pointer; size_t line, column; } cases[] = {
        { "", 1, 2 },
        { "/a", 1, 10 },
        { "/a/b~1c", 1, 18 },
        { "/a/d~0e", 1, 28 },
        { "/a/d~0e/0", 1, 30 },
        { "/a/d~0e/1", 1, 34 },
        { "/a/d~0e/1/0", 1, 35 },
        { "/a/d~0e/1/1/k", 1, 47 },
        { "/a/d~0e/2", 2, 2 },
        { "/ab\n\"", 3, 18 },
        { "/\xf0\x9f\x90\xb3", 3, 37 },
        { "/a~01", 3, 47 },
        { "/dup/y", 4, 33 },
        { "/", 4, 41 },
        { "/last", 4, 60 },
        { "/dup/x", 0, 0 },
        { "/missing", 0, 0 },
        { "/a/d~0e/3", 0, 0 },
        { "/a/d~0e/x", 0, 0 },
        { "/a/d~0e/0/0", 0, 0 },
        { "/e/0", 0, 0 },
        { "/last/x", 0, 0 },
        { "/ab", 0, 0 },
    };
    struct json *j = parsed(text);

    (void) state;
    json_free(j);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_place place = { 0, 0 };

        assert_int_equal(json_locate(text, strlen(text), cases[i].pointer, &place), cases[i].line > 0);
        if (place.line != cases[i].line || place.column != cases[i].column)
            fail_msg("%s: %zu:%zu", cases[i].pointer, place.line, place.column);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused), cmocka_unit_test(test_nul_bytes), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_size), cmocka_unit_test(test_values), cmocka_unit_test(test_members),
        cmocka_unit_test(test_integers), cmocka_unit_test(test_locate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
