/* create.h - what `create` and `run` have in common. */
#pragma once
#include "cli.h"

struct create_values {
    const char *bundle, *console_socket, *pidfd_socket, *pid_file;
    unsigned preserve_fds;
    bool no_pivot, no_new_keyring;
};

/* Rows of an option table whose struct of values begins with a struct create_values. */
#define CREATE_ROWS \
    { .name = "bundle", .letter = 'b', .type = OPTION_STRING, .value = "DIR", \
      .offset = offsetof(struct create_values, bundle), \
      .help = "directory of the bundle", .default_text = "the working directory" }, \
    { .name = "console-socket", .type = OPTION_STRING, .value = "SOCKET", \
      .offset = offsetof(struct create_values, console_socket), \
      .help = "AF_UNIX socket that is sent the master of the container's terminal" }, \
    { .name = "pidfd-socket", .type = OPTION_STRING, .value = "SOCKET", \
      .offset = offsetof(struct create_values, pidfd_socket), \
      .help = "AF_UNIX socket that is sent a pidfd of the container's first process" }, \
    { .name = "pid-file", .type = OPTION_STRING, .value = "FILE", \
      .offset = offsetof(struct create_values, pid_file), \
      .help = "file to write the process id to" }, \
    { .name = "no-pivot", .type = OPTION_BOOL, .offset = offsetof(struct create_values, no_pivot), \
      .help = "move the root mount and chroot instead of pivot_root, as a root on a ramdisk needs" }, \
    { .name = "no-new-keyring", .type = OPTION_BOOL, .offset = offsetof(struct create_values, no_new_keyring), \
      .help = "keep the session keyring of the caller" }, \
    { .name = "preserve-fds", .type = OPTION_UNSIGNED, .value = "N", \
      .offset = offsetof(struct create_values, preserve_fds), \
      .help = "number of descriptors from 3 on that the container gets too", .default_text = "0" }

/* The value of an option, or NULL: an empty one is as good as none. */
const char *option_given(const char *value);

/* $NOTIFY_SOCKET: the socket of the service manager that has started this command, or NULL. */
const char *notify_socket(void);

/* NULL when descriptors 3 .. 3+n-1 all came with this process; else why they cannot be handed on, to be freed. */
char *inherited_fault(unsigned long n);

/* What the options and the environment ask of the library, and `flags` besides. */
struct proa_create_options create_request(const struct create_values *values, unsigned flags);
