#include "profiles.h"
#include <inttypes.h>
#include <seccomp.h>
#include "plan/syscalls.h"

struct dice { uint64_t state; bool wide, codes; };

static uint32_t roll(struct dice *d, uint32_t sides)
{
    d->state = d->state * 6364136223846793005 + 1442695040888963407;
    return (uint32_t) (d->state >> 33) % sides;
}

static const char *pick(struct dice *d, const char *const *list, size_t n)
{
    return list[roll(d, (uint32_t) n)];
}
#define PICK(d, list) pick(d, list, sizeof(list) / sizeof((list)[0]))

/* Few names, so that rules meet; some only exist on some architectures, or go through multiplexers. */
static const char *const names[] = {
    "read", "openat", "open", "socket", "connect", "accept", "accept4", "sendto", "socketcall", "ipc", "shmget", "semop",
    "msgctl", "clone", "personality", "ioctl", "prctl", "arch_prctl", "mmap2", "mmap", "getpid", "statx", "fchmodat",
    "clone3", "close_range", "execveat", "nosuchcall", "newfstatat", "fstatat64", "rt_sigreturn", "bpf", "chown32",
};
static const char *const actions[] = {
    "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG", "SCMP_ACT_TRACE",
    "SCMP_ACT_TRAP",
};
static const char *const operators[] = {
    "SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_GT", "SCMP_CMP_GE", "SCMP_CMP_MASKED_EQ",
};
static const char *const architectures[] = {
    "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_MIPSEL",
    "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_RISCV64",
};
static const uint64_t values[] = {
    0, 1, 2, 5, 10, 40, 0x5412, 0x7e020000, 0x80000000, 0xffffffff, 0x100000000, 0x100000005, 0x8000000000000000, UINT64_MAX,
};

static uint64_t value(struct dice *d)
{
    return values[roll(d, sizeof(values) / sizeof(values[0]))] & (d->wide ? UINT64_MAX : UINT32_MAX);
}

static void add_action(struct str *s, struct dice *d, const char *member, const char *errno_member, const char *action)
{
    str_addf(s, "\"%s\":\"%s\"", member, action);
    if ((str_eq(action, "SCMP_ACT_ERRNO") || str_eq(action, "SCMP_ACT_TRACE")) && d->codes && roll(d, 2))
        str_addf(s, ",\"%s\":%u", errno_member, 1 + roll(d, 40) + 65536 * roll(d, 2));
}

static void add_arguments(struct str *s, struct dice *d)
{
    uint32_t n = roll(d, 2) ? 0 : 1 + roll(d, 3);

    str_add(s, ",\"args\":[");
    for (uint32_t i = 0; i < n; i++)
        str_addf(s, "%s{\"index\":%u,\"value\":%" PRIu64 ",\"valueTwo\":%" PRIu64 ",\"op\":\"%s\"}", i ? "," : "", roll(d, 3),
                 value(d), value(d), PICK(d, operators));
    str_add(s, "]");
}

static void add_rule(struct str *s, struct dice *d, const char *action)
{
    uint32_t n = 1 + roll(d, 4);

    str_add(s, "{\"names\":[");
    for (uint32_t i = 0; i < n; i++)
        str_addf(s, "%s\"%s\"", i ? "," : "", PICK(d, names));
    str_add(s, "],");
    add_action(s, d, "action", "errnoRet", action);
    add_arguments(s, d);
    str_add(s, "}");
}

static void add_architectures(struct str *s, struct dice *d)
{
    uint32_t n = roll(d, 5);

    str_add(s, ",\"architectures\":[");
    for (uint32_t i = 0; i < n; i++)
        str_addf(s, "%s\"%s\"", i ? "," : "", roll(d, 3) ? architectures[roll(d, 3)] : PICK(d, architectures));
    str_add(s, "]");
}

char *profile_random(struct arena *a, unsigned seed, enum profile_kind kind)
{
    struct dice d = { seed * 2654435761u + 1, kind != PROFILE_COMPETING, kind != PROFILE_ONE_ACTION };
    const char *action = kind == PROFILE_ONE_ACTION ? PICK(&d, actions) : NULL;
    uint32_t n = roll(&d, 14);
    struct str s;

    str_init(&s, a);
    str_add(&s, "{");
    add_action(&s, &d, "defaultAction", "defaultErrnoRet", PICK(&d, actions));
    add_architectures(&s, &d);
    str_add(&s, ",\"syscalls\":[");
    for (uint32_t i = 0; i < n; i++) {
        str_add(&s, i ? "," : "");
        add_rule(&s, &d, action ? action : PICK(&d, actions));
    }
    str_add(&s, "]}");
    return s.text;
}

/* Not those that this libseccomp is too old for. */
static const char *name_of(unsigned i)
{
    const char *name = syscall_texts + syscall_names[i].at;

    return seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR ? NULL : name;
}

static bool by_argument(const char *name)
{
    return str_eq(name, "personality") || str_eq(name, "socket") || str_starts(name, "clone");
}

/* Every fifth call is left out. */
char *profile_engine(struct arena *a)
{
    static const char *const others =
        "{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]},"
        "{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":8,\"op\":\"SCMP_CMP_EQ\"}]},"
        "{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":131072,\"op\":\"SCMP_CMP_EQ\"}]},"
        "{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":40,\"op\":\"SCMP_CMP_NE\"}]},"
        "{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":2114060288,\"valueTwo\":0,"
        "\"op\":\"SCMP_CMP_MASKED_EQ\"}]},{\"names\":[\"clone3\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38}";
    struct str s;

    str_init(&s, a);
    str_add(&s, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1,\"architectures\":[\"SCMP_ARCH_X86_64\","
            "\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],\"syscalls\":[{\"names\":[\"read\"");
    for (unsigned i = 0; i < syscall_n_names; i++) {
        const char *name = name_of(i);

        if (i % 5 && name && !by_argument(name))
            str_addf(&s, ",\"%s\"", name);
    }
    str_addf(&s, "],\"action\":\"SCMP_ACT_ALLOW\"},%s]}", others);
    return s.text;
}

char *profile_patchwork(struct arena *a)
{
    struct str s;

    str_init(&s, a);
    str_add(&s, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\",\"SCMP_ARCH_ARM\"],"
            "\"syscalls\":[{\"names\":[\"nosuchcall\"],\"action\":\"SCMP_ACT_KILL\"}");
    for (unsigned i = 0; i < syscall_n_names; i++)
        if (name_of(i))
            str_addf(&s, ",{\"names\":[\"%s\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":%u}", name_of(i), 1 + i);
    str_add(&s, "]}");
    return s.text;
}
