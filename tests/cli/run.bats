load ../lib/helpers

@test "run: exit status 0, output passed through, nothing on stderr" {
    args echo hello
    run --separate-stderr proa run --bundle "$BUNDLE" "$ID"
    ok
    says hello
    equal '' "$stderr"
    nothing_remains
}

@test "run: the exit status is the program's" {
    for code in 1 42 255; do
        args sh -c "exit $code"
        run proa run --bundle "$BUNDLE" "$ID"
        equal "$code" "$status"
    done
}

@test "run: a signal makes 128 + its number" {
    # Process 1 of a pid namespace cannot kill itself: let its parent's namespace hold it.
    no_namespace pid
    for signal in TERM:143 KILL:137; do
        args sh -c "kill -${signal%:*} \$\$"
        run proa run --bundle "$BUNDLE" "$ID"
        equal "${signal#*:}" "$status"
    done
}

@test "run: stdin, stdout and stderr are passed" {
    args sh -c 'read line; echo "out $line"; echo "err $line" >&2'
    run --separate-stderr proa run --bundle "$BUNDLE" "$ID" <<<"text"
    ok
    says 'out text'
    equal 'err text' "$stderr"
}

@test "run: eight megabytes pass through unchanged, both ways" {
    args cat
    head -c 8388608 /dev/urandom >"$BASE/data"
    proa run --bundle "$BUNDLE" "$ID" <"$BASE/data" >"$BASE/copy"
    cmp "$BASE/data" "$BASE/copy"
}

@test "run: works when stdin is at its end" {
    args cat
    run proa run --bundle "$BUNDLE" "$ID" </dev/null
    ok
    says ''
}

@test "run: the bundle is the working directory when none is named" {
    args pwd
    cd "$BUNDLE"
    run proa run "$ID"
    ok
    says /
}

@test "run: -b=DIR, and a relative bundle" {
    args echo here
    cd "$BASE"
    run proa run -b=bundle "$ID"
    ok
    says here
}

@test "run --detach: returns, state says running, the pid file is right" {
    waiting_program
    proa run --detach --bundle "$BUNDLE" --pid-file "$BASE/pid" "$ID" </dev/null >"$BASE/out" 2>"$BASE/err"
    equal '' "$(cat "$BASE/out" "$BASE/err")"
    status_is running
    equal "$(pid_of)" "$(cat "$BASE/pid")"
    proa delete --force "$ID"
    nothing_remains
}

@test "run --keep: the container stays, stopped, until delete" {
    args sh -c 'exit 3'
    run proa run --keep --bundle "$BUNDLE" "$ID"
    equal 3 "$status"
    status_is stopped
    equal 0 "$(pid_of)"
    proa delete "$ID"
    nothing_remains
}

@test "run --pid-file: digits only, no newline, no temporary file left" {
    args true
    mkdir "$BASE/pids"
    proa run --bundle "$BUNDLE" --pid-file "$BASE/pids/pid" "$ID"
    matches "$(cat "$BASE/pids/pid"; echo .)" '^[0-9]+\.$'
    equal pid "$(ls -A "$BASE/pids")"
}

@test "run --pid-file: relative to the caller's directory, not to the bundle" {
    args true
    cd "$BASE"
    proa run --bundle bundle --pid-file pid "$ID"
    [ -s "$BASE/pid" ]
    [ ! -e "$BUNDLE/pid" ]
}

@test "run --pid-file: replaces what is there; a directory that is missing is an error" {
    args true
    echo old >"$BASE/pid"
    proa run --bundle "$BUNDLE" --pid-file "$BASE/pid" "$ID"
    [ "$(cat "$BASE/pid")" != old ]
    refused 'o such file or directory' proa run --bundle "$BUNDLE" --pid-file "$BASE/none/pid" "$ID"
    nothing_remains
}

@test "run --no-pivot: the program sees its own root" {
    args sh -c 'ls / | tr "\n" " "; touch /made-inside'
    run proa run --no-pivot --bundle "$BUNDLE" "$ID"
    ok
    contains "$output" 'bin dev etc'
    [ -e "$BUNDLE/rootfs/made-inside" ]
}

@test "run --no-new-keyring is accepted, and without it the session keyring is new" {
    args true
    proa run --no-new-keyring --bundle "$BUNDLE" "$ID"
    config '.linux.maskedPaths = []'
    inside 'cat /proc/keys'
    contains "$output" "_ses.$ID"
}

@test "run --preserve-fds: descriptors 3 and 4 arrive, 5 does not" {
    args sh -c 'cat <&3; cat <&4; [ -e /proc/$$/fd/5 ] || echo no five'
    echo three >"$BASE/three"
    echo four >"$BASE/four"
    run proa run --preserve-fds 2 --bundle "$BUNDLE" "$ID" 3<"$BASE/three" 4<"$BASE/four" 5</etc/passwd
    contains "$output" $'three\nfour\nno five'
}

@test "run --preserve-fds: a descriptor that is not open is an error" {
    args true
    refused 'unable to stat preserved-fd' proa run --preserve-fds 60 --bundle "$BUNDLE" "$ID"
    nothing_remains
}

# proa --log FILE … has that file open by then, with the number that was free.
@test "preserve-fds: what the runtime itself has open does not count" {
    only_proa "runc hands its own descriptors on"
    args sleep 600
    for command in run create; do
        run bash -c 'exec 3>&-; "$@"' - "$RUNTIME" --root "$STATE" --log "$BASE/log" "$command" --preserve-fds 1 --bundle "$BUNDLE" "$ID"
        [ "$status" -ne 0 ]
        contains "$output" 'unable to stat preserved-fd 0 (of 1)'
    done
    nothing_remains
    start_waiting
    run bash -c 'exec 3>&- 4>&-; "$@"' - "$RUNTIME" --root "$STATE" --log "$BASE/log" exec --preserve-fds 2 "$ID" ls /proc/self/fd
    [ "$status" = 255 ]
    contains "$output" 'unable to stat preserved-fd 0 (of 2)'
}

@test "run: LISTEN_FDS for this process are passed with LISTEN_PID=1" {
    args sh -c 'cat <&3; echo "$LISTEN_FDS $LISTEN_PID"'
    echo three >"$BASE/three"
    run bash -c 'exec 3<"$1"; LISTEN_FDS=1 LISTEN_PID=$$ exec "${@:2}"' sh "$BASE/three" \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    says $'three\n1 1'
}

@test "run: only descriptors 0, 1 and 2 reach the program" {
    args sh -c 'exec ls /proc/self/fd'
    run bash -c 'exec 7</etc 8</ 9</etc/passwd 40</proc; exec "$@"' sh \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    # 3 is the directory that ls itself reads.
    says $'0\n1\n2\n3'
}

@test "run: a SIGTERM to the runtime reaches the program" {
    mkfifo "$BUNDLE/rootfs/ready"
    args sh -c 'trap "exit 7" TERM; echo >/ready; while :; do sleep 0.1; done'
    "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 3>&- &
    runtime=$!
    timeout 60 cat "$BUNDLE/rootfs/ready"
    kill -TERM "$runtime"
    run wait "$runtime"
    wait "$runtime" || equal 7 "$?"
    nothing_remains
}

@test "run: a warning is in the JSON log as soon as the program runs" {
    only_proa 'the control writes all records at once'
    waiting_program
    config '.process.capabilities.bounding += ["CAP_NONE"]'
    "$RUNTIME" --log "$BASE/log" --log-format json --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 3>&- &
    local runtime=$!
    # The writer of the FIFO waits for the program.
    timeout 60 sh -c 'exec 4>"$1"; until grep -q CAP_NONE "$2"; do :; done' sh "$BUNDLE/rootfs/gate" "$BASE/log"
    wait "$runtime"
    nothing_remains
}

@test "run: works with XDG_RUNTIME_DIR alone in the environment" {
    args echo fine
    run env -i XDG_RUNTIME_DIR="$BASE" "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    says fine
}

@test "run: works from another working directory, umask and with signals blocked" {
    args sh -c 'grep -E "SigBlk|SigIgn" /proc/self/status; umask'
    cd /
    umask 077
    inside 'grep -E "SigBlk|SigIgn" /proc/self/status; umask'
    says $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0022'
}

@test "run: what the caller ignores the program does not" {
    trap '' HUP INT QUIT PIPE CHLD
    args grep SigIgn /proc/1/status # a shell would have its own opinion about SIGQUIT
    run "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    says $'SigIgn:\t0000000000000000'
}

@test "run: the program is process 1 and nothing else runs beside it" {
    inside 'exec ps -o pid,comm'
    says $'PID   COMMAND\n    1 ps'
}

@test "run: forty containers side by side" {
    args true
    pids=()
    for n in $(seq 40); do
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID-$n" </dev/null >>"$BASE/out" 2>&1 3>&- &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid"
    done
    equal '' "$(cat "$BASE/out")"
    equal '' "$(ls -A "$STATE")"
}
