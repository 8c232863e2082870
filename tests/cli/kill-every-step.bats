load ../lib/helpers

# A build with -Dfaults=true stops (SIGSTOP) at the PROA_STOP_AT-th named point of create. At each
# of them it is killed; `delete --force` must then remove all there is. FAULTY is that build.

FAULTY=${FAULTY:-$REPO/build-faults/cli/proa}

prepare() {
    [ "$NAME" = proa ] || skip 'only proa has the stop points'
    [ -x "$FAULTY" ] || skip 'needs a build with -Dfaults=true (build-faults)'
    waiting_program
}

# kill_at N create|run [option…]: prints "killed", or "ended STATUS" past the last point.
kill_at() {
    PROA_STOP_AT=$1 "$HARNESS" kill-at-stop "$FAULTY" --root "$STATE" "${@:2}" --bundle "$BUNDLE" "$ID" \
        -- "$RUNTIME" --root "$STATE" delete --force "$ID"
}

# at_every_point MINIMUM create|run [option…]
at_every_point() {
    local n outcome
    for n in $(seq 1 500); do
        outcome=$(kill_at "$n" "${@:2}" </dev/null 2>"$BASE/err") ||
            complain "point $n: $outcome, status $?" "$(cat "$BASE/err")"
        nothing_remains || complain "after point $n"
        if [ "$outcome" != killed ]; then
            equal 'ended 0' "$outcome"
            echo "# $((n - 1)) points" >&3
            [ "$n" -gt "$1" ] || complain "only $((n - 1)) points: is $FAULTY built with -Dfaults=true?"
            return
        fi
    done
    complain 'no end of the points'
}

@test "kill at every step of create: delete --force removes all" {
    at_every_point 10 create
}

@test "kill at every step of create with a pid file" {
    at_every_point 10 create --pid-file "$BASE/pid"
}

@test "kill at every step of create in a user namespace" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    at_every_point 10 create
}

@test "kill at every step of create with a joined pid namespace" {
    mkfifo "$BASE/keeper"
    unshare --pid --fork sh -c 'echo up >"$1/keeper"; exec cat "$1/keeper"' sh "$BASE" 3>&- &
    timeout 10 cat "$BASE/keeper" >/dev/null
    keeper=$(pgrep -n -f "^cat $BASE/keeper")
    namespace pid "/proc/$keeper/ns/pid"
    at_every_point 10 create
}
