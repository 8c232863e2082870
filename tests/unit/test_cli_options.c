/* The grammar of the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../cli/options.h"

struct values {
    bool force, quiet;
    int choice;
    const char *bundle, *root;
    unsigned number;
    struct option_list env;
};

#define ROW(field, character, kind)                                                                                 \
    { .name = #field, .letter = character, .type = kind, .offset = offsetof(struct values, field), .help = "" }

static const struct option own_rows[] = {
    ROW(force, 'f', OPTION_BOOL),
    ROW(choice, 0, OPTION_CHOICE),
    ROW(bundle, 'b', OPTION_STRING),
    ROW(number, 0, OPTION_UNSIGNED),
    ROW(env, 'e', OPTION_LIST),
    { 0 },
};
static const struct option global_rows[] = {
    ROW(root, 0, OPTION_STRING),
    ROW(quiet, 'q', OPTION_BOOL),
    { .name = "bundle", .type = OPTION_STRING, .offset = offsetof(struct values, root), .help = "hidden by the first" },
    { 0 },
};

enum { WORDS = 12 };

struct parsed {
    struct values values;
    char *words[WORDS];
    char *line, *error;
    int count;
};

/* Parses the words of `line`, which one space separates; two of them make an empty word. */
static void parse(struct parsed *p, const char *line, bool stop)
{
    const struct option_table tables[] = { { own_rows, &p->values }, { global_rows, &p->values }, { 0 } };
    char *rest, *word;
    size_t count = 0;

    memset(p, 0, sizeof(*p));
    p->line = rest = strdup(line);
    while (*line && (word = strsep(&rest, " ")))
        p->words[count++] = word;
    p->count = options_parse(tables, stop, p->words, &p->error);
}

static void finish(struct parsed *p)
{
    free(p->values.env.items);
    free(p->error);
    free(p->line);
}

/* The positionals of `line`, joined by one space. */
static void assert_positionals(const char *line, bool stop, const char *expected)
{
    struct parsed p;
    char joined[200] = "";

    parse(&p, line, stop);
    if (p.count < 0)
        fail_msg("%s: %s", line, p.error);
    for (int i = 0; i < p.count; i++) {
        strcat(joined, i ? " " : "");
        strcat(joined, p.words[i]);
    }
    assert_string_equal(joined, expected);
    assert_null(p.words[p.count]);
    finish(&p);
}

static void assert_error(const char *line, const char *expected)
{
    struct parsed p;

    parse(&p, line, false);
    assert_int_equal(p.count, -1);
    assert_string_equal(p.error, expected);
    finish(&p);
}

static void test_positionals(void **state)
{
    (void) state;
    assert_positionals("", false, "");
    assert_positionals("a b", false, "a b");
    assert_positionals("a --force b -b x c", false, "a b c");
    assert_positionals("a  b", false, "a  b");
    assert_positionals("-- --force -b", false, "--force -b");
    assert_positionals("a -- b -- c", false, "a b -- c");
    assert_positionals("a - b c", false, "a -");
    assert_positionals("a -9 --force", false, "a -9 --force");
    assert_positionals("-q a --nope -b", true, "a --nope -b");
    assert_positionals("a -- b", true, "a -- b");
}

static void test_forms(void **state)
{
    static const char *const forms[] = { "--bundle x", "-bundle x", "-b x",  "--b x",
                                        "--bundle=x", "-bundle=x", "-b=x", "a --bundle y --bundle=x" };
    struct parsed p;

    (void) state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        parse(&p, forms[i], false);
        assert_true(p.count >= 0);
        assert_string_equal(p.values.bundle, "x");
        assert_null(p.values.root);
        finish(&p);
    }
}

static void test_values(void **state)
{
    struct parsed p;

    (void) state;
    parse(&p, "--root= --bundle --force --number 0x10 -b=a=b", false);
    assert_int_equal(p.count, 0);
    assert_string_equal(p.values.root, "");
    assert_string_equal(p.values.bundle, "a=b");
    assert_int_equal(p.values.number, 16);
    assert_false(p.values.force); /* it was the value of --bundle */
    finish(&p);
}

static void test_bool(void **state)
{
    static const struct {
        const char *line;
        bool value;
    } cases[] = {
        { "-f", true },      { "--force=true", true }, { "-f=1", true },  { "-f=t", true },      { "-f=T", true },
        { "-f=", true },     { "-f -f=false", false }, { "-f=0", false }, { "-f -f=f", false }, { "-f -f=FALSE", false },
        { "-f 0", true },
    };
    struct parsed p;

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        parse(&p, cases[i].line, false);
        assert_true(p.count >= 0);
        assert_int_equal(p.values.force, cases[i].value);
        finish(&p);
    }
}

/* Whether it was given counts too. */
static void test_choice(void **state)
{
    static const struct {
        const char *line;
        int value;
    } cases[] = {
        { "", 0 }, { "--choice", 1 }, { "--choice=", 1 }, { "--choice=true", 1 }, { "--choice=false", -1 },
        { "--choice --choice=0", -1 }, { "--choice false", 1 },
    };
    struct parsed p;

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        parse(&p, cases[i].line, false);
        assert_true(p.count >= 0);
        assert_int_equal(p.values.choice, cases[i].value);
        finish(&p);
    }
    parse(&p, "--choice=maybe", false);
    assert_int_equal(p.count, -1);
    finish(&p);
}

static void test_list(void **state)
{
    struct parsed p;

    (void) state;
    parse(&p, "-e A=1,2 x --env=B -e  y", false);
    assert_int_equal(p.count, 2);
    assert_int_equal(p.values.env.count, 3);
    assert_string_equal(p.values.env.items[0], "A=1,2");
    assert_string_equal(p.values.env.items[1], "B");
    assert_string_equal(p.values.env.items[2], "");
    finish(&p);
}

static void test_errors(void **state)
{
    (void) state;
    assert_error("--nope", "flag provided but not defined: -nope");
    assert_error("a -nope=3", "flag provided but not defined: -nope");
    assert_error("-fq", "flag provided but not defined: -fq");
    assert_error("--forc", "flag provided but not defined: -forc");
    assert_error("---", "flag provided but not defined: --");
    assert_error("--=x", "flag provided but not defined: -");
    assert_error("a --bundle", "flag needs an argument: --bundle");
    assert_error("-b", "flag needs an argument: -b");
    assert_error("-f=yes", "invalid value \"yes\" for flag -f: parse error");
    assert_error("--number x", "invalid value \"x\" for flag -number: parse error");
    assert_error("--number=", "invalid value \"\" for flag -number: parse error");
    assert_error("--number -1", "invalid value \"-1\" for flag -number: parse error");
    assert_error("--number 4294967296", "invalid value \"4294967296\" for flag -number: parse error");
    assert_error("--number 3x", "invalid value \"3x\" for flag -number: parse error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positionals), cmocka_unit_test(test_forms), cmocka_unit_test(test_values),
        cmocka_unit_test(test_bool),        cmocka_unit_test(test_choice), cmocka_unit_test(test_list),  cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
