#include "launch/image.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include "base/fd.h"
#include "init/image.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U            /* Linux 6.3 */
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020          /* Linux 6.3 */
#endif

enum { IMAGE_PAGE_MAX = 65536 };       /* every page size in use divides it */

static int memfd_open(const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

    if (fd < 0 && errno == EINVAL)      /* before 6.3 every memfd is executable */
        fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd < 0 ? -errno : fd;
}

static int memfd_seal(int fd)
{
    const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

    if (fcntl(fd, F_ADD_SEALS, seals | F_SEAL_EXEC) == 0)
        return 0;
    if (errno == EINVAL && fcntl(fd, F_ADD_SEALS, seals) == 0)
        return 0;
    return -errno;
}

static int write_pieces(int fd, struct iovec *piece, int n)
{
    while (n > 0) {
        ssize_t done = writev(fd, piece, n);

        if (done < 0 && errno != EINTR)
            return -errno;
        for (; n > 0 && done >= (ssize_t) piece->iov_len; piece++, n--)
            done -= piece->iov_len;
        if (n > 0 && done > 0) {
            piece->iov_base = (char *) piece->iov_base + done;
            piece->iov_len -= done;
        }
    }
    return 0;
}

int image_seal(struct op *op, const char *name, const void *data, size_t size, int *ret_fd)
{
    struct iovec piece = { (void *) data, size };
    auto_close int fd = memfd_open(name);
    int r = fd;

    if (r >= 0 && (r = write_pieces(fd, &piece, 1)) >= 0)
        r = memfd_seal(fd);
    if (r < 0)
        return op_fail(op, -r, "making the memfd \"%s\"", name);
    *ret_fd = take_fd(&fd);
    return 0;
}

int image_create(struct op *op, const struct plan *plan, int *ret_fd)
{
    static const char zeros[IMAGE_PAGE_MAX];
    size_t pad = -init_image_size % (size_t) sysconf(_SC_PAGESIZE);
    struct image_header header = *(const struct image_header *) init_image;
    struct image_segment *segment = &header.segments[IMAGE_PLAN_SEGMENT];
    struct iovec pieces[] = {
        { &header, sizeof(header) },
        { (void *) (init_image + sizeof(header)), init_image_size - sizeof(header) },
        { (void *) zeros, pad },
        { (void *) plan, plan->size },
    };
    auto_close int fd = memfd_open("proa-init");
    int r;

    if (fd < 0)
        return op_fail(op, -fd, "memfd for the init");
    segment->offset = init_image_size + pad;
    segment->filesz = segment->memsz = plan->size;
    if ((r = write_pieces(fd, pieces, 4)) < 0)
        return op_fail(op, -r, "writing the init and its plan to a memfd");
    if ((r = memfd_seal(fd)) < 0)
        return op_fail(op, -r, "sealing the init's memfd");
    *ret_fd = take_fd(&fd);
    return 0;
}
