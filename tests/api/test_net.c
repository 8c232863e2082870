/* Interfaces and routes that a caller of the library asks for: a veth pair, its addresses, a bridge, routes, and traffic
 * over it. Two network namespaces: the container's, and one that the test makes for itself, "the host". */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bundle.h"

static struct bundle bundle;

static void check(int right, const char *what)
{
    if (!right)
        bundle_die(&bundle, what, NULL);
}

static void host(const char *command)
{
    check(system(command) == 0, command);
}

/* What the file `name` of the host's /sys/class/net has in its first line. */
static const char *fact(const char *name)
{
    static char text[128];
    char command[192];
    FILE *f;

    snprintf(command, sizeof(command), "unshare -m sh -c 'mount -t sysfs sysfs /sys && cat /sys/class/net/%s'", name);
    f = popen(command, "r");
    text[0] = '\0';
    check(f && fgets(text, sizeof(text), f), name);
    pclose(f);
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* ---- A container that answers --------------------------------------------------------------- */

struct container {
    char id[64];
    struct proa_process process;
};

static int create(struct container *c, const char *name, const struct proa_net *net, struct proa_error **ret_error)
{
    struct proa_create_options options = { .size = sizeof(options), .bundle = bundle.base, .net = net };

    snprintf(c->id, sizeof(c->id), "net-%s-%d", name, (int) getpid());
    c->process = (struct proa_process) { .size = sizeof(c->process) };
    return proa_create(bundle.runtime, c->id, &options, &c->process, ret_error);
}

static void end(struct container *c)
{
    check(proa_delete(bundle.runtime, c->id, PROA_DELETE_FORCE, NULL) == 0, "delete");
    close(c->process.pidfd);
}

/* Runs `command` in the container's network namespace; its output, all of it. */
static const char *inside(const struct container *c, const char *command)
{
    static char text[4096];
    char line[512];
    FILE *f;
    size_t n;

    snprintf(line, sizeof(line), "nsenter --net=/proc/%d/ns/net %s", (int) c->process.pid, command);
    f = popen(line, "r");
    n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
    text[n] = '\0';
    check(f && pclose(f) == 0, line);
    return text;
}

static void shows(const char *text, const char *part)
{
    if (!strstr(text, part))
        fprintf(stderr, "%s\n-- lacks --\n%s\n", text, part);
    check(strstr(text, part) != NULL, "not as asked for");
}

/* A UDP socket in the container's network namespace: a thread's own for that moment. */
static int socket_inside(const struct container *c, int family)
{
    int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), theirs, s;
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/ns/net", (int) c->process.pid);
    theirs = open(path, O_RDONLY | O_CLOEXEC);
    check(setns(theirs, CLONE_NEWNET) == 0, "setns");
    s = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    check(setns(own, CLONE_NEWNET) == 0, "setns back");
    close(own);
    close(theirs);
    return s;
}

static struct sockaddr_storage address(int family, const char *text, int port, socklen_t *ret_size)
{
    struct sockaddr_storage a = { .ss_family = (sa_family_t) family };

    if (family == AF_INET) {
        ((struct sockaddr_in *) &a)->sin_port = htons((uint16_t) port);
        check(inet_pton(family, text, &((struct sockaddr_in *) &a)->sin_addr) == 1, text);
    } else {
        ((struct sockaddr_in6 *) &a)->sin6_port = htons((uint16_t) port);
        check(inet_pton(family, text, &((struct sockaddr_in6 *) &a)->sin6_addr) == 1, text);
    }
    *ret_size = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    return a;
}

static void bind_to(int s, int family, const char *text)
{
    socklen_t size;
    struct sockaddr_storage a = address(family, text, 7007, &size);

    check(bind(s, (struct sockaddr *) &a, size) == 0, text);
}

static void arrives(int s, const char *word)
{
    struct pollfd p = { .fd = s, .events = POLLIN };
    char text[16] = "";

    check(poll(&p, 1, 60000) == 1 && recv(s, text, sizeof(text) - 1, 0) > 0, "no datagram came");
    check(strcmp(text, word) == 0, "another datagram came");
}

/* There and back. */
static void udp_ping(const struct container *c, int family, const char *here, const char *there)
{
    int ours = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), theirs = socket_inside(c, family);
    struct sockaddr_storage to;
    socklen_t size;

    bind_to(ours, family, here);
    bind_to(theirs, family, there);
    to = address(family, there, 7007, &size);
    check(sendto(ours, "ping", 4, 0, (struct sockaddr *) &to, size) == 4, "sending there");
    arrives(theirs, "ping");
    to = address(family, here, 7007, &size);
    check(sendto(theirs, "pong", 4, 0, (struct sockaddr *) &to, size) == 4, "sending back");
    arrives(ours, "pong");
    close(ours);
    close(theirs);
}

/* ---- What is asked for ---------------------------------------------------------------------- */

static const char *const addresses[] = { "192.0.2.2/24", "2001:db8::2/64" };
static const char *const lo_addresses[] = { "198.51.100.9/32" };

static struct proa_net_interface interfaces[] = {
    { .type = PROA_NET_LOOPBACK, .addresses = lo_addresses, .n_addresses = 1, .mtu = 9000 },
    { .type = PROA_NET_VETH, .flags = PROA_NET_HAIRPIN, .name = "eth0", .host_name = "vh0", .bridge = "br0",
      .mac = "02:00:5E:10:00:01", .addresses = addresses, .n_addresses = 2, .gateway = "192.0.2.1", .gateway6 = "2001:db8::1",
      .mtu = 1400, .tx_queue_len = 77 },
};

static struct proa_net_route routes[] = {
    { .destination = "203.0.113.0/24", .gateway = "192.0.2.7", .source = "198.51.100.9" },
    { .destination = "198.18.0.0/15", .interface = "eth0" },
    { .destination = "2001:db8:7::/48", .gateway = "2001:db8::7", .interface = "eth0" },
};

static const struct proa_net net = {
    .size = sizeof(net),
    .interface_size = sizeof(struct proa_net_interface), .interfaces = interfaces, .n_interfaces = 2,
    .route_size = sizeof(struct proa_net_route), .routes = routes, .n_routes = 3,
};

static void test_all(void)
{
    struct proa_error *e = NULL;
    struct container c;
    const char *text;

    if (create(&c, "all", &net, &e) < 0)
        bundle_die(&bundle, "create", e);
    text = inside(&c, "ip -o addr show");
    shows(text, "inet 192.0.2.2/24 scope global eth0");
    shows(text, "inet6 2001:db8::2/64 scope global nodad");
    shows(text, "inet 198.51.100.9/32 scope global lo");
    text = inside(&c, "ip -o link show");
    shows(text, "02:00:5e:10:00:01");
    shows(text, "mtu 1400");
    shows(text, "qlen 77");
    shows(text, "mtu 9000");
    text = inside(&c, "ip route show");
    shows(text, "default via 192.0.2.1 dev eth0");
    shows(text, "203.0.113.0/24 via 192.0.2.7 dev eth0 src 198.51.100.9");
    shows(text, "198.18.0.0/15 dev eth0 scope link");
    text = inside(&c, "ip -6 route show");
    shows(text, "default via 2001:db8::1 dev eth0");
    shows(text, "2001:db8:7::/48 via 2001:db8::7 dev eth0");
    check(strcmp(fact("vh0/mtu"), "1400") == 0, "the host's end has another MTU");
    check(strcmp(fact("vh0/brport/hairpin_mode"), "1") == 0, "no hairpin mode");
    udp_ping(&c, AF_INET, "192.0.2.1", "192.0.2.2");
    udp_ping(&c, AF_INET6, "2001:db8::1", "2001:db8::2");
    end(&c);
}

/* ---- What fails ----------------------------------------------------------------------------- */

static void fails(const struct proa_net *asked, const char *text)
{
    struct proa_error *e = NULL;
    struct container c;

    check(create(&c, "fails", asked, &e) < 0, "it did not fail");
    shows(proa_error_message(e), text);
    proa_error_free(e);
    check(if_nametoindex("vh9") == 0, "the host's end was left behind");
}

static void test_failures(void)
{
    static const char *const good[] = { "192.0.2.2/24" }, *const bare[] = { "192.0.2.2" }, *const twice[] = { "192.0.2.2/24", "192.0.2.2/24" };
    struct proa_net_interface i = { .type = PROA_NET_VETH, .name = "eth0", .host_name = "vh9", .addresses = good, .n_addresses = 1 };
    struct proa_net_route r = { .destination = "203.0.113.1/24", .interface = "eth0" };
    struct proa_net asked = {
        .size = sizeof(asked), .interface_size = sizeof(i), .interfaces = &i, .n_interfaces = 1, .route_size = sizeof(r), .routes = &r,
    };

    i.bridge = "nowhere";
    fails(&asked, "network interface vh9: attaching it to bridge nowhere: No such device");
    i.bridge = "lo";
    fails(&asked, "network interface vh9: attaching it to bridge lo: ");
    i.bridge = NULL;
    i.name = "lo";
    fails(&asked, "network interface vh9: making it, and lo in the container: ");
    i.name = "eth0";
    i.host_name = "br0";
    fails(&asked, "network interface br0: making it, and eth0 in the container: File exists");
    check(if_nametoindex("br0") != 0, "a device of somebody else was deleted");
    i.host_name = "vh9";
    i.addresses = twice;
    i.n_addresses = 2;
    fails(&asked, "network interface eth0 in the container: adding address 192.0.2.2/24: ");
    i.addresses = bare;
    i.n_addresses = 1;
    fails(&asked, "network interface eth0: \"192.0.2.2\" is not an address with a prefix");
    i.addresses = good;
    asked.n_routes = 1;
    fails(&asked, "route to 203.0.113.1/24: adding it in the container: Invalid prefix for given prefix length: Invalid argument");
    r.destination = "203.0.113.0/24";
    r.interface = "eth9";
    fails(&asked, "route to 203.0.113.0/24: looking for eth9: No such device");
}

/* A caller that was built with an older header has shorter structs: what is behind them is not looked at. */
static void test_older_caller(void)
{
    struct { size_t size, interface_size; const void *interfaces; size_t n; } older = {
        sizeof(older), offsetof(struct proa_net_interface, bridge), NULL, 1,
    };
    struct proa_net_interface i = { .type = PROA_NET_VETH, .name = "eth0", .host_name = "vh1", .bridge = (const char *) 1 };
    struct proa_error *e = NULL;
    struct container c;

    older.interfaces = &i;
    if (create(&c, "older", (const struct proa_net *) &older, &e) < 0)
        bundle_die(&bundle, "create", e);
    shows(inside(&c, "ip -o link show"), "eth0@");
    end(&c);
}

int main(void)
{
    bundle_make(&bundle, "[\"/bin/true\"]");
    if (unshare(CLONE_NEWNET) < 0 || system("ip link add br0 type bridge && ip link set br0 up") != 0) {
        fprintf(stderr, "needs network namespaces, ip(8), bridges and veth pairs\n");
        bundle_remove(&bundle);
        return 77;
    }
    host("ip addr add 192.0.2.1/24 dev br0 && ip addr add 2001:db8::1/64 dev br0 nodad && ip link set lo up");
    test_all();
    test_failures();
    test_older_caller();
    bundle_remove(&bundle);
    puts("a veth pair over a bridge, routes, traffic in both families, 8 failures that left nothing");
    return 0;
}
