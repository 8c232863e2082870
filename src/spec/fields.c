/* The properties of config.json, one row each: runtime-spec 1.3, config.md and config-linux.md. The
 * sections of other platforms have no rows, so they are ignored like every unknown name. */
#include "spec/field.h"

enum { MAX_MAJOR = 4095, MAX_MINOR = 1048575 };         /* dev_t of the kernel: 12 and 20 bits */
#define MAX_ID (UINT32_MAX - 1)                         /* the last value is -1, "no ID" */

static const struct type type_id_map = TYPE(spec_id_map,
    F_UINT(spec_id_map, container_id, "containerID", REQUIRED, 0, MAX_ID),
    F_UINT(spec_id_map, host_id, "hostID", REQUIRED, 0, MAX_ID),
    F_UINT(spec_id_map, size, "size", REQUIRED, 1, UINT32_MAX));

static const struct type type_mount = TYPE(spec_mount,
    F_STRING(spec_mount, destination, "destination", REQUIRED),
    F_STRING(spec_mount, type, "type", 0),
    F_STRING(spec_mount, source, "source", 0),
    F_STRINGS(spec_mount, options, "options", 0),
    F_LIST(spec_mount, uid_maps, "uidMappings", 0, id_map),
    F_LIST(spec_mount, gid_maps, "gidMappings", 0, id_map));

static const struct type type_root = TYPE(spec_root,
    F_STRING(spec_root, path, "path", REQUIRED),
    F_BOOL(spec_root, readonly, "readonly", 0));

static const struct type type_console_size = TYPE(spec_console_size,
    F_UINT(spec_console_size, height, "height", REQUIRED, 0, UINT16_MAX),
    F_UINT(spec_console_size, width, "width", REQUIRED, 0, UINT16_MAX));

static const struct type type_user = TYPE(spec_user,
    F_UINT(spec_user, uid, "uid", 0, 0, MAX_ID),
    F_UINT(spec_user, gid, "gid", 0, 0, MAX_ID),
    F_UINT(spec_user, umask, "umask", 0, 0, 0777),
    F_UINTS(spec_user, additional_gids, "additionalGids", 0, 0, MAX_ID),
    F_STRING(spec_user, username, "username", 0));

static const struct type type_caps = TYPE(spec_caps,
    F_MASK(spec_caps, bounding, "bounding", TOLERANT, words_capability),
    F_MASK(spec_caps, effective, "effective", TOLERANT, words_capability),
    F_MASK(spec_caps, inheritable, "inheritable", TOLERANT, words_capability),
    F_MASK(spec_caps, permitted, "permitted", TOLERANT, words_capability),
    F_MASK(spec_caps, ambient, "ambient", TOLERANT, words_capability));

static const struct type type_rlimit = TYPE(spec_rlimit,
    F_WORD(spec_rlimit, type, "type", REQUIRED, words_rlimit),
    F_UINT(spec_rlimit, soft, "soft", REQUIRED, 0, UINT64_MAX),
    F_UINT(spec_rlimit, hard, "hard", REQUIRED, 0, UINT64_MAX));

static const struct type type_scheduler = TYPE(spec_scheduler,
    F_WORD(spec_scheduler, policy, "policy", REQUIRED, words_scheduler),
    F_INT(spec_scheduler, nice, "nice", 0, INT32_MIN, INT32_MAX),
    F_INT(spec_scheduler, priority, "priority", 0, INT32_MIN, INT32_MAX),
    F_MASK(spec_scheduler, flags, "flags", 0, words_scheduler_flag),
    F_UINT(spec_scheduler, runtime, "runtime", 0, 0, UINT64_MAX),
    F_UINT(spec_scheduler, deadline, "deadline", 0, 0, UINT64_MAX),
    F_UINT(spec_scheduler, period, "period", 0, 0, UINT64_MAX));

static const struct type type_io_priority = TYPE(spec_io_priority,
    F_WORD(spec_io_priority, class, "class", REQUIRED, words_io_priority),
    F_INT(spec_io_priority, priority, "priority", 0, 0, 7));

static const struct type type_cpu_affinity = TYPE(spec_cpu_affinity,
    F_STRING(spec_cpu_affinity, initial, "initial", 0),
    F_STRING(spec_cpu_affinity, final, "final", 0));

const struct type type_process = TYPE(spec_process,
    F_BOOL(spec_process, terminal, "terminal", 0),
    F_OBJECT(spec_process, console_size, "consoleSize", 0, console_size),
    F_OBJECT(spec_process, user, "user", 0, user),
    F_STRINGS(spec_process, args, "args", 0),
    F_STRINGS(spec_process, env, "env", 0),
    F_STRING(spec_process, cwd, "cwd", 0),
    F_OBJECT(spec_process, caps, "capabilities", 0, caps),
    F_LIST(spec_process, rlimits, "rlimits", 0, rlimit),
    F_BOOL(spec_process, no_new_privileges, "noNewPrivileges", 0),
    F_STRING(spec_process, apparmor_profile, "apparmorProfile", 0),
    F_INT(spec_process, oom_score_adj, "oomScoreAdj", 0, -1000, 1000),
    F_OBJECT(spec_process, scheduler, "scheduler", 0, scheduler),
    F_STRING(spec_process, selinux_label, "selinuxLabel", 0),
    F_OBJECT(spec_process, io_priority, "ioPriority", 0, io_priority),
    F_OBJECT(spec_process, cpu_affinity, "execCPUAffinity", 0, cpu_affinity));

static const struct type type_hook = TYPE(spec_hook,
    F_STRING(spec_hook, path, "path", REQUIRED),
    F_STRINGS(spec_hook, args, "args", 0),
    F_STRINGS(spec_hook, env, "env", 0),
    F_INT(spec_hook, timeout, "timeout", 0, 1, INT32_MAX));

static const struct type type_hooks = TYPE(spec_hooks,
    F_LIST(spec_hooks, prestart, "prestart", 0, hook),
    F_LIST(spec_hooks, create_runtime, "createRuntime", 0, hook),
    F_LIST(spec_hooks, create_container, "createContainer", 0, hook),
    F_LIST(spec_hooks, start_container, "startContainer", 0, hook),
    F_LIST(spec_hooks, poststart, "poststart", 0, hook),
    F_LIST(spec_hooks, poststop, "poststop", 0, hook));

static const struct type type_namespace = TYPE(spec_namespace,
    F_WORD(spec_namespace, type, "type", REQUIRED, words_namespace),
    F_STRING(spec_namespace, path, "path", 0));

static const struct type type_device = TYPE(spec_device,
    F_STRING(spec_device, path, "path", REQUIRED),
    F_WORD(spec_device, type, "type", REQUIRED, words_device_type),
    F_INT(spec_device, major, "major", 0, 0, MAX_MAJOR),
    F_INT(spec_device, minor, "minor", 0, 0, MAX_MINOR),
    F_UINT(spec_device, mode, "fileMode", 0, 0, UINT32_MAX),
    F_UINT(spec_device, uid, "uid", 0, 0, MAX_ID),
    F_UINT(spec_device, gid, "gid", 0, 0, MAX_ID));

static const struct type type_device_rule = TYPE(spec_device_rule,
    F_BOOL(spec_device_rule, allow, "allow", 0),
    F_WORD(spec_device_rule, type, "type", 0, words_device_type),
    F_STRING(spec_device_rule, access, "access", 0),
    F_INT(spec_device_rule, major, "major", 0, -1, UINT32_MAX),
    F_INT(spec_device_rule, minor, "minor", 0, -1, UINT32_MAX));

static const struct type type_memory = TYPE(spec_memory,
    F_INT(spec_memory, limit, "limit", 0, -1, INT64_MAX),
    F_INT(spec_memory, reservation, "reservation", 0, -1, INT64_MAX),
    F_INT(spec_memory, swap, "swap", 0, -1, INT64_MAX),
    F_INT(spec_memory, kernel, "kernel", 0, -1, INT64_MAX),
    F_INT(spec_memory, kernel_tcp, "kernelTCP", 0, -1, INT64_MAX),
    F_INT(spec_memory, swappiness, "swappiness", 0, -1, 100),
    F_BOOL(spec_memory, disable_oom_killer, "disableOOMKiller", 0),
    F_BOOL(spec_memory, use_hierarchy, "useHierarchy", 0),
    F_BOOL(spec_memory, check_before_update, "checkBeforeUpdate", 0));

static const struct type type_cpu = TYPE(spec_cpu,
    F_UINT(spec_cpu, shares, "shares", 0, 0, UINT64_MAX),
    F_INT(spec_cpu, quota, "quota", 0, -1, INT64_MAX),
    F_UINT(spec_cpu, burst, "burst", 0, 0, UINT64_MAX),
    F_UINT(spec_cpu, period, "period", 0, 0, UINT64_MAX),
    F_INT(spec_cpu, rt_runtime, "realtimeRuntime", 0, -1, INT64_MAX),
    F_UINT(spec_cpu, rt_period, "realtimePeriod", 0, 0, UINT64_MAX),
    F_STRING(spec_cpu, cpus, "cpus", 0),
    F_STRING(spec_cpu, mems, "mems", 0),
    F_INT(spec_cpu, idle, "idle", 0, 0, 1));

static const struct type type_pids = TYPE(spec_pids,
    F_INT(spec_pids, limit, "limit", 0, INT64_MIN, INT64_MAX));

static const struct type type_weight_device = TYPE(spec_weight_device,
    F_INT(spec_weight_device, major, "major", REQUIRED | KEY, 0, MAX_MAJOR),
    F_INT(spec_weight_device, minor, "minor", REQUIRED | KEY, 0, MAX_MINOR),
    F_UINT(spec_weight_device, weight, "weight", 0, 0, 1000),
    F_UINT(spec_weight_device, leaf_weight, "leafWeight", 0, 0, 1000));

static const struct type type_throttle = TYPE(spec_throttle,
    F_INT(spec_throttle, major, "major", REQUIRED | KEY, 0, MAX_MAJOR),
    F_INT(spec_throttle, minor, "minor", REQUIRED | KEY, 0, MAX_MINOR),
    F_UINT(spec_throttle, rate, "rate", REQUIRED, 0, UINT64_MAX));

static const struct type type_block_io = TYPE(spec_block_io,
    F_UINT(spec_block_io, weight, "weight", 0, 0, 1000),
    F_UINT(spec_block_io, leaf_weight, "leafWeight", 0, 0, 1000),
    F_LIST(spec_block_io, weight_device, "weightDevice", 0, weight_device),
    F_LIST(spec_block_io, read_bps, "throttleReadBpsDevice", 0, throttle),
    F_LIST(spec_block_io, write_bps, "throttleWriteBpsDevice", 0, throttle),
    F_LIST(spec_block_io, read_iops, "throttleReadIOPSDevice", 0, throttle),
    F_LIST(spec_block_io, write_iops, "throttleWriteIOPSDevice", 0, throttle));

static const struct type type_hugepage = TYPE(spec_hugepage,
    F_STRING(spec_hugepage, page_size, "pageSize", REQUIRED | KEY),
    F_UINT(spec_hugepage, limit, "limit", REQUIRED, 0, UINT64_MAX));

static const struct type type_if_priority = TYPE(spec_if_priority,
    F_STRING(spec_if_priority, name, "name", REQUIRED | KEY),
    F_UINT(spec_if_priority, priority, "priority", REQUIRED, 0, UINT32_MAX));

static const struct type type_network = TYPE(spec_network,
    F_UINT(spec_network, class_id, "classID", 0, 0, UINT32_MAX),
    F_LIST(spec_network, priorities, "priorities", 0, if_priority));

static const struct type type_rdma = TYPE(spec_rdma,
    F_UINT(spec_rdma, handles, "hcaHandles", 0, 0, UINT32_MAX),
    F_UINT(spec_rdma, objects, "hcaObjects", 0, 0, UINT32_MAX));

const struct type type_resources = TYPE(spec_resources,
    F_LIST(spec_resources, devices, "devices", 0, device_rule),
    F_OBJECT(spec_resources, memory, "memory", 0, memory),
    F_OBJECT(spec_resources, cpu, "cpu", 0, cpu),
    F_OBJECT(spec_resources, pids, "pids", 0, pids),
    F_OBJECT(spec_resources, block_io, "blockIO", 0, block_io),
    F_LIST(spec_resources, hugepages, "hugepageLimits", 0, hugepage),
    F_OBJECT(spec_resources, network, "network", 0, network),
    F_MAP(spec_resources, rdma, "rdma", 0, rdma),
    F_PAIRS(spec_resources, unified, "unified", 0));

static const struct type type_syscall_arg = TYPE(spec_syscall_arg,
    F_UINT(spec_syscall_arg, index, "index", REQUIRED, 0, 5),
    F_UINT(spec_syscall_arg, value, "value", REQUIRED, 0, UINT64_MAX),
    F_UINT(spec_syscall_arg, value_two, "valueTwo", 0, 0, UINT64_MAX),
    F_WORD(spec_syscall_arg, op, "op", REQUIRED, words_seccomp_operator));

static const struct type type_syscall_rule = TYPE(spec_syscall_rule,
    F_STRINGS(spec_syscall_rule, names, "names", REQUIRED),
    F_WORD(spec_syscall_rule, action, "action", REQUIRED, words_seccomp_action),
    F_UINT(spec_syscall_rule, errno_ret, "errnoRet", 0, 0, UINT32_MAX),
    F_LIST(spec_syscall_rule, args, "args", 0, syscall_arg));

static const struct type type_seccomp = TYPE(spec_seccomp,
    F_WORD(spec_seccomp, default_action, "defaultAction", 0, words_seccomp_action),
    F_UINT(spec_seccomp, default_errno_ret, "defaultErrnoRet", 0, 0, UINT32_MAX),
    F_STRINGS(spec_seccomp, architectures, "architectures", 0),
    F_STRINGS(spec_seccomp, flags, "flags", 0),
    F_STRING(spec_seccomp, listener_path, "listenerPath", 0),
    F_STRING(spec_seccomp, listener_metadata, "listenerMetadata", 0),
    F_LIST(spec_seccomp, syscalls, "syscalls", 0, syscall_rule));

static const struct type type_intel_rdt = TYPE(spec_intel_rdt,
    F_STRING(spec_intel_rdt, clos_id, "closID", 0),
    F_STRINGS(spec_intel_rdt, schemata, "schemata", 0),
    F_STRING(spec_intel_rdt, l3, "l3CacheSchema", 0),
    F_STRING(spec_intel_rdt, mb, "memBwSchema", 0),
    F_BOOL(spec_intel_rdt, monitoring, "enableMonitoring", 0));

static const struct type type_personality = TYPE(spec_personality,
    F_WORD(spec_personality, domain, "domain", REQUIRED, words_personality),
    F_STRINGS(spec_personality, flags, "flags", 0));

static const struct type type_time_offset = TYPE(spec_time_offset,
    F_INT(spec_time_offset, secs, "secs", 0, INT64_MIN, INT64_MAX),
    F_UINT(spec_time_offset, nanosecs, "nanosecs", 0, 0, 999999999));

static const struct type type_net_device = TYPE(spec_net_device,
    F_STRING(spec_net_device, name, "name", 0));

static const struct type type_memory_policy = TYPE(spec_memory_policy,
    F_STRING(spec_memory_policy, mode, "mode", 0),
    F_STRING(spec_memory_policy, nodes, "nodes", 0),
    F_STRINGS(spec_memory_policy, flags, "flags", 0));

static const struct type type_linux = TYPE(spec_linux,
    F_LIST(spec_linux, uid_maps, "uidMappings", 0, id_map),
    F_LIST(spec_linux, gid_maps, "gidMappings", 0, id_map),
    F_PAIRS(spec_linux, sysctl, "sysctl", 0),
    F_OBJECT(spec_linux, resources, "resources", 0, resources),
    F_STRING(spec_linux, cgroups_path, "cgroupsPath", 0),
    F_LIST(spec_linux, namespaces, "namespaces", 0, namespace),
    F_LIST(spec_linux, devices, "devices", 0, device),
    F_MAP(spec_linux, net_devices, "netDevices", 0, net_device),
    F_OBJECT(spec_linux, seccomp, "seccomp", 0, seccomp),
    F_WORD(spec_linux, rootfs_propagation, "rootfsPropagation", 0, words_propagation),
    F_STRINGS(spec_linux, masked_paths, "maskedPaths", 0),
    F_STRINGS(spec_linux, readonly_paths, "readonlyPaths", 0),
    F_STRING(spec_linux, mount_label, "mountLabel", 0),
    F_OBJECT(spec_linux, intel_rdt, "intelRdt", 0, intel_rdt),
    F_OBJECT(spec_linux, personality, "personality", 0, personality),
    F_OBJECT(spec_linux, memory_policy, "memoryPolicy", 0, memory_policy),
    F_MAP(spec_linux, time_offsets, "timeOffsets", 0, time_offset));

const struct type type_spec = TYPE(spec,
    F_STRING(spec, oci_version, "ociVersion", 0),
    F_OBJECT(spec, process, "process", 0, process),
    F_OBJECT(spec, root, "root", 0, root),
    F_STRING(spec, hostname, "hostname", 0),
    F_STRING(spec, domainname, "domainname", 0),
    F_LIST(spec, mounts, "mounts", 0, mount),
    F_OBJECT(spec, hooks, "hooks", 0, hooks),
    F_PAIRS(spec, annotations, "annotations", 0),
    F_OBJECT(spec, linux_, "linux", 0, linux));
