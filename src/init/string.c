/* string.c - the four functions that the compiler may call of itself, and words and numbers. */
#include "init/init.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    char *t = to;
    const char *f = from;

    while (n--)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    char *t = to;
    const char *f = from;

    if (t < f)
        for (size_t i = 0; i < n; i++)
            t[i] = f[i];
    else
        while (n--)
            t[n] = f[n];
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    char *t = to;

    while (n--)
        *t++ = (char) byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;

    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t text_length(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

bool text_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

char *text_number(char buf[24], uint64_t n, unsigned base)
{
    char *at = buf + 23;

    *at = '\0';
    do
        *--at = (char) ('0' + n % base);
    while (n /= base);
    return at;
}

bool text_append(char *buf, size_t size, const char *s)
{
    size_t n = text_length(buf);

    while (*s && n + 1 < size)
        buf[n++] = *s++;
    buf[n] = '\0';
    return *s == '\0';
}
