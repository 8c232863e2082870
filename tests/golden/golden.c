/* golden.c - plans every configuration of tests/golden/config on the machine that its name asks for,
 * and compares what `proa plan` would print with the file of the same name in tests/golden/plan.
 *
 *     golden DIR            compare; says what differs, exits 1 when anything does
 *     golden --update DIR   write the expected files anew
 *
 * NAME@MACHINE.json is planned for MACHINE (one of tests/golden/machines.h). Expected is the plan's
 * text, or "error: ..." with the message; warnings come first. A file NAME@MACHINE.json beside the
 * expected text is compared with the JSON form of the plan. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "machines.h"
#include "plan/planner.h"

enum { MAX_FILE = 1 << 20 };

static void add_warning(void *data, enum op_level level, const char *message)
{
    if (level == OP_WARNING)
        str_addf(data, "warning: %s\n", message);
}

static const struct machine *find_machine(const char *name)
{
    for (const struct machine *m = machines; m->name; m++)
        if (str_starts(name, m->name) && str_eq(name + strlen(m->name), ".json"))
            return m;
    return NULL;
}

static int plan_config(struct op *op, const char *text, const struct machine *machine, struct plan **ret)
{
    struct plan_request request = machine->request;
    struct spec *spec;
    int r = spec_parse(op, "config.json", text, strlen(text), &spec);

    return r < 0 ? r : plan_make(op, spec, &machine->host, &request, ret);
}

/* What the block is good for besides being printed: the init believes it, and its JSON form is JSON. */
static void check_block(struct str *out, const struct plan *p, const char *json)
{
    struct json_place place;
    struct json *parsed;
    const char *why;

    if (!plan_check(p, p->size))
        str_add(out, "THE BLOCK IS DAMAGED\n");
    if (json_parse(json, strlen(json), &parsed, &place, &why) < 0)
        str_addf(out, "THE JSON FORM IS NOT JSON: %zu:%zu %s\n", place.line, place.column, why);
    else
        json_free(parsed);
}

/* *ret_json: NULL when there is no plan. */
static char *explain(struct arena *a, const char *config, const struct machine *machine, char **ret_json)
{
    struct op op;
    struct str out;
    struct plan *plan;

    op_init(&op, a);
    str_init(&out, a);
    op.log = add_warning;
    op.log_data = &out;
    *ret_json = NULL;
    if (plan_config(&op, config, machine, &plan) < 0) {
        str_addf(&out, "error: %s\n", op.message);
        return out.text;
    }
    *ret_json = plan_explain_json(&op, plan);
    check_block(&out, plan, *ret_json);
    str_add(&out, plan_explain_text(&op, plan));
    return out.text;
}

static int first_difference(const char *a, const char *b)
{
    int line = 1;

    for (; *a && *a == *b; a++, b++)
        line += *a == '\n';
    return line;
}

/* 0, or 1 after saying what is wrong. */
static int compare(struct arena *a, int dir, const char *file, const char *found)
{
    char *expected;
    int r = io_read_at(dir, file, a, MAX_FILE, &expected, NULL), line;

    if (r < 0) {
        printf("%s: %s\n", file, strerror(-r));
        return 1;
    }
    if (strcmp(expected, found) == 0)
        return 0;
    line = first_difference(expected, found);
    printf("%s:%d: the plan is another one; it is now:\n%s", file, line, found);
    return 1;
}

static int settle(struct arena *a, int dir, const char *file, const char *found, bool update)
{
    int r;

    if (!update)
        return compare(a, dir, file, found);
    r = io_write_atomic(dir, file, found, strlen(found), 0644);
    if (r < 0)
        printf("%s: %s\n", file, strerror(-r));
    return r < 0;
}

static int run_one(int dir, const char *name, bool update)
{
    struct arena *a = arena_new();
    const char *at = strrchr(name, '@');
    const struct machine *machine = at ? find_machine(at + 1) : NULL;
    char *stem = arena_strndup(a, name, strlen(name) - strlen(".json")), *config, *text, *json;
    const char *json_file = arena_printf(a, "plan/%s.json", stem);
    int r, bad;

    r = io_read_at(dir, arena_printf(a, "config/%s", name), a, MAX_FILE, &config, NULL);
    if (machine == NULL || r < 0) {
        printf("%s: %s\n", name, machine ? strerror(-r) : "no such machine");
        arena_free(a);
        return 1;
    }
    text = explain(a, config, machine, &json);
    bad = settle(a, dir, arena_printf(a, "plan/%s.txt", stem), text, update);
    if (json && faccessat(dir, json_file, F_OK, 0) == 0)
        bad += settle(a, dir, json_file, json, update);
    arena_free(a);
    return bad;
}

static int is_config(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && dot && strcmp(dot, ".json") == 0;
}

int main(int argc, char **argv)
{
    bool update = argc == 3 && strcmp(argv[1], "--update") == 0;
    auto_close int dir = -1;
    struct dirent **list;
    int n, bad = 0;

    if (argc != 2 + update || (dir = open(argv[1 + update], O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0) {
        fprintf(stderr, "usage: golden [--update] DIR\n");
        return 2;
    }
    n = scandirat(dir, "config", &list, is_config, alphasort);
    for (int i = 0; i < n; i++) {
        bad += run_one(dir, list[i]->d_name, update);
        free(list[i]);
    }
    if (n > 0)
        free(list);
    printf("%d configurations, %d plans not as expected\n", n, bad);
    return n <= 0 || bad > 0;
}
