/* compare.c - runs our program and libseccomp's for many profiles, over every number of every architecture, and compares.
 *
 *     compare [--profiles N] [FILE…]       FILE: linux.seccomp as JSON
 *
 * Arguments are probed around every value that the profile compares: the value, its neighbours, each half alone, and
 * with other bits in the upper half.
 *
 * libseccomp merges several comparisons of one 64-bit argument into one tree and then passes over rules that hold, or applies
 * one that does not (2.5.4); and it refuses some rules of different actions that share a node there (EEXIST). So where
 * the verdicts differ, and for profiles that it cannot compile, ours has to be one that the rules give. Only then a
 * difference is not ours. Profiles whose rules compete are compared strictly with values and arguments of 32 bits, which
 * show the order of the rules without that. */
#include <errno.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/io.h"
#include "oracle.h"
#include "plan/planner.h"
#include "plan/syscalls.h"
#include "profiles.h"

enum { MAX_VALUES = 2048, FEW = 3, MANY = 150, MAX_FILE = 1 << 20 };
#define X32_BIT 0x40000000u

static const uint32_t arches[] = {
    AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, AUDIT_ARCH_MIPSEL, AUDIT_ARCH_MIPSEL64,
    AUDIT_ARCH_MIPSEL64N32, AUDIT_ARCH_PPC64LE, AUDIT_ARCH_RISCV64, AUDIT_ARCH_S390X, 0,
};

struct comparison {
    const char *name;
    enum profile_kind kind;
    bool refused;                       /* libseccomp has no program */
    const struct spec_seccomp *profile;
    struct program ours;
    struct oracle oracle;
    uint64_t values[MAX_VALUES];        /* worth trying as an argument */
    size_t n_values;
    uint64_t dice;
    unsigned long probes, our_steps, their_steps;
    unsigned differences;
    unsigned long bugs;                 /* verdicts that differ, and not by our fault */
};

static uint64_t value(struct comparison *c)
{
    c->dice = c->dice * 6364136223846793005 + 1442695040888963407;
    return c->values[(c->dice >> 33) % c->n_values];
}

static void add_values(struct comparison *c, uint64_t v)
{
    const uint64_t around[] = {
        v, v + 1, v - 1, v ^ 1, v | (uint64_t) 1 << 32, v ^ (uint64_t) 1 << 32, v & 0xffffffff00000000, v & 0xffffffff,
        v ^ (uint64_t) 1 << 63, v << 32, ~v,
    };

    for (size_t i = 0; i < sizeof(around) / sizeof(around[0]) && c->n_values < MAX_VALUES; i++)
        c->values[c->n_values++] = around[i];
}

static void collect_values(struct comparison *c)
{
    add_values(c, 0);
    for (size_t i = 0; i < c->profile->syscalls.n; i++)
        for (size_t j = 0; j < c->profile->syscalls.v[i].args.n; j++) {
            add_values(c, c->profile->syscalls.v[i].args.v[j].value.v);
            add_values(c, c->profile->syscalls.v[i].args.v[j].value_two.v);
        }
    for (uint64_t sub = 1; sub < 26; sub++)
        c->values[c->n_values < MAX_VALUES ? c->n_values++ : 0] = sub;
}

static void report(struct comparison *c, const struct seccomp_data *d, uint32_t ours, uint32_t theirs)
{
    if (c->differences++ > 3)
        return;
    printf("%s: arch %#x call %#x (%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "): %#x, libseccomp %#x\n", c->name, d->arch, d->nr,
           (uint64_t) d->args[0], (uint64_t) d->args[1], (uint64_t) d->args[2], ours, theirs);
}

/* Whether it is libseccomp's fault that the verdicts differ. */
static bool is_theirs(const struct comparison *c, const struct seccomp_data *d, uint32_t ours, uint32_t theirs)
{
    return oracle_plausible(c->profile, d, ours) && (c->kind == PROFILE_WILD || !oracle_plausible(c->profile, d, theirs));
}

static void probe_one(struct comparison *c, const struct seccomp_data *d)
{
    uint32_t ours = bpf_run(&c->ours, d, &c->our_steps);
    uint32_t theirs = c->refused ? ours : oracle_verdict(&c->oracle, d, &c->their_steps);

    c->probes++;
    if (ours == theirs)
        return;
    c->bugs++;
    if (!is_theirs(c, d, ours, theirs))
        report(c, d, ours, theirs);
}

static void probe(struct comparison *c, uint32_t arch, uint32_t number, unsigned times)
{
    struct seccomp_data d = { .nr = (int) number, .arch = arch };

    for (unsigned i = 0; i < times; i++) {
        for (int j = 0; j < 6; j++)
            d.args[j] = value(c) & (c->kind == PROFILE_COMPETING ? UINT32_MAX : UINT64_MAX);
        probe_one(c, &d);
    }
}

/* Whether an argument may matter: a call that the profile has conditions on, or a multiplexer. */
static bool has_conditions(const struct spec_seccomp *profile, uint32_t arch, uint32_t number)
{
    if (number == 102 || number == 117 || number == 4102 || number == 4117)
        return true;
    for (size_t i = 0; i < profile->syscalls.n; i++)
        for (size_t j = 0; profile->syscalls.v[i].args.n && j < profile->syscalls.v[i].names.n; j++)
            if (oracle_number(arch, profile->syscalls.v[i].names.v[j]) == (int) number)
                return true;
    return false;
}

static void probe_range(struct comparison *c, uint32_t arch, uint32_t from, uint32_t n)
{
    uint32_t token = arch == AUDIT_ARCH_X86_64 && (from & X32_BIT) ? EM_X86_64 | __AUDIT_ARCH_LE : arch;

    for (uint32_t number = from; number < from + n; number++)
        probe(c, arch, number, has_conditions(c->profile, token, number) ? MANY : FEW);
}

static void compare_arch(struct comparison *c, uint32_t arch)
{
    static const uint32_t edges[] = {
        0x3fffffff, 0x7fffffff, 0x80000000, 0x80000001, 0xbfffffff, 0xc0000000, 0xc0000001, 0xfffffffe, 0xffffffff,
    };

    probe_range(c, arch, 0, 620);
    if (arch == AUDIT_ARCH_X86_64)
        probe_range(c, arch, X32_BIT, 620);
    if (arch == AUDIT_ARCH_MIPSEL || arch == AUDIT_ARCH_MIPSEL64 || arch == AUDIT_ARCH_MIPSEL64N32)
        probe_range(c, arch, arch == AUDIT_ARCH_MIPSEL ? 4000 : arch == AUDIT_ARCH_MIPSEL64 ? 5000 : 6000, 500);
    if (arch == AUDIT_ARCH_ARM)
        probe_range(c, arch, 0xf0000, 12);
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
        probe(c, arch, edges[i], FEW);
}

static int make_plan(struct op *op, const char *profile, struct spec **ret_spec, struct plan **ret)
{
    static const struct host host = { .last_cap = 40, .caps = UINT64_MAX, .cgroup_namespaces = true, .seccomp_flags = UINT32_MAX };
    const struct plan_request request = { .id = "ID", .bundle = "/bundle", .rootless = -1 };
    char *text = arena_printf(op->arena, "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\",\"args\":"
                              "[\"sh\"]},\"linux\":{\"namespaces\":[{\"type\":\"mount\"}],\"seccomp\":%s}}", profile);
    int r = spec_parse(op, "config.json", text, strlen(text), ret_spec);

    return r < 0 ? r : plan_make(op, *ret_spec, &host, &request, ret);
}

static void add_up(struct comparison *total, const struct comparison *c)
{
    total->probes += c->probes;
    total->our_steps += c->our_steps;
    total->their_steps += c->their_steps;
    total->bugs += c->bugs;
}

static int run(struct comparison *c, const struct plan *plan)
{
    c->ours = (struct program) { (struct sock_filter *) plan_at(plan, plan->seccomp.at), plan->seccomp.n };
    collect_values(c);
    for (size_t i = 0; i < sizeof(arches) / sizeof(arches[0]); i++)
        compare_arch(c, arches[i]);
    return c->differences > 0;
}

/* 1: the programs differ, or there is none. */
static int compare(const char *name, const char *profile, enum profile_kind kind, struct comparison *total)
{
    struct arena *a = arena_new();
    struct comparison *c = arena_alloc(a, sizeof(*c));
    struct op op;
    struct spec *spec = NULL;
    struct plan *plan = NULL;
    int r = 0, bad = 1;

    op_init(&op, a);
    if (make_plan(&op, profile, &spec, &plan) < 0) {
        bad = !spec || oracle_make(spec->linux_->seccomp, &c->oracle) == 0;
        if (bad)
            printf("%s: refused: %s\n", name, op.message);
    } else if ((r = oracle_make(spec->linux_->seccomp, &c->oracle)) < 0 && r != -EEXIST) {
        printf("%s: libseccomp refuses: %s\n", name, strerror(-r));
    } else {
        c->name = name;
        c->kind = kind;
        c->refused = r < 0;
        c->profile = spec->linux_->seccomp;
        bad = run(c, plan);
        add_up(total, c);
    }
    if (bad)
        printf("%s\n", profile);
    oracle_free(&c->oracle);
    arena_free(a);
    return bad;
}

static int compare_file(const char *path, struct comparison *total)
{
    struct arena *a = arena_new();
    char *text;
    int r = io_read_at(-1, path, a, MAX_FILE, &text, NULL);

    if (r < 0)
        printf("%s: %s\n", path, strerror(-r));
    else
        r = compare(path, text, PROFILE_ONE_ACTION, total);
    arena_free(a);
    return r != 0;
}

int main(int argc, char **argv)
{
    unsigned n = 400, bad = 0;
    struct comparison *total = calloc(1, sizeof(*total));
    struct arena *a = arena_new();
    int at = 1;

    if (argc > 2 && strcmp(argv[1], "--profiles") == 0) {
        n = (unsigned) atoi(argv[2]);
        at = 3;
    }
    bad += (unsigned) compare("engine", profile_engine(a), PROFILE_ONE_ACTION, total);
    /* The way past a test that is answered already once led past the next load, too. */
    bad += (unsigned) compare("answered test", "{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":[{\"names\":[\"statx\"],"
                              "\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":1,\"value\":9223372036854775808,\"op\":\"SCMP_CMP_NE\"},"
                              "{\"index\":1,\"value\":10,\"op\":\"SCMP_CMP_GT\"},{\"index\":1,\"value\":40,\"op\":\"SCMP_CMP_EQ\"}]}]}",
                              PROFILE_ONE_ACTION, total);
    bad += (unsigned) compare("patchwork", profile_patchwork(a), PROFILE_ONE_ACTION, total);
    for (unsigned i = 0; i < n; i++) {
        enum profile_kind kind = i % PROFILE_KINDS;

        bad += (unsigned) compare(arena_printf(a, "profile %u", i), profile_random(a, i, kind), kind, total);
    }
    for (; at < argc; at++)
        bad += (unsigned) compare_file(argv[at], total);
    printf("%lu probes, %lu instructions of ours, %lu of libseccomp's; %lu verdicts of libseccomp are not the rules'; "
           "%u profiles differ\n", total->probes, total->our_steps, total->their_steps, total->bugs, bad);
    arena_free(a);
    free(total);
    return bad > 0;
}
