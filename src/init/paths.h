/* paths.h - paths below the container's root, every component of them hostile.
 *
 * All return a descriptor (O_PATH, close-on-exec) or -errno, and never leave the root: symlinks, also
 * absolute ones and "..", are resolved inside of it, links of /proc/PID/fd and the like are refused. */
#pragma once
#include "init/init.h"

enum path_kind { PATH_DIRECTORY, PATH_FILE };

/* What is there. `resolve`: RESOLVE_NO_SYMLINKS or 0. */
int path_open(const struct init *in, const char *path, uint64_t flags, uint64_t resolve);
/* The same, made with all directories above it when missing (0755, owned by root). */
int path_open_or_make(const struct init *in, const char *path, enum path_kind kind, uint64_t resolve);
/* The directory that holds `path`, made when missing; *ret_leaf is the last component, inside `path`. */
int path_open_parent(const struct init *in, const char *path, const char **ret_leaf);

/* Type, owner, device of an open descriptor. */
int fd_stat(int fd, struct statx *ret);
bool is_device(const struct statx *st, uint16_t type, uint32_t major, uint32_t minor);
