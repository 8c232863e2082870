#include "host/cgroups.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "base/io.h"
#include "base/str.h"
#include "host/file.h"
#include "host/parse.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

static bool is_file_system(const char *path, unsigned long magic)
{
    struct statfs fs;

    return statfs(path, &fs) == 0 && (unsigned long) fs.f_type == magic;
}

/* One look answers two questions: that the mount is there, and that it shows `own` under that name,
 * which it does not when only a part of the hierarchy is mounted there (a container in a container). */
static bool shows_own(const struct host_hierarchy *h, const char *mount)
{
    unsigned long magic = *h->controllers ? CGROUP_SUPER_MAGIC : CGROUP2_SUPER_MAGIC;
    char path[4096 + 256];
    size_t len = strlen(mount), own = strlen(h->own);

    if (len + own >= sizeof(path) || strstr(h->own, "/.."))
        return false;
    memcpy(path, mount, len);
    memcpy(path + len, h->own, own + 1);
    return is_file_system(path, magic);
}

/* The usual names below the tmpfs on /sys/fs/cgroup: "memory", "cpu,cpuacct", where systems that order
 * the two differently have links called "cpu" and "cpuacct"; "systemd" for name=systemd; "unified". */
static bool find_by_name(struct arena *a, struct host_hierarchy *h)
{
    const char *name = *h->controllers ? h->controllers : "unified";
    size_t first;

    if (str_starts(name, "name="))
        name += strlen("name=");
    first = strcspn(name, ",");
    h->mount = arena_printf(a, CGROUP_ROOT "/%s", name);
    if (shows_own(h, h->mount))
        return true;
    if (name[first]) {
        h->mount = arena_printf(a, CGROUP_ROOT "/%.*s", (int) first, name);
        if (shows_own(h, h->mount))
            return true;
    }
    h->mount = NULL;
    return false;
}

/* Of several mounts the last in /sys/fs/cgroup is taken, else the first anywhere. */
static void find_in_mountinfo(struct arena *a, const char *text, struct host_hierarchy *h)
{
    const char *own = h->own;
    struct parse_mount m;
    bool usual;

    while (parse_next_mount(a, &text, &m)) {
        usual = str_eq(m.point, CGROUP_ROOT) || str_starts(m.point, CGROUP_ROOT "/");
        if (!parse_mount_is(&m, h->controllers) || (h->mount && !usual))
            continue;
        h->mount = m.point;
        h->own = parse_strip_root(own, m.root);
    }
}

static int find_missing(struct op *op, struct host *h)
{
    char *text;
    int r = io_read_at(AT_FDCWD, "/proc/thread-self/mountinfo", op->arena, 64 << 20, &text, NULL);

    if (r < 0)
        return op_fail(op, -r, "reading /proc/thread-self/mountinfo");
    for (size_t i = 0; i < h->n_hierarchies; i++)
        if (!h->hierarchies[i].mount)
            find_in_mountinfo(op->arena, text, &h->hierarchies[i]);
    return 0;
}

/* Forgets what is mounted nowhere, and names what remains. */
static void settle(struct host *h)
{
    size_t n = 0, v2 = 0;

    for (size_t i = 0; i < h->n_hierarchies; i++) {
        if (!h->hierarchies[i].mount)
            continue;
        v2 += !*h->hierarchies[i].controllers;
        h->hierarchies[n++] = h->hierarchies[i];
    }
    h->n_hierarchies = n;
    if (n == 0)
        h->layout = HOST_CGROUP_NONE;
    else if (v2 == n)
        h->layout = HOST_CGROUP_V2;
    else
        h->layout = v2 ? HOST_CGROUP_HYBRID : HOST_CGROUP_V1;
}

/* /sys/fs/cgroup is a cgroup2: the v1 hierarchies that the kernel may list are not in use. */
static bool find_unified(struct host *h)
{
    struct host_hierarchy *last = &h->hierarchies[h->n_hierarchies - 1];

    if (*last->controllers || !is_file_system(CGROUP_ROOT, CGROUP2_SUPER_MAGIC))
        return false;
    last->mount = CGROUP_ROOT;
    h->hierarchies = last;
    h->n_hierarchies = 1;
    if (!str_eq(last->own, "/") && !shows_own(last, CGROUP_ROOT))
        last->mount = NULL;
    return true;
}

/* Beside v1 hierarchies a cgroup2 has no controllers and is not worth a search: all kernels list one, mounted or not. */
static bool is_needed(const struct host *h, const struct host_hierarchy *one)
{
    return *one->controllers || h->n_hierarchies == 1;
}

int cgroups_read(struct op *op, struct host *h)
{
    bool missing = false;
    const char *text;
    int r = file_read_text(op->arena, "/proc/thread-self/cgroup", &text);

    if (r == -ENOENT && access("/proc/thread-self", F_OK) == 0)
        return 0;                               /* a kernel without cgroups */
    if (r < 0)
        return op_fail(op, -r, "reading /proc/thread-self/cgroup (is /proc mounted?)");
    h->n_hierarchies = parse_cgroups(op->arena, text, &h->hierarchies);
    if (h->n_hierarchies == 0)
        return 0;
    if (find_unified(h))
        missing = !h->hierarchies->mount;
    else
        for (size_t i = 0; i < h->n_hierarchies; i++)
            missing |= !find_by_name(op->arena, &h->hierarchies[i]) && is_needed(h, &h->hierarchies[i]);
    if (missing && (r = find_missing(op, h)) < 0)
        return r;
    settle(h);
    return 0;
}
