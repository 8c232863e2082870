load ../lib/helpers
load ../lib/faults

# What goes wrong at the worst moment, or is done on purpose: each once broke something.

prepare() {
    only_proa 'how it fails is its own'
    args true
}

needs_strace() {
    strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
}

@test "a console socket whose backlog is full: an error, no waiting" {
    config '.process.terminal = true'
    python3 - "$BASE/socket" 3>&- <<'END' &
import socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1] + ".new")
listener.listen(0)
first = socket.socket(socket.AF_UNIX)
first.connect(sys.argv[1] + ".new")
import os
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(1000)
END
    listener=$!
    timeout 60 sh -c 'until [ -S "$1" ]; do :; done' sh "$BASE/socket"
    refused 'console socket' timeout 60 "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" --console-socket "$BASE/socket" "$ID"
    kill "$listener"
    nothing_remains
}

@test "run --preserve-fds: the greatest numbers do not wrap around" {
    for n in 4294967295 4294967294 4294967293 2147483647; do
        refused 'unable to stat preserved-fd' "$RUNTIME" --root "$STATE" run --preserve-fds "$n" --bundle "$BUNDLE" "$ID"
    done
    nothing_remains
}

@test "a creation killed over a cgroup in use: delete --force spares who uses it" {
    needs_stop_points
    waiting_program
    config '.linux.cgroupsPath = $p' --arg p "/$ID/shared"
    create
    no_namespace pid
    for point in 1 2 3 4 5 6 7; do
        kill_at "$point" create --bundle "$BUNDLE" "$ID-two" </dev/null \
            -- "$RUNTIME" --root "$STATE" delete --force "$ID-two" 2>"$BASE/err"
        [ ! -e "$STATE/$ID-two" ] || complain "point $point: state left" "$(cat "$BASE/err")"
        status_is created || complain "point $point: killed the container that the cgroup belongs to"
    done
    proa delete --force "$ID"
    remove_cgroups "$ID"
}

@test "delete --force finds nothing but the directory, and the create goes on: it waits, then deletes all" {
    needs_stop_points
    needs_strace
    waiting_program
    stopped_at 1 create --bundle "$BUNDLE" "$ID"
    timeout -k 1 60 strace -qq -o "$BASE/trace" -e trace=flock,getdents64 -e inject=getdents64:delay_enter=1000000:when=1 \
        "$RUNTIME" --root "$STATE" delete --force "$ID" 3>&- &
    deleter=$!
    timeout 60 sh -c 'until grep -q "(" "$1" 2>/dev/null; do :; done' sh "$BASE/trace"
    kill -CONT "$stopped"
    wait "$stopped"
    wait "$deleter"
    nothing_remains
}

@test "a start killed halfway: the next one fails at once" {
    needs_strace
    waiting_program
    create
    timeout -k 1 60 strace -qq -o /dev/null -e inject=poll:signal=KILL:when=1 "$RUNTIME" --root "$STATE" start "$ID" || true
    refused 'cannot start' timeout 60 "$RUNTIME" --root "$STATE" start "$ID"
}

@test "the stage killed before it has announced the init: an error, no waiting" {
    needs_strace
    namespace ipc /proc/self/ns/ipc
    run timeout -k 1 60 strace -f -qq -o /dev/null -e inject=pipe2:signal=KILL:when=1 \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    [ "$status" -eq 1 ] || complain "status $status" "$output"
    nothing_remains
}

@test "the link to the first process is damaged: an error, and delete --force does not forget the container" {
    waiting_program
    create
    saved=$(readlink "$STATE/$ID/init")
    for text in garbage '-1 5' '0 0' self; do
        ln -sfn -- "$text" "$STATE/$ID/init"
        refused 'damaged' "$RUNTIME" --root "$STATE" state "$ID"
        refused 'damaged' "$RUNTIME" --root "$STATE" delete --force "$ID"
    done
    rm "$STATE/$ID/init"
    touch "$STATE/$ID/init"
    refused 'process id' "$RUNTIME" --root "$STATE" delete --force "$ID"
    ln -sfn "$saved" "$STATE/$ID/init"
    status_is created
    proa delete --force "$ID"
    nothing_remains
}

@test "what no ID can be is no container, in lists and at the end of command lines" {
    waiting_program
    create
    # shellcheck disable=SC2016 # a shell must not see it
    local name='$(x)'
    cp -r "$STATE/$ID" "$STATE/$name"
    run -0 --separate-stderr "$RUNTIME" --root "$STATE" list -q
    says "$ID"
    contains "$stderr" 'invalid container ID format'
    equal "$ID" "$("$RUNTIME" complete -- --root "$STATE" state '' | cut -f 1)"
    rm -r "${STATE:?}/$name"
}

@test "the list of cgroups is damaged: an error for each command, and list goes on to the next" {
    waiting_program
    create
    cp "$STATE/$ID/state.json" "$BASE/saved"
    for damage in '.cgroups = {"a": 1}' '.cgroups = "x"' 'del(.cgroups)' '.cgroups = [1]' '.cgroups[0].path = null' \
        '.cgroups[0].path = "../x"'; do
        jq "$damage" "$BASE/saved" >"$STATE/$ID/state.json"
        refused "state.json of container $ID is damaged" "$RUNTIME" --root "$STATE" state "$ID"
        refused "state.json of container $ID is damaged" "$RUNTIME" --root "$STATE" delete --force "$ID"
        run -0 --separate-stderr "$RUNTIME" --root "$STATE" list
        contains "$stderr" "state.json of container $ID is damaged"
    done
    rm "$STATE/$ID/state.json"
    mkfifo "$STATE/$ID/state.json"
    refused "reading state.json of container $ID: Invalid argument" timeout 60 "$RUNTIME" --root "$STATE" pause "$ID"
    rm "$STATE/$ID/state.json"
    cp "$BASE/saved" "$STATE/$ID/state.json"
    proa delete --force "$ID"
    nothing_remains
}

@test "attack: a process whose state cannot be read is not called stopped" {
    needs_strace
    start_waiting
    run --separate-stderr timeout -k 1 60 strace -qq -o /dev/null -P "/proc/$(pid_of)/stat" -e trace=read \
        -e inject=read:error=EIO "$RUNTIME" --root "$STATE" delete "$ID"
    equal 1 "$status"
    matches "$stderr" 'reading whether process [0-9]+ of container .* runs: Input/output error'
    status_is running
}
