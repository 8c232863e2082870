#include "plan/syscalls.h"
#include <string.h>

int syscall_find(const char *name)
{
    for (uint32_t slot = syscall_hash(name); syscall_slots[slot]; slot = (slot + 1) % SYSCALL_SLOTS)
        if (strcmp(syscall_texts + syscall_names[syscall_slots[slot] - 1].at, name) == 0)
            return syscall_slots[slot] - 1;
    return -1;
}

const struct syscall_arch *syscall_arch_find(uint32_t token)
{
    for (unsigned i = 0; i < syscall_n_arches; i++)
        if (syscall_arches[i].token == token)
            return &syscall_arches[i];
    return NULL;
}
