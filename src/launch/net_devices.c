/* net_devices.c - linux.netDevices: devices of the host become the container's. */
#include <errno.h>
#include <net/if.h>
#include "launch/net.h"

/* All that is to be known of a device before it goes. */
static int look(struct op *op, struct net *n, struct net_moved *d, int *ret_index)
{
    const char *thing = arena_printf(op->arena, "network device %s", d->from);
    struct net_link link;
    int r;

    if ((r = net_link_find(&n->host, d->from, &link)) < 0)
        return net_link_fail(op, &n->host, r, thing, "looking for it on the host");
    if ((r = net_link_addresses(&n->host, op->arena, link.index, d->from, d->to, &d->addresses)) < 0 ||
        (r = net_link_addresses(&n->host, op->arena, link.index, d->from, d->from, &d->before)) < 0)
        return net_link_fail(op, &n->host, r, thing, "reading its addresses");
    d->up = link.flags & IFF_UP;
    *ret_index = link.index;
    return 0;
}

/* The kernel gives a device its new name after the move: one that is taken would leave it there under the old one. */
static int check_name(struct op *op, struct net *n, const struct net_moved *d)
{
    struct net_link taken;

    if (net_link_find(&n->inside, d->to, &taken) < 0)
        return 0;
    return op_fail(op, EEXIST, "network device %s: the container's network namespace has a device named %s already", d->from, d->to);
}

static int move(struct op *op, struct net *n, struct net_moved *d, int index, int ns)
{
    struct netlink_request q;
    int r;

    net_request_move(&q, index, ns, d->to);
    if ((r = netlink_talk(&n->host, &q, NULL, NULL)) == 0)
        return 0;
    net_link_fail(op, &n->host, r, arena_printf(op->arena, "network device %s", d->from),
             arena_printf(op->arena, "moving it into the container as %s", d->to));
    if (net_link_exists(&n->host, index))
        n->n_moved--;
    else
        d->to = d->from;
    return r;
}

static int settle(struct op *op, struct net *n, const struct net_moved *d)
{
    const char *thing = arena_printf(op->arena, "network device %s in the container", d->to);
    struct net_link link;
    int r;

    if ((r = net_link_find(&n->inside, d->to, &link)) < 0)
        return net_link_fail(op, &n->inside, r, thing, "looking for it");
    if ((r = net_link_add_addresses(&n->inside, link.index, &d->addresses)) < 0)
        return net_link_fail(op, &n->inside, r, thing, "adding its addresses");
    if ((r = net_link_up(&n->inside, link.index)) < 0)
        return net_link_fail(op, &n->inside, r, thing, "bringing it up");
    return 0;
}

static int move_device(struct op *op, struct net *n, const struct net_moved *wanted, int ns)
{
    struct net_moved *d = &n->moved[n->n_moved];
    int index = 0, r;

    *d = *wanted;
    if ((r = look(op, n, d, &index)) < 0 || (r = check_name(op, n, d)) < 0)
        return r;
    n->n_moved++;
    if ((r = move(op, n, d, index, ns)) < 0)
        return r;
    return settle(op, n, d);
}

int net_move_devices(struct op *op, struct net *n, const struct plan *p, int ns)
{
    const struct plan_pair *device = PLAN_ITEMS(p, net_devices, struct plan_pair);
    int r;

    n->moved = arena_array(op->arena, p->net_devices.n, sizeof(*n->moved));
    for (uint32_t i = 0; i < p->net_devices.n; i++) {
        struct net_moved wanted = { .from = plan_word(p, device[i].key), .to = plan_word(p, device[i].value) };

        if ((r = move_device(op, n, &wanted, ns)) < 0)
            return r;
    }
    return 0;
}
