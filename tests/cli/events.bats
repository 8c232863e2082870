# `proa events`: the record of statistics beside the kernel's own files, and what the OOM killer does.

load ../lib/helpers

# kernel_file CONTROLLER FILE: in the cgroup that the container's first process is in, whatever the version.
kernel_file() {
    local pid path
    pid=$(pid_of)
    if path=$(awk -F : -v c="$1" '{ n = split($2, list, ","); for (i = 1; i <= n; i++) if (list[i] == c) print $3 }' "/proc/$pid/cgroup") &&
        [ -n "$path" ]; then
        echo "/sys/fs/cgroup/$1$path/$2"
    else
        echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")/$2"
    fi
}

is_v2() {
    [ -f /sys/fs/cgroup/cgroup.controllers ]
}

# data FILTER: of the record in $output.
data() {
    jq -c ".data | $1" <<<"$output"
}

# A program that wants 64 MB each time that somebody writes to the gate, and lives on when it does not get them.
greedy_program() {
    mkfifo "$BUNDLE/rootfs/gate"
    args sh -c 'while read -r line </gate; do dd if=/dev/zero of=/dev/null bs=64M count=1; done; exit 0'
    config '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
}

greed() {
    echo more >"$BUNDLE/rootfs/gate"
}

# background command…: its output goes to $BASE/stream, its pid to $follower.
background() {
    "$@" >"$BASE/stream" 2>"$BASE/stream.err" 3>&- &
    follower=$!
}

# reaches COUNT FILTER: the stream gets so many records for which the filter is true, within a minute.
reaches() {
    local deadline=$((SECONDS + 60))
    until [ "$(jq -c "select($2)" "$BASE/stream" 2>/dev/null | wc -l)" -ge "$1" ]; do
        [ $SECONDS -lt $deadline ] || complain "no $1 records with $2:" "$(cut -c 1-300 "$BASE/stream")" "$(cat "$BASE/stream.err")"
        read -r -t 0.05 <> <(:) || true
    done
}

# It has its inotify, eventfd or epoll before the first record: nothing after that is missed.
follow_events() {
    background "$RUNTIME" --root "$STATE" events --interval "${1:-100ms}" "$ID"
    [ "${1:-100ms}" = 1h ] || reaches 1 '.type == "stats"'
}

@test "events --stats: one line of runc's form, then the end" {
    start_waiting
    run -0 --separate-stderr proa events --stats "$ID"
    equal 1 "${#lines[@]}"
    equal "$ID" "$(jq -r .id <<<"$output")"
    equal '["type","id","data"]' "$(jq -c keys_unsorted <<<"$output")"
    equal '["cpu","cpuset","memory","pids","blkio","hugetlb","intel_rdt","network_interfaces"]' \
        "$(data 'del(.rdma) | keys_unsorted')"
}

@test "events --stats: what is 0 is left out as runc does it" {
    only_proa 'newer rules'
    start_waiting
    run -0 proa events --stats "$ID"
    equal true "$(data '.pids | has("current") and (has("limit") | not)')"
    equal false "$(data '.cpu | has("throttling")')"
    equal '["cpu_exclusive","mem_exclusive","mem_hardwall","memory_migrate","memory_pressure","memory_spread_page","memory_spread_slab","sched_load_balance","sched_relax_domain_level"]' \
        "$(data '.cpuset | del(.cpus, .mems) | keys')"
    equal '{}' "$(data .intel_rdt)"
}

@test "events --stats: limits and processes as the kernel has them" {
    config '.linux.resources.memory = {limit: 67108864} | .linux.resources.pids = {limit: 33}'
    start_waiting
    run -0 proa events --stats "$ID"
    equal 67108864 "$(data .memory.usage.limit)"
    equal '{"current":1,"limit":33}' "$(data .pids)"
    [ "$(data .memory.usage.usage)" -gt 0 ]
    equal "$(cut -d ' ' -f 1 "$(kernel_file memory memory.stat)" | sort)" "$(data '.memory.raw | keys[]' | tr -d '"' | sort)"
}

@test "events --stats: v1 files" {
    only_v1
    start_waiting
    run -0 proa events --stats "$ID"
    equal "$(cat "$(kernel_file memory memory.max_usage_in_bytes)")" "$(jq -r '.data.memory.usage.max' <<<"$output")"
    equal "$(cat "$(kernel_file cpuacct cpuacct.usage_percpu)" | tr -s ' ' '\n' | grep -c .)" "$(data '.cpu.usage.percpu | length')"
    equal "$(data '.cpu.usage.percpu | length')" "$(data '.cpu.usage.percpu_user | length')"
    equal "$(cat "$(kernel_file cpuset cpuset.sched_load_balance)")" "$(data .cpuset.sched_load_balance)"
    equal "$(cat "$(kernel_file cpuset cpuset.sched_relax_domain_level)")" "$(data .cpuset.sched_relax_domain_level)"
    # Exact, though beyond what jq can hold.
    contains "$output" "\"kernel\":{\"limit\":$(cat "$(kernel_file memory memory.kmem.limit_in_bytes)"),"
    contains "$output" "\"swap\":{\"limit\":$(cat "$(kernel_file memory memory.memsw.limit_in_bytes)"),"
}

@test "events --stats: v2 files in the terms of v1" {
    is_v2 || skip 'needs cgroup v2'
    config '.linux.resources.memory = {limit: 67108864, swap: 100663296} | .linux.resources.cpu = {quota: 50000, period: 100000}'
    start_waiting
    run -0 proa events --stats "$ID"
    equal "$((67108864 + $(cat "$(kernel_file memory memory.swap.max)" 2>/dev/null || echo 0)))" "$(data .memory.swap.limit)"
    equal "$(sed -n 's/^user_usec //p' "$(kernel_file cpu cpu.stat)")000" "$(data .cpu.usage.user | sed 's/^0$/0000/')"
    equal 0 "$(data .cpuset.sched_load_balance)"
    equal false "$(data '.cpu.usage | has("percpu")')"
}

@test "events --stats: counters grow" {
    mkfifo "$BUNDLE/rootfs/gate" "$BUNDLE/rootfs/done"
    args sh -c 'while read -r line </gate; do i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; echo >/done; done'
    create
    proa start "$ID"
    run -0 proa events --stats "$ID"
    local before
    before=$(data .cpu.usage.total)
    greed
    read -r <"$BUNDLE/rootfs/done"
    run -0 proa events --stats "$ID"
    [ "$(data .cpu.usage.total)" -gt "$before" ]
}

@test "events --stats: interfaces of the container's network namespace" {
    only_proa 'runc knows of none'
    start_waiting
    run -0 proa events --stats "$ID"
    equal null "$(data .network_interfaces)"
    nsenter --net="/proc/$(pid_of)/ns/net" ip link add 'wire|0' type veth peer name other
    nsenter --net="/proc/$(pid_of)/ns/net" ip link set 'wire|0' up
    run -0 proa events --stats "$ID"
    equal '["other","wire|0"]' "$(data '.network_interfaces | map(.Name) | sort')"
    equal '["Name","RxBytes","RxPackets","RxErrors","RxDropped","TxBytes","TxPackets","TxErrors","TxDropped"]' \
        "$(data '.network_interfaces[0] | keys_unsorted')"
}

@test "events --stats: the host's interfaces are not the container's" {
    no_namespace network
    config '.linux.sysctl = {}'
    start_waiting
    run -0 proa events --stats "$ID"
    equal null "$(data .network_interfaces)"
}

@test "events --stats: of a container that is paused, or only created" {
    only_proa 'a created one has no statistics there'
    waiting_program
    create
    run -0 proa events --stats "$ID"
    equal 1 "$(data .pids.current)"
}

@test "events: not of one that has ended, or that there is not" {
    args true
    create
    refused 'container does not exist' proa events nobody
    local pid
    pid=$(pid_of)
    proa start "$ID"
    wait_end "$pid"
    refused "container with id $ID is not running" proa events --stats "$ID"
    refused "container with id $ID is not running" proa events "$ID"
}

@test "events: intervals" {
    refused 'container does not exist' proa events --interval 0s "$ID"
    start_waiting
    refused 'duration interval must be greater than 0' proa events --interval 0h "$ID"
    refused 'duration interval must be greater than 0' proa events --interval 0s "$ID"
    refused 'duration interval must be greater than 0' proa events --interval=-5s "$ID"
    only_proa 'words of another version'
    for bad in 5 '' s 1x 5S; do
        run --separate-stderr proa events --interval="$bad" "$ID"
        equal 1 "$status"
        contains "$(plain "$stderr")" "invalid value \"$bad\" for flag -interval"
    done
}

@test "events: records at the interval, until the container ends" {
    start_waiting
    follow_events 50ms
    reaches 3 '.type == "stats"'
    echo >"$BUNDLE/rootfs/gate"
    wait "$follower"
    [ ! -s "$BASE/stream.err" ] || complain "$(cat "$BASE/stream.err")"
}

@test "events: the first record comes after an interval, the end at once" {
    start_waiting
    follow_events 1h
    # It watches when its epoll is there.
    watches() { find "/proc/$follower/fd" -lname 'anon_inode:*timerfd*' | grep -q .; }
    until_true watches
    echo >"$BUNDLE/rootfs/gate"
    wait "$follower"
    [ ! -s "$BASE/stream" ] || complain "$(cat "$BASE/stream")"
}

@test "events: each time that the OOM killer strikes" {
    only_proa 'runc tells some of them twice'
    greedy_program
    create
    proa start "$ID"
    follow_events
    for count in 1 2 3; do
        greed
        reaches $count '.type == "oom"'
    done
    equal "{\"type\":\"oom\",\"id\":\"$ID\"}" "$(grep '"oom"' "$BASE/stream" | sort -u)"
    # What was before is not told again; it is over when the last victim is gone, and nobody else writes into the stream.
    kill "$follower"
    wait "$follower" || true
    spared() { [ "$(proa ps --format json "$ID" | jq length)" -eq 1 ]; }
    until_true spared
    background "$RUNTIME" --root "$STATE" events --interval 50ms "$ID"
    reaches 2 '.type == "stats"'
    run ! grep -q '"oom"' "$BASE/stream"
}

@test "events: an OOM that ends the container is told before its end" {
    mkfifo "$BUNDLE/rootfs/gate"
    args sh -c 'read -r line </gate; exec dd if=/dev/zero of=/dev/null bs=64M count=1'
    config '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
    create
    proa start "$ID"
    follow_events
    greed
    wait "$follower"
    # v1 counts how often the OOM killer was called, which may be again while its victim ends.
    [ "$(grep -c '"oom"' "$BASE/stream")" -ge 1 ] || complain "no OOM told" "$(cat "$BASE/stream")"
}

@test "events: a kill and a delete in the middle are an end, not an error" {
    start_waiting
    follow_events 1ms
    proa kill "$ID" KILL
    wait "$follower"
    proa delete --force "$ID"
    [ ! -s "$BASE/stream.err" ] || complain "$(cat "$BASE/stream.err")"
    run ! grep -q '"oom"' "$BASE/stream"
}

@test "events: every line is whole when it is interrupted" {
    start_waiting
    follow_events 1ms
    reaches 20 '.type == "stats"'
    kill -INT "$follower" 2>/dev/null || kill -TERM "$follower"
    kill -TERM "$follower" 2>/dev/null || true
    wait "$follower" || true
    equal "$(wc -l <"$BASE/stream")" "$(jq -c .type "$BASE/stream" | wc -l)"
}

@test "events: ends when nobody reads any more, not only at the next record" {
    only_proa 'runc waits for the next record'
    start_waiting
    mkfifo "$BASE/pipe"
    "$RUNTIME" --root "$STATE" events --interval 1h "$ID" >"$BASE/pipe" 3>&- &
    exec 9<"$BASE/pipe"
    exec 9<&-
    wait $!
}

@test "events: hundred looks at containers that come and go" {
    local i
    args true
    for i in 1 2 3 4 5; do
        create
        background bash -c 'for i in {1..20}; do "$@" || true; done' - "$RUNTIME" --root "$STATE" events --stats "$ID"
        proa start "$ID"
        wait "$follower"
        run -0 bash -c "grep -v -e 'container with id $ID is not running' -e 'container does not exist' '$BASE/stream.err' || true"
        [ -z "$output" ] || complain "$output"
        proa delete --force "$ID"
    done
}
