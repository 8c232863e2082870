/* The names of signals that `kill` takes. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "../../cli/signals.h"

static void test_known(void **state)
{
    static const struct {
        const char *text;
        int number;
    } cases[] = {
        { "9", 9 },          { "-9", -9 },        { "+3", 3 },       { "0", 0 },         { "KILL", 9 },      { "kill", 9 },
        { "SIGKILL", 9 },    { "sigTerm", 15 },   { "IOT", 6 },      { "cld", SIGCHLD }, { "RTMIN", 34 },    { "SIGRTMIN", 34 },
        { "RTMIN+0", 34 },   { "rtmin+15", 49 },  { "RTMIN+30", 64 }, { "RTMAX", 64 },   { "SIGRTMAX-14", 50 }, { "RTMAX-30", 34 },
        { "2147483647", 2147483647 },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int number = -1;

        if (!signal_parse(cases[i].text, &number))
            fail_msg("%s is not known", cases[i].text);
        assert_int_equal(number, cases[i].number);
    }
}

/* Every signal that this libc can name, in four spellings. */
static void test_all_names(void **state)
{
    (void) state;
    for (int number = 1; number < 32; number++) {
        static const char *const forms[] = { "%s", "SIG%s", "sig%s", "Sig%s" };
        const char *name = sigabbrev_np(number);

        for (size_t i = 0; i < 4; i++) {
            char text[32];
            int parsed = -1;

            snprintf(text, sizeof(text), forms[i], name);
            if (!signal_parse(text, &parsed))
                fail_msg("%s is not known", text);
            assert_int_equal(parsed, number);
        }
    }
}

static void test_unknown(void **state)
{
    static const char *const cases[] = {
        "",        "SIG",      "FOO",       "SIGSIGKILL", "9x",      "-",          "+",          "2147483648",
        "KILL ",   " 9",       "RTMIN+31",  "RTMAX-31",   "RTMIN-1", "RTMAX+1",    "RTMIN+",     "RTMIN+-1",
        "RTMIN 1", "RTMIN+1x", "RTMINUS",   "0x9",        "RTMAX-2147483648",      "99999999999999999999",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int number = -1;

        if (signal_parse(cases[i], &number))
            fail_msg("\"%s\" is taken for %d", cases[i], number);
        assert_int_equal(number, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_all_names),
        cmocka_unit_test(test_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
