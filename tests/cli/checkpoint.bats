# Checkpoint and restore: with criu where it works here, and with a criu of the tests' own (tests/lib/fake-criu) that says what
# it is asked and fails as it is told.
load ../lib/helpers

FAULTY=${FAULTY:-$REPO/build-faults/cli/proa}

prepare() {
    only_proa 'its own messages and files'
    IMAGES=$BASE/images
}

needs_criu() {
    criu check >/dev/null 2>&1 || skip 'criu does not work on this kernel'
}

# A program that counts, in its memory; what it has come to is in /count.
counting_program() {
    args sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/count.new; mv /count.new /count; sleep 0.05; done'
}

# start_counting [OPTION…]: its streams are /dev/null.
start_counting() {
    counting_program
    proa create --bundle "$BUNDLE" "$@" "$ID" </dev/null >/dev/null 2>&1
    proa start "$ID"
    count_reaches 3
}

until_created() {
    timeout 20 sh -c 'until [ -e "$1/exec.fifo" ] && [ -e "$1/plan" ]; do :; done' sh "$STATE/$ID"
}

count_reaches() {
    timeout 20 sh -c 'until [ "$(cat "$2" 2>/dev/null || echo 0)" -ge "$1" ]; do :; done' sh "$1" "$BUNDLE/rootfs/count"
}

# It goes on from where it was, not from the beginning.
counts_on() {
    local before
    before=$(cat "$BUNDLE/rootfs/count")
    [ "$before" -ge 3 ]
    count_reaches $((before + 2))
}

checkpoint() {
    proa checkpoint --image-path "$IMAGES" "$@" "$ID"
}

# restore [OPTION…]: as $ID, or as $CONTAINER.
restore() {
    proa restore --image-path "$IMAGES" --bundle "$BUNDLE" --detach "$@" "${CONTAINER:-$ID}" </dev/null >/dev/null 2>"$BASE/err" ||
        complain "restore: $(cat "$BASE/err")"
}

nothing_of() {
    equal '' "$(cgroups_named "$1")"
    [ ! -e "$STATE/$1" ] || complain "$STATE/$1 is left"
    equal '' "$(awk -v base="$STATE" 'index($5, base) == 1' /proc/self/mountinfo)"
}

# ---- With criu --------------------------------------------------------------------------------

@test "checkpoint and restore: the program goes on where it was" {
    needs_criu
    start_counting
    checkpoint
    nothing_of "$ID"
    restore --pid-file "$BASE/pid"
    counts_on
    status_is running
    equal "$(pid_of)" "$(cat "$BASE/pid")"
}

@test "restore: as another container; exec, pause, kill and delete work on it" {
    needs_criu
    local pid
    start_counting
    checkpoint
    CONTAINER=$ID-again restore
    counts_on
    equal 1 "$(proa exec "$ID-again" sh -c 'pidof sh | tr " " "\n" | grep -x 1')"
    proa pause "$ID-again"
    status_is paused "$ID-again"
    proa resume "$ID-again"
    counts_on
    proa audit "$ID-again"
    pid=$(pid_of "$ID-again")
    proa kill "$ID-again" KILL
    wait_end "$pid"
    proa delete "$ID-again"
    nothing_of "$ID"
}

@test "checkpoint --leave-running: the container goes on, and what was saved too" {
    needs_criu
    start_counting
    checkpoint --leave-running --leave-running
    status_is running
    counts_on
    proa delete --force "$ID"
    restore
    counts_on
}

@test "checkpoint: a paused container stays paused" {
    needs_criu
    start_counting
    proa pause "$ID"
    checkpoint --leave-running
    status_is paused
    proa resume "$ID"
    counts_on
    proa pause "$ID"
    checkpoint
    nothing_of "$ID"
    restore
    status_is running
    counts_on
}

@test "checkpoint --pre-dump: memory in advance, then the rest against it" {
    needs_criu
    start_counting
    run proa checkpoint --pre-dump --image-path "$BASE/first" "$ID"
    [ "$status" -eq 0 ] || { contains "$output" 'memory tracking'; skip 'this kernel does not track memory'; }
    counts_on
    checkpoint --parent-path ../first
    [ -L "$IMAGES/parent" ]
    nothing_of "$ID"
    restore
    counts_on
}

@test "restore in the foreground: the exit status, and nothing is left" {
    needs_criu
    args sh -c 'i=0; until [ -e /stop ]; do i=$((i + 1)); echo $i >/count.new; mv /count.new /count; sleep 0.05; done; exit 7'
    proa create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
    proa start "$ID"
    count_reaches 3
    checkpoint
    touch "$BUNDLE/rootfs/stop"
    run proa restore --image-path "$IMAGES" --bundle "$BUNDLE" "$ID" </dev/null
    equal 7 "$status"
    nothing_of "$ID"
}

@test "restore: streams that were pipes are the caller's" {
    needs_criu
    args sh -c 'until [ -e /stop ]; do sleep 0.05; done; read -r line; echo "read $line"; echo problem >&2'
    : | proa create --bundle "$BUNDLE" "$ID" 2> >(cat >/dev/null 3>&-) 3>&- | cat >/dev/null 3>&- &
    until_created
    proa start "$ID"
    checkpoint
    [ "$(jq -r 'map(select(startswith("pipe:["))) | length' "$IMAGES/descriptors.json")" -eq 3 ]
    touch "$BUNDLE/rootfs/stop"
    run --separate-stderr proa restore --image-path "$IMAGES" --bundle "$BUNDLE" "$ID" < <(echo hello)
    ok
    says 'read hello'
    equal problem "$stderr"
}

@test "checkpoint and restore: bind mounts, masked and read-only paths, tmpfs, a read-only root" {
    needs_criu
    mkdir "$BASE/shared"
    mkdir -p "$BUNDLE/rootfs/run" "$BUNDLE/rootfs/var"
    ln -sfn /run "$BUNDLE/rootfs/var/run"
    echo host >"$BASE/file"
    echo secret >"$BUNDLE/rootfs/secret"
    add_mount /shared bind "$BASE/shared" rbind rw
    add_mount /var/run/below bind "$BASE/shared" bind ro
    add_mount /etc/file bind "$BASE/file" bind ro
    add_mount /memory tmpfs tmpfs size=1m
    config '.root.readonly = true | .linux.maskedPaths += ["/secret"] | .linux.readonlyPaths += ["/var"]'
    args sh -c 'echo inside >/memory/file; i=0; while :; do i=$((i + 1)); echo $i >/shared/count; sleep 0.05; done'
    proa create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
    ln -s ../../shared/count "$BUNDLE/rootfs/count"
    proa start "$ID"
    timeout 10 sh -c 'until [ "$(cat "$1" || echo 0)" -ge 3 ]; do :; done 2>/dev/null' sh "$BASE/shared/count"
    checkpoint
    restore
    proa audit "$ID"
    equal "$(printf 'inside\nhost')" "$(proa exec "$ID" sh -c 'cat /memory/file /etc/file /secret')"
    proa exec "$ID" test -s /run/below/count
    run proa exec "$ID" touch /x /run/below/x /var/x /etc/file
    [ "$(grep -c 'Read-only file system' <<<"$output")" -eq 4 ] || complain "$output"
}

@test "restore: a new root file system gets what is mounted on" {
    needs_criu
    add_mount /deep/down/file bind "$BASE/file" bind
    add_mount /deep/dir bind "$BASE" rbind
    echo there >"$BASE/file"
    start_counting
    checkpoint
    rm -r "$BUNDLE/rootfs/deep" "$BUNDLE/rootfs/proc"
    restore
    counts_on
    equal there "$(proa exec "$ID" cat /deep/down/file)"
}

@test "checkpoint and restore: a terminal" {
    needs_criu
    config '.process.terminal = true'
    args sh -c 'echo up; while read -r line; do echo "got $line"; done'
    $CONSOLE --socket "$BASE/sock" "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" --console-socket "$BASE/sock" \
        "$ID" <<END
expect up
send one\r
expect got one
sh "$RUNTIME" --root "$STATE" checkpoint --image-path "$IMAGES" "$ID"
END
    $CONSOLE --socket "$BASE/sock2" "$RUNTIME" --root "$STATE" restore --detach --image-path "$IMAGES" --bundle "$BUNDLE" \
        --console-socket "$BASE/sock2" "$ID" <<END
send two\r
expect got two
sh "$RUNTIME" --root "$STATE" audit "$ID"
END
}

@test "restore in the foreground on a terminal" {
    needs_criu
    config '.process.terminal = true'
    args sh -c 'echo up; while read -r line; do echo "got $line"; [ "$line" != end ] || exit 5; done'
    $CONSOLE --socket "$BASE/sock" "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" --console-socket "$BASE/sock" \
        "$ID" <<END
expect up
sh "$RUNTIME" --root "$STATE" checkpoint --image-path "$IMAGES" "$ID"
END
    run $CONSOLE "$RUNTIME" --root "$STATE" restore --image-path "$IMAGES" --bundle "$BUNDLE" "$ID" <<END
send two\r
expect got two
send end\r
eof
END
    equal 5 "$status"
    nothing_of "$ID"
}

@test "checkpoint and restore: namespaces of another process, network and others" {
    needs_criu
    unshare --net --ipc --uts sh -c 'hostname other; exec sleep 1000' </dev/null >/dev/null 2>&1 &
    keeper=$!
    timeout 10 sh -c 'until [ "$(nsenter -t "$1" -u hostname)" = other ]; do :; done' sh "$keeper"
    namespace network "/proc/$keeper/ns/net"
    namespace ipc "/proc/$keeper/ns/ipc"
    namespace uts "/proc/$keeper/ns/uts"
    config 'del(.hostname)'
    start_counting
    checkpoint
    restore
    counts_on
    for ns in net ipc uts; do
        equal "$(readlink "/proc/$keeper/ns/$ns")" "$(readlink "/proc/$(pid_of)/ns/$ns")"
    done
}

@test "checkpoint and restore: the pid namespace of the host" {
    needs_criu
    no_namespace pid
    counting_program
    # The number is free again only when somebody has reaped the process.
    "$HARNESS" adopt "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- &
    local adopter=$!
    count_reaches 3
    checkpoint
    wait "$adopter"
    restore
    counts_on
    equal "$(readlink /proc/self/ns/pid)" "$(readlink "/proc/$(pid_of)/ns/pid")"
}

@test "checkpoint and restore: a user namespace" {
    needs_criu
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    chmod 755 "$BUNDLE"
    start_counting
    checkpoint
    restore
    counts_on
    equal "$(echo 0 100000 65536)" "$(xargs <"/proc/$(pid_of)/uid_map")"
}

@test "restore: hooks run, before the program goes on and after" {
    needs_criu
    start_counting
    checkpoint
    cat >"$BASE/hook" <<'END'
#!/bin/sh
jq -r '"\(.status) \(.pid > 1)"' >>"${0%hook}log"
END
    chmod 755 "$BASE/hook"
    config '.hooks = {prestart: [{path: $hook}], createRuntime: [{path: $hook}], poststart: [{path: $hook}]}' --arg hook "$BASE/hook"
    restore
    equal "$(printf 'creating true\ncreating true\nrunning true')" "$(cat "$BASE/log")"
}

@test "restore: a hook that fails ends it, and nothing is left" {
    needs_criu
    start_counting
    checkpoint
    config '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", "echo no >&2; exit 3"]}]}'
    refused 'error running createRuntime hook #0: exit status 3' \
        "$HARNESS" orphans "$RUNTIME" --root "$STATE" restore --image-path "$IMAGES" --bundle "$BUNDLE" --detach "$ID"
    nothing_of "$ID"
}

@test "restore: init is adopted by the nearest subreaper, which gets its exit status" {
    needs_criu
    args sh -c 'until [ -e /stop ]; do sleep 0.05; done; exit 9'
    proa create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
    proa start "$ID"
    checkpoint
    touch "$BUNDLE/rootfs/stop"
    run "$HARNESS" adopt "$RUNTIME" --root "$STATE" restore --image-path "$IMAGES" --bundle "$BUNDLE" --detach \
        --pid-file "$BASE/pid" "$ID" </dev/null
    contains "$output" "$(cat "$BASE/pid") 9"
}

@test "checkpoint: what criu cannot do is told in its own words; the container runs as before" {
    needs_criu
    counting_program
    proa create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1
    proa start "$ID"
    count_reaches 3
    refused "path=$BASE/out" proa checkpoint --image-path "$IMAGES" --work-path "$BASE/work" "$ID"
    contains "$stderr" 'criu failed: type DUMP errno'
    contains "$stderr" "(log file: $BASE/work/dump.log)"
    status_is running
    counts_on
}

@test "restore: damaged image files are told in criu's words, and nothing is left" {
    needs_criu
    start_counting
    checkpoint
    : >"$IMAGES/pstree.img"
    refused 'criu failed: type RESTORE errno' \
        "$HARNESS" orphans "$RUNTIME" --root "$STATE" restore --image-path "$IMAGES" --bundle "$BUNDLE" --detach "$ID"
    contains "$stderr" "(log file: $IMAGES/restore.log)"
    nothing_of "$ID"
}

@test "restore: killed at every step, delete --force leaves nothing" {
    needs_criu
    [ -x "$FAULTY" ] || skip 'needs a build with -Dfaults=true'
    local point outcome=killed
    start_counting
    checkpoint
    for ((point = 1; point < 60; point++)); do
        # shellcheck disable=SC2016
        outcome=$(PROA_STOP_AT=$point "$HARNESS" kill-at-stop "$FAULTY" --root "$STATE" restore --image-path "$IMAGES" --bundle "$BUNDLE" \
            --detach "$ID" -- "$RUNTIME" --root "$STATE" delete --force "$ID" </dev/null 2>/dev/null)
        [ "$outcome" = killed ] || break
        nothing_of "$ID"
    done
    equal 'ended 0' "$outcome"
    [ "$point" -gt 15 ]
}
