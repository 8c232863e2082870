#!/usr/bin/env bats
# conmon as podman and CRI-O run it, without them: its pipes and sockets, its files, and the runtime below.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154,SC2164

load engines

setup_file() {
    engine_begin
    engine_needs conmon busybox-static jq python3-minimal gcc libc6-dev
    busybox_root "$BASE/template"
    gcc -O1 -static -o "$BASE/template/bin/notify" "$REPO/tests/lib/notify.c"
    (cd "$BASE" && "$RUNTIME" spec)
    mv "$BASE/config.json" "$BASE/config.template"
}

teardown_file() {
    engine_end "/proa-conmon-"
}

# A bundle, and what conmon's caller decides: $ID, $BUNDLE, a log, a directory for exit files.
setup() {
    ID=proa-conmon-$BATS_TEST_NUMBER-$$
    BUNDLE=$BASE/$BATS_TEST_NUMBER
    export ID BUNDLE
    mkdir -p "$BUNDLE/exits"
    cp -a "$BASE/template" "$BUNDLE/rootfs"
    jq '.process.terminal = false | .root.readonly = false | del(.process.rlimits) | .linux.cgroupsPath = "/" + $id' --arg id "$ID" \
        "$BASE/config.template" >"$BUNDLE/config.json"
    cd "$BUNDLE"
}

teardown() {
    [ -n "${BUNDLE:-}" ] || return 0
    runtime delete --force "$ID"
    wait_until 60 conmon_ended
    cd "$BASE"
    rm -rf --one-file-system "$BUNDLE"
}

conmon_ended() {
    local file
    for file in "$BUNDLE"/*conmon.pid; do
        [ ! -s "$file" ] || ended "$(cat "$file")" || return 1
    done
}

runtime() {
    timeout 100 "$RUNTIME" "--root=$BASE/state" "$@"
}

# config FILTER [jq options]
config() {
    jq "$1" config.json "${@:2}" >config.new
    mv config.new config.json
}

args() {
    config '.process.args = $ARGS.positional' --args -- "$@"
}

# process_spec FILTER WORD…
process_spec() {
    jq ".process | .args = \$ARGS.positional | $1" config.json --args -- "${@:2}" >process.json
}

# What both callers give; as an array, for options in front of it.
container_arguments() {
    common=(--api-version 1 -c "$ID" -u "$ID" -n name -r "$RUNTIME" --runtime-arg "--root=$BASE/state" -b "$BUNDLE" --full-attach
        --exit-dir "$BUNDLE/exits" --log-level error)
}

driver() {
    timeout 100 /usr/bin/python3 "$REPO/tests/engines/conmon.py" "$@"
}

# conmon_create [option…]: $output is what came out of the sync pipe.
conmon_create() {
    container_arguments
    run driver start conmon "${common[@]}" -p "$BUNDLE/pidfile" -l "k8s-file:$BUNDLE/log" --conmon-pidfile "$BUNDLE/conmon.pid" "$@"
    ends 0
}

# conmon_exec [option of conmon.py…] -- [option…]: as the above, an exec of process.json.
conmon_exec() {
    local options=()
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    container_arguments
    run driver "${options[@]}" start conmon "${common[@]}" -u "exec-$ID" -p "$BUNDLE/exec.pid" -l "k8s-file:$BUNDLE/exec.log" \
        --conmon-pidfile "$BUNDLE/exec-conmon.pid" -e --exec-process-spec "$BUNDLE/process.json" "${@:2}"
    ends 0
}

attach() {
    driver attach "$BUNDLE/attach"
}

# exited NAME STATUS: conmon has written this exit file.
exited() {
    wait_until 60 test -s "$BUNDLE/exits/$1"
    [ "$(cat "$BUNDLE/exits/$1")" = "$2" ] || { echo "status $(cat "$BUNDLE/exits/$1"), expected $2"; return 1; }
}

# logged TEXT: one line of the log, whatever its time.
logged() {
    wait_until 60 grep -q -F -- "$1" "${2:-log}" || { cat "${2:-log}"; return 1; }
}

# reported: the number in the message of the sync pipe.
reported() {
    jq .data <<<"${lines[0]}"
}

# ---- A container ------------------------------------------------------------------------------------

@test "create: the pid in the sync pipe is that in the pid file; created, not started" {
    args sh -c 'touch /started'
    conmon_create
    [ "$(reported)" = "$(cat pidfile)" ]
    [ "$(runtime state "$ID" | jq -r .status)" = created ]
    [ ! -e rootfs/started ]
}

@test "init is conmon's child; its output is in the log, its status in the exit file" {
    args sh -c 'echo to out; echo to err >&2; exit 7'
    conmon_create
    [ "$(awk '/^PPid/ { print $2 }' "/proc/$(cat pidfile)/status")" = "$(cat conmon.pid)" ]
    runtime start "$ID"
    exited "$ID" 7
    logged 'stdout F to out'
    logged 'stderr F to err'
    [ "$(runtime state "$ID" | jq -r .status)" = stopped ]
}

@test "nothing of the runtime's is in the log of the container" {
    args true
    conmon_create
    runtime start "$ID"
    exited "$ID" 0
    wait_until 60 conmon_ended
    [ ! -s log ]
}

@test "kill by name: 137 and 143 in the exit file" {
    args sh -c 'trap "exit 143" TERM; echo up; while :; do sleep 0.05; done'
    conmon_create
    runtime start "$ID"
    logged up
    runtime kill "$ID" SIGTERM
    exited "$ID" 143
    runtime delete "$ID"
    args sleep 100
    rm -f "exits/$ID" attach
    conmon_create
    runtime start "$ID"
    runtime kill "$ID" KILL
    exited "$ID" 137
}

@test "the exit command: called once, with its arguments, when the container can be deleted" {
    args true
    printf '#!/bin/sh\n"%s" --root=%s delete --force "$4" >>%s/said 2>&1; echo "$? $*" >>%s/said\n' \
        "$RUNTIME" "$BASE/state" "$BUNDLE" "$BUNDLE" >cleanup
    chmod 755 cleanup
    conmon_create --exit-command "$BUNDLE/cleanup" --exit-command-arg container --exit-command-arg cleanup \
        --exit-command-arg --rm --exit-command-arg "$ID"
    runtime start "$ID"
    wait_until 60 test -s said
    wait_until 60 conmon_ended
    [ "$(cat said)" = "0 container cleanup --rm $ID" ]
    run runtime state "$ID"
    mentions 'does not exist'
}

@test "attach: input until its end, output and errors apart" {
    args sh -c 'cat; echo err >&2'
    conmon_create -i
    runtime start "$ID"
    attach <<<'a line' >attached 2>attached.err
    [ "$(cat attached)" = 'a line' ]
    [ "$(cat attached.err)" = err ]
    exited "$ID" 0
}

@test "a terminal: attach, and its size through the ctl fifo" {
    config '.process.terminal = true'
    args sh -c 'trap "stty size; exit 3" WINCH; echo up; while :; do sleep 0.05; done'
    conmon_create -t -i
    runtime start "$ID"
    logged up
    echo '1 33 111' >ctl
    exited "$ID" 3
    logged '33 111'
}

@test "a terminal: input comes through attach" {
    config '.process.terminal = true'
    args sh -c 'read -r line; echo "got $line"; tty'
    conmon_create -t -i
    runtime start "$ID"
    attach <<<'hello' >attached
    exited "$ID" 0
    tr -d '\r' <attached >plain
    grep -q -x 'got hello' plain
    grep -q -x /dev/pts/0 plain || grep -q -x /dev/console plain
}

@test "a failing create: its message in the sync pipe" {
    args nonesuch
    conmon_create
    [ "$(jq '.data < 0' <<<"$output")" = true ]
    [[ $(jq -r .message <<<"$output") == *'executable file not found in $PATH'* ]]
    [ ! -s pidfile ]
}

@test "a failing create with a terminal: the same" {
    config '.process.terminal = true'
    args /none
    conmon_create -t
    [[ $(jq -r .message <<<"$output") == *'no such file or directory'* ]]
}

@test "a failing create with podman's log: one record, the same message" {
    args nonesuch
    conmon_create --runtime-arg --log-format=json --runtime-arg --log --runtime-arg "$BUNDLE/oci-log"
    [ "$(jq -r .level oci-log)" = error ]
    [[ $(jq -r .message <<<"$output") == *"$(jq -r .msg oci-log)"* ]]
}

@test "--no-pivot --no-new-keyring" {
    args sh -c 'ls /bin/busybox'
    conmon_create --no-pivot --no-new-keyring
    runtime start "$ID"
    exited "$ID" 0
    logged /bin/busybox
}

@test "out of memory: conmon finds the cgroup and writes its file" {
    [ -d /sys/fs/cgroup/memory ] || grep -qw memory /sys/fs/cgroup/cgroup.controllers || skip 'no memory controller'
    config '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
    args sh -c 'x=a; while :; do x=$x$x; done'
    mkdir persist
    conmon_create --persist-dir "$BUNDLE/persist"
    runtime start "$ID"
    exited "$ID" 137
    wait_until 60 test -e persist/oom
}

@test "socket activation: LISTEN_PID becomes the runtime's, the descriptors arrive" {
    args sh -c 'cat <&3; echo "$LISTEN_PID $LISTEN_FDS"'
    echo three >three
    # conmon and the runtime know them by their numbers: the driver hands 3 on.
    LISTEN_FDS=1 LISTEN_PID=1 conmon_create --replace-listen-pid 3<three
    runtime start "$ID"
    exited "$ID" 0
    logged 'stdout F three'
    logged 'stdout F 1 1'
}

# says_ready: the program tells whom NOTIFY_SOCKET names, and waits.
says_ready() {
    mkfifo rootfs/gate
    args sh -c 'notify send READY=1 && exec cat /gate'
    rootfs/bin/notify manager "$BUNDLE/manager" "$BUNDLE/told"
}

# told_ready: the manager has heard of it; it ends.
told_ready() {
    wait_until 60 grep -q READY=1 told
    NOTIFY_SOCKET=$BUNDLE/manager rootfs/bin/notify send BARRIER=1 2>&1 || true
}

@test "readiness: through conmon's socket, that podman mounts" {
    says_ready
    mkdir notify
    config '.process.env += ["NOTIFY_SOCKET=/run/notify/notify.sock"]
        | .mounts += [{destination: "/run/notify", type: "bind", source: $s, options: ["bind"]}]' --arg s "$BUNDLE/notify"
    conmon_create --sdnotify-socket "$BUNDLE/manager"
    runtime start "$ID"
    told_ready
}

@test "readiness: NOTIFY_SOCKET reaches the runtime through conmon" {
    says_ready
    export NOTIFY_SOCKET=$BUNDLE/manager
    conmon_create
    runtime start "$ID"
    told_ready
}

# ---- Exec -----------------------------------------------------------------------------------------------

sleeper() {
    args sleep 1000
    conmon_create
    runtime start "$ID"
}

@test "exec, as CRI-O's ExecSync: pid, then exit code in the sync pipe, output in the log" {
    sleeper
    process_spec . sh -c 'echo out; echo err >&2; exit 5'
    conmon_exec --messages 2 --
    [ "$(reported)" = "$(cat exec.pid)" ]
    [ "$(jq '.exit_code // .data' <<<"${lines[1]}")" = 5 ]
    logged 'stdout F out' exec.log
    logged 'stderr F err' exec.log
}

@test "exec with a timeout: the process is killed" {
    sleeper
    process_spec . sleep 100
    conmon_exec --messages 2 -- -T 1
    mentions 'timed out'
    wait_until 60 ended "$(cat exec.pid)"
}

@test "exec, detached: the exit file" {
    sleeper
    process_spec . sh -c 'exit 9'
    conmon_exec -- --exit-command /bin/true
    exited "$ID" 9
}

@test "exec, attached: output comes to who is attached" {
    sleeper
    process_spec . sh -c 'cat; echo end; exit 0'
    rm -f attach
    conmon_exec --attach "$BUNDLE/attach" -- --exec-attach -i <<<'input'
    [ "$(tail -n 2 <<<"$output")" = $'input\nend' ]
}

@test "exec, attached, on a terminal" {
    sleeper
    process_spec '.terminal = true' sh -c 'read -r line; echo "got $line"; tty'
    rm -f attach
    conmon_exec --attach "$BUNDLE/attach" -- --exec-attach -t -i <<<'hello'
    mentions 'got hello' /dev/pts/
}

@test "exec --preserve-fds, --cgroup as options of the runtime" {
    sleeper
    echo three >three
    process_spec . sh -c 'cat <&3'
    conmon_exec -- --runtime-opt --preserve-fds --runtime-opt 1 3<three
    logged 'stdout F three' exec.log
}

@test "a failing exec: its message in the sync pipe, no pid" {
    sleeper
    process_spec . nonesuch
    conmon_exec --
    [ "$(jq '.data < 0' <<<"$output")" = true ]
    [[ $(jq -r .message <<<"$output") == *'executable file not found in $PATH'* ]]
    process_spec '.terminal = true' /none
    rm -f exec.pid attach
    conmon_exec -- -t
    [[ $(jq -r .message <<<"$output") == *'no such file or directory'* ]]
}

# ---- CRI-O's own calls -------------------------------------------------------------------------------------

@test "CRI-O: state, exec, update, pause, resume, kill, delete beside conmon" {
    sleeper
    export CRI_O_EXTERNAL=1
    process_spec . sh -c 'echo from exec; exit 2'
    run runtime exec --process process.json "$ID"
    [ "$status $output" = '2 from exec' ]
    runtime update --resources - "$ID" <<<'{"pids": {"limit": 44}}'
    [ "$(runtime events --stats "$ID" | jq .data.pids.limit)" = 44 ]
    runtime pause "$ID"
    [ "$(runtime state "$ID" | jq -r .status)" = paused ]
    runtime resume "$ID"
    runtime kill "$ID" KILL
    exited "$ID" 137
    run runtime kill "$ID" KILL
    mentions 'container not running'
    runtime delete --force "$ID"
}
