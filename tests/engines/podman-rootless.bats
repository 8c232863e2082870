PODMAN_AS=user
load podman

# podman of an ordinary user with subordinate ids: what is different for him. podman.bats and podman-options.bats run as a
# user as well: PODMAN_AS=user bats tests/engines/podman.bats

setup_file() {
    [ "$(id -u)" -eq 0 ] || skip 'makes a user: needs root'
    podman_begin
    box shared
}

@test "run: root inside, the user outside, with his subordinate ids" {
    inside -- 'id -u; awk "{print \$1, \$2, \$3}" /proc/self/uid_map'
    says $'0\n0 4711 1\n1 700000 65536'
    [ "$(stat -c %u "/proc/$(pid_of shared)")" = 4711 ]
}

@test "run -it: a terminal" {
    run terminal podman run --rm -it $IMAGE sh -c "'tty; until stty size | grep 40; do usleep 9999; done; exit 5'"
    ends 5
    mentions /dev/pts/0 '40 100'
}

@test "exit codes: 126, 127, 137" {
    run podman run --rm $IMAGE /etc/passwd
    ends 126
    run -127 podman run --rm $IMAGE nowhere
    inside --init -- 'kill -KILL $$'
    ends 137
}

@test "exec, exec -it -u, exec -d, top, logs" {
    run podman exec -w /tmp -e A=b shared sh -c 'pwd; echo $A; exit 3'
    ends 3
    mentions /tmp b
    run terminal podman exec -it -u user shared sh -c "'tty; id -u'"
    mentions /dev/pts/ 1000
    podman exec -d shared sh -c 'echo done >/proc/1/fd/1'
    wait_until 60 logged shared done
    run podman top shared user args
    mentions 'sleep 1000'
}

@test "stop, start, restart, kill, rm" {
    box cycle
    podman stop -t 60 cycle
    [ "$(podman inspect -f '{{.State.ExitCode}}' cycle)" = 0 ]
    podman start cycle
    podman restart -t 60 cycle
    is cycle running
    podman kill cycle
    [ "$(podman wait cycle)" = 137 ]
    gone cycle
}

@test "--userns keep-id, auto, host; --user" {
    inside --userns keep-id -- 'id -u; id -g; touch /tmp/mine'
    says $'4711\n4711'
    inside --userns keep-id --user 0 -- 'id -u'
    says 0
    inside --userns auto -- 'id -u; awk "NR == 1 {print \$1}" /proc/self/uid_map'
    says $'0\n0'
    inside --user 1000:50 -- 'id -u; id -g'
    says $'1000\n50'
}

@test "--group-add keep-groups: a directory of the user's group" {
    [ "$NAME" != runc ] || skip 'podman offers it with crun alone'
    directory "$HOME/shared"
    chown 0:4712 "$HOME/shared"
    chmod 770 "$HOME/shared"
    inside -v "$HOME/shared:/shared" -- 'ls /shared'
    [ "$status" -ne 0 ]
    inside --group-add keep-groups -v "$HOME/shared:/shared" -- 'touch /shared/made && ls /shared'
    says made
}

@test "-v: :ro, :U, a file of the user's own" {
    directory "$HOME/owned"
    inside --user 1000:1000 -v "$HOME/owned:/a:U" -- 'touch /a/made; stat -c "%u %g" /a/made'
    says '1000 1000'
    [ "$(stat -c %u "$HOME/owned/made")" = 700999 ]
    inside -v "$HOME/owned:/a:ro" -- 'touch /a/more'
    ends 1
}

@test "--read-only, --tmpfs, --device, --cap-drop, seccomp, --sysctl, --hostname" {
    inside --read-only --tmpfs /t:size=1m --device /dev/zero:/dev/nil --cap-drop ALL --hostname mine --sysctl kernel.msgmax=4096 -- \
        'hostname; df -k /t | awk "END {print \$2}"; head -c 2 /dev/nil | wc -c; cat /proc/sys/kernel/msgmax
         awk "/^(CapEff|Seccomp):/ {print \$2}" /proc/self/status'
    says $'mine\n1024\n2\n4096\n0000000000000000\n2'
}

@test "--cgroups=disabled" {
    [ "$NAME" != runc ] || skip 'podman lets runc not do without cgroups'
    inside --cgroups=disabled -- 'echo free'
    says free
}

@test "--pid, --net, --uts host; --pid, --net, --uts container:" {
    inside --pid host --net host --uts host -- 'readlink /proc/self/ns/pid; readlink /proc/self/ns/uts'
    says "$(readlink /proc/self/ns/pid /proc/self/ns/uts)"
    inside --pid container:shared --net container:shared --uts container:shared -- 'readlink /proc/self/ns/net; ps'
    mentions "$(readlink "/proc/$(pid_of shared)/ns/net")" 'sleep 1000'
}

@test "pod: two containers in one" {
    podman pod create --name peas --network none --share pid,net,ipc,uts >/dev/null
    box pea --pod peas
    run podman run --rm --pod peas $IMAGE ps
    mentions 'sleep 1000' catatonit
    podman pod rm -f -t 0 peas
}

@test "build: RUN as root and as another user" {
    directory "$HOME/context"
    printf '%s\n' "FROM $IMAGE" 'RUN id -u >/who && chown 7:8 /who' 'USER user' 'RUN id -u >/tmp/me' >"$HOME/context/Containerfile"
    run podman build -q -t localhost/built "$HOME/context"
    ends 0
    run podman run --rm localhost/built sh -c 'cat /who /tmp/me; stat -c "%u %g" /who'
    says $'0\n1000\n7 8'
}
