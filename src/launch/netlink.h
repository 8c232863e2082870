/* netlink.h - the kernel's rtnetlink: one request, its answers, its verdict.
 *
 * A request is built in a buffer of a fixed size. What does not fit is left out and marks the request as full, and such a
 * one is never sent; no attribute can grow beyond the 16 bits that the kernel has for its length (CVE-2021-43784). The
 * kernel answers before send(2) returns, so nothing here waits. What it says is read within its own lengths only, and
 * what anybody else sends to the socket is dropped. */
#pragma once
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Requests ------------------------------------------------------------------------------- */

enum { NETLINK_REQUEST_SIZE = 1024 };

struct netlink_request {
    union { struct nlmsghdr header; char bytes[NETLINK_REQUEST_SIZE]; };    /* header.nlmsg_len of them are filled */
    bool full;
};

/* `body`: the struct that follows the header of this type of message, size at most 64. */
void netlink_begin(struct netlink_request *q, uint16_t type, uint16_t flags, const void *body, size_t size);
void netlink_put(struct netlink_request *q, uint16_t type, const void *data, size_t size);
void netlink_put_u32(struct netlink_request *q, uint16_t type, uint32_t value);
void netlink_put_text(struct netlink_request *q, uint16_t type, const char *text);
/* Attributes put between these two are inside of one; `at` is what the first returned. */
size_t netlink_nest(struct netlink_request *q, uint16_t type, const void *body, size_t size);
void netlink_nest_end(struct netlink_request *q, size_t at);
/* The body of a request, to change it. */
static inline void *netlink_body(struct netlink_request *q)
{
    return q->bytes + NLMSG_HDRLEN;
}

/* ---- Answers -------------------------------------------------------------------------------- */

struct netlink_attr { uint16_t type; size_t size; const void *data; };
/* The attributes of a message, or of another attribute, that are still to be seen. */
struct netlink_attrs { const char *at; size_t left; };

/* Those behind a body of `size` bytes; none when the message is shorter. */
struct netlink_attrs netlink_attrs(const struct nlmsghdr *m, size_t size);
/* false: there is no more, or it is damaged. */
bool netlink_next(struct netlink_attrs *a, struct netlink_attr *ret);

/* ---- The conversation ----------------------------------------------------------------------- */

struct netlink {
    int fd;
    uint32_t sequence;
    char reason[160];           /* of the last refusal, in the kernel's words; or "" */
};
#define NETLINK_NONE { .fd = -1 }

/* A socket in the caller's network namespace. */
int netlink_open(struct netlink *ret);
/* Takes a socket of some other network namespace over. */
void netlink_adopt(struct netlink *n, int fd);
/* Sends the request and hears all answers. `answer` (may be NULL) gets each but the verdict, which is returned: 0 or -errno. */
typedef void netlink_answer(void *data, const struct nlmsghdr *m);
int netlink_talk(struct netlink *n, struct netlink_request *q, netlink_answer *answer, void *data);
/* What a received datagram says: the verdict, or NETLINK_MORE when it is still to come. */
enum { NETLINK_MORE = 1 };
int netlink_hear(struct netlink *n, const void *datagram, size_t size, netlink_answer *answer, void *data);
