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
    find /sys/fs/cgroup -depth -type d -name "$ID" -exec rmdir {} +
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
    args sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done'
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
    run timeout 20 "$HARNESS" orphans "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
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
    run_refused 'unified'
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
    timeout 10 cat "$BUNDLE/rootfs/ready" >/dev/null
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
