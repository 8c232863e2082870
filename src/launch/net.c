#include "launch/net.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "base/fd.h"
#include "base/str.h"
#include "base/trace.h"
#include "init/keep_caps.h"
#include "launch/clone.h"

/* In the spelling with dots; the plan has that of the path. */
static const char *first_net_sysctl(struct op *op, const struct plan *p)
{
    const struct plan_pair *pairs = PLAN_ITEMS(p, sysctls, struct plan_pair);
    uint32_t i = 0;
    char *name;

    while (!str_starts(plan_word(p, pairs[i].key), "net/"))     /* PLAN_NET_NOT_HOST: there is one */
        i++;
    name = arena_strdup(op->arena, plan_word(p, pairs[i].key));
    for (char *c = name; *c; c++)
        *c = *c == '/' ? '.' : *c == '.' ? '/' : *c;
    return name;
}

int net_check_joined(struct op *op, const struct plan *p)
{
    const struct plan_join *join = PLAN_ITEMS(p, joins, struct plan_join);
    struct stat host, joined;

    if (!(p->flags & PLAN_NET_NOT_HOST))
        return 0;
    if (stat("/proc/self/ns/net", &host) < 0)
        return op_fail(op, errno, "/proc/self/ns/net");
    for (uint32_t i = 0; i < p->joins.n; i++) {
        if (join[i].type != CLONE_NEWNET || stat(plan_word(p, join[i].path), &joined) < 0)
            continue;       /* what is missing is the stage's to report */
        if (joined.st_dev == host.st_dev && joined.st_ino == host.st_ino)
            return op_fail_code(op, OP_CONFIG, 0, "sysctl \"%s\" not allowed in host network namespace", first_net_sysctl(op, p));
    }
    return 0;
}

/* The network namespace that a socket was made in: no process has to be trusted to be still the one it was. */
static int namespace_of(struct op *op, const struct netlink *n, int *ret)
{
    int fd = ioctl(n->fd, SIOCGSKNS);

    if (fd < 0)
        return op_fail(op, errno, "network namespace of a netlink socket");
    *ret = fd;
    return 0;
}

/* A namespace to be joined may have turned out to be our own: nothing can be moved there, and the host must not be changed. */
static int check_different(struct op *op, const struct plan *p, int host, int inside)
{
    struct stat ours, theirs;

    if (fstat(host, &ours) < 0 || fstat(inside, &theirs) < 0)
        return op_fail(op, errno, "network namespaces");
    if (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino)
        return 0;
    return op_fail_code(op, OP_CONFIG, 0, "unable to %s without a NET namespace: the one to be joined is the runtime's own",
                        p->net_devices.n ? "move network devices" : "make network interfaces and routes");
}

static int connect_both(struct op *op, struct net *n, const struct plan *p, int *ret_inside)
{
    auto_close int host = -1, inside = -1;
    int r;

    if (n->inside.fd < 0)
        return op_fail(op, EPROTO, "the container's init has sent no netlink socket");
    if ((r = netlink_open(&n->host)) < 0)
        return op_fail(op, -r, "netlink socket");
    if ((r = namespace_of(op, &n->host, &host)) < 0 || (r = namespace_of(op, &n->inside, &inside)) < 0)
        return r;
    if ((r = check_different(op, p, host, inside)) < 0)
        return r;
    *ret_inside = take_fd(&inside);
    return 0;
}

int net_configure(struct op *op, struct net *n, const struct plan *p)
{
    auto_close int ns = -1;
    int r;

    if (!(p->flags & PLAN_NETLINK))
        return 0;
    trace_scope(op->trace, "network");
    if ((r = connect_both(op, n, p, &ns)) < 0)
        return r;
    if ((r = net_move_devices(op, n, p, ns)) < 0 || (r = net_make_interfaces(op, n, p, ns)) < 0)
        return r;
    return net_make_routes(op, n, p);
}

/* ---- A process that criu has made -------------------------------------------------------------- */

struct visit { int ns; long result; };

/* In a child that shares our descriptors; its network namespace is its own affair. */
__attribute__((no_sanitize("address", "undefined"), noinline))
static int open_there(void *data)
{
    struct visit *v = data;

    v->result = sys_raw3(SYS_setns, v->ns, CLONE_NEWNET, 0);
    if (v->result >= 0)
        v->result = sys_raw3(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    return 0;
}

static int connect_inside(struct op *op, struct net *n, pid_t pid)
{
    auto_close int ns = open(arena_printf(op->arena, "/proc/%d/ns/net", (int) pid), O_RDONLY | O_CLOEXEC);
    struct visit v = { .ns = ns };
    long child;

    if (ns < 0)
        return op_fail(op, errno, "the container's network namespace");
    child = clone_start(op->arena, CLONE_VFORK | CLONE_FILES, open_there, &v);
    if (child < 0)
        return op_fail(op, (int) -child, "clone3");
    clone_reap(child);
    if (v.result < 0)
        return op_fail(op, (int) -v.result, "netlink socket in the container's network namespace");
    netlink_adopt(&n->inside, (int) v.result);
    return 0;
}

static int bring_up_loopback(struct op *op, struct net *n)
{
    struct net_link lo;
    int r = net_link_find(&n->inside, "lo", &lo);

    if (r == 0)
        r = net_link_up(&n->inside, lo.index);
    return r < 0 ? op_fail(op, -r, "bringing up lo") : 0;
}

int net_configure_restored(struct op *op, struct net *n, const struct plan *p, pid_t pid)
{
    bool fresh = p->new_ns & CLONE_NEWNET;
    int r;

    if (!fresh && !(p->flags & PLAN_NETLINK))
        return 0;
    if ((r = connect_inside(op, n, pid)) < 0 || (fresh && (r = bring_up_loopback(op, n)) < 0))
        return r;
    return net_configure(op, n, p);
}

/* ---- The way back ----------------------------------------------------------------------------- */

/* Its routes are gone: the kernel has dropped them when it left. */
static void bring_back(struct net *n, const struct net_moved *d, int host)
{
    struct netlink_request q;
    struct net_link link;

    if (net_link_find(&n->inside, d->to, &link) < 0)
        return;
    net_request_move(&q, link.index, host, d->from);
    if (netlink_talk(&n->inside, &q, NULL, NULL) < 0 || net_link_find(&n->host, d->from, &link) < 0)
        return;
    net_link_add_addresses(&n->host, link.index, &d->before);
    if (d->up)
        net_link_up(&n->host, link.index);
}

void net_take_back(struct net *n)
{
    auto_close int host = n->n_moved ? ioctl(n->host.fd, SIOCGSKNS) : -1;
    struct netlink_request q;

    while (n->n_made > 0) {
        net_request_delete(&q, n->made[--n->n_made]);
        netlink_talk(&n->host, &q, NULL, NULL);
    }
    while (n->n_moved > 0 && host >= 0)
        bring_back(n, &n->moved[--n->n_moved], host);
}

void net_close(struct net *n)
{
    fd_close(&n->host.fd);
    fd_close(&n->inside.fd);
}
