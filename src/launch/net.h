/* net.h - the container's network, from outside: devices of the host moved in, interfaces and routes made.
 *
 * Two netlink sockets: one of the launcher's network namespace, one that the init has made in the container's. All
 * happens while the init waits in step_hooks. What a creation that fails has moved is brought back with its name,
 * addresses and state, and what it has made is deleted; the kernel would delete virtual devices, and take
 * physical ones to the first network namespace of the machine. */
#pragma once
#include <sys/types.h>
#include "base/op.h"
#include "launch/net_link.h"
#include "plan/plan.h"

/* A device that has left the host. */
struct net_moved {
    const char *from, *to;      /* its name on the host and, as far as is known, in the container */
    bool up;                    /* on the host */
    struct net_addresses addresses;     /* labelled for the container */
    struct net_addresses before;        /* … for the host */
};

struct net {
    struct netlink host, inside;
    struct net_moved *moved;
    size_t n_moved;
    int *made;                  /* indices of veth ends on the host */
    size_t n_made;
};
#define NET_NONE { .host = NETLINK_NONE, .inside = NETLINK_NONE }

/* Where net.* sysctls are asked for: a network namespace given by path must not turn out to be the host's (CVE-2022-0811). */
int net_check_joined(struct op *op, const struct plan *p);
/* Does all that the plan asks for; nothing when that is nothing. */
int net_configure(struct op *op, struct net *n, const struct plan *p);
/* The same for a process that sends no socket, because criu has made it; and brings up its loopback interface. */
int net_configure_restored(struct op *op, struct net *n, const struct plan *p, pid_t pid);
/* After a failure, as far as possible. */
void net_take_back(struct net *n);
void net_close(struct net *n);

/* The parts of net_configure; `ns`: a descriptor of the container's network namespace. */
int net_move_devices(struct op *op, struct net *n, const struct plan *p, int ns);
int net_make_interfaces(struct op *op, struct net *n, const struct plan *p, int ns);
int net_make_routes(struct op *op, struct net *n, const struct plan *p);
