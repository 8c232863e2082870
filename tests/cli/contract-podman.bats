# What conmon, podman and CRI-O demand of a runtime, without any of them. tests/engines has the programs themselves.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154,SC2164,SC2086,SC2153

load ../lib/helpers
load ../lib/contract

prepare() {
    LOG=$BASE/oci-log
    # What conmon gets with --runtime-arg.
    call=("$RUNTIME" --log-format=json --log "$LOG" "--root=$STATE")
    # podman's own calls: nothing but XDG_RUNTIME_DIR.
    bare=(env -i "XDG_RUNTIME_DIR=$BASE" "$RUNTIME" --root "$STATE")
    cd "$BUNDLE"
}

# fails TEXT [FILTER]: with config.json changed so, create makes one record with TEXT. config.json is as before afterwards.
fails() {
    cp config.json "$BASE/config.json"
    [ $# -eq 1 ] || config "$2"
    one_error 1 "$1" "${call[@]}" create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" "$ID"
    nothing_remains
    mv "$BASE/config.json" config.json
}

# podman_code: the exit code that podman makes of $stderr.
podman_code() {
    case ${stderr,,} in
    *'permission denied'* | *'operation not permitted'*) echo 126 ;;
    *'executable file not found in'* | *'no such file or directory'* | *'open executable'*) echo 127 ;;
    *) echo 125 ;;
    esac
}

# ---- conmon ---------------------------------------------------------------------------------------

@test "conmon: create --bundle --pid-file ID, exec --pid-file --process --detach ID: paths relative to its directory" {
    waiting_program
    "${call[@]}" create --bundle . --pid-file pid --no-pivot --no-new-keyring "$ID" </dev/null >"$BASE/out" 2>&1 3>&-
    equal "$(pid_of)" "$(<pid)"
    "${call[@]}" start "$ID"
    process_spec . sh -c 'cat <&3; exec sleep 100'
    cp "$BASE/process.json" spec.json
    echo three >"$BASE/three"
    "${call[@]}" exec --pid-file exec.pid --process spec.json --detach --preserve-fds 1 "$ID" </dev/null >"$BASE/exec" 2>&1 3<"$BASE/three"
    until_true grep -q three "$BASE/exec"
    kill -KILL "$(<exec.pid)"
    equal '' "$(cat "$LOG")"
}

@test "conmon: exec that fails: no pid file, the reason on stderr" {
    started
    process_spec . nonesuch
    one_error 255 'executable file not found in \$PATH' "${call[@]}" exec --pid-file "$BUNDLE/exec.pid" --process "$BASE/process.json" \
        --detach "$ID"
    [ ! -e exec.pid ]
}

@test "conmon: exec with a terminal: its stdout and stderr are pipes for errors only" {
    started
    process_spec '.terminal = true' sh -c 'tty; cat /gate'
    run $CONSOLE --socket "$BASE/sock" "${call[@]}" exec --pid-file "$BUNDLE/exec.pid" --process "$BASE/process.json" --detach \
        --console-socket "$BASE/sock" "$ID" <<'END'
expect /dev/pts/0
END
    ok
    matches "${lines[0]}" '^payload: '
}

@test "conmon: socket activation and NOTIFY_SOCKET reach create under the pid that conmon writes" {
    args sh -c 'cat <&3; echo "$LISTEN_PID $LISTEN_FDS $NOTIFY_SOCKET"'
    echo three >"$BASE/three"
    bash -c 'exec 3<"$1"; export LISTEN_FDS=1 NOTIFY_SOCKET=/nobody; LISTEN_PID=$$ exec "${@:2}"' sh "$BASE/three" \
        "${call[@]}" create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" "$ID" </dev/null >"$BASE/out" 2>&1
    env -u NOTIFY_SOCKET "${call[@]}" start "$ID"
    wait_end "$(<pid)"
    equal $'three\n1 1 /run/notify/notify.sock' "$(cat "$BASE/out")"
}

@test "conmon: a message that would be long is short: eight faults and a number" {
    only_proa 'runc stops at the first fault'
    fails 'and [0-9]+ more' '.mounts = [range(5000) | {destination: 1}]'
    matches "${#stderr}" '^[0-9]{1,3}$'
}

# ---- One record ------------------------------------------------------------------------------------

@test "podman: a failing create is one record: the program" {
    fails 'executable file not found in \$PATH' '.process.args = ["nonesuch"]'
    fails 'no such file or directory' '.process.args = ["/none"]'
    fails 'permission denied' '.process.args = ["/etc/passwd"]'
    fails 'not a directory' '.process.args = ["/etc/passwd/x"]'
    fails 'not a directory' '.process.cwd = "/etc/passwd"'
}

@test "podman: a failing create is one record: the bundle and its mounts" {
    fails 'no such file or directory' '.root.path = "none"'
    fails 'no such file or directory' '.mounts += [{destination: "/a", type: "bind", source: "/none", options: ["bind"]}]'
    fails 'not a directory' '.mounts += [{destination: "/etc/passwd", type: "bind", source: "/etc", options: ["bind"]}]'
    fails 'no such device|unknown filesystem' '.mounts += [{destination: "/a", type: "nonefs", source: "none"}]'
    echo '{' >config.json
    fails 'the text ends|unexpected eof'
    rm config.json
    one_error 1 'config.json' "${call[@]}" create --bundle "$BUNDLE" "$ID"
}

@test "podman: a failing create is one record: hooks, cgroups, namespaces, the pid file" {
    fails 'hook' '.hooks.createRuntime = [{path: "/bin/false"}]'
    fails 'no such file or directory' '.linux.namespaces |= map(if .type == "network" then .path = "/none" else . end)'
    fails 'unified' '.linux.resources.unified = {"nonsense": "1"} | .linux.resources.memory.limit = 1'
    one_error 1 'no such file or directory' "${call[@]}" create --bundle "$BUNDLE" --pid-file "$BASE/none/pid" "$ID"
    nothing_remains
}

@test "podman: a failing create is one record: warnings are in the log of one that succeeds, else on stderr before the error" {
    only_proa 'the control writes both to the log'
    config '.process.capabilities.bounding += ["CAP_NONE"]'
    args true
    created
    equal '["warning"]' "$(jq -sc 'map(.level)' "$LOG")"
    proa delete --force "$ID"
    args nonesuch
    run --separate-stderr "$RUNTIME" --log "$BASE/log2" --log-format json --root "$STATE" create --bundle "$BUNDLE" "$ID"
    equal 'proa create failed: exec: "nonesuch": executable file not found in $PATH' "${stderr_lines[-1]}"
    equal '["error"]' "$(jq -sc 'map(.level)' "$BASE/log2")"
}

# ---- Exit codes -------------------------------------------------------------------------------------

@test "podman: 126 and 127 from what create says" {
    for pair in nonesuch:127 /none:127 /etc/passwd:126; do
        args "${pair%:*}"
        run --separate-stderr "${call[@]}" create --bundle "$BUNDLE" "$ID"
        equal "${pair#*:}" "$(podman_code)"
    done
}

@test "podman: 126 and 127 from what exec says" {
    started
    for pair in nonesuch:127 /none:127 /etc/passwd:126; do
        process_spec . "${pair%:*}"
        run --separate-stderr "${call[@]}" exec --pid-file p --process "$BASE/process.json" --detach "$ID"
        equal "${pair#*:}" "$(podman_code)"
    done
}

@test "podman: 'operation not permitted' stays in those words" {
    only_proa 'the control says it with a capital where runc main does not'
    config '.process.rlimits = [{type: "RLIMIT_NPROC", soft: 9, hard: 20000}]'
    args true
    run --separate-stderr setpriv --bounding-set=-sys_resource prlimit --nproc=10000:10000 \
        "${call[@]}" create --bundle "$BUNDLE" "$ID"
    equal '1 126' "$status $(podman_code)"
}

# ---- podman's own calls ---------------------------------------------------------------------------------

@test "podman: start, kill, pause, resume, update, exec, delete --force with XDG_RUNTIME_DIR alone" {
    can_pause
    waiting_program
    created
    quiet "${bare[@]}" start "$ID"
    quiet "${bare[@]}" pause "$ID"
    quiet "${bare[@]}" resume "$ID"
    echo '{"pids": {"limit": 77}}' >"$BASE/resources"
    quiet "${bare[@]}" update --resources="$BASE/resources" "$ID"
    quiet "${bare[@]}" exec "$ID" true
    quiet "${bare[@]}" kill --all "$ID" 15
    quiet "${bare[@]}" kill "$ID" 9
    wait_end "$(<pid)"
    quiet "${bare[@]}" delete --force "$ID"
    nothing_remains
}

@test "podman: kill of one that has ended fails; the pid is gone by then" {
    args true
    created
    "${bare[@]}" start "$ID"
    wait_end "$(<pid)"
    refused 'container not running' "${bare[@]}" kill "$ID" 15
    [ ! -e "/proc/$(<pid)" ] || equal Z "$(awk '{ print $3 }' "/proc/$(<pid)/stat")"
}

@test "podman: without --root, with XDG_RUNTIME_DIR: one directory for all calls of a user" {
    only_proa 'rootless runc 1.1.5 needs more of this machine'
    mkdir -m 700 "$BASE/user"
    rm config.json
    chown -R 1000:1000 "$BUNDLE" "$BASE/user"
    user=(setpriv --reuid 1000 --regid 1000 --clear-groups env -i "XDG_RUNTIME_DIR=$BASE/user" "$RUNTIME")
    "${user[@]}" spec --rootless --bundle "$BUNDLE"
    config '.process.terminal = false | .process.args = ["true"]'
    "${user[@]}" create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" "$ID" </dev/null >out 2>&1 3>&-
    equal created "$("${user[@]}" state "$ID" | jq -r .status)"
    quiet "${user[@]}" start "$ID"
    wait_end "$(<pid)"
    quiet "${user[@]}" delete --force "$ID"
    equal '' "$(ls -A "$BASE/user/$NAME")"
}

# ---- CRI-O ------------------------------------------------------------------------------------------

@test "CRI-O: exec --process FILE ID in the foreground, without a pid file" {
    started
    process_spec . sh -c 'cat; exit 3'
    run --separate-stderr env -i CRI_O_EXTERNAL=1 PATH="$PATH" XDG_RUNTIME_DIR="$BASE" \
        "$RUNTIME" --root "$STATE" exec --process "$BASE/process.json" "$ID" <<<'input'
    equal '3 input ' "$status $output $stderr"
}

@test "CRI-O: update --resources - ID" {
    waiting_program
    created
    quiet "$RUNTIME" --root "$STATE" update --resources - "$ID" <<<'{"pids": {"limit": 55}}'
    "${bare[@]}" start "$ID"
    equal 55 "$(proa events --stats "$ID" | jq .data.pids.limit)"
}

@test "CRI-O: one that is gone: texts that mean 'not found'" {
    args true
    created
    "${bare[@]}" start "$ID"
    wait_end "$(<pid)"
    run --separate-stderr "$RUNTIME" --root "$STATE" kill "$ID" KILL
    matches "$stderr" 'no such process|container not running|invalid process'
    run --separate-stderr "$RUNTIME" --root "$STATE" state nobody
    contains "$stderr" 'does not exist'
}

@test "CRI-O: --version and features, both streams read as one" {
    run "$HARNESS" drain "$RUNTIME" --version
    ok
    matches "${lines[0]}" "^${NAME} version [0-9]"
    run "$HARNESS" drain "$RUNTIME" features
    ok
    jq -e .linux <<<"$output"
}

# ---- Signals ------------------------------------------------------------------------------------------

# A program that blocks all signals: those that came stay pending.
deaf() {
    gcc -O1 -Wall -static -o rootfs/bin/deaf "$REPO/tests/lib/deaf.c"
    args deaf
    created
    "${bare[@]}" start "$ID"
    until_true grep -q 'SigBlk:.*fffffffe7ffbfeff' "/proc/$(<pid)/status"
}

# arrives NAME NUMBER
arrives() {
    local line pending
    "${bare[@]}" kill "$ID" "$1"
    while read -r line pending; do
        [ "$line" != ShdPnd: ] || break
    done <"/proc/$(<pid)/status"
    [ $((0x$pending >> ($2 - 1) & 1)) = 1 ] || complain "$1 is not $2: pending $pending"
}

@test "kill: every name, with SIG and without, in small letters" {
    deaf
    for n in 1 2 3 4 5 6 7 8 10 11 12 13 14 15 16 17 18 20 21 22 23 24 25 26 27 28 29 30 31; do
        name=$(builtin kill -l $n)
        name=${name#SIG}
        [ $((n % 2)) = 0 ] || name=SIG$name
        arrives "$name" $n
    done
    arrives sigusr1 10
    arrives usr2 12
    arrives IOT 6
    arrives POLL 29
    arrives CLD 17
}

@test "kill: every number, and the names of real-time signals" {
    [ "$NAME" != runc ] || skip 'runc 1.1.5 has no names for them'
    deaf
    for n in 1 15 28 31 34 49 50 64; do
        arrives "$n" "$n"
    done
    for n in 0 1 15 29; do
        arrives "RTMIN+$n" $((34 + n))
        arrives "SIGRTMAX-$n" $((64 - n))
    done
    arrives SIGRTMIN 34
    arrives rtmax 64
}

# ---- Checkpoints: what is asked and said before CRIU has a part in it --------------------------------------

@test "podman, CRI-O: is there checkpoint, and does restore know --lsm-mount-context" {
    quiet sh -c '"$@" >/dev/null' sh "$RUNTIME" checkpoint --help
    run "$RUNTIME" restore --lsm-mount-context
    matches "$output" 'flag needs an argument|requires an argument'
}

@test "podman, CRI-O: checkpoint's options, --leave-running twice" {
    one_error 1 'does not exist' "${call[@]}" checkpoint --image-path "$BASE/image" --work-path "$BASE/work" --leave-running \
        --tcp-established --file-locks --leave-running --pre-dump --parent-path ../pre-checkpoint "$ID"
    one_error 1 'does not exist' "${call[@]}" checkpoint --file-locks --image-path "$BASE/image" --work-path "$BASE/work" "$ID"
}

@test "conmon: restore's options: without an image it fails with one record" {
    mkdir "$BASE/work"
    one_error 1 'image|no such file' "${call[@]}" restore --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" --no-pivot --no-new-keyring \
        --detach --image-path "$BASE/none" --work-path "$BASE/work" --tcp-established --file-locks "$ID"
    nothing_remains
}
