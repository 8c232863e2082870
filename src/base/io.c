#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "base/fd.h"

/* O_NONBLOCK: the open(2) of a FIFO or of a device does not wait. A socket cannot be opened: ENXIO. */
static int open_regular(int dir, const char *path, struct stat *ret)
{
    auto_close int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return errno == ENXIO ? -EINVAL : -errno;
    if (fstat(fd, ret) < 0)
        return -errno;
    return S_ISREG(ret->st_mode) ? take_fd(&fd) : -EINVAL;
}

/* Up to `size` bytes; fewer only at the end of the file. */
static ssize_t read_full(int fd, char *to, size_t size)
{
    size_t done = 0;
    ssize_t n;

    while (done < size) {
        n = read(fd, to + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        done += (size_t) n;
    }
    return (ssize_t) done;
}

int io_read_at(int dir, const char *path, struct arena *a, size_t max, char **ret_text, size_t *ret_len)
{
    struct stat st;
    auto_close int fd = open_regular(dir, path, &st);
    size_t len = 0, cap;
    char *text, *grown;
    ssize_t n;

    if (fd < 0)
        return fd;
    if (st.st_size > 0 && (uint64_t) st.st_size > max)
        return -EFBIG;
    /* Files of procfs and cgroupfs say that they are empty. */
    cap = st.st_size > 0 ? (size_t) st.st_size + 1 : 4096;
    text = arena_alloc(a, cap + 1);
    while ((n = read_full(fd, text + len, cap - len)) > 0 && (len += (size_t) n) == cap && len <= max) {
        grown = arena_alloc(a, 2 * cap + 1);
        text = memcpy(grown, text, len);
        cap *= 2;
    }
    if (n < 0)
        return (int) n;
    if (len > max)
        return -EFBIG;
    text[len] = '\0';
    *ret_text = text;
    if (ret_len)
        *ret_len = len;
    return 0;
}

int io_write_at(int dir, const char *path, const char *text)
{
    auto_close int fd = openat(dir, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    size_t len = strlen(text);
    ssize_t n;

    if (fd < 0)
        return -errno;
    do
        n = write(fd, text, len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return (size_t) n == len ? 0 : -EIO;
}

bool io_ready(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0) > 0;
}

int io_write_all(int fd, const char *text, size_t len)
{
    ssize_t n;

    while (len > 0) {
        n = write(fd, text, len);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            text += n, len -= (size_t) n;
    }
    return 0;
}

int io_make_directory(char *path, mode_t above, mode_t mode)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        int r;

        *slash = '\0';
        r = mkdir(path, above);
        *slash = '/';
        if (r < 0 && errno != EEXIST)
            return -errno;
    }
    return mkdir(path, mode) < 0 && errno != EEXIST ? -errno : 0;
}

/* Makes ".NAME.RANDOM" beside `name` and says how it is called in temp. */
static int create_temporary(int dir, const char *name, mode_t mode, char *temp, size_t size)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    uint32_t random;
    int fd, n;

    do {
        if (getrandom(&random, sizeof(random), 0) != sizeof(random))
            return -EIO;
        n = snprintf(temp, size, "%.*s.%.200s.%08x", (int) (base - name), name, base, random);
        if (n < 0 || (size_t) n >= size)
            return -ENAMETOOLONG;
        fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EEXIST);
    return fd < 0 ? -errno : fd;
}

int io_write_atomic(int dir, const char *name, const char *text, size_t len, mode_t mode)
{
    char temp[4096];
    auto_close int fd = create_temporary(dir, name, mode, temp, sizeof(temp));
    int r;

    if (fd < 0)
        return fd;
    r = io_write_all(fd, text, len);
    if (r == 0 && renameat(dir, temp, dir, name) < 0)
        r = -errno;
    if (r < 0)
        unlinkat(dir, temp, 0);
    return r;
}

int io_send(int socket, const void *data, size_t size, int fd)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control = {
        .header = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS },
    };
    struct iovec iov = { (void *) data, size };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
    ssize_t n;

    if (fd >= 0) {
        memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
        message.msg_control = &control;
        message.msg_controllen = sizeof(control.space);
    }
    n = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (n < 0)
        return -errno;
    return (size_t) n == size ? 0 : -EMSGSIZE;
}
