/* Compares the commands that docs/unsupported.md lists, row by row, with those that there are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include "../../cli/cli.h"
#include "base/io.h"
#include "base/str.h"

static const char *document;

/* The i-th name below the heading: what stands between the first backquotes of a row. NULL behind the last. */
static const char *listed(struct arena *a, const char *heading, size_t i)
{
    char *text, *row, *end;

    assert_int_equal(io_read_at(AT_FDCWD, document, a, 1 << 20, &text, NULL), 0);
    row = strstr(text, arena_printf(a, "\n## %s\n", heading));
    assert_non_null(row);
    end = strstr(row + 1, "\n## ");
    if (end)
        *end = '\0';
    while ((row = strstr(row, "\n| `")) && i-- > 0)
        row++;
    return row ? arena_strndup(a, row + 4, strcspn(row + 4, "`")) : NULL;
}

static void compare(const char *heading, const char *(*refused)(struct arena *, size_t))
{
    struct arena *a = arena_new();
    const char *told, *real;
    size_t i = 0;

    do {
        told = listed(a, heading, i);
        real = refused(a, i++);
        if (!str_eq(told, real))
            fail_msg("%s, row %zu: the document says %s, the code %s", heading, i, told ? told : "no more",
                     real ? real : "no more");
    } while (told);
    arena_free(a);
}

/* Of runc's commands those that are not there. */
static const char *missing_command(struct arena *a, size_t i)
{
    static const char *const runc[] = {
        "checkpoint", "create", "delete", "events", "exec", "features", "kill", "list", "pause", "ps", "restore",
        "resume", "run", "spec", "start", "state", "update",
    };

    (void) a;
    for (size_t k = 0; k < sizeof(runc) / sizeof(runc[0]); k++)
        if (!command_find(runc[k]) && i-- == 0)
            return runc[k];
    return NULL;
}

static void test_commands(void **state)
{
    (void) state;
    compare("Commands", missing_command);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
    };

    document = argc > 1 ? argv[1] : "docs/unsupported.md";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
