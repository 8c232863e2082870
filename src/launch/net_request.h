/* net_request.h - what rtnetlink is asked for, as bytes: pure, one function for each kind of request.
 *
 * Links are named by their index; 0 where the kernel is to find them by name. */
#pragma once
#include "launch/netlink.h"
#include "plan/plan.h"

/* Which link has this name? */
void net_request_find(struct netlink_request *q, const char *name);
/* Is there a link with this index? The kernel refuses with ENODEV when there is none. */
void net_request_look(struct netlink_request *q, int index);
/* Sets or clears interface flags (IFF_UP) out of `mask`. */
void net_request_flags(struct netlink_request *q, int index, unsigned flags, unsigned mask);
/* Into the network namespace `ns`, and gives it a name there. The kernel takes it down. */
void net_request_move(struct netlink_request *q, int index, int ns, const char *name);
void net_request_delete(struct netlink_request *q, int index);
/* The addresses of a link, of one family. */
void net_request_list_addresses(struct netlink_request *q, int family, int index);
/* The address that `m` tells of, to be made again on another link (its index is net_request_address_index's) whose
 * name was `from` and is `to`. false: it is not one to be kept (not global, not permanent). */
bool net_request_keep_address(struct netlink_request *q, const struct nlmsghdr *m, const char *from, const char *to);
void net_request_address_index(struct netlink_request *q, int index);

/* A veth pair: one end here, the other in the namespace `ns`. */
void net_request_veth(struct netlink_request *q, const struct plan *p, const struct plan_interface *i, int ns);
/* Queue and MTU of a link that is there. */
void net_request_sizes(struct netlink_request *q, int index, const struct plan_interface *i);
void net_request_bridge(struct netlink_request *q, int index, int bridge);
void net_request_hairpin(struct netlink_request *q, int index);
void net_request_add_address(struct netlink_request *q, int index, const struct plan_address *a);
/* `index`: the interface, or 0. */
void net_request_add_route(struct netlink_request *q, int index, const struct plan_route *r);
