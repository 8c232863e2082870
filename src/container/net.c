#include <string.h>
#include "container/container.h"

_Static_assert((int) PROA_NET_LOOPBACK == PLAN_LOOPBACK && (int) PROA_NET_VETH == PLAN_VETH, "the same numbers");

/* A copy of a caller's struct: what an older header lacks is zero. */
static void take(void *to, size_t size, const void *from, size_t from_size)
{
    memset(to, 0, size);
    memcpy(to, from, from_size < size ? from_size : size);
}

static struct request_interface take_interface(const char *from, size_t size)
{
    struct proa_net_interface i;

    take(&i, sizeof(i), from, size);
    return (struct request_interface) {
        .kind = (uint32_t) i.type, .name = i.name, .host_name = i.host_name, .bridge = i.bridge, .mac = i.mac,
        .addresses = i.addresses, .n_addresses = i.n_addresses, .gateway = i.gateway, .gateway6 = i.gateway6,
        .mtu = i.mtu, .tx_queue = i.tx_queue_len, .hairpin = i.flags & PROA_NET_HAIRPIN,
    };
}

static struct request_route take_route(const char *from, size_t size)
{
    struct proa_net_route r;

    take(&r, sizeof(r), from, size);
    return (struct request_route) { r.destination, r.gateway, r.source, r.interface };
}

struct request_net container_net(struct op *op, const struct proa_net *given)
{
    struct request_interface *interfaces;
    struct request_route *routes;
    struct proa_net net;

    if (!given)
        return (struct request_net) { .n_interfaces = 0 };
    take(&net, sizeof(net), given, given->size);
    interfaces = arena_array(op->arena, net.n_interfaces, sizeof(*interfaces));
    for (size_t i = 0; i < net.n_interfaces; i++)
        interfaces[i] = take_interface((const char *) net.interfaces + i * net.interface_size, net.interface_size);
    routes = arena_array(op->arena, net.n_routes, sizeof(*routes));
    for (size_t i = 0; i < net.n_routes; i++)
        routes[i] = take_route((const char *) net.routes + i * net.route_size, net.route_size);
    return (struct request_net) { interfaces, net.n_interfaces, routes, net.n_routes };
}
