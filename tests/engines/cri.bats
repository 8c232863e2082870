#!/usr/bin/env bats
# containerd's CRI service, as kubelet uses it: pods, containers in them, what they are given, how they end.
# containerd lives in a network namespace of its own, so that pods can have networks.
# shellcheck disable=SC2016,SC2154,SC2030,SC2031

load engines
load containerd

setup_file() {
    engine_begin
    engine_needs python3-grpcio python3-protobuf protobuf-compiler containernetworking-plugins util-linux
    export CONTAINERD_NETWORK=own CONTAINERD_NAMESPACE=k8s.io
    network
    containerd_begin "$(cri_configuration)"
    ctr image import "$BASE/image.tar"
    client
    pod shared
    export SHARED=$POD POD_CONFIG
}

teardown_file() {
    pod_end "${SHARED:-}" || true
    # What CNI keeps where no option moves it.
    grep -q -x 'file /var/lib/cni' "$BASE/host-before" || rmdir /var/lib/cni/results /var/lib/cni || true
    containerd_end
}

setup() {
    POD=$SHARED
}

# All containers, then all pods but the one that the tests share.
teardown() {
    local id
    for id in $(ctr container ls -q); do
        [ "$id" = "$SHARED" ] || cri RemoveContainer "{\"container_id\": \"$id\"}" >/dev/null
    done
    for id in $(ctr container ls -q); do
        [ "$id" = "$SHARED" ] || pod_end "$id"
    done
}

# Two handlers: the runtime under test, which is the default, and another one.
cri_configuration() {
    cat <<TOML
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/busybox:1"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$BASE/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "tested"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.tested]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.tested.options]
        BinaryName = "$RUNTIME"
        Root = "$BASE/tested"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.recorded]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.recorded.options]
        BinaryName = "$BASE/recorded"
        Root = "$BASE/other"
TOML
    printf '#!/bin/sh\necho "$@" >>%s/calls\nexec %s "$@"\n' "$BASE" "$RUNTIME" >"$BASE/recorded"
    chmod +x "$BASE/recorded"
}

network() {
    mkdir "$BASE/cni"
    jq -n --arg data "$BASE/cni-data" '{cniVersion: "0.4.0", name: "pods", plugins: [{type: "bridge", bridge: "pods0",
        isGateway: true, ipam: {type: "host-local", subnet: "10.99.0.0/24", dataDir: $data}}]}' >"$BASE/cni/pods.conflist"
}

client() {
    mkdir "$BASE/cri"
    mkfifo "$BASE/cri/ask" "$BASE/cri/answer"
    protoc -I "$BATS_TEST_DIRNAME" --python_out "$BASE/cri" cri.proto
    start_daemon cri /usr/bin/python3 "$BATS_TEST_DIRNAME/cri.py" "$CONTAINERD_ADDRESS" "$BASE/cri"
    wait_until 60 cri Version '{}'
}

# cri METHOD REQUEST: prints the reply, or the message of the error to stderr.
cri() {
    local answer
    timeout 60 sh -c 'printf "%s" "$2" >"$1/ask"' - "$BASE/cri" "${CRI:-runtime.v1.RuntimeService}/$1 $2"
    answer=$(timeout 90 cat "$BASE/cri/answer")
    [ "${answer%%$'\n'*}" = ok ] || { echo "${answer#*$'\n'}" >&2; return 1; }
    printf '%s\n' "${answer#*$'\n'}"
}

# pod NAME [FILTER [HANDLER]]: runs it, in the node's network. From now on it is $POD, configured by $POD_CONFIG.
pod() {
    POD_CONFIG=$(jq -n -c --arg name "$1" --arg base "$BASE" --arg group "/$GROUP" '{
        metadata: {name: $name, uid: ("uid-" + $name), namespace: "default"}, log_directory: ($base + "/logs"),
        linux: {cgroup_parent: $group, security_context: {namespace_options: {network: "NODE", pid: "CONTAINER"}}}}
        | '"${2:-.}")
    POD=$(cri RunPodSandbox "{\"config\": $POD_CONFIG, \"runtime_handler\": \"${3:-}\"}" | jq -e -r .pod_sandbox_id)
}

pod_end() {
    cri StopPodSandbox "{\"pod_sandbox_id\": \"$1\"}" >/dev/null
    cri RemovePodSandbox "{\"pod_sandbox_id\": \"$1\"}" >/dev/null
}

# create SCRIPT [FILTER]: a container in $POD; prints its ID. FILTER changes its configuration.
create() {
    local config
    config=$(jq -n -c --arg script "$1" --arg name "c$BATS_TEST_NUMBER-$RANDOM" --arg image "$IMAGE" --arg base "$BASE" '{
        metadata: {name: $name}, image: {image: $image}, command: ["sh", "-c", $script], log_path: "\($name).log",
        linux: {resources: {}, security_context: {namespace_options: {network: "NODE", pid: "CONTAINER"}}}} | '"${2:-.}")
    cri CreateContainer "{\"pod_sandbox_id\": \"$POD\", \"config\": $config, \"sandbox_config\": $POD_CONFIG}" |
        jq -e -r .container_id
}

start() {
    cri StartContainer "{\"container_id\": \"$1\"}"
}

# launch SCRIPT [FILTER]: created and started; its ID is $container.
launch() {
    container=$(create "$@")
    start "$container" >/dev/null
}

# status_of FIELD
status_of() {
    cri ContainerStatus "{\"container_id\": \"$container\"}" | jq -r ".status.$1"
}

# status_is FIELD VALUE
status_is() {
    [ "$(status_of "$1")" = "$2" ]
}

exited() {
    status_is state CONTAINER_EXITED
}

log_file() {
    find "$BASE/logs" -name "$(status_of metadata.name).log"
}

# logged: containerd has closed the log; it writes to it beyond the container's end.
logged() {
    ! find "/proc/$(cat "$BASE/daemons/containerd")/fd" -lname "$(log_file)" | grep -q .
}

# inside SCRIPT [FILTER]: to its end; what it wrote is in $output, and its exit status in $status.
inside() {
    launch "$@"
    wait_until 60 exited
    wait_until 60 logged
    status=$(status_of exit_code)
    output=$(cut -d ' ' -f 4- "$(log_file)")
}

# exec_sync WORD…: in $container.
exec_sync() {
    local reply
    reply=$(cri ExecSync "$(jq -n -c --arg id "$container" --argjson timeout "${TIMEOUT:-30}" \
        '{container_id: $id, cmd: $ARGS.positional, timeout: $timeout}' --args -- "$@")") || return 125
    jq -j '(.stdout | @base64d), (.stderr | @base64d)' <<<"$reply"
    return "$(jq .exit_code <<<"$reply")"
}

# stream STREAMS [WORD…] <script of stream.py: of the words, executed in $container, or else of its own program. STREAMS is a
# list as "stdin stdout tty".
stream() {
    local method=Exec url
    [ $# -gt 1 ] || method=Attach
    url=$(cri $method "$(jq -n -c --arg id "$container" --arg streams "$1" '{container_id: $id}
        + ($streams | split(" ") | map({(.): true}) | add) + ({cmd: $ARGS.positional} | select(.cmd != []) // {})' \
        --args -- "${@:2}")" | jq -e -r .url)
    run --separate-stderr timeout 100 nsenter --net --target "$(cat "$BASE/daemons/containerd")" \
        python3 "$BATS_TEST_DIRNAME/stream.py" "$url"
    output=${output//$'\r'/}
}

pid_of() {
    ctr task ls | awk -v id="$1" '$1 == id { print $2 }'
}

# cgroup_value ID V1CONTROLLER V1FILE V2FILE
cgroup_value() {
    if [ -d "/sys/fs/cgroup/$2" ]; then cat "/sys/fs/cgroup/$2/$GROUP/$1/$3"; else cat "/sys/fs/cgroup/$GROUP/$1/$4"; fi
}

# ---- Pods ----------------------------------------------------------------------------------------

@test "version: v1 and v1alpha2" {
    run cri Version '{}'
    mentions '"runtime_name": "containerd"'
    case $(jq -r .runtime_version <<<"$output") in
    1.*) CRI=runtime.v1alpha2.RuntimeService run cri Version '{}' ;;
    esac
    mentions '"runtime_name": "containerd"'
}

@test "pod: run, stop, remove" {
    pod one
    local pod=$POD pid
    pid=$(pid_of "$pod")
    run cri PodSandboxStatus "{\"pod_sandbox_id\": \"$pod\"}"
    mentions SANDBOX_READY
    cri StopPodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
    run cri PodSandboxStatus "{\"pod_sandbox_id\": \"$pod\"}"
    mentions SANDBOX_NOTREADY
    ended "$pid"
    cri RemovePodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
    run cri PodSandboxStatus "{\"pod_sandbox_id\": \"$pod\"}"
    mentions NOT_FOUND
    [ ! -e "$BASE/tested/k8s.io/$pod" ]
}

@test "pod: the node's network" {
    [ "$(readlink "/proc/$(pid_of "$POD")/ns/net")" = "$(readlink "/proc/$(cat "$BASE/daemons/containerd")/ns/net")" ]
}

@test "pod: a network of its own, with an address and a name" {
    pod net '.hostname = "host-of-pod" | .linux.security_context.namespace_options.network = "POD"'
    local address
    address=$(cri PodSandboxStatus "{\"pod_sandbox_id\": \"$POD\"}" | jq -r .status.network.ip)
    inside 'hostname; ip -4 -o address show eth0; cat /etc/hostname'
    mentions host-of-pod " $address/24" $'\nhost-of-pod'
}

@test "pod: sysctls" {
    pod sysctl '.hostname = "h" | .linux.security_context.namespace_options.network = "POD"
        | .linux.sysctls = {"net.ipv4.ip_unprivileged_port_start": "99", "kernel.shm_rmid_forced": "1"}'
    inside 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced'
    says $'99\n1'
}

@test "pod: the handler is chosen" {
    [ ! -e "$BASE/calls" ]
    pod handler . recorded
    inside 'echo hello'
    says hello
    grep -q "create --bundle .* $POD\$" "$BASE/calls"
    grep -q "start $container\$" "$BASE/calls"
}

@test "pod: an unknown handler" {
    run pod unknown . nobody
    mentions 'no runtime for "nobody" is configured'
}

@test "pod: containers share ipc and uts" {
    inside 'readlink /proc/self/ns/ipc; readlink /proc/self/ns/uts; echo $$'
    says "$(readlink "/proc/$(pid_of "$POD")/ns/ipc" "/proc/$(pid_of "$POD")/ns/uts")"$'\n1'
}

@test "pod: a shared pid namespace" {
    pod pids
    inside 'tr "\0" " " </proc/1/cmdline' '.linux.security_context.namespace_options.pid = "POD"'
    says 'sleep infinity '
    launch 'sleep infinity & exec sleep infinity' '.linux.security_context.namespace_options.pid = "POD"'
    cri StopContainer "{\"container_id\": \"$container\", \"timeout\": 0}"
    wait_until 60 exited
    [ "$(cgroup_processes "$container")" = '' ]
    [ -n "$(pid_of "$POD")" ]
}

cgroup_processes() {
    cgroup_value "$1" pids cgroup.procs cgroup.procs 2>/dev/null || true
}

@test "pod: the pid namespace of another container" {
    launch 'exec sleep 1000' '.linux.security_context.namespace_options.pid = "CONTAINER"'
    local target=$container
    inside 'tr "\0" " " </proc/1/cmdline' \
        ".linux.security_context.namespace_options = {pid: \"TARGET\", target_id: \"$target\", network: \"NODE\"}"
    says 'sleep 1000 '
}

@test "pod: the node's pid namespace" {
    pod host '.linux.security_context.namespace_options.pid = "NODE"'
    inside 'readlink /proc/self/ns/pid' '.linux.security_context.namespace_options.pid = "NODE"'
    says "$(readlink /proc/self/ns/pid)"
}

# ---- Containers -------------------------------------------------------------------------------------

@test "container: created, running, exited, removed" {
    container=$(create 'exit 7')
    status_is state CONTAINER_CREATED
    start "$container"
    wait_until 60 exited
    status_is exit_code 7
    status_is reason Error
    cri RemoveContainer "{\"container_id\": \"$container\"}"
    run cri ContainerStatus "{\"container_id\": \"$container\"}"
    mentions NOT_FOUND
    [ ! -e "$BASE/tested/k8s.io/$container" ]
}

@test "container: status 0 is Completed" {
    inside 'exit 0'
    status_is reason Completed
}

@test "container: the log's format" {
    launch 'echo out; echo err >&2; printf part'
    wait_until 60 exited
    wait_until 60 logged
    run sort -k 2 "$(log_file)"
    local when='[0-9-]{10}T[0-9:]{8}\.[0-9]+[Z+][0-9:]*'
    [[ ${lines[0]} =~ ^$when\ stderr\ F\ err$ ]]
    grep -q -E "^$when stdout F out\$" <<<"$output"
    grep -q -E "^$when stdout P part\$" <<<"$output"
}

@test "container: list" {
    launch 'exec sleep 1000'
    run cri ListContainers "{\"filter\": {\"pod_sandbox_id\": \"$POD\"}}"
    [ "$(jq -r '.containers[] | .id + " " + .state' <<<"$output")" = "$container CONTAINER_RUNNING" ]
}

@test "container: the program is missing" {
    container=$(create '' '.command = ["no-such-program"]')
    run start "$container"
    ends 1
    mentions 'executable file not found in $PATH' no-such-program
    exited
    status_is reason StartError
    status_is exit_code 128
}

@test "container: the program may not be executed" {
    container=$(create '' '.command = ["/etc/passwd"]')
    run start "$container"
    ends 1
    mentions 'permission denied' /etc/passwd
}

@test "container: stop with the image's signal, in time" {
    launch 'trap "exit 9" TERM; echo ready; while :; do sleep 0.02; done'
    wait_until 60 grep -q ready "$(log_file)"
    cri StopContainer "{\"container_id\": \"$container\", \"timeout\": 30}"
    status_is exit_code 9
}

@test "container: stop, killed after the time" {
    launch 'trap "" TERM; echo ready; while :; do sleep 0.02; done'
    wait_until 60 grep -q ready "$(log_file)"
    cri StopContainer "{\"container_id\": \"$container\", \"timeout\": 1}"
    status_is exit_code 137
}

@test "container: out of memory is OOMKilled" {
    # It ends once the event was seen: that of a cgroup that has gone meanwhile would not be told.
    launch 'dd if=/dev/zero of=/dev/null bs=64M; code=$?; while [ ! -e /seen ]; do sleep 0.02; done; exit $code' \
        '.linux.resources.memory_limit_in_bytes = 16777216'
    wait_until 60 status_is reason OOMKilled
    exec_sync touch /seen || true     # the container may end before it
    wait_until 60 exited
    status_is exit_code 137
    status_is reason OOMKilled
}

@test "container: stats" {
    launch 'dd if=/dev/zero of=/dev/shm/data bs=1M count=8; echo ready; exec sleep 1000'
    wait_until 60 grep -q ready "$(log_file)"
    run cri ContainerStats "{\"container_id\": \"$container\"}"
    ends 0
    jq -e '(.stats.memory.working_set_bytes.value | tonumber | . > 4000000 and . < 100000000) and
        (.stats.cpu.usage_core_nano_seconds.value | tonumber > 0)' <<<"$output"
}

@test "container: resources, then updated" {
    [ ! -e /sys/fs/cgroup/cgroup.controllers ] || grep -q -w cpuset /sys/fs/cgroup/cgroup.controllers || skip 'the kernel has no cpuset'
    launch 'exec sleep 1000' '.linux.resources = {memory_limit_in_bytes: 33554432, cpu_quota: 50000, cpu_period: 100000,
        cpu_shares: 512, cpuset_cpus: "0"}'
    [ "$(cgroup_value "$container" memory memory.limit_in_bytes memory.max)" = 33554432 ]
    [ "$(cgroup_value "$container" cpu cpu.cfs_quota_us cpu.max | cut -d ' ' -f 1)" = 50000 ]
    [ "$(cgroup_value "$container" cpuset cpuset.cpus cpuset.cpus)" = 0 ]
    cri UpdateContainerResources "{\"container_id\": \"$container\", \"linux\":
        {\"memory_limit_in_bytes\": 67108864, \"cpu_quota\": 20000, \"cpu_period\": 100000}}"
    [ "$(cgroup_value "$container" memory memory.limit_in_bytes memory.max)" = 67108864 ]
    [ "$(cgroup_value "$container" cpu cpu.cfs_quota_us cpu.max | cut -d ' ' -f 1)" = 20000 ]
    exec_sync true
}

@test "container: a terminal" {
    inside 'tty; test -t 0 -a -t 1 -a -t 2 && echo all' '.tty = true | .stdin = true'
    mentions /dev/pts/0 all
}

# ---- Exec -----------------------------------------------------------------------------------------

@test "exec: output and exit status" {
    launch 'exec sleep 1000'
    run exec_sync sh -c 'echo out; echo err >&2; exit 5'
    ends 5
    [ "$output" = $'out\nerr' ]
}

@test "exec: the time is over" {
    launch 'exec sleep 1000'
    TIMEOUT=1 run exec_sync sleep 1000
    ends 125
    mentions 'timeout 1s exceeded'
    [ "$(ctr task ps "$container" | wc -l)" -eq 2 ]
}

@test "exec: the program is missing" {
    launch 'exec sleep 1000'
    run exec_sync no-such-program
    ends 125
    mentions 'executable file not found in $PATH' no-such-program
}

@test "exec: the container has ended" {
    inside true
    run exec_sync true
    ends 125
    mentions 'CONTAINER_EXITED'
}

# ---- Streams --------------------------------------------------------------------------------------

@test "stream: exec, output, errors and exit status" {
    launch 'exec sleep 1000'
    stream 'stdout stderr' sh -c 'echo out; echo err >&2; exit 5' </dev/null
    ends 5
    [ "$output $stderr" = 'out err' ]
}

@test "stream: exec, input" {
    launch 'exec sleep 1000'
    stream 'stdin stdout stderr' sh -c 'read -r a; echo "got $a"' <<<'send words\n'
    says 'got words'
}

@test "stream: exec, a megabyte of output" {
    launch 'exec sleep 1000'
    stream stdout seq 150000 </dev/null
    ends 0
    cmp <(echo "$output") <(seq 150000)
}

@test "stream: exec on a terminal, resized, Ctrl-C" {
    launch 'exec sleep 1000'
    stream 'stdin stdout tty' sh -c 'tty; trap "echo interrupted; exit 6" INT
        until [ "$(stty size)" = "40 101" ]; do sleep 0.02; done; echo now; while :; do sleep 0.02; done' <<-'END'
	expect /dev/pts/
	size 40 101
	expect now
	send \x03
	expect interrupted
	END
    ends 6
}

@test "stream: attach, output and errors apart" {
    launch 'read -r a; echo "out $a"; echo "err $a" >&2; exit 7' '.stdin = true'
    stream 'stdin stdout stderr' <<<'send words\n'
    [ "$output $stderr" = 'out words err words' ]
    wait_until 60 exited
    status_is exit_code 7
}

@test "stream: attach to a terminal" {
    launch 'read -r a; echo "got $a"; read -r a; exit "$a"' '.tty = true | .stdin = true'
    stream 'stdin stdout tty' <<-'END'
	send words\r
	expect got words
	send 8\r
	END
    wait_until 60 exited
    status_is exit_code 8
}

# ---- Security ---------------------------------------------------------------------------------------

@test "security: user, group, further groups" {
    inside 'id -u; id -g; id -G' '.linux.security_context +=
        {run_as_user: {value: 1000}, run_as_group: {value: 50}, supplemental_groups: [7, 8]}'
    says $'1000\n50\n50 7 8'
}

@test "security: user by name" {
    inside 'id -u; id -g' '.linux.security_context.run_as_username = "user"'
    says $'1000\n1000'
}

@test "security: read-only root" {
    inside 'touch /x; touch /dev/shm/x && echo written' '.linux.security_context.readonly_rootfs = true'
    mentions 'Read-only file system' written
}

@test "security: capabilities" {
    inside 'grep CapEff /proc/self/status' \
        '.linux.security_context.capabilities = {add_capabilities: ["SYS_ADMIN"], drop_capabilities: ["CHOWN", "NET_RAW"]}'
    says $'CapEff:\t00000000a82405fa'
}

@test "security: no new privileges" {
    inside 'grep NoNewPrivs /proc/self/status' '.linux.security_context.no_new_privs = true'
    says $'NoNewPrivs:\t1'
}

@test "security: seccomp, default and unconfined" {
    inside 'grep Seccomp: /proc/self/status; unshare -U true' \
        '.linux.security_context.seccomp.profile_type = "RuntimeDefault"'
    mentions $'Seccomp:\t2' 'Operation not permitted'
    inside 'grep Seccomp: /proc/self/status' '.linux.security_context.seccomp.profile_type = "Unconfined"'
    says "$(grep Seccomp: /proc/self/status)"
}

@test "security: seccomp, a file" {
    jq -n '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO",
        errnoRet: 28}]}' >"$BASE/profile.json"
    inside 'mkdir /x' '.linux.security_context.seccomp = {profile_type: "Localhost", localhost_ref: ($base + "/profile.json")}'
    mentions 'No space left on device'
}

@test "security: masked and read-only paths" {
    inside 'cat /etc/passwd; touch /home/x' \
        '.linux.security_context += {masked_paths: ["/etc/passwd"], readonly_paths: ["/home"]}'
    [[ $output != *root* ]]
    mentions 'Read-only file system'
}

@test "security: privileged" {
    pod strong '.linux.security_context.privileged = true'
    inside 'grep CapEff /proc/self/status; mount -t tmpfs none /tmp && echo mounted' '.linux.security_context.privileged = true'
    mentions "$(grep CapEff /proc/self/status)" mounted
}

# ---- What a container is given -----------------------------------------------------------------------

@test "given: environment, directory, arguments" {
    inside '' '.command = ["sh", "-c", "echo \"$A $1\"; pwd"] | .args = ["sh", "word"] | .envs = [{key: "A", value: "a b"}]
        | .working_dir = "/tmp"'
    says $'a b word\n/tmp'
}

@test "given: mounts, one of them read-only" {
    mkdir "$BASE/volume"
    echo words >"$BASE/volume/file"
    inside 'cat /ro/file; touch /ro/x; touch /rw/new' '.mounts = [{container_path: "/ro", host_path: ($base + "/volume"),
        readonly: true}, {container_path: "/rw", host_path: ($base + "/volume")}]'
    mentions words 'Read-only file system'
    [ -e "$BASE/volume/new" ]
}

@test "given: a device" {
    mknod "$BASE/zero" c 1 5
    inside 'head -c 3 /dev/mine | od -An -tx1; head -c 1 /dev/kmsg' \
        '.devices = [{container_path: "/dev/mine", host_path: ($base + "/zero"), permissions: "r"}]'
    mentions '00 00 00'
}

@test "given: resolv.conf and hosts are the pod's" {
    pod dns '.dns_config.servers = ["192.0.2.7"]'
    inside 'cat /etc/resolv.conf; test -s /etc/hosts && echo hosts'
    mentions 'nameserver 192.0.2.7' hosts
}

# ---- Accidents -----------------------------------------------------------------------------------

@test "accident: containerd restarts" {
    launch 'while [ ! -e /go ]; do sleep 0.02; done; exit 12'
    stop_daemon containerd KILL
    containerd_start
    wait_until 60 cri Version '{}'
    wait_until 60 status_is state CONTAINER_RUNNING
    exec_sync touch /go || true     # the container may end before it
    wait_until 60 exited
    status_is exit_code 12
}
