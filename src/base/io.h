/* io.h - whole files at once. Everything returns -errno, silently. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "base/arena.h"

/* The file's bytes plus a NUL (not counted in *ret_len, which may be NULL). Only a regular file or
 * a file of procfs, sysfs or cgroupfs is read: -EINVAL for a FIFO, socket, device or directory, none
 * of which is waited for. -EFBIG when it has more than `max` bytes. */
int io_read_at(int dir, const char *path, struct arena *a, size_t max, char **ret_text, size_t *ret_len);

/* One write(2) of the whole text to an existing file (procfs, cgroupfs). */
int io_write_at(int dir, const char *path, const char *text);

/* mkdir(2) of a path, which it borrows, with `mode`, and of what is missing above it. What is there is good. */
int io_make_directory(char *path, mode_t above, mode_t mode);

/* Creates `name` in `dir` with `mode` less the umask: a new inode, complete before it is visible under its name
 * (a hidden temporary file and rename). */
int io_write_atomic(int dir, const char *name, const char *text, size_t len, mode_t mode);

/* One sendmsg(2), with a descriptor to go along or -1. -EMSGSIZE when the socket has not taken all of it. */
int io_send(int socket, const void *data, size_t size, int fd);

/* Whether a read would not wait; of a pidfd: whether its process has ended. */
bool io_ready(int fd);

/* Writes it all, over short writes and EINTR. */
int io_write_all(int fd, const char *text, size_t len);
