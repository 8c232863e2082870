load ../lib/helpers
load ../lib/faults

# The systemd driver with a real systemd: the machine's for root, his own for a user who has logged in. For a machine that has
# none: tests/vm/run --systemd [--user tester].

NO_ROOT_NEEDED=1

fit() {
    [ -d /run/systemd/system ] || skip 'needs systemd as process 1'
}

prepare() {
    UNIT=proa-$ID.scope
    SLICE=prt${ID//-/}.slice
    if [ "$(id -u)" -eq 0 ]; then
        manager=(systemctl)
        ROOT=/sys/fs/cgroup
    else
        systemctl --user show -p Version >/dev/null 2>&1 || skip 'needs a systemd of the user'
        manager=(systemctl --user)
        ROOT=/sys/fs/cgroup/user.slice/user-$(id -u).slice/user@$(id -u).service
        namespace user
        config '.linux.uidMappings = [{containerID: 0, hostID: $u, size: 1}]
                | .linux.gidMappings = [{containerID: 0, hostID: $g, size: 1}]
                | .process.user = {uid: 0, gid: 0} | .mounts |= map(.options |= ((. // []) | map(select(test("gid=") | not))))' \
            --argjson u "$(id -u)" --argjson g "$(id -g)"
    fi
    [ -e /sys/fs/cgroup/cgroup.controllers ] || skip 'needs pure cgroup v2'
    CGROUP=$ROOT/$SLICE/$UNIT
    config '.linux.cgroupsPath = $p' --arg p "$SLICE:proa:$ID"
}

teardown() {
    local failed=0
    [ -n "${BASE:-}" ] || return 0
    [ ! -e "$STATE/$ID" ] || as_configured "$STATE/$ID" || failed=1
    [ ! -e "$STATE/$ID" ] || proa delete --force "$ID" || failed=1
    [ -z "${other:-}" ] || "${manager[@]}" stop "$other" 2>/dev/null || true
    if [ -n "${SLICE:-}" ]; then
        equal '' "$("${manager[@]}" list-units --all --no-legend --plain "*$ID*")" || failed=1
        "${manager[@]}" stop "$SLICE" || failed=1
    fi
    nothing_left || failed=1
    rm -rf --one-file-system "$BASE"
    return $failed
}

only_root() {
    [ "$(id -u)" -eq 0 ] || skip 'only root'
}

sd() {
    proa --systemd-cgroup "$@"
}

# A container that waits, in its scope.
start_scope() {
    waiting_program
    sd create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>"$BASE/err" || complain "$(cat "$BASE/err")"
    proa start "$ID"
}

property() {
    "${manager[@]}" show --value -p "$2" "$1"
}

@test "a scope, named after cgroupsPath, with the process in it" {
    start_scope
    status_is running
    equal active "$(property "$UNIT" ActiveState)"
    equal "libcontainer container $ID" "$(property "$UNIT" Description)"
    equal "$SLICE" "$(property "$UNIT" Slice)"
    equal yes "$(property "$UNIT" Delegate)"
    equal no "$(property "$UNIT" DefaultDependencies)"
    equal "${CGROUP#/sys/fs/cgroup}" "$(property "$UNIT" ControlGroup)"
    equal "$(pid_of)" "$(cat "$CGROUP/cgroup.procs")"
    proa kill "$ID" KILL
    wait_end "$(pid_of)" || true
    proa delete --force "$ID"
    [ ! -e "$CGROUP" ]
}

@test "without cgroupsPath: runc-ID.scope in the manager's usual slice" {
    config 'del(.linux.cgroupsPath)'
    start_scope
    local slice=system.slice
    [ "$(id -u)" -eq 0 ] || slice=user.slice
    equal "$slice" "$(property "runc-$ID.scope" Slice)"
    equal "$(pid_of)" "$(cat "$ROOT/$slice/runc-$ID.scope/cgroup.procs")"
}

@test "slices within slices" {
    config '.linux.cgroupsPath = $p' --arg p "${SLICE%.slice}-b-c.slice:proa:$ID"
    start_scope
    equal "$(pid_of)" "$(cat "$ROOT/$SLICE/${SLICE%.slice}-b.slice/${SLICE%.slice}-b-c.slice/$UNIT/cgroup.procs")"
}

@test "the root slice" {
    config '.linux.cgroupsPath = $p' --arg p "-:proa:$ID"
    start_scope
    equal "$(pid_of)" "$(cat "$ROOT/$UNIT/cgroup.procs")"
}

@test "a slice of its own as the unit" {
    only_root
    local name=${SLICE%.slice}-x.slice
    config '.linux.cgroupsPath = $p' --arg p "$SLICE:proa:$name"
    start_scope
    equal active "$(property "$name" ActiveState)"
    equal "$(pid_of)" "$(cat "$ROOT/$SLICE/$name/cgroup.procs")"
    proa delete --force "$ID"
    equal inactive "$(property "$name" ActiveState)"
}

@test "limits: the unit's properties and the files of its cgroup say the same, also after daemon-reload" {
    config '.linux.resources += {memory: {limit: 67108864, reservation: 33554432}, pids: {limit: 17}, cpu: {shares: 512, quota: 12345}}'
    start_scope
    for round in 1 2; do
        equal 67108864 "$(property "$UNIT" MemoryMax)"
        equal 33554432 "$(property "$UNIT" MemoryLow)"
        equal 17 "$(property "$UNIT" TasksMax)"
        equal 59 "$(property "$UNIT" CPUWeight)"
        equal 130ms "$(property "$UNIT" CPUQuotaPerSecUSec)"
        equal 67108864 "$(cat "$CGROUP/memory.max")"
        equal 33554432 "$(cat "$CGROUP/memory.low")"
        equal 17 "$(cat "$CGROUP/pids.max")"
        [ ! -e "$CGROUP/cpu.max" ] || equal '13000 100000 59' "$(cat "$CGROUP/cpu.max" "$CGROUP/cpu.weight" | xargs)"
        "${manager[@]}" daemon-reload
    done
}

@test "update: the unit's properties, its files, and both after daemon-reload" {
    config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 17}}'
    start_scope
    proa update --memory 100663296 --pids-limit 33 "$ID"
    for round in 1 2; do
        equal '100663296 33' "$(cat "$CGROUP/memory.max" "$CGROUP/pids.max" | xargs)"
        equal '100663296 33' "$(property "$UNIT" MemoryMax) $(property "$UNIT" TasksMax)"
        "${manager[@]}" daemon-reload
    done
}

# both_say PROPERTY VALUE FILE VALUE …: the unit's properties and the files of its cgroup, one after the other.
both_say() {
    while [ $# -gt 0 ]; do
        equal "$1=$2" "$1=$(property "$UNIT" "$1")"
        [ ! -e "$CGROUP/$3" ] || equal "$3 $4" "$3 $(cat "$CGROUP/$3")"
        shift 4
    done
}

@test "update: every limit that systemd knows, one after the other, and none of them any more" {
    config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 17}, cpu: {shares: 512, quota: 20000, period: 50000}}'
    start_scope
    proa update --memory-reservation 33554432 "$ID"
    proa update --cpu-quota 12345 "$ID"
    proa update --cpu-share 2048 --pids-limit 21 "$ID"
    proa update --resources - "$ID" <<<'{"unified": {"memory.high": "50331648", "memory.min": "4096"}}'
    for round in 1 2; do
        both_say MemoryMax 67108864 memory.max 67108864 MemoryLow 33554432 memory.low 33554432 \
            MemoryHigh 50331648 memory.high 50331648 MemoryMin 4096 memory.min 4096 TasksMax 21 pids.max 21 \
            CPUWeight 174 cpu.weight 174 CPUQuotaPerSecUSec 250ms cpu.max '12500 50000'
        proa audit "$ID"
        "${manager[@]}" daemon-reload
    done
    proa update --memory -1 --memory-reservation -1 --cpu-quota -1 --pids-limit -1 "$ID"
    for round in 1 2; do
        both_say MemoryMax infinity memory.max max MemoryLow infinity memory.low max TasksMax infinity pids.max max \
            CPUQuotaPerSecUSec infinity cpu.max 'max 100000'
        proa audit "$ID"
        "${manager[@]}" daemon-reload
    done
}

@test "update: what the kernel refuses is in neither place, nor what came before it" {
    config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 17}}'
    start_scope
    run -1 proa update --resources - "$ID" <<<'{"memory": {"limit": 100663296}, "pids": {"limit": 40}, "unified": {"no.such": "1"}}'
    contains "$output" no.such
    for round in 1 2; do
        both_say MemoryMax 67108864 memory.max 67108864 TasksMax 17 pids.max 17
        proa audit "$ID"
        "${manager[@]}" daemon-reload
    done
}

@test "a device program that is lost is noticed, whatever systemd has of its own" {
    only_root
    NO_AUDIT=1
    start_scope
    for round in 1 2; do
        proa audit "$ID"
        systemctl daemon-reload
    done
    python3 "$REPO/tests/lib/device_program.py" detach-unnamed "$CGROUP"
    run -2 proa audit "$ID"
    contains "$output" /linux/resources/devices
    contains "$output" 'not attached'
}

@test "ps, stats, events, kill: as with any other driver" {
    config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 17}}'
    start_scope
    local pid
    pid=$(pid_of)
    equal "[$pid]" "$(proa ps --format json "$ID" | tr -d ' \n')"
    equal '1 17' "$(proa events --stats "$ID" | jq -r '.data.pids | "\(.current) \(.limit)"')"
    equal 67108864 "$(proa events --stats "$ID" | jq .data.memory.usage.limit)"
    proa pause "$ID"
    status_is paused
    "${manager[@]}" daemon-reload
    status_is paused
    proa resume "$ID"
    status_is running
    proa kill "$ID" KILL
    wait_end "$pid" || true
    status_is stopped
    proa delete "$ID"
    equal inactive "$(property "$UNIT" ActiveState)"
}

@test "killed for want of memory: the unit, which has failed, goes with the container" {
    config '.linux.resources += {memory: {limit: 16777216, swap: 16777216}} | .process.oomScoreAdj = 1000'
    args sh -c 'tail -c 64m /dev/zero'
    run sd run --bundle "$BUNDLE" "$ID"
    [ "$status" -ne 0 ]
    equal not-found "$(property "$UNIT" LoadState)"
}

# No unit, not even one that has failed. A scope that its last process has just left is still on its way.
unit_gone() {
    timeout 60 bash -c 'until [ "$("${@:2}" show --value -p LoadState "$1")" = not-found ]; do :; done' bash "$UNIT" "${manager[@]}" ||
        complain "$("${manager[@]}" status --no-pager "$UNIT")"
}

@test "kill at every step of create: no unit, no cgroup, no process" {
    needs_stop_points
    waiting_program
    local n outcome=killed
    for ((n = 1; n < 100; n++)); do
        outcome=$(kill_at "$n" --systemd-cgroup create --bundle "$BUNDLE" "$ID" \
            -- "$RUNTIME" --root "$STATE" delete --force "$ID" </dev/null 2>"$BASE/err") ||
            complain "point $n: $outcome, status $?" "$(cat "$BASE/err")"
        unit_gone || complain "after point $n"
        nothing_remains || complain "after point $n"
        [ "$outcome" = killed ] || break
    done
    equal 'ended 0' "$outcome"
    echo "# $((n - 1)) points" >&3
    [ "$n" -gt 12 ]
}

@test "daemon-reload gives no device and takes none away" {
    only_root
    config '.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11, fileMode: 438},
                              {path: "/dev/notallowed", type: "c", major: 1, minor: 2, fileMode: 438}]
            | .linux.resources.devices = [{allow: false, access: "rwm"},
                                          {allow: true, type: "c", major: 1, minor: 11, access: "rw"}]'
    start_scope
    for round in 1 2; do
        proa exec "$ID" sh -c 'echo test >/dev/kmsg'
        proa exec "$ID" sh -c 'head -c 1 /dev/zero >/dev/null'
        run proa exec "$ID" sh -c 'exec 3</dev/notallowed'
        contains "$output" 'Operation not permitted'
        systemctl daemon-reload
    done
    equal strict "$(property "$UNIT" DevicePolicy)"
    contains "$(property "$UNIT" DeviceAllow)" '/dev/char/1:11 rw'
}

@test "exec: its process is in the scope" {
    start_scope
    run -0 proa exec "$ID" cat /proc/self/cgroup
    [ "$(id -u)" -eq 0 ] || grep -q "$UNIT" "/proc/$(pid_of)/cgroup"
    proa exec --detach --pid-file "$BASE/second" "$ID" sleep 1000
    contains "$(cat "/proc/$(cat "$BASE/second")/cgroup")" "/$SLICE/$UNIT"
}

@test "pause, resume, and delete of a paused container" {
    start_scope
    proa pause "$ID"
    equal 1 "$(cat "$CGROUP/cgroup.freeze")"
    proa resume "$ID"
    proa pause "$ID"
    proa delete --force "$ID"
}

@test "annotations: typed values, seconds; what systemd does not know is refused with its words" {
    config '.annotations = {"org.systemd.property.TimeoutStopSec": "12.5", "org.systemd.property.CollectMode": $mode,
                            "org.systemd.property.TasksMax": "uint64 44"}' --arg mode "'inactive-or-failed'"
    start_scope
    matches "$(property "$UNIT" TimeoutStopUSec)" '^12\.5(00)?(000)?s$'
    equal inactive-or-failed "$(property "$UNIT" CollectMode)"
    equal 44 "$(property "$UNIT" TasksMax)"
    proa delete --force "$ID"
    config '.annotations = {"org.systemd.property.NoSuchThing": "1"}'
    refused NoSuchThing sd run --bundle "$BUNDLE" "$ID"
    [ ! -e "$STATE/$ID" ]
}

@test "a unit in use is refused and left alone" {
    other=$UNIT
    setsid systemd-run ${manager[1]:+--user} --quiet --scope --unit="$UNIT" sleep 1000 3>&- 4>&- &
    timeout 60 sh -c 'until "$@" is-active --quiet '"$UNIT"'; do :; done' sh "${manager[@]}"
    args true
    refused UnitExists sd run --bundle "$BUNDLE" "$ID"
    equal active "$(property "$UNIT" ActiveState)"
    "${manager[@]}" stop "$UNIT"
}

@test "a unit that has failed before is reset" {
    systemd-run ${manager[1]:+--user} --quiet --scope --unit="$UNIT" -p RuntimeMaxSec=1 sleep 1000 || true
    timeout 60 sh -c 'until "$@" is-failed --quiet '"$UNIT"'; do :; done' sh "${manager[@]}"
    args true
    sd run --bundle "$BUNDLE" "$ID"
}

@test "stopped by systemd: the container has ended, and its state can be deleted" {
    start_scope
    local pid
    pid=$(pid_of)
    "${manager[@]}" stop "$UNIT"
    wait_end "$pid" || true
    status_is stopped
    proa delete "$ID"
}

@test "ten at once" {
    args true
    local i pids=()
    for i in 1 2 3 4 5 6 7 8 9 10; do
        config '.linux.cgroupsPath = $p | .root.path = $r' --arg p "$SLICE:proa:$ID-$i" --arg r "$BUNDLE/rootfs"
        mkdir "$BASE/b$i"
        cp "$BUNDLE/config.json" "$BASE/b$i/"
        sd run --bundle "$BASE/b$i" "$ID-$i" 3>&- 4>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
}

@test "no bus: one error, nothing left" {
    args true
    DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere \
        refused 'over D-Bus (unix:path=/nowhere): No such file or directory' sd run --bundle "$BUNDLE" "$ID"
    [ ! -e "$STATE/$ID" ]
}
