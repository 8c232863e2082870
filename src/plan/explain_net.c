#include <arpa/inet.h>
#include "plan/explain.h"

/* NULL for none, which leaves the field out. */
static const char *address_text(const struct explain *e, const struct plan_address *a)
{
    char text[INET6_ADDRSTRLEN];
    bool whole = a->prefix == (a->family == AF_INET6 ? 128 : 32);

    if (a->family == 0 || !inet_ntop(a->family, a->bytes, text, sizeof(text)))
        return NULL;
    return whole ? arena_strdup(e->out.arena, text) : arena_printf(e->out.arena, "%s/%u", text, a->prefix);
}

static void explain_addresses(struct explain *e, struct plan_list list)
{
    const struct plan_address *a = plan_at(e->plan, list.at);
    const char **texts = arena_array(e->out.arena, list.n, sizeof(*texts));

    for (uint32_t i = 0; i < list.n; i++)
        texts[i] = address_text(e, &a[i]);
    explain_words(e, "addresses", texts, list.n);
}

static void explain_interface(struct explain *e, const struct plan_interface *i)
{
    static const struct explain_bit notes[] = { { PLAN_INTERFACE_HAIRPIN, "hairpin mode" }, { 0, NULL } };

    explain_row(e);
    explain_ref(e, "name", i->name);
    explain_text(e, "type", i->kind == PLAN_VETH ? "veth" : "loopback");
    explain_ref(e, "on the host", i->host_name);
    explain_ref(e, "bridge", i->bridge);
    explain_bits(e, "note", i->flags, notes);
    if (i->flags & PLAN_INTERFACE_MAC)
        explain_text(e, "mac", arena_printf(e->out.arena, "%02x:%02x:%02x:%02x:%02x:%02x", i->mac[0], i->mac[1], i->mac[2],
                                            i->mac[3], i->mac[4], i->mac[5]));
    if (i->mtu)
        explain_number(e, "mtu", i->mtu);
    if (i->tx_queue)
        explain_number(e, "queue", i->tx_queue);
    explain_addresses(e, i->addresses);
}

void explain_net(struct explain *e)
{
    const struct plan_interface *interface = PLAN_ITEMS(e->plan, interfaces, struct plan_interface);
    const struct plan_route *route = PLAN_ITEMS(e->plan, routes, struct plan_route);

    explain_rows(e, "network devices");
    explain_pairs(e, e->plan->net_devices, "device", "name");
    explain_rows(e, "network interfaces");
    for (uint32_t i = 0; i < e->plan->interfaces.n; i++)
        explain_interface(e, &interface[i]);
    explain_rows(e, "routes");
    for (uint32_t i = 0; i < e->plan->routes.n; i++) {
        explain_row(e);
        explain_text(e, "to", route[i].to.prefix ? address_text(e, &route[i].to) : "default");
        explain_text(e, "gateway", address_text(e, &route[i].gateway));
        explain_ref(e, "interface", route[i].interface);
        explain_text(e, "source", address_text(e, &route[i].source));
    }
}
