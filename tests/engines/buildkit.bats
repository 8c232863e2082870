#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# BuildKit's way to call a runtime, without BuildKit: `run` in the foreground, a process group of its own, a pty that is not
# its controlling terminal; `exec` with a pid file; the state is polled; cancelled by signals. BuildKit itself, as a part of
# dockerd, is in docker-daemon.bats.

load engines

setup_file() {
    engine_begin
    engine_needs busybox-static jq python3-minimal
    busybox_root "$BASE/rootfs"
}

teardown_file() {
    engine_end "${BASE##*/}"
}

setup() {
    ID=step-$BATS_TEST_NUMBER
    BUNDLE=$BASE/$ID
    mkdir "$BUNDLE"
}

teardown() {
    oci delete --force "$ID" >/dev/null 2>&1 || true
    [ ! -d "$BASE/state/$ID" ]
}

# bundle COMMAND…: config.json as BuildKit writes it, in short: no network namespace, a cgroup of the build's.
bundle() {
    jq -n '{
        ociVersion: "1.0.2",
        process: {cwd: "/", env: ["PATH=/bin"], user: {uid: 0, gid: 0}, args: $ARGS.positional,
                  terminal: ($tty == "1"),
                  capabilities: (["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_SETGID"] as $c | {bounding: $c, effective: $c, permitted: $c})},
        root: {path: "\($base)/rootfs"},
        hostname: "buildkitsandbox",
        mounts: [{destination: "/proc", type: "proc", source: "proc"},
                 {destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"]},
                 {destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666", "gid=5"]},
                 {destination: "/tmp", type: "tmpfs", source: "tmpfs"}],
        linux: {cgroupsPath: "/\($base | sub(".*/"; ""))-\($id)", namespaces: [{type: "pid"}, {type: "ipc"}, {type: "uts"}, {type: "mount"}]}
    }' --arg base "$BASE" --arg id "$ID" --arg tty "${TERMINAL:-0}" --args -- "$@" >"$BUNDLE/config.json"
}

oci() {
    timeout --foreground 100 "$RUNTIME" --root "$BASE/state" --log "$BUNDLE/log.json" --log-format json "$@"
}

driver() {
    timeout 100 python3 "$REPO/tests/engines/buildkit.py" "$@" 3>&-
}

# step [--tty SIZE] COMMAND WORD…: the runtime's command, as BuildKit calls it.
step() {
    local options=()
    [ "$1" != --tty ] || { options=(--tty "$2"); shift 2; }
    driver "${options[@]}" "$RUNTIME" --root "$BASE/state" --log "$BUNDLE/log.json" --log-format json "$@"
}

run_step() {
    step run --bundle "$BUNDLE" "$@" "$ID"
}

# A step in the background, $step, whose program has said that it runs.
start_step() {
    bundle sh -c "echo up; $1"
    run_step >"$BUNDLE/out" 2>"$BUNDLE/err" </dev/null &
    step=$!
    wait_until 60 grep -q up "$BUNDLE/out"
    wait_until 60 running
}

running() {
    [ "$(oci state "$ID" | jq -r .status)" = running ]
}

# ended_with CODE PID: a process of this shell.
ended_with() {
    status=0
    wait "$2" || status=$?
    ends "$1"
}

@test "run: the exit code, word for word" {
    bundle sh -c 'exit 77'
    run run_step
    ends 77
}

@test "run: a program that ends by a signal" {
    bundle sh -c 'sh -c "kill -SEGV \$\$"; exit $?'
    run run_step
    ends 139
}

@test "run: output and errors apart, nothing added" {
    bundle sh -c 'echo out; echo err >&2'
    run --separate-stderr run_step
    [ "$status $output $stderr" = '0 out err' ]
    [ ! -s "$BUNDLE/log.json" ]
}

@test "run: 10 MB through the streams" {
    head -c 10000000 /dev/urandom >"$BUNDLE/data"
    bundle cat
    run_step <"$BUNDLE/data" >"$BUNDLE/back"
    cmp "$BUNDLE/data" "$BUNDLE/back"
}

@test "run: nothing is left" {
    bundle true
    run_step
    run oci state "$ID"
    ends 1
    mentions 'does not exist'
    [ -z "$(cgroups_of "$ID")" ]
}

@test "run --keep, then delete" {
    bundle true
    run_step --keep
    [ "$(oci state "$ID" | jq -r .status)" = stopped ]
    oci delete "$ID"
    run oci state "$ID"
    ends 1
}

@test "run: an error is a record in the log, and text" {
    bundle no-such-program
    run run_step
    [ "$status" -ne 0 ]
    mentions 'executable file not found in $PATH'
    jq -e 'select(.level == "error") | .msg | contains("executable file not found")' "$BUNDLE/log.json"
}

@test "run on a pty: the program's terminal, its size" {
    TERMINAL=1 bundle sh -c 'tty; until [ "$(stty size 2>/dev/null)" = "31 93" ]; do :; done; echo now; exit 5'
    run step --tty 31x93 run --bundle "$BUNDLE" "$ID" <<<'expect now'
    ends 5
    mentions /dev/pts/0
}

@test "run on a pty: resized" {
    TERMINAL=1 bundle sh -c 'echo up; until [ "$(stty size 2>/dev/null)" = "40 101" ]; do :; done; echo now; exit 5'
    run step --tty 24x80 run --bundle "$BUNDLE" "$ID" <<<$'expect up\nwinch 40 101\nexpect now'
    ends 5
}

@test "run on a pty: input, Ctrl-C" {
    TERMINAL=1 bundle sh -c 'trap "echo interrupted; exit 6" INT; read -r a; echo "got $a"; sleep 1000 & wait'
    run step --tty 24x80 run --bundle "$BUNDLE" "$ID" <<<$'send hello\\r\nexpect got hello\nsend \\x03\nexpect interrupted'
    ends 6
}

@test "run on a pty: megabytes of output" {
    TERMINAL=1 bundle seq 200000
    step --tty 24x80 run --bundle "$BUNDLE" "$ID" >"$BUNDLE/out" <<<eof
    tr -d '\r' <"$BUNDLE/out" | cmp - <(seq 200000)
}

@test "run: signals are passed on" {
    bundle sh -c 'trap "exit 9" TERM; echo up; while :; do sleep 1000 & wait; done'
    "$RUNTIME" --root "$BASE/state" run --bundle "$BUNDLE" "$ID" >"$BUNDLE/out" 2>"$BUNDLE/err" </dev/null 3>&- &
    wait_until 60 grep -q up "$BUNDLE/out"
    kill -TERM $!
    ended_with 9 $!
}

@test "cancelled by kill ID 9" {
    start_step 'sleep 1000'
    oci kill "$ID" 9
    ended_with 137 $step
}

@test "the daemon dies: the runtime is killed, the step can be removed" {
    bundle sh -c 'echo up; exec sleep 1000'
    driver --abandon "$RUNTIME" --root "$BASE/state" run --bundle "$BUNDLE" "$ID" >"$BUNDLE/out" 2>&1 </dev/null
    wait_until 60 ended "$(tail -n 1 "$BUNDLE/out")"
    oci delete --force "$ID"
}

# process WORD…: a process.json for exec.
process() {
    jq '.process | .args = $ARGS.positional | .env += ["A=b"] | .cwd = "/tmp"' "$BUNDLE/config.json" --args -- "$@" >"$BUNDLE/process.json"
}

exec_step() {
    step exec --process "$BUNDLE/process.json" --pid-file "$BUNDLE/exec.pid" "$ID"
}

@test "exec: in the foreground, with a process.json" {
    start_step 'sleep 1000'
    process sh -c 'echo $A $PWD; exit 33'
    run exec_step
    ends 33
    [ "$output" = 'b /tmp' ]
}

@test "exec: 10 MB through the streams" {
    start_step 'sleep 1000'
    process cat
    head -c 10000000 /dev/urandom >"$BUNDLE/data"
    exec_step <"$BUNDLE/data" >"$BUNDLE/back"
    cmp "$BUNDLE/data" "$BUNDLE/back"
}

@test "exec: cancelled by SIGKILL to the pid in its file" {
    start_step 'sleep 1000'
    process sleep 1000
    exec_step >/dev/null 2>&1 </dev/null &
    wait_until 60 test -s "$BUNDLE/exec.pid"
    [[ $(cat "$BUNDLE/exec.pid") =~ ^[0-9]+$ ]]
    kill -KILL "$(cat "$BUNDLE/exec.pid")"
    ended_with 137 $!
    running
}

@test "exec: the step ends meanwhile" {
    start_step 'sleep 1000'
    process sleep 1000
    exec_step >/dev/null 2>&1 </dev/null &
    wait_until 60 test -s "$BUNDLE/exec.pid"
    oci kill "$ID" 9
    ended_with 137 $!
    ended_with 137 $step
}

@test "exec on a pty: resized" {
    start_step 'sleep 1000'
    process sh -c 'tty; echo up; until [ "$(stty size 2>/dev/null)" = "40 101" ]; do :; done; echo now; exit 5'
    jq '.terminal = true' "$BUNDLE/process.json" >"$BUNDLE/p" && mv "$BUNDLE/p" "$BUNDLE/process.json"
    run step --tty 31x93 exec --process "$BUNDLE/process.json" --pid-file "$BUNDLE/exec.pid" "$ID" \
        <<<$'expect up\nwinch 40 101\nexpect now'
    ends 5
    mentions /dev/pts/
}

@test "steps side by side" {
    local i pids=()
    for i in 1 2 3 4 5; do
        ID=side-$i BUNDLE=$BASE/side-$i
        mkdir "$BUNDLE"
        bundle sh -c "echo $i; exit $i"
        run_step >"$BUNDLE/out" </dev/null &
        pids[i]=$!
    done
    for i in 1 2 3 4 5; do
        ended_with "$i" "${pids[i]}"
        [ "$(cat "$BASE/side-$i/out")" = "$i" ]
    done
}
