# shellcheck shell=bash disable=SC2154
# What the tests of engines load. Each file starts its engine itself, below a directory of its own, and ends it:
#
#   setup_file() { engine_begin; engine_needs podman conmon; … start_daemon containerd containerd --config … ; }
#   teardown_file() { engine_end; }
#
#   $BASE      the directory of the file, short, since sockets are below it
#   $RUNTIME   the runtime under test, an absolute path; $NAME its name
#
# tests/engines/compare runs such a file with proa and with a control, side by side: so a test says what the user of the
# engine sees, and nothing of the runtime.

source "$BATS_TEST_DIRNAME/../lib/common.bash"
source "$BATS_TEST_DIRNAME/host.bash"
export REPO RUNTIME NAME

engine_begin() {
    [ "$(id -u)" -eq 0 ] || [ -n "${NO_ROOT_NEEDED:-}" ] || skip 'needs root'
    BASE=$(mktemp -d /tmp/proa-engine.XXXXXX)
    chmod 755 "$BASE"
    mkdir "$BASE/daemons"
    mkdir -m 1777 "$BASE/tmp"
    # conmon, ctr and buildah leave files in it when they are killed.
    export BASE TMPDIR=$BASE/tmp
    cgroup_list >"$BASE/cgroups-before"
    host_begin
}

# engine_needs PACKAGE…: installs what is missing. Where that fails, the file is skipped.
engine_needs() {
    "$REPO/tools/install-deps" packages "$@" >"$BASE/install.log" 2>&1 && return
    tail -n 3 "$BASE/install.log" >&2
    skip "cannot install $*"
}

# busybox_root DIRECTORY: a root file system with busybox's applets and an ordinary user.
busybox_root() {
    "$REPO/tools/make-busybox-rootfs" "$1"
}

# busybox_tar FILE: the same as an archive.
busybox_tar() {
    local root
    root=$(mktemp -d "$BASE/root.XXXXXX")
    busybox_root "$root"
    tar -C "$root" --numeric-owner --owner 0 --group 0 -cf "$1" .
    rm -rf "$root"
}

# start_daemon NAME COMMAND…: in the background until stop_daemon or engine_end; its output is in $BASE/NAME.log.
start_daemon() {
    # bats waits for whoever holds descriptor 3.
    setsid "${@:2}" >>"$BASE/$1.log" 2>&1 </dev/null 3>&- &
    echo $! >"$BASE/daemons/$1"
}

# stop_daemon NAME [SIGNAL]: and waits for its end; after a minute it is killed.
stop_daemon() {
    local pid
    pid=$(cat "$BASE/daemons/$1")
    kill -"${2:-TERM}" "$pid" 2>/dev/null || true
    wait_until 60 ended "$pid" || { kill -KILL "$pid"; wait_until 5 ended "$pid"; }
    rm "$BASE/daemons/$1"
}

ended() {
    [ ! -e "/proc/$1" ] || grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null
}

# ---- Conditions -------------------------------------------------------------------------------

# What neither the runtime under test nor the control can do here.
skip_known() {
    skip "fails with every runtime: $1"
}

# ---- Looking --------------------------------------------------------------------------------

# says TEXT: the last `run` ended with 0 and said just this.
says() {
    [ "$status" -eq 0 ] && [ "$output" = "$1" ] && return
    printf 'status %s, said:\n%s\nexpected:\n%s\n' "$status" "$output" "$1"
    return 1
}

# ends STATUS: the last `run` ended with this.
ends() {
    [ "$status" -eq "$1" ] && return
    printf 'status %s, expected %s, said:\n%s\n' "$status" "$1" "$output"
    return 1
}

# mentions TEXT…: each in the output of the last `run`.
mentions() {
    local text
    for text; do
        [[ "$output" == *"$text"* ]] || { printf 'not there: %s, in:\n%s\n' "$text" "$output"; return 1; }
    done
}

cgroup_list() {
    find /sys/fs/cgroup -mindepth 1 -type d 2>/dev/null | sort
}

# ---- The end ---------------------------------------------------------------------------------

# engine_end [CGROUP PATTERN]: stops the daemons and removes $BASE. Fails when a process, a mount or, if a pattern
# (grep -E) says which are the file's, a cgroup is left, and when something of the machine is not as it was.
engine_end() {
    local name failed=0
    [ -n "${BASE:-}" ] || return 0
    for name in "$BASE"/daemons/*; do
        [ -e "$name" ] || continue
        stop_daemon "$(basename "$name")" || failed=1
    done
    wait_until 60 no_process || { echo "left: processes: $(processes)" >&2; processes | xargs -r kill -KILL; failed=1; }
    mounts_below | grep . >&2 && failed=1
    mounts_below | tac | xargs -r -n 1 umount -l
    [ -z "${1:-}" ] || wait_until 60 no_cgroup "$1" || { echo "left: cgroups: $(cgroups_of "$1")" >&2; failed=1; }
    [ -z "${1:-}" ] || cgroups_of "$1" | sort -r | xargs -r rmdir 2>/dev/null || true
    wait_until 60 host_as_it_was || { echo "changed on this machine: $(host_as_it_was)" >&2; failed=1; }
    rm -rf --one-file-system "$BASE"
    return $failed
}

# Those that were started for this file: $BASE is in their arguments.
processes() {
    # The pattern comes as a file, or grep would find itself.
    grep -l -s -F -f <(echo "$BASE/") /proc/[0-9]*/cmdline | cut -d / -f 3
}

no_process() {
    [ -z "$(processes)" ]
}

cgroups_of() {
    cgroup_list | comm -13 "$BASE/cgroups-before" - | grep -E "$1" || true
}

no_cgroup() {
    [ -z "$(cgroups_of "$1")" ]
}
