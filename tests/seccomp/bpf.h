/* bpf.h - a classic BPF machine for seccomp programs: what the kernel would decide (linux/filter.h, seccomp(2)). */
#pragma once
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

struct program { struct sock_filter *code; size_t n; };

/* The verdict. *steps is increased by the instructions executed. Ends the test when the kernel would refuse the program:
 * an unknown instruction, a jump out of it, a load that is not a word of the data. */
uint32_t bpf_run(const struct program *p, const struct seccomp_data *data, unsigned long *steps);
