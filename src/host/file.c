#include "host/file.h"
#include <errno.h>
#include <fcntl.h>
#include "base/fd.h"
#include "base/io.h"

int file_read_text(struct arena *a, const char *path, const char **ret)
{
    auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    char buffer[4096], *text;
    ssize_t n;
    int r;

    if (fd < 0)
        return -errno;
    n = read(fd, buffer, sizeof(buffer));
    if (n < 0)
        return -errno;
    if (n < (ssize_t) sizeof(buffer)) {
        *ret = arena_strndup(a, buffer, (size_t) n);
        return 0;
    }
    if ((r = io_read_at(AT_FDCWD, path, a, 16 << 20, &text, NULL)) < 0)
        return r;
    *ret = text;
    return 0;
}
