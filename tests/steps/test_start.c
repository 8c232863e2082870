/* Whole starts: what the program sees is what the configuration asked for. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "start.h"

static void starts(void **state)
{
    assert_says(&(struct wants) { .script = "echo $$ $(hostname) $HOME $(pwd) $(id -u)" }, "1 box /root / 0\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start_prepare, start_clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(starts),
    };

    return geteuid() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
