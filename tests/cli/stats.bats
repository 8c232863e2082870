# `proa stats`: the table, on a terminal and elsewhere, JSON and OpenMetrics.

load ../lib/helpers

prepare() {
    only_proa 'a command of its own'
}

metrics() {
    "$REPO/tests/lib/openmetrics.py" <<<"$output"
}

# terminal ROWSxCOLS command… <<<script: on a terminal; its output goes to $BASE/screen.
terminal() {
    $CONSOLE --size "$1" "${@:2}" >"$BASE/screen" 2>"$BASE/screen.err" || complain "$(cat "$BASE/screen.err")"
}

two_containers() {
    CONTAINER=$ID-b start_waiting
    CONTAINER=$ID-a start_waiting
}

@test "stats: a line for each, in the order that was asked for" {
    two_containers
    run -0 --separate-stderr proa stats --no-stream --interval 10ms "$ID-b" "$ID-a" "$ID-b"
    equal 3 "${#lines[@]}"
    matches "${lines[0]}" '^ID +CPU% +MEMORY +LIMIT +PIDS +READ +WRITTEN +RECEIVED +SENT +WAIT-CPU% +WAIT-MEM% +WAIT-IO% +THROTTLED% +OOM$'
    matches "${lines[1]}" "^$ID-b +[0-9]+\.[0-9] "
    matches "${lines[2]}" "^$ID-a +[0-9]+\.[0-9] "
    equal "${#lines[0]}" "${#lines[1]}"
    [ -z "$stderr" ] || complain "$stderr"
}

@test "stats --all: those that run, by their names" {
    two_containers
    args true
    create
    local pid
    pid=$(pid_of)
    proa start "$ID"
    wait_end "$pid"
    run -0 proa stats --all --no-stream --interval 10ms
    equal "ID $ID-a $ID-b" "$(awk '{ print $1 }' <<<"$output" | xargs)"
}

@test "stats --all: of nothing" {
    mkdir -p "$STATE"
    run -0 proa stats --all --no-stream --interval 1ms
    equal 1 "${#lines[@]}"
    run -0 proa stats --all --json --no-stream
    equal '[]' "$(jq -c .containers <<<"$output")"
}

@test "stats: what cannot be asked" {
    refused 'either container IDs or --all, please' proa stats
    refused 'either container IDs or --all, please' proa stats --all "$ID"
    refused 'container does not exist' proa stats nobody
    refused 'invalid format option' proa stats --format xml --all
    refused 'duration interval must be greater than 0' proa stats --interval 0s --all
    args true
    create
    local pid
    pid=$(pid_of)
    proa start "$ID"
    wait_end "$pid"
    refused "container with id $ID is not running" proa stats --no-stream "$ID"
}

@test "stats --json: numbers in base units, as events has them" {
    config '.linux.resources.memory = {limit: 67108864} | .linux.resources.pids = {limit: 33}
        | .linux.resources.cpu = {quota: 50000, period: 100000}'
    start_waiting
    run -0 proa stats --json --no-stream "$ID"
    equal 1 "${#lines[@]}"
    equal "[\"$ID\",67108864,1,33]" "$(jq -c '.containers[0] | [.id, .memory.limit_bytes, .pids.current, .pids.limit]' <<<"$output")"
    equal true "$(jq '.containers[0] | .cpu.usage_seconds > 0 and .cpu.usage_seconds < 10 and .memory.usage_bytes >= .memory.working_set_bytes' <<<"$output")"
    equal true "$(jq --argjson now "$(date +%s)" '.time <= $now + 1 and .time > $now - 60' <<<"$output")"
    local seconds=$(jq '.containers[0].cpu.usage_seconds' <<<"$output")
    run -0 proa events --stats "$ID"
    equal true "$(jq --argjson s "$seconds" '.data.cpu.usage.total / 1000000000 >= $s' <<<"$output")"
}

@test "stats --format prometheus: OpenMetrics that a scraper takes" {
    two_containers
    run -0 proa stats --format prometheus "$ID-a" "$ID-b"
    local samples
    samples=$(metrics)
    equal 2 "$(grep -c '^proa_cpu_usage_seconds_total ' <<<"$samples")"
    contains "$samples" "proa_pids_current $ID-a 1"
    contains "$samples" "proa_memory_oom_kills_total $ID-b 0"
    lacks "$samples" "proa_pids_limit $ID-a"
    local names=$(cut -d ' ' -f 1,2 <<<"$samples")
    run -0 proa stats --format prometheus --all --no-stream
    equal "$names" "$(metrics | cut -d ' ' -f 1,2)"
}

@test "stats: OOM kills are counted" {
    mkfifo "$BUNDLE/rootfs/gate" "$BUNDLE/rootfs/done"
    args sh -c 'while read -r line </gate; do dd if=/dev/zero of=/dev/null bs=64M count=1; echo >/done; done'
    config '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
    create
    proa start "$ID"
    echo >"$BUNDLE/rootfs/gate"
    read -r <"$BUNDLE/rootfs/done"
    run -0 proa stats --json --no-stream "$ID"
    equal 1 "$(jq '.containers[0].memory.oom_kills' <<<"$output")"
}

@test "stats: a stream of looks, until the last of them has ended" {
    two_containers
    "$RUNTIME" --root "$STATE" stats --json --interval 50ms "$ID-a" "$ID-b" >"$BASE/stream" 2>"$BASE/stream.err" 3>&- &
    local follower=$!
    until_true grep -q "$ID-b" "$BASE/stream"
    echo >"$BUNDLE/rootfs/gate"
    wait "$follower" || { echo >"$BUNDLE/rootfs/gate"; complain "$(cat "$BASE/stream.err")"; }
    [ ! -s "$BASE/stream.err" ] || complain "$(cat "$BASE/stream.err")"
    equal 2 "$(head -n 1 "$BASE/stream" | jq '.containers | length')"
}

@test "stats --all: containers come and go meanwhile" {
    CONTAINER=$ID-a start_waiting
    "$RUNTIME" --root "$STATE" stats --all --json --interval 50ms >"$BASE/stream" 2>"$BASE/stream.err" 3>&- &
    local follower=$!
    until_true grep -q "$ID-a" "$BASE/stream"
    CONTAINER=$ID-b start_waiting
    until_true grep -q "$ID-b" "$BASE/stream"
    proa delete --force "$ID-a"
    gone() {
        [ "$(tail -n 2 "$BASE/stream" | head -n 1 | jq -c '.containers | map(.id)')" = "[\"$ID-b\"]" ]
    }
    until_true gone
    kill -TERM "$follower"
    wait "$follower" || true
    [ ! -s "$BASE/stream.err" ] || complain "$(cat "$BASE/stream.err")"
}

@test "stats --all: one that is just being deleted is no problem" {
    start_waiting
    mkdir "$STATE/$ID-x" # state.json goes first
    run -0 --separate-stderr proa stats --all --json --no-stream
    equal "[\"$ID\"]" "$(jq -c '.containers | map(.id)' <<<"$output")"
    equal '' "$stderr"
    rmdir "$STATE/$ID-x"
}

@test "stats --all: one whose state is damaged keeps nobody from the others" {
    start_waiting
    mkdir "$STATE/$ID-x"
    echo '{' >"$STATE/$ID-x/state.json"
    "$RUNTIME" --root "$STATE" stats --all --json --interval 50ms >"$BASE/stream" 2>"$BASE/stream.err" 3>&- &
    local follower=$!
    second() {
        sed -n 2p "$BASE/stream" | jq -e --arg id "$ID" '.containers | map(.id) == [$id]'
    }
    until_true second
    kill -TERM "$follower"
    wait "$follower" || true
    contains "$(cat "$BASE/stream.err")" "state.json of container $ID-x is damaged"
    run --separate-stderr proa stats --all --json --no-stream
    equal 1 "$status"
    contains "$output" "\"$ID\""
    rm -r "$STATE/$ID-x"
}

@test "stats on a terminal: renewed in place, on a page of its own; q ends it" {
    start_waiting
    terminal 24x200 "$RUNTIME" --root "$STATE" stats --interval 50ms "$ID" <<'EOS'
expect \x1b\[\?1049h\x1b\[\?25l
expect \x1b\[H\x1b\[J *ID .*OOM\r\n
expect  - 
expect \x1b\[H\x1b\[J *ID .*OOM\r\n
expect  [0-9]+\.[0-9] 
send q
expect \x1b\[\?25h\x1b\[\?1049l *ID .*OOM\r\n
eof
EOS
}

@test "stats on a terminal: Ctrl-C ends it; the terminal is as before" {
    start_waiting
    terminal 24x200 sh -c 'trap : INT; stty -a >"$1/before"; "$2" --root "$3" stats --interval 50ms "$4"; echo status $?; stty -a >"$1/after"' \
        - "$BASE" "$RUNTIME" "$STATE" "$ID" <<'EOS'
expect OOM\r\n
send \x03
expect \x1b\[\?1049l
expect status 0\r\n
eof
EOS
    cmp "$BASE/before" "$BASE/after"
    contains "$(cat "$BASE/before")" ' icanon'
}

@test "stats on a terminal: a signal ends it as such; the terminal is as before" {
    start_waiting
    export BASE
    terminal 24x200 sh -c 'stty -a >"$1/before"; sh -c "echo \$\$ >$1/pid; exec $2 --root $3 stats --interval 50ms $4"; echo status $?; stty -a >"$1/after"' \
        - "$BASE" "$RUNTIME" "$STATE" "$ID" <<'EOS'
expect OOM\r\n
sh kill -TERM $(cat $BASE/pid)
expect \x1b\[\?1049l
expect status 143\r\n
eof
EOS
    cmp "$BASE/before" "$BASE/after"
}

@test "stats on a terminal: fits the window, also another one" {
    local i
    for i in 1 2 3 4 5; do CONTAINER=$ID-$i start_waiting; done
    terminal 4x30 "$RUNTIME" --root "$STATE" stats --interval 1h --all <<'EOS'
expect \x1b\[H\x1b\[JID [^\r\n]{27}\r\n[^\r\n]{30}\r\n[^\r\n]{30}\r\n\.\.\. 3 more
size 10 40
expect \x1b\[H\x1b\[JID [^\r\n]{37}\r\n([^\r\n]{40}\r\n){4}[^\r\n]{40}
send q
eof
EOS
}

@test "stats on a terminal: ends with the last container" {
    start_waiting
    export BUNDLE
    terminal 24x200 "$RUNTIME" --root "$STATE" stats --interval 50ms "$ID" <<'EOS'
expect OOM\r\n
sh echo >$BUNDLE/rootfs/gate
expect \x1b\[\?1049l
eof
EOS
}
