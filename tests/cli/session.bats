# As an ordinary user who is logged in: nothing here is done by root. For the machines of tests/vm (user, user-systemd,
# user-bare); with cgroups that are the user's own, or without.
NO_ROOT_NEEDED=yes
load ../lib/helpers

fit() {
    [ "$(id -u)" -ne 0 ] || skip 'needs an ordinary user'
    [ -f /sys/fs/cgroup/cgroup.controllers ] || skip 'needs cgroup v2 alone'
}

prepare() {
    rm "$BUNDLE/config.json"
    proa spec --rootless --bundle "$BUNDLE"
    config '.process.terminal = false | .root.readonly = false | del(.process.rlimits)'
    # A session of systemd is root's; what its user's manager starts is not.
    within=()
    [ ! -S "${XDG_RUNTIME_DIR:-}/systemd/private" ] || within=(systemd-run --user --scope --quiet)
    parent=/sys/fs/cgroup$(dirname "$("${within[@]}" sed -n 's/^0:://p' /proc/self/cgroup)")
}

delegated() {
    [ -w "$parent/cgroup.procs" ] || skip 'no cgroups of the own'
}

mine() {
    timeout --foreground -k 5 60 "${within[@]}" "$RUNTIME" --root "$STATE" "$@"
}

@test "session: a container of a user" {
    args sh -c 'id -u; cat /proc/self/uid_map | tr -s " "'
    run --separate-stderr mine run --bundle "$BUNDLE" "$ID"
    ok
    says "0"$'\n'" 0 $(id -u) 1"
}

@test "session: limits, in a cgroup of the user's own; gone after delete" {
    delegated
    local cgroup
    config '.linux.resources = {pids: {limit: 20}, memory: {limit: 67108864}, cpu: {shares: 512}}'
    waiting_program
    mine create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>"$BASE/err" 3>&- || complain "$(cat "$BASE/err")"
    cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(pid_of)/cgroup")
    equal "$parent/$ID" "$cgroup"
    equal 20 "$(cat "$cgroup/pids.max")"
    equal 67108864 "$(cat "$cgroup/memory.max")"
    [ "$(cat "$cgroup/cpu.weight")" -lt 100 ]
    proa delete --force "$ID"
    nothing_remains
}

@test "session: a limit of processes is felt" {
    delegated
    config '.linux.resources = {pids: {limit: 5}}'
    args sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 60 & done'
    run --separate-stderr mine run --bundle "$BUNDLE" "$ID"
    [ "$status" -ne 0 ]
    contains "$stderr" fork
}

@test "session: exec, and a container that stays when its creator has gone" {
    waiting_program
    mine run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>"$BASE/err" 3>&- || complain "$(cat "$BASE/err")"
    status_is running
    equal 0 "$(mine exec "$ID" id -u)"
    proa kill "$ID" KILL
    proa delete --force "$ID"
    nothing_remains
}

@test "session: without cgroups of the own limits are refused, and a container without limits runs" {
    [ ! -w "$parent/cgroup.procs" ] || skip 'has cgroups of the own'
    args true
    config '.linux.resources = {pids: {limit: 5}}'
    refused cgroup mine run --bundle "$BUNDLE" "$ID"
    [ ! -d "$STATE/$ID" ]
    config 'del(.linux.resources)'
    run --separate-stderr mine run --bundle "$BUNDLE" "$ID"
    ok
}
