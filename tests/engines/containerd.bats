#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154,SC2030,SC2031
# containerd through ctr: every option that reaches the runtime, tasks, events, and what happens when a shim or the
# daemon dies.

load engines
load containerd

setup_file() {
    engine_begin
    engine_needs python3-minimal procps
    containerd_begin 'disabled_plugins = ["io.containerd.grpc.v1.cri"]'
    ctr image import "$BASE/image.tar"
    mkdir "$BASE/share"
    recorder
    start_daemon events ctr events
}

teardown_file() {
    containerd_end
}

setup() {
    ID=t$BATS_TEST_NUMBER
    OTHER=o$BATS_TEST_NUMBER
    rm -rf "$BASE"/share/*
    : >"$BASE/calls"
}

teardown() {
    ctr container ls -q | while read -r container; do
        ctr task delete -f "$container" || true
        ctr container rm "$container"
    done
}

# A `runc` in PATH that writes down how it was called and becomes the runtime.
recorder() {
    mkdir "$BASE/bin"
    printf '#!/bin/sh\necho "$@" >>%s/calls\nexec %s "$@"\n' "$BASE" "$RUNTIME" >"$BASE/bin/runc"
    chmod +x "$BASE/bin/runc"
}

# launch [OPTION…] -- COMMAND…
launch() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    ctr run --runc-binary "$RUNTIME" --runc-root "$BASE/runc" --fifo-dir "$BASE/fifo" \
        --mount "type=bind,src=$BASE/share,dst=/share,options=rbind:rw" "${options[@]}" "$IMAGE" "$ID" "${@:2}"
}

# inside [OPTION…] -- COMMAND…: to its end, with its output in $output.
inside() {
    run launch --rm "$@" </dev/null
}

# begin SCRIPT [OPTION…]: in the background; waits until the script has made /share/ready.
begin() {
    launch -d "${@:2}" -- sh -c "$1" </dev/null
    wait_until 60 test -e "$BASE/share/ready"
}

idle() {
    launch -d "$@" -- sleep infinity </dev/null
}

task_exec() {
    ctr task exec --exec-id "e$RANDOM" "$@" </dev/null
}

pid_of() {
    ctr task ls | awk -v id="$ID" '$1 == id { print $2 }'
}

# task_is STATUS [ID]
task_is() {
    [ "$(ctr task ls | awk -v id="${2:-$ID}" '$1 == id { print $3 }')" = "$1" ]
}

# ended_with STATUS: the task stops, and that was its status.
ended_with() {
    wait_until 60 task_is STOPPED
    run ctr task delete "$ID"
    [ "$1" -eq 0 ] || mentions "exit code $1"
    [ "$1" -ne 0 ] || says ''
}

# ended_as PID STATUS: a background command of this shell.
ended_as() {
    local status=0
    wait "$1" || status=$?
    output=
    ends "$2"
}

# event TOPIC WORD…: the listener has seen it of this container, with these words. ID= chooses another one.
event() {
    wait_until 60 event_seen "$@" || { cat "$BASE/events.log"; return 1; }
}

event_seen() {
    local lines word
    lines=$(grep -F " /tasks/$1 {\"container_id\":\"$ID\"" "$BASE/events.log")
    for word in "${@:2}"; do
        lines=$(grep -F "$word" <<<"$lines")
    done
    [ -n "$lines" ]
}

# nothing_left: neither a state directory of the runtime's nor a cgroup of the container's.
nothing_left() {
    [ -z "$(ls -A "$BASE/runc/$CONTAINERD_NAMESPACE")" ] &&
        [ -z "$(find /sys/fs/cgroup -path "*/$CONTAINERD_NAMESPACE/$ID")" ]
}

# cgroup_value V1CONTROLLER V1FILE V2FILE
cgroup_value() {
    local v1=/sys/fs/cgroup/$1/$CONTAINERD_NAMESPACE/$ID/$2
    if [ -d "/sys/fs/cgroup/$1" ]; then cat "$v1"; else cat "/sys/fs/cgroup/$CONTAINERD_NAMESPACE/$ID/$3"; fi
}

# ---- Run ------------------------------------------------------------------------------------------

@test "run: output and exit status" {
    run --separate-stderr launch --rm -- sh -c 'echo out; echo err >&2; exit 7' </dev/null
    ends 7
    [ "$output" = out ] && [ "$stderr" = err ]
}

@test "run: the status of a signal" {
    inside -- sh -c '(sh -c "kill -9 \$PPID"; sleep 10); exit $?'
    ends 137
}

@test "run: eight megabytes of output" {
    run -0 --separate-stderr bash -c "$(declare -f launch ctr); ID=$ID
        launch --rm -- dd if=/dev/zero bs=1M count=8 </dev/null 2>/dev/null | wc -c"
    says 8388608
}

@test "run: stdin reaches its end" {
    # ctr forgets to close it when it ends before the task is there.
    run bash -c "$(declare -f launch ctr task_is wait_until); ID=$ID
        { wait_until 60 task_is RUNNING; echo words; } | launch --rm -- sh -c 'cat; echo end'"
    says $'words\nend'
}

@test "run: environment and working directory" {
    inside --env A=1 --env 'B=two words' --cwd /tmp -- sh -c 'echo "$A $B"; pwd'
    says $'1 two words\n/tmp'
}

@test "run: --rm leaves nothing" {
    inside -- true
    [ -z "$(ctr container ls -q)$(ctr snapshot ls | grep "^$ID ")" ]
    nothing_left
}

@test "run -t: a terminal, resized, Ctrl-C" {
    run python3 "$REPO/tests/lib/console.py" --size 30x100 ctr run --rm -t --runc-binary "$RUNTIME" "$IMAGE" "$ID" \
        sh -c 'tty; trap "exit 5" INT; read -r line; echo "<$line>"; until stty size | grep "40 120"; do sleep 0.05; done
            while :; do sleep 0.05; done' <<'END'
expect /dev/pts/0
send word\r
expect <word>
insist 40 120 40 120
send \x03
eof
END
    ends 5
    mentions '40 120'
}

@test "run -d: runs on, is killed, is deleted" {
    idle
    task_is RUNNING
    ctr task kill -s KILL "$ID"
    ended_with 137
    ctr container rm "$ID"
}

@test "run: --pid-file" {
    idle --pid-file "$BASE/share/pid"
    [ "$(cat "$BASE/share/pid")" = "$(pid_of)" ]
}

@test "run: --log-uri" {
    launch -d --log-uri "file://$BASE/share/log" -- echo words </dev/null
    wait_until 60 grep -q -x words "$BASE/share/log"
}

@test "run: --null-io" {
    inside --null-io -- sh -c 'cat; echo nobody; exit 3'
    ends 3
    [ -z "$output" ]
}

@test "run: the program is missing" {
    inside -- no-such-program
    ends 1
    mentions 'OCI runtime create failed' 'no-such-program' 'executable file not found in $PATH'
}

@test "run: the program's path is missing" {
    inside -- /no/program
    ends 1
    mentions 'OCI runtime create failed' '/no/program' 'no such file or directory'
}

@test "run: the program may not be executed" {
    inside -- /etc/passwd
    ends 1
    mentions 'OCI runtime create failed' 'permission denied'
}

@test "run: a mount's source is missing" {
    inside --mount type=bind,src=/no/such/source,dst=/x,options=rbind:ro -- true
    ends 1
    mentions 'OCI runtime create failed' '/no/such/source'
    [[ ${output,,} == *'no such file or directory'* ]]
}

@test "run: what failed leaves nothing" {
    inside -- no-such-program
    wait_until 60 nothing_left
}

@test "run: runc in PATH" {
    run ctr run --rm "$IMAGE" "$ID" echo hello </dev/null
    says hello
    grep -q "create --bundle .* $ID\$" "$BASE/calls"
}

@test "run: --no-pivot" {
    run ctr run --rm --no-pivot "$IMAGE" "$ID" ls / </dev/null
    mentions bin etc
    grep -q -e ' --no-pivot ' "$BASE/calls"
    [[ $output != *lib64* ]]
}

@test "run: --rootfs" {
    mkdir "$BASE/share/root"
    busybox_root "$BASE/share/root"
    echo mine >"$BASE/share/root/mine"
    run ctr run --rm --runc-binary "$RUNTIME" --rootfs "$BASE/share/root" "$ID" /bin/cat /mine </dev/null
    says mine
}

@test "run: --config, with a hook" {
    ctr oci spec | jq --arg share "$BASE/share" '.process.args = ["/bin/cat", "/proc/sys/net/ipv4/ip_forward"]
        | .root.path = $share + "/root" | .linux.cgroupsPath = "'"/$CONTAINERD_NAMESPACE/$ID"'"
        | .linux.sysctl = {"net.ipv4.ip_forward": "1"}
        | .hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "cat >\($share)/state"]}]' >"$BASE/share/spec.json"
    mkdir "$BASE/share/root"
    busybox_root "$BASE/share/root"
    run ctr run --rm --runc-binary "$RUNTIME" --config "$BASE/share/spec.json" "$ID" </dev/null
    says 1
    [ "$(jq -r .id "$BASE/share/state")" = "$ID" ]
}

@test "run: create, then start" {
    # Older ones have no option for the binary here, and take runc from PATH.
    ctr container create "$IMAGE" "$ID" echo hello
    run ctr task start "$ID" </dev/null
    says hello
}

# ---- What a container is given -----------------------------------------------------------------------

@test "given: --read-only" {
    inside --read-only -- sh -c 'touch /x; touch /share/x && echo written'
    mentions 'Read-only file system' written
}

@test "given: --mount, bind and tmpfs" {
    echo words >"$BASE/share/file"
    inside --mount "type=bind,src=$BASE/share/file,dst=/data/file,options=bind:ro" \
        --mount type=tmpfs,src=tmpfs,dst=/scratch,options=size=64k \
        -- sh -c 'cat /data/file; echo >/data/file; df -k /scratch | awk "END { print \$2 }"'
    mentions words 'Read-only file system' $'\n64'
}

@test "given: --mount, read-only with what is mounted below, or without" {
    mkdir -p "$BASE/outer/inner"
    mount -t tmpfs none "$BASE/outer/inner"
    inside --mount "type=bind,src=$BASE/outer,dst=/ro,options=rbind:ro" \
        --mount "type=bind,src=$BASE/outer,dst=/rro,options=rbind:rro" \
        -- sh -c 'for d in /ro/inner /ro /rro/inner /rro; do touch $d/x 2>/dev/null && echo "written: $d"; done; true'
    umount "$BASE/outer/inner"
    says 'written: /ro/inner'
}

@test "given: --cap-add, --cap-drop" {
    inside -- grep CapEff /proc/self/status
    says $'CapEff:\t00000000a80425fb'
    inside --cap-add CAP_SYS_ADMIN --cap-drop CAP_CHOWN -- grep CapEff /proc/self/status
    says $'CapEff:\t00000000a82425fa'
}

@test "given: --privileged" {
    # Root here has no CAP_SYS_RESOURCE on some machines; then containerd leaves it out.
    inside --privileged -- sh -c 'grep CapEff /proc/self/status; mount -t tmpfs none /tmp && echo mounted'
    mentions "$(grep CapEff /proc/self/status)" mounted
}

@test "given: --seccomp, the default profile" {
    inside -- unshare -U echo allowed
    says allowed
    inside --seccomp -- sh -c 'grep Seccomp: /proc/self/status; unshare -U echo allowed'
    mentions $'Seccomp:\t2' 'Operation not permitted'
    [[ $output != *allowed* ]]
}

@test "given: --seccomp-profile" {
    jq -n '{defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28}]}' >"$BASE/share/profile.json"
    inside --seccomp --seccomp-profile "$BASE/share/profile.json" -- mkdir /x
    ends 1
    mentions 'No space left on device'
}

@test "given: --allow-new-privs" {
    inside -- grep NoNewPrivs /proc/self/status
    says $'NoNewPrivs:\t1'
    inside --allow-new-privs -- grep NoNewPrivs /proc/self/status
    says $'NoNewPrivs:\t0'
}

@test "given: --memory-limit, --cpus" {
    idle --memory-limit 33554432 --cpus 0.5
    [ "$(cgroup_value memory memory.limit_in_bytes memory.max)" = 33554432 ]
    if [ -d /sys/fs/cgroup/cpu ]; then
        [ "$(cgroup_value cpu cpu.cfs_quota_us '')" = 50000 ]
    else
        [ "$(cgroup_value cpu '' cpu.max)" = '50000 100000' ]
    fi
}

@test "given: --cpu-shares" {
    idle --cpu-shares 512
    case $(cgroup_value cpu cpu.shares cpu.weight) in
    512 | 20 | 59) ;; # v1; v2 by the linear map; v2 by runc's later one
    *) false ;;
    esac
}

@test "given: --cgroup" {
    idle --cgroup "/${CONTAINERD_NAMESPACE}above/$ID"
    grep -q "/${CONTAINERD_NAMESPACE}above/$ID\$" "/proc/$(pid_of)/cgroup"
}

@test "given: --runc-systemd-cgroup" {
    [ -d /run/systemd/system ] || skip 'needs systemd'
    idle --runc-systemd-cgroup --cgroup "system.slice:ctr:$ID"
    grep -q "/system.slice/ctr-$ID.scope\$" "/proc/$(pid_of)/cgroup"
}

@test "given: --device" {
    mknod "$BASE/share/zero" c 1 5
    inside --device "$BASE/share/zero" -- sh -c "head -c 3 $BASE/share/zero | od -An -tx1"
    says ' 00 00 00'
}

@test "given: --with-ns" {
    idle
    local joined=$ID pid
    pid=$(pid_of)
    ID=$OTHER
    inside --with-ns "pid:/proc/$pid/ns/pid" --with-ns "ipc:/proc/$pid/ns/ipc" --with-ns "network:/proc/$pid/ns/net" \
        -- sh -c 'tr "\0" " " </proc/1/cmdline; echo; readlink /proc/self/ns/ipc; readlink /proc/self/ns/net'
    says "sleep infinity "$'\n'"$(readlink "/proc/$pid/ns/ipc" "/proc/$pid/ns/net")"
    task_is RUNNING "$joined"
}

@test "given: --net-host" {
    inside --net-host -- readlink /proc/self/ns/net
    says "$(readlink /proc/self/ns/net)"
}

@test "given: --uidmap, --gidmap" {
    inside --uidmap 0:100000:2000 --gidmap 0:200000:3000 -- sh -c '
        awk "{ print \$1, \$2, \$3 }" /proc/self/uid_map /proc/self/gid_map; stat -c "%u %g" /bin/busybox; touch /x && echo ok'
    says $'0 100000 2000\n0 200000 3000\n0 0\nok'
}

@test "given: proc and sys are masked" {
    [ -n "$(cat /proc/keys /proc/timer_list 2>/dev/null)" ]
    inside -- sh -c 'echo "bytes: $(cat /proc/keys /proc/timer_list 2>/dev/null | wc -c)"; echo x >/proc/sys/kernel/hostname'
    mentions 'bytes: 0' 'Read-only file system'
    inside -- sh -c 'touch /sys/x 2>&1 || ls /sys/firmware | wc -l'
    mentions 'Read-only file system' $'\n0'
}

# ---- Exec -----------------------------------------------------------------------------------------

@test "exec: output and exit status" {
    idle
    run --separate-stderr task_exec "$ID" sh -c 'echo out; echo err >&2; exit 9'
    ends 9
    [ "$output" = out ] && [ "$stderr" = err ]
}

@test "exec: --user, --cwd" {
    idle
    run task_exec --user user --cwd /tmp "$ID" sh -c 'id -u; id -g; pwd'
    says $'1000\n1000\n/tmp'
    run task_exec --user 5:6 "$ID" sh -c 'id -u; id -g'
    says $'5\n6'
}

@test "exec -t: a terminal, resized, Ctrl-C" {
    idle
    run python3 "$REPO/tests/lib/console.py" --size 30x100 ctr task exec -t --exec-id e1 "$ID" \
        sh -c 'tty; trap "exit 5" INT; read -r line; echo "<$line>"; until stty size | grep "40 120"; do sleep 0.05; done
            while :; do sleep 0.05; done' <<'END'
expect /dev/pts/0
send word\r
expect <word>
insist 40 120 40 120
send \x03
eof
END
    ends 5
    mentions '40 120'
}

@test "exec -d: seen by ps, killed by its ID" {
    idle
    ctr task exec -d --fifo-dir "$BASE/fifo" --exec-id worker "$ID" sleep infinity </dev/null
    run ctr task ps "$ID"
    mentions "$(pid_of)" worker
    ctr task kill --exec-id worker -s KILL "$ID"
    event exit '"id":"worker"' '"exit_status":137'
    [ "$(ctr task ps "$ID" | wc -l)" -eq 2 ]
    task_is RUNNING
}

@test "exec: the program is missing" {
    idle
    run task_exec "$ID" no-such-program
    ends 1
    mentions 'OCI runtime exec failed' 'no-such-program' 'executable file not found in $PATH'
}

@test "exec: not into a stopped task" {
    idle
    ctr task kill -s KILL "$ID"
    wait_until 60 task_is STOPPED
    run task_exec "$ID" true
    ends 1
}

@test "exec: ten at once" {
    local pids=() i
    idle
    for i in {10..19}; do
        ctr task exec --exec-id "n$i" "$ID" sh -c "exit $i" </dev/null &
        pids+=($!)
    done
    for i in {10..19}; do
        ended_as "${pids[i - 10]}" "$i"
    done
}

# ---- Tasks ----------------------------------------------------------------------------------------

@test "task: pause and resume" {
    begin_counting
    ctr task pause "$ID"
    task_is PAUSED
    if [ -d /sys/fs/cgroup/freezer ]; then
        [ "$(cgroup_value freezer freezer.state '')" = FROZEN ]
    else
        cgroup_value freezer '' cgroup.events | grep -q -x 'frozen 1'
    fi
    local count
    count=$(counted)
    sleep 0.1
    [ "$(counted)" -eq "$count" ]
    ctr task resume "$ID"
    task_is RUNNING
    wait_until 60 counted_beyond "$count"
}

# begin_counting: a task that counts in /share/count, a line each.
begin_counting() {
    launch -d --null-io -- sh -c 'i=0; while :; do i=$((i + 1)); echo $i >>/share/count; sleep 0.02; done'
    wait_until 60 counted_beyond 0
}

counted() {
    tail -n 1 "$BASE/share/count"
}

counted_beyond() {
    [ "$(counted)" -gt "$1" ]
}

@test "task: kill by name, by number, by default" {
    local words expected=3
    for words in '-s SIGUSR1' '-s 12' ''; do
        begin 'trap "exit 3" USR1; trap "exit 4" USR2; trap "exit 5" TERM; touch /share/ready; while :; do sleep 0.02; done'
        # shellcheck disable=SC2086 # the option and its value
        ctr task kill $words "$ID"
        ended_with $expected
        ctr container rm "$ID"
        rm "$BASE/share/ready"
        expected=$((expected + 1))
    done
}

@test "task: kill --all" {
    begin 'trap "echo init >>/share/who" USR1
        (trap "echo child >>/share/who; exit" USR1; touch /share/ready; while :; do sleep 0.02; done) &
        while :; do wait; sleep 0.02; done'
    ctr task kill --all -s USR1 "$ID"
    wait_until 60 both_heard
    task_is RUNNING
}

both_heard() {
    [ "$(sort "$BASE/share/who")" = $'child\ninit' ]
}

@test "task: kill one that has ended" {
    idle
    ctr task kill -s KILL "$ID"
    wait_until 60 task_is STOPPED
    run ctr task kill -s KILL "$ID"
    ends 1
    mentions 'process already finished' 'not found'
}

@test "task: ps names every process" {
    begin 'sleep infinity & : >/share/ready; wait'
    run ctr task ps "$ID"
    [ "$(tail -n +2 <<<"$output" | awk '{ print $1 }')" = "$(pid_of; pgrep -P "$(pid_of)")" ]
}

@test "task: metrics" {
    begin 'dd if=/dev/zero of=/dev/shm/data bs=1M count=8; sleep infinity & : >/share/ready; wait' --memory-limit 67108864
    run ctr task metrics --format json "$ID"
    jq -e '(.pids.current == 2) and
        ((.memory.usage.usage? // .memory.usage) | . > 8000000 and . < 67108864) and
        ((.memory.usage.limit? // .memory.usage_limit) == 67108864) and
        ((.cpu.usage.total? // .cpu.usage_usec) > 0)' <<<"$output"
}

@test "task: delete" {
    idle
    run ctr task delete "$ID"
    ends 1
    task_is RUNNING
    run ctr task delete -f "$ID"
    [ -z "$(ctr task ls -q)" ]
}

@test "task: one ID in two namespaces" {
    idle
    local other=${CONTAINERD_NAMESPACE}b pid
    pid=$(pid_of)
    CONTAINERD_NAMESPACE=$other ctr image import "$BASE/image.tar"
    CONTAINERD_NAMESPACE=$other idle
    [ "$(CONTAINERD_NAMESPACE=$other pid_of)" != "$pid" ]
    CONTAINERD_NAMESPACE=$other teardown
    [ "$(pid_of)" = "$pid" ]
    task_is RUNNING
}

@test "task: twenty containers at once" {
    local pids=() i
    for i in {1..20}; do
        ID=$ID-$i launch --rm -- sh -c "exit $((i + 100))" </dev/null &
        pids+=($!)
    done
    for i in {1..20}; do
        ended_as "${pids[i - 1]}" $((i + 100))
    done
}

# ---- Events ---------------------------------------------------------------------------------------

@test "events: create, start, exit, delete" {
    inside -- sh -c 'exit 6'
    event delete '"exit_status":6'
    run grep -o -E " /tasks/[a-z]+ \{\"container_id\":\"$ID\"" "$BASE/events.log"
    says "$(printf ' /tasks/%s {"container_id":"'"$ID"'"\n' create start exit delete)"
    event exit '"exit_status":6' "\"id\":\"$ID\""
}

@test "events: exec" {
    idle
    run ctr task exec --exec-id one "$ID" sh -c 'exit 8' </dev/null
    ends 8
    event exec-added '"exec_id":"one"'
    event exec-started '"exec_id":"one"' '"pid":'
    event exit '"id":"one"' '"exit_status":8'
}

@test "events: pause and resume" {
    idle
    ctr task pause "$ID"
    ctr task resume "$ID"
    event paused
    event resumed
}

@test "events: out of memory" {
    idle --memory-limit 16777216
    run task_exec "$ID" dd if=/dev/zero of=/dev/null bs=64M
    ends 137
    event oom
    task_is RUNNING
}

# ---- Checkpoints ---------------------------------------------------------------------------------

can_checkpoint() {
    criu check >/dev/null 2>&1 || skip 'criu does not work on this kernel'
}

@test "checkpoint: to a directory, and the task runs on" {
    can_checkpoint
    begin_counting
    ctr task checkpoint --image-path "$BASE/share/images" "$ID"
    [ -s "$BASE/share/images/inventory.img" ]
    task_is RUNNING
}

@test "checkpoint: --exit ends the task" {
    can_checkpoint
    begin_counting
    ctr task checkpoint --exit --image-path "$BASE/share/images" "$ID"
    wait_until 60 task_is STOPPED
}

@test "checkpoint: a container is restored and counts on" {
    can_checkpoint
    local before
    begin_counting
    ctr container checkpoint --task --image --rw "$ID" localhost/saved:1
    ctr task delete -f "$ID" || true
    ctr container rm "$ID"
    before=$(counted)
    ctr container restore --live --rw "$ID" localhost/saved:1
    wait_until 60 counted_beyond "$before"
    task_is RUNNING
}

# ---- Accidents -----------------------------------------------------------------------------------

shim_of() {
    pgrep -f "containerd-shim-runc-v2 -namespace $CONTAINERD_NAMESPACE -id $ID "
}

@test "accident: the shim is killed" {
    idle
    local pid
    pid=$(pid_of)
    kill -KILL "$(shim_of)"
    event exit '"exit_status":137'
    wait_until 60 ended "$pid"
    wait_until 60 nothing_left
    ctr container rm "$ID"
    inside -- echo again
    says again
}

@test "accident: the runtime is killed in create" {
    printf '#!/bin/sh\ncase " $* " in *" create "*) %s "$@" & kill -9 $!; wait; exit 1 ;; esac\nexec %s "$@"\n' \
        "$RUNTIME" "$RUNTIME" >"$BASE/share/dies"
    chmod +x "$BASE/share/dies"
    run ctr run --rm --runc-binary "$BASE/share/dies" --runc-root "$BASE/runc" "$IMAGE" "$ID" true </dev/null
    ends 1
    wait_until 60 nothing_left
    inside -- echo again
    says again
}

@test "accident: containerd restarts, killed" {
    idle
    local pid
    pid=$(pid_of)
    stop_daemon containerd KILL
    containerd_start
    task_is RUNNING
    [ "$(pid_of)" = "$pid" ]
    run task_exec "$ID" sh -c 'exit 3'
    ends 3
    ctr task kill -s KILL "$ID"
    ended_with 137
}

@test "accident: a task ends while containerd is away" {
    begin 'touch /share/ready; while [ ! -e /share/go ]; do sleep 0.02; done; exit 11'
    local pid
    pid=$(pid_of)
    stop_daemon containerd
    touch "$BASE/share/go"
    wait_until 60 ended "$pid"
    containerd_start
    ended_with 11
}
