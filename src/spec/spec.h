/* spec.h - config.json as C types: what the file says, no more, no less.
 *
 * One struct per object of runtime-spec 1.3 (config.md, config-linux.md). Optional scalars carry
 * `set`; absent strings and objects are NULL; absent lists have n = 0 (and `set` where absent and
 * empty differ). All memory is the arena's of the operation that decoded it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct op;

#define SPEC_VERSION "1.3.0"            /* the runtime-spec implemented */

typedef struct { bool set, v; } opt_bool;
typedef struct { bool set; int64_t v; } opt_int;
typedef struct { bool set; uint64_t v; } opt_uint;
typedef struct { bool set; int64_t v; } opt_word;       /* a word of a vocabulary, as its kernel value */
typedef struct { bool set; uint64_t v; } opt_mask;      /* words of a vocabulary, as bits 1 << value */
struct spec_strings { bool set; const char **v; size_t n; };
struct spec_pair { const char *key, *value; };
struct spec_pairs { struct spec_pair *v; size_t n; };
#define SPEC_LIST(T) struct { T *v; size_t n; }

struct spec_id_map { opt_uint container_id, host_id, size; };
struct spec_mount {
    const char *destination, *source, *type;
    struct spec_strings options;
    SPEC_LIST(struct spec_id_map) uid_maps, gid_maps;
};
struct spec_root { const char *path; opt_bool readonly; };
struct spec_console_size { opt_uint height, width; };
struct spec_user { opt_uint uid, gid, umask; SPEC_LIST(opt_uint) additional_gids; const char *username; };
struct spec_caps { opt_mask bounding, effective, inheritable, permitted, ambient; };
struct spec_rlimit { opt_word type; opt_uint soft, hard; };
struct spec_scheduler { opt_word policy; opt_int nice, priority; opt_mask flags; opt_uint runtime, deadline, period; };
struct spec_io_priority { opt_word class; opt_int priority; };
struct spec_cpu_affinity { const char *initial, *final; };
struct spec_process {
    opt_bool terminal, no_new_privileges;
    struct spec_console_size *console_size;
    struct spec_user *user;
    struct spec_strings args, env;
    const char *cwd, *apparmor_profile, *selinux_label;
    struct spec_caps *caps;
    SPEC_LIST(struct spec_rlimit) rlimits;
    opt_int oom_score_adj;
    struct spec_scheduler *scheduler;
    struct spec_io_priority *io_priority;
    struct spec_cpu_affinity *cpu_affinity;
};
struct spec_hook { const char *path; struct spec_strings args, env; opt_int timeout; };
struct spec_hook_list { struct spec_hook *v; size_t n; };
struct spec_hooks {
    struct spec_hook_list prestart, create_runtime, create_container, start_container, poststart, poststop;
};
struct spec_namespace { opt_word type; const char *path; };     /* type: CLONE_NEW* */
struct spec_device { const char *path; opt_word type; opt_int major, minor; opt_uint mode, uid, gid; };
struct spec_device_rule { opt_bool allow; opt_word type; const char *access; opt_int major, minor; };
struct spec_memory {
    opt_int limit, reservation, swap, kernel, kernel_tcp;
    opt_int swappiness;
    opt_bool disable_oom_killer, use_hierarchy, check_before_update;
};
struct spec_cpu {
    opt_uint shares, period, burst, rt_period;
    opt_int quota, rt_runtime, idle;
    const char *cpus, *mems;
};
struct spec_pids { opt_int limit; };
struct spec_weight_device { opt_int major, minor; opt_uint weight, leaf_weight; };
struct spec_throttle { opt_int major, minor; opt_uint rate; };
struct spec_throttles { struct spec_throttle *v; size_t n; };
struct spec_block_io {
    opt_uint weight, leaf_weight;
    SPEC_LIST(struct spec_weight_device) weight_device;
    struct spec_throttles read_bps, write_bps, read_iops, write_iops;
};
struct spec_hugepage { const char *page_size; opt_uint limit; };
struct spec_if_priority { const char *name; opt_uint priority; };
struct spec_network { opt_uint class_id; SPEC_LIST(struct spec_if_priority) priorities; };
struct spec_rdma { const char *key; opt_uint handles, objects; };
struct spec_resources {
    SPEC_LIST(struct spec_device_rule) devices;
    struct spec_memory *memory;
    struct spec_cpu *cpu;
    struct spec_pids *pids;
    struct spec_block_io *block_io;
    SPEC_LIST(struct spec_hugepage) hugepages;
    struct spec_network *network;
    SPEC_LIST(struct spec_rdma) rdma;
    struct spec_pairs unified;
};
struct spec_syscall_arg { opt_uint index, value, value_two; opt_word op; };
struct spec_syscall_rule {
    struct spec_strings names;
    opt_word action;
    opt_uint errno_ret;
    SPEC_LIST(struct spec_syscall_arg) args;
};
struct spec_seccomp {
    opt_word default_action;
    opt_uint default_errno_ret;
    struct spec_strings flags, architectures;
    const char *listener_path, *listener_metadata;
    SPEC_LIST(struct spec_syscall_rule) syscalls;
};
struct spec_intel_rdt {
    const char *clos_id, *l3, *mb;
    struct spec_strings schemata;
    opt_bool monitoring;
};
struct spec_personality { opt_word domain; struct spec_strings flags; };
struct spec_time_offset { const char *key; opt_int secs; opt_uint nanosecs; };
struct spec_net_device { const char *key, *name; };
struct spec_memory_policy { const char *mode, *nodes; struct spec_strings flags; };
struct spec_linux {
    SPEC_LIST(struct spec_namespace) namespaces;
    SPEC_LIST(struct spec_id_map) uid_maps, gid_maps;
    SPEC_LIST(struct spec_time_offset) time_offsets;
    SPEC_LIST(struct spec_device) devices;
    SPEC_LIST(struct spec_net_device) net_devices;
    const char *cgroups_path, *mount_label;
    struct spec_resources *resources;
    struct spec_seccomp *seccomp;
    struct spec_pairs sysctl;
    opt_word rootfs_propagation;            /* MS_* of mount(2) */
    struct spec_strings masked_paths, readonly_paths;
    struct spec_intel_rdt *intel_rdt;
    struct spec_personality *personality;
    struct spec_memory_policy *memory_policy;
};
struct spec {
    const char *oci_version, *hostname, *domainname;
    struct spec_root *root;
    struct spec_process *process;
    struct spec_hooks *hooks;
    struct spec_linux *linux_;
    SPEC_LIST(struct spec_mount) mounts;
    struct spec_pairs annotations;
};

/* Decodes and checks config.json: syntax, types, ranges, words, required members, and all rules that
 * need no knowledge of the machine. Independent faults are reported together, each with its JSON
 * pointer and line:column. `name` is how messages call the file. Later faults of the same operation
 * are located in `text` too, so it must live as long. */
int spec_parse(struct op *op, const char *name, const char *text, size_t len, struct spec **ret);
/* Reads config.json (at most 16 MB) in the directory `bundle`, which messages call `bundle_name`, and parses it. */
int spec_load(struct op *op, int bundle, const char *bundle_name, struct spec **ret);

/* The same for a process object that stands alone, as `exec --process` takes it; pointers are those of config.json. */
int spec_parse_process(struct op *op, const char *name, const char *text, size_t len, struct spec_process **ret);
/* … and for a resources object, as `update --resources` takes it. */
int spec_parse_resources(struct op *op, const char *name, const char *text, size_t len, struct spec_resources **ret);

/* `base` with all that `over` gives in its place: member by member, and in lists item by item. */
struct spec_resources spec_resources_merge(struct arena *a, const struct spec_resources *base, const struct spec_resources *over);
/* Whether a member is given. "memory/limit"; what follows the name of a list does not count. */
bool spec_resources_has(const struct spec_resources *r, const char *member);
/* As JSON, but for the devices. */
char *spec_resources_json(struct arena *a, const struct spec_resources *r);

/* "net/ipv4/conf/eth0.100/x" and "net.ipv4.conf.eth0/100.x" are one sysctl: whichever separator comes first is the
 * separator, and the other one stands for a character within a name. Gives the form with `separator`, '.' or '/'. */
char *spec_sysctl_name(struct arena *a, const char *name, char separator);

/* A list of numbers as the kernel writes it, "0-3,7", as a mask: bit i of word i / 64. */
enum { SPEC_CPU_MAX = 8191, SPEC_NODE_MAX = 1023 };             /* the kernel's largest NR_CPUS and MAX_NUMNODES, less 1 */
struct spec_bits { uint64_t *v; size_t n; unsigned count; };    /* n words; count: how many bits are set */
/* NULL, or what is wrong with it. `most` is the largest number allowed. */
const char *spec_parse_bits(struct arena *a, const char *text, unsigned most, struct spec_bits *ret);

/* Whether the ID has an image on the host: every one has without mappings (then none are made). */
bool spec_is_mapped(const struct spec_id_map *maps, size_t n, uint64_t id);

/* The default configuration. `cgroup2`: a cgroup namespace is added, as runc does on a pure v2 host. */
char *spec_default(struct op *op, bool rootless, bool cgroup2, unsigned uid, unsigned gid);
