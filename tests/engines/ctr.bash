# shellcheck shell=bash
# shellcheck disable=SC2154
# For the tests of containerd through ctr; loaded after `containerd`. A test's container is $ID; $BASE/share is its /share.

ctr_begin() {
    engine_begin
    engine_needs python3-minimal procps
    containerd_begin 'disabled_plugins = ["io.containerd.grpc.v1.cri"]'
    ctr image import "$BASE/image.tar"
    mkdir "$BASE/share"
    recorder
}

setup() {
    ID=t$BATS_TEST_NUMBER
    rm -rf "$BASE"/share/*
    : >"$BASE/calls"
}

teardown() {
    ctr container ls -q | while read -r container; do
        ctr task delete -f "$container" || true
        ctr container rm "$container"
    done
}

# A `runc` in PATH that writes down how it was called and becomes the runtime.
recorder() {
    mkdir "$BASE/bin"
    printf '#!/bin/sh\necho "$@" >>%s/calls\nexec %s "$@"\n' "$BASE" "$RUNTIME" >"$BASE/bin/runc"
    chmod +x "$BASE/bin/runc"
}

# launch [OPTION…] -- COMMAND…
launch() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    ctr run --runc-binary "$RUNTIME" --runc-root "$BASE/runc" --fifo-dir "$BASE/fifo" \
        --mount "type=bind,src=$BASE/share,dst=/share,options=rbind:rw" "${options[@]}" "$IMAGE" "$ID" "${@:2}"
}

# inside [OPTION…] -- COMMAND…: to its end, with its output in $output.
inside() {
    run launch --rm "$@" </dev/null
}

# begin SCRIPT [OPTION…]: in the background; waits until the script has made /share/ready.
begin() {
    launch -d "${@:2}" -- sh -c "$1" </dev/null
    wait_until 60 test -e "$BASE/share/ready"
}

idle() {
    launch -d "$@" -- sleep infinity </dev/null
}

pid_of() {
    ctr task ls | awk -v id="$ID" '$1 == id { print $2 }'
}

# task_is STATUS [ID]
task_is() {
    [ "$(ctr task ls | awk -v id="${2:-$ID}" '$1 == id { print $3 }')" = "$1" ]
}

# ended_with STATUS: the task stops, and that was its status.
ended_with() {
    wait_until 60 task_is STOPPED
    run ctr task delete "$ID"
    mentions "exit code $1"
}

# works_on_terminal COMMAND…: which runs what comes behind it in a container on a terminal; there is input, a new size, Ctrl-C.
works_on_terminal() {
    run python3 "$REPO/tests/lib/console.py" --size 30x100 "$@" \
        sh -c 'tty; trap "exit 5" INT; read -r line; echo "<$line>"; until stty size | grep "40 120"; do sleep 0.05; done
            while :; do sleep 0.05; done' <<'END'
expect /dev/pts/0
send word\r
expect <word>
insist 40 120 40 120
send \x03
eof
END
    ends 5
    mentions '40 120'
}

# nothing_left: neither a state directory of the runtime's nor a cgroup of the container's.
nothing_left() {
    [ -z "$(ls -A "$BASE/runc/$CONTAINERD_NAMESPACE")" ] &&
        [ -z "$(find /sys/fs/cgroup -path "*/$CONTAINERD_NAMESPACE/$ID")" ]
}

# cgroup_value V1CONTROLLER V1FILE V2FILE
cgroup_value() {
    local v1=/sys/fs/cgroup/$1/$CONTAINERD_NAMESPACE/$ID/$2
    if [ -d "/sys/fs/cgroup/$1" ]; then cat "$v1"; else cat "/sys/fs/cgroup/$CONTAINERD_NAMESPACE/$ID/$3"; fi
}
