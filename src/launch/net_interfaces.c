/* net_interfaces.c - what an embedder asks for: veth pairs, the loopback interface's addresses, routes. */
#include <arpa/inet.h>
#include "launch/net.h"

static int add_address(struct op *op, struct net *n, int index, const char *thing, const struct plan_address *a)
{
    char text[INET6_ADDRSTRLEN] = "";
    struct netlink_request q;
    int r;

    net_request_add_address(&q, index, a);
    if ((r = netlink_talk(&n->inside, &q, NULL, NULL)) == 0)
        return 0;
    inet_ntop(a->family, a->bytes, text, sizeof(text));
    return net_link_fail(op, &n->inside, r, thing, arena_printf(op->arena, "adding address %s/%u", text, a->prefix));
}

/* The end in the container: addresses, up. */
static int settle_inside(struct op *op, struct net *n, const struct plan *p, const struct plan_interface *i)
{
    const char *thing = arena_printf(op->arena, "network interface %s in the container", plan_word(p, i->name));
    const struct plan_address *a = plan_at(p, i->addresses.at);
    struct netlink_request q;
    struct net_link link;
    int r;

    if ((r = net_link_find(&n->inside, plan_word(p, i->name), &link)) < 0)
        return net_link_fail(op, &n->inside, r, thing, "looking for it");
    if (i->kind == PLAN_LOOPBACK && (i->mtu || i->tx_queue)) {
        net_request_sizes(&q, link.index, i);
        if ((r = netlink_talk(&n->inside, &q, NULL, NULL)) < 0)
            return net_link_fail(op, &n->inside, r, thing, "setting MTU and queue");
    }
    for (uint32_t j = 0; j < i->addresses.n; j++)
        if ((r = add_address(op, n, link.index, thing, &a[j])) < 0)
            return r;
    r = net_link_up(&n->inside, link.index);
    return r < 0 ? net_link_fail(op, &n->inside, r, thing, "bringing it up") : 0;
}

static int attach_to_bridge(struct op *op, struct net *n, const struct plan *p, const struct plan_interface *i, int index)
{
    const char *thing = arena_printf(op->arena, "network interface %s", plan_word(p, i->host_name));
    const char *step = arena_printf(op->arena, "attaching it to bridge %s", plan_word(p, i->bridge));
    struct netlink_request q;
    struct net_link bridge;
    int r;

    if ((r = net_link_find(&n->host, plan_word(p, i->bridge), &bridge)) < 0)
        return net_link_fail(op, &n->host, r, thing, step);
    net_request_bridge(&q, index, bridge.index);
    if ((r = netlink_talk(&n->host, &q, NULL, NULL)) < 0)
        return net_link_fail(op, &n->host, r, thing, step);
    if (!(i->flags & PLAN_INTERFACE_HAIRPIN))
        return 0;
    net_request_hairpin(&q, index);
    r = netlink_talk(&n->host, &q, NULL, NULL);
    return r < 0 ? net_link_fail(op, &n->host, r, thing, "setting hairpin mode") : 0;
}

static int make_veth(struct op *op, struct net *n, const struct plan *p, const struct plan_interface *i, int ns)
{
    const char *thing = arena_printf(op->arena, "network interface %s", plan_word(p, i->host_name));
    struct netlink_request q;
    struct net_link link;
    int r;

    net_request_veth(&q, p, i, ns);
    if ((r = netlink_talk(&n->host, &q, NULL, NULL)) < 0)
        return net_link_fail(op, &n->host, r, thing, arena_printf(op->arena, "making it, and %s in the container", plan_word(p, i->name)));
    if ((r = net_link_find(&n->host, plan_word(p, i->host_name), &link)) < 0)
        return net_link_fail(op, &n->host, r, thing, "looking for it");
    n->made[n->n_made++] = link.index;
    if (i->bridge && (r = attach_to_bridge(op, n, p, i, link.index)) < 0)
        return r;
    r = net_link_up(&n->host, link.index);
    return r < 0 ? net_link_fail(op, &n->host, r, thing, "bringing it up") : 0;
}

int net_make_interfaces(struct op *op, struct net *n, const struct plan *p, int ns)
{
    const struct plan_interface *interface = PLAN_ITEMS(p, interfaces, struct plan_interface);
    int r;

    n->made = arena_array(op->arena, p->interfaces.n, sizeof(*n->made));
    for (uint32_t i = 0; i < p->interfaces.n; i++) {
        if (interface[i].kind == PLAN_VETH && (r = make_veth(op, n, p, &interface[i], ns)) < 0)
            return r;
        if ((r = settle_inside(op, n, p, &interface[i])) < 0)
            return r;
    }
    return 0;
}

/* ---- Routes --------------------------------------------------------------------------------- */

static const char *route_name(struct op *op, const struct plan_address *to)
{
    char text[INET6_ADDRSTRLEN] = "";

    if (to->prefix == 0)
        return "default route";
    inet_ntop(to->family, to->bytes, text, sizeof(text));
    return arena_printf(op->arena, "route to %s/%u", text, to->prefix);
}

static int make_route(struct op *op, struct net *n, const char *interface, const struct plan_route *route)
{
    struct net_link link = { .index = 0 };
    struct netlink_request q;
    int r;

    if (interface && (r = net_link_find(&n->inside, interface, &link)) < 0)
        return net_link_fail(op, &n->inside, r, route_name(op, &route->to), arena_printf(op->arena, "looking for %s", interface));
    net_request_add_route(&q, link.index, route);
    r = netlink_talk(&n->inside, &q, NULL, NULL);
    return r < 0 ? net_link_fail(op, &n->inside, r, route_name(op, &route->to), "adding it in the container") : 0;
}

int net_make_routes(struct op *op, struct net *n, const struct plan *p)
{
    const struct plan_route *route = PLAN_ITEMS(p, routes, struct plan_route);
    int r;

    for (uint32_t i = 0; i < p->routes.n; i++)
        if ((r = make_route(op, n, plan_text(p, route[i].interface), &route[i])) < 0)
            return r;
    return 0;
}
