/* syscall.c - makes one system call and prints what it returns, from inside a container.
 *
 *     syscall [i386|x32] NUMBER [ARGUMENT…]       i386: through int $0x80; x32: with bit 30 in the number */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>

#if defined(__x86_64__)
static long by_interrupt(long number, const unsigned long *a)
{
    long r;

    __asm__ volatile ("int $0x80" : "=a" (r) : "a" (number), "b" (a[0]), "c" (a[1]), "d" (a[2]) : "memory", "r8", "r9", "r10", "r11");
    return (int) r;
}
#else
static long by_interrupt(long number, const unsigned long *a)
{
    (void) number;
    (void) a;
    return -ENOSYS;
}
#endif

int main(int argc, char **argv)
{
    const char *entry = argc > 1 && (strcmp(argv[1], "i386") == 0 || strcmp(argv[1], "x32") == 0) ? argv[1] : "";
    int first = *entry ? 2 : 1;
    unsigned long a[6] = { 0 };
    long number, r;

    if (argc <= first)
        return 2;
    number = strtol(argv[first], NULL, 0);
    for (int i = 0; i < 6 && first + 1 + i < argc; i++)
        a[i] = strtoul(argv[first + 1 + i], NULL, 0);
    if (strcmp(entry, "i386") == 0) {
        r = by_interrupt(number, a);
    } else {
        r = syscall(*entry ? number | 0x40000000 : number, a[0], a[1], a[2], a[3], a[4], a[5]);
        r = r == -1 ? -errno : r;
    }
    printf("%s\n", r >= 0 ? "ok" : strerrorname_np((int) -r) ? strerrorname_np((int) -r) : "?");
    return 0;
}
