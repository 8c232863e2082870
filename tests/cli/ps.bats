load ../lib/helpers

# ps: the processes of the container, and of no one else.

# Starts a container with a shell and two more processes; $init is the first.
start_three() {
    mkfifo "$BUNDLE/rootfs/started"
    args sh -c 'sleep 1001 & sleep 1002 & echo >/started; wait'
    create
    proa start "$ID"
    timeout 60 cat "$BUNDLE/rootfs/started" >/dev/null
    init=$(pid_of)
}

# The pids of the listing, in order.
column() {
    awk -v column="$1" 'NR > 1 { print $column }' <<<"$output" | sort -n | paste -sd ' '
}

expected() {
    { echo "$init"; pgrep -P "$init"; } | sort -n | paste -sd ' '
}

@test "ps: a table with the container's processes" {
    start_three
    run "$RUNTIME" --root "$STATE" ps "$ID"
    equal 0 "$status"
    contains "${lines[0]}" UID
    contains "${lines[0]}" ' PID '
    equal "$(expected)" "$(column 2)"
    contains "$output" 'sleep 1001'
    contains "$output" 'sleep 1002'
}

@test "ps: json" {
    start_three
    proa ps --format json "$ID" >"$BASE/json"
    equal "$(expected)" "$(jq -r '.[]' "$BASE/json" | sort -n | paste -sd ' ')"
    matches "$(cat "$BASE/json")" '^\[[0-9]+,[0-9]+,[0-9]+\]$'
    equal 1 "$(wc -l <"$BASE/json")"
    proa ps -f json "$ID" >"$BASE/again"
    cmp "$BASE/json" "$BASE/again"
}

@test "ps: options of its own, behind the ID" {
    start_three
    run "$RUNTIME" --root "$STATE" ps "$ID" -e -o 'ppid,pid,comm'
    equal 0 "$status"
    matches "${lines[0]}" '^ *PPID +PID +COMMAND$'
    equal "$(expected)" "$(column 2)"
    run "$RUNTIME" --root "$STATE" ps "$ID" -e -x
    equal 0 "$status"
    equal "$(expected)" "$(column 1)"
    # What looks like an option of ours is ps's.
    run "$RUNTIME" --root "$STATE" ps "$ID" -f json
    [ "$status" -ne 0 ]
    contains "$output" 'exit status 1: error: '
}

@test "ps: output without a column PID, and with one that holds no number" {
    start_three
    run "$RUNTIME" --root "$STATE" ps "$ID" -e -o ppid
    equal 1 "$status"
    contains "$output" "couldn't find PID field in ps output"
    run "$RUNTIME" --root "$STATE" ps "$ID" -e -o comm=PID
    equal 1 "$status"
    contains "$output" 'unable to parse pid'
}

@test "ps: without a ps program" {
    start_three
    run env PATH= "$RUNTIME" --root "$STATE" ps "$ID"
    equal 1 "$status"
    contains "$(plain "$output")" 'exec: "ps": executable file not found in $PATH'
    run env PATH= "$RUNTIME" --root "$STATE" ps -f json "$ID"
    equal 0 "$status"
}

@test "ps: no program of the working directory is run" {
    start_three
    printf '#!/bin/sh\necho PID; echo "%s"\n' "$init" >"$BASE/ps"
    chmod 755 "$BASE/ps"
    cd "$BASE"
    run env PATH=.:: "$RUNTIME" --root "$STATE" ps "$ID"
    [ "$status" -ne 0 ]
    lacks "$output" PID
    run env PATH="$BASE:$PATH" "$RUNTIME" --root "$STATE" ps "$ID"
    equal "PID
$init" "$output"
}

@test "ps: a format that there is not; a container that there is not; no ID" {
    start_three
    run "$RUNTIME" --root "$STATE" ps -f yaml "$ID"
    equal 1 "$status"
    contains "$output" 'invalid format option'
    run "$RUNTIME" --root "$STATE" ps "$ID-x"
    equal 1 "$status"
    contains "$output" 'does not exist'
    run "$RUNTIME" --root "$STATE" ps
    equal 1 "$status"
    contains "$output" 'requires a minimum of 1 argument(s)'
}

# Moves a process into a cgroup of its own below the container's, in the hierarchies that runtimes ask.
move_below() {
    local controllers path directory
    while IFS=: read -r _ controllers path; do
        case $controllers in
            '') directory=/sys/fs/cgroup/unified && [ -d "$directory" ] || directory=/sys/fs/cgroup ;;
            freezer | devices) directory=/sys/fs/cgroup/$controllers ;;
            *) continue ;;
        esac
        [[ $path == *"$ID"* ]] && [ -d "$directory$path" ] || continue
        mkdir "$directory$path/below"
        echo "$1" >"$directory$path/below/cgroup.procs"
    done <"/proc/$1/cgroup"
}

@test "ps: processes of exec and of cgroups below" {
    start_three
    proa exec -d --pid-file "$BASE/pid" "$ID" sleep 1003 </dev/null >/dev/null 2>&1
    move_below "$(<"$BASE/pid")"
    [ -n "$(cgroups_named "$ID" | xargs -I{} find {} -maxdepth 1 -name below)" ]
    run "$RUNTIME" --root "$STATE" ps "$ID"
    equal 0 "$status"
    contains "$output" 'sleep 1003'
    contains "$output" 'sleep 1001'
}

@test "ps: created, paused, stopped" {
    args sleep 1000
    proa create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
    init=$(pid_of)
    equal "[$init]" "$(proa ps -f json "$ID")"
    proa start "$ID"
    proa pause "$ID"
    equal "[$init]" "$(proa ps -f json "$ID")"
    proa resume "$ID"
    proa kill "$ID" KILL
    wait_end "$init"
    equal null "$(proa ps -f json "$ID")"
    run "$RUNTIME" --root "$STATE" ps "$ID"
    equal 0 "$status"
    equal 1 "${#lines[@]}"
    contains "$output" PID
}
