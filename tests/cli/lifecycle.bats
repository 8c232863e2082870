load ../lib/helpers

@test "create, start, state, kill, delete: one container's life" {
    waiting_program
    create
    equal '' "$(cat "$BASE/out" "$BASE/err")"
    status_is created
    run --separate-stderr proa start "$ID"
    ok
    equal '' "$output$stderr"
    status_is running
    pid=$(pid_of)
    run --separate-stderr proa kill "$ID" KILL
    ok
    equal '' "$output$stderr"
    wait_end "$pid"
    status_is stopped
    run --separate-stderr proa delete "$ID"
    ok
    equal '' "$output$stderr"
    nothing_remains
    refused 'container does not exist' proa state "$ID"
}

@test "create: the program does not run before start" {
    args touch /started
    create
    [ ! -e "$BUNDLE/rootfs/started" ]
    pid=$(pid_of)
    proa start "$ID"
    wait_end "$pid"
    [ -e "$BUNDLE/rootfs/started" ]
}

@test "create --pid-file: there when create returns, digits only, and the mode is plain" {
    waiting_program
    create --pid-file "$BASE/pid"
    equal "$(pid_of)" "$(cat "$BASE/pid")"
    matches "$(cat "$BASE/pid"; echo .)" '^[0-9]+\.$'
    equal 1 "$(find "$BASE" -maxdepth 1 -name '*pid*' | wc -l)"
}

@test "create: a pid file that cannot be written leaves nothing" {
    waiting_program
    refused 'o such file or directory' "$HARNESS" orphans "$RUNTIME" --root "$STATE" \
        create --bundle "$BUNDLE" --pid-file "$BASE/none/pid" "$ID"
    nothing_remains
}

@test "state: the members, in order, two spaces, no newline at the end" {
    config '.annotations = {"b.key": "two", "a.key": "one"}'
    waiting_program
    create
    proa state "$ID" >"$BASE/state.json"
    [ "$(tail -c 1 "$BASE/state.json")" = '}' ]
    equal '{' "$(head -n 1 "$BASE/state.json")"
    matches "$(sed -n 2p "$BASE/state.json")" '^  "ociVersion": "1\.[0-9.a-z+-]+",$'
    equal '["ociVersion","id","pid","status","bundle","rootfs","created","annotations","owner"]' \
        "$(jq -c keys_unsorted "$BASE/state.json")"
    equal "$ID" "$(jq -r .id "$BASE/state.json")"
    equal "$BUNDLE" "$(jq -r .bundle "$BASE/state.json")"
    equal "$BUNDLE/rootfs" "$(jq -r .rootfs "$BASE/state.json")"
    equal '{"a.key":"one","b.key":"two"}' "$(jq -Sc .annotations "$BASE/state.json")"
    equal '""' "$(jq .owner "$BASE/state.json")"
    matches "$(jq -r .created "$BASE/state.json")" '^20[0-9-]+T[0-9:]+(\.[0-9]{1,9})?Z$'
    [ -d "/proc/$(jq .pid "$BASE/state.json")" ]
}

@test "state: without annotations there is no such member" {
    waiting_program
    create
    equal false "$(proa state "$ID" | jq 'has("annotations")')"
}

@test "state: the bundle is absolute and without symbolic links" {
    waiting_program
    ln -s "$BUNDLE" "$BASE/link"
    cd "$BASE"
    proa create --bundle link "$ID" </dev/null >"$BASE/out" 2>&1
    equal "$BUNDLE" "$(proa state "$ID" | jq -r .bundle)"
}

@test "state: prints nothing on stderr" {
    waiting_program
    create
    run --separate-stderr proa state "$ID"
    ok
    equal '' "$stderr"
}

@test "state of a container that is not there" {
    refused 'container does not exist' proa state nobody
}

@test "start: only once, and not after the end" {
    waiting_program
    create
    proa start "$ID"
    refused 'cannot start an already running container' proa start "$ID"
    pid=$(pid_of)
    proa kill "$ID" KILL
    wait_end "$pid"
    refused 'cannot start a container that has stopped' proa start "$ID"
    refused 'container does not exist' proa start nobody
}

@test "create: an ID that exists is refused and unharmed" {
    waiting_program
    create
    refused 'container with given ID already exists' proa create --bundle "$BUNDLE" "$ID"
    refused 'container with given ID already exists' proa run --bundle "$BUNDLE" "$ID"
    status_is created
}

@test "create: the ID is free again after delete" {
    waiting_program
    for _ in 1 2 3; do
        create
        proa delete --force "$ID"
        nothing_remains
    done
}

@test "delete: refuses a running container, and takes a created one" {
    start_waiting
    refused "cannot delete container $ID that is not stopped: running" proa delete "$ID"
    proa delete --force "$ID"
    nothing_remains
    create
    pid=$(pid_of)
    proa delete "$ID"
    wait_end "$pid"
    nothing_remains
}

@test "delete: whatever the container has put into its state directory, but never through a link or a mount" {
    only_proa 'the notify directory is the only way there, and lies elsewhere for others'
    start_waiting
    local notify=$STATE/$ID/notify deep=a
    mkdir -p "$notify/x/a/b/c" "$notify/x/d" "$notify/moved.0/e" "$BASE/canary"
    for _ in $(seq 300); do deep=$deep/aaaaaaa; done
    mkdir -p "$notify/$deep"
    touch "$notify/x/a/file" "$BASE/canary/file"
    ln -s "$BASE/canary" "$notify/x/link"
    proa delete --force "$ID"
    nothing_remains
    [ -e "$BASE/canary/file" ]
}

@test "delete --force: takes one that stopped, and one that never was" {
    args true
    create
    pid=$(pid_of)
    proa start "$ID"
    wait_end "$pid"
    proa delete --force "$ID"
    run --separate-stderr proa delete --force nobody
    ok
    equal '' "$output$stderr"
    refused 'container does not exist' proa delete nobody
}

@test "delete --force: removes a state directory without a state file" {
    mkdir -p "$STATE/$ID"
    proa delete --force "$ID"
    [ ! -e "$STATE/$ID" ]
}

@test "delete: the mount points under the bundle and the files in it stay" {
    args touch /kept
    create
    pid=$(pid_of)
    proa start "$ID"
    wait_end "$pid"
    proa delete "$ID"
    [ -e "$BUNDLE/rootfs/kept" ]
    [ -e "$BUNDLE/config.json" ]
}

@test "kill: numbers, names with and without SIG, any case, RTMIN forms" {
    mkfifo "$BUNDLE/rootfs/ready"
    args sh -c 'for s in 1 10 12 15 34 36 64; do trap "echo $s >/ready" $s; done
        echo up >/ready; while :; do sleep 0.05; done'
    create
    proa start "$ID"
    equal up "$(timeout 60 cat "$BUNDLE/rootfs/ready")"
    for pair in 1:1 HUP:1 SIGHUP:1 sighup:1 usr1:10 SIGUSR2:12 TERM:15 RTMIN:34 SIGRTMIN+2:36 RTMAX:64; do
        [ "$NAME" = runc ] && [[ $pair == *RT* ]] && continue
        proa kill "$ID" "${pair%:*}"
        equal "${pair#*:}" "$(timeout 60 cat "$BUNDLE/rootfs/ready")"
    done
    proa kill "$ID"
    equal 15 "$(timeout 60 cat "$BUNDLE/rootfs/ready")"
}

@test "kill: 0 probes, unknown names and numbers are refused" {
    start_waiting
    proa kill "$ID" 0
    refused 'unknown signal' proa kill "$ID" NONSENSE
    refused '' proa kill "$ID" 4711
    refused 'container does not exist' proa kill nobody TERM
    status_is running
}

@test "kill: a created container, too" {
    waiting_program
    create
    pid=$(pid_of)
    proa kill "$ID" KILL
    wait_end "$pid"
    status_is stopped
}

@test "kill of a stopped container: 'container not running', with --all no error" {
    args true
    create
    pid=$(pid_of)
    proa start "$ID"
    wait_end "$pid"
    refused 'container not running' proa kill "$ID" TERM
    proa kill --all "$ID" TERM
    proa kill -a "$ID" 9
}

@test "kill --all KILL: without a pid namespace all processes of the container end" {
    no_namespace pid
    mkfifo "$BUNDLE/rootfs/gate" "$BUNDLE/rootfs/ready"
    args sh -c 'cat /gate & echo $! >/ready; cat /gate'
    create
    proa start "$ID"
    second=$(timeout 60 cat "$BUNDLE/rootfs/ready")
    first=$(pid_of)
    proa kill --all "$ID" KILL
    wait_end "$first"
    wait_end "$second"
    proa delete "$ID"
    nothing_remains
}

@test "kill --all: any signal reaches all processes" {
    mkfifo "$BUNDLE/rootfs/gate" "$BUNDLE/rootfs/said"
    args sh -c 'trap "echo first >/said" USR1
        (trap "echo second >/said; exit" USR1; echo ready >/said; while :; do read -r x </gate; done) &
        while :; do wait; done'
    create
    proa start "$ID"
    equal ready "$(timeout 60 cat "$BUNDLE/rootfs/said")"
    proa kill --all "$ID" USR1
    equal $'first\nsecond' "$(timeout 60 sh -c 'for i in 1 2; do read -r x; echo $x; done' <>"$BUNDLE/rootfs/said" | sort)"
}

@test "delete --force: without a pid namespace all processes of the container end" {
    no_namespace pid
    mkfifo "$BUNDLE/rootfs/gate" "$BUNDLE/rootfs/ready"
    args sh -c 'cat /gate & echo $! >/ready; cat /gate'
    create
    proa start "$ID"
    second=$(timeout 60 cat "$BUNDLE/rootfs/ready")
    proa delete --force "$ID"
    wait_end "$second"
    nothing_remains
}

@test "list: table, -q and json; null and a header alone when there is nothing" {
    mkdir -p "$STATE"
    equal 'ID          PID         STATUS      BUNDLE      CREATED     OWNER' "$(proa list)"
    equal null "$(proa list --format json)"
    equal '' "$(proa list -q)"
    waiting_program
    create
    proa list >"$BASE/list"
    equal 2 "$(wc -l <"$BASE/list")"
    equal "$ID" "$(proa list --quiet)"
    equal "$ID" "$(proa list -f json | jq -r '.[].id')"
    equal root "$(proa list -f=json | jq -r '.[].owner')"
    equal 1 "$(proa list -f json | wc -l)"
    equal "$(pid_of)" "$(proa list -format json | jq '.[].pid')"
    matches "$(sed -n 2p "$BASE/list")" "^$ID +$(pid_of) +created +$BUNDLE +20[0-9T:.-]+Z +root$"
}

@test "list: columns line up as in the contract" {
    waiting_program
    create
    mapfile -t rows < <(proa list)
    for word in PID STATUS BUNDLE CREATED OWNER; do
        before=${rows[0]%%"$word"*}
        [[ ${rows[1]:${#before}-3:3} == '   ' || ${#before} -eq 12 ]]
        [[ ${rows[1]:${#before}:1} != ' ' ]]
    done
}

@test "list: a --root that does not exist is an error" {
    only_proa 'the control lists nothing'
    refused 'o such file or directory' "$RUNTIME" --root "$BASE/none" list
}

@test "list: a damaged entry is passed over" {
    waiting_program
    create
    mkdir "$STATE/damaged"
    echo '{' >"$STATE/damaged/state.json"
    run --separate-stderr proa list -q
    ok
    says "$ID"
    contains "$stderr" 'load container damaged'
    rm -r "$STATE/damaged"
}

@test "list: an unknown format is refused" {
    mkdir -p "$STATE"
    refused '' proa list --format xml
}

@test "a container whose process died unseen is stopped, also when its pid is used again" {
    waiting_program
    create
    pid=$(pid_of)
    kill -KILL "$pid"
    wait_end "$pid"
    status_is stopped
    proa delete "$ID"
    # The same state with a start time that no process has.
    create
    only_proa 'the control keeps the start time elsewhere'
    pid=$(pid_of)
    saved=$(readlink "$STATE/$ID/init")
    ln -sfn "$pid 12345" "$STATE/$ID/init"
    status_is stopped
    refused 'container not running' proa kill "$ID" KILL
    [ -d "/proc/$pid" ]
    ln -sfn "$saved" "$STATE/$ID/init"
    status_is created
}

@test "the state directory: modes, and no secret in a file that others may read" {
    waiting_program
    create
    equal 700 "$(stat -c %a "$STATE")"
    equal 711 "$(stat -c %a "$STATE/$ID")"
    [ "$NAME" = runc ] || equal 600 "$(stat -c %a "$STATE/$ID/state.json")"
    [ -p "$STATE/$ID/exec.fifo" ]
    equal 622 "$(stat -c %a "$STATE/$ID/exec.fifo")"
}

@test "start: the fifo is gone afterwards" {
    start_waiting
    [ ! -e "$STATE/$ID/exec.fifo" ]
}

@test "start: a fifo that was removed behind our back makes an error, no hang" {
    waiting_program
    create
    rm "$STATE/$ID/exec.fifo"
    refused '' timeout 60 "$RUNTIME" --root "$STATE" start "$ID"
    proa delete --force "$ID"
    nothing_remains
}

@test "init is adopted by the nearest subreaper, which gets its exit status" {
    args sh -c 'exit 17'
    run "$HARNESS" adopt sh -c '"$@" create --bundle "$BUNDLE" --pid-file "$BASE/pid" "$ID" </dev/null >/dev/null 2>&1 &&
        "$@" start "$ID"' sh "$RUNTIME" --root "$STATE"
    ok
    says "$(cat "$BASE/pid") 17"
}

@test "run --detach: init is adopted, too, with --no-subreaper and without" {
    args sh -c 'exit 18'
    run "$HARNESS" adopt "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" --pid-file "$BASE/pid" "$ID" </dev/null
    says "$(cat "$BASE/pid") 18"
    proa delete "$ID"
    run "$HARNESS" adopt "$RUNTIME" --root "$STATE" run --detach --no-subreaper --bundle "$BUNDLE" \
        --pid-file "$BASE/pid" "$ID" </dev/null
    says "$(cat "$BASE/pid") 18"
}

@test "create: what the container writes reaches the caller's pipes, which end with it" {
    args sh -c 'echo from inside; echo and err >&2'
    run "$HARNESS" drain sh -c '"$@" create --bundle "$BUNDLE" "$ID" && "$@" start "$ID"' sh "$RUNTIME" --root "$STATE"
    ok
    contains "$output" 'from inside'
    contains "$output" 'and err'
}

@test "create: descriptors that the caller left open do not reach init, nor the program" {
    args sh -c 'exec ls /proc/self/fd'
    "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 7</etc 8</ 40</usr 3>&-
    pid=$(pid_of)
    for fd in /proc/"$pid"/fd/*; do
        lacks ' /etc / /usr ' " $(readlink "$fd") "
    done
    proa start "$ID"
    wait_end "$pid"
    # 3 is the directory that ls itself reads.
    equal $'0\n1\n2\n3' "$(cat "$BASE/out")"
}

@test "start, state, kill and delete work with XDG_RUNTIME_DIR alone in the environment" {
    waiting_program
    create
    clean=(env -i XDG_RUNTIME_DIR="$BASE" "$RUNTIME" --root "$STATE")
    "${clean[@]}" start "$ID"
    "${clean[@]}" state "$ID" >"$BASE/out"
    "${clean[@]}" kill "$ID" 9
    wait_end "$(jq .pid "$BASE/out")"
    "${clean[@]}" delete "$ID"
    nothing_remains
}

@test "two starts at once: exactly one succeeds" {
    waiting_program
    create
    results=()
    "$RUNTIME" --root "$STATE" start "$ID" >"$BASE/one" 2>&1 &
    one=$!
    "$RUNTIME" --root "$STATE" start "$ID" >"$BASE/two" 2>&1 &
    two=$!
    wait $one && results+=(ok) || results+=(failed)
    wait $two && results+=(ok) || results+=(failed)
    equal 'failed ok' "$(printf '%s\n' "${results[@]}" | sort | xargs)"
}

@test "two creates of one ID at once: exactly one succeeds" {
    waiting_program
    "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/one" 2>&1 3>&- &
    one=$!
    "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/two" 2>&1 3>&- &
    two=$!
    results=()
    wait $one && results+=(ok) || results+=(failed)
    wait $two && results+=(ok) || results+=(failed)
    equal 'failed ok' "$(printf '%s\n' "${results[@]}" | sort | xargs)"
    contains "$(cat "$BASE/one" "$BASE/two")" 'container with given ID already exists'
    status_is created
}

@test "the log file: one JSON record on failure, appended, the text on stderr" {
    log=$BASE/log.json
    for n in 1 2; do
        run --separate-stderr proa --log "$log" --log-format json state nobody
        equal 1 "$status"
        contains "$stderr" 'container does not exist'
        equal "$n" "$(wc -l <"$log")"
    done
    equal '["level","msg","time"]' "$(head -n 1 "$log" | jq -c keys_unsorted)"
    equal error "$(head -n 1 "$log" | jq -r .level)"
    equal "$stderr" "$(head -n 1 "$log" | jq -r .msg)"
    matches "$(head -n 1 "$log" | jq -r .time)" '^20[0-9-]{8}T[0-9:]{8}(Z|[+-][0-9:]{5})$'
}

@test "the log is a pipe that nobody reads any more: each command goes on, and says why it fails" {
    waiting_program
    without_reader() {
        python3 -c 'import os, sys
reader, writer = os.pipe()
os.dup2(writer, 9)
os.close(reader)
os.execv(sys.argv[1], sys.argv[1:])' "$RUNTIME" --debug --root "$STATE" --log /proc/self/fd/9 "$@" </dev/null 3>&-
    }
    without_reader create --bundle "$BUNDLE" "$ID" >/dev/null 2>&1
    without_reader start "$ID"
    refused 'container does not exist' without_reader --log-format json state nobody
    status_is running
}

@test "the log file: empty after success, of create, start, run, kill and delete" {
    log=$BASE/log.json
    waiting_program
    logged=("$RUNTIME" --root "$STATE" --log "$log" --log-format json)
    "${logged[@]}" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 3>&-
    "${logged[@]}" start "$ID"
    pid=$(pid_of)
    "${logged[@]}" kill "$ID" KILL
    wait_end "$pid"
    "${logged[@]}" delete "$ID"
    equal '' "$(cat "$log" "$BASE/out")"
}

@test "the log file: a failing create makes one record, and the same text on stderr" {
    args /no/such/program
    log=$BASE/log.json
    run --separate-stderr proa --log "$log" --log-format json create --bundle "$BUNDLE" "$ID"
    equal 1 "$status"
    [ "$NAME" = runc ] || equal 1 "$(wc -l <"$log")"
    equal "$(jq -r .msg "$log" | tail -n 1)" "$stderr"
    contains "$stderr" 'no such file or directory'
}

@test "the log: text records quote like Go; without --log they go to stderr" {
    run --separate-stderr proa state 'a b'
    matches "$stderr" '^time="20[^"]+" level=error msg="[^"]+'
    run --separate-stderr proa --log "$BASE/log" kill nobody 'say "hi"'
    matches "$(tail -n 1 "$BASE/log")" '^time="20[^"]+" level=error msg="?.+"?$'
}
