load ../lib/helpers

# How many system calls a command may make, all its processes together, the user's program
# included. A ceiling, so that they cannot creep up: lower it when the count has gone down.

CEILING_run=700
CEILING_create=650
CEILING_start=120
CEILING_state=120
CEILING_kill=120
CEILING_delete=250

prepare() {
    only_proa 'the ceilings are ours'
    command -v strace >/dev/null || skip 'no strace'
    strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
}

# count NAME command…: its system calls, printed and held against the ceiling.
count() {
    local ceiling=CEILING_$1 calls
    strace -f -qq -c -o "$BASE/counts" "$RUNTIME" --root "$STATE" "$@" </dev/null >"$BASE/out" 2>&1 3>&-
    calls=$(awk '$NF == "total" { print $(NF - 1) ~ /^[0-9]+$/ && NF == 6 ? $4 : $3 }' "$BASE/counts")
    [ -n "$calls" ] || complain "strace counted nothing" "$(cat "$BASE/counts")"
    echo "# $1: $calls system calls, at most ${!ceiling}" >&3
    [ "$calls" -le "${!ceiling}" ] || complain "$1: $calls system calls, ceiling ${!ceiling}" "$(cat "$BASE/counts")"
}

@test "system calls of run" {
    args true
    count run --bundle "$BUNDLE" "$ID"
}

@test "system calls of create, start, state, kill and delete" {
    waiting_program
    "$RUNTIME" --root "$STATE" spec --bundle "$BASE"
    # strace follows the container: let create end before it does.
    create
    pid=$(pid_of)
    count state "$ID"
    count start "$ID"
    count kill "$ID" KILL
    wait_end "$pid"
    count delete "$ID"
}

@test "system calls of create: without those of the container after it" {
    args true
    strace -f -qq -o "$BASE/trace" "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 3>&- &
    tracer=$!
    # strace ends with the container; start lets it.
    until status_is created 2>/dev/null; do kill -0 "$tracer"; done
    proa start "$ID"
    wait "$tracer"
    calls=$(wc -l <"$BASE/trace")
    echo "# create and the program: $calls system calls, at most $CEILING_create" >&3
    [ "$calls" -le "$CEILING_create" ]
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
