/* cgroup_file.h - the files of a cgroup. Everything returns -errno, silently.
 *
 * `root` is the directory to stay below, `path` the cgroup below it ("/a/b", or "/" for root itself),
 * `file` a file in it, NULL for the directory. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/arena.h"

int cgroup_file_open(int root, const char *path, const char *file, int flags);
/* The directory of a cgroup below the mount of its hierarchy, for reading. */
int cgroup_file_open_dir(const char *mount, const char *path);
int cgroup_file_write(int root, const char *path, const char *file, const char *text);
/* The text without the newline at its end; -EFBIG beyond 8 KB. */
int cgroup_file_read(int root, const char *path, const char *file, struct arena *a, char **ret);

struct cgroup_members {
    struct arena *arena;
    pid_t *pids;
    size_t n, cap;
    bool foreign;               /* there is a process of a pid namespace that cannot be seen from here */
};
/* Adds the processes of the directory and of all cgroups below it. One that goes away meanwhile has none. */
int cgroup_members_add(struct cgroup_members *m, int dir);
/* "12, 13", for an error. */
const char *cgroup_members_text(struct arena *a, int dir);
