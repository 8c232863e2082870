/* The two ways to quote a string, what UTF-8 is, the layout of tables and the form of log records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../cli/log.h"
#include "../../cli/table.h"
#include "../../cli/text.h"

static void test_utf8(void **state)
{
    static const struct {
        const char *s;
        size_t length;
    } cases[] = {
        { "a", 1 },
        { "\x7f", 1 },
        { "\xc3\xa9", 2 },
        { "\xe2\x82\xac", 3 },
        { "\xef\xbf\xbd", 3 },
        { "\xf0\x9f\x90\xb3", 4 },
        { "\xf4\x8f\xbf\xbf", 4 },
        { "", 0 },                 /* the end */
        { "\x80", 0 },             /* a continuation byte */
        { "\xc0\xaf", 0 },         /* overlong */
        { "\xc1\xbf", 0 },
        { "\xe0\x80\x80", 0 },
        { "\xf0\x80\x80\x80", 0 },
        { "\xc3", 0 },             /* cut short */
        { "\xe2\x82", 0 },
        { "\xed\xa0\x80", 0 },     /* a surrogate */
        { "\xf4\x90\x80\x80", 0 }, /* beyond U+10FFFF */
        { "\xf5\x80\x80\x80", 0 },
        { "\xff", 0 },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(text_utf8(cases[i].s), cases[i].length);
}

static void assert_quoted(void (*quote)(FILE *, const char *), const char *s, const char *expected)
{
    struct text text;
    char *quoted;

    text_stream(&text);
    quote(text.out, s);
    quoted = text_take(&text);
    assert_string_equal(quoted, expected);
    free(quoted);
}

static void test_quote_go(void **state)
{
    (void) state;
    assert_quoted(text_quote_go, "", "\"\"");
    assert_quoted(text_quote_go, "a \"b\" \\ <c>", "\"a \\\"b\\\" \\\\ <c>\"");
    assert_quoted(text_quote_go, "\a\b\f\n\r\t\v", "\"\\a\\b\\f\\n\\r\\t\\v\"");
    assert_quoted(text_quote_go, "\x01\x1b\x7f", "\"\\x01\\x1b\\x7f\"");
    assert_quoted(text_quote_go, "\xc3\xa9\xff\xc2\x85", "\"\xc3\xa9\\xff\\u0085\"");
}

static void test_quote_json(void **state)
{
    (void) state;
    assert_quoted(text_quote_json, "", "\"\"");
    assert_quoted(text_quote_json, "a \"b\" \\ /", "\"a \\\"b\\\" \\\\ /\"");
    assert_quoted(text_quote_json, "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
    assert_quoted(text_quote_json, "\x01\x1b\x7f", "\"\\u0001\\u001b\x7f\"");
    assert_quoted(text_quote_json, "\xc3\xa9\xff\xc3", "\"\xc3\xa9\\ufffd\\ufffd\"");
}

static void test_table(void **state)
{
    static const char *const cells[] = {
        "ID", "STATUS", "OWNER", "a", "123456789", "root", "\xc3\xa9\xc3\xa9", "1234567890", "u",
    };
    struct text text;
    char *table;

    (void) state;
    text_stream(&text);
    table_write(text.out, cells, 3, 3);
    table = text_take(&text);
    assert_string_equal(table, "ID          STATUS       OWNER\n"
                               "a           123456789    root\n"
                               "\xc3\xa9\xc3\xa9          1234567890   u\n");
    free(table);
}

/* What log_write() writes, with the digits of the time as 0. */
static void assert_record(bool json, enum log_level level, const char *message, const char *expected)
{
    struct log log = { .json = json };
    char record[300], *stamp;
    ssize_t length;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    log.fd = ends[1];
    log_write(&log, level, message);
    length = read(ends[0], record, sizeof(record) - 1);
    assert_true(length > 0);
    record[length] = '\0';
    stamp = strstr(record, json ? "\"time\":\"" : "time=\"");
    assert_non_null(stamp);
    for (stamp += json ? 8 : 6; *stamp && *stamp != '"'; stamp++) {
        if (*stamp >= '0' && *stamp <= '9')
            *stamp = '0';
    }
    assert_string_equal(record, expected);
    close(ends[0]);
    close(ends[1]);
}

static void test_records(void **state)
{
    (void) state;
    setenv("TZ", "UTC0", 1);
    tzset();
    assert_record(true, LOG_ERROR, "no \"x\"",
                  "{\"level\":\"error\",\"msg\":\"no \\\"x\\\"\",\"time\":\"0000-00-00T00:00:00Z\"}\n");
    assert_record(false, LOG_WARNING, "a b", "time=\"0000-00-00T00:00:00Z\" level=warning msg=\"a b\"\n");
    assert_record(false, LOG_DEBUG, "a-b./@^+_", "time=\"0000-00-00T00:00:00Z\" level=debug msg=a-b./@^+_\n");
    setenv("TZ", "XXX-5:30", 1);
    tzset();
    assert_record(false, LOG_INFO, "", "time=\"0000-00-00T00:00:00+00:00\" level=info msg=\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),  cmocka_unit_test(test_quote_go), cmocka_unit_test(test_quote_json),
        cmocka_unit_test(test_table), cmocka_unit_test(test_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
