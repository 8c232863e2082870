/* fd.h - owned file descriptors.
 *
 * `auto_close int fd = -1;` is closed at the end of its scope, `take_fd(&fd)` hands it on.
 * A plain `int fd` parameter is borrowed. Everything is opened with O_CLOEXEC. */
#pragma once
#include <unistd.h>

static inline void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static inline int take_fd(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

#define auto_close __attribute__((cleanup(fd_close)))
