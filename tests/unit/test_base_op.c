/* Errors, faults, the log and the timeline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include "base/json.h"
#include "base/op.h"
#include "base/trace.h"

static struct op op;

static int setup(void **state)
{
    (void) state;
    op_init(&op, arena_new());
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    arena_free(op.arena);
    return 0;
}

static void test_first_error_stays(void **state)
{
    (void) state;
    assert_int_equal(op_fail(&op, ENOENT, "open %s", "/x"), -ENOENT);
    assert_string_equal(op.message, "open /x: No such file or directory");
    assert_int_equal(op.err, ENOENT);
    assert_int_equal(op.code, OP_OTHER);
    assert_int_equal(op_fail_code(&op, OP_EXISTS, EEXIST, "second"), -EEXIST);
    assert_string_equal(op.message, "open /x: No such file or directory");
}

static void test_error_without_errno(void **state)
{
    (void) state;
    assert_int_equal(op_fail_code(&op, OP_ID, 0, "invalid id"), -EINVAL);
    assert_string_equal(op.message, "invalid id");
    assert_int_equal(op.err, 0);
    assert_int_equal(op.code, OP_ID);
}

static void test_messages_are_one_line(void **state)
{
    (void) state;
    op_fault(&op, "/a\nb", "found \"%s\"", "x\r\n\x1b[31m\xc3\xa9");
    assert_string_equal(op.message, "/a b: found \"x  ?[31m\xc3\xa9\"");
    assert_string_equal(op.pointer, "/a\nb");
}

static void test_unknown_errno(void **state)
{
    (void) state;
    op_fail(&op, 4321, "x");
    assert_string_equal(op.message, "x: error 4321");
}

static void test_faults_are_joined(void **state)
{
    (void) state;
    assert_int_equal(op_fault_code(&op, OP_UNSUPPORTED, "/a", "one"), -EINVAL);
    op_fault(&op, "/b", "two");
    op_fault(&op, "", "three");
    assert_string_equal(op.message, "/a: one; /b: two; three");
    assert_string_equal(op.pointer, "/a");
    assert_int_equal(op.code, OP_UNSUPPORTED);
    assert_int_equal(op.faults, 3);
}

static void test_faults_have_places(void **state)
{
    static const char text[] = "{\n \"a\": {\"b\": 1}}";
    static const struct op_source source = { "config.json", text, sizeof(text) - 1 };

    (void) state;
    op.source = &source;
    op_fault(&op, "/a/b", "bad");
    op_fault(&op, "/a/x/0/y", "missing");
    op_fault(&op, "/c", "missing");
    assert_string_equal(op.message, "config.json:2:13: /a/b: bad; config.json:2:7: /a/x/0/y: missing; "
                        "config.json:1:1: /c: missing");
}

static void test_many_faults_are_counted(void **state)
{
    (void) state;
    for (int i = 0; i < 8; i++)
        op_fault(&op, "", "%d", i);
    assert_string_equal(op.message, "0; 1; 2; 3; 4; 5; 6; 7");
    op_fault(&op, "", "8");
    assert_string_equal(op.message, "0; 1; 2; 3; 4; 5; 6; 7; and 1 more");
    for (int i = 9; i < 100000; i++)
        op_fault(&op, "", "%d", i);
    assert_string_equal(op.message, "0; 1; 2; 3; 4; 5; 6; 7; and 99992 more");
    assert_int_equal(op.faults, 100000);
}

static void keep_log(void *data, enum op_level level, const char *message)
{
    char *kept = data;

    kept[0] = (char) ('0' + level);
    strncat(kept, message, 40);
}

static void test_log(void **state)
{
    char kept[64] = "-";

    (void) state;
    op_warn(&op, "nobody listens");
    op.log = keep_log;
    op.log_data = kept;
    op_debug(&op, "off");
    assert_string_equal(kept, "-");
    op_warn(&op, "w%d", 1);
    assert_string_equal(kept, "2w1");
    op.debug = true;
    op_debug(&op, "d");
    assert_string_equal(kept, "0w1d");
}

static void test_trace(void **state)
{
    struct trace *t = trace_new(op.arena);
    struct json_place place;
    const struct json *events, *last;
    const char *why, *text;
    struct json *j;

    (void) state;
    trace_add(t, TRACE_INIT, "late \"x\"", 9000, 12345);
    trace_add(t, TRACE_PARENT, "inner", 5000, 6000);
    trace_add(t, TRACE_PARENT, "outer", 5000, 8001);
    text = trace_json(t, op.arena);
    assert_int_equal(json_parse(text, strlen(text), &j, &place, &why), 0);
    events = json_get(j, "traceEvents");
    assert_int_equal(json_count(events), 5);
    assert_string_equal(json_string(json_get(json_item(events, 0), "ph")), "M");
    assert_string_equal(json_string(json_get(json_item(events, 2), "name")), "outer");
    assert_string_equal(json_string(json_get(json_item(events, 3), "name")), "inner");
    last = json_item(events, 4);
    assert_string_equal(json_string(json_get(last, "name")), "late \"x\"");
    assert_non_null(strstr(text, "\"tid\":2,\"ts\":4.000,\"dur\":3.345}"));
    json_free(j);
}

static void test_trace_scopes(void **state)
{
    struct trace *t = trace_new(op.arena);

    (void) state;
    for (int i = 0; i < 100; i++) {
        trace_scope(t, "step");
    }
    assert_non_null(strstr(trace_json(t, op.arena), "\"step\""));
    trace_add(NULL, TRACE_INIT, "nothing", 1, 2);
    trace_scope(NULL, "nothing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_error_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_error_without_errno, setup, teardown),
        cmocka_unit_test_setup_teardown(test_messages_are_one_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_errno, setup, teardown),
        cmocka_unit_test_setup_teardown(test_faults_are_joined, setup, teardown),
        cmocka_unit_test_setup_teardown(test_faults_have_places, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_faults_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log, setup, teardown),
        cmocka_unit_test_setup_teardown(test_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(test_trace_scopes, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
