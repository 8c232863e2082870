load ../lib/helpers

# All of it also runs on a pure cgroup v2.
prepare() {
    only_proa 'runc has no audit'
    waiting_program
}

# What the audit says differs is what a test has broken: the teardown need not say it again.
broken() {
    NO_AUDIT=1
}

# running [jq filter]: a container that waits.
running() {
    [ $# -eq 0 ] || config "$@"
    create
    proa start "$ID"
    PID=$(pid_of)
}

clean() {
    run --separate-stderr proa audit "$ID"
    ok
    contains "$output" "no difference"
}

findings() {
    jq -r --arg c "$1" '[.findings[] | select(.class == $c) | .pointer] | unique[]' <<<"$output"
}

# drifts POINTER…: the audit finds these differences, in this order, and no others.
drifts() {
    broken
    run --separate-stderr proa audit --json "$ID"
    [ "$status" -eq 2 ] || complain "exit status $status" "$output" "$stderr"
    equal "$(printf '%s\n' "$@")" "$(findings drift)" || complain "$output"
    equal '' "$(findings unchecked)"
}

# notes POINTER…: these notes, and no difference.
notes() {
    run --separate-stderr proa audit --json "$ID"
    ok
    equal "$(printf '%s\n' "$@")" "$(findings note)"
}

# cgroup_of FILE: the path of that file in the first cgroup of the container that has it.
cgroup_of() {
    local dir
    while read -r dir; do
        if [ -e "$dir/$1" ]; then
            echo "$dir/$1"
            return
        fi
    done < <(jq -r '.cgroups[].path' "$STATE/$ID/state.json")
    skip "no $1 here"
}

# in_mounts COMMAND…: a program of the container's root file system, with the rights of the host.
in_mounts() {
    nsenter --target "$PID" --mount --pid -- "$@"
}

mount_index() {
    jq --arg d "$1" '[.mounts[].destination] | index($d)' "$BUNDLE/config.json"
}

@test "created, running, stopped: no difference, and nothing unchecked" {
    create
    clean
    proa start "$ID"
    clean
    contains "$output" running
    proa kill "$ID" KILL
    wait_end "$(readlink "$STATE/$ID/init" | cut -d ' ' -f 1)" || true
    clean
    contains "$output" stopped
}

@test "a container that is ending: it does not run, and nothing differs" {
    only_v1
    local child below
    running
    child=$(proa exec --detach --pid-file "$BASE/pid" "$ID" sleep 1000 </dev/null >"$BASE/out" 2>&1 3>&-; cat "$BASE/pid")
    below=$(dirname "$(cgroup_file freezer x)")/below
    mkdir "$below"
    echo "$child" >"$below/cgroup.procs"
    echo FROZEN >"$below/freezer.state"
    # The first process of a pid namespace waits in its exit for the others, and this one cannot die.
    kill -KILL "$PID"
    for _ in {1..1000}; do [ -n "$(ls "/proc/$PID/fd" 2>/dev/null)" ] || break; done
    run proa audit "$ID"
    echo THAWED >"$below/freezer.state"
    wait_end "$PID" || true
    wait_end "$child" || true
    rmdir "$below"
    equal 1 "$status"
    contains "$output" 'container not running'
}

@test "everything that can be asked for is found" {
    config '.process.oomScoreAdj = 300 | .process.noNewPrivileges = true | .root.readonly = true
            | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 64, hard: 128}, {type: "RLIMIT_CORE", soft: 0, hard: 0}]
            | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["chroot"], action: "SCMP_ACT_ERRNO"}]}
            | .linux.resources.pids = {limit: 50}'
    mkdir "$BASE/shared"
    add_mount /data none "$BASE/shared" bind ro nosuid nodev noexec rprivate
    add_mount /scratch tmpfs scratch size=1m nosuid rshared
    mkdir "$BUNDLE/rootfs/data" "$BUNDLE/rootfs/scratch"
    running
    clean
    proa exec "$ID" true
    clean
}

@test "a target that lies behind a symlink" {
    mkdir -p "$BUNDLE/rootfs/real" "$BASE/shared"
    ln -s real "$BUNDLE/rootfs/link"
    add_mount /link/sub none "$BASE/shared" bind
    running
    clean
}

@test "an unknown container, and an option that is none, are errors" {
    refused "container does not exist" proa audit "$ID"
    run proa audit --nonsense "$ID"
    equal 1 "$status"
}

@test "the text names pointer, asked, found and where" {
    running '.linux.resources.pids = {limit: 50}'
    file=$(cgroup_of pids.max)
    echo 60 >"$file"
    broken
    run --separate-stderr proa audit "$ID"
    equal 2 "$status"
    equal "drift      /linux/resources/pids/limit: asked 50, found 60 ($file)" "${lines[0]}"
    matches "${lines[1]}" "^$ID: 1 difference \(running, [0-9]+ facts"
}

@test "a file of a cgroup" {
    running '.linux.resources.pids = {limit: 50}'
    clean
    echo max >"$(cgroup_of pids.max)"
    drifts /linux/resources/pids/limit
}

@test "memory: what the kernel rounds to pages is as asked" {
    running '.linux.resources.memory = {limit: 33554433}'
    clean
}

@test "a device rule that is lost" {
    running
    if [ -e /sys/fs/cgroup/devices ]; then
        echo 'c 1:5 rwm' >"$(cgroup_of devices.deny)"
    else
        python3 "$REPO/tests/lib/device_program.py" detach "$(dirname "$(cgroup_of cgroup.procs)")"
    fi
    drifts /linux/resources/devices
}

@test "a device rule too many" {
    running
    if [ -e /sys/fs/cgroup/devices ]; then
        echo 'c 4:* rwm' >"$(cgroup_of devices.allow)"
    else
        python3 "$REPO/tests/lib/device_program.py" allow "$(dirname "$(cgroup_of cgroup.procs)")"
    fi
    drifts /linux/resources/devices
}

@test "everything allowed in place of the device rules" {
    running
    if [ -e /sys/fs/cgroup/devices ]; then
        echo a >"$(cgroup_of devices.allow)"
    else
        python3 "$REPO/tests/lib/device_program.py" detach "$(dirname "$(cgroup_of cgroup.procs)")"
        python3 "$REPO/tests/lib/device_program.py" allow "$(dirname "$(cgroup_of cgroup.procs)")"
    fi
    drifts /linux/resources/devices
}

@test "a frozen container is paused, which is a note" {
    running
    if [ -e /sys/fs/cgroup/freezer ]; then
        file=$(cgroup_of freezer.state) frozen=FROZEN thawed=THAWED
    else
        file=$(cgroup_of cgroup.freeze) frozen=1 thawed=0
    fi
    echo "$frozen" >"$file"
    notes /linux/cgroupsPath
    echo "$thawed" >"$file"
    clean
}

@test "a process that has been moved out of its cgroup" {
    running
    echo "$PID" >"$(dirname "$(dirname "$(cgroup_of pids.current)")")/cgroup.procs" 2>/dev/null ||
        echo "$PID" >"${HOST_CGROUP:-/sys/fs/cgroup}/cgroup.procs"
    drifts /linux/cgroupsPath
}

@test "a process of the host that has been put into the cgroup" {
    running
    sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
    keeper=$!
    while read -r dir; do
        echo "$keeper" >"$dir/cgroup.procs"
    done < <(jq -r '.cgroups[].path' "$STATE/$ID/state.json")
    drifts /linux/namespaces /process/capabilities/bounding /process/capabilities/effective /process/capabilities/permitted \
        /process/noNewPrivileges
    # No delete would wait for it: it is not the container's.
    kill -KILL "$keeper"
    wait "$keeper" || true
    keeper=
}

@test "a process with more rights in all of the container's namespaces" {
    running '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["chroot"], action: "SCMP_ACT_ERRNO"}]}'
    nsenter --target "$PID" --all -- /bin/sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
    parent=$!
    until keeper=$(pgrep -P "$parent"); do :; done
    until [ "$(cat "/proc/$keeper/comm")" = sleep ]; do :; done
    while read -r dir; do
        echo "$keeper" >"$dir/cgroup.procs"
    done < <(jq -r '.cgroups[].path' "$STATE/$ID/state.json")
    drifts /linux/seccomp /process/capabilities/bounding /process/capabilities/effective /process/capabilities/permitted \
        /process/noNewPrivileges
}

exec_often() {
    local i
    for i in {1..30}; do
        proa exec "$ID" true
    done
}

@test "an exec on its way in, which still has its caller's rights, is no difference" {
    running
    exec_often 3>&- &
    worker=$!
    while kill -0 "$worker" 2>/dev/null; do
        clean
    done
    wait "$worker"
}

@test "an update at work is waited for: it changes the kernel first and the plan in the end" {
    running
    run flock "$STATE/$ID/state.json" timeout 1 "$RUNTIME" --root "$STATE" audit "$ID"
    equal 124 "$status"
    clean
}

@test "oom_score_adj: lowered is a difference, raised the process's own right" {
    running '.process.oomScoreAdj = 500'
    echo 600 >"/proc/$PID/oom_score_adj"
    notes /process/oomScoreAdj
    echo 400 >"/proc/$PID/oom_score_adj" || skip 'needs CAP_SYS_RESOURCE'
    drifts /process/oomScoreAdj
}

@test "rlimits: raised is a difference, lowered the process's own right" {
    running '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}, {type: "RLIMIT_NOFILE", soft: 64, hard: 128}]'
    prlimit --pid "$PID" --nofile=60:100
    clean
    prlimit --pid "$PID" --nofile=64:200 || skip 'needs CAP_SYS_RESOURCE'
    drifts /process/rlimits/1/hard
}

@test "a masked file, unmasked" {
    running
    in_mounts umount /proc/keys
    drifts /linux/maskedPaths
    contains "$output" '/proc/keys masked'
}

@test "a masked directory, unmasked" {
    running '.linux.maskedPaths = ["/secret"]'
    clean
    proa delete --force "$ID"
    mkdir "$BUNDLE/rootfs/secret"
    running
    clean
    in_mounts umount /secret
    drifts /linux/maskedPaths
}

@test "a mask with something else over it" {
    mkdir "$BUNDLE/rootfs/secret"
    running '.linux.maskedPaths = ["/secret"]'
    in_mounts mount -t tmpfs -o ro over /secret
    drifts /linux/maskedPaths
}

@test "a masked path that has come since" {
    running '.linux.maskedPaths = ["/late"]'
    clean
    touch "$BUNDLE/rootfs/late"
    drifts /linux/maskedPaths
}

@test "a read-only path, made writable" {
    running
    in_mounts mount -o remount,rw,bind /proc/sys
    drifts /linux/readonlyPaths
}

@test "something writable below a read-only path" {
    running
    in_mounts mount -t tmpfs over /proc/sys/kernel
    drifts /linux/readonlyPaths
    contains "$output" /proc/sys/kernel
}

@test "a root directory, made writable" {
    running '.root.readonly = true'
    clean
    in_mounts mount -o remount,rw,bind /
    drifts /root/readonly
}

@test "mounts: flags that are lost" {
    mkdir "$BASE/shared" "$BUNDLE/rootfs/data"
    add_mount /data none "$BASE/shared" bind ro nosuid
    running
    clean
    in_mounts mount -o remount,bind,rw,nosuid /data
    drifts "/mounts/$(mount_index /data)"
    contains "$output" 'without ro'
}

@test "mounts: one that is gone, one in the place of another, and one that is only covered" {
    mkdir "$BASE/shared" "$BASE/other" "$BUNDLE/rootfs/data" "$BUNDLE/rootfs/scratch"
    add_mount /data none "$BASE/shared" bind
    add_mount /scratch tmpfs scratch
    running
    in_mounts mount -t tmpfs over /scratch
    notes "/mounts/$(mount_index /scratch)"
    in_mounts umount /data
    drifts "/mounts/$(mount_index /data)"
    in_mounts mount -t tmpfs over /data
    drifts "/mounts/$(mount_index /data)"
}

@test "mounts: propagation" {
    mkdir "$BUNDLE/rootfs/scratch"
    add_mount /scratch tmpfs scratch private
    running
    clean
    in_mounts mount --make-shared /scratch
    drifts "/mounts/$(mount_index /scratch)"
}

@test "mounts: a file that has been replaced on the host is a note" {
    echo one >"$BASE/file"
    touch "$BUNDLE/rootfs/file"
    add_mount /file none "$BASE/file" bind
    running
    clean
    echo two >"$BASE/new"
    mv "$BASE/new" "$BASE/file"
    notes "/mounts/$(mount_index /file)"
}

@test "namespaces of a process's own are a note" {
    all_capabilities CAP_SYS_ADMIN
    running
    proa exec --detach "$ID" unshare -m sh -c 'exec cat /gate' </dev/null >/dev/null 2>&1
    noted() { run proa audit --json "$ID" && [ "$(findings note)" = /linux/namespaces ]; }
    until_true noted
}

@test "namespaces: new ones, joined ones" {
    unshare -n sleep 1000 </dev/null >/dev/null 2>&1 3>&- &
    keeper=$!
    until [ "$(readlink "/proc/$keeper/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do :; done
    touch "$BASE/net"
    host_mount --bind "/proc/$keeper/ns/net" "$BASE/net"
    namespace network "$BASE/net"
    running
    clean
    umount "$BASE/net"
    OWN_MOUNTS=
    # Another one is there now.
    host_mount --bind /proc/self/ns/net "$BASE/net"
    drifts /linux/namespaces
}

@test "id maps of a user namespace" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    chmod 755 "$BUNDLE"
    chown -R 100000:100000 "$BUNDLE/rootfs"
    running
    clean
}

@test "nothing is changed: no system call of an audit writes" {
    running
    strace -f -o "$BASE/calls" -e trace=all "$RUNTIME" --root "$STATE" audit "$ID" >/dev/null
    equal '' "$(grep -E '^[0-9]+ +(mkdir|unlink|rename|mount|umount|setns|kill|ptrace|chmod|chown|symlink|link|move_mount|bpf\(BPF_PROG_(AT|DE)TACH)' "$BASE/calls" || true)"
    equal '' "$(grep -E 'O_(WRONLY|RDWR|CREAT)' "$BASE/calls" || true)"
}

@test "an ordinary user's own container" {
    mkdir "$BASE/home"
    chown -R 1000:1000 "$BUNDLE" "$BASE/home"
    STATE=$BASE/home/state
    user=(setpriv --reuid 1000 --regid 1000 --clear-groups env -i "XDG_RUNTIME_DIR=$BASE/home" "$RUNTIME" --root "$STATE")
    rm "$BUNDLE/config.json"
    "${user[@]}" spec --rootless --bundle "$BUNDLE"
    config '.process.terminal = false'
    waiting_program
    chown 1000:1000 "$BUNDLE/config.json" "$BUNDLE/rootfs/gate"
    "${user[@]}" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>"$BASE/err"
    run --separate-stderr "${user[@]}" audit "$ID"
    ok
    "${user[@]}" start "$ID"
    run --separate-stderr "${user[@]}" audit "$ID"
    ok
    contains "$output" 'no difference (running'
    clean
}
