/* generate-syscalls.c - writes the tables of src/plan/syscalls.h from what libseccomp knows, at build time.
 *
 * The planner then finds a name in some 20 ns, where libseccomp's own look-up of a name on one architecture may take a
 * walk over all of them, and neither the command nor the library needs libseccomp at run time. */
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plan/syscalls.h"

enum { MAX_NAMES = SYSCALLS_MAX, MAX_ARCHES = 32, UNIFIED = 403, RANGE = 1000, ARM_PRIVATE = 0xf0000 };

/* Little-endian ones: a filter cannot be for both kinds, and all machines that proa runs on are of this one. */
struct arch { const char *name; uint32_t token, base; };
static const struct arch arches[] = {
    { "AARCH64", SCMP_ARCH_AARCH64, 0 }, { "ARM", SCMP_ARCH_ARM, 0 }, { "MIPSEL", SCMP_ARCH_MIPSEL, 4000 },
    { "MIPSEL64", SCMP_ARCH_MIPSEL64, 5000 }, { "MIPSEL64N32", SCMP_ARCH_MIPSEL64N32, 6000 },
    { "PPC64LE", SCMP_ARCH_PPC64LE, 0 }, { "RISCV64", SCMP_ARCH_RISCV64, 0 },
    { "X32", SCMP_ARCH_X32, SYSCALL_X32_BIT }, { "X86", SCMP_ARCH_X86, 0 }, { "X86_64", SCMP_ARCH_X86_64, 0 },
#ifdef SCMP_ARCH_LOONGARCH64        /* libseccomp 2.6 */
    { "LOONGARCH64", SCMP_ARCH_LOONGARCH64, 0 },
#endif
};
enum { N_ARCHES = sizeof(arches) / sizeof(arches[0]) };

/* Linux 5.17 to 6.17: newer than the libseccomp of many a distribution. A profile that names them means them. Since
 * number 403 all architectures count alike. */
static const struct { const char *name; uint32_t number; } newer[] = {
    { "set_mempolicy_home_node", 450 }, { "cachestat", 451 }, { "fchmodat2", 452 }, { "map_shadow_stack", 453 },
    { "futex_wake", 454 }, { "futex_wait", 455 }, { "futex_requeue", 456 }, { "statmount", 457 }, { "listmount", 458 },
    { "lsm_get_self_attr", 459 }, { "lsm_set_self_attr", 460 }, { "lsm_list_modules", 461 }, { "mseal", 462 },
    { "setxattrat", 463 }, { "getxattrat", 464 }, { "listxattrat", 465 }, { "removexattrat", 466 },
    { "open_tree_attr", 467 }, { "file_getattr", 468 }, { "file_setattr", 469 },
};

struct entry { uint32_t number, name; };
static struct entry entries[MAX_ARCHES][MAX_NAMES];
static size_t n_entries[MAX_ARCHES];
static const char *names[MAX_NAMES];
static size_t n_names;

static uint32_t name_index(const char *name)
{
    for (size_t i = 0; i < n_names; i++)
        if (strcmp(names[i], name) == 0)
            return (uint32_t) i;
    if (n_names == MAX_NAMES) {
        fprintf(stderr, "more than %d system calls: raise SYSCALLS_MAX\n", MAX_NAMES);
        exit(1);
    }
    names[n_names] = strdup(name);
    return (uint32_t) n_names++;
}

static void add(size_t arch, uint32_t number, const char *name)
{
    uint32_t index = name_index(name);

    for (size_t i = 0; i < n_entries[arch]; i++)
        if (entries[arch][i].name == index)
            return;
    entries[arch][n_entries[arch]++] = (struct entry) { number, index };
}

static void add_range(size_t arch, uint32_t from, uint32_t n)
{
    for (uint32_t number = from; number < from + n; number++) {
        char *name = seccomp_syscall_resolve_num_arch(arches[arch].token, (int) number);

        if (name)
            add(arch, number, name);
        free(name);
    }
}

static void collect(size_t arch)
{
    add_range(arch, arches[arch].base, RANGE);
    if (arches[arch].token == SCMP_ARCH_ARM)
        add_range(arch, ARM_PRIVATE, 16);
    for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
        if (seccomp_syscall_resolve_name(newer[i].name) == __NR_SCMP_ERROR)
            add(arch, arches[arch].base + newer[i].number, newer[i].name);
}

static int by_number(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

/* What libseccomp calls a call that some architectures make through socketcall(2) or ipc(2): -100 or -200 minus its number
 * there. 0: not such a call. */
static int multiplexed(uint32_t token, const char *name)
{
    int number = seccomp_syscall_resolve_name_arch(token, name);

    return number <= -100 && number >= -224 ? -number : 0;
}

/* Offsets instead of pointers: a program that is loaded anywhere would have to relocate these, at each of its starts. */
static void write_names(void)
{
    size_t at = 0;

    printf("const char syscall_texts[] =");
    for (size_t i = 0; i < n_names; i++)
        printf("\n    \"%s\\0\"", names[i]);
    printf(";\n\nconst struct syscall_name syscall_names[] = {\n");
    for (size_t i = 0; i < n_names; i++) {
        int sub = multiplexed(SCMP_ARCH_X86, names[i]);

        printf("    { %zu, %d, %d },\n", at, sub / 100, sub % 100);
        at += strlen(names[i]) + 1;
    }
    printf("};\nconst unsigned syscall_n_names = %zu;\n\n", n_names);
}

static void write_hash(void)
{
    static uint16_t slots[SYSCALL_SLOTS];

    for (size_t i = 0; i < n_names; i++) {
        uint32_t slot = syscall_hash(names[i]);

        while (slots[slot])
            slot = (slot + 1) % SYSCALL_SLOTS;
        slots[slot] = (uint16_t) (i + 1);
    }
    printf("const uint16_t syscall_slots[SYSCALL_SLOTS] = {");
    for (size_t i = 0; i < SYSCALL_SLOTS; i++)
        printf("%s%d,", i % 16 ? " " : "\n    ", slots[i]);
    printf("\n};\n\n");
}

static void write_numbers(size_t arch)
{
    qsort(entries[arch], n_entries[arch], sizeof(struct entry), by_number);
    printf("    /* %s */", arches[arch].name);
    for (size_t i = 0; i < n_entries[arch]; i++) {
        const struct entry *e = &entries[arch][i];
        bool through = multiplexed(arches[arch].token, names[e->name]) != 0;

        printf("%s%u,", i % 12 ? " " : "\n    ",
               syscall_entry(e->number & ~(uint32_t) SYSCALL_X32_BIT, e->name, through));
    }
    printf("\n");
}

static int number_of(size_t arch, const char *name)
{
    return multiplexed(arches[arch].token, "socket") ? seccomp_syscall_resolve_name_rewrite(arches[arch].token, name) : 0;
}

static void write_arches(void)
{
    size_t first = 0;

    printf("const uint32_t syscall_entries[] = {\n");
    for (size_t i = 0; i < N_ARCHES; i++)
        write_numbers(i);
    printf("};\n\nconst struct syscall_arch syscall_arches[] = {\n");
    for (size_t i = 0; i < N_ARCHES; i++) {
        printf("    { 0x%x, %d, %d, %zu, %zu },\n", arches[i].token, number_of(i, "socketcall"), number_of(i, "ipc"), first,
               n_entries[i]);
        first += n_entries[i];
    }
    printf("};\nconst unsigned syscall_n_arches = %d;\n", N_ARCHES);
}

int main(void)
{
    const struct scmp_version *version = seccomp_version();

    for (size_t i = 0; i < N_ARCHES; i++)
        collect(i);
    printf("/* Made by generate-syscalls. */\n#include \"plan/syscalls.h\"\n\n");
    printf("const char syscall_source[] = \"%u.%u.%u\";\n\n", version->major, version->minor, version->micro);
    write_names();
    write_hash();
    write_arches();
    return 0;
}
