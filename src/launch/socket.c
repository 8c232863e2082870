#include "launch/socket.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"

/* A path longer than sun_path goes by a descriptor of its directory. */
static int connect_path(int s, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *slash = strrchr(path, '/');
    auto_close int dir = -1;
    char directory[4096];

    if (strlen(path) < sizeof(address.sun_path)) {
        memcpy(address.sun_path, path, strlen(path) + 1);
    } else {
        if (!slash || (size_t) (slash - path) >= sizeof(directory))
            return -ENAMETOOLONG;
        memcpy(directory, path, slash - path);
        directory[slash - path] = '\0';
        if ((dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
            return -errno;
        if (snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir, slash + 1) >=
            (int) sizeof(address.sun_path))
            return -ENAMETOOLONG;
    }
    return connect(s, (struct sockaddr *) &address, sizeof(address)) < 0 ? -errno : 0;
}

int socket_hand_over(struct op *op, const char *what, const char *path, int fd, const char *text)
{
    /* Nobody may accept: then a full backlog is an error rather than a wait without end. */
    auto_close int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int r;

    if (s < 0)
        return op_fail(op, errno, "%s", what);
    if ((r = connect_path(s, path)) < 0)
        return op_fail(op, -r, "%s %s: connect", what, path);
    if ((r = io_send(s, text, strlen(text), fd)) < 0)
        return op_fail(op, -r, "%s %s: sendmsg", what, path);
    return 0;
}
