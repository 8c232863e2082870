#include "text.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *text_checked(void *memory)
{
    static const char message[] = "out of memory\n";

    if (memory)
        return memory;
    text_write(STDERR_FILENO, message, sizeof(message) - 1);
    abort();
}

char *text_format_list(const char *format, va_list arguments)
{
    char *text;

    return text_checked(vasprintf(&text, format, arguments) < 0 ? NULL : text);
}

char *text_format(const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = text_format_list(format, arguments);
    va_end(arguments);
    return text;
}

void text_stream(struct text *text)
{
    text->out = text_checked(open_memstream(&text->data, &text->length));
}

char *text_take(struct text *text)
{
    /* The only error a memory stream has is a lack of memory. */
    return text_checked(fclose(text->out) ? NULL : text->data);
}

char *text_read(FILE *file, size_t max, int *ret_err)
{
    struct text text;
    char piece[4096];
    size_t n, total = 0;

    text_stream(&text);
    errno = 0;
    while ((n = fread(piece, 1, sizeof(piece), file)) > 0 && (total += n) <= max)
        fwrite(piece, 1, n, text.out);
    *ret_err = total > max ? EFBIG : ferror(file) ? errno : 0;
    return text_take(&text);
}

size_t text_utf8(const char *s)
{
    static const struct {
        unsigned char first, last, low, high; /* the range of the lead byte, and of the byte after it */
        size_t length;
    } forms[] = {
        { 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };
    const unsigned char *u = (const unsigned char *) s;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (u[0] < forms[i].first || u[0] > forms[i].last)
            continue;
        if (forms[i].length > 1 && (u[1] < forms[i].low || u[1] > forms[i].high))
            return 0;
        for (size_t k = 2; k < forms[i].length; k++) {
            if ((u[k] & 0xc0) != 0x80)
                return 0;
        }
        return forms[i].length;
    }
    return 0;
}

/* The letter of a one-letter escape that Go and JSON share, or 0. */
static char escape_letter(char c)
{
    static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
    const char *found = strchr(from, c);

    return found ? to[found - from] : '\0';
}

static void quote_go_ascii(FILE *out, char c)
{
    char letter = c == '\a' ? 'a' : c == '\v' ? 'v' : escape_letter(c);

    if (letter)
        fprintf(out, "\\%c", letter);
    else if (c < 0x20 || c == 0x7f)
        fprintf(out, "\\x%02x", c);
    else
        fputc(c, out);
}

void text_quote_go(FILE *out, const char *s)
{
    fputc('"', out);
    while (*s) {
        size_t length = text_utf8(s);

        if (length == 1)
            quote_go_ascii(out, *s);
        else if (!length)
            fprintf(out, "\\x%02x", (unsigned char) *s);
        else if (length == 2 && (unsigned char) s[0] == 0xc2 && (unsigned char) s[1] < 0xa0)
            fprintf(out, "\\u%04x", (unsigned char) s[1]); /* the control characters U+0080 to U+009F */
        else
            fwrite(s, 1, length, out);
        s += length ? length : 1;
    }
    fputc('"', out);
}

void text_quote_json(FILE *out, const char *s)
{
    fputc('"', out);
    while (*s) {
        size_t length = text_utf8(s);
        char letter = length == 1 ? escape_letter(*s) : '\0';

        if (letter)
            fprintf(out, "\\%c", letter);
        else if (length == 1 && *s < 0x20)
            fprintf(out, "\\u%04x", *s);
        else if (!length)
            fputs("\\ufffd", out);
        else
            fwrite(s, 1, length, out);
        s += length ? length : 1;
    }
    fputc('"', out);
}

int text_write(int fd, const char *s, size_t length)
{
    while (length) {
        ssize_t n = write(fd, s, length);

        if (n >= 0) {
            s += n;
            length -= (size_t) n;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd) { .fd = fd, .events = POLLOUT }, 1, -1);
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}
