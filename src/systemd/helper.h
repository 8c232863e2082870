/* helper.h - the parts of the program that speaks to systemd over D-Bus (sd-bus(3)), on behalf of libproa.
 *
 * It does one thing and ends: nothing is freed. Whatever fails ends it with a line that says so. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include "plan/plan.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER SYSTEMD ".Manager"

/* What is done next, should it take too long; or the last word. */
void helper_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void helper_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* A connection to the manager of the machine or of the user, by whichever way there is. */
sd_bus *bus_open(bool user);

/* The properties of a plan with all of these flags as an argument of type a(sv); those that this systemd is too old for are
 * left out. `pid` takes the place of PLAN_UNIT_PROCESS. */
void properties_append(sd_bus_message *m, const struct plan *p, uint32_t flags, unsigned version, uint32_t pid);

void unit_start(sd_bus *bus, const struct plan *p, const char *unit);
void unit_set(sd_bus *bus, const struct plan *p, const char *unit);
void unit_stop(sd_bus *bus, const char *unit);
void unit_attach(sd_bus *bus, const char *unit, const char *below, const char *pid);
