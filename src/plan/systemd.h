/* systemd.h - the systemd driver's part of a plan: the unit, where its cgroup will be, and all its properties.
 *
 * systemd is told everything that it has a property for, once, when the unit is made. The plan's writes come after
 * that all the same: they have what systemd does not know. Pure. */
#pragma once
#include "plan/device_rules.h"
#include "plan/make.h"
#include "plan/unit.h"

/* Names the unit after linux.cgroupsPath, "slice:prefix:name", and decides on m->unit_cgroup. Call before the directories. */
void systemd_name_unit(struct make *m);
/* The properties; after the writes of the cgroup files, from which most follow. */
void systemd_plan_unit(struct make *m, const struct rows *writes, const struct device_rules *rules);

/* The properties of a saved plan's unit with the limits that follow from other writes. */
struct plan_list systemd_update_unit(struct op *op, struct block *block, const struct plan *saved, const struct rows *writes);

/* The part of them that follows from writes (struct plan_write) of cgroup files. */
void systemd_add_limits(struct unit *u, const struct plan_write *writes, size_t n);
/* That which follows from device rules: exactly these devices, so that systemd takes none away when it sets up the unit again.
 * What systemd has no words for is left to the device program alone. */
void systemd_add_devices(struct unit *u, const struct device_rules *rules);
/* What annotations named org.systemd.property.NAME ask for. */
void systemd_add_annotations(struct unit *u, const struct spec_pairs *annotations);

/* "/a.slice/a-b.slice" of "a-b.slice", "" of "-.slice"; NULL: no name of a slice. */
const char *systemd_slice_path(struct arena *a, const char *slice);
/* systemd counts CPU time in hundredths of a second a second, and rounds up. The microseconds a second that this is. */
uint64_t systemd_quota_per_second(int64_t quota, uint64_t period);
/* The resources with the quota and the period that follow from that, so that the files will say the same. */
const struct spec_resources *systemd_round_resources(struct arena *a, const struct spec_resources *r);
