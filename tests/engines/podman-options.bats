load podman

# podman: what a container gets and what it may do, by the options of run.

# cgroup_file NAME OF V2, CONTROLLER/NAME OF V1: its path in a container.
cgroup_file() {
    if cgroup2; then echo "/sys/fs/cgroup/$1"; else echo "/sys/fs/cgroup/$2"; fi
}

# field NAME: of /proc/self/status, in a container.
field() {
    echo "awk '/^$1:/ {print \$2}' /proc/self/status"
}

# ---- Resources -----------------------------------------------------------------------------------

@test "--memory: seen inside, and it bites" {
    needs_cgroups
    inside --memory 32m -- "cat $(cgroup_file memory.max memory/memory.limit_in_bytes)"
    says 33554432
    run podman run --name greedy --memory 32m --memory-swap 32m $IMAGE tail /dev/zero
    ends 137
    gone greedy
}

@test "--memory-reservation, --memory-swappiness" {
    needs_cgroups
    inside --memory 64m --memory-reservation 32m -- "cat $(cgroup_file memory.low memory/memory.soft_limit_in_bytes)"
    says 33554432
    ! cgroup2 || return 0
    inside --memory-swappiness 7 -- 'cat /sys/fs/cgroup/memory/memory.swappiness'
    says 7
}

@test "--cpus: seen inside, and it bites" {
    needs_cgroups
    inside --cpus 0.1 -- "cat $(cgroup_file cpu.max cpu/cpu.cfs_quota_us); end=\$((\$(date +%s) + 1))
        while [ \$(date +%s) -le \$end ]; do :; done; cat $(cgroup_file cpu.stat cpu/cpu.stat)"
    [[ "${lines[0]}" =~ ^10000 ]]
    [[ "$output" =~ nr_throttled\ [1-9] ]]
}

@test "--cpu-shares, --cpuset-cpus" {
    needs_cgroups
    inside --cpu-shares 512 -- "cat $(cgroup_file cpu.weight cpu/cpu.shares)"
    if cgroup2; then [[ "$output" =~ ^(20|59)$ ]]; else says 512; fi
    ! rootless && { ! cgroup2 || grep -q cpuset /sys/fs/cgroup/cgroup.controllers; } || return 0
    inside --cpuset-cpus 0 -- "$(field Cpus_allowed_list)"
    says 0
}

@test "--pids-limit: seen inside, and it bites" {
    needs_cgroups
    inside --pids-limit 7 -- "cat $(cgroup_file pids.max pids/pids.max); for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done"
    [ "${lines[0]}" = 7 ]
    mentions "can't fork"
}

@test "update: a limit of a running container" {
    needs_cgroups
    podman_has update --memory || skip 'this podman has no update'
    box elastic --memory 64m
    podman update --memory 32m --memory-swap 32m --cpus 0.5 elastic
    run podman exec elastic cat "$(cgroup_file memory.max memory/memory.limit_in_bytes)" "$(cgroup_file cpu.max cpu/cpu.cfs_quota_us)"
    mentions 33554432 50000
    gone elastic
}

@test "--ulimit, --oom-score-adj, --shm-size" {
    inside --ulimit nofile=123:456 --ulimit nproc=4000 --oom-score-adj 500 --shm-size 1m -- \
        'ulimit -S -n; ulimit -H -n; cat /proc/self/oom_score_adj; df -k /dev/shm | awk "END {print \$2}"'
    says $'123\n456\n500\n1024'
}

@test "--cgroups=disabled: it stays where podman is" {
    [ "$NAME" != runc ] || skip 'podman lets runc not do without cgroups'
    inside --cgroups=disabled -- 'cat /proc/self/cgroup'
    ends 0
    [[ "$output" != *libpod-* ]]
}

@test "--cgroup-conf, --cgroupns host" {
    inside --cgroupns host -- 'cat /proc/self/cgroup'
    ends 0
    ! own_cgroups || mentions libpod-
    cgroup2 && own_cgroups || return 0
    inside --cgroup-conf memory.high=40000000 -- 'cat /sys/fs/cgroup/memory.high'
    says 39997440
}

# ---- File systems ----------------------------------------------------------------------------------

@test "-v: shared with the host, :ro is read-only" {
    mkdir -m 777 "$HOME/rw" "$HOME/ro"
    inside -v "$HOME/rw:/a" -v "$HOME/ro:/b:ro" -- 'touch /a/made; touch /b/made'
    ends 1
    mentions 'Read-only file system'
    [ -e "$HOME/rw/made" ] && [ ! -e "$HOME/ro/made" ]
}

@test "-v :z, :Z, :noexec,nosuid,nodev" {
    mkdir "$HOME/options"
    inside -v "$HOME/options:/a:z" -v "$HOME/options:/b:Z" -v "$HOME/options:/c:noexec,nosuid,nodev" -- 'grep " /c " /proc/self/mountinfo'
    mentions nosuid,nodev,noexec
}

@test "-v :U: the files become the user's of the container" {
    directory "$HOME/owned"
    inside --user 1000:1000 -v "$HOME/owned:/a:U" -- 'stat -c "%u %g" /a; touch /a/made'
    says '1000 1000'
}

@test "-v :idmap: the owner as the container's user namespace sees him" {
    needs_root 'id-mapped mounts'
    mkdir "$BASE/mapped"
    chown 7:8 "$BASE/mapped"
    inside --uidmap 0:100000:1000 --gidmap 0:100000:1000 -v "$BASE/mapped:/a:idmap" -- 'stat -c "%u %g" /a'
    [ "$output" = '7 8' ] || [ "$NAME" != runc ] || skip 'runc before 1.2 has none'
    says '7 8'
}

@test "named volumes, --volumes-from, --mount type=bind,tmpfs" {
    podman volume create kept >/dev/null
    podman run --rm -v kept:/data $IMAGE sh -c 'echo once >/data/file'
    inside -v kept:/data --mount type=tmpfs,destination=/t,tmpfs-size=1m --mount "type=bind,src=$BASE,dst=/base,ro" -- \
        'cat /data/file; df -k /t | awk "END {print \$2}"; test -e /base/storage.conf'
    says $'once\n1024'
    podman volume rm kept >/dev/null
}

@test "--read-only: with and without its own tmpfs" {
    inside --read-only -- 'touch /made; touch /tmp/made /run/made && echo ok'
    mentions 'Read-only file system' ok
    inside --read-only --read-only-tmpfs=false -- 'touch /tmp/made'
    ends 1
}

@test "--tmpfs: size, mode, content copied up" {
    inside --tmpfs /t:size=1m,mode=700 --tmpfs /etc:rw -- 'df -k /t | awk "END {print \$2}"; stat -c %a /t; grep -c user: /etc/passwd'
    says $'1024\n700\n1'
}

@test "--device, with rights" {
    if rootless; then
        inside --device /dev/zero:/dev/nil -- 'head -c 2 /dev/nil | wc -c'
        says 2
        return
    fi
    inside --device /dev/kmsg:/dev/log:w -- ': >/dev/log; ls /dev/kmsg'
    ends 1
    [[ "$output" != *permitted* ]]
    inside --device /dev/kmsg:/dev/log:r -- ': >/dev/log'
    mentions 'not permitted'
}

@test "--device-cgroup-rule; without it mknod makes what nobody may open" {
    needs_root 'device rules'
    inside --cap-add MKNOD --device-cgroup-rule 'c 10:200 rwm' -- 'mknod /a c 10 200 && mknod /b b 7 99; head -c 1 /b'
    mentions 'not permitted'
    [[ "$output" != */a* ]]
}

@test "secrets: a file, and a variable" {
    printf shh | podman secret create word - >/dev/null
    inside --secret word --secret word,type=env,target=WORD -- 'cat /run/secrets/word; echo " $WORD"'
    says 'shh shh'
    podman secret rm word >/dev/null
}

@test "masked paths; --security-opt unmask, mask" {
    inside -- 'cat /proc/timer_list | wc -c; ls /sys/firmware | wc -l; echo 1 >/proc/sys/kernel/domainname'
    [ "${lines[0]} ${lines[1]}" = '0 0' ]
    [ "$status" -ne 0 ]
    inside --security-opt unmask=ALL --security-opt mask=/usr -- 'ls /usr | wc -l; grep -c " /proc/" /proc/self/mountinfo'
    [ "${lines[0]} ${lines[1]}" = '0 0' ]
}

# ---- Rights ------------------------------------------------------------------------------------------

@test "--cap-drop, --cap-add" {
    inside --cap-drop ALL -- "$(field CapEff)"
    says 0000000000000000
    inside --cap-drop ALL --cap-add CHOWN,NET_ADMIN -- "$(field CapEff); $(field CapBnd)"
    says $'0000000000001001\n0000000000001001'
}

@test "--privileged: all capabilities that podman has, no seccomp, devices" {
    inside --privileged -- "$(field Seccomp); $(field CapEff); ls /dev | wc -l"
    [ "${lines[0]}" = 0 ]
    [ $((16#${lines[1]} & 1 << 21)) -ne 0 ]
    [ "${lines[2]}" -gt 15 ]
}

@test "--user: number, name, group; --group-add" {
    inside --user user:staff -- 'id -u; id -g'
    says $'1000\n50'
    inside --user 1000 --group-add staff --group-add 77 -- 'id -G'
    mentions 50 77
    inside --user nobody-here -- id
    [ "$status" -ge 125 ]
}

@test "--group-add keep-groups" {
    rootless || skip 'for ordinary users'
    [ "$NAME" != runc ] || skip 'podman offers it with crun alone'
    inside --group-add keep-groups -- 'id -G'
    ends 0
}

@test "--userns: keep-id" {
    rootless || skip 'for ordinary users'
    inside --userns keep-id -- 'id -u; cat /proc/self/uid_map'
    ends 0
    [ "${lines[0]}" = "$(podman unshare awk 'NR == 1 {print $2}' /proc/self/uid_map)" ]
}

@test "--uidmap, --gidmap" {
    needs_root 'ids of the host'
    inside --uidmap 0:100000:5000 --gidmap 0:200000:5000 -- 'id -u; awk "{print \$2}" /proc/self/uid_map /proc/self/gid_map'
    says $'0\n100000\n200000'
}

@test "--userns: auto" {
    if [ $AS = root ]; then
        grep -q ^containers: /etc/subuid || skip 'user containers has no subordinate ids here'
    fi
    inside --userns auto -- 'id -u; awk "{print \$1}" /proc/self/uid_map | head -n 1'
    says $'0\n0'
}

@test "--security-opt no-new-privileges" {
    inside -- "$(field NoNewPrivs)"
    says 0
    inside --security-opt no-new-privileges -- "$(field NoNewPrivs)"
    says 1
}

@test "seccomp: podman's profile by default; unconfined; a profile of one's own" {
    inside -- "$(field Seccomp); unshare -m true"
    [ "${lines[0]}" = 2 ]
    mentions 'not permitted'
    inside --security-opt seccomp=unconfined -- "$(field Seccomp)"
    says 0
    cat >"$BASE/profile.json" <<'EOF'
{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}
EOF
    inside --security-opt "seccomp=$BASE/profile.json" -- 'mkdir /made'
    ends 1
    mentions 'not implemented'
}

@test "--security-opt label=disable, apparmor=unconfined" {
    inside --security-opt label=disable --security-opt apparmor=unconfined -- 'echo free'
    says free
}

@test "--sysctl, --hostname" {
    inside --sysctl kernel.msgmax=4096 --sysctl net.ipv4.ip_unprivileged_port_start=80 --hostname host-of-mine -- \
        'cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_unprivileged_port_start; hostname; cat /etc/hostname'
    says $'4096\n80\nhost-of-mine\nhost-of-mine'
}

@test "hooks: one of --hooks-dir sees the container's state" {
    mkdir "$HOME/hooks"
    printf '#!/bin/sh\ncat >%s\n' "$HOME/hooks/state" >"$BASE/hook"
    chmod 755 "$BASE/hook"
    chmod 777 "$HOME/hooks"
    cat >"$HOME/hooks/own.json" <<EOF
{"version": "1.0.0", "hook": {"path": "$BASE/hook"}, "when": {"always": true}, "stages": ["prestart"]}
EOF
    run podman --hooks-dir "$HOME/hooks" run --rm --name hooked $IMAGE echo hooked
    says hooked
    jq -e '.pid > 1 and (.bundle | length > 0)' "$HOME/hooks/state"
}

@test "--annotation, --env-host, --label, --log-driver none: nothing in the way" {
    inside --annotation a=b --annotation run.oci.keep_original_groups=1 --env-host --label c=d --log-driver none -- 'echo here'
    ends 0
    mentions here
}

# ---- Namespaces ----------------------------------------------------------------------------------------

# same KIND: the test's process and a container with that namespace of the host's see the same one.
same() {
    inside "--$1=host" -- "readlink /proc/self/ns/$2"
    says "$(readlink "/proc/$3/ns/$2")"
}

@test "--pid, --net, --ipc, --uts host" {
    # An ordinary user's podman has a network namespace of its own only when it makes one for him.
    same pid pid self
    same net net self
    # An ordinary user gets the host's queues from there.
    if ! rootless || [ -d /dev/mqueue ]; then same ipc ipc self; fi
    same uts uts self
}

# joins OPTION KIND: a second container is where the first is, by its name.
joins() {
    inside "--$1=container:shared" -- "readlink /proc/self/ns/$2"
    says "$(readlink "/proc/$pid/ns/$2")"
}

@test "--pid, --net, --ipc, --uts, --userns container:" {
    local pid
    pid=$(pid_of shared)
    inside --pid container:shared -- ps
    mentions 'sleep 1000'
    joins net net
    joins uts uts
    podman run -d --name sharing --ipc shareable $IMAGE sleep 1000 >/dev/null
    pid=$(pid_of sharing)
    inside --ipc container:sharing -- 'readlink /proc/self/ns/ipc'
    says "$(readlink "/proc/$pid/ns/ipc")"
    gone sharing
}

@test "--network none: a loopback that is up, and nothing else" {
    inside -- 'ls /sys/class/net; httpd -p 127.0.0.1:8080 -h /etc && wget -q -O - http://127.0.0.1:8080/passwd >/dev/null && echo up'
    says $'lo\nup'
}
