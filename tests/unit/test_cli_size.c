#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "../../cli/size.h"

static const struct { const char *text; int64_t size; } good[] = {
    { "0", 0 }, { "1048576", 1048576 }, { "1b", 1 }, { "32k", 32768 }, { "32K", 32768 }, { "64m", 67108864 },
    { "64MB", 67108864 }, { "64MiB", 67108864 }, { "1.5g", 1610612736 }, { "1 GiB", 1073741824 }, { ".5k", 512 },
    { "1t", 1099511627776 }, { "2P", 2251799813685248 }, { "0.1", 0 },
};

static const struct { const char *text, *fault; } bad[] = {
    { "", "invalid size: ''" }, { "x", "invalid size: 'x'" }, { "-5", "invalid size: '-5'" }, { "k", "invalid size: 'k'" },
    { ".", "invalid size: '.'" }, { "1.2.3", "invalid size: '1.2.3'" }, { "5x", "invalid suffix: 'x'" },
    { "5bb", "invalid suffix: 'bb'" }, { "5kk", "invalid suffix: 'kk'" }, { "5kibb", "invalid suffix: 'kibb'" },
    { "5  k", "invalid suffix: ' k'" }, { "9000000p", "invalid size: '9000000p' is too large" },
};

static void test_good(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        int64_t size = -7;
        char *fault = size_parse(good[i].text, &size);

        if (fault || size != good[i].size)
            fail_msg("%s: %s, %lld", good[i].text, fault ? fault : "ok", (long long) size);
    }
}

static void test_bad(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        int64_t size = -7;
        char *fault = size_parse(bad[i].text, &size);

        if (!fault || strcmp(fault, bad[i].fault) || size != -7)
            fail_msg("%s: %s", bad[i].text, fault ? fault : "taken");
        free(fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_bad) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
