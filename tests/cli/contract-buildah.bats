# What buildah demands of a runtime: it watches the states. tests/engines/buildkit.bats has what BuildKit does.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154,SC2164

load ../lib/helpers
load ../lib/contract

prepare() {
    call=("$RUNTIME" --root "$STATE")
    cd "$BUNDLE"
}

is() {
    [ "$(proa state "$ID" | jq -r .status)" = "$1" ]
}

@test "buildah: create, start, state until stopped, kill, delete, in the bundle as working directory" {
    mkfifo rootfs/gate
    args sh -c 'echo step; cat /gate; exit 2'
    quiet "$HARNESS" thread sh -c 'exec "$@" >out 2>&1' sh "${call[@]}" create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" "$ID" </dev/null
    is created
    quiet "$HARNESS" thread "${call[@]}" start "$ID"
    is running
    echo >rootfs/gate
    until_true is stopped
    equal step "$(cat out)"
    refused 'container not running' "${call[@]}" kill "$ID"
    quiet "${call[@]}" delete "$ID"
    nothing_remains
}

@test "buildah: the states of a start are creating, created, running and stopped, and no others" {
    args true
    # shellcheck disable=SC2094
    (until [ -e "$BASE/end" ]; do "${call[@]}" state "$ID" 2>/dev/null | jq -r .status; done >"$BASE/states") 3>&- &
    for _ in 1 2 3 4 5; do
        created --no-pivot
        until_true grep -qx created "$BASE/states"
        "${call[@]}" start "$ID"
        wait_end "$(<pid)"
        "${call[@]}" delete "$ID"
    done
    touch "$BASE/end"
    wait $!
    equal '' "$(grep -vxE 'creating|created|running|stopped' "$BASE/states")"
}

@test "buildah: a terminal at B/console.sock, a path relative to the bundle" {
    config '.process.terminal = true'
    args echo here
    run $CONSOLE --socket "$BUNDLE/console.sock" "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" \
        --console-socket console.sock --no-pivot "$ID" <<END
sh "$RUNTIME" --root "$STATE" start "$ID"
expect here
eof
END
    ok
}

@test "buildah: kill NAME SIGKILL of one that runs, kill NAME of one that ignores it, delete" {
    start_waiting
    pid=$(pid_of)
    quiet "${call[@]}" kill "$ID" # TERM: the first process of a pid namespace without a handler never sees it
    quiet "${call[@]}" kill "$ID" SIGKILL
    wait_end "$pid"
    quiet "${call[@]}" delete "$ID"
    nothing_remains
}

@test "buildah: a failing create says why on its streams, on one line, and nothing else" {
    args /none/such
    run "$HARNESS" drain "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" "$ID"
    equal 1 "$status"
    equal 1 "${#lines[@]}"
    contains "$(plain "$output")" 'exec: "/none/such"'
    [ ! -e pid ] || [ "$NAME" = runc ]
    nothing_remains
}
