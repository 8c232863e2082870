# Checkpoint and restore: with criu where it works here, and with a criu of the tests' own (tests/lib/fake-criu) that says what
# it is asked and fails as it is told.
load ../lib/helpers
load ../lib/faults

prepare() {
    only_proa 'its own messages and files'
    IMAGES=$BASE/images
}

# fake_criu [MODE]: from now on the tests' own is found.
fake_criu() {
    mkdir -p "$BASE/bin"
    ln -sfn "$REPO/tests/lib/fake-criu" "$BASE/bin/criu"
    export PATH=$BASE/bin:$PATH FAKE_CRIU=${1:-ok} FAKE_CRIU_LOG=$BASE/requests
}

# asked OPTION…: the last request had them. not_asked NAME…
asked() {
    local option
    for option; do
        contains " $(tail -n 1 "$BASE/requests") " " $option "
    done
}

not_asked() {
    local name
    for name; do
        lacks " $(tail -n 1 "$BASE/requests")" " $name="
    done
}

needs_criu() {
    criu check >/dev/null 2>&1 || skip 'criu does not work on this kernel'
}

# The container's network namespace is another process's.
keep_network() {
    unshare --net sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
    keeper=$!
    timeout 60 sh -c 'until [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do :; done' sh "$keeper"
    namespace network "/proc/$keeper/ns/net"
}

# A program that counts, in its memory; what it has come to is in /count.
counting_program() {
    args sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/count.new; mv /count.new /count; sleep 0.05; done'
}

# start_counting [OPTION…]: its streams are /dev/null.
# shellcheck disable=SC2120
start_counting() {
    counting_program
    proa create --bundle "$BUNDLE" "$@" "$ID" </dev/null >/dev/null 2>&1
    proa start "$ID"
    count_reaches 3
}

until_created() {
    timeout 60 sh -c 'until "$1" --root "$2" state "$3" 2>/dev/null | grep -q "\"status\": \"created\""; do :; done' sh "$RUNTIME" "$STATE" "$ID"
}

count_reaches() {
    timeout 60 sh -c 'until [ "$(cat "$2" 2>/dev/null || echo 0)" -ge "$1" ]; do :; done' sh "$1" "$BUNDLE/rootfs/count"
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
    timeout 60 sh -c 'until [ "$(cat "$1" || echo 0)" -ge 3 ]; do :; done 2>/dev/null' sh "$BASE/shared/count"
    checkpoint
    restore
    proa audit "$ID"
    equal "$(printf 'inside\nhost')" "$(proa exec "$ID" sh -c 'cat /memory/file /etc/file /secret')"
    proa exec "$ID" test -s /run/below/count
    run proa exec "$ID" touch /x /run/below/x /var/x /etc/file
    [ "$(grep -c 'Read-only file system' <<<"$output")" -eq 4 ] || complain "$output"
}

@test "restore: a directory that is bound read-only more than once is so everywhere" {
    needs_criu
    mkdir "$BASE/shared"
    mkdir -p "$BUNDLE/rootfs/var"
    add_mount /one bind "$BASE/shared" bind ro
    add_mount /two bind "$BASE/shared" bind ro
    add_mount /var/below bind "$BASE/shared" bind ro
    add_mount /writable bind "$BASE/shared" bind
    config '.linux.readonlyPaths += ["/var"]'
    start_counting
    checkpoint
    restore
    counts_on
    proa audit "$ID"
    run proa exec "$ID" touch /one/x /two/x /var/below/x /var/x
    [ "$(grep -c 'Read-only file system' <<<"$output")" -eq 4 ] || complain "$output"
    proa exec "$ID" touch /writable/x
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
    timeout 60 sh -c 'until [ "$(nsenter -t "$1" -u hostname)" = other ]; do :; done' sh "$keeper"
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

# log_hooks: each says into $BASE/log what it gets.
log_hooks() {
    cat >"$BASE/hook" <<'END'
#!/bin/sh
jq -r '"\(.status) \(.pid > 1)"' >>"${0%hook}log"
END
    chmod 755 "$BASE/hook"
    config '.hooks = (["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
        | map({key: ., value: [{path: $hook}]}) | from_entries)' --arg hook "$BASE/hook"
}

@test "restore: the hooks that come before a program is there run, before it goes on; it is not started again" {
    needs_criu
    start_counting
    checkpoint
    log_hooks
    restore
    counts_on
    equal "$(printf 'creating true\ncreating true')" "$(cat "$BASE/log")"
    proa delete --force "$ID"
    equal 'stopped false' "$(tail -n +3 "$BASE/log")"
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
    refused "path=$BASE/out" proa checkpoint --image-path "$IMAGES" --work-path "$BASE/criu" "$ID"
    contains "$stderr" 'criu failed: type DUMP errno'
    contains "$stderr" "(log file: $BASE/criu/dump.log)"
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
    needs_stop_points
    local point outcome=killed
    start_counting
    checkpoint
    for ((point = 1; point < 60; point++)); do
        outcome=$(kill_at "$point" restore --image-path "$IMAGES" --bundle "$BUNDLE" --detach "$ID" \
            -- "$RUNTIME" --root "$STATE" delete --force "$ID" </dev/null 2>"$BASE/err")
        [ "$outcome" = killed ] || break
        nothing_of "$ID"
    done
    [ "$outcome" = 'ended 0' ] || complain "$point: $outcome: $(cat "$BASE/err")"
    [ "$point" -gt 15 ]
}

@test "checkpoint: killed at every step, the container goes on; resume thaws what criu had frozen" {
    needs_criu
    needs_stop_points
    local point outcome=killed
    start_counting
    for ((point = 1; point < 20; point++)); do
        outcome=$(kill_at "$point" checkpoint --leave-running --image-path "$IMAGES.$point" "$ID" -- true \
            </dev/null 2>/dev/null)
        [ "$outcome" = killed ] || break
        [ "$(proa state "$ID" | jq -r .status)" = running ] || proa resume "$ID"
        counts_on
    done
    equal 'ended 0' "$outcome"
    [ "$point" -gt 3 ]
    counts_on
}

# ---- With the tests' own ----------------------------------------------------------------------

@test "checkpoint: what criu is asked by default" {
    fake_criu
    start_waiting
    checkpoint --leave-running
    asked "pid=$(pid_of)" leave_running=1 cgroups=3 empty_ns=1073741824 notify=1 log_file=dump.log orphan_pts_master=1
    matches "$(cat "$BASE/requests")" 'freeze_cgroup=/sys/fs/cgroup/[^ ]*'"$ID"
    contains "$(cat "$BASE/requests")" config_file=/etc/criu/runc.conf
    not_asked tcp_established ext_unix_sk shell_job file_locks link_remap lazy_pages auto_dedup parent_img track_mem page_server
    [ -s "$IMAGES/descriptors.json" ]
    equal 700 "$(stat -c %a "$IMAGES")"
}

@test "checkpoint: every option reaches criu" {
    fake_criu
    export FAKE_CRIU_CAN=all
    start_waiting
    mkdir -p "$IMAGES/../before"
    checkpoint --leave-running --work-path "$BASE/a/b" --tcp-established --tcp-skip-in-flight --link-remap --ext-unix-sk \
        --shell-job --file-locks --lazy-pages --auto-dedup --manage-cgroups-mode full --empty-ns network \
        --parent-path ../before --page-server 192.0.2.1:1234
    asked tcp_established=1 tcp_skip_in_flight=1 link_remap=1 ext_unix_sk=1 shell_job=1 file_locks=1 lazy_pages=1 \
        auto_dedup=1 cgroups=4 parent_img=../before track_mem=1 page_server=192.0.2.1:1234
    [ -d "$BASE/a/b" ]
    for mode in soft=3 strict=5 ignore=0; do
        checkpoint --leave-running --manage-cgroups-mode "${mode%=*}"
        asked "cgroups=${mode#*=}"
    done
}

@test "checkpoint --pre-dump: another request, and only where memory can be tracked" {
    fake_criu
    start_waiting
    refused '--pre-dump (memory tracking): this criu or this kernel does not support it' \
        proa checkpoint --pre-dump --image-path "$IMAGES" "$ID"
    refused '--lazy-pages: this criu or this kernel does not support it' \
        proa checkpoint --lazy-pages --image-path "$IMAGES" "$ID"
    export FAKE_CRIU_CAN=all
    checkpoint --pre-dump
    matches "$(cat "$BASE/requests")" ^pre-dump
    asked track_mem=1
    [ ! -e "$IMAGES/descriptors.json" ]
    status_is running
}

@test "checkpoint: mounts and namespaces from outside" {
    fake_criu
    keep_network
    mkdir -p "$BUNDLE/rootfs/real"
    ln -s real "$BUNDLE/rootfs/link"
    echo x >"$BUNDLE/rootfs/secret"
    add_mount /link/there bind "$BASE" rbind
    config '.linux.maskedPaths += ["/secret", "/missing"]'
    start_waiting
    checkpoint
    asked ext_mnt=/real/there:/link/there ext_mnt=/secret:/secret \
        "external=net[$(stat -L -c %i "/proc/$keeper/ns/net")]:extRootNetNS"
    lacks "$(cat "$BASE/requests")" /missing
    nothing_of "$ID"
    restore
    asked "ext_mnt=/link/there:$BASE" ext_mnt=/secret:/dev/null inherit_fd=extRootNetNS:4 rst_sibling=1 \
        "root=$STATE/$ID/criu-root" log_file=restore.log
    contains "$(cat "$BASE/requests")" "cg_root="
    NO_AUDIT=1
}

without_iptables() {
    # shellcheck disable=SC2016
    unshare --mount sh -c 'f=$(command -v iptables-restore) && mount --bind /dev/null "$f"; exec "$@"' sh "$@"
}

@test "checkpoint: without iptables nftables hold connections back, or nobody in a network namespace that stays" {
    fake_criu
    start_waiting
    without_iptables "$RUNTIME" --root "$STATE" checkpoint --leave-running --tcp-established --image-path "$IMAGES" "$ID"
    asked network_lock=2
    proa delete --force "$ID"
    keep_network
    start_waiting
    without_iptables "$RUNTIME" --root "$STATE" checkpoint --leave-running --image-path "$IMAGES" "$ID"
    asked network_lock=3
    refused '--tcp-established: criu needs iptables' without_iptables "$RUNTIME" --root "$STATE" checkpoint --tcp-established \
        --image-path "$IMAGES" "$ID"
    status_is running
}

@test "restore: the hooks before the program, poststart not" {
    fake_criu
    start_waiting
    checkpoint
    log_hooks
    restore
    equal "$(printf 'creating true\ncreating true')" "$(cat "$BASE/log")"
    NO_AUDIT=1
}

@test "checkpoint --status-fd: a NUL byte when criu is ready; it must be open and writable" {
    fake_criu
    export FAKE_CRIU_CAN=all
    start_waiting
    checkpoint --leave-running --lazy-pages --status-fd 7 7>"$BASE/status"
    equal 00 "$(xxd -p "$BASE/status")"
    refused 'invalid --status-fd argument 9: Bad file descriptor' proa checkpoint --status-fd 9 --image-path "$IMAGES" "$ID"
    read_only() { proa checkpoint --status-fd 7 --image-path "$IMAGES" "$ID" 7</dev/null; }
    refused 'invalid --status-fd argument 7: not writable' read_only
}

@test "checkpoint --status-fd: a pipe that nobody reads is an error, and the container runs" {
    fake_criu
    export FAKE_CRIU_CAN=all
    start_waiting
    mkfifo "$BASE/status"
    exec 8<>"$BASE/status" 7>"$BASE/status" 8>&-
    refused 'writing to --status-fd 7: Broken pipe' \
        proa checkpoint --lazy-pages --status-fd 7 --image-path "$IMAGES" "$ID"
    exec 7>&-
    status_is running
}

@test "checkpoint: a container that has got the name meanwhile is left alone" {
    fake_criu wait
    mkfifo "$BASE/requests.go"
    start_waiting
    "$RUNTIME" --root "$STATE" checkpoint --image-path "$IMAGES" "$ID" &
    local runtime=$!
    timeout 60 sh -c 'until [ -s "$1" ]; do :; done' sh "$BASE/requests"
    proa delete --force "$ID"
    start_waiting
    : >"$BASE/requests.go"
    wait "$runtime"
    status_is running
}

@test "checkpoint: created and stopped containers, bad options, in runc's words" {
    fake_criu
    waiting_program
    create
    refused 'Container cannot be checkpointed in created state' proa checkpoint --image-path "$IMAGES" "$ID"
    proa start "$ID"
    refused '--parent-path must be relative' proa checkpoint --image-path "$IMAGES" --parent-path /x "$ID"
    refused 'invalid --parent-path: ' proa checkpoint --image-path "$IMAGES" --parent-path ../none "$ID"
    refused 'Use --page-server ADDRESS:PORT' proa checkpoint --image-path "$IMAGES" --page-server nonsense "$ID"
    refused 'Invalid port number' proa checkpoint --image-path "$IMAGES" --page-server a:b "$ID"
    refused 'Invalid manage-cgroups-mode value: x' proa checkpoint --image-path "$IMAGES" --manage-cgroups-mode x "$ID"
    refused 'is not supported' proa checkpoint --image-path "$IMAGES" --empty-ns pid "$ID"
    local pid
    pid=$(pid_of)
    proa kill "$ID" KILL
    wait_end "$pid"
    refused 'Container cannot be checkpointed in stopped state' proa checkpoint --image-path "$IMAGES" "$ID"
    refused 'container does not exist' proa checkpoint --image-path "$IMAGES" nobody
    [ ! -e "$BASE/requests" ]
}

@test "checkpoint and restore: the configuration file of criu, from an annotation" {
    fake_criu
    echo 'log-level 4' >"$BASE/criu.conf"
    config '.annotations["org.criu.config"] = $f' --arg f "$BASE/criu.conf"
    start_waiting
    checkpoint --leave-running
    asked "config_file=$BASE/criu.conf"
    rm "$BASE/criu.conf"
    refused "annotation org.criu.config: $BASE/criu.conf: No such file or directory" \
        proa checkpoint --image-path "$IMAGES" "$ID"
    proa delete --force "$ID"
    config '.annotations["org.criu.config"] = ""'
    create
    proa start "$ID"
    checkpoint --leave-running
    not_asked config_file
}

@test "checkpoint: criu fails, dies, is too old or missing: one error, and the container runs" {
    local mode
    start_waiting
    fake_criu fail
    refused 'criu failed: type DUMP errno 22: Error (criu/a.c:1): first; Error (criu/b.c:2): second (log file: '"$IMAGES/dump.log)" \
        proa checkpoint --image-path "$IMAGES" "$ID"
    fake_criu die
    refused 'criu has ended without an answer (signal 9)' proa checkpoint --image-path "$IMAGES" "$ID"
    lacks "$stderr" first
    fake_criu empty
    refused 'criu has ended without an answer' timeout 60 "$RUNTIME" --root "$STATE" checkpoint --image-path "$IMAGES" "$ID"
    fake_criu other
    refused 'criu has answered something else than DUMP' proa checkpoint --image-path "$IMAGES" "$ID"
    fake_criu old
    refused 'criu is too old: version 2.12' proa checkpoint --image-path "$IMAGES" "$ID"
    printf '#!/bin/sh\nexit 3\n' >"$BASE/exit"
    chmod +x "$BASE/exit"
    ln -sf "$BASE/exit" "$BASE/bin/criu"
    refused 'criu has ended without an answer (exit status 3)' proa checkpoint --image-path "$IMAGES" "$ID"
    echo nonsense >"$BASE/exit"
    refused "starting $BASE/bin/criu: execve: Exec format error" proa checkpoint --image-path "$IMAGES" "$ID"
    status_is running
}

@test "checkpoint: killed in the middle, criu ends too and the container runs" {
    fake_criu hang
    start_waiting
    "$RUNTIME" --root "$STATE" checkpoint --image-path "$IMAGES" "$ID" &
    local runtime=$! criu
    timeout 60 sh -c 'until [ -s "$1" ]; do :; done' sh "$BASE/requests.pid"
    criu=$(cat "$BASE/requests.pid")
    kill -KILL "$runtime"
    wait_end "$criu"
    status_is running
}

@test "restore: a process of criu's making becomes the container's; pid file, streams, labels" {
    fake_criu
    start_waiting
    checkpoint
    echo '["/dev/null","pipe:[11]","pipe:[12]"]' >"$IMAGES/descriptors.json"
    restore --pid-file "$BASE/pid" --tcp-established --file-locks --lsm-profile apparmor:other --lsm-mount-context context
    asked inherit_fd=pipe:[11]:1 inherit_fd=pipe:[12]:2 tcp_established=1 file_locks=1 lsm_profile=apparmor:other \
        lsm_mount_context=context
    lacks "$(cat "$BASE/requests")" :0
    status_is running
    equal "$(pid_of)" "$(cat "$BASE/pid")"
    contains "$(cat "/proc/$(pid_of)/cgroup")" "$ID"
    NO_AUDIT=1
}

@test "restore into a user namespace: the image files are opened to its root's group, whatever lies beside them" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    chmod 755 "$BUNDLE"
    fake_criu
    install -D -m 600 /dev/null "$IMAGES/core.img"
    install -m 600 /dev/null "$BASE/other"
    install -m 600 /dev/null "$IMAGES/note"
    ln -s "$BASE/other" "$IMAGES/link.img"
    mkfifo "$IMAGES/fifo"
    python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$IMAGES/lazy-pages.socket"
    restore
    equal '640 100000' "$(stat -c '%a %g' "$IMAGES/core.img")"
    equal '600 0 600 0' "$(stat -c '%a %g' "$BASE/other" "$IMAGES/note" | xargs)"
    NO_AUDIT=1
}

@test "restore: criu fails or dies, there are no images, a name is taken: nothing is left" {
    fake_criu
    start_waiting
    refused 'container with given ID already exists' proa restore --image-path "$BASE" --bundle "$BUNDLE" --detach "$ID"
    checkpoint
    refused "--image-path $BASE/none: No such file or directory" \
        proa restore --image-path "$BASE/none" --bundle "$BUNDLE" --detach "$ID"
    sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
    export FOREIGN=$!
    for mode in fail die old empty other foreign; do
        fake_criu "$mode"
        refused criu "$HARNESS" orphans "$RUNTIME" --root "$STATE" restore --image-path "$IMAGES" --bundle "$BUNDLE" --detach "$ID"
        nothing_of "$ID"
    done
    kill -TERM "$FOREIGN"
    fake_criu
    refused "$BASE/none/pid" "$HARNESS" orphans "$RUNTIME" --root "$STATE" restore --image-path "$IMAGES" \
        --bundle "$BUNDLE" --detach --pid-file "$BASE/none/pid" "$ID"
    nothing_of "$ID"
    config '.hooks = {createRuntime: [{path: "/bin/false"}]}'
    refused 'error running createRuntime hook #0' \
        "$HARNESS" orphans "$RUNTIME" --root "$STATE" restore --image-path "$IMAGES" --bundle "$BUNDLE" --detach "$ID"
    nothing_of "$ID"
}

@test "restore: killed in the middle, criu ends too, and delete removes what is left" {
    fake_criu
    start_waiting
    checkpoint
    fake_criu hang
    "$RUNTIME" --root "$STATE" restore --image-path "$IMAGES" --bundle "$BUNDLE" --detach "$ID" &
    local runtime=$! criu
    timeout 60 sh -c 'until [ -s "$1" ]; do :; done' sh "$BASE/requests.pid"
    criu=$(cat "$BASE/requests.pid")
    status_is creating
    kill -KILL "$runtime"
    wait_end "$criu"
    proa delete --force "$ID"
    nothing_of "$ID"
}

@test "checkpoint and restore: refused without the machine's root" {
    refused 'checkpoint needs the machine'"'"'s root' setpriv --reuid 65534 --clear-groups "$RUNTIME" --root "$STATE" checkpoint "$ID"
    refused 'restore needs the machine'"'"'s root' \
        setpriv --reuid 65534 --clear-groups "$RUNTIME" --root "$STATE" restore --detach "$ID"
}

@test "checkpoint and restore: what podman asks before it uses them" {
    proa checkpoint --help >"$BASE/help"
    grep -q -- --image-path "$BASE/help"
    run proa restore --lsm-mount-context
    contains "$output" 'flag needs an argument'
}
