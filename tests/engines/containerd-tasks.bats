#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154,SC2030,SC2031
# containerd through ctr: exec, tasks, events, and what happens when a shim or the daemon dies.

load engines
load containerd
load ctr

setup_file() {
    ctr_begin
    start_daemon events ctr events
}

teardown_file() {
    containerd_end
}

task_exec() {
    ctr task exec --exec-id "e$RANDOM" "$@" </dev/null
}

# ended_as PID STATUS: a background command of this shell.
ended_as() {
    local status=0
    wait "$1" || status=$?
    output=
    ends "$2"
}

# event TOPIC WORD…: the listener has seen it of this container, with these words.
event() {
    wait_until 60 event_seen "$@" || { cat "$BASE/events.log"; return 1; }
}

event_seen() {
    local lines word
    lines=$(grep -F " /tasks/$1 {\"container_id\":\"$ID\"" "$BASE/events.log")
    for word in "${@:2}"; do
        lines=$(grep -F "$word" <<<"$lines")
    done
    [ -n "$lines" ]
}

# ---- Exec -----------------------------------------------------------------------------------------

@test "exec: output and exit status" {
    idle
    run --separate-stderr task_exec "$ID" sh -c 'echo out; echo err >&2; exit 9'
    ends 9
    [ "$output" = out ] && [ "$stderr" = err ]
}

@test "exec: --user, --cwd" {
    idle
    run task_exec --user user --cwd /tmp "$ID" sh -c 'id -u; id -g; pwd'
    says $'1000\n1000\n/tmp'
    run task_exec --user 5:6 "$ID" sh -c 'id -u; id -g'
    says $'5\n6'
}

@test "exec -t: a terminal, resized, Ctrl-C" {
    idle
    works_on_terminal ctr task exec -t --exec-id e1 "$ID"
}

@test "exec -d: seen by ps, killed by its ID" {
    idle
    ctr task exec -d --fifo-dir "$BASE/fifo" --exec-id worker "$ID" sleep infinity </dev/null
    run ctr task ps "$ID"
    mentions "$(pid_of)" worker
    ctr task kill --exec-id worker -s KILL "$ID"
    event exit '"id":"worker"' '"exit_status":137'
    [ "$(ctr task ps "$ID" | wc -l)" -eq 2 ]
    task_is RUNNING
}

@test "exec: the program is missing" {
    idle
    run task_exec "$ID" no-such-program
    ends 1
    mentions 'OCI runtime exec failed' 'no-such-program' 'executable file not found in $PATH'
}

@test "exec: not into a stopped task" {
    idle
    ctr task kill -s KILL "$ID"
    wait_until 60 task_is STOPPED
    run task_exec "$ID" true
    ends 1
}

@test "exec: ten at once" {
    local pids=() i
    idle
    for i in {10..19}; do
        ctr task exec --exec-id "n$i" "$ID" sh -c "exit $i" </dev/null &
        pids+=($!)
    done
    for i in {10..19}; do
        ended_as "${pids[i - 10]}" "$i"
    done
}

# ---- Tasks ----------------------------------------------------------------------------------------

@test "task: pause and resume" {
    begin_counting
    ctr task pause "$ID"
    task_is PAUSED
    if [ -d /sys/fs/cgroup/freezer ]; then
        [ "$(cgroup_value freezer freezer.state '')" = FROZEN ]
    else
        cgroup_value freezer '' cgroup.events | grep -q -x 'frozen 1'
    fi
    local count
    count=$(counted)
    sleep 0.1
    [ "$(counted)" -eq "$count" ]
    ctr task resume "$ID"
    task_is RUNNING
    wait_until 60 counted_beyond "$count"
}

# begin_counting: a task that counts in /share/count, a line each.
begin_counting() {
    launch -d --null-io -- sh -c 'i=0; while :; do i=$((i + 1)); echo $i >>/share/count; sleep 0.02; done'
    wait_until 60 counted_beyond 0
}

counted() {
    tail -n 1 "$BASE/share/count"
}

counted_beyond() {
    [ "$(counted)" -gt "$1" ]
}

@test "task: kill by name, by number, by default" {
    local words expected=3
    for words in '-s SIGUSR1' '-s 12' ''; do
        begin 'trap "exit 3" USR1; trap "exit 4" USR2; trap "exit 5" TERM; touch /share/ready; while :; do sleep 0.02; done'
        # shellcheck disable=SC2086 # the option and its value
        ctr task kill $words "$ID"
        ended_with $expected
        ctr container rm "$ID"
        rm "$BASE/share/ready"
        expected=$((expected + 1))
    done
}

@test "task: kill --all" {
    begin 'trap "echo init >>/share/who" USR1
        (trap "echo child >>/share/who; exit" USR1; touch /share/ready; while :; do sleep 0.02; done) &
        while :; do wait; sleep 0.02; done'
    ctr task kill --all -s USR1 "$ID"
    wait_until 60 both_heard
    task_is RUNNING
}

both_heard() {
    [ "$(sort "$BASE/share/who")" = $'child\ninit' ]
}

@test "task: kill one that has ended" {
    idle
    ctr task kill -s KILL "$ID"
    wait_until 60 task_is STOPPED
    run ctr task kill -s KILL "$ID"
    ends 1
    mentions 'process already finished' 'not found'
}

@test "task: ps names every process" {
    begin 'sleep infinity & : >/share/ready; wait'
    run ctr task ps "$ID"
    [ "$(tail -n +2 <<<"$output" | awk '{ print $1 }')" = "$(pid_of; pgrep -P "$(pid_of)")" ]
}

@test "task: metrics" {
    begin 'dd if=/dev/zero of=/dev/shm/data bs=1M count=8; sleep infinity & : >/share/ready; wait' --memory-limit 67108864
    run ctr task metrics --format json "$ID"
    jq -e '(.pids.current == 2) and
        ((.memory.usage.usage? // .memory.usage) | . > 8000000 and . < 67108864) and
        ((.memory.usage.limit? // .memory.usage_limit) == 67108864) and
        ((.cpu.usage.total? // .cpu.usage_usec) > 0)' <<<"$output"
}

@test "task: delete" {
    idle
    run ctr task delete "$ID"
    ends 1
    task_is RUNNING
    run ctr task delete -f "$ID"
    [ -z "$(ctr task ls -q)" ]
}

@test "task: one ID in two namespaces" {
    idle
    local other=${CONTAINERD_NAMESPACE}b pid
    pid=$(pid_of)
    CONTAINERD_NAMESPACE=$other ctr image import "$BASE/image.tar"
    CONTAINERD_NAMESPACE=$other idle
    [ "$(CONTAINERD_NAMESPACE=$other pid_of)" != "$pid" ]
    CONTAINERD_NAMESPACE=$other teardown
    [ "$(pid_of)" = "$pid" ]
    task_is RUNNING
}

@test "task: twenty containers at once" {
    local pids=() i CTR_SECONDS=800
    for i in {1..20}; do
        ID=$ID-$i launch --rm -- sh -c "exit $((i + 100))" </dev/null &
        pids+=($!)
    done
    for i in {1..20}; do
        ended_as "${pids[i - 1]}" $((i + 100))
    done
}

# ---- Events ---------------------------------------------------------------------------------------

@test "events: create, start, exit, delete" {
    inside -- sh -c 'exit 6'
    event delete '"exit_status":6'
    run grep -o -E " /tasks/[a-z]+ \{\"container_id\":\"$ID\"" "$BASE/events.log"
    says "$(printf ' /tasks/%s {"container_id":"'"$ID"'"\n' create start exit delete)"
    event exit '"exit_status":6' "\"id\":\"$ID\""
}

@test "events: exec" {
    idle
    run ctr task exec --exec-id one "$ID" sh -c 'exit 8' </dev/null
    ends 8
    event exec-added '"exec_id":"one"'
    event exec-started '"exec_id":"one"' '"pid":'
    event exit '"id":"one"' '"exit_status":8'
}

@test "events: pause and resume" {
    idle
    ctr task pause "$ID"
    ctr task resume "$ID"
    event paused
    event resumed
}

@test "events: out of memory" {
    idle --memory-limit 16777216
    run task_exec "$ID" dd if=/dev/zero of=/dev/null bs=64M
    ends 137
    event oom
    task_is RUNNING
}

# ---- Checkpoints ---------------------------------------------------------------------------------

can_checkpoint() {
    criu check >/dev/null 2>&1 || skip 'criu does not work on this kernel'
}

@test "checkpoint: to a directory, and the task runs on" {
    can_checkpoint
    begin_counting
    ctr task checkpoint --image-path "$BASE/share/images" "$ID"
    [ -s "$BASE/share/images/inventory.img" ]
    task_is RUNNING
}

@test "checkpoint: --exit ends the task" {
    can_checkpoint
    begin_counting
    ctr task checkpoint --exit --image-path "$BASE/share/images" "$ID"
    wait_until 60 task_is STOPPED
}

@test "checkpoint: a container is restored and counts on" {
    can_checkpoint
    local before
    begin_counting
    ctr container checkpoint --task --image --rw "$ID" localhost/saved:1
    ctr task delete -f "$ID" || true
    ctr container rm "$ID"
    before=$(counted)
    ctr container restore --live --rw "$ID" localhost/saved:1
    wait_until 60 counted_beyond "$before"
    task_is RUNNING
}

# ---- Accidents -----------------------------------------------------------------------------------

shim_of() {
    pgrep -f "containerd-shim-runc-v2 -namespace $CONTAINERD_NAMESPACE -id $ID "
}

@test "accident: the shim is killed" {
    idle
    local pid
    pid=$(pid_of)
    kill -KILL "$(shim_of)"
    event exit '"exit_status":137'
    wait_until 60 ended "$pid"
    wait_until 60 nothing_left
    ctr container rm "$ID"
    inside -- echo again
    says again
}

@test "accident: the runtime is killed in create" {
    printf '#!/bin/sh\ncase " $* " in *" create "*) %s "$@" & kill -9 $!; wait; exit 1 ;; esac\nexec %s "$@"\n' \
        "$RUNTIME" "$RUNTIME" >"$BASE/share/dies"
    chmod +x "$BASE/share/dies"
    run ctr run --rm --runc-binary "$BASE/share/dies" --runc-root "$BASE/runc" "$IMAGE" "$ID" true </dev/null
    ends 1
    wait_until 60 nothing_left
    inside -- echo again
    says again
}

@test "accident: containerd restarts, killed" {
    idle
    local pid
    pid=$(pid_of)
    stop_daemon containerd KILL
    containerd_start
    task_is RUNNING
    [ "$(pid_of)" = "$pid" ]
    run task_exec "$ID" sh -c 'exit 3'
    ends 3
    ctr task kill -s KILL "$ID"
    ended_with 137
}

@test "accident: a task ends while containerd is away" {
    begin 'touch /share/ready; while [ ! -e /share/go ]; do sleep 0.02; done; exit 11'
    local pid
    pid=$(pid_of)
    stop_daemon containerd
    touch "$BASE/share/go"
    wait_until 60 ended "$pid"
    containerd_start
    ! grep -q "leaked shim.*id=$ID " "$BASE/containerd.log" || skip_known 'containerd 1.7 ends the shim of a task that has ended meanwhile'
    ended_with 11
}
