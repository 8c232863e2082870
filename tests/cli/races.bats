# Two commands for one container at the same moment: one of them stops itself at a named point, the other comes between.
load ../lib/helpers

# A build with -Dfaults=true stops (SIGSTOP) at the PROA_STOP_AT-th named point.
FAULTY=${FAULTY:-$REPO/build-faults/cli/proa}

prepare() {
    [ "$NAME" = proa ] || skip 'only proa has the stop points'
    [ -x "$FAULTY" ] || skip 'needs a build with -Dfaults=true (build-faults)'
}

# stopped COMMAND…: at its first point; its pid in $stopped.
stopped() {
    PROA_STOP_AT=1 "$FAULTY" --root "$STATE" "$@" </dev/null >"$BASE/out" 2>"$BASE/err" 3>&- &
    stopped=$!
    timeout 60 sh -c 'until grep -q "^State:.T" "/proc/$1/status" 2>/dev/null; do :; done' sh "$stopped"
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
    stopped pause "$ID"
    proa delete --force "$ID"
    goes_on 1 'container not running'
    nothing_remains
}

@test "update, and a delete comes first: the container does not run" {
    start_waiting
    stopped update --pids-limit 70 "$ID"
    proa delete --force "$ID"
    goes_on 1 'container not running'
    nothing_remains
}

@test "exec, and a delete comes first: the container has stopped" {
    start_waiting
    stopped exec "$ID" true
    proa delete --force "$ID"
    goes_on 255 'cannot exec in a stopped container'
    nothing_remains
}

@test "start, and a delete comes first: the container has stopped" {
    proa create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/created" 2>&1
    stopped start "$ID"
    proa delete --force "$ID"
    goes_on 1 'cannot start a container that has stopped'
    nothing_remains
}

@test "audit, and a delete comes first: the container does not run" {
    start_waiting
    stopped audit "$ID"
    proa delete --force "$ID"
    goes_on 1 'container not running'
    nothing_remains
}

@test "audit of one that has stopped, and a delete comes first: it does not exist" {
    proa create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/created" 2>&1
    proa kill "$ID" KILL
    timeout 60 sh -c 'until "$@" | grep -q stopped; do :; done' sh "$RUNTIME" --root "$STATE" state "$ID"
    stopped audit "$ID"
    proa delete "$ID"
    goes_on 1 'does not exist'
    nothing_remains
}

@test "delete takes state.json away first: what is half removed is no container" {
    command -v strace >/dev/null || skip 'strace is missing'
    proa create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/created" 2>&1
    proa kill "$ID" KILL
    strace -f -o "$BASE/calls" -e trace=unlinkat "$RUNTIME" --root "$STATE" delete --force "$ID"
    matches "$(grep -m 1 -E '"(state.json|init|plan|exec.fifo)"' "$BASE/calls")" 'state\.json'
}

@test "delete --force, and a pause comes first: nothing stays frozen" {
    start_waiting
    stopped delete --force "$ID"
    proa pause "$ID"
    goes_on 0
    nothing_remains
}

@test "kill, and a pause comes first: it ends" {
    start_waiting
    pid=$(pid_of)
    stopped kill "$ID" KILL
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
    stopped pause "$ID"
    above=/sys/fs/cgroup/freezer/$ID
    echo FROZEN >"$above/freezer.state"
    proa kill "$ID" KILL || true
    goes_on 1 'container not running'
    echo THAWED >"$above/freezer.state"
    wait_end "$pid"
    proa delete "$ID"
    remove_cgroups "$ID"
}
