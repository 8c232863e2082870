#include "bpf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(size_t at, const struct sock_filter *i)
{
    fprintf(stderr, "instruction %zu is not one of seccomp: code %#x, jt %u, jf %u, k %#x\n", at, i->code, i->jt, i->jf, i->k);
    exit(1);
}

static uint32_t load(const struct seccomp_data *data, size_t at, const struct sock_filter *i)
{
    uint32_t word;

    if (i->k % 4 || i->k + 4 > sizeof(*data))
        refuse(at, i);
    memcpy(&word, (const char *) data + i->k, sizeof(word));
    return word;
}

uint32_t bpf_run(const struct program *p, const struct seccomp_data *data, unsigned long *steps)
{
    uint32_t a = 0;

    for (size_t at = 0; at < p->n; at++) {
        const struct sock_filter *i = &p->code[at];

        ++*steps;
        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            a = load(data, at, i);
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            a &= i->k;
            break;
        case BPF_JMP | BPF_JA:
            at += i->k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            at += a == i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            at += a > i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            at += a >= i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JSET | BPF_K:
            at += a & i->k ? i->jt : i->jf;
            break;
        case BPF_RET | BPF_K:
            return i->k;
        default:
            refuse(at, i);
        }
    }
    fprintf(stderr, "the program is left without a verdict\n");
    exit(1);
}
