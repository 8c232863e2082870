/* What an embedder asks of the network, as the plan has it, and what is not taken for an address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/sched.h>
#include <string.h>
#include "base/str.h"
#include "plan/planner.h"

/* The plan's text from "network interfaces" on, or the error. */
static const char *plan_net(struct arena *a, struct request_net net, uint64_t namespace, uint32_t uid)
{
    static const char *args[] = { "x" };
    static struct host_hierarchy v2 = { "", "/sys/fs/cgroup", "/own/scope" };
    struct spec_namespace ns = { .type = { true, (int64_t) namespace } };
    struct spec_linux linux_ = { .namespaces = { .v = &ns, .n = 1 } };
    struct spec_process process = { .cwd = "/", .args = { true, args, 1 } };
    struct spec_root root = { .path = "rootfs" };
    struct spec spec = { .root = &root, .process = &process, .linux_ = &linux_ };
    struct host host = { .uid = uid, .last_cap = 40, .layout = HOST_CGROUP_V2, .hierarchies = &v2, .n_hierarchies = 1 };
    struct plan_request request = { .id = "ID", .bundle = "/b", .rootless = -1, .net = net };
    struct op op;
    struct plan *p = NULL;
    char *text, *end;

    op_init(&op, a);
    if (plan_make(&op, &spec, &host, &request, &p) < 0)
        return op.message;
    assert_true(plan_check(p, p->size));
    assert_int_equal(p->flags & (PLAN_MEET | PLAN_NETLINK), PLAN_MEET | PLAN_NETLINK);
    text = strstr(plan_explain_text(&op, p), "network interfaces");
    if (!text)
        return "";
    if ((end = strstr(text, "\nroot file system")))
        *end = '\0';
    return text;
}

static const char *with_interface(struct arena *a, const struct request_interface *i)
{
    return plan_net(a, (struct request_net) { i, 1, NULL, 0 }, CLONE_NEWNET, 0);
}

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part))
        print_message("%s\n-- is not in --\n%s\n", part, text);
    assert_non_null(strstr(text, part));
}

static const char *const addresses[] = { "192.0.2.2/24", "2001:db8::2/64" };
#define VETH .kind = PLAN_VETH, .name = "eth0", .host_name = "v0"

static void test_all(void **state)
{
    struct request_interface interfaces[] = {
        { .kind = PLAN_LOOPBACK },
        { VETH, .bridge = "br0", .mac = "02:00:5E:aB:00:01", .addresses = addresses, .n_addresses = 2, .mtu = 1400,
          .tx_queue = 5, .gateway = "192.0.2.1", .gateway6 = "fe80::1", .hairpin = true },
    };
    struct request_route routes[] = {
        { "198.51.100.0/24", "192.0.2.7", "192.0.2.2", NULL },
        { "2001:db8:1::/48", NULL, NULL, "eth0" },
        { "default", "192.0.2.9", NULL, "eth0" },
    };
    struct arena *a = arena_new();
    const char *text = plan_net(a, (struct request_net) { interfaces, 2, routes, 3 }, CLONE_NEWNET, 0);

    assert_string_equal(text,
        "network interfaces\n"
        "  lo  type loopback\n"
        "  eth0  type veth  on the host v0  bridge br0  note hairpin mode  mac 02:00:5e:ab:00:01  mtu 1400  queue 5  "
        "addresses 192.0.2.2/24 2001:db8::2/64\n"
        "routes\n"
        "  default  gateway 192.0.2.1  interface eth0\n"
        "  default  gateway fe80::1  interface eth0\n"
        "  198.51.100.0/24  gateway 192.0.2.7  source 192.0.2.2\n"
        "  2001:db8:1::/48  interface eth0\n"
        "  default  gateway 192.0.2.9  interface eth0");
    arena_free(a);
}

static void test_addresses(void **state)
{
    static const char *const bad[] = {
        "", "/", "/24", "192.0.2.2", "192.0.2.2/", "192.0.2.2/33", "192.0.2.2/-1", "192.0.2.2/+1", "192.0.2.2/024", "192.0.2.2/2 ",
        "192.0.2/24", "192.0.2.256/24", "192.0.2.2/24/24", "0x7f.1/8", "2001:db8::2/129", "2001:db8::2/1280", "::g/64", "name/24",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999/64", "2001:db8::2%eth0/64",
    };
    static const char *const good[] = { "0.0.0.0/0", "10.0.0.1/32", "::/0", "::1/128", "::ffff:192.0.2.1/96" };
    struct arena *a = arena_new();

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect(with_interface(a, &(struct request_interface) { VETH, .addresses = &bad[i], .n_addresses = 1 }), "is not an address");
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        expect(with_interface(a, &(struct request_interface) { VETH, .addresses = &good[i], .n_addresses = 1 }), "addresses ");
    arena_free(a);
}

static void test_macs(void **state)
{
    static const char *const bad[] = {
        "", "02", "02:00:5e:10:00", "02:00:5e:10:00:0", "02:00:5e:10:00:01:", "02:00:5e:10:00:01:02", "02-00-5e-10-00-01", "g2:00:5e:10:00:01",
        "\x10" "2:00:5e:10:00:01", "2:0:5e:10:0:1:",
    };
    struct arena *a = arena_new();

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect(with_interface(a, &(struct request_interface) { VETH, .mac = bad[i] }), "is not a MAC address");
    arena_free(a);
}

static void test_refused_interfaces(void **state)
{
    static const struct { struct request_interface i; const char *text; } cases[] = {
        { { .kind = PLAN_VETH, .name = "eth0" }, "a veth pair needs two names" },
        { { .kind = PLAN_VETH, .host_name = "v0" }, "a veth pair needs two names" },
        { { .kind = PLAN_VETH, .name = "a/b", .host_name = "v0" }, "invalid network device name \"a/b\"" },
        { { .kind = PLAN_VETH, .name = "eth0", .host_name = "sixteen-bytes-16" }, "invalid network device name" },
        { { VETH, .bridge = "" }, "invalid network device name \"\"" },
        { { .kind = PLAN_LOOPBACK, .mac = "02:00:5e:10:00:01" }, "the loopback interface has no" },
        { { .kind = 7 }, "unknown type of network interface: 7" },
        { { VETH, .hairpin = true }, "there is no bridge" },
        { { VETH, .gateway = "fe80::1" }, "gateway \"fe80::1\" is not an IPv4 address" },
        { { VETH, .gateway6 = "192.0.2.1" }, "gateway \"192.0.2.1\" is not an IPv6 address" },
        { { VETH, .gateway = "192.0.2.1/24" }, "gateway \"192.0.2.1/24\" is not an address" },
    };
    struct arena *a = arena_new();

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect(with_interface(a, &cases[i].i), cases[i].text);
    assert_null(strstr(with_interface(a, &(struct request_interface) { VETH, .gateway = "" }), "routes"));
    arena_free(a);
}

static void test_refused_routes(void **state)
{
    static const struct { struct request_route r; const char *text; } cases[] = {
        { { "nowhere", NULL, NULL, "eth0" }, "destination \"nowhere\" is neither a network" },
        { { "default", NULL, NULL, "eth0" }, "it needs a gateway" },
        { { NULL, NULL, NULL, NULL }, "it needs a gateway" },
        { { "192.0.2.0/24", NULL, NULL, NULL }, "it needs a gateway or an interface" },
        { { "192.0.2.0/24", "fe80::1", NULL, NULL }, "gateway \"fe80::1\" is not an IPv4 address" },
        { { "192.0.2.0/24", "192.0.2.1", "fe80::1", NULL }, "source \"fe80::1\" is not an IPv4 address" },
        { { "192.0.2.0/24", NULL, NULL, "a b" }, "invalid network device name \"a b\"" },
    };
    struct arena *a = arena_new();

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect(plan_net(a, (struct request_net) { NULL, 0, &cases[i].r, 1 }, CLONE_NEWNET, 0), cases[i].text);
    arena_free(a);
}

static void test_refused_at_all(void **state)
{
    struct request_interface i = { .kind = PLAN_LOOPBACK };
    struct request_net net = { &i, 1, NULL, 0 };
    struct arena *a = arena_new();

    expect(plan_net(a, net, CLONE_NEWUTS, 0), "without a NET namespace");
    expect(plan_net(a, net, CLONE_NEWNET, 1000), "rootless container");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all), cmocka_unit_test(test_addresses), cmocka_unit_test(test_macs),
        cmocka_unit_test(test_refused_interfaces), cmocka_unit_test(test_refused_routes), cmocka_unit_test(test_refused_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
