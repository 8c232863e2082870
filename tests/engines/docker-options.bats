#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# docker run: what each option does, seen from inside the container.

load docker

setup_file() {
    docker_begin
    box other --ipc shareable --hostname other
}

teardown_file() {
    docker_end
}

# ---- Resources ---------------------------------------------------------------------------------

@test "--memory, --memory-reservation, --memory-swap" {
    box ca --memory 32m --memory-reservation 16m --memory-swap 48m
    [ "$(cgroup_of memory memory.limit_in_bytes ca)" = 33554432 ]
    [ "$(cgroup_of memory memory.soft_limit_in_bytes ca)" = 16777216 ]
}

@test "--memory: OOMKilled" {
    # It ends once the event was seen: that of a cgroup that has gone meanwhile would not be told.
    box cb --memory 16m -- sh -c 'head -c 100000000 /dev/zero | tail; until [ -e /seen ]; do sleep 0.02; done'
    wait_until 60 events_mention cb oom
    docker exec cb touch /seen || true # the container may end before it
    docker wait cb
    is .State.OOMKilled cb true
}

@test "--oom-kill-disable, --memory-swappiness" {
    ! cgroup2 || skip 'v1 only'
    box cc --memory 32m --oom-kill-disable --memory-swappiness 10
    cgroup_of memory memory.oom_control cc | grep -x 'oom_kill_disable 1'
    [ "$(cgroup_of memory memory.swappiness cc)" = 10 ]
}

@test "--cpus, --cpu-shares, --cpuset-cpus" {
    [ "$(nproc)" -ge 2 ] || skip 'needs two processors'
    box cd --cpus 1.5 --cpu-shares 512 --cpuset-cpus 1
    [ "$(cgroup_of cpu cpu.cfs_quota_us cd)" = 150000 ]
    cgroup2 || [ "$(cgroup_of cpu cpu.shares cd)" = 512 ]
    [ "$(cgroup_of cpuset cpuset.cpus cd)" = 1 ]
    [ "$(docker exec cd nproc)" = 1 ]
}

@test "--pids-limit" {
    inside 'for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done' --pids-limit 5
    mentions "can't fork: Resource temporarily unavailable"
}

@test "--device-read-bps" {
    local disk=/dev/vda
    [ -b $disk ] && [ -e /sys/fs/cgroup/blkio/blkio.throttle.read_bps_device ] || skip 'needs a disk to throttle'
    box ce --device-read-bps "$disk:1mb"
    cgroup_of blkio blkio.throttle.read_bps_device ce | grep 1048576
}

@test "--ulimit" {
    inside 'ulimit -n; ulimit -Hn; ulimit -c' --ulimit nofile=100:200 --ulimit core=0
    says $'100\n200\n0'
}

@test "--oom-score-adj" {
    inside 'cat /proc/self/oom_score_adj' --oom-score-adj 321
    says 321
}

@test "--shm-size" {
    inside 'df -k /dev/shm | tail -n 1 | tr -s " " | cut -d " " -f 2' --shm-size 5m
    says 5120
}

# ---- Devices -----------------------------------------------------------------------------------

# Opening /dev/kmsg for writing asks for nothing but the device rule.
@test "--device: renamed, with permissions" {
    inside 'ls -l /dev/mine | cut -c 1; : >/dev/mine && echo opened' --device /dev/kmsg:/dev/mine
    says $'c\nopened'
    inside '(: >/dev/mine) 2>/dev/null || echo refused' --device /dev/kmsg:/dev/mine:r
    says refused
}

@test "--device-cgroup-rule, and devices that were not given" {
    inside 'mknod /tmp/kmsg c 1 11 && : >/tmp/kmsg && echo opened' --device-cgroup-rule 'c 1:11 w'
    says opened
    inside 'mknod /tmp/kmsg c 1 11 && : >/tmp/kmsg'
    [ "$status" -ne 0 ]
    mentions 'Operation not permitted'
}

# ---- Privileges --------------------------------------------------------------------------------

# effective OPTION…: the effective capabilities, in hexadecimal.
effective() {
    docker run --rm "$@" busy sed -n 's/^CapEff:\t//p' /proc/self/status
}

@test "capabilities: docker's own list" {
    [ "$(effective)" = 00000000a80425fb ]
}

@test "--cap-drop, --cap-add" {
    [ "$(effective --cap-drop ALL --cap-add CHOWN --cap-add SYS_ADMIN)" = 0000000000200001 ]
    [ "$(effective --cap-drop ALL)" = 0000000000000000 ]
}

@test "--privileged" {
    all_capabilities_here || skip_known 'this machine gives root no full set of capabilities'
    inside 'mkdir /m && mount -t tmpfs none /m && echo mounted; test -w /sys/kernel && test -c /dev/kmsg && echo all' --privileged
    says $'mounted\nall'
}

@test "--user: names, numbers, groups" {
    inside 'id -u; id -g; id -G' --user user
    says $'1000\n1000\n1000 50'
    inside 'id -u; id -g; id -G' --user 7:8
    says $'7\n8\n8'
}

@test "--group-add" {
    inside 'id -G' --group-add staff --group-add 4711
    says '0 50 4711'
}

@test "--security-opt no-new-privileges" {
    inside 'grep NoNewPrivs /proc/self/status' --security-opt no-new-privileges
    says $'NoNewPrivs:\t1'
}

@test "seccomp: docker's profile bites" {
    inside 'unshare -U true'
    [ "$status" -ne 0 ]
    mentions 'Operation not permitted'
    inside 'grep Seccomp: /proc/self/status'
    says $'Seccomp:\t2'
}

@test "--security-opt seccomp=unconfined" {
    inside 'unshare -U true && grep Seccomp: /proc/self/status' --security-opt seccomp=unconfined
    says $'Seccomp:\t0'
}

@test "--security-opt seccomp=FILE" {
    cat >"$BASE/profile.json" <<-'END'
	{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
	 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}
	END
    inside 'mkdir /tmp/new' --security-opt "seccomp=$BASE/profile.json"
    ends 1
    mentions 'No space left on device'
}

@test "--security-opt apparmor=unconfined, label=disable" {
    inside 'echo yes' --security-opt apparmor=unconfined --security-opt label=disable
    says yes
}

@test "masked and read-only paths, and without them" {
    inside 'head -c 1 /proc/timer_list | wc -c; (: >/proc/sys/vm/swappiness) 2>/dev/null || echo refused'
    says $'0\nrefused'
    inside 'head -c 1 /proc/timer_list | wc -c; grep " /proc/" /proc/mounts || true' --security-opt systempaths=unconfined
    says 1
}

@test "--userns=host" {
    inside 'cat /proc/self/uid_map' --userns host
    says '         0          0 4294967295'
}

# ---- Files -------------------------------------------------------------------------------------

# directory NAME: $BASE/NAME with a file in it.
directory() {
    mkdir "$BASE/$1"
    echo "$1" >"$BASE/$1/file"
}

@test "--read-only, --tmpfs" {
    inside 'touch /x 2>/dev/null || echo refused; touch /run/x && stat -f -c %T /run; df -k /run | grep -o 1024' \
        --read-only --tmpfs /run:size=1m
    says $'refused\ntmpfs\n1024\n1024'
}

@test "-v: read and write" {
    directory rw
    inside 'cat /m/file; echo new >/m/new' -v "$BASE/rw:/m"
    says rw
    [ "$(cat "$BASE/rw/new")" = new ]
}

@test "-v: ro" {
    directory ro
    inside 'cat /m/file; touch /m/new 2>/dev/null || echo refused' -v "$BASE/ro:/m:ro"
    says $'ro\nrefused'
}

@test "-v: a file" {
    directory files
    inside 'cat /etc/one' -v "$BASE/files/file:/etc/one"
    says files
}

# shared_mount NAME: a directory that is a shared mount.
shared_mount() {
    mkdir -p "$BASE/$1"
    mount -t tmpfs none "$BASE/$1"
    mount --make-shared "$BASE/$1"
    mkdir "$BASE/$1/later"
}

@test "-v: rslave sees mounts of the host" {
    shared_mount slave
    box cf -v "$BASE/slave:/m:rslave"
    mount -t tmpfs none "$BASE/slave/later"
    touch "$BASE/slave/later/seen"
    run docker exec cf ls /m/later
    umount "$BASE/slave/later" "$BASE/slave"
    says seen
}

@test "-v: shared shows mounts to the host" {
    shared_mount shared
    box cg --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined -v "$BASE/shared:/m:shared"
    docker exec cg sh -c 'mount -t tmpfs none /m/later && touch /m/later/seen'
    run ls "$BASE/shared/later"
    docker rm -f cg
    boxes=()
    umount -R "$BASE/shared"
    says seen
}

@test "-v: private by default" {
    shared_mount private
    box ch -v "$BASE/private:/m"
    mount -t tmpfs none "$BASE/private/later"
    touch "$BASE/private/later/seen"
    run docker exec ch ls /m/later
    umount "$BASE/private/later" "$BASE/private"
    says ''
}

@test "--mount type=bind: recursive or not" {
    directory outer
    mkdir "$BASE/outer/inner"
    mount -t tmpfs none "$BASE/outer/inner"
    touch "$BASE/outer/inner/seen"
    inside 'ls /m/inner' --mount "type=bind,src=$BASE/outer,dst=/m"
    local with=$output
    inside 'echo "entries: $(ls /m/inner | wc -l)"' --mount "type=bind,src=$BASE/outer,dst=/m,bind-nonrecursive=true"
    umount "$BASE/outer/inner"
    [ "$with" = seen ]
    # Newer docker calls the option deprecated, before.
    mentions 'entries: 0'
}

@test "--mount type=bind: read-only with what is mounted below" {
    directory above
    mkdir "$BASE/above/inner"
    mount -t tmpfs none "$BASE/above/inner"
    inside 'for d in /m /m/inner; do touch $d/x 2>/dev/null || echo refused; done' \
        --mount "type=bind,src=$BASE/above,dst=/m,readonly,bind-recursive=readonly,bind-propagation=rprivate"
    umount "$BASE/above/inner"
    [[ $output != *'unexpected key'* ]] || skip_known 'docker knows it since 25'
    says $'refused\nrefused'
}

@test "--mount type=tmpfs" {
    inside 'stat -f -c %T /m; stat -c %a /m' --mount type=tmpfs,dst=/m,tmpfs-size=1m,tmpfs-mode=1770
    says $'tmpfs\n1770'
}

@test "--mount type=volume: kept, filled from the image" {
    inside 'cat /etc/passwd | head -n 1; echo kept >/etc/kept' --mount type=volume,src=v1,dst=/etc
    mentions root:x:0:0
    inside 'cat /m/kept' -v v1:/m:ro
    says kept
    docker volume rm v1
}

@test "--volumes-from" {
    box ci -v /data
    docker exec ci touch /data/there
    inside 'ls /data' --volumes-from ci
    says there
}

# ---- Namespaces --------------------------------------------------------------------------------

@test "--hostname, --domainname" {
    inside 'hostname; cat /proc/sys/kernel/domainname' --hostname box --domainname example.org
    says $'box\nexample.org'
}

@test "--sysctl" {
    inside 'cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward' --sysctl kernel.msgmax=9000 --sysctl net.ipv4.ip_forward=1
    says $'9000\n1'
}

@test "--pid host" {
    inside 'readlink /proc/self/ns/pid' --pid host
    says "$(readlink /proc/self/ns/pid)"
}

@test "--pid container:" {
    inside 'cat /proc/1/cmdline | tr "\0" " "' --pid container:other
    says 'sleep 1000 '
}

@test "--ipc host, container:" {
    inside 'readlink /proc/self/ns/ipc' --ipc host
    says "$(readlink /proc/self/ns/ipc)"
    docker exec other touch /dev/shm/common
    inside 'ls /dev/shm' --ipc container:other
    says common
}

@test "--ipc none" {
    inside 'test -d /dev/shm || echo none' --ipc none
    says none
}

@test "--uts host" {
    inside 'readlink /proc/self/ns/uts' --uts host
    says "$(readlink /proc/self/ns/uts)"
}

@test "--network host, container:, none" {
    inside 'readlink /proc/self/ns/net' --network host
    says "$(readlink /proc/self/ns/net)"
    inside 'readlink /proc/self/ns/net' --network container:other
    says "$(docker exec other readlink /proc/self/ns/net)"
    inside 'ls /sys/class/net; ping -c 1 -W 60 127.0.0.1 | grep -o "1 packets received"' --network none
    says $'lo\n1 packets received'
}

@test "--cgroupns host, private" {
    inside 'grep -c "/proa-engine" /proc/self/cgroup' --cgroupns host
    [ "$output" -gt 0 ]
    inside 'cut -d : -f 3 /proc/self/cgroup | sort -u' --cgroupns private
    says /
}

# ---- The program ---------------------------------------------------------------------------------

@test "-e, --env-file, -w, --entrypoint" {
    echo FILE=f >"$BASE/env"
    inside 'echo $A $FILE $PWD $HOME' -e A=b --env-file "$BASE/env" -w /new/place
    says 'b f /new/place /root'
    run docker run --rm --entrypoint echo busy entry
    says entry
}

@test "standard streams and descriptors: three, and no more" {
    inside 'ls /proc/self/fd'
    says $'0\n1\n2\n3'
}
