#include "base/op.h"
#include "base/str.h"
#include "spec/spec.h"

/* JSON in C without a backslash: the preprocessor puts the quotes. */
#define JSON(...) #__VA_ARGS__

static const char process[] = JSON(
    "ociVersion": "1.3.0",
    "process": {
        "terminal": true,
        "user": { "uid": 0, "gid": 0 },
        "args": [ "sh" ],
        "env": [ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm" ],
        "cwd": "/",
        "capabilities": {
            "bounding": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ],
            "effective": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ],
            "permitted": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ]
        },
        "rlimits": [ { "type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024 } ],
        "noNewPrivileges": true
    },
    "root": { "path": "rootfs", "readonly": true },
    "hostname": "proa",);

static const char mounts_before_pts[] = JSON(
    { "destination": "/proc", "type": "proc", "source": "proc" },
    {
        "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
        "options": [ "nosuid", "strictatime", "mode=755", "size=65536k" ]
    },);

static const char pts[] = JSON(
    {
        "destination": "/dev/pts", "type": "devpts", "source": "devpts",
        "options": [ "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" ]
    },);

/* Group 5 is not mapped for an ordinary user. */
static const char rootless_pts[] = JSON(
    {
        "destination": "/dev/pts", "type": "devpts", "source": "devpts",
        "options": [ "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620" ]
    },);

static const char mounts_after_pts[] = JSON(
    {
        "destination": "/dev/shm", "type": "tmpfs", "source": "shm",
        "options": [ "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" ]
    },
    {
        "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
        "options": [ "nosuid", "noexec", "nodev" ]
    },);

static const char sys[] = JSON(
    {
        "destination": "/sys", "type": "sysfs", "source": "sysfs",
        "options": [ "nosuid", "noexec", "nodev", "ro" ]
    },);

/* The host's network namespace is kept, and a new sysfs belongs to the one who owns that namespace. */
static const char rootless_sys[] = JSON(
    {
        "destination": "/sys", "type": "none", "source": "/sys",
        "options": [ "rbind", "nosuid", "noexec", "nodev", "ro" ]
    },);

static const char cgroup_mount[] = JSON(
    {
        "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
        "options": [ "nosuid", "noexec", "nodev", "relatime", "ro" ]
    });

static const char resources[] = JSON(
    "resources": { "devices": [ { "allow": false, "access": "rwm" } ] },);

static const char paths[] = JSON(
    "maskedPaths": [
        "/proc/acpi",
        "/proc/asound",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/proc/sched_debug",
        "/sys/firmware",
        "/proc/scsi",
        "/sys/devices/virtual/tpm"
    ],
    "readonlyPaths": [ "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" ]);

static void add_mounts(struct str *s, bool rootless)
{
    str_add(s, "\"mounts\": [");
    str_add(s, mounts_before_pts);
    str_add(s, rootless ? rootless_pts : pts);
    str_add(s, mounts_after_pts);
    str_add(s, rootless ? rootless_sys : sys);
    str_add(s, cgroup_mount);
    str_add(s, "],");
}

static void add_namespaces(struct str *s, bool rootless, bool cgroup2)
{
    str_add(s, "\"namespaces\": [");
    str_add(s, rootless ? JSON({ "type": "pid" },) : JSON({ "type": "pid" }, { "type": "network" },));
    str_add(s, JSON({ "type": "ipc" }, { "type": "uts" }, { "type": "mount" }));
    str_add(s, cgroup2 ? JSON(, { "type": "cgroup" }) : "");
    str_add(s, rootless ? JSON(, { "type": "user" }) : "");
    str_add(s, "],");
}

static void add_mapping(struct str *s, const char *name, unsigned id)
{
    str_addf(s, "\"%s\": [{\"containerID\": 0, \"hostID\": %u, \"size\": 1}],", name, id);
}

char *spec_default(struct op *op, bool rootless, bool cgroup2, unsigned uid, unsigned gid)
{
    struct str compact, s;

    str_init(&compact, op->arena);
    str_add(&compact, "{");
    str_add(&compact, process);
    add_mounts(&compact, rootless);
    str_add(&compact, "\"linux\": {");
    if (rootless) {
        add_mapping(&compact, "uidMappings", uid);
        add_mapping(&compact, "gidMappings", gid);
    } else {
        str_add(&compact, resources);
    }
    add_namespaces(&compact, rootless, cgroup2);
    str_add(&compact, paths);
    str_add(&compact, "}}");
    str_init(&s, op->arena);
    str_add_indented(&s, compact.text, "\t");
    return s.text;
}
