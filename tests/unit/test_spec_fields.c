/* Walks every row of the field tables: what it takes, what it refuses, and how it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "base/op.h"
#include "base/str.h"
#include "spec/field.h"

/* The JSON around a member ("{"linux":{"resources":" and "}}") and the pointer to it. */
struct around {
    const char *before, *after, *pointer;
};

struct visit {
    struct arena *arena;
    unsigned rows;
};

static bool holds_structs(const struct field *f)
{
    return f->kind == FIELD_OBJECT || f->kind == FIELD_LIST || f->kind == FIELD_MAP;
}

static struct around member(struct arena *a, const struct around *object, const struct field *f)
{
    return (struct around) {
        arena_printf(a, "%s{\"%s\":", object->before, f->name),
        arena_printf(a, "}%s", object->after),
        arena_printf(a, "%s/%s", object->pointer, f->name),
    };
}

/* The object inside a list, a map or a pointer. */
static struct around inside(struct arena *a, const struct around *at, const struct field *f)
{
    static const char *const open[] = { [FIELD_LIST] = "[", [FIELD_MAP] = "{\"k\":", [FIELD_OBJECT] = "" };
    static const char *const close[] = { [FIELD_LIST] = "]", [FIELD_MAP] = "}", [FIELD_OBJECT] = "" };
    static const char *const step[] = { [FIELD_LIST] = "/0", [FIELD_MAP] = "/k", [FIELD_OBJECT] = "" };

    return (struct around) {
        arena_printf(a, "%s%s", at->before, open[f->kind]),
        arena_printf(a, "%s%s", close[f->kind], at->after),
        arena_printf(a, "%s%s", at->pointer, step[f->kind]),
    };
}

/* The message that the document with this value at this place gets. */
static const char *message(struct arena *a, const struct around *at, const char *value)
{
    const char *text = arena_printf(a, "%s%s%s", at->before, value, at->after);
    struct spec *spec = NULL;
    struct op op;

    op_init(&op, a);
    if (spec_parse(&op, "c", text, strlen(text), &spec) == 0)
        fail_msg("accepted: %s", text);
    return op.message;
}

static void refused(struct arena *a, const struct around *at, const char *value, const char *why)
{
    const char *got = message(a, at, value), *want = arena_printf(a, "%s: %s", at->pointer, why);

    if (strstr(got, want) == NULL)
        fail_msg("%s%s%s: wanted \"%s\", got \"%s\"", at->before, value, at->after, want, got);
}

/* Nothing is said of the place itself, whatever else is missing. */
static void taken(struct arena *a, const struct around *at, const char *value)
{
    const char *got = message(a, at, value);

    if (strstr(got, arena_printf(a, "%s: ", at->pointer)))
        fail_msg("%s%s%s: \"%s\"", at->before, value, at->after, got);
}

static void visit_numbers(struct arena *a, const struct around *at, const struct field *f)
{
    bool is_signed = f->kind == FIELD_INT;

    if (f->kind == FIELD_UINTS)
        return;
    taken(a, at, arena_printf(a, "%lld", (long long) f->lo));
    taken(a, at, arena_printf(a, "%llu", (unsigned long long) f->hi));
    if (f->lo != INT64_MIN)
        refused(a, at, arena_printf(a, "%lld", (long long) f->lo - 1), "must be from");
    if (f->hi != UINT64_MAX)
        refused(a, at, arena_printf(a, "%llu", (unsigned long long) f->hi + 1), "must be from");
    if (is_signed)
        refused(a, at, "18446744073709551615", "must be from");
    refused(a, at, "1.5", "must be an integer (found a number with a fraction or exponent)");
}

static void visit_words(struct arena *a, const struct around *at, const struct field *f)
{
    const struct words *words = f->of;
    bool mask = f->kind == FIELD_MASK;
    int64_t value;

    for (const struct word *w = words->list; w->name; w++) {
        assert_int_equal(words_value(words, w->name, &value), 0);
        assert_true(value == w->value);
        assert_true(!mask || (value >= 0 && value < 64));
    }
    if (f->flags & TOLERANT)
        taken(a, at, "[\"bogus\"]");
    else if (!mask)
        refused(a, at, "\"bogus\"", arena_printf(a, "unknown %s \"bogus\"", words->what));
    else
        assert_non_null(strstr(message(a, at, "[\"bogus\"]"), arena_printf(a, "%s/0: unknown %s",
            at->pointer, words->what)));
}

static void visit_type(struct visit *v, const struct type *t, const struct around *object);

static void visit_row(struct visit *v, const struct field *f, const struct around *object)
{
    struct around at = member(v->arena, object, f), in;

    v->rows++;
    refused(v->arena, &at, f->kind == FIELD_BOOL ? "5" : "true", "must be a");
    if (f->flags & REQUIRED)
        refused(v->arena, &at, "null,\"x\":1", "is required");
    if (f->kind == FIELD_INT || f->kind == FIELD_UINT || f->kind == FIELD_UINTS)
        visit_numbers(v->arena, &at, f);
    if (f->kind == FIELD_WORD || f->kind == FIELD_MASK)
        visit_words(v->arena, &at, f);
    if (!holds_structs(f))
        return;
    in = inside(v->arena, &at, f);
    if (f->kind != FIELD_OBJECT)
        refused(v->arena, &in, "[5]", "must be an object");
    visit_type(v, f->of, &in);
}

static void visit_type(struct visit *v, const struct type *t, const struct around *object)
{
    assert_true(t->n <= 64);            /* the decoder keeps one bit a row */
    for (size_t i = 0; i < t->n; i++)
        visit_row(v, &t->fields[i], object);
}

static void test_every_row(void **state)
{
    struct visit v = { .arena = arena_new() };

    (void) state;
    visit_type(&v, &type_spec, &(struct around) { "", "", "" });
    assert_true(v.rows > 180);
    arena_free(v.arena);
}

static void test_every_list_of_words(void **state)
{
    static const struct words *const lists[] = {
        &words_namespace, &words_capability, &words_rlimit, &words_propagation, &words_device_type, &words_scheduler,
        &words_scheduler_flag, &words_io_priority, &words_seccomp_action, &words_seccomp_operator, &words_seccomp_arch,
        &words_seccomp_flag, &words_personality, &words_memory_policy, &words_memory_policy_flag,
    };
    int64_t value = -7;

    (void) state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (const struct word *w = lists[i]->list; w->name; w++) {
            assert_int_equal(words_value(lists[i], w->name, &value), 0);
            assert_true(value == w->value);
            assert_int_equal(words_value(lists[i], words_name(lists[i], w->value), &value), 0);
            assert_true(value == w->value);
        }
        value = -7;
        assert_true(words_value(lists[i], "", &value) < 0 && words_value(lists[i], "x", &value) < 0);
        assert_true(value == -7);
        assert_null(words_name(lists[i], -7));
    }
}

static void test_capabilities_are_complete(void **state)
{
    (void) state;
    for (int bit = 0; bit <= 40; bit++)
        assert_string_equal(words_name(&words_capability, bit), words_capability.list[bit].name);
    assert_null(words_capability.list[41].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row), cmocka_unit_test(test_every_list_of_words),
        cmocka_unit_test(test_capabilities_are_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
