/* net_link.h - single acts on the links of one network namespace. Each returns 0 or -errno; the kernel's own words about a
 * refusal are in the netlink's `reason`. */
#pragma once
#include "base/arena.h"
#include "base/op.h"
#include "launch/net_request.h"

struct net_link { int index; unsigned flags; };     /* IFF_* */

/* -ENODEV when there is none. */
int net_link_find(struct netlink *n, const char *name, struct net_link *ret);
bool net_link_exists(struct netlink *n, int index);
int net_link_up(struct netlink *n, int index);
/* Makes the message of a refusal `r`: "THING: STEP: the kernel's words: errno in words". */
int net_link_fail(struct op *op, const struct netlink *asked, int r, const char *thing, const char *step);

/* Addresses as requests that make them again on another link. */
struct net_addresses { struct netlink_request *v; size_t n; };
/* All that are global and permanent, for when the link `from` will be called `to`. */
int net_link_addresses(struct netlink *n, struct arena *a, int index, const char *from, const char *to,
                       struct net_addresses *ret);
int net_link_add_addresses(struct netlink *n, int index, const struct net_addresses *addresses);
