#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154,SC2030,SC2031
# containerd through ctr: every option that reaches the runtime. What becomes of the tasks is in containerd-tasks.bats.

load engines
load containerd
load ctr

setup_file() {
    ctr_begin
}

teardown_file() {
    containerd_end
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
    works_on_terminal ctr run --rm -t --runc-binary "$RUNTIME" "$IMAGE" "$ID"
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
    ID=$ID-joins
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
