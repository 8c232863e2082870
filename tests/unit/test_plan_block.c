/* The block: what the write side makes the read side believes, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "plan/block.h"

static void test_texts(void **state)
{
    struct arena *a = arena_new();
    struct block b;
    plan_ref refs[5000];

    (void) state;
    block_init(&b, a);
    for (int i = 0; i < 5000; i++)
        refs[i] = block_textf(&b, "text %d", i);
    for (int i = 0; i < 5000; i++)
        assert_string_equal(b.base + refs[i], arena_printf(a, "text %d", i));
    assert_int_equal(block_text(&b, NULL), 0);
    assert_string_equal(b.base + block_text(&b, ""), "");
    assert_false(b.full);
    arena_free(a);
}

static void test_lists(void **state)
{
    struct arena *a = arena_new();
    struct rows rows;
    struct block b;
    struct plan_list list;

    (void) state;
    block_init(&b, a);
    rows_init(&rows, a, sizeof(uint64_t));
    for (uint64_t i = 0; i < 1000; i++)
        *(uint64_t *) rows_add(&rows) = i;
    block_text(&b, "odd");
    list = block_rows(&b, &rows);
    assert_int_equal(list.n, 1000);
    assert_int_equal(list.at % 8, 0);
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(((uint64_t *) (b.base + list.at))[i], i);
    list = block_list(&b, NULL, 0, 8);
    assert_true(list.at == 0 && list.n == 0);
    arena_free(a);
}

static void test_vector(void **state)
{
    const char *const texts[] = { "a", "", "c" };
    struct arena *a = arena_new();
    struct plan_list list;
    const uint64_t *v;
    struct block b;

    (void) state;
    block_init(&b, a);
    list = block_vector(&b, texts, 3, 1);
    v = (const uint64_t *) (b.base + list.at);
    assert_int_equal(list.n, 4);
    assert_string_equal(b.base + v[0], "a");
    assert_string_equal(b.base + v[1], "");
    assert_string_equal(b.base + v[2], "c");
    assert_true(v[3] == 0 && v[4] == 0);
    arena_free(a);
}

static void test_full(void **state)
{
    struct arena *a = arena_new();
    struct plan header = { 0 };
    char *big = malloc(PLAN_SIZE_MAX);
    struct block b;

    (void) state;
    memset(big, 'x', PLAN_SIZE_MAX - 1);
    big[PLAN_SIZE_MAX - 1] = '\0';
    block_init(&b, a);
    assert_int_equal(block_text(&b, big), 0);
    assert_true(b.full);
    assert_int_equal(block_text(&b, "small"), 0);
    assert_int_equal(block_list(&b, big, SIZE_MAX / 8, 8).n, 0);
    assert_null(block_finish(&b, &header));
    free(big);
    arena_free(a);
}

/* ---- plan_check ----------------------------------------------------------------------------- */

/* A plan with one element in every list. */
static struct plan *whole_plan(struct arena *a)
{
    const char *const word[] = { "word" };
    struct plan p = { .flags = PLAN_HOME_UNSET };
    struct block b;
    plan_ref text;

    block_init(&b, a);
    text = block_text(&b, "/text");
    p.id = p.bundle = p.rootfs = p.cwd = p.hostname = p.domainname = p.keyring = p.path = text;
    p.joins = block_list(&b, &(struct plan_join) { 1, text, 0 }, 1, sizeof(struct plan_join));
    p.time_offsets = block_list(&b, &(struct plan_time_offset) { 1, 2, 3 }, 1, sizeof(struct plan_time_offset));
    p.uid_map = p.gid_map = block_list(&b, &(struct plan_id_map) { 0, 1, 1 }, 1, sizeof(struct plan_id_map));
    p.sysctls = p.annotations = block_list(&b, &(struct plan_pair) { text, text }, 1, sizeof(struct plan_pair));
    p.groups = block_list(&b, &(uint32_t) { 5 }, 1, sizeof(uint32_t));
    p.mounts = block_list(&b, &(struct plan_mount) {
        .target = text, .source = text, .fstype = text, .fallback = text, .data = p.sysctls, .propagation = p.groups,
    }, 1, sizeof(struct plan_mount));
    p.nodes = block_list(&b, &(struct plan_node) { .path = text }, 1, sizeof(struct plan_node));
    p.links = block_list(&b, &(struct plan_link) { text, text }, 1, sizeof(struct plan_link));
    p.masks = p.readonly = block_list(&b, &text, 1, sizeof(text));
    p.argv = block_vector(&b, word, 1, 0);
    p.envp = block_vector(&b, word, 1, 1);
    p.rlimits = block_list(&b, &(struct plan_rlimit) { 0, 0, 1, 1 }, 1, sizeof(struct plan_rlimit));
    p.cgroup_dirs = block_list(&b, &(struct plan_cgroup_dir) { text, text, text, 0 }, 1, sizeof(struct plan_cgroup_dir));
    p.cgroup_writes = block_list(&b, &(struct plan_write) { 0, 0, text, text, text, 0 }, 1, sizeof(struct plan_write));
    p.device_program = block_list(&b, &(uint64_t) { 0x95 }, 1, sizeof(uint64_t));
    p.rdt = (struct plan_rdt) { .root = text, .group = text, .monitor = text };
    p.device_rules = block_list(&b, &(struct plan_device_rule) { .type = 'a' }, 1, sizeof(struct plan_device_rule));
    return block_finish(&b, &p);
}

static int check_copy(const struct plan *p, size_t at, uint32_t value)
{
    char *copy = malloc(p->size);
    int good;

    memcpy(copy, p, p->size);
    memcpy(copy + at, &value, sizeof(value));
    good = plan_check((struct plan *) copy, p->size);
    free(copy);
    return good;
}

#define HEADER(member) offsetof(struct plan, member)
#define IN(list, type, member) (p->list.at + offsetof(struct type, member))

static void test_bad_texts(void **state)
{
    struct arena *a = arena_new();
    const struct plan *p = whole_plan(a);
    const struct { size_t at; bool may_be_absent; } texts[] = {
        { HEADER(id) }, { HEADER(bundle) }, { HEADER(rootfs) }, { HEADER(cwd) }, { HEADER(hostname), true },
        { HEADER(domainname), true }, { HEADER(keyring), true }, { HEADER(path), true },
        { IN(joins, plan_join, path) }, { IN(mounts, plan_mount, target) }, { IN(mounts, plan_mount, source), true },
        { IN(mounts, plan_mount, fstype) }, { IN(mounts, plan_mount, fallback), true }, { IN(nodes, plan_node, path) },
        { IN(links, plan_link, path) }, { IN(links, plan_link, text) }, { p->masks.at }, { IN(sysctls, plan_pair, key) },
        { IN(sysctls, plan_pair, value), true }, { IN(cgroup_dirs, plan_cgroup_dir, mount) },
        { IN(cgroup_dirs, plan_cgroup_dir, path) }, { IN(cgroup_dirs, plan_cgroup_dir, controllers) },
        { IN(cgroup_writes, plan_write, file) }, { IN(cgroup_writes, plan_write, value) },
        { IN(cgroup_writes, plan_write, pointer) }, { HEADER(rdt.root), true }, { p->argv.at }, { p->envp.at },
    };

    (void) state;
    assert_int_equal(plan_check(p, p->size), 1);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(check_copy(p, texts[i].at, p->size - 1), 1);
        assert_int_equal(check_copy(p, texts[i].at, p->size), 0);
        assert_int_equal(check_copy(p, texts[i].at, UINT32_MAX), 0);
        assert_int_equal(check_copy(p, texts[i].at, sizeof(*p) - 1), 0);
        assert_int_equal(check_copy(p, texts[i].at, 0), texts[i].may_be_absent);
    }
    arena_free(a);
}

static void test_bad_lists(void **state)
{
    struct arena *a = arena_new();
    const struct plan *p = whole_plan(a);
    const size_t lists[] = {
        HEADER(joins), HEADER(time_offsets), HEADER(uid_map), HEADER(gid_map), HEADER(mounts), HEADER(nodes), HEADER(links),
        HEADER(masks), HEADER(readonly), HEADER(sysctls), HEADER(argv), HEADER(envp), HEADER(groups), HEADER(rlimits),
        HEADER(cgroup_dirs), HEADER(cgroup_writes), HEADER(device_program), HEADER(annotations), HEADER(device_rules),
        IN(mounts, plan_mount, data), IN(mounts, plan_mount, propagation),
    };

    (void) state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct plan_list list;

        memcpy(&list, (const char *) p + lists[i], sizeof(list));
        assert_int_equal(check_copy(p, lists[i], list.at + 1), 0);
        assert_int_equal(check_copy(p, lists[i], p->size), 0);
        assert_int_equal(check_copy(p, lists[i], UINT32_MAX & ~7u), 0);
        assert_int_equal(check_copy(p, lists[i], 0), 0);
        assert_int_equal(check_copy(p, lists[i] + 4, UINT32_MAX), 0);
        assert_int_equal(check_copy(p, lists[i] + 4, p->size), 0);
    }
    arena_free(a);
}

static void test_bad_rest(void **state)
{
    struct arena *a = arena_new();
    const struct plan *p = whole_plan(a);

    (void) state;
    assert_int_equal(check_copy(p, HEADER(magic), 0), 0);
    assert_int_equal(check_copy(p, HEADER(version), PLAN_VERSION + 1), 0);
    assert_int_equal(check_copy(p, HEADER(size), p->size - 8), 0);
    assert_int_equal(check_copy(p, HEADER(size), p->size + 8), 0);
    assert_int_equal(check_copy(p, p->size - 4, 0x41414141), 0);
    assert_int_equal(check_copy(p, IN(mounts, plan_mount, kind), 7), 0);
    assert_int_equal(check_copy(p, IN(cgroup_writes, plan_write, dir), 1), 0);
    assert_int_equal(check_copy(p, HEADER(rdt.group), 0), 0);
    assert_int_equal(check_copy(p, HEADER(rdt.group), p->id + 1), 0);
    assert_int_equal(check_copy(p, HEADER(rdt.monitor), p->id + 1), 0);
    assert_int_equal(check_copy(p, HEADER(rdt.monitor), 0), 1);
    assert_int_equal(check_copy(p, p->argv.at + 8, p->id), 0);
    assert_int_equal(check_copy(p, p->envp.at + 8, p->id), 0);
    assert_int_equal(check_copy(p, p->envp.at + 16, p->id), 0);
    assert_int_equal(check_copy(p, HEADER(flags), 0), 0);
    assert_int_equal(plan_check(p, 0), 0);
    assert_int_equal(plan_check(p, sizeof(*p)), 0);
    assert_int_equal(plan_check(p, p->size - 1), 0);
    arena_free(a);
}

/* Whatever stands in any word of it: no access outside the block (the sanitizers watch). */
static void test_any_damage(void **state)
{
    static const uint32_t values[] = { 0, 1, 7, 8, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };
    struct arena *a = arena_new();
    const struct plan *p = whole_plan(a);

    (void) state;
    for (size_t at = 0; at + 4 <= p->size; at += 4)
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
            check_copy(p, at, values[i]);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts), cmocka_unit_test(test_lists), cmocka_unit_test(test_vector),
        cmocka_unit_test(test_full), cmocka_unit_test(test_bad_texts), cmocka_unit_test(test_bad_lists),
        cmocka_unit_test(test_bad_rest), cmocka_unit_test(test_any_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
