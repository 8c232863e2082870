/* bpf.h - device programs of cgroup v2, as bpf(2) knows them. Everything returns -errno, silently. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "plan/plan.h"

enum { BPF_PROGRAMS_MAX = 64 };         /* of one kind in one cgroup: BPF_CGROUP_MAX_PROGS */

/* Has the kernel verify the plan's program; returns its descriptor. `log` (may be NULL) receives the verifier's words. */
int bpf_load_devices(const struct plan *p, char *log, uint32_t log_size);
/* The ids of the cgroup's own device programs, at most BPF_PROGRAMS_MAX; returns how many. *ret_flags (may be NULL): with which
 * BPF_F_ALLOW_… they are attached. */
int bpf_list_devices(int cgroup, uint32_t *ids, uint32_t *ret_flags);
/* A descriptor of the program with this id. */
int bpf_open(uint32_t id);

/* Beside the programs that are there already: all must agree to an access. */
int bpf_attach_devices(int cgroup, int program);
int bpf_detach_devices(int cgroup, int program);

/* What the kernel has made of a program: the same of the same instructions, as long as it is the same kernel. */
struct bpf_image {
    uint8_t tag[8];
    uint32_t type, size;        /* bytes of code */
    void *code;                 /* NULL when the caller may not see it */
};
int bpf_read_image(int program, struct arena *a, struct bpf_image *ret);
