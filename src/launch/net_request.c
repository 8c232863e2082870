#include "launch/net_request.h"
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* What an administrator can ask for with an address; the rest is the kernel's to say. */
enum {
    KEPT_FLAGS = IFA_F_NODAD | IFA_F_OPTIMISTIC | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE |
                 IFA_F_MCAUTOJOIN,
};

static void begin_link(struct netlink_request *q, uint16_t type, int index)
{
    struct ifinfomsg link = { .ifi_family = AF_UNSPEC, .ifi_index = index };

    netlink_begin(q, type, 0, &link, sizeof(link));
}

void net_request_find(struct netlink_request *q, const char *name)
{
    begin_link(q, RTM_GETLINK, 0);
    netlink_put_text(q, IFLA_IFNAME, name);
}

void net_request_look(struct netlink_request *q, int index)
{
    begin_link(q, RTM_GETLINK, index);
}

void net_request_flags(struct netlink_request *q, int index, unsigned flags, unsigned mask)
{
    struct ifinfomsg link = { .ifi_family = AF_UNSPEC, .ifi_index = index, .ifi_flags = flags, .ifi_change = mask };

    netlink_begin(q, RTM_NEWLINK, 0, &link, sizeof(link));
}

void net_request_move(struct netlink_request *q, int index, int ns, const char *name)
{
    begin_link(q, RTM_NEWLINK, index);
    netlink_put_u32(q, IFLA_NET_NS_FD, (uint32_t) ns);
    netlink_put_text(q, IFLA_IFNAME, name);
}

void net_request_delete(struct netlink_request *q, int index)
{
    begin_link(q, RTM_DELLINK, index);
}

/* ---- Addresses ------------------------------------------------------------------------------ */

void net_request_list_addresses(struct netlink_request *q, int family, int index)
{
    struct ifaddrmsg body = { .ifa_family = (unsigned char) family, .ifa_index = (unsigned) index };

    netlink_begin(q, RTM_GETADDR, NLM_F_DUMP, &body, sizeof(body));
}

/* An IPv4 label is the name of the link, with ":" and more behind it perhaps. It follows the name. */
static void put_label(struct netlink_request *q, const struct netlink_attr *label, const char *from, const char *to)
{
    char text[2 * IFNAMSIZ];
    int size = (int) strnlen(label->data, label->size);
    size_t prefix = strlen(from);
    const char *old = label->data;

    if ((size_t) size < prefix || memcmp(old, from, prefix) != 0)
        return;
    if (snprintf(text, sizeof(text), "%s%.*s", to, size - (int) prefix, old + prefix) < IFNAMSIZ)
        netlink_put_text(q, IFA_LABEL, text);
}

static uint32_t address_flags(const struct nlmsghdr *m)
{
    struct netlink_attrs attrs = netlink_attrs(m, sizeof(struct ifaddrmsg));
    uint32_t flags = ((const struct ifaddrmsg *) NLMSG_DATA(m))->ifa_flags;
    struct netlink_attr a;

    while (netlink_next(&attrs, &a))
        if (a.type == IFA_FLAGS && a.size == sizeof(flags))
            memcpy(&flags, a.data, sizeof(flags));
    return flags;
}

bool net_request_keep_address(struct netlink_request *q, const struct nlmsghdr *m, const char *from, const char *to)
{
    struct netlink_attrs attrs = netlink_attrs(m, sizeof(struct ifaddrmsg));
    struct ifaddrmsg body;
    struct netlink_attr a;
    uint32_t flags;

    if (m->nlmsg_type != RTM_NEWADDR || m->nlmsg_len < NLMSG_LENGTH(sizeof(body)))
        return false;
    memcpy(&body, NLMSG_DATA(m), sizeof(body));
    flags = address_flags(m);
    if (body.ifa_scope != RT_SCOPE_UNIVERSE || !(flags & IFA_F_PERMANENT))
        return false;
    body.ifa_flags = 0;
    netlink_begin(q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
    netlink_put_u32(q, IFA_FLAGS, flags & KEPT_FLAGS);
    while (netlink_next(&attrs, &a)) {
        if (a.type == IFA_ADDRESS || a.type == IFA_LOCAL || a.type == IFA_BROADCAST || a.type == IFA_RT_PRIORITY)
            netlink_put(q, a.type, a.data, a.size);
        else if (a.type == IFA_LABEL)
            put_label(q, &a, from, to);
    }
    return true;
}

void net_request_address_index(struct netlink_request *q, int index)
{
    ((struct ifaddrmsg *) netlink_body(q))->ifa_index = (unsigned) index;
}

static size_t address_size(const struct plan_address *a)
{
    return a->family == AF_INET6 ? 16 : 4;
}

/* Without duplicate address detection: for whole seconds a program could not bind to an address that is the embedder's
 * to give anyhow. */
void net_request_add_address(struct netlink_request *q, int index, const struct plan_address *a)
{
    struct ifaddrmsg body = {
        .ifa_family = (unsigned char) a->family, .ifa_prefixlen = (unsigned char) a->prefix, .ifa_index = (unsigned) index,
        .ifa_scope = RT_SCOPE_UNIVERSE,
    };

    netlink_begin(q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
    netlink_put(q, IFA_LOCAL, a->bytes, address_size(a));
    netlink_put(q, IFA_ADDRESS, a->bytes, address_size(a));
    if (a->family == AF_INET6)
        netlink_put_u32(q, IFA_FLAGS, IFA_F_NODAD);
}

/* ---- Interfaces and routes ------------------------------------------------------------------ */

static void put_sizes(struct netlink_request *q, const struct plan_interface *i)
{
    if (i->mtu)
        netlink_put_u32(q, IFLA_MTU, i->mtu);
    if (i->tx_queue)
        netlink_put_u32(q, IFLA_TXQLEN, i->tx_queue);
}

void net_request_sizes(struct netlink_request *q, int index, const struct plan_interface *i)
{
    begin_link(q, RTM_NEWLINK, index);
    put_sizes(q, i);
}

static void put_peer(struct netlink_request *q, const struct plan *p, const struct plan_interface *i, int ns)
{
    struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
    size_t peer = netlink_nest(q, VETH_INFO_PEER, &link, sizeof(link));

    netlink_put_text(q, IFLA_IFNAME, plan_word(p, i->name));
    netlink_put_u32(q, IFLA_NET_NS_FD, (uint32_t) ns);
    if (i->flags & PLAN_INTERFACE_MAC)
        netlink_put(q, IFLA_ADDRESS, i->mac, sizeof(i->mac));
    put_sizes(q, i);
    netlink_nest_end(q, peer);
}

void net_request_veth(struct netlink_request *q, const struct plan *p, const struct plan_interface *i, int ns)
{
    struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
    size_t info, data;

    netlink_begin(q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
    netlink_put_text(q, IFLA_IFNAME, plan_word(p, i->host_name));
    put_sizes(q, i);
    info = netlink_nest(q, IFLA_LINKINFO, NULL, 0);
    netlink_put_text(q, IFLA_INFO_KIND, "veth");
    data = netlink_nest(q, IFLA_INFO_DATA, NULL, 0);
    put_peer(q, p, i, ns);
    netlink_nest_end(q, data);
    netlink_nest_end(q, info);
}

void net_request_bridge(struct netlink_request *q, int index, int bridge)
{
    begin_link(q, RTM_NEWLINK, index);
    netlink_put_u32(q, IFLA_MASTER, (uint32_t) bridge);
}

void net_request_hairpin(struct netlink_request *q, int index)
{
    struct ifinfomsg link = { .ifi_family = AF_BRIDGE, .ifi_index = index };
    const uint8_t on = 1;
    size_t port;

    netlink_begin(q, RTM_SETLINK, 0, &link, sizeof(link));
    port = netlink_nest(q, IFLA_PROTINFO, NULL, 0);
    netlink_put(q, IFLA_BRPORT_MODE, &on, sizeof(on));
    netlink_nest_end(q, port);
}

static void put_address(struct netlink_request *q, uint16_t type, const struct plan_address *a)
{
    if (a->family)
        netlink_put(q, type, a->bytes, address_size(a));
}

void net_request_add_route(struct netlink_request *q, int index, const struct plan_route *r)
{
    struct rtmsg body = {
        .rtm_family = (unsigned char) r->to.family, .rtm_dst_len = (unsigned char) r->to.prefix, .rtm_table = RT_TABLE_MAIN,
        .rtm_protocol = RTPROT_BOOT, .rtm_type = RTN_UNICAST,
        .rtm_scope = r->gateway.family ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
    };

    netlink_begin(q, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
    if (r->to.prefix)
        put_address(q, RTA_DST, &r->to);
    put_address(q, RTA_GATEWAY, &r->gateway);
    put_address(q, RTA_PREFSRC, &r->source);
    if (index)
        netlink_put_u32(q, RTA_OIF, (uint32_t) index);
}
