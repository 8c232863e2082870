load ../lib/helpers
load ../lib/faults

# The systemd driver against a service manager that is none: what is asked of it, and what happens when it fails.
# tests/cli/systemd.bats has the real one.

setup_file() {
    export FAKE=$BATS_FILE_TMPDIR/fake_systemd
    # shellcheck disable=SC2046
    gcc -O1 -o "$FAKE" "$BATS_TEST_DIRNAME/../lib/fake_systemd.c" $(pkg-config --cflags --libs libsystemd) || true
}

prepare() {
    only_proa 'a control needs a systemd'
    [ -x "$FAKE" ] || skip 'needs libsystemd-dev'
    [ "$("$RUNTIME" features | jq .linux.cgroup.systemd)" = true ] || skip 'built without libsystemd'
    config '.linux.cgroupsPath = $p' --arg p "prt${ID//-/}.slice:proa:$ID"
    UNIT=proa-$ID.scope
    export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$BASE/bus
}

teardown() {
    local failed=0
    if [ -e "$STATE/$ID" ]; then proa delete --force "$ID" || failed=1; fi
    [ -z "${fake:-}" ] || kill "$fake"
    # The slice would be systemd's to remove.
    cgroups_named "prt${ID//-/}.slice" | xargs -r rmdir || failed=1
    nothing_left || failed=1
    rm -rf --one-file-system "$BASE"
    return $failed
}

# fake_systemd MODE: from now on it is there.
fake_systemd() {
    mkfifo "$BASE/ready"
    "$FAKE" "$BASE/bus" "$BASE/calls" "$1" >"$BASE/ready" 3>&- 4>&- &
    fake=$!
    timeout 60 cat "$BASE/ready" >/dev/null
}

create_refused() {
    run -1 --separate-stderr proa --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null
    contains "$(plain "$stderr")" "$1"
    [ "${#stderr_lines[@]}" -eq 1 ] || complain "more than one line: $stderr"
    [ ! -e "$STATE/$ID" ] || complain 'state left'
    equal '' "$(cgroups_named "$UNIT")"
}

calls() {
    cut -d ' ' -f 1 "$BASE/calls" | tr '\n' ' '
}

@test "create and delete: one unit started, stopped, reset" {
    fake_systemd fine
    waiting_program
    proa --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null
    contains "$(cat "/proc/$(pid_of)/cgroup")" "/prt${ID//-/}.slice/$UNIT"
    proa start "$ID"
    status_is running
    proa delete --force "$ID"
    equal 'StartTransientUnit StopUnit ResetFailedUnit ' "$(calls)"
}

@test "all properties in the call that starts the unit" {
    fake_systemd fine
    config '.linux.resources += {memory: {limit: 100000000}, pids: {limit: 20}}
            | .annotations = {"org.systemd.property.TimeoutStopSec": "1.5"}'
    args true
    proa --systemd-cgroup run --bundle "$BUNDLE" "$ID"
    run head -n 1 "$BASE/calls"
    for word in "$UNIT replace" 'Description libcontainer container' 'Delegate' 'PIDs' 'DefaultDependencies' 'DevicePolicy strict' \
        'TasksMax' 'TimeoutStopUSec' "Slice prt${ID//-/}.slice"; do
        contains "$output" "$word"
    done
}

@test "what this systemd is too old for is not asked of it" {
    config '.linux.resources.cpu = {quota: 50000}'
    args true
    FAKE_VERSION=v241 fake_systemd fine
    proa --systemd-cgroup run --bundle "$BUNDLE" "$ID"
    run head -n 1 "$BASE/calls"
    contains "$output" CPUQuotaPerSecUSec
    lacks "$output" CPUQuotaPeriodUSec
}

@test "an update tells systemd its limits, and nothing else" {
    fake_systemd fine
    waiting_program
    config '.linux.resources.pids = {limit: 20}'
    proa --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null
    proa update --pids-limit 30 "$ID"
    equal "SetUnitProperties $UNIT TasksMax" "$(tail -n 1 "$BASE/calls")"
    proa delete --force "$ID"
}

@test "an update that systemd refuses changes nothing" {
    fake_systemd fine
    waiting_program
    config '.linux.resources.pids = {limit: 20}'
    proa --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null
    kill "$fake"
    rm "$BASE/ready"
    fake_systemd refuses
    refused 'not for you (org.freedesktop.DBus.Error.AccessDenied)' proa update --pids-limit 30 "$ID"
    equal 20 "$(cat "$(cgroups_named "$UNIT" | grep -m 1 pids)/pids.max")"
    proa delete --force "$ID"
}

@test "a unit that has failed earlier is reset, and started then" {
    fake_systemd exists
    args true
    proa --systemd-cgroup run --bundle "$BUNDLE" "$ID"
    equal 'StartTransientUnit GetUnitByPID ResetFailedUnit StartTransientUnit StopUnit ResetFailedUnit ' "$(calls)"
}

@test "a unit that is in use is not taken, nor stopped" {
    fake_systemd taken
    create_refused 'Unit was already loaded or has a fragment file. (org.freedesktop.systemd1.UnitExists)'
    equal 'StartTransientUnit GetUnitByPID ResetFailedUnit StartTransientUnit ' "$(calls)"
}

@test "systemd refuses" {
    fake_systemd refuses
    create_refused "systemd unit $UNIT: starting the unit: not for you (org.freedesktop.DBus.Error.AccessDenied)"
}

@test "its job fails" {
    fake_systemd failing
    create_refused "its job ended with \"failed\""
}

@test "it hangs up" {
    fake_systemd dies
    create_refused "systemd unit $UNIT: starting the unit: "
}

@test "it hangs up once: start, update and delete are tried again" {
    fake_systemd hiccup
    waiting_program
    config '.linux.resources.pids = {limit: 20}'
    proa --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null
    equal 'StartTransientUnit StartTransientUnit ' "$(calls)"
    : >"$BASE/calls"
    proa update --pids-limit 30 "$ID"
    equal 'SetUnitProperties SetUnitProperties ' "$(calls)"
    : >"$BASE/calls"
    run -0 --separate-stderr proa delete --force "$ID"
    equal '' "$stderr"
    equal 'StopUnit StopUnit ResetFailedUnit ' "$(calls)"
}

@test "the unit's cgroup is not where the plan has it" {
    fake_systemd elsewhere
    create_refused "systemd unit $UNIT: systemd has made it with the cgroup /elsewhere, and not /prt${ID//-/}.slice/$UNIT"
}

@test "there is none" {
    create_refused "cannot connect to the system's systemd over D-Bus (unix:path=$BASE/bus): No such file or directory"
}

@test "no bus at all: the state is deleted all the same, with a warning" {
    fake_systemd fine
    waiting_program
    proa --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null
    kill "$fake"
    fake=
    rm "$BASE/bus"
    run -0 --separate-stderr proa delete --force "$ID"
    contains "$stderr" 'the unit is left to systemd'
}

@test "a cgroup that cannot be filled: the unit is stopped again" {
    fake_systemd fine
    config '.linux.resources.cpu = {cpus: "4000"}'
    create_refused cpuset.cpus
    equal 'StartTransientUnit StopUnit ResetFailedUnit ' "$(calls)"
}

@test "the program cannot be executed: the unit is stopped again" {
    fake_systemd fine
    args /nowhere
    create_refused /nowhere
    equal 'StartTransientUnit StopUnit ResetFailedUnit ' "$(calls)"
}

@test "kill at every step of create: no cgroup in any hierarchy, no process" {
    needs_stop_points
    fake_systemd fine
    waiting_program
    local n outcome=killed
    for ((n = 1; n < 100; n++)); do
        outcome=$(kill_at "$n" --systemd-cgroup create --bundle "$BUNDLE" "$ID" \
            -- "$RUNTIME" --root "$STATE" delete --force "$ID" </dev/null 2>"$BASE/err") ||
            complain "point $n: $outcome, status $?" "$(cat "$BASE/err")"
        nothing_remains || complain "after point $n"
        [ "$outcome" = killed ] || break
    done
    equal 'ended 0' "$outcome"
    [ "$n" -gt 12 ]
}

@test "killed while systemd is at work: delete waits for the unit, and stops it" {
    fake_systemd slow
    mkfifo "$BASE/calls.come" "$BASE/calls.go"
    waiting_program
    "$RUNTIME" --root "$STATE" --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&- 4>&- &
    local creator=$!
    timeout 60 cat "$BASE/calls.come"
    kill -KILL $creator
    wait $creator || true
    run -124 timeout 1 "$RUNTIME" --root "$STATE" delete --force "$ID"
    timeout 60 sh -c ': >"$1"' sh "$BASE/calls.go"
    proa delete --force "$ID"
    equal 'StartTransientUnit started StopUnit ResetFailedUnit ' "$(calls)"
}

# kill_with_member POINT: the creator is killed there, with another process in the container's cgroups that ends a second after.
kill_with_member() {
    local dir
    stopped_at "$1" --systemd-cgroup create --bundle "$BUNDLE" "$ID" 4>&-
    sh -c 'until [ -e "$1" ]; do sleep 0.05; done; exec sleep 1' sh "$BASE/leave" 3>&- 4>&- &
    for dir in $(cgroups_named "$UNIT"); do
        echo $! >"$dir/cgroup.procs"
    done
    kill -KILL "$stopped"
    wait "$stopped" || true
    touch "$BASE/leave"
}

@test "killed before its process is recorded: the unit is stopped though the last one in it has yet to end" {
    needs_stop_points
    fake_systemd fine
    waiting_program
    kill_with_member 6
    equal 'StartTransientUnit ' "$(calls)"
    [ -n "$(cgroups_named "$UNIT")" ]
    run -0 --separate-stderr proa delete --force "$ID"
    equal '' "$stderr"
    equal 'StartTransientUnit StopUnit ResetFailedUnit ' "$(calls)"
}

@test "cgroup-manager: systemd, cgroupfs and disabled; anything else is refused" {
    fake_systemd fine
    args true
    proa --cgroup-manager systemd run --bundle "$BUNDLE" "$ID"
    equal 'StartTransientUnit StopUnit ResetFailedUnit ' "$(calls)"
    config 'del(.linux.cgroupsPath)'
    proa --cgroup-manager=cgroupfs run --bundle "$BUNDLE" "$ID"
    refused 'not cgroupfs, systemd or disabled' proa --cgroup-manager=fs run --bundle "$BUNDLE" "$ID"
}

@test "cgroup-manager=disabled: the container stays where the caller is" {
    config 'del(.linux.cgroupsPath)'
    waiting_program
    proa --cgroup-manager=disabled create --bundle "$BUNDLE" "$ID" </dev/null
    equal "$(cat /proc/self/cgroup)" "$(cat "/proc/$(pid_of)/cgroup")"
    proa exec "$ID" true
    proa start "$ID"
    proa exec --detach "$ID" sleep 1000
    pids=$(proa ps --format json "$ID")
    contains "$pids" "[$(pid_of),"
    equal 2 "$(jq length <<<"$pids")"
    contains "$(proa ps "$ID")" 'sleep 1000'
    proa delete --force "$ID"
    config '.linux.resources.pids = {limit: 5}'
    refused 'cannot be set: the container has no cgroups' proa --cgroup-manager=disabled run --bundle "$BUNDLE" "$ID"
}
