#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "systemd/helper.h"
#include "systemd/protocol.h"

/* ---- Calls ---------------------------------------------------------------------------------- */

static bool is_error(const sd_bus_error *e, const char *name)
{
    return e->name && strcmp(e->name, name) == 0;
}

/* The last two by way of a bus: nobody, or nobody any more. */
static bool is_hung_up(const sd_bus_error *e, int r)
{
    return r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE || is_error(e, "org.freedesktop.DBus.Error.NoReply") ||
        is_error(e, "org.freedesktop.DBus.Error.NameHasNoOwner");
}

/* `what`: what has failed. */
static _Noreturn void fail_call(const char *what, const sd_bus_error *e, int r)
{
    if (e->name)
        helper_say("%s: %s (%s)", what, e->message ? e->message : "no words", e->name);
    else
        helper_say("%s: %s", what, strerror(-r));
    exit(is_hung_up(e, r) ? SYSTEMD_HUNG_UP : 1);
}

static sd_bus_message *method(sd_bus *bus, const char *member)
{
    sd_bus_message *m;
    int r = sd_bus_message_new_method_call(bus, &m, SYSTEMD, MANAGER_PATH, MANAGER, member);

    if (r < 0)
        helper_fail("%s: %s", member, strerror(-r));
    return m;
}

/* "257.9-1", "v255": the number. */
static unsigned read_version(sd_bus *bus)
{
    sd_bus_error e = SD_BUS_ERROR_NULL;
    char *text;
    int r = sd_bus_get_property_string(bus, SYSTEMD, MANAGER_PATH, MANAGER, "Version", &e, &text);

    if (r < 0)
        fail_call("asking systemd for its version", &e, r);
    return (unsigned) strtoul(text + strcspn(text, "0123456789"), NULL, 10);
}

/* ---- Jobs ----------------------------------------------------------------------------------- */

/* What systemd has taken on, until it says how that went. */
struct job { const char *path, *unit; char result[64]; };

static int on_job_removed(sd_bus_message *m, void *data, sd_bus_error *e)
{
    const char *path, *unit, *result;
    struct job *job = data;
    uint32_t id;

    if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) >= 0 && job->path && strcmp(path, job->path) == 0)
        snprintf(job->result, sizeof(job->result), "%s", result);
    return 0;
}

/* Before the call that makes the job, or its end might be missed. */
static void watch_jobs(sd_bus *bus, struct job *job)
{
    int r = sd_bus_match_signal(bus, NULL, NULL, MANAGER_PATH, MANAGER, "JobRemoved", on_job_removed, job);

    if (r < 0)
        fail_call("waiting for systemd's jobs", &SD_BUS_ERROR_NULL, r);
}

static void wait_for_job(sd_bus *bus, struct job *job)
{
    while (!*job->result) {
        int r = sd_bus_process(bus, NULL);

        if (r == 0)
            r = sd_bus_wait(bus, UINT64_MAX);
        if (r < 0)
            fail_call("waiting for systemd's job", &SD_BUS_ERROR_NULL, r);
    }
}

static void read_job(sd_bus_message *reply, struct job *job)
{
    int r = sd_bus_message_read(reply, "o", &job->path);

    if (r < 0)
        helper_fail("systemd's answer: %s", strerror(-r));
}

/* What is left of a unit that has failed; without that there is none. */
static void reset_failed(sd_bus *bus, const char *unit)
{
    sd_bus_call_method(bus, SYSTEMD, MANAGER_PATH, MANAGER, "ResetFailedUnit", NULL, NULL, "s", unit);
}

/* ---- Start ---------------------------------------------------------------------------------- */

/* The process comes later than we do. The lock that comes with it stays open until we end. */
static uint32_t wait_for_pid(void)
{
    char text[16], lock[CMSG_SPACE(sizeof(int))];
    struct iovec iov = { text, sizeof(text) - 1 };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = lock, .msg_controllen = sizeof(lock) };
    ssize_t n = recvmsg(STDOUT_FILENO, &m, 0);

    if (n <= 0)
        exit(1);                /* there is none, and nobody listens */
    text[n] = '\0';
    return (uint32_t) strtoul(text, NULL, 10);
}

static int call_start(sd_bus *bus, const struct plan *p, unsigned version, uint32_t pid, sd_bus_error *e, sd_bus_message **ret)
{
    sd_bus_message *m = method(bus, "StartTransientUnit");

    if (sd_bus_message_append(m, "ss", plan_text(p, p->unit), "replace") < 0)
        helper_fail("out of memory");
    properties_append(m, p, 0, version, pid);
    if (sd_bus_message_append(m, "a(sa(sv))", 0) < 0)
        helper_fail("out of memory");
    return sd_bus_call(bus, m, 0, e, ret);
}

/* Whether the process is in it already: the connection was lost when an earlier helper had started the unit. */
static bool is_started(sd_bus *bus, const char *unit, uint32_t pid)
{
    const char *found;
    char *path;
    sd_bus_message *reply;

    return sd_bus_path_encode(MANAGER_PATH "/unit", unit, &path) >= 0 &&
        sd_bus_call_method(bus, SYSTEMD, MANAGER_PATH, MANAGER, "GetUnitByPID", NULL, &reply, "u", pid) >= 0 &&
        sd_bus_message_read(reply, "o", &found) >= 0 && strcmp(found, path) == 0;
}

/* Where systemd has put it is where the plan's files are to be. */
static void check_place(sd_bus *bus, const struct plan *p, const char *unit)
{
    const struct plan_cgroup_dir *dir = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);
    const char *end = strrchr(unit, '.');
    sd_bus_error e = SD_BUS_ERROR_NULL;
    char *path, *found;
    int r = sd_bus_path_encode(MANAGER_PATH "/unit", unit, &path);

    if (r < 0 || p->cgroup_dirs.n == 0)
        return;
    r = sd_bus_get_property_string(bus, SYSTEMD, path, end && strcmp(end, ".slice") == 0 ? SYSTEMD ".Slice" : SYSTEMD ".Scope",
                                   "ControlGroup", &e, &found);
    if (r < 0)
        fail_call("asking systemd for the cgroup of the unit", &e, r);
    if (strcmp(found, plan_word(p, dir->path)) != 0)
        helper_fail("systemd has made it with the cgroup %s, and not %s", *found ? found : "(none)", plan_word(p, dir->path));
}

void unit_start(sd_bus *bus, const struct plan *p, const char *unit)
{
    unsigned version = read_version(bus);
    struct job job = { .unit = unit };
    sd_bus_error e = SD_BUS_ERROR_NULL;
    sd_bus_message *reply;
    uint32_t pid;
    int r;

    watch_jobs(bus, &job);
    pid = wait_for_pid();
    helper_say("starting unit %s", unit);
    r = call_start(bus, p, version, pid, &e, &reply);
    if (r < 0 && is_error(&e, SYSTEMD ".UnitExists")) {
        if (is_started(bus, unit, pid)) {
            check_place(bus, p, unit);
            return;
        }
        reset_failed(bus, unit);
        sd_bus_error_free(&e);
        r = call_start(bus, p, version, pid, &e, &reply);
    }
    if (r < 0)
        fail_call("starting the unit", &e, r);
    read_job(reply, &job);
    helper_say("waiting for systemd's job of unit %s", unit);
    wait_for_job(bus, &job);
    if (strcmp(job.result, "done") != 0)
        helper_fail("it was not started: its job ended with \"%s\" (journalctl may say why)", job.result);
    check_place(bus, p, unit);
}

/* ---- Set, stop, attach --------------------------------------------------------------------------- */

void unit_set(sd_bus *bus, const struct plan *p, const char *unit)
{
    unsigned version = read_version(bus);
    sd_bus_message *m = method(bus, "SetUnitProperties");
    sd_bus_error e = SD_BUS_ERROR_NULL;
    int r = sd_bus_message_append(m, "sb", unit, 1);        /* until the next boot */

    if (r < 0)
        helper_fail("out of memory");
    properties_append(m, p, PLAN_UNIT_LIMIT, version, 0);
    helper_say("setting the properties of unit %s", unit);
    r = sd_bus_call(bus, m, 0, &e, NULL);
    if (r < 0)
        fail_call("setting the properties of the unit", &e, r);
}

/* A scope without processes has gone by itself, unless it has failed. */
void unit_stop(sd_bus *bus, const char *unit)
{
    struct job job = { .unit = unit };
    sd_bus_error e = SD_BUS_ERROR_NULL;
    sd_bus_message *reply;
    int r;

    watch_jobs(bus, &job);
    helper_say("stopping unit %s", unit);
    r = sd_bus_call_method(bus, SYSTEMD, MANAGER_PATH, MANAGER, "StopUnit", &e, &reply, "ss", unit, "replace");
    if (r < 0 && !is_error(&e, SYSTEMD ".NoSuchUnit"))
        fail_call("stopping the unit", &e, r);
    if (r >= 0) {
        read_job(reply, &job);
        wait_for_job(bus, &job);
    }
    reset_failed(bus, unit);
}

/* Where the caller may not move a process himself, from a cgroup that is not below his own manager's, systemd does. */
void unit_attach(sd_bus *bus, const char *unit, const char *below, const char *pid)
{
    sd_bus_error e = SD_BUS_ERROR_NULL;
    int r;

    helper_say("moving process %s into unit %s", pid, unit);
    r = sd_bus_call_method(bus, SYSTEMD, MANAGER_PATH, MANAGER, "AttachProcessesToUnit", &e, NULL, "ssau", unit, below, 1,
                           (uint32_t) strtoul(pid, NULL, 10));
    if (r < 0)
        fail_call("moving the process into the unit", &e, r);
}
