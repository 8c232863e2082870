/* cgroup.h - from linux.resources to a list of writes: pure conversions, one list for a creation and for an update. */
#pragma once
#include "base/op.h"
#include "base/str.h"
#include "plan/block.h"
#include "spec/spec.h"

/* Where writes go, and the list so far. */
struct cgroup {
    struct op *op;
    struct block *block;                /* gets the texts */
    const char *const *controllers;     /* of each directory: "cpu,cpuacct"; "" for v2 */
    size_t n_dirs;
    struct rows writes;                 /* struct plan_write */
    const char *missing;                /* the last controller that was missed: one fault each is enough */
};

/* An empty list for the directories of a plan that is saved. */
struct cgroup cgroup_of_plan(struct op *op, struct block *block, const struct plan *p);
/* The directories are one, of v2; else v1's, perhaps with a v2 without controllers beside them. */
bool cgroup_is_v2(const struct cgroup *c);

/* Adds everything in `r` but the devices, in the order in which it is to be written. What is absent in `r` is not
 * written. What cannot be is told with op_fault. */
void cgroup_plan_resources(struct cgroup *c, const struct spec_resources *r);

/* ---- For the files that make up cgroup_plan_resources ----------------------------------------- */

/* Adds a write of `value` to `file`, asked for by /linux/resources/`member`. The directory is that of the
 * controller that the file is named after. */
void cgroup_write(struct cgroup *c, const char *file, const char *member, const char *value);
void cgroup_writef(struct cgroup *c, const char *file, const char *member, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Sets PLAN_WRITE_* of the last write. */
void cgroup_mark_write(struct cgroup *c, uint32_t flags);
/* Whether files of this controller can be written at all. */
bool cgroup_has_controller(const struct cgroup *c, const char *controller);

void cgroup_v1_plan(struct cgroup *c, const struct spec_resources *r);
void cgroup_v1_plan_io(struct cgroup *c, const struct spec_block_io *b);
void cgroup_v2_plan(struct cgroup *c, const struct spec_resources *r);
void cgroup_v2_plan_io(struct cgroup *c, const struct spec_block_io *b);

/* ---- Conversions ------------------------------------------------------------------------------ */

/* What is wrong with this pair of memory.limit and memory.swap (which counts both); NULL: nothing. 0 is "not given". */
const char *cgroup_memory_fault(int64_t limit, int64_t swap);
/* memory.swap of the specification (memory and swap together) as memory.swap.max (swap alone): -1 is
 * "max", 0 with swap > 0 "no swap", 0 with swap = 0 "not given". The pair must be without fault. */
int64_t cgroup_swap_only(int64_t limit, int64_t swap);
/* cpu.shares (2 to 262144, 1024 is usual) as cpu.weight (1 to 10000, 100 is usual). 0 stays 0: "not given". */
uint64_t cgroup_weight(uint64_t shares);
/* blockIO.weight (10 to 1000) as io.weight (1 to 10000). 0 stays 0: "not given". */
uint64_t cgroup_io_weight(uint64_t weight);
