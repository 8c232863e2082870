# Pause and resume, and that nothing stays frozen. Runs on v1 and on v2.
load ../lib/helpers
load ../lib/faults

prepare() {
    if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
        v2=1
        base=$(dirname "$(sed -n 's/^0:://p' /proc/self/cgroup)")
        base=/sys/fs/cgroup${base%/}
    else
        v2=
        [ -d /sys/fs/cgroup/freezer ] || skip 'no v1 freezer'
        base=/sys/fs/cgroup/freezer$(own_cgroup freezer)
    fi
    CGROUP=$base/$ID
}

# freeze_cgroup DIR, thaw_cgroup DIR: from outside of the runtime; waits until it is so.
freeze_cgroup() {
    if [ "$v2" ]; then
        echo 1 >"$1/cgroup.freeze"
        until_file 'frozen 1' "$1/cgroup.events"
    else
        echo FROZEN >"$1/freezer.state"
        until_file FROZEN "$1/freezer.state"
    fi
}

thaw_cgroup() {
    if [ "$v2" ]; then echo 0 >"$1/cgroup.freeze"; else echo THAWED >"$1/freezer.state"; fi
}

# until_file LINE FILE
until_file() {
    until_true grep -qx "$1" "$2"
}

is_frozen() {
    if [ "$v2" ]; then grep -qx 'frozen 1' "$1/cgroup.events"; else grep -qx FROZEN "$1/freezer.state"; fi
}

# A program that answers: what is written to `in` comes out of `out`.
answering_program() {
    mkfifo "$BUNDLE/rootfs/in" "$BUNDLE/rootfs/out"
    args sh -c 'while read -r line; do echo "$line" >/out; done </in'
}

@test "pause and resume: the processes stop, and go on" {
    answering_program
    create
    proa start "$ID"
    exec 8<>"$BUNDLE/rootfs/in" 9<>"$BUNDLE/rootfs/out"
    echo one >&8
    read -r -t 60 -u 9 answer
    equal one "$answer"
    proa pause "$ID"
    status_is paused
    is_frozen "$CGROUP"
    contains "$(proa list)" paused
    echo two >&8
    run read -r -t 0.2 -u 9 answer
    [ "$status" -ne 0 ]
    proa resume "$ID"
    status_is running
    read -r -t 60 -u 9 answer
    equal two "$answer"
    exec 8>&- 9>&-
}

@test "pause: a created container does not start until it is resumed" {
    waiting_program
    create
    proa pause "$ID"
    status_is paused
    refused 'cannot start a container in the paused state' proa start "$ID"
    proa resume "$ID"
    status_is created
    proa start "$ID"
    status_is running
}

@test "pause, resume: in the wrong state, and of no container" {
    start_waiting
    refused "container not paused$(head_says ": $ID is running")" proa resume "$ID"
    proa pause "$ID"
    refused 'container not running' proa pause "$ID"
    refused "$([ "$NAME" = runc ] || echo 'that is not stopped: paused')" proa delete "$ID"
    pid=$(pid_of)
    proa kill "$ID" KILL
    proa resume "$ID" 2>/dev/null || true
    wait_end "$pid"
    refused 'container not running' proa pause "$ID"
    refused 'container not paused' proa resume "$ID"
    refused 'does not exist' proa pause "$ID-none"
    refused 'does not exist' proa resume "$ID-none"
}

@test "pause: exec is refused, or waits until the container is resumed" {
    start_waiting
    proa pause "$ID"
    run proa exec "$ID" true
    equal 255 "$status"
    contains "$output" 'cannot exec in a paused container (use --ignore-paused to override)'
    only_proa 'the control is older'
    proa exec --ignore-paused "$ID" echo thawed >"$BASE/out" 3>&- &
    proa resume "$ID"
    wait $!
    equal thawed "$(cat "$BASE/out")"
}

@test "pause: signals come when it is over, SIGKILL at once" {
    mkfifo "$BUNDLE/rootfs/gate" "$BUNDLE/rootfs/ready"
    args sh -c 'trap "exit 5" TERM; echo >/ready; while :; do read x </gate; done'
    create
    proa start "$ID"
    timeout 60 cat "$BUNDLE/rootfs/ready" >/dev/null
    pid=$(pid_of)
    proa pause "$ID"
    proa kill "$ID" TERM
    status_is paused
    proa resume "$ID"
    wait_end "$pid"
    proa delete "$ID"
    rm "$BUNDLE/rootfs/gate"
    start_waiting
    pid=$(pid_of)
    proa pause "$ID"
    proa kill "$ID" KILL
    wait_end "$pid"
    proa delete "$ID"
    nothing_remains
}

@test "pause: a shared pid namespace: all are stopped, all are killed" {
    only_proa 'the control asks for --all'
    no_namespace pid
    mkfifo "$BUNDLE/rootfs/gate" "$BUNDLE/rootfs/ready"
    args sh -c 'cat /gate & cat /gate & echo >/ready; exec cat /gate'
    create
    proa start "$ID"
    timeout 60 cat "$BUNDLE/rootfs/ready" >/dev/null
    mapfile -t pids <"$CGROUP/cgroup.procs"
    equal 3 "${#pids[@]}"
    proa pause "$ID"
    proa kill "$ID" KILL
    for pid in "${pids[@]}"; do wait_end "$pid"; done
    proa delete "$ID"
    nothing_remains
}

@test "pause: delete --force of a paused container, and of one that is created and paused" {
    start_waiting
    proa pause "$ID"
    proa delete --force "$ID"
    nothing_remains
    create
    proa pause "$ID"
    proa delete --force "$ID"
    nothing_remains
}

@test "pause: a container that forks as fast as it can; it can be killed, too" {
    config '.linux.resources.pids.limit = 60'
    args sh -c 'f() { while :; do /bin/true & done; }; f & f & f & while :; do /bin/true; done'
    create
    proa start "$ID"
    for _ in 1 2 3 4 5; do
        proa pause "$ID"
        is_frozen "$CGROUP"
        proa resume "$ID"
    done
    no_namespace pid
    proa delete --force "$ID"
    create
    proa start "$ID"
    proa pause "$ID"
    proa delete --force "$ID"
    nothing_remains
}

@test "a sub-cgroup that the container has frozen keeps nobody from killing or deleting" {
    only_proa 'the control gives up after ten seconds'
    mkfifo "$BUNDLE/rootfs/gate" "$BUNDLE/rootfs/ready"
    for mode in kill delete shared; do
        [ "$mode" != shared ] || no_namespace pid
        args sh -c 'cat /gate & echo $! >/child; echo >/ready; exec cat /gate'
        create
        proa start "$ID"
        timeout 60 cat "$BUNDLE/rootfs/ready" >/dev/null
        mkdir -p "$CGROUP/sub/below"
        child=$(grep -vx "$(pid_of)" "$CGROUP/cgroup.procs")
        echo "$child" >"$CGROUP/sub/below/cgroup.procs"
        freeze_cgroup "$CGROUP/sub"
        status_is running
        pid=$(pid_of)
        case $mode in
            delete) proa delete --force "$ID" ;;
            *) proa kill "$ID" KILL && wait_end "$pid" && wait_end "$child" && proa delete "$ID" ;;
        esac
        nothing_remains
    done
}

@test "below a frozen cgroup: what does not work says so, and soon" {
    only_proa 'the control waits, or says nothing'
    parent=$base/parent-$ID
    mkdir "$parent"
    config '.linux.cgroupsPath = $p' --arg p "${parent#/sys/fs/cgroup}/$ID"
    [ "$v2" ] || config '.linux.cgroupsPath = $p' --arg p "parent-$ID/$ID"
    start_waiting
    pid=$(pid_of)
    freeze_cgroup "$parent"
    if [ "$v2" ]; then
        proa pause "$ID"
    else
        status_is paused
    fi
    refused "parent-$ID above it is frozen" proa resume "$ID"
    if [ "$v2" ]; then
        proa kill "$ID" KILL
    else
        refused "parent-$ID above it is no longer frozen" proa kill "$ID" KILL
        refused "parent-$ID above it is no longer frozen" proa delete --force "$ID"
        thaw_cgroup "$parent"
    fi
    wait_end "$pid"
    proa delete --force "$ID"
    thaw_cgroup "$parent"
    remove_cgroups "parent-$ID"
}

@test "pause and resume at once, many times: neither is left half done" {
    start_waiting
    for _ in 1 2 3 4 5 6; do
        proa pause "$ID" 2>/dev/null &
        proa resume "$ID" 2>/dev/null &
        proa state "$ID" >>"$BASE/states" &
    done
    wait
    lacks "$(cat "$BASE/states")" creating
    [ "$(proa state "$ID" | jq -r .status)" = running ] || proa resume "$ID"
    status_is running
    proa pause "$ID"
    is_frozen "$CGROUP"
}

@test "pause killed on the way: resume mends it, and so does delete" {
    needs_stop_points
    start_waiting
    for n in $(seq 20); do
        outcome=$(kill_at "$n" pause "$ID" -- true)
        case $(proa state "$ID" | jq -r .status) in
            paused) proa resume "$ID" ;;
        esac
        equal hello "$(proa exec "$ID" echo hello)"
        [ "$outcome" = killed ] || break
    done
    equal 'ended 0' "$outcome"
    [ "$n" -gt 2 ]
    equal killed "$(kill_at 2 pause "$ID" -- true)"
    proa delete --force "$ID"
    nothing_remains
}

@test "pause without the right to freeze: a warning says what it may be" {
    only_proa 'in its own words'
    start_waiting
    chmod 444 "$CGROUP/$(if [ "$v2" ]; then echo cgroup.freeze; else echo freezer.state; fi)"
    run --separate-stderr setpriv --bounding-set=-dac_override --inh-caps=-dac_override \
        "$RUNTIME" --root "$STATE" pause "$ID"
    [ "$status" -eq 1 ]
    contains "$stderr" 'pause failure might be caused by lack of full access to cgroups'
    contains "$stderr" 'Permission denied'
    status_is running
}

@test "delete removes what the container has made of its cgroup: deep, many, threaded, with processes in it" {
    only_proa 'the control gives up'
    mkfifo "$BUNDLE/rootfs/gate" "$BUNDLE/rootfs/ready"
    args sh -c 'cat /gate & echo >/ready; exec cat /gate'
    create
    proa start "$ID"
    timeout 60 cat "$BUNDLE/rootfs/ready" >/dev/null
    child=$(grep -vx "$(pid_of)" "$CGROUP/cgroup.procs")
    deep=$CGROUP
    for _ in $(seq 300); do deep+=/d; done
    mkdir -p "$deep"
    (cd "$CGROUP" && seq -f 'n%g' 300 | xargs mkdir)
    echo "$child" >"$CGROUP/d/d/d/cgroup.procs"
    freeze_cgroup "$CGROUP/d/d"
    if [ "$v2" ]; then
        mkdir "$CGROUP/n1/threads"
        echo threaded >"$CGROUP/n1/threads/cgroup.type" || true
    fi
    proa delete --force "$ID"
    nothing_remains
}
