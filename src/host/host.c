#include "host/host.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/fd.h"
#include "host/cgroups.h"
#include "host/file.h"

/* The inode of the initial user namespace: part of the kernel's interface since its version 6.18
 * (USER_NS_INIT_INO of linux/nsfs.h), and this number since 3.8. The id map does not tell: one of another
 * namespace can be as full. */
enum { INITIAL_USER_NAMESPACE = 0xeffffffd };
enum { WAIT_KILLABLE_RECV = 1 << 5 };           /* SECCOMP_FILTER_FLAG_…, Linux 5.19; with NEW_LISTENER only */

/* 0 when the kernel has no such namespaces. */
static uint64_t namespace_inode(int ns, const char *file)
{
    struct stat st;

    return fstatat(ns, file, &st, 0) == 0 ? st.st_ino : 0;
}

/* `thread-self`: a thread may have left its process's. */
static void read_namespaces(struct host *h)
{
    auto_close int ns = open("/proc/thread-self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);
    uint64_t user = namespace_inode(ns, "user");

    h->user_namespace = user != 0 && user != INITIAL_USER_NAMESPACE;
    h->net_namespace = namespace_inode(ns, "net");
    h->cgroup_namespaces = faccessat(ns, "cgroup", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    h->time_namespaces = faccessat(ns, "time", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int read_caps(struct op *op, uint64_t *ret)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];

    if (syscall(SYS_capget, &header, data) < 0)
        return op_fail(op, errno, "capget");
    *ret = (uint64_t) data[1].effective << 32 | data[0].effective;
    return 0;
}

/* From the one that this program was built with it is not far in either direction. */
static unsigned last_capability(void)
{
    unsigned cap = CAP_LAST_CAP;

    while (cap > 0 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) < 0)
        cap--;
    while (cap < 63 && prctl(PR_CAPBSET_READ, cap + 1, 0, 0, 0) >= 0)
        cap++;
    return cap;
}

static bool apparmor_enabled(struct arena *a)
{
    const char *text;

    return file_read_text(a, "/sys/module/apparmor/parameters/enabled", &text) == 0 && text[0] == 'Y';
}

static bool selinux_enabled(void)
{
    struct statfs fs;

    return statfs("/sys/fs/selinux", &fs) == 0 && (unsigned long) fs.f_type == SELINUX_MAGIC;
}

int host_read_caller(struct op *op, struct host *ret)
{
    struct host h = {
        .uid = geteuid(),
        .gid = getegid(),
        .last_cap = last_capability(),
        .apparmor = apparmor_enabled(op->arena),
        .selinux = selinux_enabled(),
    };
    int r;

    read_namespaces(&h);
    if ((r = read_caps(op, &h.caps)) < 0)
        return r;
    *ret = h;
    return 0;
}

int host_read(struct op *op, struct host *ret)
{
    struct host h;
    int r;

    if ((r = host_read_caller(op, &h)) < 0 || (r = cgroups_read(op, &h)) < 0)
        return r;
    *ret = h;
    return 0;
}

/* With no program the kernel answers EFAULT when it knows the flags, else EINVAL (seccomp(2)). */
void host_read_seccomp(struct host *ret)
{
    static const uint32_t flags[] = {
        SECCOMP_FILTER_FLAG_TSYNC, SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW, WAIT_KILLABLE_RECV,
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        uint32_t with = flags[i] == WAIT_KILLABLE_RECV ? flags[i] | SECCOMP_FILTER_FLAG_NEW_LISTENER : flags[i];

        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, with, NULL) < 0 && errno == EFAULT)
            ret->seccomp_flags |= flags[i];
    }
}
