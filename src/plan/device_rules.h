/* device_rules.h - resources.devices brought into the form that cgroups know: a default, and a list of
 * exceptions to it.
 *
 * Rules come in order, later ones override earlier ones. A rule of type "a" sets the default and forgets
 * what was before it; any other one adds to the exceptions, or takes away from them when it says what
 * the default says. That is how the device controller of v1 works (Documentation/admin-guide/
 * cgroup-v1/devices.rst), and v2 programs are made to mean the same. */
#pragma once
#include "plan/make.h"

/* Every number, and every kind of access. */
enum { DEVICE_ANY = -1, DEVICE_RWM = PLAN_DEVICE_READ | PLAN_DEVICE_WRITE | PLAN_DEVICE_MKNOD };

struct device_rules {
    bool allow;                             /* what holds for devices without an exception */
    struct plan_device_rule *exceptions;    /* those with access 0 no longer count */
    size_t n;
};

/* The rules of config.json and, behind them, those for the devices that every container may use. */
void device_rules_read(struct op *op, const struct spec_resources *resources, struct device_rules *ret);
bool device_rules_allow_everything(const struct device_rules *rules);
/* "c 1:3 rwm", as devices.allow and devices.deny take it. */
const char *device_rule_text(struct arena *a, const struct plan_device_rule *rule);

/* For v2, in device_program.c: the default as a rule of type 'a' and the exceptions; and the same as an
 * eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE. */
struct plan_list device_rules_list(struct block *b, const struct device_rules *rules);
struct plan_list device_program(struct block *b, const struct device_rules *rules);
