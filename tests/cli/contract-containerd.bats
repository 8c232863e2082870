# What containerd's shim, through go-runc, demands of a runtime: its arguments in its order, and what it reads.
# docker and nerdctl come this way too.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154,SC2164,SC2086,SC2153

load ../lib/helpers
load ../lib/contract

prepare() {
    LOG=$BUNDLE/log.json
    call=("$RUNTIME" --root "$STATE" --log "$LOG" --log-format json --rootless=false)
    cd "$BUNDLE"
}

# appears FILE COMMAND…: COMMAND makes FILE, by renaming one that was complete.
appears() {
    "$HARNESS" appears "$@" </dev/null >"$BASE/out" 2>&1 3>&-
    equal renamed "$(cat "$BASE/out")"
}

# ---- One life ---------------------------------------------------------------------------------

@test "containerd: create, start, kill, delete say nothing, log nothing, and hold no stream of the caller" {
    waiting_program
    # Only the container has the streams that it was created with.
    created
    equal '' "$(cat "$BASE/out")"
    quiet "${call[@]}" start "$ID"
    pid=$(<pid)
    quiet "${call[@]}" kill "$ID" 15
    quiet "${call[@]}" kill --all "$ID" 9
    wait_end "$pid"
    quiet "${call[@]}" delete "$ID"
    equal '' "$(cat "$LOG")"
    nothing_remains
}

@test "containerd: state, list, ps, features and --version say what is asked for, nothing on stderr" {
    started
    for question in "state $ID" 'list --format=json' "ps --format json $ID" "ps --format table $ID -ef" features --version; do
        # shellcheck disable=SC2086
        answers "${call[@]}" $question
        [ -n "$output" ]
    done
    equal '' "$(cat "$LOG")"
}

@test "containerd: pause, resume and update say nothing" {
    can_pause
    started
    quiet "${call[@]}" pause "$ID"
    status_is paused
    quiet "${call[@]}" resume "$ID"
    status_is running
    quiet "${call[@]}" update --resources=- "$ID" <<<'{"pids": {"limit": 100}}'
    equal '' "$(cat "$LOG")"
}

@test "containerd: --debug before --log, --systemd-cgroup=false: records only in the log, which stays one stream" {
    call=("$RUNTIME" --root "$STATE" --debug --log "$LOG" --log-format json --systemd-cgroup=false --rootless=false)
    waiting_program
    created
    equal '' "$(cat "$BASE/out")"
    quiet "${call[@]}" start "$ID"
    run --separate-stderr "${call[@]}" start "$ID"
    equal 1 "${#stderr_lines[@]}"
    quiet "${call[@]}" delete --force "$ID"
    equal "$(wc -l <"$LOG")" "$(records "$LOG")"
    equal "$stderr" "$(jq -rs 'map(select(.level == "error")) | last.msg' "$LOG")"
}

@test "containerd: delete --force of one that runs, of one that is gone; delete of one that never was" {
    started
    quiet "${call[@]}" delete --force "$ID"
    nothing_remains
    quiet "${call[@]}" delete --force "$ID"
    one_error 1 'does not exist' "${call[@]}" delete "$ID"
}

# ---- Its processes ------------------------------------------------------------------------------

@test "containerd: the pid file appears whole: create, run, exec --detach" {
    waiting_program
    appears pid "${call[@]}" create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" "$ID"
    "${call[@]}" start "$ID"
    process_spec . sleep 100
    appears exec.pid "${call[@]}" exec --process "$BASE/process.json" --detach --pid-file "$BUNDLE/exec.pid" "$ID"
    args true
    appears run.pid "${call[@]}" run --bundle "$BUNDLE" --pid-file "$BUNDLE/run.pid" "$ID-2"
    for file in pid exec.pid run.pid; do
        matches "$(od -An -c "$file" | tr -d ' ')" '^[0-9]+$'
    done
    equal "$(pid_of)" "$(<pid)"
}

@test "containerd: create's init is a child of the subreaper at once, and its signal is the wait status" {
    waiting_program
    run "$HARNESS" adopt sh -c '"$@" create --bundle "$BUNDLE" --pid-file pid "$ID" >out 2>&1 && sed -n "s/^PPid:.//p" /proc/$(cat pid)/status &&
        echo $PPID && "$@" start "$ID" && "$@" kill "$ID" 9' sh "${call[@]}" </dev/null
    ok
    equal "${lines[0]}" "${lines[1]}"
    equal "$(<pid) 137" "${lines[2]}"
    equal 3 "${#lines[@]}"
}

@test "containerd: exec --detach is a child of the subreaper at once, with its own status" {
    started
    mkfifo rootfs/go
    process_spec . sh -c 'cat /go; exit 9'
    run "$HARNESS" adopt sh -c '"$@" >out 2>&1 && sed -n "s/^PPid:.//p" /proc/$(cat exec.pid)/status && echo $PPID && echo >rootfs/go' sh "${call[@]}" \
        exec --process "$BASE/process.json" --detach --pid-file "$BUNDLE/exec.pid" "$ID" </dev/null
    ok
    equal "${lines[0]}" "${lines[1]}"
    equal "$(<exec.pid) 9" "${lines[2]}"
}

@test "containerd: started from a thread whose end kills its children, what was made lives on" {
    waiting_program
    quiet "$HARNESS" thread sh -c 'exec "$@" >out 2>&1' sh "${call[@]}" create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" "$ID" </dev/null
    process_spec . sleep 100
    quiet "$HARNESS" thread "${call[@]}" start "$ID"
    quiet "$HARNESS" thread sh -c 'exec "$@" >out 2>&1' sh \
        "${call[@]}" exec --process "$BASE/process.json" --detach --pid-file "$BUNDLE/exec.pid" "$ID" </dev/null
    status_is running
    [ -d "/proc/$(<exec.pid)" ]
}

@test "containerd: exec and its signal: pid from the file, killed alone" {
    started
    process_spec . sleep 100
    run "$HARNESS" adopt sh -c '"$@" >out 2>&1 && kill -KILL $(cat exec.pid)' sh "${call[@]}" \
        exec --process "$BASE/process.json" --detach --pid-file "$BUNDLE/exec.pid" "$ID" </dev/null
    says "$(<exec.pid) 137"
    status_is running
}

# ---- Terminals ---------------------------------------------------------------------------------

@test "containerd: exec with a console socket: descriptor first, accepted last, streams at their end" {
    started
    process_spec '.terminal = true' sh -c 'echo from the exec; cat /gate'
    run $CONSOLE --socket "$BASE/sock" "${call[@]}" exec --process "$BASE/process.json" --console-socket "$BASE/sock" \
        --detach --pid-file "$BUNDLE/exec.pid" "$ID" <<'END'
expect from the exec
END
    ok
    matches "$output" '^payload: .'
    equal '' "$(cat "$LOG")"
}

@test "containerd: create with a console socket and a pidfd socket" {
    only_proa 'runc 1.1.5 has no --pidfd-socket'
    config '.process.terminal = true'
    args true
    run "$REPO/tests/lib/receive.py" "$BASE/pidfd" $CONSOLE --socket "$BASE/sock" "${call[@]}" create --bundle "$BUNDLE" \
        --pid-file "$BUNDLE/pid" --console-socket "$BASE/sock" --pidfd-socket "$BASE/pidfd" --no-new-keyring "$ID"
    says $'standard\npidfd '"$(<pid)"
}

@test "containerd: create --no-pivot --no-new-keyring --preserve-fds" {
    args cat /proc/self/fd/3
    echo three >"$BASE/three"
    "${call[@]}" create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" --no-pivot --no-new-keyring --preserve-fds 1 "$ID" \
        </dev/null >"$BASE/out" 2>&1 3<"$BASE/three"
    "${call[@]}" start "$ID"
    wait_end "$(<pid)"
    equal three "$(cat "$BASE/out")"
}

# ---- Errors ---------------------------------------------------------------------------------------

@test "containerd: each command that fails logs one error, and says the same on stderr" {
    one_error 1 'does not exist' "${call[@]}" state "$ID"
    for command in start kill delete pause resume events ps update; do
        extra=()
        [ $command != update ] || extra=(--resources=-)
        one_error 1 'does not exist' "${call[@]}" $command "${extra[@]}" "$ID" <<<'{}'
    done
    process_spec . true
    one_error 255 'does not exist' "${call[@]}" exec --process "$BASE/process.json" --detach --pid-file "$BUNDLE/p" "$ID"
    [ ! -e p ]
}

@test "containerd: kill of one that has ended: 'container not running'" {
    started
    "${call[@]}" kill "$ID" 9
    wait_end "$(<pid)"
    one_error 1 'container not running|process already finished' "${call[@]}" kill "$ID" 9
    quiet "${call[@]}" kill --all "$ID" 9
}

@test "containerd: of the records of many calls the last error is that of the last call" {
    for id in one two three; do
        run "${call[@]}" state "$id"
    done
    args nonesuch
    run "${call[@]}" create --bundle "$BUNDLE" "$ID"
    equal 4 "$(records "$LOG")"
    contains "$(jq -rs 'last.msg' "$LOG")" 'executable file not found in $PATH'
}

@test "containerd: a message with quotes, line ends and bytes that are no text is one record" {
    args $'/"\n\t\\ü'
    one_error 1 'no such file' "${call[@]}" create --bundle "$BUNDLE" "$ID"
    run "${call[@]}" create --bundle $'/none\xff"' "$ID"
    equal 2 "$(records "$LOG")"
    nothing_remains
}

# ---- What it reads ----------------------------------------------------------------------------------

@test "containerd: the state as Go decodes it, in each status" {
    can_pause
    config '.annotations = {"io.kubernetes.cri.container-type": "sandbox"}'
    waiting_program
    created
    for step in :created start:running pause:paused resume:running; do
        [ "$step" = :created ] || "${call[@]}" "${step%:*}" "$ID"
        "${call[@]}" state "$ID" >"$BASE/state.json"
        equal "$ID $(<pid) ${step#*:} $BUNDLE $BUNDLE/rootfs sandbox" \
            "$(jq -r '"\(.id) \(.pid) \(.status) \(.bundle) \(.rootfs) \(.annotations[])"' "$BASE/state.json")"
        python3 -c 'import datetime, json, sys
datetime.datetime.fromisoformat(json.load(sys.stdin)["created"][:19])' <"$BASE/state.json"
    done
    "${call[@]}" kill "$ID" 9
    wait_end "$(<pid)"
    equal 'stopped 0' "$("${call[@]}" state "$ID" | jq -r '"\(.status) \(.pid)"')"
}

@test "containerd: list --format=json has what state has" {
    started
    equal "$("${call[@]}" state "$ID" | jq -S '.owner = "root"')" "$("${call[@]}" list --format=json | jq -S '.[0]')"
}

@test "containerd: ps: pids as JSON; a table whose header names the columns" {
    started
    equal "[$(<pid)]" "$("${call[@]}" ps --format json "$ID" | jq -c .)"
    answers "${call[@]}" ps --format table "$ID" -o pid,ppid,comm
    matches "${lines[0]}" '^ *PID +PPID +COMMAND$'
    matches "${lines[1]}" "^ *$(<pid) +[0-9]+ +cat$"
    equal 2 "${#lines[@]}"
}

@test "containerd: events --stats, and events --interval=1s until the end: objects of type, id, data" {
    started
    answers "${call[@]}" events --stats "$ID"
    equal "stats $ID object" "$(jq -r '"\(.type) \(.id) \(.data | type)"' <<<"$output")"
    "${call[@]}" events --interval=1s "$ID" >"$BASE/events" 2>"$BASE/err" 3>&- &
    until_true grep -q stats "$BASE/events"
    "${call[@]}" kill "$ID" 9
    wait $!
    equal true "$(jq -s --arg id "$ID" 'length >= 1 and all(.id == $id and (.type | type) == "string")' "$BASE/events")"
    equal '' "$(cat "$BASE/err" "$LOG")"
}

@test "containerd: --version: three lines that go-runc knows, when it is called runc" {
    ln -s "$RUNTIME" "$BASE/runc"
    answers "$BASE/runc" --version
    matches "${lines[0]}" '^runc version [0-9]'
    matches "$output" $'\ncommit: [^\n]+\nspec: 1\.[0-9.]+'
}

@test "containerd: features without the other arguments, from a directory that is gone, for nobody" {
    mkdir "$BASE/gone"
    answers sh -c 'cd "$BASE/gone" && rmdir "$BASE/gone" && exec setpriv --reuid 65534 --regid 65534 --clear-groups env -i "$@"' sh \
        "$RUNTIME" features
    jq -e '.ociVersionMin and .ociVersionMax' <<<"$output"
}

# ---- Checkpoints: the rest is in checkpoint.bats -----------------------------------------------------------

@test "containerd: checkpoint and restore with all options of go-runc, -no-subreaper among them" {
    one_error 1 'does not exist' "${call[@]}" checkpoint --image-path "$BASE/i" --work-path "$BASE/w" --parent-path ../p \
        --tcp-established --ext-unix-sk --shell-job --file-locks --manage-cgroups-mode soft --empty-ns network --leave-running "$ID"
    one_error 1 'image|no such file' "${call[@]}" restore --image-path "$BASE/none" --work-path "$BASE/w" --tcp-established --ext-unix-sk \
        --shell-job --file-locks --manage-cgroups-mode soft --detach --pid-file "$BUNDLE/p" --no-pivot -no-subreaper \
        --bundle "$BUNDLE" "$ID"
    nothing_remains
}
