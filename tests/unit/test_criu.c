/* Messages of Protocol Buffers as bytes, damaged ones too; what is quoted of a log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include "launch/criu.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void) state;
    arena = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    arena_free(arena);
    return 0;
}

static struct str message(void)
{
    struct str s;

    str_init(&s, arena);
    return s;
}

static void is(const struct str *s, const char *bytes, size_t n)
{
    assert_int_equal(s->len, n);
    assert_memory_equal(s->text, bytes, n);
}

#define IS(s, bytes) is(s, bytes, sizeof(bytes) - 1)

/* The first two are the examples of the encoding's documentation. */
static void test_write(void **state)
{
    struct str s = message(), outer = message();

    (void) state;
    protobuf_add_number(&s, 1, 150);
    IS(&s, "\x08\x96\x01");
    protobuf_add_message(&outer, 3, &s);
    IS(&outer, "\x1a\x03\x08\x96\x01");
    s = message();
    protobuf_add_text(&s, 2, "testing");
    IS(&s, "\x12\x07testing");
    s = message();
    protobuf_add_number(&s, 1, -1);
    IS(&s, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    s = message();
    protobuf_add_number(&s, 63, 0);
    IS(&s, "\xf8\x03\x00");
}

static void test_pairs(void **state)
{
    struct str s = message();

    (void) state;
    criu_add_pair(&s, CRIU_EXT_MNT, "/a", "/b");
    IS(&s, "\xba\x01\x08\x0a\x02/a\x12\x02/b");
    s = message();
    criu_add_inherited(&s, "pipe:[7]", 2);
    IS(&s, "\xda\x01\x0c\x0a\x08pipe:[7]\x10\x02");
}

static void test_read(void **state)
{
    static const char bytes[] = "\x08\x96\x01\x0d\x01\x02\x03\x04\x11\x01\x02\x03\x04\x05\x06\x07\x08\x1a\x02hi";
    struct protobuf p = { bytes, sizeof(bytes) - 1 };
    struct protobuf_field f;

    (void) state;
    assert_int_equal(protobuf_next(&p, &f), 1);
    assert_true(f.field == 1 && f.number == 150 && f.bytes.left == 0);
    assert_int_equal(protobuf_next(&p, &f), 1);
    assert_true(f.field == 1 && f.bytes.left == 4);
    assert_int_equal(protobuf_next(&p, &f), 1);
    assert_true(f.field == 2 && f.bytes.left == 8);
    assert_int_equal(protobuf_next(&p, &f), 1);
    assert_true(f.field == 3 && f.bytes.left == 2);
    assert_memory_equal(f.bytes.at, "hi", 2);
    assert_int_equal(protobuf_next(&p, &f), 0);
}

/* Each ends where nothing is that was promised; `f` stays as it was. */
static void test_damaged(void **state)
{
    static const struct { const char *bytes; size_t n; } damaged[] = {
        { "\x08", 1 },                          /* no number */
        { "\x08\x96", 2 },                      /* half of one */
        { "\x12\x07test", 6 },                  /* a text that is too short */
        { "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x", 12 },
        { "\x0d\x01\x02\x03", 4 },
        { "\x09\x01\x02\x03", 4 },
        { "\x0b", 1 }, { "\x0c", 1 }, { "\x0e", 1 }, { "\x0f", 1 },     /* types that there are no more, or not */
        { "\x00\x00", 2 },                      /* field 0 */
        { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12 },     /* a key without end */
        { "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12 },
        { "\xf8\xff\xff\xff\xff\xff\x01\x00", 8 },                      /* a field beyond 32 bits */
    };

    (void) state;
    for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
        struct protobuf p = { damaged[i].bytes, damaged[i].n };
        struct protobuf_field f = { .field = 77 };

        assert_int_equal(protobuf_next(&p, &f), -EBADMSG);
        assert_int_equal(f.field, 77);
    }
}

static void test_log(void **state)
{
    char *many = arena_strdup(arena, ""), *text;

    (void) state;
    assert_string_equal(criu_log_excerpt(arena, ""), "");
    assert_string_equal(criu_log_excerpt(arena, "(00.1) fine\n(00.2) Warn  (a.c:1): odd\n"), "");
    assert_string_equal(criu_log_excerpt(arena, "(00.1) fine\n(00.2)   12: Error (a.c:1): one\n\nError (b.c:2): two"),
                        "Error (a.c:1): one; Error (b.c:2): two");
    assert_string_equal(criu_log_excerpt(arena, "(00.1) Error (a.c:1): one\n(00.2) Error (c.c:1): Dumping FAILED.\n"),
                        "Error (a.c:1): one");
    for (int i = 0; i < 100; i++)
        many = arena_printf(arena, "%s(00.1) Error (a.c:%d): %0300d\n", many, i, i);
    text = criu_log_excerpt(arena, many);
    assert_true(strlen(text) < 1000);
    assert_non_null(strstr(text, "Error (a.c:3)"));
    assert_null(strstr(text, "Error (a.c:4)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pairs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_log, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
