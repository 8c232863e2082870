#include <sys/vfs.h>
#include <unistd.h>
#include "host/host.h"

enum { RESCTRL_MAGIC = 0x7655821 };     /* RDTGROUP_SUPER_MAGIC of linux/magic.h */

/* Where all the world mounts it; made by a kernel that knows RDT. */
static const char *find_mount(void)
{
    static const char usual[] = "/sys/fs/resctrl";
    struct statfs fs;

    return statfs(usual, &fs) == 0 && (unsigned long) fs.f_type == RESCTRL_MAGIC ? usual : NULL;
}

static bool has(struct arena *a, const char *root, const char *file)
{
    return access(arena_printf(a, "%s/%s", root, file), F_OK) == 0;
}

void host_read_rdt(struct arena *a, const char *root, struct host_rdt *ret)
{
    *ret = (struct host_rdt) { .root = root ? root : find_mount() };
    if (!ret->root)
        return;
    ret->l3 = has(a, ret->root, "info/L3");
    ret->mb = has(a, ret->root, "info/MB");
    ret->monitoring = has(a, ret->root, "info/L3_MON/mon_features");
}
