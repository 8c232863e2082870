# What is refused before anything is made, row by row: a change of config.json, and the words of the refusal. Each row runs
# in a bundle of its own making; nothing may remain of it.
load ../lib/helpers

# refuse_each: rows of "jq filter => text" on standard input.
refuse_each() {
    local row filter text pristine=$BASE/pristine.json
    cp "$BUNDLE/config.json" "$pristine"
    while IFS= read -r row; do
        filter=${row%% => *}
        text=${row#* => }
        jq "$filter" "$pristine" >"$BUNDLE/config.json"
        # Into files: a container that is created after all would keep a pipe open.
        if create; then
            proa delete --force "$ID"
            complain "accepted: $filter"
        fi
        stderr=$(<"$BASE/err")
        contains "$(plain "$stderr")" "$text" || complain "row: $filter"
        [[ $stderr != *$'\n'* ]] || complain "$filter: more than one line: $stderr"
        [ ! -e "$STATE/$ID" ] || complain "$filter: state is left"
    done
}

@test "refused: the top level and the process" {
    only_proa "runc 1.1.5 words some of it otherwise"
    refuse_each <<'ROWS'
del(.root) => root must be specified
.root = null => root must be specified
del(.process) => process property must not be empty
.process.cwd = "" => Cwd property must not be empty
del(.process.cwd) => Cwd property must not be empty
.process.cwd = "tmp" => Cwd must be an absolute path
.process.args = [] => args must not be empty
del(.process.args) => args must not be empty
.process.env = ["A"] => invalid environment variable: missing '='
.process.env = ["=x"] => invalid environment variable: name cannot be empty
.process.env = ["A=\u0000"] => NUL character in a string
.process.user.uid = 4294967295 => /process/user/uid
.process.user.uid = -1 => /process/user/uid
.process.user.uid = 4294967296 => /process/user/uid
.process.user.additionalGids = [4294967295] => /process/user/additionalGids/0
.process.user.umask = 512 => /process/user/umask
.process.rlimits = [{type: "RLIMIT_X", soft: 1, hard: 1}] => /process/rlimits/0/type
.process.rlimits = [{type: "RLIMIT_CORE", soft: 2, hard: 1}] => /process/rlimits/0/soft
.process.oomScoreAdj = 1001 => /process/oomScoreAdj
.process.terminal = true => cannot allocate tty if runc will detach without setting console socket
.hostname = ("h" * 65) => /hostname
ROWS
}

@test "refused: priorities" {
    only_proa "runc 1.1.5 does not know them"
    refuse_each <<'ROWS'
.process.scheduler = {} => /process/scheduler/policy
.process.scheduler = {policy: "SCHED_X"} => /process/scheduler/policy
.process.scheduler = {policy: "SCHED_OTHER", nice: 20} => /process/scheduler/nice
.process.scheduler = {policy: "SCHED_BATCH", nice: -21} => /process/scheduler/nice
.process.scheduler = {policy: "SCHED_OTHER", priority: 1} => /process/scheduler/priority
.process.scheduler = {policy: "SCHED_FIFO", priority: 1, runtime: 1} => scheduler runtime/deadline/period can only be specified for SchedDeadline policy
.process.scheduler = {policy: "SCHED_OTHER", deadline: 1} => scheduler runtime/deadline/period can only be specified for SchedDeadline policy
.process.scheduler = {policy: "SCHED_RR", priority: 1, period: 1} => scheduler runtime/deadline/period can only be specified for SchedDeadline policy
.process.scheduler = {policy: "SCHED_OTHER", flags: ["SCHED_FLAG_X"]} => /process/scheduler/flags/0
.process.ioPriority = {class: "IOPRIO_CLASS_X", priority: 1} => /process/ioPriority/class
.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8} => /process/ioPriority/priority
.process.execCPUAffinity = {initial: "0-"} => /process/execCPUAffinity/initial
.process.execCPUAffinity = {final: "x"} => /process/execCPUAffinity/final
.linux.personality = {domain: "LINUX64"} => /linux/personality/domain
.linux.memoryPolicy = {mode: "MPOL_X"} => invalid memory policy mode "MPOL_X"
.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_X"]} => invalid memory policy flag "MPOL_F_X"
.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0-x"} => invalid memory policy nodes "0-x"
.linux.memoryPolicy = {mode: "MPOL_DEFAULT", nodes: "0"} => memory policy mode requires 0 nodes but got 1
.linux.memoryPolicy = {mode: "MPOL_LOCAL", nodes: "0,1"} => memory policy mode requires 0 nodes but got 2
.linux.memoryPolicy = {mode: "MPOL_BIND"} => requires at least one node but got 0
.linux.memoryPolicy = {mode: "MPOL_INTERLEAVE"} => requires at least one node but got 0
.linux.memoryPolicy = {mode: "MPOL_PREFERRED_MANY"} => requires at least one node but got 0
.linux.memoryPolicy = {mode: "MPOL_WEIGHTED_INTERLEAVE"} => requires at least one node but got 0
ROWS
}

@test "refused: namespaces and their ids" {
    only_proa "runc 1.1.5 words some of it otherwise"
    refuse_each <<'ROWS'
.linux.namespaces |= map(select(.type != "uts")) | .hostname = "h" => unable to set hostname without a private UTS namespace
.linux.namespaces |= map(select(.type != "uts")) | del(.hostname) | .domainname = "d" => unable to set domainname without a private UTS namespace
.linux.namespaces |= map(select(.type != "mount")) => unable to restrict sys entries without a private MNT namespace
.linux.namespaces += [{type: "pid"}] => malformed spec file: duplicated ns
.linux.namespaces += [{type: "planet"}] => /linux/namespaces/
.linux.namespaces += [{type: "user"}] => user namespaces enabled, but no namespace path to join nor mappings to apply specified
.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] => user namespace mappings specified, but user namespace isn't enabled in the config
.linux.gidMappings = [{containerID: 0, hostID: 0, size: 1}] => user namespace mappings specified, but user namespace isn't enabled in the config
.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}] | .linux.gidMappings = .linux.uidMappings | .process.user.uid = 5 => user namespaces enabled, but no mapping found for uid 5
.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}] | .linux.gidMappings = .linux.uidMappings | .process.user.gid = 6 => user namespaces enabled, but no mapping found for gid 6
.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 1, hostID: 1000, size: 1}] | .linux.gidMappings = .linux.uidMappings | .process.user = {uid: 1, gid: 1} => no mapping found for uid 0
.linux.timeOffsets = {monotonic: {secs: 1}} => time namespace offsets specified, but time namespace isn't enabled in the config
.linux.namespaces += [{type: "time", path: "/proc/self/ns/time"}] | .linux.timeOffsets = {monotonic: {secs: 1}} => time namespace enabled, but both namespace path and time offsets specified -- you may only provide one
.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {realtime: {secs: 1}} => /linux/timeOffsets/realtime
ROWS
}

@test "refused: sysctls that are not the container's own" {
    only_proa "runc 1.1.5 words some of it otherwise"
    refuse_each <<'ROWS'
.linux.namespaces |= map(select(.type != "ipc")) | .linux.sysctl = {"kernel.msgmax": "1"} => sysctl "kernel.msgmax" is not allowed in the hosts ipc namespace
.linux.namespaces |= map(select(.type != "ipc")) | .linux.sysctl = {"fs.mqueue.msg_max": "1"} => sysctl "fs.mqueue.msg_max" is not allowed in the hosts ipc namespace
.linux.namespaces |= map(select(.type != "network")) | .linux.sysctl = {"net.ipv4.ip_forward": "1"} => sysctl "net.ipv4.ip_forward" not allowed in host network namespace
.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end) | .linux.sysctl = {"net.ipv4.ip_forward": "1"} => sysctl "net.ipv4.ip_forward" not allowed in host network namespace
.linux.sysctl = {"kernel.hostname": "h"} => sysctl "kernel.hostname" is not allowed as it conflicts with the OCI "hostname" field
.linux.sysctl = {"user.max_user_namespaces": "1"} => setting ucounts without a user namespace not allowed: user.max_user_namespaces
.linux.sysctl = {"kernel.core_pattern": "|/x"} => sysctl "kernel.core_pattern" is not in a separate kernel namespace
.linux.sysctl = {"kernel/core_pattern": "|/x"} => is not in a separate kernel namespace
.linux.sysctl = {"net.x+kernel.y": "1"} => sysctl
.linux.sysctl = {"net/../kernel/core_pattern": "|/x"} => /linux/sysctl
ROWS
}

@test "refused: mounts" {
    only_proa "runc 1.1.5 does not know all of them"
    refuse_each <<'ROWS'
.mounts += [{destination: "/", type: "bind", source: "/tmp", options: ["bind"]}] => must not be the root directory
.mounts += [{destination: "", type: "tmpfs"}] => /destination
.mounts += [{destination: "/a", source: "/tmp", options: ["bind", "size=1"]}] => bind mounts cannot have any filesystem-specific options applied
.mounts += [{destination: "/a"}] => type is required
.mounts += [{destination: "/a", type: "tmpfs", options: ["idmap"]}] => id-mapped mounts are only supported for bind-mounts
.mounts += [{destination: "/a", source: "/tmp", options: ["bind"], uidMappings: [{containerID: 0, hostID: 1, size: 1}]}] => must have both uid and gid mappings specified
.mounts += [{destination: "/a", source: "/tmp", options: ["bind"], gidMappings: [{containerID: 0, hostID: 1, size: 1}]}] => must have both uid and gid mappings specified
.mounts += [{destination: "/proc/self", source: "/tmp", options: ["bind"]}] => "/proc/self" cannot be mounted because it is inside /proc
.mounts += [{destination: "/sys/../proc/self/attr", source: "/tmp", options: ["bind"]}] => "/proc/self/attr" cannot be mounted because it is inside /proc
.mounts += [{destination: "/proc", type: "tmpfs", source: "tmpfs"}] => cannot be mounted because it is not of type proc
.mounts += [{destination: "/proc", type: "bind", source: "/tmp", options: ["bind"]}] => cannot be mounted because it is inside /proc
.linux.rootfsPropagation = "sideways" => /linux/rootfsPropagation
ROWS
}

@test "refused: security labels where the kernel has no such module" {
    only_proa "runc 1.1.5 words some of it otherwise"
    [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ] ||
        skip 'AppArmor is on here'
    refuse_each <<'ROWS'
.process.apparmorProfile = "p" => apparmor: config provided but apparmor not supported
ROWS
    [ ! -e /sys/fs/selinux/enforce ] || skip 'SELinux is on here'
    refuse_each <<'ROWS'
.process.selinuxLabel = "a:b:c:d" => selinux label is specified in config, but selinux is disabled or not supported
.linux.mountLabel = "a:b:c:d" => selinux label is specified in config, but selinux is disabled or not supported
ROWS
}

@test "refused: devices" {
    only_proa "runc 1.1.5 words it otherwise"
    refuse_each <<'ROWS'
.linux.devices = [{path: "/dev/x", type: "a"}] => /linux/devices/0/type
.linux.devices = [{path: "/dev/x", type: "c"}] => major and minor are required
.linux.devices = [{path: "/dev/x", type: "z", major: 1, minor: 1}] => /linux/devices/0/type
.linux.devices = [{type: "c", major: 1, minor: 1}] => /linux/devices/0/path
.linux.resources.devices = [{allow: true, type: "c", access: ""}] => /linux/resources/devices/0/access
.linux.resources.devices = [{allow: true, type: "c", access: "rx"}] => /linux/resources/devices/0/access
.linux.resources.devices = [{allow: true, type: "p", access: "r"}] => /linux/resources/devices/0/type
ROWS
}

@test "refused: network devices" {
    only_proa "runc 1.1.5 does not know them"
    refuse_each <<'ROWS'
.linux.namespaces |= map(select(.type != "network")) | .linux.netDevices = {eth0: {}} => unable to move network devices without a NET namespace
.linux.netDevices = {".": {}} => invalid network device name "."
.linux.netDevices = {"..": {}} => invalid network device name ".."
.linux.netDevices = {"a/b": {}} => invalid network device name "a/b"
.linux.netDevices = {"a:b": {}} => invalid network device name "a:b"
.linux.netDevices = {"a b": {}} => invalid network device name "a b"
.linux.netDevices = {"eth0": {name: "a/b"}} => invalid network device name "a/b"
.linux.netDevices = {"abcdefghijklmnopq": {}} => invalid network device name
ROWS
}

@test "refused: seccomp" {
    only_proa "runc 1.1.5 words some of it otherwise"
    refuse_each <<'ROWS'
.linux.seccomp = {syscalls: [{names: ["read"], action: "SCMP_ACT_ALLOW"}]} => /linux/seccomp/defaultAction
.linux.seccomp = {defaultAction: "SCMP_ACT_X"} => /linux/seccomp/defaultAction
.linux.seccomp = {defaultAction: "SCMP_ACT_NOTIFY"} => /linux/seccomp
.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_PDP11"]} => /linux/seccomp/architectures/0
.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_X"]} => seccomp flag "SECCOMP_FILTER_FLAG_X" is not known to
.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]} => SetWaitKill requires
.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 1} => errnoRet not supported
.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["read"], action: "SCMP_ACT_KILL", errnoRet: 1}]} => errnoRet not supported
.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/tmp/x", syscalls: [{names: ["write"], action: "SCMP_ACT_NOTIFY"}]} => write
.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["read"], action: "SCMP_ACT_ERRNO", args: [{index: 6, value: 1, op: "SCMP_CMP_EQ"}]}]} => /linux/seccomp/syscalls/0/args/0/index
.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["read"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 1, op: "SCMP_CMP_XX"}]}]} => /linux/seccomp/syscalls/0/args/0/op
ROWS
}

@test "refused: hooks" {
    only_proa "runc 1.1.5 words it otherwise"
    refuse_each <<'ROWS'
.hooks.createRuntime = [{path: "bin/true"}] => /hooks/createRuntime/0/path
.hooks.poststop = [{}] => /hooks/poststop/0/path
.hooks.prestart = [{path: "/bin/true", timeout: 0}] => /hooks/prestart/0/timeout
.hooks.startContainer = [{path: "/bin/true", timeout: -1}] => /hooks/startContainer/0/timeout
ROWS
}

@test "refused: resources" {
    only_proa "the control is of another time"
    refuse_each <<'ROWS'
.linux.resources.memory = {swap: 5} => unable to set swap limit without memory limit
.linux.resources.memory = {limit: 5000000, swap: 4000000} => memory+swap limit should be >= memory limit
.linux.resources.unified = {"memory.nonsense": "1"} => unified
.linux.intelRdt = {closID: ".."} => intelRdt
ROWS
}
