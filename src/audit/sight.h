/* sight.h - what the container's first process sees: its mounts, and what lies at a path.
 *
 * Nothing below the container's root is opened but as a place (O_PATH), inside of that root and over no magic link; and no file
 * system that could keep whoever asks waiting (FUSE, network) is asked, unless it is the root itself: the container may be its
 * server. */
#pragma once
#include "audit/look.h"
#include "host/parse.h"

struct sight {
    struct parse_mount *mounts;
    size_t n;
    int root;
};

struct sight_place {
    const struct parse_mount *mount;    /* on which it lies; NULL: none that is listed */
    bool is_root;                       /* of that mount: something is mounted there */
    uint16_t mode;                      /* only the type */
    uint64_t device, inode, node;       /* node: of a device, as makedev(3) has it */
    uint64_t mount_id;
};

int sight_read(struct look *l, struct sight *ret);
void sight_close(struct sight *s);
/* What is at the path, symlinks followed. -EAGAIN: it cannot be told without a risk to be kept waiting. */
int sight_find(const struct sight *s, const char *path, struct sight_place *ret);
/* The same for a path of the caller's own; the mount is not looked up. */
int sight_find_outside(const char *path, struct sight_place *ret, int *ret_fd);

/* Whether `path` is `above` or lies below it. */
bool sight_is_below(const char *path, const char *above);
