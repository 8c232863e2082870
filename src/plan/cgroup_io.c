/* cgroup_io.c - block devices. */
#include <inttypes.h>
#include "plan/cgroup.h"

static const char *member_of(struct cgroup *c, const char *list, size_t i)
{
    return arena_printf(c->op->arena, "blockIO/%s/%zu", list, i);
}

/* ---- v1 ------------------------------------------------------------------------------------- */

/* The first is CFQ's, which left with Linux 5.0; the second BFQ's. */
static void write_weight_v1(struct cgroup *c, const char *suffix, const char *member, const char *value)
{
    cgroup_write(c, arena_printf(c->op->arena, "blkio.weight%s", suffix), member, value);
    cgroup_mark_write(c, PLAN_WRITE_ELSE_NEXT);
    cgroup_write(c, arena_printf(c->op->arena, "blkio.bfq.weight%s", suffix), member, value);
}

static void plan_weight_devices_v1(struct cgroup *c, const struct spec_block_io *b)
{
    for (size_t i = 0; i < b->weight_device.n; i++) {
        const struct spec_weight_device *d = &b->weight_device.v[i];
        const char *number = arena_printf(c->op->arena, "%" PRId64 ":%" PRId64, d->major.v, d->minor.v);
        const char *member = member_of(c, "weightDevice", i);

        if (d->weight.v)
            write_weight_v1(c, "_device", member, arena_printf(c->op->arena, "%s %" PRIu64, number, d->weight.v));
        if (d->leaf_weight.v)
            cgroup_writef(c, "blkio.leaf_weight_device", member, "%s %" PRIu64, number, d->leaf_weight.v);
    }
}

static void plan_throttles_v1(struct cgroup *c, const struct spec_throttles *list, const char *file, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        cgroup_writef(c, file, member_of(c, name, i), "%" PRId64 ":%" PRId64 " %" PRIu64, list->v[i].major.v,
                      list->v[i].minor.v, list->v[i].rate.v);
}

void cgroup_v1_plan_io(struct cgroup *c, const struct spec_block_io *b)
{
    if (b->weight.v)
        write_weight_v1(c, "", "blockIO/weight", arena_printf(c->op->arena, "%" PRIu64, b->weight.v));
    if (b->leaf_weight.v)
        cgroup_writef(c, "blkio.leaf_weight", "blockIO/leafWeight", "%" PRIu64, b->leaf_weight.v);
    plan_weight_devices_v1(c, b);
    plan_throttles_v1(c, &b->read_bps, "blkio.throttle.read_bps_device", "throttleReadBpsDevice");
    plan_throttles_v1(c, &b->write_bps, "blkio.throttle.write_bps_device", "throttleWriteBpsDevice");
    plan_throttles_v1(c, &b->read_iops, "blkio.throttle.read_iops_device", "throttleReadIOPSDevice");
    plan_throttles_v1(c, &b->write_iops, "blkio.throttle.write_iops_device", "throttleWriteIOPSDevice");
}

/* ---- v2 ------------------------------------------------------------------------------------- */

/* BFQ takes the specification's numbers; the controller's own weight (blk-iocost) has a range of its own. `device`: "8:0 "
 * or "" for all devices. */
static void write_weight_v2(struct cgroup *c, const char *member, const char *device, uint64_t weight)
{
    cgroup_writef(c, "io.bfq.weight", member, "%s%" PRIu64, device, weight);
    cgroup_mark_write(c, PLAN_WRITE_ELSE_NEXT);
    cgroup_writef(c, "io.weight", member, "%s%" PRIu64, device, cgroup_io_weight(weight));
}

static void plan_weight_devices_v2(struct cgroup *c, const struct spec_block_io *b)
{
    for (size_t i = 0; i < b->weight_device.n; i++) {
        const struct spec_weight_device *d = &b->weight_device.v[i];

        if (d->weight.v)
            write_weight_v2(c, member_of(c, "weightDevice", i),
                            arena_printf(c->op->arena, "%" PRId64 ":%" PRId64 " ", d->major.v, d->minor.v), d->weight.v);
    }
}

/* 0, with which v1 drops a limit, is out of range on v2. */
static void plan_throttles_v2(struct cgroup *c, const struct spec_throttles *list, const char *word, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct spec_throttle *t = &list->v[i];
        const char *rate = t->rate.v ? arena_printf(c->op->arena, "%" PRIu64, t->rate.v) : "max";

        cgroup_writef(c, "io.max", member_of(c, name, i), "%" PRId64 ":%" PRId64 " %s=%s", t->major.v, t->minor.v, word,
                      rate);
    }
}

void cgroup_v2_plan_io(struct cgroup *c, const struct spec_block_io *b)
{
    if (b->weight.v)
        write_weight_v2(c, "blockIO/weight", "", b->weight.v);
    plan_weight_devices_v2(c, b);
    plan_throttles_v2(c, &b->read_bps, "rbps", "throttleReadBpsDevice");
    plan_throttles_v2(c, &b->write_bps, "wbps", "throttleWriteBpsDevice");
    plan_throttles_v2(c, &b->read_iops, "riops", "throttleReadIOPSDevice");
    plan_throttles_v2(c, &b->write_iops, "wiops", "throttleWriteIOPSDevice");
}
