/* parse.h - the texts of procfs that tell about cgroups and mounts, taken apart. Pure: tests feed them any text. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"
#include "host/host.h"

/* /proc/PID/cgroup (cgroups(7)): controllers and `own` of each hierarchy, no mounts yet; a cgroup2 comes last. Lines
 * that make no sense are left out. Returns how many. */
size_t parse_cgroups(struct arena *a, const char *text, struct host_hierarchy **ret);

/* One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)), what matters of it, unescaped. */
struct parse_mount {
    const char *root, *point, *type, *options;  /* options: the file system's own */
    const char *device, *flags, *peers, *source;    /* "8:1"; "rw,nosuid"; "shared:1 master:2", or "" */
    uint64_t id;
};
/* Moves *text behind its first line. False when there is no line left; of a malformed line all members are "". */
bool parse_next_mount(struct arena *a, const char **text, struct parse_mount *ret);

/* Whether the mount is the hierarchy with these controllers; "": cgroup2. */
bool parse_mount_is(const struct parse_mount *m, const char *controllers);

/* What `own` is called below a mount that shows the hierarchy from `root` on; "/" when it is not below it. */
const char *parse_strip_root(const char *own, const char *root);
