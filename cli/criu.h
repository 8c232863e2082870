/* criu.h - what `checkpoint` and `restore` have in common. */
#pragma once
#include "cli.h"

struct criu_values {
    const char *image_path, *work_path, *cgroups, *empty_ns;
    bool tcp_established, tcp_skip_in_flight, link_remap, ext_unix_sk, shell_job, file_locks, lazy_pages, auto_dedup;
};

/* Rows of an option table whose struct of values begins with a struct criu_values. */
#define CRIU_ROWS \
    { .name = "image-path", .type = OPTION_STRING, .value = "DIR", .offset = offsetof(struct criu_values, image_path), \
      .help = "directory of the image files", .default_text = "checkpoint" }, \
    { .name = "work-path", .type = OPTION_STRING, .value = "DIR", .offset = offsetof(struct criu_values, work_path), \
      .help = "directory for criu's log and statistics", .default_text = "that of the image files" }, \
    { .name = "tcp-established", .type = OPTION_BOOL, .offset = offsetof(struct criu_values, tcp_established), \
      .help = "save TCP connections that are established, and take them up again" }, \
    { .name = "tcp-skip-in-flight", .type = OPTION_BOOL, .offset = offsetof(struct criu_values, tcp_skip_in_flight), \
      .help = "leave out TCP connections that are not established yet" }, \
    { .name = "link-remap", .type = OPTION_BOOL, .offset = offsetof(struct criu_values, link_remap), \
      .help = "give files that are open and have no name one for the time between" }, \
    { .name = "ext-unix-sk", .type = OPTION_BOOL, .offset = offsetof(struct criu_values, ext_unix_sk), \
      .help = "allow sockets that are connected to processes outside" }, \
    { .name = "shell-job", .type = OPTION_BOOL, .offset = offsetof(struct criu_values, shell_job), \
      .help = "allow a session and a terminal that come from outside" }, \
    { .name = "file-locks", .type = OPTION_BOOL, .offset = offsetof(struct criu_values, file_locks), \
      .help = "save file locks, which must not be shared with processes outside" }, \
    { .name = "lazy-pages", .type = OPTION_BOOL, .offset = offsetof(struct criu_values, lazy_pages), \
      .help = "move memory only when it is used, by a criu lazy-pages daemon" }, \
    { .name = "auto-dedup", .type = OPTION_BOOL, .offset = offsetof(struct criu_values, auto_dedup), \
      .help = "take memory that has been saved again, or restored, out of the image files" }, \
    { .name = "manage-cgroups-mode", .type = OPTION_STRING, .value = "soft|full|strict|ignore", \
      .offset = offsetof(struct criu_values, cgroups), \
      .help = "which properties of cgroups below the container's are saved and restored", .default_text = "soft" }, \
    { .name = "empty-ns", .type = OPTION_STRING, .value = "network", .offset = offsetof(struct criu_values, empty_ns), \
      .help = "namespace whose contents are left out; the network's always are" }

/* Their PROA_CRIU_* flags. */
unsigned criu_flags(const struct criu_values *values);
/* enum proa_criu_cgroups, or -1 after *ret_fault (to be freed) has got what is wrong with the options. */
int criu_cgroups(const struct criu_values *values, char **ret_fault);
