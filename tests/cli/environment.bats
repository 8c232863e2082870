#!/usr/bin/env bats
# What the caller's environment asks for: readiness told to a service manager, sockets handed on, and next to nothing at all.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load ../lib/helpers

setup_file() {
    gcc -O1 -Wall -static -o "$BATS_FILE_TMPDIR/notify" "$REPO/tests/lib/notify.c"
}

# manager: a service manager that listens; what it is told is in $BASE/told.
manager() {
    MANAGER=${1:-$BASE/manager.sock}
    "$BATS_FILE_TMPDIR/notify" manager "$MANAGER" "$BASE/told"
}

# says_ready MESSAGE…: the program sends them, and waits for the gate.
says_ready() {
    cp "$BATS_FILE_TMPDIR/notify" "$BUNDLE/rootfs/bin/notify"
    mkfifo "$BUNDLE/rootfs/gate"
    args sh -c 'notify send "$@" && exec cat /gate' sh "$@"
}

told() {
    equal "$1" "$(cat "$BASE/told")"
}

# ---- NOTIFY_SOCKET ----------------------------------------------------------------------------

@test "NOTIFY_SOCKET: the socket inside is of the container's own, on a read-only mount" {
    args sh -c 'echo $NOTIFY_SOCKET; stat -c "%F %a" $NOTIFY_SOCKET; stat -c %a /run/notify; touch /run/notify/x 2>&1
        grep -o "/run/notify [a-z,]*" /proc/self/mountinfo'
    run env NOTIFY_SOCKET=/nobody/listens timeout 60 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    contains "$output" $'/run/notify/notify.sock\nsocket 777\n755\n'
    contains "$output" 'Read-only file system'
    matches "$output" '/run/notify ro,.*nosuid,nodev,noexec'
    nothing_remains
}

@test "NOTIFY_SOCKET: plan shows the mount and the variable" {
    only_proa 'it has a plan'
    run env NOTIFY_SOCKET=/some/where "$RUNTIME" --root "$STATE" plan --bundle "$BUNDLE" "$ID"
    ok
    contains "$output" "/run/notify  type bind  source $STATE/$ID/notify"
    contains "$output" 'NOTIFY_SOCKET=/run/notify/notify.sock'
    run proa plan --bundle "$BUNDLE" "$ID"
    lacks "$output" notify
}

@test "NOTIFY_SOCKET: start waits for READY and tells the manager of it, and of the pid" {
    manager
    says_ready STATUS=soon WATCHDOG=1 $'X=1\nREADY=1\nSTATUS=now'
    export NOTIFY_SOCKET=$MANAGER
    create
    [ ! -e "$STATE/$ID/notify/notify.sock" ]
    proa start "$ID"
    status_is running
    told "$(printf 'READY=1\nMAINPID=%s\nBARRIER=1 with a descriptor' "$(pid_of)")"
    proa delete --force "$ID"
    nothing_remains
}

@test "NOTIFY_SOCKET: start returns when the container ends without a word" {
    manager
    args true
    export NOTIFY_SOCKET=$MANAGER
    create
    proa start "$ID"
    told ''
    proa delete --force "$ID"
}

@test "NOTIFY_SOCKET: an abstract address" {
    manager "@proa-test-$$-$BATS_TEST_NUMBER"
    says_ready READY=1
    NOTIFY_SOCKET=$MANAGER create
    NOTIFY_SOCKET=$MANAGER proa start "$ID"
    contains "$(cat "$BASE/told")" 'BARRIER=1 with a descriptor'
}

@test "NOTIFY_SOCKET: run --detach waits for READY and tells the pid" {
    manager
    says_ready READY=1
    NOTIFY_SOCKET=$MANAGER proa run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
    told "$(printf 'READY=1\nMAINPID=%s\nBARRIER=1 with a descriptor' "$(pid_of)")"
}

@test "NOTIFY_SOCKET: run in the foreground tells its own pid" {
    manager
    says_ready STATUS=soon READY=1
    NOTIFY_SOCKET=$MANAGER "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- &
    runtime=$!
    timeout 60 sh -c 'until grep -q BARRIER "$1"; do sleep 0.05; done' sh "$BASE/told"
    told "$(printf 'READY=1\nMAINPID=%s\nBARRIER=1 with a descriptor' "$runtime")"
    echo >"$BUNDLE/rootfs/gate"
    wait "$runtime"
    nothing_remains
}

@test "NOTIFY_SOCKET: a container that was created without it cannot be started with it" {
    args sleep 100
    create
    refused '' env NOTIFY_SOCKET=/x "$RUNTIME" --root "$STATE" start "$ID"
    [ "$NAME" != proa ] || contains "$stderr" 'the container was created without it'
    status_is created
    proa start "$ID"
}

@test "NOTIFY_SOCKET: a manager that is not there is told of, and is no reason to end the program" {
    says_ready READY=1
    export NOTIFY_SOCKET=$BASE/nobody
    create
    refused "$BASE/nobody" proa start "$ID"
    status_is running
    proa delete --force "$ID"
    [ "$NAME" = proa ] || return 0
    proa run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>"$BASE/err"
    contains "$(cat "$BASE/err")" "$BASE/nobody"
    status_is running
}

@test "NOTIFY_SOCKET: a state directory whose path is longer than an address" {
    only_proa 'it gives bind(2) the path'
    STATE=$BASE/$(printf 'long-%.0s' {1..40})
    manager
    says_ready READY=1
    export NOTIFY_SOCKET=$MANAGER
    create
    proa start "$ID"
    contains "$(cat "$BASE/told")" READY=1
    proa delete --force "$ID"
}

@test "NOTIFY_SOCKET: an empty one is none" {
    args sh -c 'echo "[$NOTIFY_SOCKET]"; [ ! -e /run/notify ]'
    run env NOTIFY_SOCKET= "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    says '[]'
}

@test "NOTIFY_SOCKET: with a user namespace" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
        | .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
    manager
    says_ready READY=1
    chown -R 100000:100000 "$BUNDLE/rootfs"
    export NOTIFY_SOCKET=$MANAGER
    create
    proa start "$ID"
    contains "$(cat "$BASE/told")" READY=1
}

# ---- LISTEN_FDS -------------------------------------------------------------------------------

# activated N WORD…: runs the bundle with N descriptors from socket activation and three open ones.
activated() {
    run bash -c 'exec 3<"$1/three" 4<"$1/four" 5<"$1/five"; export LISTEN_FDS=$2; export LISTEN_PID=${PID-$$}; exec "${@:3}"' \
        sh "$BASE" "$1" "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "${@:2}" "$ID"
}

listening() {
    local name
    for name in three four five; do echo "$name" >"$BASE/$name"; done
    args sh -c 'for fd in 3 4 5; do [ ! -e /proc/self/fd/$fd ] || eval "cat <&$fd"; done
        echo "$LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES"'
}

@test "LISTEN_FDS: so many descriptors arrive, and the program is told" {
    listening
    activated 1
    ok
    says $'three\n1 1 '
    activated 2
    says $'three\nfour\n2 1 '
}

@test "LISTEN_FDS: the descriptors of --preserve-fds follow them" {
    listening
    activated 1 --preserve-fds 2
    ok
    says $'three\nfour\nfive\n1 1 '
}

@test "LISTEN_FDS: the names are handed on" {
    only_proa 'runc 1.1.5 does not'
    listening
    LISTEN_FDNAMES=a:b activated 2
    says $'three\nfour\n2 1 a:b'
}

@test "LISTEN_FDS: for another process, for nobody, and nonsense count for nothing" {
    listening
    PID=1 activated 2
    says '  '
    PID='' activated 2
    says '  '
    PID=12x activated 2
    says '  '
    activated 0
    says '  '
    activated -1
    says '  '
    activated 2x
    says '  '
    activated ''
    says '  '
}

@test "LISTEN_FDS: a descriptor that is not open is an error" {
    listening
    activated 100
    equal 1 "$status"
    contains "$output" 'fd'
    nothing_remains
}

@test "LISTEN_FDS: what the configuration says of them is replaced" {
    listening
    config '.process.env += ["LISTEN_FDS=7", "LISTEN_PID=9"]'
    activated 1
    says $'three\n1 1 '
}

@test "LISTEN_FDS: create, and start with another environment" {
    listening
    bash -c 'exec 3<"$1/three"; export LISTEN_FDS=1; export LISTEN_PID=$$; exec "${@:2}"' sh "$BASE" \
        "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1
    pid=$(pid_of)
    proa start "$ID"
    wait_end "$pid" || true
    equal $'three\n1 1 ' "$(cat "$BASE/out")"
}

# ---- Almost nothing ---------------------------------------------------------------------------

# life VARIABLE…: every command with that environment and no other.
life() {
    local command
    for command in "spec --bundle $BASE/new" "create --bundle $BUNDLE $ID" "state $ID" "list" "kill $ID URG" \
        "start $ID" "delete --force $ID" "run --bundle $BUNDLE $ID" features; do
        mkdir -p "$BASE/new"
        # shellcheck disable=SC2086
        env -i "$@" timeout 60 "$RUNTIME" ${ROOT-"--root=$STATE"} $command </dev/null >"$BASE/out" 2>"$BASE/err" ||
            complain "$command: $(cat "$BASE/err")"
        [ ! -s "$BASE/err" ] || complain "$command says $(cat "$BASE/err")"
    done
}

@test "env -i: every command works" {
    args true
    life
}

@test "env -i: the program has its own environment, and no more" {
    args env
    config '.process.env = ["A=1", "PATH=/bin"]'
    run env -i "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    says $'A=1\nPATH=/bin\nHOME=/root'
}

@test "XDG_RUNTIME_DIR alone: root of the machine uses /run all the same, no one else does" {
    args true
    mkdir -m 700 "$BASE/xdg"
    life XDG_RUNTIME_DIR="$BASE/xdg"
    [ ! -e "$BASE/xdg/proa" ]
    # root of a user namespace is not the machine's
    unshare --user --map-root-user env -i XDG_RUNTIME_DIR="$BASE/xdg" "$RUNTIME" list >/dev/null
    ROOT='' unshare --user --map-root-user env -i XDG_RUNTIME_DIR="$BASE/xdg" "$RUNTIME" create --bundle "$BUNDLE" "$ID" \
        >/dev/null 2>&1 || true
    equal 1700 "$(stat -c %a "$BASE/xdg/$NAME")"
}
