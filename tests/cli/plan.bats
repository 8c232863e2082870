load ../lib/helpers

# plan touches nothing and needs no root.
NO_ROOT_NEEDED=yes

prepare() {
    only_proa 'plan and --trace'
    if [ "$(id -u)" -ne 0 ]; then
        rm "$BUNDLE/config.json"
        "$RUNTIME" spec --rootless --bundle "$BUNDLE"
    fi
    config '.process.terminal = false | del(.process.rlimits)'
    args true
}

# What an ordinary user's container cannot have.
limits() {
    [ "$(id -u)" -eq 0 ] || skip 'needs root: the bundle has limits and other identities'
}

everything_there() {
    find "$BASE" -printf '%p %y %m %T@\n' | sort
}

@test "plan: prints something of each topic, in the order of the start" {
    limits
    config '.hostname = "planned" | .linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.resources.pids.limit = 77
        | .process.user = {uid: 12, gid: 34, additionalGids: [56]}'
    run --separate-stderr "$RUNTIME" plan --bundle "$BUNDLE" "$ID"
    ok
    equal '' "$stderr"
    for text in planned ip_forward pids.max 77 /dev/shm /proc/keys /proc/sys /dev/null CAP_KILL 12 34 56 "$ID"; do
        contains "$output" "$text"
    done
}

@test "plan: touches nothing" {
    before=$(everything_there)
    "$RUNTIME" --root "$STATE" plan --bundle "$BUNDLE" "$ID" >/dev/null
    equal "$before" "$(everything_there)"
    [ ! -e "$STATE" ]
    nothing_left
}

@test "plan: an ordinary user's, of a rootless bundle" {
    as_user=()
    if [ "$(id -u)" -eq 0 ]; then
        chown -R 1000:1000 "$BUNDLE"
        as_user=(setpriv --reuid 1000 --regid 1000 --clear-groups)
    fi
    rm "$BUNDLE/config.json"
    "${as_user[@]}" "$RUNTIME" spec --rootless --bundle "$BUNDLE"
    before=$(everything_there)
    contains "$("${as_user[@]}" "$RUNTIME" plan --bundle "$BUNDLE" "$ID")" /dev/pts
    equal "$before" "$(everything_there)"
}

@test "plan: an ordinary user's, of a bundle that only root can start: as root would" {
    [ "$(id -u)" -eq 0 ] || skip 'needs root: compares the two'
    chmod -R a+rX "$BUNDLE"
    "$RUNTIME" plan --bundle "$BUNDLE" "$ID" >"$BASE/root"
    run --separate-stderr setpriv --reuid 1000 --regid 1000 --clear-groups "$RUNTIME" plan --bundle "$BUNDLE" "$ID"
    ok
    contains "$stderr" "the plan is root's"
    equal "$(cat "$BASE/root")" "$output"
}

@test "plan: makes no system call that changes anything" {
    command -v strace >/dev/null || skip 'no strace'
    strace -f -o "$BASE/trace" "$RUNTIME" plan --bundle "$BUNDLE" "$ID" >/dev/null
    run grep -E '^[0-9]+ +(mount|umount2|mkdir|mkdirat|unlink|rename|clone3|fork|vfork|setns|unshare|chown|fchown|chmod|mknod|symlink|link|kill|memfd_create)\(' \
        "$BASE/trace"
    equal '' "$output"
    run grep -E 'O_WRONLY|O_RDWR|O_CREAT' "$BASE/trace"
    lacks "$output" "$BASE"
}

@test "plan: twice the same, and the working directory is the default bundle" {
    cd "$BUNDLE"
    equal "$("$RUNTIME" plan --bundle "$BUNDLE" "$ID")" "$("$RUNTIME" plan "$ID")"
    "$RUNTIME" plan >/dev/null
}

@test "plan --json: one JSON object with the same facts" {
    limits
    config '.linux.resources.pids.limit = 77'
    run --separate-stderr "$RUNTIME" plan --json --bundle "$BUNDLE" "$ID"
    ok
    jq -e 'type == "object"' <<<"$output" >/dev/null
    contains "$output" pids.max
    contains "$output" /dev/shm
}

@test "plan: a faulty configuration gives the same error as run" {
    config '.process.cwd = "relative"'
    refused 'Cwd must be an absolute path' "$RUNTIME" plan --bundle "$BUNDLE" "$ID"
}

@test "plan: the files it names are written with the values it names" {
    [ "$(id -u)" -eq 0 ] || skip 'needs root'
    only_v1
    config '.linux.resources = {memory: {limit: 33554432}, cpu: {shares: 300}, pids: {limit: 44}}'
    "$RUNTIME" plan --bundle "$BUNDLE" "$ID" >"$BASE/plan"
    start_waiting
    for pair in memory/memory.limit_in_bytes:33554432 cpu/cpu.shares:300 pids/pids.max:44; do
        file=${pair%:*}
        grep "${file#*/}" "$BASE/plan" | grep -q "${pair#*:}" || complain "the plan lacks $pair"
        equal "${pair#*:}" "$(cat "$(cgroup_file "${file%/*}" "${file#*/}")")"
    done
}

trace_of() {
    "$RUNTIME" --root "$STATE" --trace "$BASE/trace.json" "$@"
}

@test "--trace: Chrome trace JSON with a lane for the parent and one for init" {
    [ "$(id -u)" -eq 0 ] || skip 'needs root'
    trace_of run --bundle "$BUNDLE" "$ID"
    events='(if type == "array" then . else .traceEvents end)'
    equal 2 "$(jq "[$events[] | select(.ph == \"M\") | .args.name] | unique | length" "$BASE/trace.json")"
    equal true "$(jq "[$events[] | select(.ph == \"M\") | .args.name] | index(\"init\") != null" "$BASE/trace.json")"
    equal true "$(jq "[$events[] | select(.ph == \"X\") | (.ts | type) == \"number\" and .dur >= 0 and (.name | length) > 0] | all and length > 10" "$BASE/trace.json")"
    # Spans of one lane follow each other or nest; they lie within two seconds.
    equal true "$(jq "[$events[] | select(.ph == \"X\") | .ts] | (max - min) < 2000000" "$BASE/trace.json")"
    "$REPO/tools/trace-table" "$BASE/trace.json" >"$BASE/table"
    [ "$(wc -l <"$BASE/table")" -gt 10 ]
}

@test "--trace: create and start as well" {
    [ "$(id -u)" -eq 0 ] || skip 'needs root'
    waiting_program
    trace_of create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 3>&-
    jq -e . "$BASE/trace.json" >/dev/null
    trace_of start "$ID" >"$BASE/out" 2>&1 3>&-
    equal 2 "$(jq '[.traceEvents[] | select(.ph == "X")] | length' "$BASE/trace.json")"
}

@test "--trace: a place that cannot be written is a warning; the container runs" {
    [ "$(id -u)" -eq 0 ] || skip 'needs root'
    run --separate-stderr "$RUNTIME" --root "$STATE" --trace "$BASE/none/trace.json" run --bundle "$BUNDLE" "$ID"
    ok
    contains "$stderr" level=warning
    contains "$stderr" "$BASE/none/trace.json"
}
