# shellcheck shell=bash disable=SC2154
# What the tests of podman and buildah share. They work for root and for an ordinary user, with cgroup v1 and v2, with
# systemd or without, and with podman 4.3 and later; the conditions below tell them where they are. With PODMAN_AS=user root
# runs them as an ordinary user, whom as-user makes.
#
# `podman` and `buildah` are in $BASE/bin: they go by a configuration below $BASE. $HOME is the user's, below $BASE.

load engines

# What a file does, unless it has its own.
setup_file() {
    podman_begin
    box shared
}
teardown_file() { podman_end; }
setup() { podman_setup; }

AS=${PODMAN_AS:-root}
[ "$(id -u)" -eq 0 ] || AS=self
# shellcheck disable=SC2034 # by the tests
IMAGE=localhost/box

podman_begin() {
    NO_ROOT_NEEDED=$([ "$AS" != self ] || echo 1) engine_begin
    engine_needs podman conmon buildah catatonit uidmap golang-github-containers-common busybox-static
    engine_ready
    mkdir "$BASE/runtime" "$BASE/bin" "$BASE/home"
    cp "$RUNTIME" "$BASE/runtime/"
    configure
    wrapper podman
    wrapper buildah
    PATH=$BASE/bin:$PATH
    busybox_tar "$BASE/box.tar"
    podman import -q "$BASE/box.tar" "$IMAGE" >"$BASE/import.log" 2>&1 || { cat "$BASE/import.log" >&2; return 1; }
}

# The user is there: as-user makes him; root's podman has no such directory.
engine_ready() {
    [ "$AS" != user ] || as_user chmod 755 "$BASE/user/home"
}

as_user() {
    "$BATS_TEST_DIRNAME/as-user" "$BASE/user" "$@"
}

# What a test's setup does.
podman_setup() {
    PATH=$BASE/bin:$PATH
    RUNTIME=$BASE/runtime/$NAME
    HOME=$BASE/home
    [ "$AS" != user ] || HOME=$BASE/user/home
    cd "$BASE" || return
}

# Everything that this file's podman has made, in one go; teardown_file's.
podman_end() {
    [ -n "${BASE:-}" ] || return 0
    if [ -x "$BASE/bin/podman" ]; then
        podman_setup
        podman pod rm -a -f -t 0 >>"$BASE/end.log" 2>&1 || true
        podman rm -a -f -t 0 >>"$BASE/end.log" 2>&1 || cat "$BASE/end.log" >&2
        # The process that keeps an ordinary user's namespaces.
        rootless && podman unshare true && podman system migrate >>"$BASE/end.log" 2>&1
        remove_parents
    fi
    engine_end "/$(basename "$BASE")(/|\$)"
}

# The cgroups that podman itself keeps: its own, that for containers which name none and, in the hierarchies of v1 that have no
# controller, those of pods.
remove_parents() {
    local base
    base=/$(basename "$BASE")
    cgroups_of "($base|/libpod_parent)(/conmon)?\$|(systemd|unified)$base/[0-9a-f]{64}\$" | sort -r | xargs -r rmdir 2>/dev/null || true
}

configure() {
    local home=$BASE/store
    [ "$AS" != user ] || home=$BASE/user/home/store
    cat >"$BASE/containers.conf" <<EOF
[engine]
runtime = "$NAME"
runtime_supports_json = ["$NAME", "runc", "crun"]
runtime_supports_nocgroup = ["$NAME", "crun"]
cgroup_manager = "$(cgroup_manager)"
tmp_dir = "$home/tmp"
volume_path = "$home/volumes"
lock_type = "file"
events_logger = "file"

[engine.runtimes]
$NAME = ["$BASE/runtime/$NAME"]

[containers]
log_driver = "k8s-file"
netns = "none"
default_ulimits = ["nofile=$(hard_limit -n)", "nproc=$(hard_limit -u)"]

[network]
network_config_dir = "$home/networks"
$(nat_works || echo 'firewall_driver = "none"')
EOF
    cat >"$BASE/storage.conf" <<EOF
[storage]
driver = "vfs"
graphroot = "$home/containers"
runroot = "$home/run"
rootless_storage_path = "$home/containers"
EOF
    cat >"$BASE/registries.conf" <<<'unqualified-search-registries = []'
}

# What netavark's rules need, and the kernel of User-mode Linux has not.
nat_works() {
    modprobe -q -n nft_chain_nat && modprobe -q -n nft_fib
}

# hard_limit OPTION OF ULIMIT: podman's own defaults are more than a root without CAP_SYS_RESOURCE may have.
hard_limit() {
    local limit
    limit=$(ulimit -H "$1")
    [ "$limit" != unlimited ] && [ "$limit" -lt 20000 ] || limit=20000
    echo "$limit:$limit"
}

cgroup_manager() {
    if systemd_here; then echo systemd; else echo cgroupfs; fi
}

systemd_here() {
    [ -d /run/systemd/system ] && { ! rootless || [ -S "${XDG_RUNTIME_DIR:-/nowhere}/bus" ]; }
}

# wrapper PROGRAM: $BASE/bin/PROGRAM. Root's containers get a parent of their own, so that one sees whether cgroups are left.
# What builds images gives its steps a bridge, with rules and forwarding, and keeps a cache in /var/lib: root's does so apart.
wrapper() {
    local prefix=() parent=() apart=()
    [ "$AS" != user ] || prefix=("$BATS_TEST_DIRNAME/as-user" "$BASE/user")
    rootless || apart=("$BATS_TEST_DIRNAME/apart" "$BASE/apart")
    [ "$1" != podman ] || rootless || [ "$(cgroup_manager)" = systemd ] || parent=(--cgroup-parent "/$(basename "$BASE")")
    cat >"$BASE/bin/$1" <<EOF
#!/bin/bash
export CONTAINERS_CONF=$BASE/containers.conf CONTAINERS_STORAGE_CONF=$BASE/storage.conf
export CONTAINERS_REGISTRIES_CONF=$BASE/registries.conf
settings=(\${NOTIFY_SOCKET+NOTIFY_SOCKET="\$NOTIFY_SOCKET"} \${LISTEN_FDS+LISTEN_FDS=\$LISTEN_FDS LISTEN_PID=\$LISTEN_PID}
    CONTAINERS_CONF=\$CONTAINERS_CONF CONTAINERS_STORAGE_CONF=\$CONTAINERS_STORAGE_CONF
    CONTAINERS_REGISTRIES_CONF=\$CONTAINERS_REGISTRIES_CONF)
case \$1 in
run | create) [[ " \$* " == *' --cgroups='* ]] || set -- "\$1" ${parent[*]} "\${@:2}" ;;
esac
case \$1,\$2 in
pod,create) set -- pod create ${parent[*]} "\${@:3}" ;;
esac
case $1,\$1,\$3 in
buildah,* | podman,build,* | podman,*,build | podman,commit,* | podman,import,*) apart=(${apart[*]}) ;;
*) apart=() ;;
esac
exec ${prefix[*]} "\${apart[@]}" env "\${settings[@]}" /usr/bin/$1 "\$@"
EOF
    chmod 755 "$BASE/bin/$1"
}

# ---- Where we are ------------------------------------------------------------------------------

rootless() {
    [ "$AS" != root ]
}

cgroup2() {
    [ -e /sys/fs/cgroup/cgroup.controllers ]
}

# An ordinary user has cgroups with v2 only, and there only those that systemd has given to him.
own_cgroups() {
    ! rootless || { cgroup2 && systemd_here; }
}

needs_cgroups() {
    own_cgroups || skip 'the user has no cgroups of his own'
}

needs_root() {
    ! rootless || skip "needs root: $1"
}

# podman_has COMMAND OPTION
podman_has() {
    podman "$1" --help 2>/dev/null | grep -q -e "$2\b"
}

# directory PATH: a new one that the user owns.
directory() {
    mkdir "$1"
    [ "$AS" != user ] || chown 4711:4711 "$1"
}

# ---- What tests do ------------------------------------------------------------------------------

# inside OPTION… -- SCRIPT: a container with those options runs it.
inside() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    run podman run --rm "${options[@]}" "$IMAGE" sh -c "$2"
}

# terminal COMMAND…: the words of a command line, on a terminal of 40 lines and 100 columns. Its input does not end:
# script(1) may lose the rest of the output when it has.
terminal() {
    [ -e "$BASE/silence" ] || mkfifo "$BASE/silence"
    script -q -e -c "stty rows 40 cols 100; $*" /dev/null 0<>"$BASE/silence" | tr -d '\r'
    return "${PIPESTATUS[0]}"
}

# status_of CONTAINER
status_of() {
    podman inspect -f '{{.State.Status}}' "$1"
}

is() {
    [ "$(status_of "$1" 2>/dev/null)" = "$2" ]
}

pid_of() {
    podman inspect -f '{{.State.Pid}}' "$1"
}

# logged CONTAINER TEXT
logged() {
    podman logs "$1" 2>&1 | grep -q -e "$2"
}

# box NAME OPTION…: a container that sleeps in the background until `gone`; a trap makes it end at once.
box() {
    podman run -d --name "$1" "${@:2}" "$IMAGE" sh -c 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done' >"$BASE/$1.id"
}

gone() {
    podman rm -f -t 0 "$@" >/dev/null
}
