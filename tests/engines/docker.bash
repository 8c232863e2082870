# shellcheck shell=bash disable=SC2154
# For the tests of docker: containerd and dockerd below $BASE, with the runtime under test as the default one. There is no
# bridge: containers have a loopback, or the host's network. All cgroups are below one of the file's own.

load engines

# docker_begin [jq FILTER]: starts both; the filter changes what daemon.json says. Without its .containerd, dockerd starts one.
docker_begin() {
    engine_begin
    engine_needs docker.io containerd busybox-static jq python3-minimal
    export DOCKER_HOST=unix://$BASE/docker.sock DOCKER_CONFIG=$BASE/client CONSOLE=$REPO/tests/lib/console.py
    export PARENT=${BASE##*/}
    ! by_systemd || PARENT=proa-engine${BASE##*.}.slice
    mkdir "$BASE/bin"
    # BuildKit inside dockerd takes the runc of PATH.
    ln -s "$RUNTIME" "$BASE/bin/runc"
    containerd_config >"$BASE/containerd.toml"
    jq "${1:-.}" <<<"$(daemon_config)" >"$BASE/daemon.json"
    [ "$(jq .containerd "$BASE/daemon.json")" = null ] || start_daemon containerd containerd --config "$BASE/containerd.toml"
    start_dockerd
    busybox_tar "$BASE/busy.tar"
    docker import "$BASE/busy.tar" busy >/dev/null
}

containerd_config() {
    cat <<-END
	version = 2
	root = "$BASE/containerd"
	state = "$BASE/c"
	disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
	[grpc]
	  address = "$BASE/containerd.sock"
	END
}

daemon_config() {
    cat <<-END
	{
	    "runtimes": {"oci": {"path": "$RUNTIME"}},
	    "default-runtime": "oci",
	    "data-root": "$BASE/data",
	    "exec-root": "$BASE/exec",
	    "pidfile": "$BASE/docker.pid",
	    "hosts": ["$DOCKER_HOST"],
	    "containerd": "$BASE/containerd.sock",
	    $(! has_key || echo "\"deprecated-key-path\": \"$BASE/key.json\",")
	    "cgroup-parent": "$(by_systemd || echo /)$PARENT",
	    "storage-driver": "overlay2",
	    "bridge": "none",
	    "iptables": false,
	    "ip-forward": false,
	    "shutdown-timeout": 1
	}
	END
}

# Older ones make themselves a key, in /etc if nothing else is said; newer ones know no such setting.
has_key() {
    grep -q -a deprecated-key-path /usr/sbin/dockerd
}

# What dockerd takes by itself.
by_systemd() {
    [ -d /run/systemd/system ] && cgroup2
}

cgroup2() {
    [ -e /sys/fs/cgroup/cgroup.controllers ]
}

# start_dockerd [OPTION…]: one that was killed leaves its pid file, and may be a zombie for a moment. It has a mount namespace
# of its own where $DOCKERD_SETUP, a script whose $0 is $BASE, is to run before it.
# shellcheck disable=SC2016,SC2120
start_dockerd() {
    local around=()
    [ -z "${DOCKERD_SETUP:-}" ] || around=(unshare --mount sh -c "$DOCKERD_SETUP"' && exec "$@"' "$BASE")
    rm -f "$BASE/docker.pid"
    PATH=$BASE/bin:$PATH start_daemon dockerd "${around[@]}" dockerd --config-file "$BASE/daemon.json" "$@"
    wait_until 60 docker version || { tail -n 5 "$BASE/dockerd.log" >&2; return 1; }
}

docker_end() {
    local failed=0
    docker ps -aq 2>/dev/null | xargs -r timeout 60 /usr/bin/docker rm -f -v >/dev/null || failed=1
    stop_daemon dockerd || failed=1
    [ ! -e "$BASE/daemons/containerd" ] || stop_daemon containerd || failed=1
    # What dockerd leaves with any runtime: its root, once containers have outlived it, the host's network namespace, and
    # cgroups above those of containers.
    mounts_below | grep -x -e "$BASE/data" -e "$BASE/exec/netns/default" | xargs -r -n 1 umount
    ! by_systemd || systemctl stop "$PARENT"
    cgroups_of "$PARENT(/buildkit)?\$" | sort -r | xargs -r rmdir || failed=1
    engine_end "$PARENT" || failed=1
    return $failed
}

# By its path: elsewhere in PATH may be another one. Its descriptors end with it: bats waits for 3. Where
# nothing has turned forwarding on, it warns of that each time.
docker() {
    timeout --foreground 200 /usr/bin/docker "$@" 3>&- 2> >(grep -v '^WARNING: IPv4 forwarding is disabled' 3>&- >&2)
}

# inside SCRIPT [OPTION…]: what the script says in a container of its own.
inside() {
    run docker run --rm "${@:2}" busy sh -c "$1"
}

# box NAME [OPTION…] [-- COMMAND…]: a container in the background, which the test's end removes.
box() {
    local name=$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    if [ $# -gt 0 ]; then shift; else set -- sleep 1000; fi
    boxes+=("$name")
    docker run -d --name "$name" "${options[@]}" busy "$@" >/dev/null
}

teardown() {
    [ -z "${boxes[*]:-}" ] || docker rm -f -v "${boxes[@]}" >/dev/null
}

# the FORMAT NAME: of docker inspect.
the() {
    docker inspect -f "{{$1}}" "$2"
}

is() {
    [ "$(the "$1" "$2")" = "$3" ]
}

# events_mention NAME TEXT…: the daemon has told these of the container.
events_mention() {
    run docker events --since 1h --until "$(date +%s)" --filter "container=$1" \
        --format '{{.Action}} {{.Actor.Attributes.exitCode}}'
    mentions "${@:2}"
}

logs_have() {
    docker logs "$1" | grep -q "$2"
}

# cgroup_of CONTROLLER FILE NAME: the content, seen from the host. v1's names mean v2's files too.
cgroup_of() {
    local id directory
    id=$(the .Id "$3")
    directory=/sys/fs/cgroup/$1/$PARENT/$id
    ! cgroup2 || directory=/sys/fs/cgroup/$PARENT/$id
    ! by_systemd || directory=/sys/fs/cgroup/proa.slice/$PARENT/docker-$id.scope
    cgroup2 || { cat "$directory/$2"; return; }
    case $2 in
    memory.limit_in_bytes) cat "$directory/memory.max" ;;
    memory.soft_limit_in_bytes) cat "$directory/memory.low" ;;
    cpu.cfs_quota_us) cut -d ' ' -f 1 "$directory/cpu.max" ;;
    cpu.cfs_period_us) cut -d ' ' -f 2 "$directory/cpu.max" ;;
    *) cat "$directory/$2" ;;
    esac
}

# on_terminal COMMAND… <script of tests/lib/console.py; $output has no carriage returns.
on_terminal() {
    run timeout 200 python3 "$CONSOLE" "$@" 3>&-
    output=${output//$'\r'/}
}

# dockerd gives a privileged container all that the kernel knows, also where it has less itself.
all_capabilities_here() {
    local all
    all=$(printf '%016x' $(((1 << ($(cat /proc/sys/kernel/cap_last_cap) + 1)) - 1)))
    grep -q "^CapEff:.*$all\$" /proc/self/status
}
