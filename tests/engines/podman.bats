load podman

# podman: the life of a container, its streams, further processes in it, exit codes, pods.

# ---- run ---------------------------------------------------------------------------------------

@test "run: output, errors, exit code" {
    run --separate-stderr podman run --rm $IMAGE sh -c 'echo out; echo err >&2; exit 3'
    ends 3
    [ "$output" = out ]
    [ "$stderr" = err ]
}

@test "run -i: standard input" {
    run podman run --rm -i $IMAGE cat <<<hello
    says hello
}

@test "run -it: a terminal of the caller's size" {
    run terminal podman run --rm -it $IMAGE sh -c "'tty; until stty size | grep 40; do usleep 9999; done; exit 5'"
    ends 5
    mentions /dev/pts/0 '40 100'
}

@test "run -e -w --entrypoint --umask -a" {
    run podman run --rm -e A=b -w /tmp --umask 077 --entrypoint '["sh", "-c"]' -a stdout $IMAGE 'echo $A; pwd; umask'
    says $'b\n/tmp\n0077'
}

@test "run --rootfs: a directory instead of an image" {
    needs_root 'the files of the directory'
    busybox_root "$BASE/plain"
    run podman run --rm --rootfs "$BASE/plain" echo plain
    says plain
}

@test "run --preserve-fds" {
    run podman run --rm --preserve-fds 1 $IMAGE sh -c 'cat <&3' 3< <(echo third)
    says third
}

@test "run --rm: nothing is left" {
    # Newer podman removes the file with the container.
    podman run --rm --name passing --cidfile "$HOME/cid" $IMAGE sleep 2 &
    wait_until 60 test -s "$HOME/cid"
    local id
    id=$(cat "$HOME/cid")
    wait $!
    run podman container exists passing
    ends 1
    run ! grep -r "$id" /proc/self/mountinfo
    [ -z "$(find /sys/fs/cgroup -name "*$id*")" ]
}

@test "create, init, start --attach" {
    podman create --name staged $IMAGE sh -c 'echo started; exit 4' >/dev/null
    podman init staged
    is staged initialized
    run podman start --attach staged
    ends 4
    mentions started
    gone staged
}

@test "run -d, logs, logs -f, wait" {
    podman run -d --name talker $IMAGE sh -c 'echo one; echo two >&2; sleep 0.3; echo three; exit 6' >/dev/null
    run timeout 200 podman logs -f talker
    mentions one two three
    run podman wait talker
    says 6
    [ "$(podman inspect -f '{{.State.ExitCode}}' talker)" = 6 ]
    gone talker
}

@test "a detached container outlives podman, with the monitor as its parent" {
    [ "$(cat "/proc/$(awk '/^PPid/ {print $2}' "/proc/$(pid_of shared)/status")/comm")" = conmon ]
    run podman ps --format '{{.Names}} {{.Status}}'
    mentions 'shared Up'
}

@test "inspect, ps: the runtime, the process, the id" {
    [ "$(podman inspect -f '{{.OCIRuntime}}' shared)" = "$NAME" ]
    [ "$(podman ps -q --no-trunc --filter name=shared)" = "$(cat "$BASE/shared.id")" ]
    [ "$(tr '\0' ' ' <"/proc/$(pid_of shared)/cmdline")" != '' ]
}

@test "info: name, path and version of the runtime" {
    run podman info --format '{{.Host.OCIRuntime.Name}}|{{.Host.OCIRuntime.Path}}|{{.Host.OCIRuntime.Version}}'
    ends 0
    mentions "$NAME|$RUNTIME|" "$("$RUNTIME" --version | head -n 1)" 'spec: 1.'
}

@test "--runtime: a path" {
    run podman --runtime "$RUNTIME" run --rm $IMAGE echo by path
    says 'by path'
}

@test "--runtime: a symbolic link called runc or crun" {
    local name
    mkdir -p "$BASE/links"
    for name in runc crun; do
        ln -s "$RUNTIME" "$BASE/links/$name"
        run podman --runtime "$BASE/links/$name" run --rm $IMAGE echo "$name"
        says "$name"
        run -127 podman --runtime "$BASE/links/$name" run --rm $IMAGE nowhere
    done
}

@test "--runtime-flag: a flag for the runtime" {
    run podman --runtime-flag debug run --rm $IMAGE echo with debug
    ends 0
    mentions 'with debug'
}

# ---- Exit codes --------------------------------------------------------------------------------

@test "125: podman cannot" {
    run podman run --rm --no-such-option $IMAGE true
    ends 125
    run podman run --rm --network container:nobody $IMAGE true
    ends 125
}

@test "126: a directory, a file that is no program" {
    run podman run --rm $IMAGE /etc
    ends 126
    [[ "$output" =~ 'permission denied'|'is a directory' ]]
    run podman run --rm $IMAGE /etc/passwd
    ends 126
    mentions 'permission denied'
}

@test "127: no such program, by name and by path, in the background" {
    run -127 podman run --rm $IMAGE nowhere
    mentions nowhere 'executable file not found in $PATH'
    run -127 podman run --rm $IMAGE /no/where
    mentions /no/where 'no such file or directory'
    run -127 podman run -d --name missing $IMAGE nowhere
    mentions 'executable file not found'
    gone missing
}

@test "137, 143: killed by a signal" {
    inside --init -- 'kill -KILL $$'
    ends 137
    inside --init -- 'kill -TERM $$'
    ends 143
}

# ---- stop, kill, restart -----------------------------------------------------------------------

@test "stop: the program's answer to SIGTERM" {
    podman run -d --name polite $IMAGE sh -c 'trap "echo bye; exit 9" TERM; echo ready; while :; do sleep 0.1; done' >/dev/null
    wait_until 60 logged polite ready
    podman stop -t 60 polite
    [ "$(podman inspect -f '{{.State.ExitCode}}' polite)" = 9 ]
    logged polite bye
    gone polite
}

@test "stop --time 0: 137; --stop-signal" {
    podman run -d --name deaf $IMAGE sleep 1000 >/dev/null
    podman stop -t 0 deaf
    [ "$(podman inspect -f '{{.State.ExitCode}}' deaf)" = 137 ]
    podman run -d --name quit --stop-signal QUIT $IMAGE sh -c 'trap "exit 8" QUIT; echo ready; while :; do sleep 0.1; done' >/dev/null
    wait_until 60 logged quit ready
    podman stop -t 60 quit
    [ "$(podman inspect -f '{{.State.ExitCode}}' quit)" = 8 ]
    gone deaf quit
}

@test "kill: signals by name and number" {
    podman run -d --name target $IMAGE sh -c 'trap "echo usr1" USR1; trap "echo usr2" 12; echo ready; while :; do sleep 0.1; done' >/dev/null
    wait_until 60 logged target ready
    podman kill -s USR1 target
    wait_until 60 logged target usr1
    podman kill -s 12 target
    wait_until 60 logged target usr2
    podman kill target
    [ "$(podman wait target)" = 137 ]
    run podman kill target
    [ "$status" -ne 0 ]
    gone target
}

@test "restart: another process, the same container" {
    local before
    box again
    before=$(pid_of again)
    podman restart -t 60 again
    is again running
    [ "$(pid_of again)" != "$before" ]
    [ ! -e "/proc/$before" ]
    gone again
}

@test "pause, unpause" {
    needs_cgroups
    box still
    podman pause still
    is still paused
    run podman exec still true
    [ "$status" -ne 0 ]
    podman unpause still
    run podman exec still echo moves
    says moves
    gone still
}

@test "rm -f: of a running and of a paused container" {
    box first
    box second
    ! own_cgroups || podman pause second
    gone first second
    run podman ps -a -q --filter name=first --filter name=second
    says ''
}

@test "commit, cp, diff: on a running container" {
    box workshop
    podman exec workshop touch /made
    podman cp workshop:/made "$HOME/copied"
    [ -e "$HOME/copied" ]
    run podman diff workshop
    mentions 'A /made'
    podman commit -q workshop localhost/changed >/dev/null
    run podman run --rm localhost/changed ls /made
    says /made
    gone workshop
    podman rmi -f localhost/changed >/dev/null
}

@test "ten at once" {
    local i pids=()
    for i in {0..9}; do
        podman run --rm $IMAGE sh -c "exit 2$i" >"$BASE/crowd.$i" 2>&1 3>&- &
        pids+=($!)
    done
    for i in {0..9}; do
        status=0
        wait "${pids[i]}" || status=$?
        [ "$status" -eq "2$i" ] || { cat "$BASE/crowd.$i"; return 1; }
    done
}

@test "events: create, start, died with its exit code" {
    local since
    since=$(date +%s)
    podman run --name marked $IMAGE sh -c 'exit 7' || true
    wait_until 60 told 'died 7'
    mentions create init start
    gone marked
}

# told EVENT: of the container called marked, since $since.
told() {
    run podman events --stream=false --since "$since" --filter container=marked --format '{{.Status}} {{.ContainerExitCode}}'
    mentions "$1"
}

@test "top, stats" {
    run podman top shared pid args
    mentions 'sleep 1000'
    needs_cgroups
    run podman stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' shared
    ends 0
    [[ "$output" =~ ^shared\ [1-9] ]]
}

# ---- exec --------------------------------------------------------------------------------------

@test "exec: output and exit code" {
    run --separate-stderr podman exec shared sh -c 'echo out; echo err >&2; exit 3'
    ends 3
    [ "$output" = out ]
    [ "$stderr" = err ]
}

@test "exec -i: standard input" {
    run podman exec -i shared cat <<<hello
    says hello
}

@test "exec -it: a terminal" {
    run terminal podman exec -it shared sh -c "'tty; until stty size | grep 40; do usleep 9999; done; exit 5'"
    ends 5
    mentions /dev/pts/ '40 100'
}

@test "exec -d" {
    podman exec -d shared sh -c 'echo done >/tmp/detached'
    wait_until 60 podman exec shared test -s /tmp/detached
}

@test "exec -u -w -e" {
    run podman exec -u user:staff -w /tmp -e A=b shared sh -c 'id -u; id -g; pwd; echo $A'
    says $'1000\n50\n/tmp\nb'
    run podman exec -u 7 shared id -u
    says 7
}

@test "exec --privileged" {
    local few many
    few=$(podman exec shared awk '/^CapEff/ {print $2}' /proc/self/status)
    many=$(podman exec --privileged shared awk '/^CapEff/ {print $2}' /proc/self/status)
    [ $((16#$many)) -gt $((16#$few)) ]
}

@test "exec --preserve-fds" {
    run podman exec --preserve-fds 1 shared sh -c 'cat <&3' 3< <(echo third)
    says third
}

@test "exec: 125, 126, 127, 137" {
    run podman exec nobody true
    ends 125
    run podman exec shared /etc/passwd
    ends 126
    run -127 podman exec shared nowhere
    run podman exec shared sh -c 'kill -KILL $$'
    ends 137
}

@test "exec: what it leaves running ends with the container" {
    local pid
    box host
    podman exec -d host sleep 4711
    wait_until 60 eval 'podman top host args | grep 4711'
    pid=$(pid_of host)
    gone host
    [ ! -e "/proc/$pid" ]
}

# ---- Health, readiness ---------------------------------------------------------------------------

@test "healthcheck run" {
    podman run -d --name patient --health-cmd 'test ! -e /ill' --health-interval disable $IMAGE sleep 1000 >/dev/null
    podman healthcheck run patient
    podman exec patient touch /ill
    run podman healthcheck run patient
    ends 1
    gone patient
}

@test "--init: orphans are reaped, signals passed on" {
    inside --init -- 'cat /proc/1/comm; (sh -c ": >/tmp/orphan & exit" &); i=0
        until [ -e /tmp/orphan ] && ! grep -q "^State:.Z" /proc/[0-9]*/status 2>/dev/null; do
            [ $((i += 1)) -lt 600 ] || exit 1
            sleep 0.1
        done'
    ends 0
    [ "$output" = podman-init ] || [ "$output" = catatonit ]
}

# notified NAME OPTION…: starts a container with a service manager's socket; what comes is in $BASE/heard.
notified() {
    local socket=$HOME/notify
    rm -f "$socket" "$BASE/heard"
    start_daemon listener perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0) && bind(S, sockaddr_un($ARGV[0])) or die;
        chmod 0777, $ARGV[0];
        while (defined recv(S, $_, 4096, 0)) { open F, ">>", $ARGV[1]; print F "$_\n"; close F }' "$socket" "$BASE/heard"
    wait_until 60 test -w "$socket"
    NOTIFY_SOCKET=$socket podman run -d --name "$1" "${@:2}" >/dev/null
}

@test "--sdnotify=conmon: ready when the container runs" {
    notified service --sdnotify conmon $IMAGE sleep 1000
    wait_until 60 grep -x READY=1 "$BASE/heard"
    grep "^MAINPID=$(podman inspect -f '{{.State.ConmonPid}}' service)\$" "$BASE/heard"
    gone service
    stop_daemon listener
}

@test "--sdnotify=container: ready when the program says so" {
    notified service --sdnotify container -v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro $IMAGE /usr/bin/perl -MSocket -e '
        socket(S, AF_UNIX, SOCK_DGRAM, 0);
        send(S, "READY=1", 0, sockaddr_un($ENV{NOTIFY_SOCKET})) or die; sleep 1000'
    wait_until 60 grep -x READY=1 "$BASE/heard"
    gone service
    stop_daemon listener
}

@test "generate systemd" {
    run podman generate systemd --new shared
    ends 0
    mentions '[Service]' 'Type=notify' 'run' '--sdnotify=conmon'
}

@test "checkpoint without CRIU: refused in one clean sentence, the container runs on" {
    box kept
    run podman container checkpoint kept
    if [ "$status" -eq 0 ]; then
        gone kept
        skip 'CRIU works here'
    fi
    is kept running
    gone kept
}

# ---- Pods --------------------------------------------------------------------------------------

@test "pod: containers share ipc, network and uts; not the file system" {
    podman pod create --name peas --network none --hostname pea >/dev/null
    podman run -d --pod peas --name pea1 $IMAGE sh -c 'ip link set lo mtu 1400; touch /only-here; sleep 1000' >/dev/null
    run podman run --rm --pod peas $IMAGE sh -c 'hostname; test ! -e /only-here'
    says pea
    [ "$(readlink "/proc/$(pid_of pea1)/ns/net")" = "$(readlink "/proc/$(pid_of "$(podman pod inspect -f '{{.InfraContainerID}}' peas)")/ns/net")" ]
    podman pod rm -f -t 0 peas
}

@test "pod --share pid,net: processes see each other" {
    podman pod create --name mix --network none --share pid,net >/dev/null
    podman run -d --pod mix $IMAGE sleep 4242 >/dev/null
    run podman run --rm --pod mix $IMAGE ps
    mentions 'sleep 4242' catatonit
    podman pod rm -f -t 0 mix
}

@test "pod: stop, start, restart, kill, top, ps" {
    podman pod create --name herd --network none >/dev/null
    box one --pod herd
    box two --pod herd
    run podman pod top herd
    mentions 'sleep 1000'
    podman pod stop -t 60 herd
    is one exited
    podman pod start herd
    is two running
    podman pod restart herd
    is two running
    run podman pod ps --format '{{.Name}} {{.Status}} {{.NumberOfContainers}}'
    mentions 'herd Running 3'
    podman pod kill herd
    wait_until 60 is two exited
    podman pod rm -f -t 0 herd
}

@test "pod: pause, unpause" {
    needs_cgroups
    podman pod create --name frozen --network none >/dev/null
    box ice --pod frozen
    podman pod pause frozen
    is ice paused
    podman pod unpause frozen
    is ice running
    podman pod rm -f -t 0 frozen
}

@test "pod --infra-image, --infra-command, --infra=false" {
    podman pod create --name own --network none --infra-image $IMAGE --infra-command 'sleep 1000' >/dev/null
    run podman run --rm --pod own $IMAGE echo peer
    says peer
    podman pod rm -f -t 0 own
    podman pod create --name bare --infra=false >/dev/null
    run podman run --rm --pod bare $IMAGE echo alone
    says alone
    podman pod rm -f -t 0 bare
}

@test "kube play, kube down" {
    cat >"$BASE/kube.yaml" <<EOF
apiVersion: v1
kind: Pod
metadata: {name: kube}
spec:
  restartPolicy: Never
  containers:
  - {name: web, image: $IMAGE, command: [sleep, "1000"], resources: {limits: {memory: 64Mi}}}
EOF
    own_cgroups || sed -i 's/, resources.*/}/' "$BASE/kube.yaml"
    podman play kube --network none "$BASE/kube.yaml"
    is kube-web running
    podman play kube --down "$BASE/kube.yaml"
}
