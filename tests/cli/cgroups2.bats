# cgroup v2 alone, with its controllers. tests/cli/cgroups.bats has v1 and the two side by side.
load ../lib/helpers

fit() {
    [ -f /sys/fs/cgroup/cgroup.controllers ] || skip 'needs cgroup v2 alone'
}

prepare() {
    namespace cgroup
    BESIDE=$(dirname "$(own_path)")
    BESIDE=${BESIDE%/}
    CGROUP=/sys/fs/cgroup$BESIDE/$ID
}

own_path() {
    sed -n 's/^0:://p' /proc/self/cgroup
}

has() {
    grep -qw "$1" "/sys/fs/cgroup$BESIDE/cgroup.controllers" || skip "this kernel has no $1 controller"
}

# resources JSON
resources() {
    config '.linux.resources += $r' --argjson r "$1"
}

# created FILE…: what the files of a created container's cgroup say, a line each.
created() {
    args true
    create
    for file; do cat "$CGROUP/$file"; done
}

@test "v2 path: absent, beside the caller's own; gone after delete" {
    start_waiting
    equal "0::$BESIDE/$ID" "$(cat "/proc/$(pid_of)/cgroup")"
    proa delete --force "$ID"
    nothing_remains
}

@test "v2 path: relative, absolute, and .. that does not lead out" {
    for path in "up-$ID/down" "/abs-$ID/down" "/../../out-$ID"; do
        config '.linux.cgroupsPath = $p' --arg p "$path"
        args true
        create
        case $path in
            up*) expected=$BESIDE/$path ;;
            /../*) expected=/out-$ID ;;
            *) expected=$path ;;
        esac
        equal "0::$expected" "$(cat "/proc/$(pid_of)/cgroup")"
        proa delete --force "$ID"
        [ ! -e "/sys/fs/cgroup$expected" ]
    done
    rmdir "/sys/fs/cgroup$BESIDE/up-$ID" "/sys/fs/cgroup/abs-$ID"
}

@test "v2 path: a cgroup that has controllers for its children takes no process" {
    mkdir -p "/sys/fs/cgroup/inner-$ID"
    has memory
    echo +memory >"/sys/fs/cgroup/inner-$ID/cgroup.subtree_control"
    config '.linux.cgroupsPath = $p' --arg p "/inner-$ID"
    args true
    refused "/inner-$ID" proa run --bundle "$BUNDLE" "$ID"
    rmdir "/sys/fs/cgroup/inner-$ID" 2>/dev/null || true
}

@test "v2 namespace: the program sees its cgroup as the root, mounted read-only" {
    inside 'cat /proc/self/cgroup; cat /sys/fs/cgroup/cgroup.procs; mkdir /sys/fs/cgroup/x 2>&1 | sed "s/.*: //"'
    equal '0::/' "${lines[0]}"
    equal 1 "${lines[1]}"
    contains "$output" 'Read-only file system'
}

@test "v2 memory: limit, reservation, swap" {
    has memory
    resources '{"memory": {"limit": 67108864, "reservation": 33554432, "swap": 100663296}}'
    run created memory.max memory.low
    says $'67108864\n33554432'
    [ ! -e "$CGROUP/memory.swap.max" ] || equal 33554432 "$(cat "$CGROUP/memory.swap.max")"
}

@test "v2 memory: -1 is no limit, 0 is not set" {
    has memory
    resources '{"memory": {"limit": -1, "reservation": 0}}'
    run created memory.max memory.low
    says $'max\n0'
}

@test "v2 memory: the limit holds, and the container knows it" {
    has memory
    add_mount /big tmpfs tmpfs size=64m
    resources '{"memory": {"limit": 16777216, "swap": 16777216}}'
    args sh -c 'dd if=/dev/zero of=/big/file bs=1M count=48 2>/dev/null; echo $?; grep oom_kill /sys/fs/cgroup/memory.events'
    run proa run --bundle "$BUNDLE" "$ID"
    contains "$output" 137
    matches "$output" 'oom_kill [1-9]'
}

@test "v2 memory: a swap limit needs a memory limit, and is no less than it" {
    has memory
    args true
    resources '{"memory": {"swap": 100663296}}'
    run_refused 'unable to set swap limit without memory limit'
    resources '{"memory": {"limit": 100663296, "swap": 1048576}}'
    run_refused 'memory+swap limit should be >= memory limit'
}

@test "v2 cpu: shares become a weight" {
    has cpu
    for pair in '2 1' '1024 100' '262144 10000' '512 59'; do
        resources "{\"cpu\": {\"shares\": ${pair% *}}}"
        run created cpu.weight
        says "${pair#* }"
        proa delete --force "$ID"
    done
}

@test "v2 cpu: quota, period and burst" {
    has cpu
    resources '{"cpu": {"quota": 50000, "period": 200000, "burst": 10000}}'
    run created cpu.max cpu.max.burst
    says $'50000 200000\n10000'
    proa delete --force "$ID"
    resources '{"cpu": {"quota": -1, "period": 50000, "burst": 0}}'
    run created cpu.max
    says 'max 50000'
}

@test "v2 cpu: idle" {
    has cpu
    resources '{"cpu": {"idle": 1}}'
    run created cpu.idle
    says 1
}

@test "v2 cpu: an idle group gets no weight; a burst is no larger than the quota" {
    has cpu
    resources '{"cpu": {"idle": 1, "shares": 4096}}'
    run created cpu.idle
    says 1
    proa delete --force "$ID"
    resources '{"cpu": {"idle": 0, "quota": 20000, "burst": 30000}}'
    run_refused cpu.max.burst
}

@test "v2 cpu: a quota throttles" {
    has cpu
    resources '{"cpu": {"quota": 5000, "period": 100000}}'
    # Little enough for a busy machine to give more.
    inside 'timeout 60 sh -c "until grep nr_throttled.*[1-9] /sys/fs/cgroup/cpu.stat; do :; done"'
    matches "$output" 'nr_throttled [1-9]'
}

@test "v2 cpuset" {
    has cpuset
    resources '{"cpu": {"cpus": "0", "mems": "0"}}'
    run created cpuset.cpus cpuset.mems
    says $'0\n0'
}

@test "v2 pids: a limit, that holds; none; 0 is 1" {
    has pids
    resources '{"pids": {"limit": 5}}'
    args sh -c 'cat /sys/fs/cgroup/pids.max; for i in 1 2 3 4 5 6; do sleep 60 & done'
    run proa run --bundle "$BUNDLE" "$ID"
    equal 5 "${lines[0]}"
    contains "$output" "can't fork"
    resources '{"pids": {"limit": -1}}'
    run created pids.max
    says max
    proa delete --force "$ID"
    resources '{"pids": {"limit": 0}}'
    run created pids.max
    says 1
}

# The number of a block device that is not a partition.
disk() {
    cat /sys/block/*/dev 2>/dev/null | head -n 1
}

@test "v2 io: limits of a device" {
    has io
    disk=$(disk)
    [ -n "$disk" ] || skip 'needs a block device'
    resources "$(jq -n --argjson d "{\"major\": ${disk%:*}, \"minor\": ${disk#*:}}" '{blockIO: {
        throttleReadBpsDevice: [$d + {rate: 1048576}], throttleWriteBpsDevice: [$d + {rate: 2097152}],
        throttleReadIOPSDevice: [$d + {rate: 100}], throttleWriteIOPSDevice: [$d + {rate: 0}]}}')"
    run created io.max
    says "$disk rbps=1048576 wbps=2097152 riops=100 wiops=max"
}

@test "v2 io: a device that does not exist" {
    has io
    resources '{"blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 254, "rate": 5}]}}'
    args true
    run_refused 'there is no such block device'
}

@test "v2 io: a weight, in the range of the file that this kernel has" {
    has io
    resources '{"blockIO": {"weight": 100}}'
    args true
    run create
    if [ "$status" -ne 0 ]; then
        contains "$(cat "$BASE/err")" 'BFQ'
        [ ! -e "$CGROUP" ]
    elif [ -e "$CGROUP/io.bfq.weight" ]; then
        equal 'default 100' "$(head -n 1 "$CGROUP/io.bfq.weight")"
    else
        equal 'default 910' "$(head -n 1 "$CGROUP/io.weight")"
    fi
}

@test "v2 hugetlb: limits of pages in use and of pages reserved; a size that there is not" {
    has hugetlb
    [ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip 'no huge pages of 2 MB'
    size=2MB
    resources "{\"hugepageLimits\": [{\"pageSize\": \"$size\", \"limit\": 0}]}"
    run created "hugetlb.$size.max" "hugetlb.$size.rsvd.max"
    says $'0\n0'
    proa delete --force "$ID"
    resources '{"hugepageLimits": [{"pageSize": "3MB", "limit": 0}]}'
    run_refused 'unsupported huge page size'
}

@test "v2 rdma: a device that does not exist" {
    has rdma
    [ ! -d /sys/class/infiniband ] || skip 'there may be one'
    resources '{"rdma": {"mlx5_1": {"hcaHandles": 3}}}'
    args true
    run_refused 'there is no such RDMA device'
}

@test "v2 unified: files by name, the last word, line by line" {
    has memory
    resources '{"memory": {"limit": 67108864}, "unified": {"memory.high": "33554432", "memory.max": "50331648", "memory.oom.group": "1",
        "cgroup.max.depth": "3"}}'
    run created memory.high memory.max memory.oom.group cgroup.max.depth
    says $'33554432\n50331648\n1\n3'
}

@test "v2 unified: the OOM killer takes the whole group" {
    has memory
    add_mount /big tmpfs tmpfs size=64m
    resources '{"memory": {"limit": 16777216, "swap": 16777216}, "unified": {"memory.oom.group": "1"}}'
    args sh -c 'dd if=/dev/zero of=/big/file bs=1M count=48 2>/dev/null; echo survived'
    run proa run --bundle "$BUNDLE" "$ID"
    equal 137 "$status"
    lacks "$output" survived
}

@test "v2 unified: what cannot be written says why" {
    has memory
    args true
    resources '{"unified": {"memory.nonsense": "1"}}'
    run_refused 'unable to set unified resource'
    config 'del(.linux.resources.unified)'
    resources '{"unified": {"nonsense.max": "1"}}'
    run_refused 'controller'
    contains "$(plain "$stderr")" "unified resource \"nonsense.max\" can't be set: controller \"nonsense\" not available"
    config 'del(.linux.resources.unified)'
    resources '{"unified": {"memory.max": "many"}}'
    run_refused 'Invalid argument'
}

@test "v2: a controller that is not there is an error that names it" {
    ! grep -qw cpuset /sys/fs/cgroup/cgroup.controllers || skip 'this kernel has all of the controllers'
    args true
    resources '{"cpu": {"cpus": "0"}}'
    run_refused cpuset
}

@test "v2: a value that the kernel refuses names the file" {
    has cpu
    args true
    resources '{"cpu": {"period": 5, "quota": 5}}'
    run_refused cpu.max
}

@test "v2 devices: what is not allowed cannot be opened" {
    all_capabilities CAP_MKNOD
    args sh -c 'mknod /dev/kmsg2 c 1 11 && cat /dev/kmsg2 2>&1 | sed "s/.*: //"; echo x >/dev/null && head -c 1 /dev/zero | wc -c'
    run proa run --bundle "$BUNDLE" "$ID"
    says $'Operation not permitted\n1'
}

@test "v2 devices: an allowed device can be opened" {
    all_capabilities CAP_MKNOD
    resources '{"devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 1, "minor": 11, "access": "w"}]}'
    inside 'mknod /dev/kmsg2 c 1 11; true >/dev/kmsg2 && echo opened; cat /dev/kmsg2 2>/dev/null || echo "not for reading"'
    says $'opened\nnot for reading'
}

@test "v2: kill reaches every process without a pid namespace, delete takes cgroups that the container made" {
    no_namespace pid
    args sh -c 'sleep 60 & sleep 60 & exec sleep 60'
    create
    proa start "$ID"
    until [ "$(wc -l <"$CGROUP/cgroup.procs")" = 3 ]; do :; done
    mkdir -p "$CGROUP/inner/most"
    pid=$(pid_of)
    proa kill "$ID" KILL
    wait_end "$pid"
    until grep -q 'populated 0' "$CGROUP/cgroup.events"; do :; done
    proa delete "$ID"
    nothing_remains
}

@test "v2: a cgroup with a process in it is not taken" {
    mkdir "/sys/fs/cgroup/taken-$ID"
    sleep 60 3>&- &
    echo $! >"/sys/fs/cgroup/taken-$ID/cgroup.procs"
    config '.linux.cgroupsPath = $p' --arg p "/taken-$ID"
    args true
    refused "container's cgroup is not empty: 1 process(es) found" proa run --bundle "$BUNDLE" "$ID"
    kill -KILL $!
    wait $! || true
    rmdir "/sys/fs/cgroup/taken-$ID"
}

@test "v2: limits that the caller may raise" {
    [ $((0x$(sed -n 's/^CapEff:\t//p' /proc/self/status) >> 24 & 1)) = 1 ] || skip 'needs CAP_SYS_RESOURCE'
    config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 3000000, hard: 3000000}]'
    echo 4000000 >/proc/sys/fs/nr_open
    (
        ulimit -n 1000
        args sh -c 'ulimit -n; ulimit -Hn'
        run proa run --bundle "$BUNDLE" "$ID"
        says $'3000000\n3000000'
    )
}

# ---- The mount ----------------------------------------------------------------------------------

@test "v2 mount: without a cgroup namespace it is the host's tree, with the options that it has there" {
    no_namespace cgroup
    before=$(grep ' /sys/fs/cgroup ' /proc/self/mounts)
    inside 'sed s/seclabel,// /proc/self/mounts | grep -c " /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec"; cut -d : -f 3 /proc/self/cgroup
        mkdir /sys/fs/cgroup/x 2>&1 | sed "s/.*: //"'
    says "1
$BESIDE/$ID
Read-only file system"
    equal "$before" "$(grep ' /sys/fs/cgroup ' /proc/self/mounts)"
}

@test "v2 mount: in a user namespace, with and without a cgroup namespace" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    inside 'cat /sys/fs/cgroup/cgroup.procs; mkdir /sys/fs/cgroup/x 2>&1 | sed "s/.*: //"'
    equal 1 "${lines[0]}"
    contains "$output" 'Read-only'
    no_namespace cgroup
    inside 'mkdir /sys/fs/cgroup/x 2>&1 | sed "s/.*: //"; [ -d "/sys/fs/cgroup$(cut -d : -f 3 /proc/self/cgroup)" ] && echo seen'
    says $'Read-only file system\nseen'
}

@test "v2 mount: type cgroup2, and rw in a namespace of its own" {
    config '.mounts |= map(if .type == "cgroup" then .type = "cgroup2" | .options = ["rw"] else . end)'
    inside 'mkdir /sys/fs/cgroup/x && rmdir /sys/fs/cgroup/x && echo made'
    says made
}

# ---- Delegation ---------------------------------------------------------------------------------

# Who owns the directory, a file that may be given away, and one that may not.
owners() {
    stat -c %u "$CGROUP" "$CGROUP/cgroup.procs" "$CGROUP/cgroup.subtree_control" "$CGROUP/cgroup.max.depth" | paste -sd ' '
}

@test "v2 delegation: the files that the kernel names belong to the container's user" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings
        | .process.user = {uid: 1000, gid: 1000} | (.mounts[] | select(.type == "cgroup").options) = ["rw", "nosuid"]'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    inside 'mkdir /sys/fs/cgroup/x && echo 1 >/sys/fs/cgroup/x/cgroup.procs && cat /sys/fs/cgroup/x/cgroup.procs; cat /proc/self/cgroup'
    equal 1 "${lines[0]}"
    waiting_program
    create
    equal '101000 101000 101000 0' "$(owners)"
}

@test "v2 delegation: not to who sees it read-only, or sees the host's" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    waiting_program
    create
    equal '0 0 0 0' "$(owners)"
    proa delete --force "$ID"
    no_namespace cgroup
    config '(.mounts[] | select(.type == "cgroup").options) = ["rw"]'
    create
    equal '0 0 0 0' "$(owners)"
}
