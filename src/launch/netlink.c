#include "launch/netlink.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* The kernel fills no datagram beyond this when it dumps. */
enum { RECEIVE_SIZE = 32768 };

/* ---- Requests ------------------------------------------------------------------------------- */

/* Room for `size` more bytes, zeroed and aligned; NULL when there is none. */
static void *reserve(struct netlink_request *q, size_t size)
{
    size_t used = NLMSG_ALIGN(q->header.nlmsg_len);
    char *at = q->bytes + used;

    if (q->full || size > sizeof(q->bytes) - used) {
        q->full = true;
        return NULL;
    }
    memset(at, 0, size);
    q->header.nlmsg_len = (uint32_t) (used + size);
    return at;
}

void netlink_begin(struct netlink_request *q, uint16_t type, uint16_t flags, const void *body, size_t size)
{
    q->header = (struct nlmsghdr) {
        .nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
    };
    q->full = false;
    memcpy(reserve(q, size), body, size);
}

void netlink_put(struct netlink_request *q, uint16_t type, const void *data, size_t size)
{
    struct rtattr *a = size < NETLINK_REQUEST_SIZE ? reserve(q, RTA_LENGTH(size)) : NULL;

    if (a == NULL) {
        q->full = true;
        return;
    }
    *a = (struct rtattr) { (unsigned short) RTA_LENGTH(size), type };
    if (size)
        memcpy(RTA_DATA(a), data, size);
}

void netlink_put_u32(struct netlink_request *q, uint16_t type, uint32_t value)
{
    netlink_put(q, type, &value, sizeof(value));
}

void netlink_put_text(struct netlink_request *q, uint16_t type, const char *text)
{
    netlink_put(q, type, text, strlen(text) + 1);
}

size_t netlink_nest(struct netlink_request *q, uint16_t type, const void *body, size_t size)
{
    size_t at = NLMSG_ALIGN(q->header.nlmsg_len);

    netlink_put(q, type | NLA_F_NESTED, body, size);
    return at;
}

void netlink_nest_end(struct netlink_request *q, size_t at)
{
    if (!q->full)
        ((struct rtattr *) (q->bytes + at))->rta_len = (unsigned short) (q->header.nlmsg_len - at);
}

/* ---- Answers -------------------------------------------------------------------------------- */

static struct netlink_attrs attrs_from(const struct nlmsghdr *m, size_t offset)
{
    offset = NLMSG_ALIGN(offset);
    if (m->nlmsg_len < offset)
        return (struct netlink_attrs) { NULL, 0 };
    return (struct netlink_attrs) { (const char *) m + offset, m->nlmsg_len - offset };
}

struct netlink_attrs netlink_attrs(const struct nlmsghdr *m, size_t size)
{
    return attrs_from(m, NLMSG_HDRLEN + size);
}

bool netlink_next(struct netlink_attrs *a, struct netlink_attr *ret)
{
    const struct rtattr *attr = (const struct rtattr *) a->at;
    size_t step;

    if (a->left < sizeof(*attr) || attr->rta_len < RTA_LENGTH(0) || attr->rta_len > a->left)
        return false;
    *ret = (struct netlink_attr) { attr->rta_type & NLA_TYPE_MASK, attr->rta_len - RTA_LENGTH(0), RTA_DATA(attr) };
    step = RTA_ALIGN(attr->rta_len) < a->left ? RTA_ALIGN(attr->rta_len) : a->left;
    a->at += step;
    a->left -= step;
    return true;
}

/* ---- The conversation ----------------------------------------------------------------------- */

/* Where the attributes of a verdict begin: behind the number, and for NLMSG_ERROR behind the header of the request. */
static size_t verdict_size(const struct nlmsghdr *m)
{
    return NLMSG_HDRLEN + (m->nlmsg_type == NLMSG_DONE ? sizeof(int) : sizeof(struct nlmsgerr));
}

static void note_reason(struct netlink *n, const struct nlmsghdr *m)
{
    struct netlink_attrs attrs = attrs_from(m, verdict_size(m));
    struct netlink_attr a;

    while (netlink_next(&attrs, &a))
        if (a.type == NLMSGERR_ATTR_MSG) {
            size_t size = strnlen(a.data, a.size);

            size = size < sizeof(n->reason) ? size : sizeof(n->reason) - 1;
            memcpy(n->reason, a.data, size);
            n->reason[size] = '\0';
        }
}

static int read_verdict(struct netlink *n, const struct nlmsghdr *m)
{
    int error;

    if (m->nlmsg_len < NLMSG_HDRLEN + sizeof(error))
        return -EBADMSG;
    memcpy(&error, NLMSG_DATA(m), sizeof(error));
    if (error < 0 && (m->nlmsg_flags & NLM_F_ACK_TLVS))
        note_reason(n, m);
    return error <= 0 ? error : -EBADMSG;
}

static bool is_verdict(const struct nlmsghdr *m)
{
    return m->nlmsg_type == NLMSG_ERROR || m->nlmsg_type == NLMSG_DONE;
}

int netlink_hear(struct netlink *n, const void *datagram, size_t size, netlink_answer *answer, void *data)
{
    const char *at = datagram;

    while (size >= NLMSG_HDRLEN) {
        const struct nlmsghdr *m = (const struct nlmsghdr *) at;
        size_t step;

        if (m->nlmsg_len < NLMSG_HDRLEN || m->nlmsg_len > size)
            return -EBADMSG;
        if (m->nlmsg_seq == n->sequence && (m->nlmsg_flags & NLM_F_DUMP_INTR))
            return -EINTR;
        if (m->nlmsg_seq == n->sequence && is_verdict(m))
            return read_verdict(n, m);
        if (m->nlmsg_seq == n->sequence && answer)
            answer(data, m);
        step = NLMSG_ALIGN(m->nlmsg_len) < size ? NLMSG_ALIGN(m->nlmsg_len) : size;
        at += step;
        size -= step;
    }
    return NETLINK_MORE;
}

/* One datagram of the kernel's. With CAP_NET_ADMIN in the socket's network namespace others can send to it as well. */
static ssize_t receive(int fd, void *buffer, size_t size)
{
    struct sockaddr_nl from = { 0 };
    socklen_t from_size;
    ssize_t n;

    do {
        from_size = sizeof(from);
        n = recvfrom(fd, buffer, size, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *) &from, &from_size);
    } while (n < 0 ? errno == EINTR : from.nl_pid != 0);
    if (n < 0)
        return errno == EAGAIN ? -EPROTO : -errno;
    return (size_t) n > size ? -EMSGSIZE : n;
}

int netlink_talk(struct netlink *n, struct netlink_request *q, netlink_answer *answer, void *data)
{
    union { struct nlmsghdr header; char bytes[RECEIVE_SIZE]; } buffer;
    ssize_t size;
    int r;

    n->reason[0] = '\0';
    if (q->full)
        return -EMSGSIZE;
    q->header.nlmsg_seq = ++n->sequence;
    /* To the kernel, but not by its address: then only the sender's capabilities count, not those of the socket's maker. */
    if (send(n->fd, q->bytes, q->header.nlmsg_len, MSG_NOSIGNAL) < 0)
        return -errno;
    do {
        size = receive(n->fd, buffer.bytes, sizeof(buffer.bytes));
        r = size < 0 ? (int) size : netlink_hear(n, buffer.bytes, (size_t) size, answer, data);
    } while (r == NETLINK_MORE);
    return r;
}

/* Words with refusals, no request repeated in them, and dumps of what was asked for only. A kernel that lacks one of
 * these does as it did before. */
void netlink_adopt(struct netlink *n, int fd)
{
    static const int options[] = { NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK };
    const int on = 1;

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        setsockopt(fd, SOL_NETLINK, options[i], &on, sizeof(on));
    *n = (struct netlink) { .fd = fd };
}

int netlink_open(struct netlink *ret)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd < 0)
        return -errno;
    netlink_adopt(ret, fd);
    return 0;
}
