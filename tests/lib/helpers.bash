# What every test file of the command loads. Beside the names of common.bash a test gets:
#
#   $BASE      a directory of its own         $STATE    the runtime's --root, below it
#   $BUNDLE    a bundle with busybox, writable, without a terminal
#   $ID        an ID that no other test uses
#   proa …     the runtime under test, with --root
#
# RUNTIME names another runtime: `RUNTIME=runc bats tests/cli` proves the tests themselves.
# After each test nothing may be left: containers, cgroups, mounts. The teardown checks it.

source "$BATS_TEST_DIRNAME/../lib/common.bash"

setup() {
    # Skips the whole file on an unfit machine, before anything is made.
    if declare -F fit >/dev/null; then fit; fi
    BASE=$(mktemp -d /tmp/proa-test.XXXXXX)
    chmod 755 "$BASE"
    STATE=$BASE/state
    BUNDLE=$BASE/bundle
    ID=t$BATS_TEST_NUMBER-$$
    export BASE STATE BUNDLE ID
    cp -a "$TEMPLATE" "$BUNDLE"
    [ $EUID -eq 0 ] || [ -n "${NO_ROOT_NEEDED:-}" ] || skip 'needs root'
    if declare -F prepare >/dev/null; then prepare; fi
}

teardown() {
    local container failed=0
    [ -n "${BASE:-}" ] || return 0
    for container in "$STATE"/*/; do
        [ -d "$container" ] || continue
        as_configured "$container" || failed=1
        proa delete --force "$(basename "$container")" || failed=1
    done
    nothing_left || failed=1
    # The process that some tests keep in namespaces to be joined.
    [ -z "${keeper:-}" ] || kill -KILL "$keeper" 2>/dev/null || true
    mounts_below | tac | xargs -r -n 1 umount -l
    rm -rf --one-file-system "$BASE"
    return $failed
}

# A test that leaves a container created or running leaves it as it was configured, or has said NO_AUDIT=1.
as_configured() {
    local pid report
    [ "$NAME" = proa ] && [ -n "${BATS_TEST_COMPLETED:-}" ] && [ -z "${NO_AUDIT:-}" ] || return 0
    pid=$(readlink "$1/init" 2>/dev/null) || return 0
    [ -e "/proc/${pid% *}/exe" ] || return 0
    report=$(proa audit "$(basename "$1")") || complain "audit: $report"
}

proa() {
    timeout --foreground -k 5 60 "$RUNTIME" --root "$STATE" "$@"
}

# ---- Conditions -------------------------------------------------------------------------------

# The contract asks for it, and proa refuses it in so many words or does not do it yet.
later() {
    [ "$NAME" != proa ] || skip "proa does not do it yet: $1"
}

# A text of today's contract, which the control words in another way.
head_says() {
    [ "$NAME" != proa ] || echo "$1"
}

only_v1() {
    [ -d /sys/fs/cgroup/pids ] || skip 'needs a cgroup v1 hierarchy'
}

# ---- Configuration ----------------------------------------------------------------------------

# config FILTER [jq options]: edits config.json in place.
config() {
    jq "$1" "$BUNDLE/config.json" "${@:2}" >"$BUNDLE/config.new"
    mv "$BUNDLE/config.new" "$BUNDLE/config.json"
}

# args WORD…: what the container runs.
args() {
    config '.process.args = $ARGS.positional' --args -- "$@"
}

# add_mount DESTINATION TYPE SOURCE [OPTION…]
add_mount() {
    config '.mounts += [{destination: $d, type: $t, source: $s, options: $ARGS.positional}]' \
        --arg d "$1" --arg t "$2" --arg s "$3" --args -- "${@:4}"
}

# namespace TYPE [PATH]: a new one, or the one at PATH.
namespace() {
    config '.linux.namespaces |= map(select(.type != $t))
            + [if $p == "" then {type: $t} else {type: $t, path: $p} end]' --arg t "$1" --arg p "${2:-}"
}

no_namespace() {
    config '.linux.namespaces |= map(select(.type != $t))' --arg t "$1"
}

all_capabilities() {
    config '.process.capabilities |= with_entries(.value = $ARGS.positional)' --args -- "$@"
}

# ---- Running ----------------------------------------------------------------------------------

# inside SCRIPT: runs it with sh in a fresh container; $output is what it printed. Fails unless
# the exit status is 0 and stderr is empty.
inside() {
    args sh -c "$1"
    run --separate-stderr proa run --bundle "$BUNDLE" "$ID"
    ok
    [ -z "$stderr" ] || complain "stderr: $stderr"
}

# A container that is created, or runs `cat` on a fifo until somebody writes to $BUNDLE/rootfs/gate.
create() {
    proa create --bundle "$BUNDLE" "$@" "${CONTAINER:-$ID}" </dev/null >"$BASE/out" 2>"$BASE/err"
}

waiting_program() {
    [ -p "$BUNDLE/rootfs/gate" ] || mkfifo "$BUNDLE/rootfs/gate"
    args sh -c 'exec cat /gate'
}

start_waiting() {
    waiting_program
    create "$@"
    proa start "${CONTAINER:-$ID}"
}

pid_of() {
    proa state "${1:-$ID}" | jq .pid
}

status_is() {
    equal "$1" "$(proa state "${2:-$ID}" | jq -r .status)"
}

wait_end() {
    "$HARNESS" wait "$1"
}

# until_true COMMAND…: within a minute.
until_true() {
    wait_until 60 "$@" || complain "never: $*"
}

# ---- Assertions -------------------------------------------------------------------------------

complain() {
    printf '%s\n' "$@" >&2
    return 1
}

equal() {
    [ "$1" = "$2" ] || complain "expected: $(printf %q "$1")" "  actual: $(printf %q "$2")"
}

contains() {
    [[ $1 == *"$2"* ]] || complain "not found: $2" "in:        $1"
}

lacks() {
    [[ $1 != *"$2"* ]] || complain "found: $2" "in:    $1"
}

matches() {
    [[ $1 =~ $2 ]] || complain "does not match: $2" "text:           $1"
}

ok() {
    [ "$status" -eq 0 ] || complain "exit status $status" "stdout: $output" "stderr: ${stderr:-}"
}

# says TEXT: $output of the last `inside` or `run` is exactly TEXT.
says() {
    equal "$1" "$output"
}

# refused TEXT command…: it fails with status 1 and says TEXT, in one line on stderr.
refused() {
    local text=$1
    shift
    run --separate-stderr "$@"
    [ "$status" -eq 1 ] || complain "exit status $status instead of 1" "stdout: $output" "stderr: $stderr"
    contains "$stderr" "$text"
    [ "${#stderr_lines[@]}" -eq 1 ] || [ "$NAME" != proa ] || complain "more than one line: $stderr"
}

# run_refused TEXT: the bundle as it is cannot be run, and nothing remains of it.
run_refused() {
    refused "$1" "$HARNESS" orphans "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    nothing_remains
}

# A Go-quoted record counts as its text: \" becomes ".
plain() {
    printf '%s' "${1//\\\"/\"}"
}

# ---- What is left -----------------------------------------------------------------------------

cgroups_named() {
    # Elsewhere cgroups come and go while find looks.
    find /sys/fs/cgroup -depth -type d -name "*$1*" 2>/dev/null || true
}

# remove_cgroups NAME: the directories of that name, which a test has made above its container's.
remove_cgroups() {
    # Those of other containers may vanish meanwhile.
    find /sys/fs/cgroup -depth -type d -name "$1" -exec rmdir {} + 2>/dev/null || true
    equal '' "$(find /sys/fs/cgroup -type d -name "$1" 2>/dev/null || true)"
}

nothing_left() {
    local cgroups mounts
    cgroups=$(cgroups_named "$ID")
    mounts=$(mounts_below | grep -vxF "${OWN_MOUNTS:-/}" || true)
    [ -z "$cgroups" ] || complain "cgroups left: $cgroups"
    [ -z "$mounts" ] || complain "mounts left: $mounts"
}

# Nothing of $ID remains: state directory, cgroup, mount.
nothing_remains() {
    [ ! -e "$STATE/$ID" ] || complain "state left: $(ls -A "$STATE/$ID")"
    nothing_left
}

# host_mount: mount(8) below $BASE; the teardown undoes it.
host_mount() {
    mount "$@"
    OWN_MOUNTS+=${OWN_MOUNTS:+$'\n'}${*: -1}
}

# ---- Cgroups ----------------------------------------------------------------------------------

# own_cgroup CONTROLLER: the cgroup of this process, below the hierarchy.
own_cgroup() {
    awk -F : -v c="$1" '{ n = split($2, list, ","); for (i = 1; i <= n; i++) if (list[i] == c) print $3 }' /proc/self/cgroup |
        sed 's:^/$::'
}

# cgroup_file CONTROLLER FILE [PATH]: a file in the cgroup of $ID, or of PATH below the hierarchy.
cgroup_file() {
    echo "/sys/fs/cgroup/$1${3-$(own_cgroup "$1")/$ID}/$2"
}
