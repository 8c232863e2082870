#include "launch/clone.h"
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* clone3 with a stack of its own needs assembly: the child returns from the system call on an empty stack. */
static long enter(struct clone_args *args, int (*fn)(void *), void *data)
{
#if defined(__x86_64__)
    register int (*r8)(void *) __asm__("r8") = fn;
    register void *r9 __asm__("r9") = data;
    long ret;

    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "mov %%r9, %%rdi\n\t"
                     "call *%%r8\n\t"
                     "mov %%eax, %%edi\n\t"
                     "mov %[exit], %%eax\n\t"
                     "syscall\n\t"
                     "hlt\n"
                     "1:"
                     : "=a"(ret)
                     : "a"(SYS_clone3), "D"(args), "S"(sizeof(*args)), "r"(r8), "r"(r9), [exit] "i"(SYS_exit)
                     : "rcx", "r11", "memory", "cc");
    return ret;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = SYS_clone3;
    register long x0 __asm__("x0") = (long) args;
    register long x1 __asm__("x1") = sizeof(*args);
    register int (*x2)(void *) __asm__("x2") = fn;
    register void *x3 __asm__("x3") = data;

    __asm__ volatile("svc #0\n\t"
                     "cbnz x0, 1f\n\t"
                     "mov x29, xzr\n\t"
                     "mov x0, x3\n\t"
                     "blr x2\n\t"
                     "mov x8, %[exit]\n\t"
                     "svc #0\n"
                     "1:"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), [exit] "i"(SYS_exit)
                     : "memory", "cc");
    return x0;
#else
#error "enter: add this architecture"
#endif
}

/* A signal handler of the caller must not run in the child, which shares its memory. */
long clone_call(struct clone_args *args, int (*fn)(void *), void *data)
{
    sigset_t all, old;
    long pid;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pid = enter(args, fn, data);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return pid;
}

long clone_start(struct arena *a, uint64_t flags, int (*fn)(void *), void *data)
{
    struct clone_args args = {
        .flags = flags | CLONE_VM,
        .stack = (uintptr_t) arena_alloc(a, CLONE_STACK),
        .stack_size = CLONE_STACK,
    };

    return clone_call(&args, fn, data);
}

void clone_reap(long pid)
{
    while (waitid(P_PID, (id_t) pid, &(siginfo_t) { 0 }, WEXITED | __WALL) < 0 && errno == EINTR)
        ;
}
