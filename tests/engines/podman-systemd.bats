# podman where systemd is process 1: scopes and slices, limits, units, timers. As root with the machine's manager, or as a
# user who has logged in, with his own. For a machine that has it: tests/vm/run --engines --systemd [--user tester].
#
# What systemd itself starts finds podman's configuration in the manager's environment, so two of these files cannot run at
# the same time.

load podman

setup_file() {
    ! systemd_here || begin
}

begin() {
    # Pods and networks of root have these whatever the configuration says.
    rootless || mkdir -p /run/netns /var/lib/containers/cache
    podman_begin
    manager set-environment "CONTAINERS_CONF=$BASE/containers.conf" "CONTAINERS_STORAGE_CONF=$BASE/storage.conf"
    notifier
}

setup() {
    systemd_here || skip 'needs systemd as process 1, and as the manager of the user'
    podman_setup
    UNIT=t$BATS_TEST_NUMBER-${BASE##*.}
    if rootless; then
        UNITS=$XDG_RUNTIME_DIR/systemd/user QUADLETS=$XDG_RUNTIME_DIR/containers/systemd
    else
        UNITS=/run/systemd/system QUADLETS=/run/containers/systemd
    fi
    mkdir -p "$UNITS" "$QUADLETS"
}

teardown() {
    [ -n "${UNIT:-}" ] || return 0
    if [ -n "$(find "$UNITS" "$QUADLETS" -name "$UNIT*")" ]; then
        manager stop "$UNIT.service" 2>/dev/null || true
        rm -f "$UNITS/$UNIT"* "$QUADLETS/$UNIT"*
        manager daemon-reload
        manager reset-failed "$UNIT.service" 2>/dev/null || true
    fi
    podman ps -a -q | xargs -r podman rm -f -t 0 >/dev/null
    # Nothing of podman's is left at systemd: no scope, no timer.
    wait_until 60 no_units || { manager list-units --all --plain --no-legend "$(units)"; return 1; }
}

teardown_file() {
    ! systemd_here || end
}

end() {
    manager unset-environment CONTAINERS_CONF CONTAINERS_STORAGE_CONF
    podman_end
}

manager() {
    local user=()
    ! rootless || user=(--user)
    timeout 200 systemctl "${user[@]}" "$@"
}

# Scopes of containers, not those that podman keeps for itself and its pods.
units() {
    manager list-units --all --plain --no-legend 'libpod-*.scope' '*healthcheck*' '*.timer' |
        awk '{ print $1 }' | grep -E '^(libpod-[0-9a-f]{64}|[0-9a-f]{64})' || true
}

no_units() {
    [ -z "$(units)" ]
}

# property UNIT NAME
property() {
    manager show --value -p "$2" "$1"
}

equal() {
    [ "$1" = "$2" ] || { printf 'expected: %s\ngot:      %s\n' "$1" "$2"; return 1; }
}

id_of() {
    podman inspect -f '{{.Id}}' "$1"
}

scope_of() {
    echo "libpod-$(id_of "$1").scope"
}

# of_cgroup CONTAINER FILE: as the container sees it.
of_cgroup() {
    podman exec "$1" cat "/sys/fs/cgroup/$2"
}

# unit FILE, with the text on stdin.
unit() {
    cat >"$1"
    manager daemon-reload
}

active() {
    [ "$(property "$1" ActiveState)" = active ]
}

inactive() {
    [[ $(property "$1" ActiveState) == @(inactive|failed) ]]
}

no_container() {
    ! podman container exists "$1"
}

# A program for containers: sends each argument to the service manager, then waits for SIGTERM.
notifier() {
    cat >"$BASE/notifier.c" <<'EOF'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (getenv("NOTIFY_SOCKET"))
        strncpy(address.sun_path, getenv("NOTIFY_SOCKET"), sizeof(address.sun_path) - 1);
    for (int i = 1; i < argc; i++)
        if (sendto(fd, argv[i], strlen(argv[i]), 0, (struct sockaddr *)&address, sizeof(address)) < 0)
            return perror("sendto"), 1;
    execl("/bin/sh", "sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1000 & wait $!; done", NULL);
    return 1;
}
EOF
    gcc -static -O -o "$BASE/notifier" "$BASE/notifier.c"
}

# ---- Scopes and limits ---------------------------------------------------------------------------

@test "a container has a scope of its name, with its process in it" {
    local scope pid
    box c
    scope=$(scope_of c)
    pid=$(pid_of c)
    equal active "$(property "$scope" ActiveState)"
    [[ $(cat "/proc/$pid/cgroup") == "0::$(property "$scope" ControlGroup)"* ]]
    rootless || equal machine.slice "$(property "$scope" Slice)"
    ! rootless || equal user.slice "$(property "$scope" Slice)"
    podman stop -t 5 c
    inactive "$scope"
    [ ! -e "/proc/$pid" ]
}

@test "--cgroup-parent: another slice" {
    box c --cgroup-parent "${UNIT//-/}.slice"
    equal "${UNIT//-/}.slice" "$(property "$(scope_of c)" Slice)"
    gone c
    manager stop "${UNIT//-/}.slice"
}

@test "--memory, --cpus, --pids-limit: in the cgroup's files and in systemd's properties" {
    local scope
    box c --memory 64m --memory-reservation 32m --memory-swap 96m --cpus 0.5 --pids-limit 50
    scope=$(scope_of c)
    equal 67108864 "$(of_cgroup c memory.max)"
    equal 33554432 "$(of_cgroup c memory.low)"
    equal '50000 100000' "$(of_cgroup c cpu.max)"
    equal 50 "$(of_cgroup c pids.max)"
    equal 67108864 "$(property "$scope" MemoryMax)"
    equal 33554432 "$(property "$scope" MemoryLow)"
    equal 500ms "$(property "$scope" CPUQuotaPerSecUSec)"
    equal 50 "$(property "$scope" TasksMax)"
}

@test "limits outlast a daemon-reload" {
    box c --memory 64m --cpus 0.5 --pids-limit 50 --cpu-shares 512
    local weight
    weight=$(of_cgroup c cpu.weight)
    manager daemon-reload
    equal 67108864 "$(of_cgroup c memory.max)"
    equal '50000 100000' "$(of_cgroup c cpu.max)"
    equal 50 "$(of_cgroup c pids.max)"
    equal "$weight" "$(of_cgroup c cpu.weight)"
}

@test "update: a running container's limits, in files and properties" {
    local scope
    box c --memory 64m --pids-limit 50
    scope=$(scope_of c)
    podman update --memory 48m --cpus 0.25 --pids-limit 60 c
    equal 50331648 "$(of_cgroup c memory.max)"
    equal '25000 100000' "$(of_cgroup c cpu.max)"
    equal 60 "$(of_cgroup c pids.max)"
    equal 50331648 "$(property "$scope" MemoryMax)"
    equal 250ms "$(property "$scope" CPUQuotaPerSecUSec)"
    equal 60 "$(property "$scope" TasksMax)"
    manager daemon-reload
    equal 50331648 "$(of_cgroup c memory.max)"
    podman restart -t 1 c
    equal 50331648 "$(of_cgroup c memory.max)"
}

@test "stats: the limit, the processes" {
    box c --memory 64m
    run podman stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.PIDs}}' c
    ends 0
    mentions 'c ' '67.11MB' ' 2'
}

@test "a container without limits" {
    box c --pids-limit -1
    equal max "$(of_cgroup c memory.max)"
    equal max "$(of_cgroup c pids.max)"
    equal infinity "$(property "$(scope_of c)" MemoryMax)"
}

@test "exec: in the container's scope, within its limits" {
    box c --memory 64m
    run podman exec c cat /proc/self/cgroup
    mentions "0::/"
    podman exec -d c sleep 543
    wait_until 60 host_pid c 'sleep 543'
    [[ $(cat "/proc/$(host_pid c 'sleep 543')/cgroup") == *"/$(scope_of c)"* ]]
    run podman exec c sh -c 'tail /dev/zero; echo $?'
    mentions 137
    run podman exec c tail /dev/zero
    ends 137
    is c running
}

# host_pid CONTAINER COMMAND
host_pid() {
    podman top "$1" hpid args | awk -v text="$2" 'index($0, text) { print $1; found = 1 } END { exit !found }'
}

# The scope goes with its last process, often before conmon has read of the kill, with any runtime: one process keeps it.
@test "OOM: told by inspect, exit status 137" {
    run podman run --name c --pid host --memory 32m --memory-swap 32m "$IMAGE" \
        sh -c 'sleep 1000 </dev/null >/dev/null 2>&1 & exec tail /dev/zero'
    ends 137
    run podman inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' c
    says 'true 137'
}

@test "pause and unpause: the scope is frozen and thaws" {
    box c
    podman pause c
    is c paused
    grep -q 'frozen 1' "/sys/fs/cgroup$(cut -d : -f 3 "/proc/$(pid_of c)/cgroup")/cgroup.events"
    podman unpause c
    is c running
    podman exec c true
}

@test "stop -t: SIGKILL in the end" {
    podman run -d --name c "$IMAGE" sh -c 'trap "" TERM; while :; do sleep 1; done'
    podman stop -t 1 c
    equal 137 "$(podman inspect -f '{{.State.ExitCode}}' c)"
}

@test "restart policies" {
    podman run -d --name c --restart on-failure:2 "$IMAGE" sh -c 'exit 3'
    wait_until 60 restarted c 2
    wait_until 60 is c exited
    equal 3 "$(podman inspect -f '{{.State.ExitCode}}' c)"
    box d --restart always
    local pid
    pid=$(pid_of d)
    kill -KILL "$pid" 2>/dev/null || podman unshare kill -KILL "$pid"
    wait_until 60 another_pid d "$pid"
    is d running
}

restarted() {
    [ "$(podman inspect -f '{{.RestartCount}}' "$1")" = "$2" ]
}

another_pid() {
    is "$1" running && [ "$(pid_of "$1")" != "$2" ]
}

@test "--cgroups=disabled: no scope, in the caller's cgroup" {
    podman run -d --name c --cgroups=disabled "$IMAGE" sleep 1000
    no_units
    equal "$(cat /proc/self/cgroup)" "$(cat "/proc/$(pid_of c)/cgroup")"
}

@test "--rm: nothing is left after the end" {
    local id
    id=$(podman run -d --rm "$IMAGE" true)
    wait_until 60 no_container "$id"
    wait_until 60 no_units
}

@test "logs by way of the journal" {
    [ "$(podman info -f '{{.Host.LogDriver}}')" ] && journalctl -n 1 >/dev/null 2>&1 || skip 'the journal cannot be read here'
    podman run --name c --log-driver journald "$IMAGE" echo "hello $UNIT"
    wait_until 60 logged c "hello $UNIT"
}

# ---- Timers, units, readiness --------------------------------------------------------------------

healthy() {
    [ "$(podman inspect -f '{{.State.Health.Status}}' "$1")" = "$2" ]
}

@test "healthcheck: a timer runs it" {
    box c --health-cmd 'test ! -e /tmp/sick' --health-interval 1s --health-retries 1
    wait_until 60 healthy c healthy
    manager list-timers --all --no-legend | grep -q "$(id_of c)"
    podman exec c touch /tmp/sick
    wait_until 60 healthy c unhealthy
    run podman healthcheck run c
    ends 1
    gone c
}

@test "healthcheck: --health-on-failure=kill" {
    box c --health-cmd false --health-interval 1s --health-retries 1 --health-on-failure kill
    wait_until 90 is c exited
}

@test "generate systemd --new: started, stopped, killed" {
    podman create --name "$UNIT" --memory 64m "$IMAGE" sh -c 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done'
    podman generate systemd --new --name "$UNIT" 2>/dev/null | unit "$UNITS/$UNIT.service"
    podman rm "$UNIT"
    manager start "$UNIT.service"
    active "$UNIT.service"
    is "$UNIT" running
    equal 67108864 "$(of_cgroup "$UNIT" memory.max)"
    main_process conmon
    manager stop "$UNIT.service"
    equal inactive "$(property "$UNIT.service" ActiveState)"
    no_container "$UNIT"
}

@test "generate systemd: a container that exists" {
    podman create --name "$UNIT" "$IMAGE" sleep 1000
    podman generate systemd -t 1 --name "$UNIT" 2>/dev/null | unit "$UNITS/$UNIT.service"
    manager start "$UNIT.service"
    is "$UNIT" running
    manager restart "$UNIT.service"
    is "$UNIT" running
    manager stop "$UNIT.service"
    wait_until 60 is "$UNIT" exited
}

# quadlet LINE…: a container's unit; these go into its section [Container]. It does not wait until the network is up: nobody
# here says so.
quadlet() {
    printf '%s\n' '[Quadlet]' DefaultDependencies=false '[Container]' "Image=$IMAGE" "ContainerName=$UNIT" "$@" | unit "$QUADLETS/$UNIT.container"
}

@test "Quadlet: a container as a service" {
    quadlet Exec=/notifier "Volume=$BASE/notifier:/notifier:ro" 'PodmanArgs=--memory 64m' "GlobalArgs=--runtime $RUNTIME"
    manager start "$UNIT.service"
    active "$UNIT.service"
    is "$UNIT" running
    equal 67108864 "$(of_cgroup "$UNIT" memory.max)"
    [[ $(cat "/proc/$(pid_of "$UNIT")/cgroup") == *"/$UNIT.service/"* ]]
    manager stop "$UNIT.service"
    equal inactive "$(property "$UNIT.service" ActiveState)"
    no_container "$UNIT"
}

@test "Quadlet: it is READY when the container says so" {
    quadlet Notify=true 'Exec=/notifier READY=1' "Volume=$BASE/notifier:/notifier:ro"
    manager start "$UNIT.service"
    active "$UNIT.service"
    main_process conmon
    manager stop "$UNIT.service"
    no_container "$UNIT"
}

@test "Quadlet: a container that never says so is not started" {
    quadlet Notify=true Exec=/notifier "Volume=$BASE/notifier:/notifier:ro" '[Service]' TimeoutStartSec=30
    run ! manager start "$UNIT.service"
    equal failed "$(property "$UNIT.service" ActiveState)"
    equal timeout "$(property "$UNIT.service" Result)"
    wait_until 60 no_container "$UNIT"
}

# systemd kills conmon with it, and podman, which does not learn of the exit status, leaves its removal to the user, with any
# runtime.
@test "Quadlet: a container that neither says so nor heeds SIGTERM is killed" {
    local cgroup
    quadlet Notify=true 'Exec=sleep 1000' '[Service]' TimeoutStartSec=infinity TimeoutStopSec=5
    manager start --no-block "$UNIT.service"
    wait_until 120 main_process conmon
    equal activating "$(property "$UNIT.service" ActiveState)"
    is "$UNIT" running
    cgroup=/sys/fs/cgroup$(property "$UNIT.service" ControlGroup)
    manager stop "$UNIT.service"
    inactive "$UNIT.service"
    [ ! -e "$cgroup" ]
    podman rm -f -i -t 0 "$UNIT"
    no_container "$UNIT"
}

# main_process NAME: of the test's unit.
main_process() {
    equal "$1" "$(cat "/proc/$(property "$UNIT.service" MainPID)/comm")"
}

@test "Quadlet: status and restart of one that fails" {
    quadlet 'Exec=sh -c "exit 7"' '[Service]' Restart=no
    manager start "$UNIT.service" || true
    wait_until 60 inactive "$UNIT.service"
    equal failed "$(property "$UNIT.service" ActiveState)"
    equal 7 "$(property "$UNIT.service" ExecMainStatus)"
}

@test "--sdnotify=container: the container's own messages" {
    unit "$UNITS/$UNIT.service" <<EOF
[Service]
Type=notify
NotifyAccess=all
ExecStart=/usr/bin/podman run --rm --name $UNIT --sdnotify=container -v $BASE/notifier:/notifier:ro $IMAGE /notifier "STATUS=all well" READY=1
ExecStop=/usr/bin/podman stop -t 2 $UNIT
EOF
    manager start "$UNIT.service"
    active "$UNIT.service"
    equal 'all well' "$(property "$UNIT.service" StatusText)"
}

@test "socket activation: the container gets the socket" {
    unit "$UNITS/$UNIT.service" <<EOF
[Service]
ExecStart=/usr/bin/podman run --rm --name $UNIT -v $BASE/notifier:/notifier:ro $IMAGE sh -c "echo \$\$LISTEN_FDS \$\$LISTEN_PID; readlink /proc/self/fd/3; exec /notifier"
EOF
    printf '[Socket]\nListenStream=%s\n' "$BASE/activation" | unit "$UNITS/$UNIT.socket"
    manager start "$UNIT.socket"
    manager start "$UNIT.service"
    wait_until 60 logged "$UNIT" socket:
    run podman logs "$UNIT"
    mentions '1 1' socket:
    manager stop "$UNIT.socket" "$UNIT.service"
}

@test "--cgroups=split: below the unit that has started it" {
    unit "$UNITS/$UNIT.service" <<EOF
[Service]
Type=notify
NotifyAccess=all
Delegate=yes
ExecStart=/usr/bin/podman run --rm --name $UNIT --cgroups=split --sdnotify=conmon -d --memory 64m $IMAGE sleep 1000
EOF
    manager start "$UNIT.service"
    [[ $(cat "/proc/$(pid_of "$UNIT")/cgroup") == *"/$UNIT.service/libpod-payload-"* ]]
    equal 67108864 "$(of_cgroup "$UNIT" memory.max)"
    podman stop -t 1 "$UNIT"
}

# ---- systemd in a container ----------------------------------------------------------------------

# An image with systemd and what it needs, out of this machine's own files.
systemd_image() {
    local root=$BASE/systemd units=usr/lib/systemd/system file
    busybox_root "$root"
    rm "$root/usr/bin"
    mkdir -p "$root/usr/lib64" "$root/$units"
    mv "$root/bin" "$root/usr/"
    ln -s usr/bin usr/lib usr/lib64 "$root/"
    for file in /usr/lib/systemd/{systemd,systemd-executor,systemd-shutdown} /usr/bin/systemctl; do
        cp --parents "$file" "$root"
        ldd "$file" | grep -o '/[^ ]*' | xargs -I '{}' cp -L --parents '{}' "$root"
    done
    cp /"$units"/{basic,sysinit,sockets,timers,paths,slices,shutdown,umount,final,halt}.target "/$units/systemd-halt.service" "$root/$units"
    printf '[Unit]\nRequires=basic.target hello.service\nAfter=basic.target hello.service\n' >"$root/$units/default.target"
    printf '[Service]\nType=exec\nExecStart=/bin/sh -c "echo hello >/tmp/hello; exec sleep 1000"\nMemoryMax=32M\nStandardOutput=null\n' \
        >"$root/$units/hello.service"
    echo ID=test >"$root/etc/os-release"
    : >"$root/etc/machine-id"
    tar -C "$root" --numeric-owner --owner 0 --group 0 -c . | podman import -q - localhost/systemd
}

booted() {
    [[ $(podman exec "$1" systemctl is-system-running 2>&1) == running ]]
}

@test "systemd in a container" {
    systemd_image
    podman run -d --name c --systemd=always --memory 256m localhost/systemd /usr/lib/systemd/systemd
    wait_until 120 booted c || { podman logs c; podman exec c systemctl --failed; false; }
    run podman exec c systemctl is-active hello.service
    says active
    run podman exec c cat /tmp/hello
    says hello
    run podman exec c cat /sys/fs/cgroup/system.slice/hello.service/memory.max
    says 33554432
    run podman exec c systemctl show --value -p ControlGroup hello.service
    says /system.slice/hello.service
    podman exec c systemctl restart hello.service
    # SIGRTMIN+3, upon which systemd ends its units and then itself.
    podman stop -t 60 c
    [[ $(podman inspect -f '{{.State.ExitCode}}' c) != 137 ]]
}

# ---- Users ---------------------------------------------------------------------------------------

@test "--userns=keep-id: the user's own ids" {
    rootless || skip 'an ordinary user only'
    run podman run --rm --userns=keep-id "$IMAGE" id -u
    says "$(id -u)"
    echo content >"$BASE/file"
    run podman run --rm --userns=keep-id -v "$BASE:/d" "$IMAGE" stat -c %u /d/file
    says "$(id -u)"
}

@test "--userns=auto" {
    rootless || cat >>"$BASE/storage.conf" <<<$'[storage.options]\nroot-auto-userns-user = "tester"'
    run podman run --rm --userns=auto:size=1000 "$IMAGE" cat /proc/self/uid_map
    ends 0
    mentions ' 1000'
    run podman run --rm --userns=auto:size=1000 "$IMAGE" id -u
    says 0
}

@test "--group-add keep-groups" {
    rootless || skip 'an ordinary user only'
    [ "$(id -G | wc -w)" -gt 1 ] || skip 'the user has but one group'
    run podman run --rm --group-add keep-groups "$IMAGE" id -G
    ends 0
    mentions 65534
}

@test "id-mapped volumes" {
    rootless && skip 'needs root'
    mkdir "$BASE/$UNIT"
    echo content >"$BASE/$UNIT/file"
    run podman run --rm --uidmap 0:100000:65536 --gidmap 0:100000:65536 -v "$BASE/$UNIT:/d:idmap" "$IMAGE" stat -c %u:%g /d/file
    says 0:0
    run podman run --rm --uidmap 0:100000:65536 --gidmap 0:100000:65536 -v "$BASE/$UNIT:/d" "$IMAGE" stat -c %u:%g /d/file
    says 65534:65534
}

@test "a user's containers end with his last session" {
    rootless && skip 'needs root'
    [ -e /etc/pam.d/vm ] && id tester >/dev/null 2>&1 || skip 'needs the user and the PAM service of tests/vm'
    local uid
    uid=$(id -u tester)
    chmod 755 "$BASE" "$BASE/runtime"
    # shellcheck disable=SC2016
    systemd-run --quiet --wait --pipe --collect --uid tester -p PAMName=vm -p UnsetEnvironment='CONTAINERS_CONF CONTAINERS_STORAGE_CONF' \
        -E DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/$uid/bus" -E RUNTIME -E BASE -E IMAGE="$IMAGE" bash -c '
        podman --runtime "$RUNTIME" --storage-driver vfs --log-level error import -q "$BASE/box.tar" "$IMAGE" >/dev/null &&
        podman --runtime "$RUNTIME" --cgroup-manager systemd --storage-driver vfs run -d --rm --network none "$IMAGE" sleep 7654' 3>&-
    pgrep -u "$uid" -f 'sleep 7654'
    loginctl terminate-user tester
    wait_until 120 no_process_of "$uid"
    wait_until 60 inactive "user-$uid.slice"
}

no_process_of() {
    ! pgrep -u "$1"
}

# ---- Pods, networks ------------------------------------------------------------------------------

@test "a pod: its slice, its limit, its containers below it" {
    local slice
    podman pod create --name p --memory 128m
    podman run -d --pod p --name c "$IMAGE" sleep 1000
    slice=$(podman pod inspect -f '{{.CgroupPath}}' p)
    slice=${slice##*/}
    [[ $(property "$(scope_of c)" ControlGroup) == *"/$slice/"* ]]
    equal 134217728 "$(cat "/sys/fs/cgroup$(property "$slice" ControlGroup)/memory.max")"
    podman pod stop -t 1 p
    podman pod start p
    is c running
    podman pod rm -f -t 0 p
    wait_until 60 inactive "$slice"
}

@test "kube play" {
    cat >"$BASE/pod.yaml" <<EOF
apiVersion: v1
kind: Pod
metadata: {name: k}
spec:
  containers:
  - name: one
    image: $IMAGE
    imagePullPolicy: Never
    command: [sh, -c, 'echo from one >/shared/file; exec sleep 1000']
    resources: {limits: {memory: 64Mi, cpu: 500m}}
    volumeMounts: [{name: shared, mountPath: /shared}]
  - name: two
    image: $IMAGE
    imagePullPolicy: Never
    command: [sleep, '1000']
    securityContext: {readOnlyRootFilesystem: true, runAsUser: 1000}
    volumeMounts: [{name: shared, mountPath: /shared}]
  volumes:
  - {name: shared, emptyDir: {}}
EOF
    podman kube play --network none "$BASE/pod.yaml"
    is k-one running
    is k-two running
    equal 67108864 "$(of_cgroup k-one memory.max)"
    equal '50000 100000' "$(of_cgroup k-one cpu.max)"
    wait_until 60 podman exec k-two test -s /shared/file
    run podman exec k-two cat /shared/file
    says 'from one'
    run podman exec k-two id -u
    says 1000
    podman kube down "$BASE/pod.yaml"
    no_container k-one
}

@test "a port of a container, by the default network" {
    local network=pasta
    rootless || network=podman
    rootless || nat_works || skip 'the kernel has no NAT'
    podman run -d --name c --network $network -p 127.0.0.1:8765:80 "$IMAGE" sh -c 'echo hello >/tmp/index.html; exec httpd -f -h /tmp -p 80'
    wait_until 60 fetch 8765
    run fetch 8765
    says hello
    gone c
    ! fetch 8765
}

fetch() {
    busybox wget -q -T 2 -O - "http://127.0.0.1:$1/"
}

@test "a network: containers find each other by name" {
    podman network create "$UNIT"
    podman run -d --name web --network "$UNIT" "$IMAGE" sh -c 'echo hello >/tmp/index.html; exec httpd -f -h /tmp -p 80'
    run podman run --rm --network "$UNIT" "$IMAGE" sh -c 'for i in 1 2 3 4 5; do wget -q -T 2 -O - http://web/ && exit; sleep 1; done; exit 1'
    says hello
    gone web
    podman network rm "$UNIT"
}
