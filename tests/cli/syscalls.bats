load ../lib/helpers

# How many system calls a command may make, all its processes together, the user's program
# included. A ceiling, so that they cannot creep up: lower it when the count has gone down.

# On a hybrid machine with nine v1 hierarchies, in which a cgroup costs the most.
CEILING_run=725
CEILING_create=695
CEILING_start=56
CEILING_exec=325
CEILING_state=46
CEILING_kill=57
CEILING_pause=61
CEILING_resume=56
CEILING_update=90
CEILING_delete=66

prepare() {
    only_proa 'the ceilings are ours'
    command -v strace >/dev/null || skip 'no strace'
    strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
}

# traced command…: strace's summary of it and of all its descendants in $BASE/counts.
traced() {
    strace -f -qq -c -o "$BASE/counts" "$RUNTIME" --root "$STATE" "$@" </dev/null >"$BASE/out" 2>&1 3>&-
}

# calls: how many are in $BASE/counts.
calls() {
    # Columns: % time, seconds, usecs/call, calls, [errors], "total".
    awk '$NF == "total" { print $4 }' "$BASE/counts"
}

# within NAME: the calls in $BASE/counts are no more than its ceiling.
within() {
    local ceiling=CEILING_$1 calls
    calls=$(calls)
    [ -n "$calls" ] || complain "strace counted nothing" "$(cat "$BASE/counts")"
    echo "# $1: $calls system calls, at most ${!ceiling}" >&3
    [ "$calls" -le "${!ceiling}" ] || complain "$1: $calls system calls" "$(cat "$BASE/counts")"
}

@test "system calls of run" {
    args true
    # A cgroup is busy for a moment after its last process has ended: then there are a few more.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        traced run --bundle "$BUNDLE" "$ID"
        [ "$(calls)" -gt "$CEILING_run" ] || break
    done
    within run
}

@test "system calls of start, state, kill and delete" {
    waiting_program
    create
    pid=$(pid_of)
    traced state "$ID"
    within state
    traced start "$ID"
    within start
    traced kill "$ID" KILL
    within kill
    wait_end "$pid"
    traced delete "$ID"
    within delete
}

@test "system calls of pause, resume and update" {
    start_waiting
    # v1 has no event for it: how often one has to look depends on how busy the machine is.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        traced pause "$ID"
        [ "$(calls)" -gt "$CEILING_pause" ] || break
        proa resume "$ID"
    done
    within pause
    traced resume "$ID"
    within resume
    traced update --memory 96m "$ID"
    within update
}

@test "system calls of exec" {
    start_waiting
    traced exec "$ID" /bin/true
    within exec
}

@test "system calls of create, and of the program after it" {
    args true
    traced create --bundle "$BUNDLE" --pid-file "$BASE/pid" "$ID" &
    tracer=$!
    # strace ends with the container, and start lets that end.
    until [ -s "$BASE/pid" ]; do kill -0 "$tracer"; done
    proa start "$ID"
    wait "$tracer"
    within create
}

@test "no sleeping and no polling on the way" {
    args true
    strace -f -qq -o "$BASE/trace" "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    run grep -E ' (nanosleep|clock_nanosleep|select|pause)\(' "$BASE/trace"
    equal '' "$output"
    # Waiting has no timeout that could be polled with.
    run grep -E ' (poll|epoll_wait|epoll_pwait)\(.*, [1-9][0-9]*\) ' "$BASE/trace"
    equal '' "$output"
}

@test "one clone and two execs for a container with new namespaces" {
    args true
    strace -f -qq -o "$BASE/trace" -e trace=clone,clone3,fork,vfork,execve,execveat \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    equal 1 "$(grep -c -E ' (clone|clone3|fork|vfork)\(' "$BASE/trace")"
    # proa itself, init, the program.
    equal 3 "$(grep -c -E ' (execve|execveat)\(' "$BASE/trace")"
}
