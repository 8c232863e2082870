# New limits for a container that lives, seen in the files of its cgroups. Runs on v1 and on v2.
load ../lib/helpers
load ../lib/faults

prepare() {
    if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
        v2=1
        own=$(sed -n 's/^0:://p' /proc/self/cgroup)
        own=$(dirname "$own")
        CGROUP=/sys/fs/cgroup${own%/}/$ID
    else
        v2=
    fi
}

# file V1-NAME V2-NAME: the file of $ID's cgroup; a controller that is not there skips the test.
file() {
    local path
    if [ "$v2" ]; then path=$CGROUP/$2; else path=$(cgroup_file "${1%%.*}" "$1"); fi
    [ -e "$path" ] || skip "no $path here"
    echo "$path"
}

# says_file TEXT V1-NAME V2-NAME
says_file() {
    local path
    path=$(file "$2" "$3")
    equal "$1" "$(cat "$path")"
}

# either V1 V2
either() {
    if [ "$v2" ]; then echo "$2"; else echo "$1"; fi
}

has_swap() {
    [ -e "$(cgroup_file memory memory.memsw.limit_in_bytes '')" ] || [ "$v2" ] || skip 'swap is not accounted'
}

limits() {
    config '.linux.resources += $r' --argjson r "$1"
}

update() {
    run --separate-stderr proa update "$@" "$ID"
    ok
}

update_refused() {
    refused "$1" proa update "${@:2}" "$ID"
}

@test "update: memory, in the units of people" {
    limits '{"memory": {"limit": 67108864}}'
    start_waiting
    update --memory 96m
    says_file 100663296 memory.limit_in_bytes memory.max
    update --memory 64MiB --memory-reservation 1.5m
    says_file 67108864 memory.limit_in_bytes memory.max
    says_file 1572864 memory.soft_limit_in_bytes memory.low
    update --memory 33554432
    says_file 33554432 memory.limit_in_bytes memory.max
}

@test "update: memory and swap, up and down, together and one alone" {
    has_swap
    limits '{"memory": {"limit": 67108864, "swap": 134217728}}'
    start_waiting
    update --memory 200m --memory-swap 300m
    says_file 209715200 memory.limit_in_bytes memory.max
    if [ "$v2" ]; then says_file 104857600 - memory.swap.max; else says_file 314572800 memory.memsw.limit_in_bytes -; fi
    update --memory 40m --memory-swap 50m
    says_file 41943040 memory.limit_in_bytes memory.max
    if [ "$v2" ]; then says_file 10485760 - memory.swap.max; else says_file 52428800 memory.memsw.limit_in_bytes -; fi
    only_proa 'the control leaves swap alone, as it was said at the creation'
    update --memory 45m
    if [ "$v2" ]; then says_file 5242880 - memory.swap.max; else says_file 52428800 memory.memsw.limit_in_bytes -; fi
    update --memory-swap 60m
    if [ "$v2" ]; then says_file 15728640 - memory.swap.max; else says_file 62914560 memory.memsw.limit_in_bytes -; fi
}

@test "update: memory without a limit takes that of swap along" {
    limits '{"memory": {"limit": 67108864}}'
    start_waiting
    update --memory -1
    if [ "$v2" ]; then
        says_file max - memory.max
        says_file max - memory.swap.max
    else
        [ "$(cat "$(file memory.limit_in_bytes -)")" -gt 1000000000000 ]
    fi
}

@test "update: swap below memory, swap without memory" {
    only_proa 'the control leaves it to the kernel'
    start_waiting
    update_refused 'unable to set swap limit without memory limit' --memory-swap 64m
    update_refused 'memory+swap limit should be >= memory limit' --memory 64m --memory-swap 32m
}

@test "update: shares, quota, period, burst, idle" {
    limits '{"cpu": {"shares": 512, "quota": 20000, "period": 50000}}'
    start_waiting
    update --cpu-share 1024
    says_file "$(either 1024 100)" cpu.shares cpu.weight
    update --cpu-quota 30000
    says_file "$(either 30000 '30000 50000')" cpu.cfs_quota_us cpu.max
    update --cpu-period 60000
    says_file "$(either 60000 '30000 60000')" cpu.cfs_period_us cpu.max
    only_proa 'the control is older'
    update --cpu-burst 10000
    says_file 10000 cpu.cfs_burst_us cpu.max.burst
    update --cpu-burst 0 --cpu-quota -1
    says_file "$(either -1 'max 60000')" cpu.cfs_quota_us cpu.max
    update --cpu-idle 1
    says_file 1 cpu.idle cpu.idle
    update --cpu-idle 0
    says_file 0 cpu.idle cpu.idle
}

@test "update: quota and burst that fit only when all is written" {
    only_proa 'the control is older'
    limits '{"cpu": {"quota": 20000, "period": 100000, "burst": 20000}}'
    start_waiting
    update --cpu-quota 80000 --cpu-burst 60000
    says_file 60000 cpu.cfs_burst_us cpu.max.burst
    update --cpu-quota 10000 --cpu-burst 5000
    says_file 5000 cpu.cfs_burst_us cpu.max.burst
    says_file "$(either 10000 '10000 100000')" cpu.cfs_quota_us cpu.max
}

@test "update: cpus and mems" {
    start_waiting
    file cpuset.cpus cpuset.cpus
    update --cpuset-cpus 0 --cpuset-mems 0
    says_file 0 cpuset.cpus cpuset.cpus
    says_file 0 cpuset.mems cpuset.mems
    equal 0 "$(awk '/Cpus_allowed_list/ { print $2 }' "/proc/$(pid_of)/status")"
}

@test "update: pids, and it holds" {
    limits '{"pids": {"limit": 50}}'
    start_waiting
    update --pids-limit 7
    says_file 7 pids.max pids.max
    run proa exec "$ID" sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 60 >/dev/null 2>&1 & done'
    contains "$output" "an't fork"
    update --pids-limit -1
    says_file max pids.max pids.max
    only_proa 'the control is older: 0 leaves it as it is'
    update --pids-limit 0
    says_file 1 pids.max pids.max
}

@test "update: block I/O weight" {
    start_waiting
    [ "$v2" ] || [ -e "$(cgroup_file blkio blkio.weight)" ] || [ -e "$(cgroup_file blkio blkio.bfq.weight)" ] || skip 'no weights'
    [ ! "$v2" ] || [ -e "$CGROUP/io.weight" ] || [ -e "$CGROUP/io.bfq.weight" ] || skip 'no weights'
    update --blkio-weight 500
    grep -rqs '\(^\|default \)\(500\|4950\)$' "$(cgroup_file blkio '')" "${CGROUP:-/none}" --include='*weight'
}

@test "update: resources from a file and from standard input; then options do not count" {
    start_waiting
    echo '{"memory": {"limit": 50331648}, "pids": {"limit": 9}}' >"$BASE/new"
    update --memory 96m --resources "$BASE/new"
    says_file 50331648 memory.limit_in_bytes memory.max
    proa update -r - "$ID" <<<'{"memory": {"limit": 54525952}}'
    says_file 54525952 memory.limit_in_bytes memory.max
    proa update --resources=- "$ID" <<<'{"memory": {"limit": 58720256}, "cpu": {"shares": 0, "quota": 0, "cpus": ""}}'
    says_file 58720256 memory.limit_in_bytes memory.max
    says_file 9 pids.max pids.max
    proa update --resources - "$ID" <<<'{}'
}

@test "update: nothing asked for is no error" {
    start_waiting
    update
}

@test "update: one value refused, and all are as before" {
    only_proa 'the control ends half way at times'
    limits '{"cpu": {"shares": 512, "quota": 20000, "period": 50000}, "memory": {"limit": 67108864}, "pids": {"limit": 50}}'
    start_waiting
    cat >"$BASE/new" <<<'{"memory": {"limit": 100663296, "reservation": 1048576}, "pids": {"limit": 60},
        "cpu": {"shares": 700, "quota": 5, "period": 70000}}'
    update_refused 'cpu.' --resources "$BASE/new"
    contains "$stderr" /linux/resources/cpu
    says_file 67108864 memory.limit_in_bytes memory.max
    says_file 50 pids.max pids.max
    says_file "$(either 20000 '20000 50000')" cpu.cfs_quota_us cpu.max
    says_file "$(either 50000 '20000 50000')" cpu.cfs_period_us cpu.max
    says_file "$(either 512 59)" cpu.shares cpu.weight
    # Also where the way back is as narrow as the way forward.
    proa update --cpu-burst 15000 "$ID"
    last=$(either '"blockIO": {"throttleReadBpsDevice": [{"major": 4000, "minor": 1, "rate": 5}]}' '"unified": {"none.max": "1"}')
    echo '{"cpu": {"shares": 700, "quota": 5000, "burst": 1000}, '"$last"'}' >"$BASE/new"
    update_refused "$(either blkio.throttle none.max)" --resources "$BASE/new"
    lacks "$stderr" 'set back'
    says_file "$(either 20000 '20000 50000')" cpu.cfs_quota_us cpu.max
    says_file 15000 cpu.cfs_burst_us cpu.max.burst
    # And the next one starts from there.
    update --cpu-quota 25000
    says_file "$(either 50000 '25000 50000')" cpu.cfs_period_us cpu.max
}

@test "update: a plan that cannot be saved leaves everything as it was" {
    only_proa 'its own files'
    limits '{"pids": {"limit": 50}}'
    start_waiting
    chattr +i "$STATE/$ID/plan" 2>/dev/null || host_mount --bind "$STATE/$ID/plan" "$STATE/$ID/plan"
    update_refused 'saving the plan' --pids-limit 60
    chattr -i "$STATE/$ID/plan" 2>/dev/null || umount "$STATE/$ID/plan"
    says_file 50 pids.max pids.max
    update --pids-limit 60
    says_file 60 pids.max pids.max
}

@test "update: more memory in use than the new limit" {
    [ ! "$v2" ] || skip 'v2 makes room by killing'
    add_mount /t tmpfs tmpfs
    limits '{"memory": {"limit": 104857600, "swap": 104857600}}'
    mkfifo "$BUNDLE/rootfs/ready" "$BUNDLE/rootfs/gate"
    args sh -c 'head -c 50000000 /dev/zero >/t/fill; echo >/ready; exec cat /gate'
    create
    proa start "$ID"
    timeout 60 cat "$BUNDLE/rootfs/ready" >/dev/null
    run --separate-stderr proa update --memory 20m --memory-swap 100m "$ID"
    [ "$status" -eq 1 ] || skip 'the kernel has found room: there is swap'
    matches "$stderr" 'unable to set memory limit to 20971520 \(current usage: [0-9]+, peak usage: [0-9]+\)'
    says_file 104857600 memory.limit_in_bytes -
}

@test "update: a limit below what is in use, checked before" {
    [ "$v2" ] || skip 'v1 refuses by itself'
    only_proa 'the control is older'
    add_mount /t tmpfs tmpfs
    limits '{"memory": {"limit": 104857600, "swap": 104857600, "checkBeforeUpdate": true}}'
    mkfifo "$BUNDLE/rootfs/ready" "$BUNDLE/rootfs/gate"
    args sh -c 'head -c 50000000 /dev/zero >/t/fill; echo >/ready; exec cat /gate'
    create
    proa start "$ID"
    timeout 60 cat "$BUNDLE/rootfs/ready" >/dev/null
    update_refused 'rejecting memory limit' --memory 20m --memory-swap 100m
    says_file 104857600 - memory.max
}

@test "update: unified, key by key" {
    [ "$v2" ] || skip 'v2 only'
    limits '{"unified": {"memory.high": "67108864", "memory.low": "1048576"}}'
    start_waiting
    proa update -r - "$ID" <<<'{"unified": {"memory.high": "83886080"}}'
    says_file 83886080 - memory.high
    says_file 1048576 - memory.low
    only_proa 'in its own words'
    refused 'none.max' proa update -r - "$ID" <<<'{"unified": {"none.max": "1"}}'
    refused 'no slashes' proa update -r - "$ID" <<<'{"unified": {"../memory.high": "1"}}'
}

@test "update: a created and a paused container; not one that has stopped, nor one that is not there" {
    start_waiting
    proa pause "$ID"
    update --pids-limit 21
    says_file 21 pids.max pids.max
    status_is paused
    proa resume "$ID"
    pid=$(pid_of)
    proa kill "$ID" KILL
    wait_end "$pid"
    update_refused "$(head_says 'container not running')" --pids-limit 22
    proa delete "$ID"
    update_refused 'does not exist' --pids-limit 22
    create
    update --pids-limit 23
    says_file 23 pids.max pids.max
    status_is created
}

@test "update: what devices may do stays as it is" {
    # Whether this kernel has the device or not: the cgroup is asked first.
    config '.linux.devices = [{path: "/dev/some", type: "c", major: 10, minor: 229, fileMode: 438}]'
    limits '{"devices": [{"allow": false, "access": "rwm"}]}'
    start_waiting
    cat >"$BASE/new" <<<'{"pids": {"limit": 40}, "devices": [{"allow": true, "access": "rwm"}]}'
    update -r "$BASE/new"
    proa exec "$ID" sh -c 'head -c 1 /dev/zero >/dev/null'
    run proa exec "$ID" sh -c ': </dev/some'
    contains "$output" 'Operation not permitted'
    # One that somebody has opened to the container meanwhile stays open.
    [ ! "$v2" ] || return 0
    echo 'c 10:229 rwm' >"$(cgroup_file devices devices.allow)"
    update --pids-limit 41
    run proa exec "$ID" sh -c ': </dev/some'
    lacks "$output" 'Operation not permitted'
    echo 'c 10:229 rwm' >"$(cgroup_file devices devices.deny)"
}

@test "update: exec goes on, and the saved plan does not grow" {
    only_proa 'its own files'
    start_waiting
    update --memory 64m
    size=$(stat -c %s "$STATE/$ID/plan")
    for i in $(seq 10); do update --memory $((64 + i))m; done
    [ "$(stat -c %s "$STATE/$ID/plan")" -le $((size + 64)) ]
    equal hello "$(proa exec "$ID" echo hello)"
    equal '' "$(find "$STATE/$ID" -name '.*' -type f)"
}

@test "update: many at once, one after the other" {
    start_waiting
    jobs=()
    for i in $(seq 8); do
        proa update --pids-limit $((100 + i)) --cpu-share $((100 + i)) "$ID" &
        jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job"; done
    [ ! "$v2" ] || return 0
    equal "$(cat "$(file pids.max -)")" "$(cat "$(file cpu.shares -)")"
}

@test "update: Intel RDT where there is none" {
    [ ! -e /sys/fs/resctrl/info ] || skip 'this machine has it'
    start_waiting
    update_refused 'Intel RDT/CAT: l3 cache schema is not enabled' --l3-cache-schema 'L3:0=f'
    update_refused 'Intel RDT/MBA: memory bandwidth schema is not enabled' --mem-bw-schema 'MB:0=50'
}

@test "update: options of former days are warned of" {
    start_waiting
    update --kernel-memory 64m --kernel-memory-tcp 64m
    contains "$stderr" 'Kernel memory settings are ignored and will be removed'
}

@test "update: bad input" {
    only_proa 'in its own words'
    start_waiting
    update_refused "invalid value for memory: invalid size: 'much'" --memory much
    update_refused "invalid value for memory-swap: invalid suffix: 'x'" --memory-swap 5x
    update_refused 'invalid value for cpu-share' --cpu-share -1
    update_refused 'invalid value for cpu-quota' --cpu-quota 1.5
    update_refused 'invalid value for cpu-idle' --cpu-idle yes
    update_refused 'invalid value for pids-limit' --pids-limit 99999999999999999999
    update_refused '/linux/resources/cpu/idle' --cpu-idle 2
    [ "$v2" ] || update_refused '/linux/resources/cpu/shares: the minimum allowed cpu-shares is 2' --cpu-share 1
    update_refused 'must be 10 to 1000' --blkio-weight 5
    update_refused 'No such file' --resources "$BASE/none"
    echo '{"memory": {"limit": "64m"}}' >"$BASE/new"
    update_refused "$BASE/new:1:22: /linux/resources/memory/limit" --resources "$BASE/new"
    [ "$NAME" != proa ] || update_refused 'standard input:1:22: /linux/resources/memory/limit' --resources - <"$BASE/new"
    head -c 100000 /dev/urandom >"$BASE/new"
    update_refused "$BASE/new:1:" --resources "$BASE/new"
    status_is running
}

@test "update: killed anywhere on the way, the next one succeeds" {
    needs_stop_points
    limits '{"memory": {"limit": 67108864}, "pids": {"limit": 50}}'
    start_waiting
    for n in $(seq 100); do
        outcome=$(kill_at "$n" update --memory 96m --pids-limit 60 "$ID" -- true)
        status_is running
        equal hello "$(proa exec "$ID" echo hello)"
        proa update --memory 64m --pids-limit 50 "$ID"
        says_file 67108864 memory.limit_in_bytes memory.max
        says_file 50 pids.max pids.max
        [ "$outcome" = killed ] || break
    done
    equal 'ended 0' "$outcome"
    [ "$n" -gt 4 ]
}
