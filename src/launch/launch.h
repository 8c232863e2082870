/* launch.h - the outside of a start: makes the init, gives it what it cannot give itself, listens to it.
 *
 * The order (container/create.c): launch_spawn, launch_admit, launch_go, launch_await; launch_abort after any
 * failure. The messages are drawn in init/protocol.h. */
#pragma once
#include <sys/types.h>
#include "base/op.h"
#include "launch/net.h"
#include "plan/plan.h"

struct launch {
    struct plan *plan;          /* its fds are filled in by launch_spawn */
    pid_t pid;                  /* 0: there is no process (yet, or any more) */
    int pidfd;
    int socket;                 /* to the init */
    bool in_cgroup;             /* born in the v2 cgroup */
    int console;                /* the pty's master, once the init has sent it */
    char console_name[64];
    struct net net;
};
#define LAUNCH_NONE { .pidfd = -1, .socket = -1, .console = -1, .net = NET_NONE }

/* What the process is born with; descriptors are -1 when there is none. */
struct launch_birth {
    int fifo;                   /* O_PATH of what it waits on before the user's program (PLAN_WAIT) */
    int cgroup;                 /* v2 directory to be born in */
    int target;                 /* exec: pidfd of the container's init */
    int root;                   /* exec without a mount namespace of the container's own: its root directory */
    unsigned preserve_fds;
};

/* Makes the init in its new namespaces, or by way of a stage with namespaces to join; or a further process of a container. */
int launch_spawn(struct op *op, struct launch *l, const struct launch_birth *birth);
/* Id maps, raised limits, OOM score. */
int launch_admit(struct op *op, struct launch *l);
/* Lets the init finish: it is in its cgroup and its state is saved. */
int launch_go(struct op *op, struct launch *l);
/* Returns 0 when the init waits on its fifo, or the user's program has been executed. */
int launch_await(struct op *op, struct launch *l);

/* After a failure `r` of ours: when the init has failed as well, that was first, and its error replaces ours. Returns the
 * errno of the error that is set. */
int launch_explain(struct op *op, struct launch *l, int r);

/* Kills and reaps the init. */
void launch_abort(struct launch *l);
/* Closes the descriptors; the process lives on. */
void launch_close(struct launch *l);
