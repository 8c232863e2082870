/* plan.h - the plan: all that a start will do, decided before anything is done.
 *
 * A plan is one flat block of memory without pointers: every string and list is an offset from the
 * block's start. The planner (plan/) writes it, the launcher (launch/) and the init (init/) read it, explain
 * prints it. Read-only once built, but for `fds`, which the launcher fills in just before it
 * copies the block behind the init's program, into a memfd that is then sealed.
 *
 * This header is the read side and is also compiled freestanding: no libc here. */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef uint32_t plan_ref;                      /* offset from the block's start; 0: absent */
struct plan_list { plan_ref at; uint32_t n; };

/* PLAN_VERSION: one more whenever this file changes the block. An exec reads what another version may have saved. */
enum {
    PLAN_MAGIC = 0x616f7270,                    /* "proa" */
    PLAN_VERSION = 2,
};

/* struct plan.flags: what no value of the plan says by itself. */
enum {
    /* how it goes */
    PLAN_EXEC = 1 << 0,                         /* a further process of a running container: the init's other list of steps */
    PLAN_WAIT = 1 << 1,                         /* stop on the fifo before the user's program */
    PLAN_TRACE = 1 << 2,                        /* report a span per step */
    PLAN_MEET = 1 << 3,                         /* the init says MOUNTED and waits: the launcher has hooks or network devices */
    PLAN_NETLINK = 1 << 4,                      /* the launcher configures the network namespace: it needs a socket from there */
    PLAN_ROOTLESS = 1 << 5,                     /* cgroups that may not be made are done without … */
    PLAN_CGROUP_NEEDED = 1 << 6,                /* … but limits or a cgroupsPath are asked for: not these */

    /* namespaces and the root file system */
    PLAN_PRIVATE_MOUNTS = 1 << 7,               /* has a mount namespace of its own, new or joined: rootfs, mounts, pivot_root */
    PLAN_NET_NOT_HOST = 1 << 8,                 /* net.* sysctls and a joined network namespace: it must not be the host's */
    PLAN_MAPS_BY_HELPER = 1 << 9,               /* newuidmap(1) and newgidmap(1) write the id maps */
    PLAN_DENY_SETGROUPS = 1 << 10,              /* write "deny" before the gid map */
    PLAN_ROOT_READONLY = 1 << 11,
    PLAN_NO_PIVOT = 1 << 12,

    /* the process; a flag named after a value says that the value is wanted */
    PLAN_TERMINAL = 1 << 13,
    PLAN_CONSOLE_SIZE = 1 << 14,
    PLAN_CONSOLE_FITTED = 1 << 15,              /* that size is the caller's terminal's, not the configuration's */
    PLAN_CONSOLE_PLAIN = 1 << 16,               /* \n written to the terminal stays \n: who reads the master has a terminal before it */
    PLAN_HOME_UNSET = 1 << 17,                  /* HOME is to be looked up in the container's /etc/passwd, put into the last envp slot */
    PLAN_SET_GROUPS = 1 << 18,                  /* setgroups(2) is possible and wanted */
    PLAN_CAPS = 1 << 19,
    PLAN_NO_NEW_PRIVS = 1 << 20,
    PLAN_OOM_SCORE = 1 << 21,
    PLAN_SCHEDULER = 1 << 22,
    PLAN_IO_PRIORITY = 1 << 23,
    PLAN_PERSONALITY = 1 << 24,
    PLAN_MEMORY_POLICY = 1 << 25,

    /* cgroups */
    PLAN_USER_MANAGER = 1 << 26,                /* the unit is one of the user's own systemd, not of the machine's */
};

struct plan_pair { plan_ref key, value; };      /* value 0: a flag without a value */

/* ---- Namespaces ----------------------------------------------------------------------------- */

struct plan_id_map { uint32_t inside, outside, count; };
struct plan_join { uint64_t type; plan_ref path; uint32_t pad; };               /* CLONE_NEW*, a namespace file */
struct plan_time_offset { int64_t secs; uint32_t nanosecs; uint32_t clock; };   /* CLOCK_MONOTONIC or CLOCK_BOOTTIME */

/* ---- Files ---------------------------------------------------------------------------------- */

enum plan_mount_kind { PLAN_MOUNT_NEW, PLAN_MOUNT_BIND, PLAN_MOUNT_REMOUNT };
/* struct plan_mount.flags */
enum {
    PLAN_MOUNT_RECURSIVE = 1 << 0,              /* rbind */
    PLAN_MOUNT_EXACT = 1 << 1,                  /* bind: attr_clr drops what was not asked for; where the kernel has it locked, keep it */
    PLAN_MOUNT_RO_LATE = 1 << 2,                /* made read-only after everything below it has been made */
    PLAN_MOUNT_PLAIN_DIR = 1 << 3,              /* proc, sysfs: the target must be a directory, reached over no symlink */
    PLAN_MOUNT_MAY_COVER_PROC = 1 << 4,         /* the target may lie on a procfs (the few files runc allows) */
    PLAN_MOUNT_SOURCE_PROC = 1 << 5,            /* bind over /proc: the source must be the root of a procfs */
    PLAN_MOUNT_AFTER_CGROUP = 1 << 6,           /* only possible once the process is in its cgroup (and cgroup namespace) */
    PLAN_MOUNT_INHERIT_MODE = 1 << 7,           /* tmpfs without mode=: takes mode and owner of the directory it covers */
    PLAN_MOUNT_IS_PROC = 1 << 8,                /* a procfs made for this container: the init uses it for its own writes */
    PLAN_MOUNT_COPY_UP = 1 << 9,                /* tmpfs: begins with a copy of what it covers */
    PLAN_MOUNT_IDMAP = 1 << 10,                 /* bind: the launcher opens it, with the id mappings of the mount */
    PLAN_MOUNT_IDMAP_TREE = 1 << 11,            /* … on the mounts below it, too */
};
struct plan_mount {
    uint32_t kind, flags;
    uint32_t index;                             /* in config.json's mounts; several plan mounts may share one */
    plan_ref target;                            /* absolute and clean, inside the container */
    plan_ref source;                            /* bind: absolute host path; new: the source string, or 0 */
    plan_ref fstype;                            /* new: as fsopen(2) takes it; remount: 0 when only flags change */
    plan_ref fallback;                          /* new: bind this host path instead when the kernel answers EPERM or EBUSY; 0: fail */
    plan_ref label;                             /* new: SELinux label of its root directory, or 0 */
    uint32_t late_fd;                           /* the init's own note: the mount, kept open for PLAN_MOUNT_RO_LATE */
    struct plan_list data;                      /* plan_pair: fsconfig(2) strings and flags */
    struct plan_list uid_map, gid_map;          /* plan_id_map: PLAN_MOUNT_IDMAP; empty: those of the container */
    uint64_t attr_set, attr_clr;                /* MOUNT_ATTR_* of this mount */
    uint64_t rec_set, rec_clr;                  /* MOUNT_ATTR_* of the whole tree, AT_RECURSIVE */
    uint64_t must_clr;                          /* the part of attr_clr that was asked for by name: if locked, fail */
    struct plan_list propagation;               /* uint32_t: MS_SHARED … (| MS_REC), applied in order */
};

/* A device node. `index` in linux.devices, or UINT32_MAX for one of the default nodes. */
enum { PLAN_NODE_BIND = 1 };                    /* user namespace: bind the host's node of the same path instead of mknod */
struct plan_node {
    plan_ref path;
    uint32_t mode;                              /* S_IFCHR/S_IFBLK/S_IFIFO and permissions */
    uint32_t major, minor, uid, gid, index, flags;
};
struct plan_link { plan_ref path, text; };      /* symlink; an existing non-directory is replaced */

/* ---- The process ---------------------------------------------------------------------------- */

struct plan_rlimit { uint32_t resource, index; uint64_t soft, hard; };          /* index in process.rlimits */
enum { PLAN_BOUNDING, PLAN_EFFECTIVE, PLAN_PERMITTED, PLAN_INHERITABLE, PLAN_AMBIENT, PLAN_CAP_SETS };
/* sched_setattr(2) */
struct plan_scheduler { uint32_t policy; int32_t nice; uint32_t priority, pad; uint64_t flags, runtime, deadline, period; };
/* set_mempolicy(2) */
struct plan_memory_policy { uint32_t mode, flags; struct plan_list nodes; };    /* uint64_t: bits of the node mask */

/* ---- Hooks ---------------------------------------------------------------------------------- */

/* A program of config.json's `hooks`; the kinds in the order of a container's life. */
enum plan_hook_kind {
    PLAN_PRESTART, PLAN_CREATE_RUNTIME, PLAN_CREATE_CONTAINER, PLAN_START_CONTAINER, PLAN_POSTSTART, PLAN_POSTSTOP, PLAN_HOOK_KINDS
};
extern const char *const plan_hook_names[PLAN_HOOK_KINDS];     /* as config.json calls them; not for the init */
enum { PLAN_HOOK_OWN_ENV = 1 };                 /* `envp` counts, though it may be empty */
struct plan_hook {
    plan_ref path;
    struct plan_list argv, envp;                /* uint64_t, like those of struct plan */
    uint32_t flags;
    int32_t timeout;                            /* seconds; 0: none */
    uint32_t pad;
};

/* ---- Network -------------------------------------------------------------------------------- */

/* What an embedder of the library asks for beside config.json's netDevices. `prefix`: bits of the network. */
struct plan_address { uint8_t bytes[16]; uint16_t family, prefix; };            /* AF_INET, AF_INET6; 0: no address */
enum plan_interface_kind { PLAN_LOOPBACK, PLAN_VETH };
enum { PLAN_INTERFACE_MAC = 1, PLAN_INTERFACE_HAIRPIN = 2 };                    /* `mac` is given; see brport's hairpin_mode */
struct plan_interface {
    uint32_t kind, flags;
    plan_ref name;                              /* in the container */
    plan_ref host_name, bridge;                 /* veth: the end that stays on the host; a bridge there that gets it, or 0 */
    uint32_t mtu, tx_queue;                     /* of both ends; 0: the kernel's */
    uint8_t mac[6], pad[2];
    struct plan_list addresses;                 /* plan_address */
};
struct plan_route {
    plan_ref interface;                         /* in the container; 0: the one that reaches the gateway */
    struct plan_address to, gateway, source;
};

/* ---- Cgroups -------------------------------------------------------------------------------- */

enum {
    PLAN_CGROUP_CPUSET = 1,                     /* v1: empty cpuset.cpus/mems on the way down are copied from the parent */
    PLAN_CGROUP_V2 = 2,
    PLAN_CGROUP_NAMED = 4,                      /* v1 hierarchy without controllers (name=systemd) */
};
struct plan_cgroup_dir {
    plan_ref mount;                             /* where the hierarchy is mounted: "/sys/fs/cgroup/memory" */
    plan_ref path;                              /* below it, starting with "/" */
    plan_ref controllers;                       /* "cpu,cpuacct", "name=systemd", "" for v2 */
    uint32_t flags;
};
/* struct plan_write.flags */
enum {
    PLAN_WRITE_OPTIONAL = 1,                    /* a missing file is not an error */
    PLAN_WRITE_ELSE_NEXT = 2,                   /* the next write is for when this file is missing, and only for then */
    PLAN_WRITE_ABOVE_USAGE = 4,                 /* memory limits: refused when the container uses that much already */
};
struct plan_write {
    uint32_t dir;                               /* index in cgroup_dirs */
    uint32_t flags;
    plan_ref file, value;
    plan_ref pointer;                           /* of the member of config.json that asked for it */
    uint32_t pad;
};

/* What the device program of the v2 directory amounts to, for readers; the first rule is the default ('a'). */
enum { PLAN_DEVICE_MKNOD = 1, PLAN_DEVICE_READ = 2, PLAN_DEVICE_WRITE = 4 };     /* BPF_DEVCG_ACC_* */
struct plan_device_rule { uint32_t allow, type, access, pad; int64_t major, minor; };   /* 'a' 'b' 'c'; -1: any number */

/* ---- Intel RDT ------------------------------------------------------------------------------ */

enum {
    PLAN_RDT_FOUND = 1,                         /* somebody else must have made the group */
    PLAN_RDT_SHARED = 2,                        /* it has a name that other containers may give, too */
};
struct plan_rdt {
    plan_ref root;                              /* where resctrl is mounted; 0: nothing of this is asked for */
    plan_ref group, monitor;                    /* below it, starting with "/"; monitor, 0: none */
    plan_ref schemata;                          /* lines for the file of that name; 0: the group's are good */
    uint32_t flags, pad;
};

/* ---- systemd -------------------------------------------------------------------------------- */

/* struct plan_unit_property.flags */
enum {
    PLAN_UNIT_LIMIT = 1,                        /* follows from linux.resources: an update gives it to the unit anew */
    PLAN_UNIT_PROCESS = 2,                      /* its value, [0], is to be the container's first process */
};
/* A property of the unit. Its value is words in the order of the signature (D-Bus specification, "Type System"): of a number
 * its bits, of a text the offset, the number of elements in front of those of an array, the signature of a variant's value in
 * front of that value. */
struct plan_unit_property {
    plan_ref name, signature;
    struct plan_list value;                     /* uint64_t */
    uint32_t flags;
    uint32_t since;                             /* not for a systemd older than this version; 0: for all */
    plan_ref pointer;                           /* of the member of config.json that asked for it, or 0 */
    uint32_t pad;
};

/* ---- The whole ------------------------------------------------------------------------------ */

/* What the launcher adds: descriptor numbers in the init. -1: not given. */
struct plan_fds {
    int32_t socket;                             /* SOCK_SEQPACKET to the launcher (init/protocol.h) */
    int32_t fifo;                               /* O_PATH of exec.fifo */
    int32_t first_closed;                       /* descriptors from here on do not reach the user's program */
    int32_t target;                             /* exec: pidfd of the container's init */
    int32_t root;                               /* exec: the root of a container that has no mount namespace of its own */
};

struct plan {
    uint32_t magic, version, size;              /* size of the whole block */
    uint32_t flags;
    uint32_t made_size;                         /* of the block when the plan was made: behind that lies what an update says now */
    plan_ref id, bundle;
    struct plan_list annotations;               /* plan_pair */

    /* namespaces */
    uint64_t new_ns;                            /* CLONE_NEW* of namespaces to make */
    uint64_t enter_ns;                          /* exec: CLONE_NEW* of the namespaces of `fds.target` to join */
    struct plan_list joins;                     /* plan_join, in the order of config.json */
    struct plan_list time_offsets;              /* plan_time_offset */
    struct plan_list uid_map, gid_map;          /* plan_id_map */

    /* files, and what else the kernel shows */
    plan_ref rootfs;                            /* absolute host path */
    uint32_t propagation;                       /* MS_* set on "/" of the new mount namespace first */
    uint32_t root_propagation;                  /* MS_SHARED/MS_UNBINDABLE (| MS_REC) set on the container's "/" last, or 0 */
    struct plan_list mounts;                    /* plan_mount */
    struct plan_list nodes;                     /* plan_node */
    struct plan_list links;                     /* plan_link: made after mounts and nodes */
    struct plan_list masks, readonly;           /* plan_ref: absolute paths inside the container */
    struct plan_list sysctls;                   /* plan_pair: path below /proc/sys, value */
    plan_ref hostname, domainname;

    /* the program */
    struct plan_list argv, envp;                /* uint64_t: offsets, turned into addresses by the init in place; the
                                                   list's n+1st is 0; with PLAN_HOME_UNSET so is envp's last */
    plan_ref path;                              /* PATH of process.env, for finding argv[0]; 0: runc's default list */
    plan_ref cwd;
    uint32_t console_rows, console_columns;

    /* its rights */
    uint32_t uid, gid, umask;
    struct plan_list groups;                    /* uint32_t */
    uint64_t caps[PLAN_CAP_SETS];
    plan_ref keyring;                           /* session keyring to join; 0: the caller's stays */
    plan_ref apparmor, selinux;                 /* profile and label for execve to give it */

    /* its share of the machine */
    struct plan_list rlimits;                   /* plan_rlimit */
    int32_t oom_score_adj;
    uint32_t io_priority;                       /* as ioprio_set(2) takes it */
    uint64_t personality;
    struct plan_scheduler scheduler;
    struct plan_memory_policy memory_policy;
    struct plan_list cpus_initial, cpus_final;  /* uint64_t: bits of a CPU mask, for exec; saved at create */

    /* its seccomp filter */
    struct plan_list seccomp;                   /* struct sock_filter, 8 bytes each */
    uint32_t seccomp_flags;                     /* SECCOMP_FILTER_FLAG_*; NEW_LISTENER: notifications go to … */
    plan_ref seccomp_listener, seccomp_metadata;    /* … the agent at this socket, with these words or 0 */
    uint32_t seccomp_default, seccomp_rules;    /* for readers: SECCOMP_RET_*, and how many rules say otherwise */
    struct plan_list seccomp_arches;            /* for readers: uint32_t, values of words_seccomp_arch */

    /* hooks */
    struct plan_list hooks[PLAN_HOOK_KINDS];    /* plan_hook */
    plan_ref state_head, state_tail;            /* the state as JSON, for hooks and a seccomp agent: head, status, `","pid":`,
                                                   number, tail; or, of a stopped container, head, status, `"`, tail */
    /* network */
    struct plan_list net_devices;               /* plan_pair: name on the host, name in the container */
    struct plan_list interfaces, routes;        /* plan_interface, plan_route */

    /* cgroups */
    struct plan_list cgroup_dirs;               /* plan_cgroup_dir */
    struct plan_list cgroup_writes;             /* plan_write, in order */
    plan_ref resources;                         /* linux.resources but for the devices, as JSON: what an update starts from */
    uint32_t cgroup_owner;                      /* host uid to which the v2 directory is delegated; UINT32_MAX: to nobody */
    struct plan_list device_program;            /* uint64_t: eBPF instructions for the v2 directory */
    struct plan_list device_rules;              /* for readers: plan_device_rule, v2 only */

    /* systemd */
    plan_ref unit;                              /* scope or slice that it makes first, with the cgroup; 0: none */
    struct plan_list unit_properties;           /* plan_unit_property */

    struct plan_rdt rdt;

    struct plan_fds fds;
};

static inline const void *plan_at(const struct plan *p, plan_ref ref)
{
    return (const char *) p + ref;
}

/* NULL when absent. */
static inline const char *plan_text(const struct plan *p, plan_ref ref)
{
    return ref ? (const char *) p + ref : NULL;
}

/* For texts that are always there: "" when absent. */
static inline const char *plan_word(const struct plan *p, plan_ref ref)
{
    return ref ? (const char *) p + ref : "";
}

/* The elements of a list: `const struct plan_mount *m = PLAN_ITEMS(p, mounts, struct plan_mount)` */
#define PLAN_ITEMS(p, list, type) ((const type *) plan_at(p, (p)->list.at))

/* Whether every offset and list lies inside the block and every string ends there: what the init
 * asks once before it believes anything. 1: yes, 0: no. Freestanding. */
int plan_check(const struct plan *p, size_t size);
