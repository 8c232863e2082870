#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# docker with userns-remap: containers whose root is an ordinary user outside. dockerd starts a containerd of its own, and both
# see an /etc of the file's own, where the users and their subordinate ids are.

load docker

setup_file() {
    export DOCKERD_SETUP='mkdir "$0/etc" && cp /etc/passwd /etc/group "$0/etc" &&
        echo daemon:100000:65536 | tee "$0/etc/subuid" >"$0/etc/subgid" &&
        mount --bind "$0/etc" /etc && mount -t tmpfs none /opt'
    docker_begin '."userns-remap" = "daemon" | del(.containerd)'
    docker run -d --name shared --ipc shareable busy sleep 100000 >/dev/null
}

teardown_file() {
    docker_end
}

mapped=$'0 100000 65536'

@test "the mappings; root inside, a user outside" {
    inside 'cd /proc/self; awk "{ print \$1, \$2, \$3 }" uid_map gid_map; id -u; id -g; stat -c "%u %g" /bin/sh'
    says "$mapped"$'\n'"$mapped"$'\n0\n0\n0 0'
    [ "$(stat -c '%u %g' "/proc/$(the .State.Pid shared)/cwd/")" = '100000 100000' ]
    run docker run --rm --user 7:8 busy sh -c 'id -u; id -g'
    says $'7\n8'
}

@test "exec: in the same user namespace, its users and exit code" {
    run docker exec -u user:staff shared sh -c 'id -u; id -g; readlink /proc/self/ns/user; exit 3'
    ends 3
    [ "$output" = $'1000\n50\n'"$(readlink "/proc/$(the .State.Pid shared)/ns/user")" ]
}

@test "a terminal belongs to root inside" {
    on_terminal /usr/bin/docker run --rm -it busy sh -c 'tty; stat -c "owner %u" /dev/pts/0; echo hello >/dev/tty; exit 4' <<<'expect hello'
    ends 4
    mentions /dev/pts/0 'owner 0'
    on_terminal /usr/bin/docker exec -it shared sh -c 'stat -c "owner %u" "$(tty)"; exit 5' <<<'expect owner 0'
    ends 5
}

@test "capabilities count inside, not for the machine" {
    inside 'mount -t tmpfs none /tmp && echo mounted; mknod /var/null c 1 3; echo 1 >/proc/sys/vm/drop_caches; hostname new && hostname' \
        --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined
    mentions mounted 'mknod: /var/null: Operation not permitted' 'Read-only file system' $'\nnew'
}

@test "devices: the usual ones, and one of the host's" {
    inside 'echo >/dev/null && head -c 2 /dev/zero | od -An -tx1; ls -l /dev/kmsg | cut -c 1' --device /dev/kmsg
    says $' 00 00\nc'
}

@test "-v: the owner inside is the user outside; what is the host's stays so" {
    mkdir "$BASE/theirs" "$BASE/ours"
    chown 100000:100000 "$BASE/theirs"
    inside 'stat -c %u /theirs /ours; touch /theirs/new; touch /ours/new' -v "$BASE/theirs:/theirs" -v "$BASE/ours:/ours"
    ends 1
    mentions $'0\n65534' 'Permission denied'
    [ "$(stat -c %u "$BASE/theirs/new")" = 100000 ]
}

@test "volumes, --read-only, --tmpfs, -w" {
    inside 'touch /x 2>/dev/null || echo refused; touch /v/x /run/x && stat -c %u /v/x /run/x; pwd' \
        -v v1:/v --read-only --tmpfs /run:size=1m -w /v
    says $'refused\n0\n0\n/v'
    docker volume rm v1
}

@test "--pid, --ipc, --network container:" {
    inside 'tr "\0" " " </proc/1/cmdline; echo; for ns in user ipc net; do readlink /proc/self/ns/$ns; done' \
        --pid container:shared --ipc container:shared --network container:shared
    local namespaces
    namespaces=$(cd "/proc/$(the .State.Pid shared)/ns" && readlink user ipc net)
    says $'sleep 100000 \n'"$namespaces"
}

@test "--sysctl, --hostname, --init, --ulimit" {
    inside 'cat /proc/sys/net/ipv4/ip_forward; hostname; cat /proc/1/comm; ulimit -n' \
        --sysctl net.ipv4.ip_forward=1 --hostname box --init --ulimit nofile=100:200
    mentions $'1\nbox\n' init $'\n100'
}

@test "limits, pause, stop" {
    box limited --memory 32m --pids-limit 33
    [ "$(cgroup_of memory memory.limit_in_bytes limited)" = 33554432 ]
    [ "$(cgroup_of pids pids.max limited)" = 33 ]
    docker pause limited
    docker unpause limited
    docker stop -t 0 limited
    is .State.ExitCode limited 137
}

@test "docker build and BuildKit" {
    mkdir "$BASE/context"
    printf 'FROM busy\nCOPY file /file\nRUN test "$(stat -c %%u /file)" = 0 && awk "{ print \\$2 }" /proc/self/uid_map >/map\nCMD cat /map\n' \
        >"$BASE/context/Dockerfile"
    touch "$BASE/context/file"
    local kit
    for kit in 0 1; do
        DOCKER_BUILDKIT=$kit docker build --network none -t "built$kit" "$BASE/context"
        run docker run --rm "built$kit"
        says 100000
    done
}

@test "--userns host; --privileged only so" {
    inside 'awk "{ print \$1, \$2 }" /proc/self/uid_map' --userns host
    says '0 0'
    run docker run --rm --privileged busy true
    ends 125
    mentions 'incompatible with user namespaces'
}
