/* rdt.h - Intel RDT: the container's group in the resctrl file system, which gives it shares of cache and memory bandwidth
 * and counts what it uses (the kernel's Documentation/filesystems/resctrl.rst).
 *
 * A group may be there before the container and belong to somebody else: it is used if its schemata are what is asked for,
 * and never removed. What is made is noted in the container's state directory, before it is made, for rdt_remove.
 * Nothing happens for a plan without intelRdt. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>
#include "base/op.h"
#include "host/host.h"
#include "plan/plan.h"

/* Finds or makes the groups, and gives a new one its schemata. `state`: the state directory. */
int rdt_create(struct op *op, const struct plan *p, int state);
/* Moves the process in, and all that it will start. For a further process (PLAN_EXEC) a group that has gone is no error. */
int rdt_move(struct op *op, const struct plan *p, pid_t pid);
/* Removes what rdt_create has made, as far as it got; not a group of closID that somebody else is in by now. */
int rdt_remove(struct op *op, int state);

/* An update of a running container to these schemas, NULL or "": as it is. Whether it can have them … */
int rdt_check_update(struct op *op, const struct plan *p, const struct host_rdt *host, const char *l3, const char *mb);
/* … and giving them. *ret_before: what rdt_write gives it back, NULL for nothing. */
int rdt_update(struct op *op, const struct plan *p, const char *l3, const char *mb, char **ret_before);
int rdt_write(struct op *op, const struct plan *p, const char *schemata);

struct rdt_domain { uint64_t mbm_total, mbm_local, llc_occupancy; };    /* bytes, of one L3 cache */
struct rdt_stats {
    const char *cbm_mask;       /* NULL: no shares of L3 cache here */
    uint64_t min_cbm_bits, l3_closids;
    bool mb;                    /* shares of memory bandwidth: */
    uint64_t bandwidth_gran, delay_linear, min_bandwidth, mb_closids;
    const char *l3_root, *mb_root;          /* lines of the root group's schemata, or NULL */
    const char *l3_schema, *mb_schema;      /* … of the container's */
    const char **schemata;      /* all lines of those */
    size_t n_schemata;
    struct rdt_domain *domains;
    size_t n_domains;
    bool mbm, cmt;              /* the domains' numbers count: of bandwidth; of occupancy */
};
/* All zero for a container without intelRdt. */
int rdt_read_stats(struct op *op, const struct plan *p, struct rdt_stats *ret);
