/* libFuzzer target: any bytes as config.json. Each outcome has its form: a spec that keeps the promises
 * which later code builds on, or one message with a place.
 *
 *   clang -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Isrc tests/fuzz/fuzz_spec.c \
 *         src/base/[a-z]*.c src/spec/[a-z]*.c -ljson-c -lm -o fuzz_spec */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/op.h"
#include "base/str.h"
#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

static void check_success(const struct spec *s)
{
    must(s->process && s->process->cwd && s->process->cwd[0] == '/' && s->process->args.n > 0);
    must(s->process->args.v[s->process->args.n] == NULL);
    must(s->root && s->root->path);
    for (size_t i = 0; i < s->mounts.n; i++)
        must(s->mounts.v[i].destination && s->mounts.v[i].uid_maps.n == 0);
    for (size_t i = 0; s->linux_ && i < s->linux_->namespaces.n; i++)
        must(s->linux_->namespaces.v[i].type.set);
    for (size_t i = 0; s->hooks && i < s->hooks->poststop.n; i++)
        must(s->hooks->poststop.v[i].path[0] == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct op op;
    struct spec *spec = NULL;
    char *text = malloc(size ? size : 1);       /* exactly as long: reading beyond it is seen */

    if (size)
        memcpy(text, data, size);
    op_init(&op, arena_new());
    if (spec_parse(&op, "c", text, size, &spec) == 0) {
        must(op.message == NULL);
        check_success(spec);
    } else {
        must(spec == NULL && op.message && str_starts(op.message, "c:"));
        must(op.code == OP_CONFIG || op.code == OP_UNSUPPORTED);
        must(strlen(op.message) < 64 << 10 || size > 4 << 10);
    }
    arena_free(op.arena);
    free(text);
    return 0;
}
