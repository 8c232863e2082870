/* seccomp.c - our compiler beside libseccomp's, for one profile (linux.seccomp as JSON) on this machine.
 *
 *     seccomp FILE
 *
 * Times are the lowest of many: the program made from the parsed profile, and loaded in a child that ends at once. The
 * instructions are those the kernel would execute for each call of this architecture that the profile knows by name. */
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/io.h"
#include "plan/planner.h"
#include "plan/syscalls.h"
#include "tests/seccomp/bpf.h"
#include "tests/seccomp/oracle.h"

enum { ROUNDS = 200, MAX_FILE = 1 << 20 };

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

static int parse(struct op *op, const char *profile, struct spec **ret)
{
    const char *text = arena_printf(op->arena, "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\",\"args\":"
                                    "[\"sh\"]},\"linux\":{\"namespaces\":[{\"type\":\"mount\"}],\"seccomp\":%s}}", profile);

    return spec_parse(op, "config.json", text, strlen(text), ret);
}

/* The whole plan of a configuration that has little else, with the filter or without. */
static double plan_time(const struct spec *spec, struct program *ret)
{
    static const struct host host = { .last_cap = 40, .caps = UINT64_MAX, .cgroup_namespaces = true, .seccomp_flags = UINT32_MAX };
    const struct plan_request request = { .id = "ID", .bundle = "/bundle", .rootless = -1 };
    double best = 1e9;

    for (int i = 0; i < ROUNDS; i++) {
        struct arena *a = arena_new();
        struct op op;
        struct plan *plan;
        double from = now();

        op_init(&op, a);
        if (plan_make(&op, spec, &host, &request, &plan) < 0) {
            fprintf(stderr, "%s\n", op.message);
            exit(1);
        }
        best = now() - from < best ? now() - from : best;
        if (i == 0 && ret) {
            *ret = (struct program) { malloc(plan->seccomp.n * 8), plan->seccomp.n };
            memcpy(ret->code, plan_at(plan, plan->seccomp.at), plan->seccomp.n * 8);
        }
        arena_free(a);
    }
    return best;
}

static double oracle_time(const struct spec_seccomp *profile, struct oracle *ret)
{
    double best = 1e9;

    for (int i = 0; i < ROUNDS / 10; i++) {
        double from = now();

        if (i)
            oracle_free(ret);
        if (oracle_make(profile, ret) < 0)
            exit(1);
        best = now() - from < best ? now() - from : best;
    }
    return best;
}

/* In a child, which tells the time through a pipe. */
static double load_once(const struct program *p)
{
    struct sock_fprog program = { (unsigned short) p->n, p->code };
    double spent = 1e9;
    int pair[2];

    if (pipe(pair) < 0)
        exit(1);
    if (fork() == 0) {
        double from = now();

        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
            _exit(1);
        spent = now() - from;
        _exit(write(pair[1], &spent, sizeof(spent)) < 0);
    }
    close(pair[1]);
    if (read(pair[0], &spent, sizeof(spent)) < 0)
        exit(1);
    close(pair[0]);
    wait(NULL);
    return spent;
}

static double load_time(const struct program *p)
{
    double best = 1e9;

    for (int i = 0; i < ROUNDS; i++) {
        double t = load_once(p);

        best = t < best ? t : best;
    }
    return best;
}

static void count_steps(const struct program *p, double *ret_mean, unsigned long *ret_most)
{
    unsigned long all = 0, most = 0, n = 0;

    for (unsigned i = 0; i < syscall_n_names; i++) {
        int number = seccomp_syscall_resolve_name(syscall_texts + syscall_names[i].at);
        struct seccomp_data data = { .nr = number, .arch = seccomp_arch_native() };
        unsigned long steps = 0;

        if (number < 0)
            continue;
        bpf_run(p, &data, &steps);
        all += steps;
        most = steps > most ? steps : most;
        n++;
    }
    *ret_mean = (double) all / (double) n;
    *ret_most = most;
}

static void report(const char *name, double make, const struct program *p)
{
    unsigned long most;
    double mean;

    count_steps(p, &mean, &most);
    printf("%-12s %9.0f %9.0f %12zu %10.1f %6lu\n", name, make, load_time(p), p->n, mean, most);
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new();
    struct op op;
    struct spec *with, *without;
    struct program ours;
    struct oracle theirs = { 0 };
    double make;
    char *profile;

    op_init(&op, a);
    if (argc != 2 || io_read_at(-1, argv[1], a, MAX_FILE, &profile, NULL) < 0 || parse(&op, profile, &with) < 0 ||
        parse(&op, "{}", &without) < 0) {
        fprintf(stderr, "usage: seccomp FILE\n%s\n", op.message ? op.message : "");
        return 2;
    }
    printf("%-12s %9s %9s %12s %10s %6s\n", "us", "compile", "load", "instructions", "per call", "most");
    make = plan_time(with, &ours) - plan_time(without, NULL);
    report("proa", make, &ours);
    make = oracle_time(with->linux_->seccomp, &theirs);
    report("libseccomp", make, &theirs.program);
    arena_free(a);
    return 0;
}
