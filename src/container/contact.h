/* contact.h - how a new process and its caller stay in touch: terminal, sockets, pid file, descriptors. The same for
 * create and exec. */
#pragma once
#include "launch/launch.h"
#include "proa/proa.h"

struct contact {
    const char *console_socket, *pidfd_socket, *pid_file;   /* NULL: not wanted */
    bool console_fd;            /* the caller takes the terminal's master himself */
    unsigned console_rows, console_columns;
    unsigned preserve_fds;
};

/* Whether all of preserve_fds are open; before anything of ours is, which could have those numbers. */
int contact_check_descriptors(struct op *op, const struct contact *c);
/* Whether the plan's process can have that contact; the plan gets the terminal's size. */
int contact_prepare(struct op *op, struct plan *p, const struct contact *c);
/* The process is there: sends its terminal and its pidfd, the latter with the text `kind`, and writes its pid. */
int contact_announce(struct op *op, const struct contact *c, const struct launch *l, const char *kind);
/* What the caller gets to keep, `*notify` too when that is not NULL. `ret` may be NULL. */
void contact_hand_over(const struct contact *c, struct launch *l, int *notify, struct proa_process *ret);
