/* libFuzzer target: a saved plan that something has damaged. Four bytes of input after another are a place and what is
 * written there; all else is as it should be. What plan_check still believes is in bounds wherever it is read.
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
    "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"r\"},\"hostname\":\"h\",\"annotations\":{\"a\":\"b\"},"
    "\"process\":{\"cwd\":\"/\",\"args\":[\"a\",\"b\"],\"env\":[\"A=B\"],\"user\":{\"uid\":1,\"gid\":2,\"additionalGids\":[3]},"
    "\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":1,\"hard\":2}],\"capabilities\":{\"bounding\":[\"CAP_KILL\"]}},"
    "\"mounts\":[{\"destination\":\"/p\",\"type\":\"proc\"},{\"destination\":\"/b\",\"source\":\"/b\",\"options\":[\"rbind\",\"ro\"]},"
    "{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\"}],"
    "\"hooks\":{\"poststop\":[{\"path\":\"/h\",\"args\":[\"h\"],\"env\":[\"A=B\"]}]},"
    "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"uts\"},{\"type\":\"network\",\"path\":\"/n\"}],"
    "\"maskedPaths\":[\"/p/a\"],\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":"
    "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\"}]},"
    "\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"},{\"allow\":true,\"type\":\"c\",\"major\":1,\"access\":\"rw\"}],"
    "\"memory\":{\"limit\":10000000},\"cpu\":{\"shares\":512,\"quota\":50000,\"period\":100000,\"cpus\":\"0\"}}}}";

/* Places in reach of 16 bits: the whole of such a plan. */
static struct plan *damage(const struct plan *good, const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(good->size);

    memcpy(bytes, good, good->size);
    for (; size >= 4; size -= 4, data += 4) {
        size_t at = (data[0] | (size_t) data[1] << 8) % good->size;

        bytes[at] = data[2];
        if (at + 1 < good->size)
            bytes[at + 1] = data[3];
    }
    return (struct plan *) bytes;
}

static void use(const struct machine *m, const struct plan *p)
{
    static const char text[] = "{\"memory\":{\"limit\":20000000},\"cpu\":{\"idle\":1}}";
    const char *args[] = { "x", NULL }, *env[] = { "C=D", NULL };
    struct plan_exec_request exec = { .container = p, .args = args, .env = env, .no_new_privileges = -1 };
    struct plan_update_request request = { .mb = "MB:0=10" };
    struct spec_resources *given;
    struct op op;
    struct plan *next;
    bool *due;

    op_init(&op, arena_new());
    must(spec_parse_resources(&op, "t", text, strlen(text), &given) == 0);
    request.resources = *given;
    if (plan_update(&op, p, &request, &next, &due) == 0)
        must(plan_check(next, next->size));
    arena_free(op.arena);

    op_init(&op, arena_new());
    if (plan_exec(&op, &m->host, &exec, &next) == 0)
        must(plan_check(next, next->size));
    arena_free(op.arena);
}

/* The first byte chooses the machine; its plan is made once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "full", "v2", "systemd" };
    static struct plan *plans[3];
    static struct arena *arena;
    unsigned choice = size ? data[0] % 3 : 0;
    const struct machine *m = machines;
    struct plan *bad;

    while (!str_eq(m->name, names[choice]))
        m++;
    if (!arena)
        arena = arena_new();
    if (!plans[choice])
        plans[choice] = planned(arena, config, m);
    bad = damage(plans[choice], data + 1, size ? size - 1 : 0);
    if (plan_check(bad, plans[choice]->size))
        use(m, bad);
    free(bad);
    return 0;
}
