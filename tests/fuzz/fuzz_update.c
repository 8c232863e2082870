/* libFuzzer target: two resources objects, one after the other with a NUL between them, both given to a container. The saved text
 * tells all of what was parsed, the plan is one that is believed, and giving the same again leaves it as it is.
 *
 * with: src/plan/[a-z]*.c build-fuzz/syscall_tables.c -Itests/golden */
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "machines.h"
#include "planned.h"
#include "plan/update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char config[] =
    "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\",\"args\":[\"a\"]},"
    "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"}],\"resources\":{\"memory\":{\"limit\":10000000},"
    "\"cpu\":{\"shares\":512,\"quota\":50000,\"period\":100000,\"cpus\":\"0\"},\"pids\":{\"limit\":9}}}}";

static void check_json(struct arena *a, const struct spec_resources *r)
{
    const char *once = spec_resources_json(a, r);
    struct spec_resources *again;
    struct op op;

    op_init(&op, a);
    must(spec_parse_resources(&op, "again", once, strlen(once), &again) == 0);
    must(str_eq(once, spec_resources_json(a, again)));
}

static int update(struct arena *a, const struct plan *saved, const char *text, size_t size, struct plan **ret)
{
    struct plan_update_request request = { 0 };
    struct spec_resources *given;
    bool *due;
    struct op op;
    int r;

    op_init(&op, a);
    r = spec_parse_resources(&op, "given", text, size, &given);
    if (r == 0) {
        check_json(a, given);
        request.resources = *given;
        r = plan_update(&op, saved, &request, ret, &due);
    }
    must(r == 0 ? op.message == NULL : op.message != NULL);
    must(r < 0 || plan_check(*ret, (*ret)->size));
    return r;
}

static void update_twice(struct arena *a, struct plan *p, const char *text, size_t size)
{
    struct plan *once, *again;

    if (update(a, p, text, size, &once) < 0)
        return;
    must(update(a, once, text, size, &again) == 0);
    must(again->size == once->size && memcmp(again, once, again->size) == 0);
}

static void run(const struct machine *m, const char *text, size_t size)
{
    const char *end = memchr(text, '\0', size);
    size_t first = end ? (size_t) (end - text) : size;
    struct arena *a = arena_new();
    struct plan *p = planned(a, config, m);

    update(a, p, text, first, &p);
    if (end)
        update_twice(a, p, end + 1, size - first - 1);
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size ? size : 1);

    if (size)
        memcpy(text, data, size);
    for (const struct machine *m = machines; m->name; m++)
        if (str_eq(m->name, "full") || str_eq(m->name, "v2") || str_eq(m->name, "systemd"))
            run(m, text, size);
    free(text);
    return 0;
}
