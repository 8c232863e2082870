/* Netlink requests as bytes, and answers of every wrong kind: no lengths but those that are there are believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "launch/net_request.h"

/* The first attribute of this type; its type is 0 when there is none. */
static struct netlink_attr find(struct netlink_attrs attrs, uint16_t type)
{
    struct netlink_attr a;

    while (netlink_next(&attrs, &a))
        if (a.type == type)
            return a;
    return (struct netlink_attr) { 0, 0, NULL };
}

static struct netlink_attrs inside(struct netlink_attr a, size_t body)
{
    assert_true(a.size >= body);
    return (struct netlink_attrs) { (const char *) a.data + body, a.size - body };
}

static uint32_t number(struct netlink_attr a)
{
    uint32_t value;

    assert_int_equal(a.size, sizeof(value));
    memcpy(&value, a.data, sizeof(value));
    return value;
}

/* ---- Requests ------------------------------------------------------------------------------- */

static void test_attributes(void **state)
{
    struct netlink_request q;
    struct netlink_attrs attrs;
    struct netlink_attr a;
    uint32_t body = 7;

    netlink_begin(&q, RTM_NEWLINK, NLM_F_CREATE, &body, sizeof(body));
    netlink_put_text(&q, 1, "lo");
    netlink_put_u32(&q, 2, 0xabcd);
    netlink_put(&q, 3, NULL, 0);
    assert_false(q.full);
    assert_int_equal(q.header.nlmsg_len, NLMSG_HDRLEN + 4 + 8 + 8 + 4);
    assert_int_equal(q.header.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE);
    assert_memory_equal(netlink_body(&q), &body, sizeof(body));
    attrs = netlink_attrs(&q.header, sizeof(body));
    assert_string_equal(find(attrs, 1).data, "lo");
    assert_int_equal(number(find(attrs, 2)), 0xabcd);
    a = find(attrs, 3);
    assert_int_equal(a.type, 3);
    assert_int_equal(a.size, 0);
}

/* CVE-2021-43784: 65536 + 4 bytes have the length 4 in 16 bits, and what they hold would count as attributes. */
static void test_too_long(void **state)
{
    static char data[65536 + 8];
    static const size_t sizes[] = { NETLINK_REQUEST_SIZE, 65531, 65532, 65536, sizeof(data), SIZE_MAX };
    struct netlink n = NETLINK_NONE;
    struct netlink_request q;
    uint32_t body = 0;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        netlink_begin(&q, RTM_NEWLINK, 0, &body, sizeof(body));
        netlink_put(&q, 1, data, sizes[i]);
        assert_true(q.full);
        assert_int_equal(q.header.nlmsg_len, NLMSG_HDRLEN + sizeof(body));
        assert_int_equal(netlink_talk(&n, &q, NULL, NULL), -EMSGSIZE);
    }
}

static void test_full(void **state)
{
    struct { struct netlink_request q; char canary[64]; } x;
    uint32_t body = 0;
    size_t nest;
    int fits = 0;

    memset(&x, 0x5a, sizeof(x));
    netlink_begin(&x.q, RTM_NEWLINK, 0, &body, sizeof(body));
    while (!x.q.full) {
        netlink_put_u32(&x.q, 1, 1);
        fits += !x.q.full;
    }
    assert_int_equal(fits, (NETLINK_REQUEST_SIZE - NLMSG_HDRLEN - sizeof(body)) / 8);
    /* Once full, what would still fit is left out too, and a nest in it has no end to be set. */
    nest = netlink_nest(&x.q, 2, NULL, 0);
    netlink_put(&x.q, 3, "", 1);
    netlink_nest_end(&x.q, nest);
    assert_int_equal(x.q.header.nlmsg_len, NLMSG_HDRLEN + sizeof(body) + (size_t) fits * 8);
    for (size_t i = 0; i < sizeof(x.canary); i++)
        assert_int_equal(x.canary[i], 0x5a);
}

static const char names[] = "\0\0\0\0\0eth0\0veth7\0";

/* A plan is needed for its texts only: offsets into `block`. */
static union { struct plan plan; char bytes[sizeof(struct plan) + sizeof(names)]; } block;

static plan_ref name_at(size_t offset)
{
    memcpy(block.bytes + sizeof(struct plan), names, sizeof(names));
    return (plan_ref) (sizeof(struct plan) + offset);
}

static void test_veth(void **state)
{
    struct plan_interface i = {
        .kind = PLAN_VETH, .flags = PLAN_INTERFACE_MAC, .name = name_at(5), .host_name = name_at(10), .mtu = 1400,
        .tx_queue = 99, .mac = { 2, 0, 0x5e, 0x10, 0, 1 },
    };
    struct netlink_request q;
    struct netlink_attrs attrs, info, peer;

    net_request_veth(&q, &block.plan, &i, 42);
    assert_false(q.full);
    attrs = netlink_attrs(&q.header, sizeof(struct ifinfomsg));
    assert_string_equal(find(attrs, IFLA_IFNAME).data, "veth7");
    assert_int_equal(number(find(attrs, IFLA_MTU)), 1400);
    assert_int_equal(find(attrs, IFLA_ADDRESS).type, 0);
    assert_int_equal(find(attrs, IFLA_NET_NS_FD).type, 0);
    info = inside(find(attrs, IFLA_LINKINFO), 0);
    assert_string_equal(find(info, IFLA_INFO_KIND).data, "veth");
    peer = inside(find(inside(find(info, IFLA_INFO_DATA), 0), VETH_INFO_PEER), sizeof(struct ifinfomsg));
    assert_string_equal(find(peer, IFLA_IFNAME).data, "eth0");
    assert_int_equal(number(find(peer, IFLA_NET_NS_FD)), 42);
    assert_int_equal(number(find(peer, IFLA_TXQLEN)), 99);
    assert_memory_equal(find(peer, IFLA_ADDRESS).data, i.mac, 6);
}

static void test_route(void **state)
{
    struct plan_route r = {
        .to = { { 10, 1 }, AF_INET, 16 }, .gateway = { { 10, 0, 0, 1 }, AF_INET, 32 }, .source = { { 10, 0, 0, 2 }, AF_INET, 32 },
    };
    struct netlink_request q;
    struct netlink_attrs attrs;
    struct rtmsg body;

    net_request_add_route(&q, 3, &r);
    attrs = netlink_attrs(&q.header, sizeof(body));
    memcpy(&body, netlink_body(&q), sizeof(body));
    assert_int_equal(body.rtm_dst_len, 16);
    assert_int_equal(body.rtm_scope, RT_SCOPE_UNIVERSE);
    assert_int_equal(find(attrs, RTA_DST).size, 4);
    assert_memory_equal(find(attrs, RTA_GATEWAY).data, r.gateway.bytes, 4);
    assert_memory_equal(find(attrs, RTA_PREFSRC).data, r.source.bytes, 4);
    assert_int_equal(number(find(attrs, RTA_OIF)), 3);

    r = (struct plan_route) { .to = { { 0xfd }, AF_INET6, 0 } };
    net_request_add_route(&q, 0, &r);
    attrs = netlink_attrs(&q.header, sizeof(body));
    memcpy(&body, netlink_body(&q), sizeof(body));
    assert_int_equal(body.rtm_scope, RT_SCOPE_LINK);
    assert_int_equal(q.header.nlmsg_len, NLMSG_HDRLEN + sizeof(body));
}

/* ---- Addresses that are kept ---------------------------------------------------------------- */

static struct netlink_request told(uint8_t scope, uint32_t flags, const char *label)
{
    struct ifaddrmsg body = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_scope = scope, .ifa_flags = IFA_F_PERMANENT, .ifa_index = 5 };
    static const uint8_t bytes[] = { 192, 0, 2, 2 };
    struct ifa_cacheinfo life = { 1, 2, 3, 4 };
    struct netlink_request m;

    netlink_begin(&m, RTM_NEWADDR, 0, &body, sizeof(body));
    netlink_put(&m, IFA_ADDRESS, bytes, 4);
    netlink_put(&m, IFA_LOCAL, bytes, 4);
    netlink_put_u32(&m, IFA_FLAGS, flags);
    netlink_put(&m, IFA_CACHEINFO, &life, sizeof(life));
    if (label)
        netlink_put_text(&m, IFA_LABEL, label);
    return m;
}

static void test_kept(void **state)
{
    struct netlink_request m = told(RT_SCOPE_UNIVERSE, IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE | IFA_F_SECONDARY, NULL), q;
    struct netlink_attrs attrs;

    assert_true(net_request_keep_address(&q, &m.header, "one", "eth0"));
    net_request_address_index(&q, 9);
    attrs = netlink_attrs(&q.header, sizeof(struct ifaddrmsg));
    assert_int_equal(((struct ifaddrmsg *) netlink_body(&q))->ifa_index, 9);
    assert_int_equal(((struct ifaddrmsg *) netlink_body(&q))->ifa_prefixlen, 24);
    assert_int_equal(number(find(attrs, IFA_FLAGS)), IFA_F_NOPREFIXROUTE);
    assert_memory_equal(find(attrs, IFA_LOCAL).data, "\300\0\2\2", 4);
    assert_int_equal(find(attrs, IFA_CACHEINFO).type, 0);

    /* The 32 bits count, not the 8 of the header. */
    m = told(RT_SCOPE_UNIVERSE, IFA_F_NODAD, NULL);
    assert_false(net_request_keep_address(&q, &m.header, "one", "eth0"));
    m = told(RT_SCOPE_LINK, IFA_F_PERMANENT, NULL);
    assert_false(net_request_keep_address(&q, &m.header, "one", "eth0"));
    m.header.nlmsg_type = RTM_NEWLINK;
    assert_false(net_request_keep_address(&q, &m.header, "one", "eth0"));
    m = told(RT_SCOPE_UNIVERSE, IFA_F_PERMANENT, NULL);
    m.header.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)) - 1;
    assert_false(net_request_keep_address(&q, &m.header, "one", "eth0"));
}

static void test_labels(void **state)
{
    static const struct { const char *label, *to, *expected; } cases[] = {
        { "one", "eth0", "eth0" },
        { "one:web", "eth0", "eth0:web" },
        { "one:web", "fifteen-bytes-x", NULL },         /* would be too long */
        { "other", "eth0", NULL },
        { "on", "eth0", NULL },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct netlink_request m = told(RT_SCOPE_UNIVERSE, IFA_F_PERMANENT, cases[i].label), q;
        struct netlink_attr label;

        assert_true(net_request_keep_address(&q, &m.header, "one", cases[i].to));
        label = find(netlink_attrs(&q.header, sizeof(struct ifaddrmsg)), IFA_LABEL);
        assert_int_equal(label.type, cases[i].expected ? IFA_LABEL : 0);
        if (cases[i].expected)
            assert_string_equal(label.data, cases[i].expected);
    }
}

/* ---- Answers -------------------------------------------------------------------------------- */

/* A verdict with words, as the kernel sends it with NETLINK_CAP_ACK. */
struct verdict {
    struct nlmsghdr header;
    struct nlmsgerr error;
    struct rtattr attr;
    char text[12];
};

static struct verdict refusal(void)
{
    return (struct verdict) {
        .header = { sizeof(struct verdict), NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, 1, 0 },
        .error = { .error = -EPERM },
        .attr = { RTA_LENGTH(12), NLMSGERR_ATTR_MSG },
        .text = "not for you",
    };
}

/* In memory of exactly that size, so that a sanitizer sees a byte too many. */
static int hear(struct netlink *n, const void *datagram, size_t size)
{
    char *copy = malloc(size ? size : 1);
    int r;

    memcpy(copy, datagram, size);
    r = netlink_hear(n, copy, size, NULL, NULL);
    free(copy);
    return r;
}

static void test_refusal(void **state)
{
    struct netlink n = { .fd = -1, .sequence = 1 };
    struct verdict v = refusal();

    assert_int_equal(hear(&n, &v, sizeof(v)), -EPERM);
    assert_string_equal(n.reason, "not for you");
    v.header.nlmsg_seq = 2;
    assert_int_equal(hear(&n, &v, sizeof(v)), NETLINK_MORE);
    v.header.nlmsg_seq = 1;
    v.error.error = 0;
    assert_int_equal(hear(&n, &v, sizeof(v)), 0);
    v.error.error = 1;
    assert_int_equal(hear(&n, &v, sizeof(v)), -EBADMSG);
}

/* Every length that a message or its attribute could claim, and every size that could arrive. */
static void test_wrong_lengths(void **state)
{
    for (unsigned claimed = 0; claimed <= sizeof(struct verdict) + 8; claimed++)
        for (size_t size = 0; size <= sizeof(struct verdict); size++) {
            struct netlink n = { .fd = -1, .sequence = 1 };
            struct verdict v = refusal();
            int r;

            v.header.nlmsg_len = claimed;
            r = hear(&n, &v, size);
            if (size < sizeof(v.header))
                assert_int_equal(r, NETLINK_MORE);
            else
                assert_int_equal(r, claimed >= NLMSG_LENGTH(sizeof(int)) && claimed <= size ? -EPERM : -EBADMSG);
        }
    for (unsigned length = 0; length < 65536; length += length < 64 ? 1 : 997) {
        struct netlink n = { .fd = -1, .sequence = 1 };
        struct verdict v = refusal();

        v.attr.rta_len = (unsigned short) length;
        assert_int_equal(hear(&n, &v, sizeof(v)), -EPERM);
        assert_true(strlen(n.reason) <= 11);
        assert_int_equal(n.reason[0] != '\0', length > RTA_LENGTH(0) && length <= RTA_LENGTH(12));
    }
}

static void test_long_reason(void **state)
{
    struct { struct nlmsghdr header; struct nlmsgerr error; struct rtattr attr; char text[400]; } v = {
        .header = { sizeof(v), NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, 1, 0 },
        .error = { .error = -EINVAL }, .attr = { RTA_LENGTH(400), NLMSGERR_ATTR_MSG },
    };
    struct netlink n = { .fd = -1, .sequence = 1 };

    memset(v.text, 'x', sizeof(v.text));        /* and no NUL at its end */
    assert_int_equal(hear(&n, &v, sizeof(v)), -EINVAL);
    assert_int_equal(strlen(n.reason), sizeof(n.reason) - 1);
}

static void count(void *data, const struct nlmsghdr *m)
{
    ++*(int *) data;
}

static void test_dump(void **state)
{
    struct { struct nlmsghdr one, two, done; int error; } d = {
        { NLMSG_HDRLEN, RTM_NEWADDR, NLM_F_MULTI, 1, 0 }, { NLMSG_HDRLEN, RTM_NEWADDR, NLM_F_MULTI, 1, 0 },
        { NLMSG_LENGTH(4), NLMSG_DONE, NLM_F_MULTI, 1, 0 }, 0,
    };
    struct netlink n = { .fd = -1, .sequence = 1 };
    int answers = 0;

    assert_int_equal(netlink_hear(&n, &d, 2 * NLMSG_HDRLEN, count, &answers), NETLINK_MORE);
    assert_int_equal(answers, 2);
    assert_int_equal(netlink_hear(&n, &d, sizeof(d), count, &answers), 0);
    assert_int_equal(answers, 4);
    d.error = -ENODEV;
    assert_int_equal(netlink_hear(&n, &d, sizeof(d), count, &answers), -ENODEV);
    d.two.nlmsg_flags |= NLM_F_DUMP_INTR;
    assert_int_equal(netlink_hear(&n, &d, sizeof(d), count, &answers), -EINTR);
}

/* The kernel itself, in whatever namespace the test runs: nothing is changed. */
static void test_kernel(void **state)
{
    struct netlink n;
    struct netlink_request q;
    int answers = 0;

    if (netlink_open(&n) < 0)
        skip();
    net_request_find(&q, "lo");
    assert_int_equal(netlink_talk(&n, &q, count, &answers), 0);
    assert_int_equal(answers, 1);
    net_request_find(&q, "no-such-device");
    assert_int_equal(netlink_talk(&n, &q, count, &answers), -ENODEV);
    net_request_list_addresses(&q, AF_UNSPEC, 0);
    assert_int_equal(netlink_talk(&n, &q, count, &answers), 0);
    net_request_find(&q, "longer-than-a-name-can-be");
    assert_int_not_equal(netlink_talk(&n, &q, NULL, NULL), 0);
    assert_int_not_equal(n.reason[0], '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attributes), cmocka_unit_test(test_too_long), cmocka_unit_test(test_full),
        cmocka_unit_test(test_veth), cmocka_unit_test(test_route), cmocka_unit_test(test_kept),
        cmocka_unit_test(test_labels), cmocka_unit_test(test_refusal), cmocka_unit_test(test_wrong_lengths),
        cmocka_unit_test(test_long_reason), cmocka_unit_test(test_dump), cmocka_unit_test(test_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
