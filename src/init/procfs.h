/* procfs.h - a procfs that is known to be one, whatever the container has mounted over /proc (CVE-2025-52881). */
#pragma once
#include "init/init.h"

/* Sets in->proc: the container's own fresh procfs if there is one, else one made for the purpose, else a copy of the
 * host's, verified. */
int procfs_open(struct init *in);
/* Opens an entry of it, over no symlink and no other mount. Descriptor or -errno. */
int procfs_open_entry(const struct init *in, const char *path, uint64_t flags);
/* Opens again what an O_PATH descriptor stands for. Descriptor or -errno. */
int procfs_reopen(const struct init *in, int fd, int flags);
/* Changes the mode of what a descriptor stands for, O_PATH too. 0 or -errno. */
int procfs_fchmod(struct init *in, int fd, unsigned mode);
