load ../lib/helpers

prepare() {
    only_v1
}

# value CONTROLLER FILE: in the cgroup of $ID.
value() {
    cat "$(cgroup_file "$@")"
}

controllers() {
    cut -d : -f 2 /proc/self/cgroup | grep -v '^name=' | grep .
}

@test "cgroupsPath absent: named by the ID, below the caller's own cgroup, in every hierarchy" {
    start_waiting
    pid=$(pid_of)
    for controller in $(controllers); do
        [ -d "$(cgroup_file "$controller" '')" ]
        equal "$pid" "$(value "$controller" cgroup.procs)"
    done
}

@test "cgroupsPath relative: below the caller's own cgroup" {
    config '.linux.cgroupsPath = $p' --arg p "$ID/deep"
    start_waiting
    equal "$(pid_of)" "$(cat "$(cgroup_file pids cgroup.procs "$(own_cgroup pids)/$ID/deep")")"
    equal "$(pid_of)" "$(cat "$(cgroup_file memory cgroup.procs "$(own_cgroup memory)/$ID/deep")")"
    proa delete --force "$ID"
    # The levels above were not the container's.
    remove_cgroups "$ID"
}

@test "cgroupsPath absolute: below the root of each hierarchy" {
    config '.linux.cgroupsPath = $p' --arg p "/$ID"
    start_waiting
    equal "$(pid_of)" "$(cat "$(cgroup_file memory cgroup.procs "/$ID")")"
    equal "$(pid_of)" "$(cat "$(cgroup_file pids cgroup.procs "/$ID")")"
}

@test "cgroupsPath: .. does not lead out" {
    config '.linux.cgroupsPath = $p' --arg p "../../../../../$ID"
    waiting_program
    create
    cgroups_named "$ID" >"$BASE/found"
    [ -s "$BASE/found" ]
    equal '' "$(grep -v ^/sys/fs/cgroup "$BASE/found" || true)"
}

@test "memory: limit, reservation, swap, swappiness" {
    config '.linux.resources.memory = {limit: 33554432, reservation: 16777216, swappiness: 10}'
    start_waiting
    equal 33554432 "$(value memory memory.limit_in_bytes)"
    equal 16777216 "$(value memory memory.soft_limit_in_bytes)"
    equal 10 "$(value memory memory.swappiness)"
}

@test "memory: memory and swap together" {
    [ -e /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes ] || skip 'no swap accounting'
    config '.linux.resources.memory = {limit: 33554432, swap: 67108864}'
    start_waiting
    equal 67108864 "$(value memory memory.memsw.limit_in_bytes)"
}

@test "memory: -1 is no limit, 0 is not set" {
    config '.linux.resources.memory = {limit: -1, reservation: 0}'
    start_waiting
    [ "$(value memory memory.limit_in_bytes)" -gt 1000000000000 ]
}

@test "memory: the limit holds" {
    config '.linux.resources.memory = {limit: 16777216} | .mounts += [{destination: "/t", type: "tmpfs", source: "tmpfs"}]'
    args sh -c 'head -c 67108864 /dev/zero >/t/fill'
    run proa run --bundle "$BUNDLE" "$ID"
    equal 137 "$status"
}

@test "memory: disableOOMKiller" {
    config '.linux.resources.memory = {limit: 33554432, disableOOMKiller: true}'
    start_waiting
    contains "$(value memory memory.oom_control)" 'oom_kill_disable 1'
}

@test "cpu: shares, quota and period, cpus and mems" {
    config '.linux.resources.cpu = {shares: 512, quota: 30000, period: 60000, cpus: "0", mems: "0"}'
    start_waiting
    equal 512 "$(value cpu cpu.shares)"
    equal 30000 "$(value cpu cpu.cfs_quota_us)"
    equal 60000 "$(value cpu cpu.cfs_period_us)"
    equal 0 "$(value cpuset cpuset.cpus)"
    equal 0 "$(value cpuset cpuset.mems)"
    equal 0 "$(awk '/Cpus_allowed_list/ { print $2 }' "/proc/$(pid_of)/status")"
}

@test "cpu: burst and idle" {
    only_proa 'the control is older'
    [ -e /sys/fs/cgroup/cpu/cpu.cfs_burst_us ] || [ -d /sys/fs/cgroup/cpu ] || skip 'no such file'
    config '.linux.resources.cpu = {quota: 30000, period: 60000, burst: 10000}'
    start_waiting
    equal 10000 "$(value cpu cpu.cfs_burst_us)"
    proa delete --force "$ID"
    config '.linux.resources.cpu = {idle: 1}'
    create
    equal 1 "$(value cpu cpu.idle)"
}

@test "cpu: an idle group gets no shares; a burst is no larger than the quota" {
    only_proa 'needs a newer control'
    [ -e "$(cgroup_file cpu cpu.idle "$(own_cgroup cpu)")" ] || [ -e /sys/fs/cgroup/cpu/cpu.idle ] || skip 'needs Linux 5.15'
    config '.linux.resources.cpu = {idle: 1, shares: 4096}'
    waiting_program
    create
    equal 1 "$(value cpu cpu.idle)"
    proa delete --force "$ID"
    config '.linux.resources.cpu = {quota: 20000, burst: 30000}'
    run_refused 'cpu.cfs_burst_us'
}

@test "cpu: a real-time budget is there before the process is" {
    [ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ] || skip 'needs CONFIG_RT_GROUP_SCHED'
    config '.linux.resources.cpu = {realtimeRuntime: 10000, realtimePeriod: 500000} | .process.scheduler = {policy: "SCHED_RR", priority: 5}'
    all_capabilities CAP_SYS_NICE
    only_proa 'the control has no schedulers'
    inside 'echo real time'
    says 'real time'
}

@test "cpu: a quota throttles" {
    config '.linux.resources.cpu = {quota: 5000, period: 100000}'
    # Little enough for a busy machine to give more.
    inside 'timeout 60 sh -c "until grep nr_throttled.*[1-9] /sys/fs/cgroup/cpu/cpu.stat; do :; done"'
    matches "$output" 'nr_throttled [1-9]'
}

@test "blockIO: limits of a device" {
    disk=$(cat /sys/block/*/dev | head -n 1)
    [ -n "$disk" ] || skip 'needs a block device'
    config '.linux.resources.blockIO = {throttleReadBpsDevice: [$d + {rate: 1048576}], throttleWriteBpsDevice: [$d + {rate: 2097152}],
        throttleReadIOPSDevice: [$d + {rate: 100}], throttleWriteIOPSDevice: [$d + {rate: 200}]}' \
        --argjson d "{\"major\": ${disk%:*}, \"minor\": ${disk#*:}}"
    waiting_program
    create
    equal "$disk 1048576" "$(value blkio blkio.throttle.read_bps_device)"
    equal "$disk 2097152" "$(value blkio blkio.throttle.write_bps_device)"
    equal "$disk 100" "$(value blkio blkio.throttle.read_iops_device)"
    equal "$disk 200" "$(value blkio blkio.throttle.write_iops_device)"
}

@test "blockIO: a weight goes to the file that this kernel has" {
    config '.linux.resources.blockIO.weight = 500'
    waiting_program
    run create
    [ "$status" -eq 0 ] || { contains "$(cat "$BASE/err")" blkio.bfq.weight; return; }
    for file in blkio.weight blkio.bfq.weight; do
        [ ! -e "$(cgroup_file blkio $file)" ] || { equal 500 "$(value blkio $file | sed 's/.* //')"; return; }
    done
    complain 'neither file is there'
}

@test "blockIO: devices that do not exist, and weights that are none" {
    only_proa 'the control says it otherwise'
    config '.linux.resources.blockIO = {throttleReadBpsDevice: [{major: 8, minor: 254, rate: 5}]}'
    run_refused '/linux/resources/blockIO/throttleReadBpsDevice/0: write '
    contains "$stderr" 'there is no such block device'
    config '.linux.resources.blockIO = {weight: 5}'
    run_refused '/linux/resources/blockIO/weight: must be 10 to 1000'
}

@test "a controller that is mounted nowhere is an error with the place in the file" {
    only_proa 'the control does without'
    for resource in '{hugepageLimits: [{pageSize: "2MB", limit: 0}]}' '{network: {classID: 1}}' '{rdma: {mlx: {hcaHandles: 1}}}'; do
        config ".linux.resources = $resource"
        case $resource in *huge*) name=hugetlb ;; *net*) name=net_cls ;; *) name=rdma ;; esac
        ! grep -q ":.*$name" /proc/self/cgroup || continue
        run_refused "no cgroup hierarchy with the controller $name is mounted here"
    done
}

# In a mount namespace of its own the pids hierarchy is at another place.
elsewhere() {
    unshare --mount sh -c 'umount /sys/fs/cgroup/pids && mount -t cgroup -o pids pids "$0" && exec "$@"' "$BASE/pids" "$@"
}

@test "a controller that is mounted elsewhere is found" {
    mkdir "$BASE/pids"
    config '.linux.cgroupsPath = $p | .linux.resources.pids.limit = 77' --arg p "/$ID"
    waiting_program
    elsewhere "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 3>&-
    equal 77 "$(cat "/sys/fs/cgroup/pids/$ID/pids.max")"
    elsewhere "$RUNTIME" --root "$STATE" delete --force "$ID"
    nothing_remains
}

@test "cpuset: absent, the parent's" {
    start_waiting
    equal "$(cat /sys/fs/cgroup/cpuset"$(own_cgroup cpuset)"/cpuset.cpus)" "$(value cpuset cpuset.cpus)"
}

@test "cpuset: processors that do not exist are refused" {
    config '.linux.resources.cpu.cpus = "4000"'
    run_refused 'cpuset.cpus'
}

@test "cpu: shares out of range are refused with the bound" {
    config '.linux.resources.cpu.shares = 1'
    run_refused 'minimum allowed cpu-shares is'
    config '.linux.resources.cpu.shares = 500000'
    run_refused 'maximum allowed cpu-shares is'
}

@test "pids: a limit, that holds" {
    config '.linux.resources.pids.limit = 6'
    start_waiting
    equal 6 "$(value pids pids.max)"
    proa delete --force "$ID"
    args sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 60 & done'
    run proa run --bundle "$BUNDLE" "$ID"
    contains "$output" "an't fork"
}

@test "pids: negative is no limit, 0 is 1 in the contract" {
    config '.linux.resources.pids.limit = -1'
    start_waiting
    equal max "$(value pids pids.max)"
    proa delete --force "$ID"
    [ "$NAME" = runc ] && return
    config '.linux.resources.pids.limit = 0'
    create
    equal 1 "$(value pids pids.max)"
}

@test "a pid limit that leaves no room for the program is an error, not a hang" {
    config '.linux.resources.pids.limit = 1'
    args true
    run timeout 60 "$HARNESS" orphans "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    [ "$status" -le 1 ]
    nothing_remains
}

@test "a limit that the kernel refuses names the file" {
    config '.linux.resources.cpu = {quota: 5, period: 100000}'
    run_refused 'cpu.cfs_quota_us'
    config '.linux.resources.cpu = {quota: 30000, period: 5}'
    run_refused 'cpu.cfs_period_us'
}

@test "memory: swap below the limit, swap without a limit" {
    only_proa 'the control leaves it to the kernel'
    config '.linux.resources.memory = {limit: 33554432, swap: 1048576}'
    run_refused 'memory+swap limit should be >= memory limit'
    config '.linux.resources.memory = {swap: 1048576}'
    run_refused 'unable to set swap limit without memory limit'
}

@test "unified on v1 is refused" {
    config '.linux.resources.unified = {"memory.high": "1000000"}'
    run_refused 'cannot use unified on cgroup v1'
}

@test "an existing empty cgroup is taken; one with a process in it is not" {
    mkdir "/sys/fs/cgroup/pids/$ID"
    config '.linux.cgroupsPath = $p' --arg p "/$ID"
    args true
    proa run --bundle "$BUNDLE" "$ID"
    only_proa 'the control only warns'
    start_waiting
    refused "container's cgroup is not empty" proa run --bundle "$BUNDLE" "$ID-b"
    status_is running
}

@test "delete removes the cgroups that the container made inside its own" {
    start_waiting
    mkdir -p "$(cgroup_file pids sub/below)"
    proa delete --force "$ID"
    nothing_remains
}

@test "all processes of the container are in its cgroups" {
    mkfifo "$BUNDLE/rootfs/gate" "$BUNDLE/rootfs/ready"
    args sh -c 'cat /gate & cat /gate & echo >/ready; wait'
    create
    proa start "$ID"
    timeout 60 cat "$BUNDLE/rootfs/ready" >/dev/null
    equal 3 "$(value pids cgroup.procs | wc -l)"
    equal 3 "$(value memory cgroup.procs | wc -l)"
}

@test "the unified hierarchy beside v1 gets the container as well" {
    [ -d /sys/fs/cgroup/unified ] || skip 'no hybrid layout'
    start_waiting
    contains "$(grep ^0:: "/proc/$(pid_of)/cgroup")" "$ID"
}

# A view as of a pure v2 machine: a private mount namespace with a cgroup2 of its own on /sys/fs/cgroup.
# Its controllers are bound to the v1 hierarchies, so there is nothing to limit.
v2_view() {
    unshare --mount sh -c 'umount -R -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"' sh "$@"
}

@test "v2: created, joined, killed and removed" {
    config '.mounts |= map(select(.type != "cgroup")) | del(.linux.resources) | .linux.cgroupsPath = $p' --arg p "/$ID"
    waiting_program
    v2_view "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 3>&-
    equal "0::/$ID" "$(grep ^0:: "/proc/$(v2_view "$RUNTIME" --root "$STATE" state "$ID" | jq .pid)/cgroup")"
    v2_view "$RUNTIME" --root "$STATE" start "$ID"
    v2_view "$RUNTIME" --root "$STATE" delete --force "$ID"
    nothing_remains
}

@test "v2: the cgroup mount shows the container's own cgroup" {
    only_proa 'the control wants its controllers'
    config 'del(.linux.resources) | .linux.cgroupsPath = $p' --arg p "/$ID"
    namespace cgroup
    args sh -c 'cat /proc/self/cgroup; grep -c " /sys/fs/cgroup cgroup2 ro" /proc/self/mounts'
    run v2_view "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    contains "$output" '0::/'
    equal 1 "${lines[-1]}"
}

@test "v2: a controller that is not there is an error that names it" {
    only_proa 'the control words it otherwise'
    config '.linux.resources.memory.limit = 33554432 | .mounts |= map(select(.type != "cgroup"))'
    args true
    refused 'memory' v2_view "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    nothing_remains
}
