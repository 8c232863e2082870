/* stdio.c - the standard streams that came from outside. */
#include "init/stdio.h"
#include "init/paths.h"
#include "init/procfs.h"

static bool is_null(const struct statx *st)
{
    return is_device(st, S_IFCHR, 1, 3);
}

/* The container's own /dev/null if it has one that deserves the name (CVE-2026-88265); else -1. */
static int open_null(struct init *in)
{
    auto_close int node = path_open(in, "/dev/null", O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
    struct statx st;

    if (node < 0 || fd_stat(node, &st) < 0 || !is_null(&st) || procfs_open(in))
        return -1;
    return procfs_reopen(in, node, O_RDWR);
}

/* A stream that is the host's null device is a descriptor of a host mount: replaced where that is possible. */
int step_stdio(struct init *in)
{
    auto_close int null = -1;
    bool tried = false;
    struct statx st;

    for (int fd = 0; !flagged(in, PLAN_TERMINAL) && fd < 3; fd++) {
        if (fd_stat(fd, &st) < 0 || !is_null(&st))
            continue;
        if (!tried)
            null = open_null(in);
        tried = true;
        if (null >= 0)
            sys_dup3(null, fd, 0);
    }
    in->fault.text[0] = '\0';
    return 0;
}

/* The user of the process must be able to reopen its streams by /dev/stdout. The group stays: a terminal's has its
 * meaning. Not the null device, which is everybody's. A file system that cannot is no error. */
void stdio_give(uint32_t uid)
{
    struct statx st;

    for (int fd = 0; fd < 3; fd++)
        if (fd_stat(fd, &st) == 0 && !is_null(&st) && st.stx_uid != uid)
            sys_fchownat(fd, "", uid, (uint32_t) -1, AT_EMPTY_PATH);
}
