# Two commands for one container at the same moment: one of them stops itself at a named point, the other comes between.
load ../lib/helpers
load ../lib/faults

prepare() {
    needs_stop_points
}

# goes_on STATUS [TEXT]: the stopped command continues, and ends so.
goes_on() {
    local status=0
    kill -CONT "$stopped"
    wait "$stopped" || status=$?
    equal "$1" "$status"
    [ -z "${2:-}" ] || contains "$(cat "$BASE/err")" "$2"
}

@test "pause, and a delete comes first: the container does not run" {
    start_waiting
    stopped_at 1 pause "$ID"
    proa delete --force "$ID"
    goes_on 1 'container not running'
    nothing_remains
}

@test "update, and a delete comes first: the container does not run" {
    start_waiting
    stopped_at 1 update --pids-limit 70 "$ID"
    proa delete --force "$ID"
    goes_on 1 'container not running'
    nothing_remains
}

@test "exec, and a delete comes first: the container has stopped" {
    start_waiting
    stopped_at 1 exec "$ID" true
    proa delete --force "$ID"
    goes_on 255 'cannot exec in a stopped container'
    nothing_remains
}

@test "start, and a delete comes first: the container has stopped" {
    create
    stopped_at 1 start "$ID"
    proa delete --force "$ID"
    goes_on 1 'cannot start a container that has stopped'
    nothing_remains
}

@test "audit, and a delete comes first: the container does not run" {
    start_waiting
    stopped_at 1 audit "$ID"
    proa delete --force "$ID"
    goes_on 1 'container not running'
    nothing_remains
}

@test "audit of one that has stopped, and a delete comes first: it does not exist" {
    create
    pid=$(pid_of)
    proa kill "$ID" KILL
    wait_end "$pid"
    stopped_at 1 audit "$ID"
    proa delete "$ID"
    goes_on 1 'does not exist'
    nothing_remains
}

@test "delete takes state.json away first: what is half removed is no container" {
    command -v strace >/dev/null || skip 'strace is missing'
    create
    proa kill "$ID" KILL
    strace -f -o "$BASE/calls" -e trace=unlinkat "$RUNTIME" --root "$STATE" delete --force "$ID"
    matches "$(grep -m 1 -E '"(state.json|init|plan|exec.fifo)"' "$BASE/calls")" 'state\.json'
}

@test "delete --force, and a pause comes first: nothing stays frozen" {
    start_waiting
    stopped_at 1 delete --force "$ID"
    proa pause "$ID"
    goes_on 0
    nothing_remains
}

@test "kill, and a pause comes first: it ends" {
    start_waiting
    pid=$(pid_of)
    stopped_at 1 kill "$ID" KILL
    proa pause "$ID"
    goes_on 0
    wait_end "$pid"
    status_is stopped
}

# A freezer above keeps the killed process from ending before the pause goes on.
@test "pause, and a kill comes first: it ends" {
    only_v1
    config '.linux.cgroupsPath = $p' --arg p "/$ID/c"
    start_waiting
    pid=$(pid_of)
    stopped_at 1 pause "$ID"
    above=/sys/fs/cgroup/freezer/$ID
    echo FROZEN >"$above/freezer.state"
    proa kill "$ID" KILL || true
    goes_on 1 'container not running'
    echo THAWED >"$above/freezer.state"
    wait_end "$pid"
    proa delete "$ID"
    remove_cgroups "$ID"
}
