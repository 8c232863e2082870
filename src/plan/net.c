#include <arpa/inet.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "plan/make.h"
#include "spec/decode.h"

enum { NAME_MAX_BYTES = 15 };           /* IFNAMSIZ, the kernel's, counts the NUL */

/* What the kernel takes for the name of a network device (dev_valid_name). */
static bool is_name(const char *name)
{
    size_t n = strlen(name);

    return n >= 1 && n <= NAME_MAX_BYTES && !str_eq(name, ".") && !str_eq(name, "..") && !strpbrk(name, "/: \t\n\v\f\r");
}

/* ---- linux.netDevices ----------------------------------------------------------------------- */

static void add_device(struct make *m, struct rows *rows, const struct spec_net_device *d)
{
    const char *name = d->name && *d->name ? d->name : d->key;
    const struct plan_pair *others = (const struct plan_pair *) rows->items;
    const char *pointer = spec_pointer(m->op, "/linux/netDevices", d->key);

    if (!is_name(d->key))
        op_fault(m->op, pointer, "invalid network device name \"%.64s\"", d->key);
    if (!is_name(name) && name != d->key)
        op_fault(m->op, pointer, "invalid network device name \"%.64s\"", name);
    for (size_t i = 0; i < rows->n; i++)
        if (str_eq(m->block.base + others[i].value, name))
            op_fault(m->op, pointer, "another network device is to be named \"%s\" as well", name);
    *(struct plan_pair *) rows_add(rows) = (struct plan_pair) { block_text(&m->block, d->key), block_text(&m->block, name) };
}

static void make_devices_to_move(struct make *m)
{
    struct rows rows;

    if (m->linux_->net_devices.n == 0)
        return;
    if (!make_has_namespace(m, CLONE_NEWNET))
        op_fault(m->op, "/linux/netDevices", "unable to move network devices without a NET namespace");
    if (make_is_unprivileged(m))
        op_fault(m->op, "/linux/netDevices", "network devices are not supported for rootless containers");
    rows_init(&rows, m->op->arena, sizeof(struct plan_pair));
    for (size_t i = 0; i < m->linux_->net_devices.n; i++)
        add_device(m, &rows, &m->linux_->net_devices.v[i]);
    m->plan.net_devices = block_rows(&m->block, &rows);
}

/* ---- Interfaces and routes of an embedder --------------------------------------------------- */

/* "10.0.0.2/24", "fd00::2/64"; without a prefix all bits count. */
static bool parse_address(const char *text, struct plan_address *ret)
{
    const char *slash = strchr(text, '/');
    size_t n = slash ? (size_t) (slash - text) : strlen(text);
    struct plan_address a = { .family = memchr(text, ':', n) ? AF_INET6 : AF_INET };
    uint16_t bits = a.family == AF_INET6 ? 128 : 32;
    char alone[INET6_ADDRSTRLEN];

    if (n >= sizeof(alone))
        return false;
    memcpy(alone, text, n);
    alone[n] = '\0';
    a.prefix = bits;
    if (slash) {
        size_t digits = strspn(slash + 1, "0123456789");

        if (digits < 1 || digits > 3 || slash[1 + digits] || (slash[1] == '0' && digits > 1))
            return false;
        a.prefix = (uint16_t) strtoul(slash + 1, NULL, 10);
    }
    if (a.prefix > bits || inet_pton(a.family, alone, a.bytes) != 1)
        return false;
    *ret = a;
    return true;
}

/* -1: not a digit. */
static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    if (!at)
        return -1;
    return (int) (at - digits < 16 ? at - digits : at - digits - 6);
}

static bool parse_mac(const char *text, uint8_t ret[6])
{
    uint8_t mac[6];

    for (int i = 0; i < 6; i++, text += 3) {
        int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

        if (low < 0 || text[2] != (i < 5 ? ':' : '\0'))
            return false;
        mac[i] = (uint8_t) (high << 4 | low);
    }
    memcpy(ret, mac, sizeof(mac));
    return true;
}

static struct plan_address interface_address(struct make *m, const struct request_interface *q, const char *text)
{
    struct plan_address a = { .family = 0 };

    if (!strchr(text, '/') || !parse_address(text, &a))
        op_fail(m->op, 0, "network interface %s: \"%.64s\" is not an address with a prefix (192.0.2.1/24, 2001:db8::1/64)",
                q->name, text);
    return a;
}

static struct plan_list make_addresses(struct make *m, const struct request_interface *q)
{
    struct rows rows;

    rows_init(&rows, m->op->arena, sizeof(struct plan_address));
    for (size_t i = 0; i < q->n_addresses; i++)
        *(struct plan_address *) rows_add(&rows) = interface_address(m, q, q->addresses[i]);
    return block_rows(&m->block, &rows);
}

/* An optional address of a route: no prefix, and of the family when that is known already. */
static struct plan_address route_address(struct make *m, const char *what, const char *text, uint16_t family)
{
    struct plan_address a = { .family = 0 };

    if (!text || !*text)
        return a;
    if (strchr(text, '/') || !parse_address(text, &a))
        op_fail(m->op, 0, "network route: %s \"%.64s\" is not an address", what, text);
    else if (family && a.family != family)
        op_fail(m->op, 0, "network route: %s \"%.64s\" is not an %s address", what, text, family == AF_INET ? "IPv4" : "IPv6");
    return a;
}

static void check_interface(struct make *m, const struct request_interface *q)
{
    const char *const names[] = { q->name, q->host_name, q->bridge };

    for (size_t i = 0; i < 3; i++)
        if (names[i] && !is_name(names[i]))
            op_fail(m->op, 0, "invalid network device name \"%.64s\"", names[i]);
    if (q->kind == PLAN_VETH && (!q->name || !q->host_name))
        op_fail(m->op, 0, "a veth pair needs two names: in the container and on the host");
    if (q->kind == PLAN_LOOPBACK && (q->host_name || q->bridge || q->mac || q->hairpin))
        op_fail(m->op, 0, "the loopback interface has no host end, bridge or MAC address");
    if (q->kind > PLAN_VETH)
        op_fail(m->op, 0, "unknown type of network interface: %u", q->kind);
    if (q->hairpin && !q->bridge)
        op_fail(m->op, 0, "network interface %s: hairpin mode is a bridge port's, and there is no bridge", q->name);
}

static struct plan_interface make_interface(struct make *m, const struct request_interface *given)
{
    struct request_interface q = *given;
    struct plan_interface i = { .kind = q.kind, .mtu = q.mtu, .tx_queue = q.tx_queue };

    if (q.kind == PLAN_LOOPBACK && !q.name)
        q.name = "lo";
    check_interface(m, &q);
    i.name = block_text(&m->block, q.name);
    i.host_name = block_text(&m->block, q.host_name);
    i.bridge = block_text(&m->block, q.bridge);
    i.flags = (q.mac ? PLAN_INTERFACE_MAC : 0) | (q.hairpin ? PLAN_INTERFACE_HAIRPIN : 0);
    if (q.mac && !parse_mac(q.mac, i.mac))
        op_fail(m->op, 0, "network interface %s: \"%.64s\" is not a MAC address (02:00:5e:10:00:01)", q.name, q.mac);
    i.addresses = make_addresses(m, &q);
    return i;
}

static void add_gateway(struct make *m, struct rows *routes, const struct request_interface *q, uint16_t family)
{
    const char *text = family == AF_INET ? q->gateway : q->gateway6;

    if (text && *text)
        *(struct plan_route *) rows_add(routes) = (struct plan_route) {
            .interface = block_text(&m->block, q->name), .to.family = family,
            .gateway = route_address(m, "gateway", text, family),
        };
}

static struct plan_route make_route(struct make *m, const struct request_route *q)
{
    bool is_default = !q->destination || !*q->destination || str_eq(q->destination, "default");
    struct plan_route r = { .interface = block_text(&m->block, q->interface) };

    if (!is_default && !parse_address(q->destination, &r.to))
        op_fail(m->op, 0, "network route: destination \"%.64s\" is neither a network (192.0.2.0/24) nor \"default\"", q->destination);
    r.gateway = route_address(m, "gateway", q->gateway, r.to.family);
    if (is_default)
        r.to.family = r.gateway.family;
    r.source = route_address(m, "source", q->source, r.to.family);
    if (!r.gateway.family && (is_default || !r.interface))
        op_fail(m->op, 0, "network route to %s: it needs %s", is_default ? "default" : q->destination,
                is_default ? "a gateway" : "a gateway or an interface");
    if (q->interface && !is_name(q->interface))
        op_fail(m->op, 0, "invalid network device name \"%.64s\"", q->interface);
    return r;
}

static void make_interfaces(struct make *m)
{
    const struct request_net *net = &m->request->net;
    struct rows interfaces, routes;

    if (net->n_interfaces + net->n_routes == 0)
        return;
    if (!make_has_namespace(m, CLONE_NEWNET))
        op_fail(m->op, 0, "unable to make network interfaces and routes without a NET namespace");
    if (make_is_unprivileged(m))
        op_fail(m->op, 0, "network interfaces and routes are not supported for rootless containers");
    rows_init(&interfaces, m->op->arena, sizeof(struct plan_interface));
    rows_init(&routes, m->op->arena, sizeof(struct plan_route));
    for (size_t i = 0; i < net->n_interfaces; i++) {
        *(struct plan_interface *) rows_add(&interfaces) = make_interface(m, &net->interfaces[i]);
        add_gateway(m, &routes, &net->interfaces[i], AF_INET);
        add_gateway(m, &routes, &net->interfaces[i], AF_INET6);
    }
    for (size_t i = 0; i < net->n_routes; i++)
        *(struct plan_route *) rows_add(&routes) = make_route(m, &net->routes[i]);
    m->plan.interfaces = block_rows(&m->block, &interfaces);
    m->plan.routes = block_rows(&m->block, &routes);
}

void make_net(struct make *m)
{
    make_devices_to_move(m);
    make_interfaces(m);
    if (m->plan.net_devices.n + m->plan.interfaces.n + m->plan.routes.n > 0)
        m->plan.flags |= PLAN_MEET | PLAN_NETLINK;
}
