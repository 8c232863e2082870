#include "launch/net_link.h"
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include "plan/block.h"

enum { DUMP_TRIES = 20 };

static void note_link(void *data, const struct nlmsghdr *m)
{
    struct net_link *link = data;
    struct ifinfomsg body;

    if (m->nlmsg_type != RTM_NEWLINK || m->nlmsg_len < NLMSG_LENGTH(sizeof(body)))
        return;
    memcpy(&body, NLMSG_DATA(m), sizeof(body));
    *link = (struct net_link) { body.ifi_index, body.ifi_flags };
}

int net_link_find(struct netlink *n, const char *name, struct net_link *ret)
{
    struct net_link link = { .index = 0 };
    struct netlink_request q;
    int r;

    net_request_find(&q, name);
    if ((r = netlink_talk(n, &q, note_link, &link)) < 0)
        return r;
    if (link.index <= 0)
        return -EBADMSG;
    *ret = link;
    return 0;
}

bool net_link_exists(struct netlink *n, int index)
{
    struct netlink_request q;

    net_request_look(&q, index);
    return netlink_talk(n, &q, NULL, NULL) == 0;
}

int net_link_up(struct netlink *n, int index)
{
    struct netlink_request q;

    net_request_flags(&q, index, IFF_UP, IFF_UP);
    return netlink_talk(n, &q, NULL, NULL);
}

int net_link_fail(struct op *op, const struct netlink *asked, int r, const char *thing, const char *step)
{
    const char *reason = asked->reason;

    if (!*reason)
        return op_fail(op, -r, "%s: %s", thing, step);
    return op_fail(op, -r, "%s: %s: %s", thing, step, reason);
}

/* ---- Addresses ------------------------------------------------------------------------------ */

struct collection {
    int index;
    const char *from, *to;
    struct rows rows;           /* struct netlink_request */
};

static void note_address(void *data, const struct nlmsghdr *m)
{
    struct collection *c = data;
    struct netlink_request q;

    /* A kernel before 5.0 does not heed the index that was asked for. */
    if (m->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifaddrmsg)) ||
        (int) ((const struct ifaddrmsg *) NLMSG_DATA(m))->ifa_index != c->index)
        return;
    if (net_request_keep_address(&q, m, c->from, c->to))
        *(struct netlink_request *) rows_add(&c->rows) = q;
}

/* A dump that was overtaken by a change is asked for again. */
static int dump(struct netlink *n, struct collection *c, int family)
{
    size_t before = c->rows.n;
    struct netlink_request q;
    int r = -EINTR;

    for (int i = 0; i < DUMP_TRIES && r == -EINTR; i++) {
        c->rows.n = before;
        net_request_list_addresses(&q, family, c->index);
        r = netlink_talk(n, &q, note_address, c);
    }
    return r;
}

int net_link_addresses(struct netlink *n, struct arena *a, int index, const char *from, const char *to,
                       struct net_addresses *ret)
{
    struct collection c = { .index = index, .from = from, .to = to };
    int r;

    rows_init(&c.rows, a, sizeof(struct netlink_request));
    if ((r = dump(n, &c, AF_INET)) < 0 || (r = dump(n, &c, AF_INET6)) < 0)
        return r;
    *ret = (struct net_addresses) { (struct netlink_request *) c.rows.items, c.rows.n };
    return 0;
}

int net_link_add_addresses(struct netlink *n, int index, const struct net_addresses *addresses)
{
    for (size_t i = 0; i < addresses->n; i++) {
        int r;

        net_request_address_index(&addresses->v[i], index);
        if ((r = netlink_talk(n, &addresses->v[i], NULL, NULL)) < 0)
            return r;
    }
    return 0;
}
