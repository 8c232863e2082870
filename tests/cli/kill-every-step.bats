# At each named point of create, run and exec it is killed; `delete --force` must then remove all there is.
load ../lib/helpers
load ../lib/faults

prepare() {
    needs_stop_points
    waiting_program
}

# kill_and_delete N create|run|exec [option…]: prints "killed", or "ended STATUS" past the last point.
kill_and_delete() {
    local arguments=(--bundle "$BUNDLE" "$ID")
    [ "$2" != exec ] || arguments=("$ID" true)
    kill_at "$@" "${arguments[@]}" -- "$RUNTIME" --root "$STATE" delete --force "$ID"
}

# at_every_point MINIMUM create|run|exec [option…]
at_every_point() {
    local n outcome
    for n in $(seq 1 500); do
        [ "$2" != exec ] || start_waiting
        outcome=$(kill_and_delete "$n" "${@:2}" </dev/null 2>"$BASE/err") ||
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
    timeout 60 cat "$BASE/keeper" >/dev/null
    until_true pgrep -f "^cat $BASE/keeper"
    keeper=$(pgrep -n -f "^cat $BASE/keeper")
    namespace pid "/proc/$keeper/ns/pid"
    at_every_point 10 create
}

@test "kill at every step of create with hooks, a mapped mount and a notify socket" {
    mkdir "$BASE/shared"
    config '.hooks = {createRuntime: [{path: "/bin/true"}], createContainer: [{path: "/bin/true"}],
                      poststop: [{path: "/bin/true"}]}'
    config '.mounts += [{destination: "/shared", type: "bind", source: $s, options: ["bind", "idmap"],
                         uidMappings: [{containerID: 0, hostID: 100000, size: 65536}],
                         gidMappings: [{containerID: 0, hostID: 100000, size: 65536}]}]' --arg s "$BASE/shared"
    NOTIFY_SOCKET=$BASE/manager at_every_point 15 create
}

@test "kill at every step of create with a seccomp listener" {
    mkfifo "$BASE/bound"
    python3 - "$BASE/agent.sock" 3>&- >"$BASE/bound" <<'END' &
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
print("bound", flush=True)
kept = []       # closed before the message is there, the sender would fail
while True:
    kept.append(s.accept())
END
    keeper=$!
    timeout 60 head -n 1 "$BASE/bound" >/dev/null
    config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path,
                              syscalls: [{names: ["mkdirat"], action: "SCMP_ACT_NOTIFY"}]}' --arg path "$BASE/agent.sock"
    at_every_point 12 create
}

@test "kill at every step of exec" {
    at_every_point 6 exec
}

@test "kill at every step of exec with a pid file" {
    at_every_point 6 exec --detach --pid-file "$BASE/pid"
}

@test "kill at every step of exec in a shared pid namespace" {
    no_namespace pid
    at_every_point 6 exec
}

@test "kill at every step of exec in a user namespace" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    at_every_point 6 exec
}
