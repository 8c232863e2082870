# shellcheck shell=bash disable=SC2034,SC2154
# For the tests that stop proa half-way. A build with -Dfaults=true stops (SIGSTOP) at the PROA_STOP_AT-th named point of
# what it does. FAULTY is that build.

FAULTY=${FAULTY:-$REPO/build-faults/cli/proa}

needs_stop_points() {
    only_proa 'it has the stop points'
    [ -x "$FAULTY" ] || skip 'needs a build with -Dfaults=true (build-faults)'
}

# in_state PID STATE: as the kernel says it: T is stopped.
in_state() {
    [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat")" = "$2" ]
}

# stopped_at POINT COMMAND…: the command, which has stopped itself there; its pid is in $stopped.
stopped_at() {
    PROA_STOP_AT=$1 "$FAULTY" --root "$STATE" "${@:2}" </dev/null >"$BASE/out" 2>"$BASE/err" 3>&- &
    stopped=$!
    until_true in_state "$stopped" T
}

# kill_at POINT COMMAND… -- THEN…: kills the command there, and runs what comes then. Prints "killed", or "ended STATUS" when
# there is no such point.
kill_at() {
    PROA_STOP_AT=$1 "$HARNESS" kill-at-stop "$FAULTY" --root "$STATE" "${@:2}"
}
