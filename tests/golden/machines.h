/* machines.h - the machines that golden plans are made for. */
#pragma once
#include "plan/planner.h"

struct machine {
    const char *name;
    struct host host;
    struct plan_request request;
};

#define ALL_CAPS (((uint64_t) 2 << 40) - 1)
#define PRIVILEGED .caps = ALL_CAPS, .last_cap = 40, .cgroup_namespaces = true, .time_namespaces = true, .seccomp_flags = 0x3f
#define REQUEST .id = "ID", .bundle = "/bundle"
#define HIERARCHIES(list) .hierarchies = list, .n_hierarchies = sizeof(list) / sizeof(list[0])

/* Co-mounted controllers, as older distributions have them; the runtime runs in a session. */
static struct host_hierarchy v1_hierarchies[] = {
    { "name=systemd", "/sys/fs/cgroup/systemd", "/user.slice/session-1.scope" },
    { "cpuset", "/sys/fs/cgroup/cpuset", "/" },
    { "cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct", "/user.slice" },
    { "memory", "/sys/fs/cgroup/memory", "/user.slice/session-1.scope" },
    { "devices", "/sys/fs/cgroup/devices", "/user.slice" },
    { "pids", "/sys/fs/cgroup/pids", "/user.slice" },
    { "freezer", "/sys/fs/cgroup/freezer", "/" },
};
static struct host_hierarchy hybrid_hierarchies[] = {
    { "name=systemd", "/sys/fs/cgroup/systemd", "/init.scope" },
    { "memory", "/sys/fs/cgroup/memory", "/" },
    { "cpu", "/sys/fs/cgroup/cpu", "/" },
    { "cpuset", "/sys/fs/cgroup/cpuset", "/" },
    { "devices", "/sys/fs/cgroup/devices", "/" },
    { "pids", "/sys/fs/cgroup/pids", "/" },
    { "", "/sys/fs/cgroup/unified", "/init.scope" },
};
/* Every controller there is, each in a hierarchy of its own but for the network's; memory is somewhere else. */
static struct host_hierarchy full_hierarchies[] = {
    { "cpuset", "/sys/fs/cgroup/cpuset", "/" }, { "cpu", "/sys/fs/cgroup/cpu", "/" },
    { "memory", "/mnt/memory", "/a" }, { "blkio", "/sys/fs/cgroup/blkio", "/" },
    { "devices", "/sys/fs/cgroup/devices", "/" }, { "pids", "/sys/fs/cgroup/pids", "/" },
    { "hugetlb", "/sys/fs/cgroup/hugetlb", "/" }, { "net_cls,net_prio", "/sys/fs/cgroup/net_cls,net_prio", "/" },
    { "rdma", "/sys/fs/cgroup/rdma", "/" }, { "freezer", "/sys/fs/cgroup/freezer", "/" },
    { "name=elogind", "/sys/fs/cgroup/elogind", "/1" },
};
/* The kernel was built without the device controller, and without memory. */
static struct host_hierarchy poor_hierarchies[] = {
    { "cpu", "/sys/fs/cgroup/cpu", "/" },
    { "pids", "/sys/fs/cgroup/pids", "/" },
};
static struct host_hierarchy v2_hierarchies[] = { { "", "/sys/fs/cgroup", "/system.slice/engine.service" } };
static struct host_hierarchy user_hierarchies[] = {
    { "", "/sys/fs/cgroup", "/user.slice/user-1000.slice/user@1000.service/app.slice/shell.scope" },
};

static struct host_id_range joined_uids[] = { { 0, 100000, 1000 }, { 1000, 1000, 1 } };
static struct host_id_range joined_gids[] = { { 0, 200000, 1000 } };

static const struct machine machines[] = {
    { "v1", { PRIVILEGED, .layout = HOST_CGROUP_V1, HIERARCHIES(v1_hierarchies) }, { REQUEST, .rootless = -1 } },
    { "hybrid", { PRIVILEGED, .layout = HOST_CGROUP_HYBRID, HIERARCHIES(hybrid_hierarchies) }, { REQUEST, .rootless = -1 } },
    { "v2", { PRIVILEGED, .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies) }, { REQUEST, .rootless = -1 } },
    { "full", { PRIVILEGED, .layout = HOST_CGROUP_V1, HIERARCHIES(full_hierarchies) }, { REQUEST, .rootless = -1 } },
    { "poor", { PRIVILEGED, .layout = HOST_CGROUP_V1, HIERARCHIES(poor_hierarchies) }, { REQUEST, .rootless = -1 } },
    { "bare", { PRIVILEGED, .layout = HOST_CGROUP_NONE }, { REQUEST, .rootless = -1 } },
    /* A user without privilege. */
    { "user", { .uid = 1000, .gid = 100, .last_cap = 40, .cgroup_namespaces = true, .time_namespaces = true,
                .layout = HOST_CGROUP_V2, HIERARCHIES(user_hierarchies) }, { REQUEST, .rootless = -1 } },
    { "user1", { .uid = 1000, .gid = 100, .last_cap = 40, .cgroup_namespaces = true, .time_namespaces = true,
                 .layout = HOST_CGROUP_V1, HIERARCHIES(v1_hierarchies) }, { REQUEST, .rootless = -1 } },
    /* Root of a user namespace. */
    { "inside", { PRIVILEGED, .user_namespace = true, .layout = HOST_CGROUP_V2, HIERARCHIES(user_hierarchies) },
      { REQUEST, .rootless = -1 } },
    /* A kernel from before cgroup and time namespaces, that knows fewer capabilities. */
    { "old", { .caps = ALL_CAPS, .last_cap = 37, .layout = HOST_CGROUP_V1, HIERARCHIES(v1_hierarchies) },
      { REQUEST, .rootless = -1 } },
    /* What the command line can ask for. */
    { "create", { PRIVILEGED, .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies) },
      { REQUEST, .wait = true, .no_new_keyring = true, .rootless = -1 } },
    { "nopivot", { PRIVILEGED, .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies) },
      { REQUEST, .no_pivot = true, .rootless = -1 } },
    { "systemd", { PRIVILEGED, .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies) },
      { REQUEST, .systemd_cgroup = true, .rootless = -1 } },
    { "systemd1", { PRIVILEGED, .layout = HOST_CGROUP_V1, HIERARCHIES(v1_hierarchies) },
      { REQUEST, .systemd_cgroup = true, .rootless = -1 } },
    { "systemd-hybrid", { PRIVILEGED, .layout = HOST_CGROUP_HYBRID, HIERARCHIES(hybrid_hierarchies) },
      { REQUEST, .systemd_cgroup = true, .rootless = -1 } },
    /* A user without privilege, and in a user namespace of his; root of a container that has a systemd of its own. */
    { "systemd-user", { .uid = 1000, .gid = 100, .last_cap = 40, .cgroup_namespaces = true, .time_namespaces = true,
                        .layout = HOST_CGROUP_V2, HIERARCHIES(user_hierarchies), .manager_uid = 1000 },
      { REQUEST, .systemd_cgroup = true, .rootless = -1 } },
    { "systemd-namespace", { PRIVILEGED, .user_namespace = true, .layout = HOST_CGROUP_V2, HIERARCHIES(user_hierarchies),
                             .manager_uid = 1000 }, { REQUEST, .systemd_cgroup = true, .rootless = -1 } },
    { "systemd-container", { PRIVILEGED, .user_namespace = true, .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies),
                             .own_systemd = true, .manager_uid = 100000 }, { REQUEST, .systemd_cgroup = true, .rootless = -1 } },
    { "systemd-session", { .uid = 1000, .gid = 100, .last_cap = 40, .cgroup_namespaces = true, .time_namespaces = true,
                           .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies), .manager_uid = 1000 },
      { REQUEST, .systemd_cgroup = true, .rootless = -1 } },
    { "disabled", { PRIVILEGED, .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies) },
      { REQUEST, .no_cgroups = true, .rootless = -1 } },
    { "lenient", { PRIVILEGED, .layout = HOST_CGROUP_V1, HIERARCHIES(v1_hierarchies) }, { REQUEST, .rootless = 1 } },
    /* The user namespace at the configuration's path has these mappings. */
    { "joined", { PRIVILEGED, .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies), .joined_user = true,
                  .joined_uids = { joined_uids, 2 }, .joined_gids = { joined_gids, 1 } }, { REQUEST, .rootless = -1 } },
    { "lsm", { PRIVILEGED, .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies), .apparmor = true, .selinux = true },
      { REQUEST, .rootless = -1 } },
    /* Processors with shares of cache and memory bandwidth, and one that only counts. */
    { "rdt", { PRIVILEGED, .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies),
               .rdt = { .root = "/sys/fs/resctrl", .l3 = true, .mb = true, .monitoring = true } }, { REQUEST, .rootless = -1 } },
    { "rdt-poor", { PRIVILEGED, .layout = HOST_CGROUP_V2, HIERARCHIES(v2_hierarchies), .rdt = { .root = "/sys/fs/resctrl" } },
      { REQUEST, .rootless = -1 } },
    { .name = NULL },
};
