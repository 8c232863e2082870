#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "systemd/helper.h"

/* A way to the manager: a bus that it is on, or its own socket, which needs none. */
struct way { const char *address; bool direct; };

static char *text(const char *fmt, const char *a)
{
    char *s;

    if (asprintf(&s, fmt, a) < 0)
        helper_fail("out of memory");
    return s;
}

static sd_bus *try_way(const struct way *w, int *ret_error)
{
    sd_bus *bus;
    int r = sd_bus_new(&bus);

    if (r >= 0)
        r = sd_bus_set_address(bus, w->address);
    if (r >= 0 && !w->direct)
        r = sd_bus_set_bus_client(bus, 1);
    /* Who has started this program sets the deadline. */
    if (r >= 0)
        r = sd_bus_set_method_call_timeout(bus, UINT64_MAX / 2);
    if (r >= 0)
        r = sd_bus_start(bus);
    if (r >= 0)
        return bus;
    *ret_error = -r;
    return NULL;
}

/* The first that can be connected to; the list ends with NULL. */
static sd_bus *try_ways(const struct way *ways, const char *whose)
{
    sd_bus *bus;
    int err = 0;

    for (const struct way *w = ways; w->address; w++) {
        helper_say("connecting to the %s systemd at %s", whose, w->address);
        if ((bus = try_way(w, &err)))
            return bus;
    }
    helper_fail("cannot connect to the %s systemd over D-Bus (%s%s%s): %s%s", whose, ways[0].address, ways[1].address ? ", then " : "",
         ways[1].address ? ways[1].address : "", strerror(err),
         err == ENOENT ? " (is systemd running here?)" : "");
}

static sd_bus *open_system(void)
{
    static const struct way all[] = {
        { "unix:path=/run/systemd/private", true }, { "unix:path=/run/dbus/system_bus_socket", false }, { NULL, false },
    };
    const char *given = getenv("DBUS_SYSTEM_BUS_ADDRESS");

    if (given && *given)
        return try_ways((const struct way[]) { { given, false }, { NULL, false } }, "system's");
    return try_ways(geteuid() == 0 ? all : all + 1, "system's");
}

static sd_bus *open_user(void)
{
    const char *given = getenv("DBUS_SESSION_BUS_ADDRESS"), *dir = getenv("XDG_RUNTIME_DIR");
    char number[16];

    if (given && *given)
        return try_ways((const struct way[]) { { given, false }, { NULL, false } }, "user's");
    if (!dir || *dir != '/') {
        snprintf(number, sizeof(number), "%u", (unsigned) geteuid());
        dir = text("/run/user/%s", number);
    }
    return try_ways((const struct way[]) {
        { text("unix:path=%s/bus", dir), false }, { text("unix:path=%s/systemd/private", dir), true }, { NULL, false },
    }, "user's");
}

sd_bus *bus_open(bool user)
{
    return user ? open_user() : open_system();
}
