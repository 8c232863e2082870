#include "spec/spec.h"
#include <errno.h>
#include "base/io.h"
#include "base/op.h"
#include "spec/decode.h"
#include "spec/field.h"

enum { MAX_CONFIG = 16 << 20 };

/* Faults from here on are located in the text. */
static int parse_document(struct op *op, const struct op_source *given, struct json **ret)
{
    struct op_source *source = arena_alloc(op->arena, sizeof(*source));
    struct json_place place;
    const char *why;
    int r = json_parse(given->text, given->len, ret, &place, &why);

    *source = *given;
    op->source = source;
    if (r == -EINVAL)
        return op_fail_code(op, OP_CONFIG, 0, "%s:%zu:%zu: %s", source->name, place.line, place.column, why);
    return r < 0 ? op_fail(op, -r, "%s", source->name) : 0;
}

static void warn_of_ignored(struct op *op, const struct findings *found)
{
    if (found->ignored)
        op_warn(op, "ignoring unknown or unavailable capabilities: [%s]", found->ignored);
}

static void warn(struct op *op, const struct spec *spec, const struct findings *found)
{
    warn_of_ignored(op, found);
    for (size_t i = 0; i < spec->mounts.n; i++)
        if (spec->mounts.v[i].destination[0] != '/')
            op_warn(op, "mounts[%zu]: relative destination path is **deprecated**, using it as relative to /", i);
}

int spec_parse(struct op *op, const char *name, const char *text, size_t len, struct spec **ret)
{
    struct spec *spec = arena_alloc(op->arena, sizeof(*spec));
    unsigned before = op->faults;
    struct findings found;
    struct json *j;
    int r;

    r = parse_document(op, &(struct op_source) { .name = name, .text = text, .len = len }, &j);
    if (r < 0)
        return r;
    if (j == NULL)
        return op_fault(op, "", "config cannot be null");
    spec_decode(op, j, spec, &found);
    if (json_kind(j) == JSON_OBJECT)
        spec_check(op, spec, &found);
    json_free(j);
    if (op->faults > before)
        return -EINVAL;
    warn(op, spec, &found);
    *ret = spec;
    return 0;
}

int spec_parse_process(struct op *op, const char *name, const char *text, size_t len, struct spec_process **ret)
{
    struct spec_process *process = arena_alloc(op->arena, sizeof(*process));
    unsigned before = op->faults;
    struct findings found;
    struct json *j;
    int r;

    r = parse_document(op, &(struct op_source) { .name = name, .text = text, .len = len, .at = "/process" }, &j);
    if (r < 0)
        return r;
    if (j == NULL)
        return op_fault(op, "/process", "process property must not be empty");
    spec_decode_process(op, j, process, &found);
    if (json_kind(j) == JSON_OBJECT)
        spec_check_process(op, process, &found);
    json_free(j);
    if (op->faults > before)
        return -EINVAL;
    warn_of_ignored(op, &found);
    *ret = process;
    return 0;
}

int spec_parse_resources(struct op *op, const char *name, const char *text, size_t len, struct spec_resources **ret)
{
    struct spec_resources *resources = arena_alloc(op->arena, sizeof(*resources));
    unsigned before = op->faults;
    struct findings found;
    struct json *j;
    int r;

    r = parse_document(op, &(struct op_source) { .name = name, .text = text, .len = len, .at = "/linux/resources" }, &j);
    if (r < 0)
        return r;
    if (j) {
        spec_decode_resources(op, j, resources, &found);
        if (json_kind(j) == JSON_OBJECT)
            spec_check_resources(op, resources, &found);
    }
    json_free(j);
    if (op->faults > before)
        return -EINVAL;
    *ret = resources;
    return 0;
}

int spec_load(struct op *op, int bundle, const char *bundle_name, struct spec **ret)
{
    static const char name[] = "config.json";
    char *text;
    size_t len;
    int r = io_read_at(bundle, name, op->arena, MAX_CONFIG, &text, &len);

    if (r == -ENOENT)
        return op_fail_code(op, OP_CONFIG, 0, "JSON specification file %s not found in bundle %s", name, bundle_name);
    if (r == -EINVAL)
        return op_fail_code(op, OP_CONFIG, 0, "%s: not a regular file", name);
    if (r == -EFBIG)
        return op_fail_code(op, OP_CONFIG, EFBIG, "%s: more than %d MB", name, MAX_CONFIG >> 20);
    if (r < 0)
        return op_fail_code(op, OP_CONFIG, -r, "%s", name);
    return spec_parse(op, name, text, len, ret);
}
