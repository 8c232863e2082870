/* syscalls.h - names and numbers of system calls on every little-endian architecture of seccomp profiles.
 *
 * The tables are constant and made at build time (tools/generate-syscalls.c) of what libseccomp knows, with the few calls
 * that are newer than it. A name is looked up once; from then on it is an index, the same for all architectures. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SYSCALLS_MAX = 1024,                        /* names: ten bits of an entry */
    SYSCALL_SLOTS = 2048,
    SYSCALL_X32_BIT = 0x40000000,               /* __X32_SYSCALL_BIT of a call's number; the tables leave it out */
};

/* Calls that some architectures make through one call that takes their number as its first argument. */
enum syscall_family { SYSCALL_PLAIN, SYSCALL_SOCKETCALL, SYSCALL_IPC };
struct syscall_name {
    uint16_t at;                                /* in syscall_texts */
    uint8_t family, sub;                        /* sub: the number there */
};

/* One architecture: its calls in the order of their numbers. */
struct syscall_arch {
    uint32_t token;                             /* as in words_seccomp_arch */
    uint32_t socketcall, ipc;                   /* numbers of the multiplexers; 0: each call has one of its own */
    uint32_t first, n;                          /* in syscall_entries */
};

extern const char syscall_texts[];
extern const uint32_t syscall_entries[];
extern const struct syscall_name syscall_names[];
extern const unsigned syscall_n_names, syscall_n_arches;
extern const uint16_t syscall_slots[SYSCALL_SLOTS];        /* index + 1; 0: empty */
extern const struct syscall_arch syscall_arches[];
extern const char syscall_source[];             /* libseccomp's version */

/* An entry: number, whether the call also goes through a multiplexer, index of the name. */
static inline uint32_t syscall_entry(uint32_t number, uint32_t name, bool multiplexed)
{
    return number << 11 | (uint32_t) multiplexed << 10 | name;
}

static inline uint32_t syscall_entry_number(uint32_t entry)
{
    return entry >> 11;
}

static inline bool syscall_entry_multiplexed(uint32_t entry)
{
    return entry >> 10 & 1;
}

static inline uint32_t syscall_entry_name(uint32_t entry)
{
    return entry & (SYSCALLS_MAX - 1);
}

static inline uint32_t syscall_hash(const char *name)
{
    uint32_t hash = 2166136261;

    for (; *name; name++)
        hash = (hash ^ (unsigned char) *name) * 16777619;
    return (hash ^ hash >> 15) % SYSCALL_SLOTS;
}

/* The index of the name, or -1. */
int syscall_find(const char *name);
/* NULL when nothing is known of that architecture. */
const struct syscall_arch *syscall_arch_find(uint32_t token);
