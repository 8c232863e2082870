#!/usr/bin/env bats
# Hooks: config.json's programs at six moments of a container's life. What each of them sees and may do, in which order, and
# what becomes of the container when one fails.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load ../lib/helpers

prepare() {
    LOG=$BASE/log
    export LOG
    # record NAME: what a hook sees of the world.
    cat >"$BASE/record" <<'END'
#!/bin/sh
exec >>"${0%/*}/log.$1"
echo "name=$1"
cat
echo
echo "cwd=$(/bin/busybox pwd)"
for type in mnt pid net user cgroup; do echo "$type=$(/bin/busybox readlink /proc/self/ns/$type)"; done
/bin/busybox ls /proc/self/fd >"${0%/*}/fds.$1"
/bin/busybox env | /bin/busybox sed 's/^/env:/'
/bin/busybox grep -E '^(CapEff|SigBlk|SigIgn|Umask)' /proc/self/status
echo "$1" >>"${0%/*}/order"
END
    chmod 755 "$BASE/record"
}

# hook KIND PATH [ARGUMENT…]: argv[0] is PATH.
hook() {
    config '.hooks[$k] += [{path: $p, args: ([$p] + $ARGS.positional)}]' --arg k "$1" --arg p "$2" --args -- "${@:3}"
}

# sh_hook KIND SCRIPT [MORE]: a shell; MORE is jq for further members, as {timeout: 1}.
sh_hook() {
    config ".hooks[\$k] += [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \$s]} + ${3:-{\}}]" --arg k "$1" --arg s "$2"
}

record() {
    hook "$1" "$BASE/record" "$1"
}

# of KIND NAME: what the hook of that kind has recorded.
of() {
    sed -n "s/^$2=//p" "$BASE/log.$1"
}

state_of() {
    sed -n 2p "$BASE/log.$1"
}

run_it() {
    run --separate-stderr proa run --bundle "$BUNDLE" "$ID"
}

# fails TEXT: the container cannot be run because of a hook, and nothing remains.
fails() {
    run_refused "$1"
}

# ---- What they see ----------------------------------------------------------------------------

@test "hooks: all six in the order of the container's life" {
    for kind in prestart createRuntime createContainer poststart poststop; do record "$kind"; done
    touch "$BASE/order"
    add_mount /order bind "$BASE/order" bind
    sh_hook startContainer 'echo startContainer >>/order'
    args sh -c 'echo program >>/order'
    proa create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>"$BASE/err"
    equal $'prestart\ncreateRuntime\ncreateContainer' "$(cat "$BASE/order")"
    proa start "$ID"
    wait_end "$(pid_of)" || true
    proa delete "$ID" || proa delete --force "$ID"
    # The program and poststart run at the same time.
    equal $'prestart\ncreateRuntime\ncreateContainer\nstartContainer\npoststart\npoststop' "$(grep -v program "$BASE/order")"
    contains "$(cat "$BASE/order")" program
    [ "$(grep -n startContainer "$BASE/order" | cut -d: -f1)" -lt "$(grep -n program "$BASE/order" | cut -d: -f1)" ]
}

@test "hooks: the state on standard input" {
    config '.annotations = {"k": "v \" ü"}'
    for kind in prestart createRuntime createContainer poststart poststop; do record "$kind"; done
    sh_hook startContainer 'cat >/state'
    args sleep 100
    create
    pid=$(pid_of)
    proa start "$ID"
    proa delete --force "$ID"
    for kind in prestart createRuntime createContainer poststart poststop; do
        equal "$ID $BUNDLE v \" ü" "$(state_of "$kind" | jq -r '"\(.id) \(.bundle) \(.annotations.k)"')"
        [ "$NAME" != proa ] || equal "$(proa --version | sed -n 's/spec: //p')" "$(state_of "$kind" | jq -r .ociVersion)"
    done
    for kind in prestart createRuntime; do
        equal "creating $pid" "$(state_of "$kind" | jq -r '"\(.status) \(.pid)"')"
    done
    # runc gives the process's own view of its pid inside.
    equal "creating 1" "$(state_of createContainer | jq -r '"\(.status) \(.pid)"')"
    equal "created 1" "$(jq -r '"\(.status) \(.pid)"' "$BUNDLE/rootfs/state")"
    equal "running $pid" "$(state_of poststart | jq -r '"\(.status) \(.pid)"')"
    equal "stopped null" "$(state_of poststop | jq -r '"\(.status) \(.pid)"')"
}

@test "hooks: namespaces and working directory" {
    for kind in prestart createRuntime createContainer poststart poststop; do record "$kind"; done
    sh_hook startContainer 'for t in mnt pid net; do readlink /proc/self/ns/$t; done >/ns; pwd >/cwd'
    config '.process.cwd = "/tmp/deep"'
    args sh -c 'for t in mnt pid net; do readlink /proc/self/ns/$t; done >/own'
    run_it
    ok
    for kind in prestart createRuntime poststart poststop; do
        for type in mnt pid net user cgroup; do equal "$(readlink /proc/self/ns/$type)" "$(of "$kind" "$type")"; done
    done
    for kind in prestart createRuntime; do equal "$BUNDLE" "$(of "$kind" cwd)"; done
    equal "$(cat "$BUNDLE/rootfs/own")" "$(for type in mnt pid net; do of createContainer "$type"; done)"
    equal "$BUNDLE/rootfs" "$(of createContainer cwd)"
    equal "$(cat "$BUNDLE/rootfs/own")" "$(cat "$BUNDLE/rootfs/ns")"
    equal /tmp/deep "$(cat "$BUNDLE/rootfs/cwd")"
}

@test "hooks: the environment is never the container's (CVE-2025-23266)" {
    config '.process.env += ["LD_PRELOAD=/evil.so", "INSIDE=1"]'
    for kind in prestart createRuntime createContainer poststart poststop; do record "$kind"; done
    export OUTSIDE=1
    sh_hook startContainer 'echo "$INSIDE$OUTSIDE" >/env'
    args true
    run_it
    ok
    for kind in prestart createRuntime poststart poststop; do
        contains "$(cat "$BASE/log.$kind")" env:OUTSIDE=1
        lacks "$(cat "$BASE/log.$kind")" env:INSIDE
        lacks "$(cat "$BASE/log.$kind")" LD_PRELOAD
    done
    # What remains are variables that the shell sets by itself.
    lacks "$(cat "$BASE/log.createContainer")" env:INSIDE
    lacks "$(cat "$BASE/log.createContainer")" env:OUTSIDE
    lacks "$(cat "$BASE/log.createContainer")" LD_PRELOAD
    equal 1 "$(cat "$BUNDLE/rootfs/env")"
}

@test "hooks: env of their own, and an empty one" {
    local kind
    export OUTSIDE=1
    config '.process.env += ["INSIDE=1"]'
    for kind in createRuntime createContainer poststop; do
        sh_hook "$kind" "echo \"\$A:\$OUTSIDE:\$INSIDE\" >$BASE/own.$kind" '{env: ["A=b"]}'
        sh_hook "$kind" "echo \"\$A:\$OUTSIDE:\$INSIDE\" >$BASE/none.$kind" '{env: []}'
    done
    sh_hook startContainer 'echo "$A:$OUTSIDE:$INSIDE" >/own' '{env: ["A=b"]}'
    sh_hook startContainer 'echo "$A:$OUTSIDE:$INSIDE" >/none' '{env: []}'
    args true
    run_it
    ok
    for kind in createRuntime createContainer poststop; do
        equal b:: "$(cat "$BASE/own.$kind")"
        equal :: "$(cat "$BASE/none.$kind")"
    done
    equal b:: "$(cat "$BUNDLE/rootfs/own")"
    [ "$NAME" != proa ] || equal ::1 "$(cat "$BUNDLE/rootfs/none")"
}

@test "hooks: HOME of startContainer is looked up as the program's is" {
    echo 'root:x:0:0::/var/of-root:/bin/sh' >"$BUNDLE/rootfs/etc/passwd"
    config '.process.env |= map(select(startswith("HOME=") | not))'
    sh_hook startContainer 'echo "$HOME" >/home.hook'
    inside 'echo "$HOME"'
    says /var/of-root
    equal /var/of-root "$(cat "$BUNDLE/rootfs/home.hook")"
}

@test "hooks: args are given as they are, argv[0] too; without args it is the path" {
    config '.hooks.createRuntime = [{path: "/bin/busybox", args: ["sh", "-c", $s]}, {path: $t}]' \
        --arg s "echo first >$BASE/args" --arg t "$BASE/plain"
    printf '#!/bin/sh\necho "$0 $#" >>%s\n' "$BASE/args" >"$BASE/plain"
    chmod 755 "$BASE/plain"
    args true
    run_it
    ok
    equal $'first\n'"$BASE/plain 0" "$(cat "$BASE/args")"
}

@test "hooks: descriptors 0, 1 and 2 only, no signal blocked or ignored" {
    only_proa 'signals that the caller ignores are reset'
    for kind in prestart createRuntime createContainer poststart poststop; do record "$kind"; done
    sh_hook startContainer 'ls /proc/self/fd >/fds'
    hook startContainer /bin/cp /proc/self/status /signals
    args true
    run bash -c 'trap "" INT QUIT USR1; exec 5</etc 6</etc/passwd 9</; exec "$@"' sh \
        "$RUNTIME" --root "$STATE" run --preserve-fds 3 --bundle "$BUNDLE" "$ID" 3</etc 4</etc
    ok
    for kind in prestart createRuntime createContainer poststart poststop; do
        # 3 is the directory that ls itself reads.
        equal $'0\n1\n2\n3' "$(cat "$BASE/fds.$kind")"
        contains "$(cat "$BASE/log.$kind")" $'SigBlk:\t0000000000000000'
        # posix_spawn has glibc's own two signals, 32 and 33, ignored.
        matches "$(cat "$BASE/log.$kind")" $'SigIgn:\t0000000[01][08]0000000'
    done
    equal $'0\n1\n2\n3' "$(cat "$BUNDLE/rootfs/fds")"
    equal $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000' "$(grep -E '^Sig(Blk|Ign)' "$BUNDLE/rootfs/signals")"
}

@test "hooks: createContainer has all rights of the container's root, startContainer those of its program" {
    all_capabilities CAP_KILL
    record createContainer
    sh_hook startContainer 'id -u >/who; grep CapEff /proc/self/status >>/who'
    config '.process.user = {uid: 0, gid: 0}'
    args sh -c 'grep CapEff /proc/self/status'
    run_it
    ok
    says $'CapEff:\t0000000000000020'
    equal $'0\nCapEff:\t0000000000000020' "$(cat "$BUNDLE/rootfs/who")"
    equal "$(grep CapEff /proc/self/status)" "$(grep CapEff "$BASE/log.createContainer")"
}

@test "hooks: startContainer runs as the program's user" {
    chmod 777 "$BUNDLE/rootfs/tmp"
    config '.process.user = {uid: 1234, gid: 99} | .process.noNewPrivileges = true'
    sh_hook startContainer 'id -u >/tmp/who; grep NoNewPrivs /proc/self/status >>/tmp/who'
    args true
    run_it
    ok
    equal $'1234\nNoNewPrivs:\t1' "$(cat "$BUNDLE/rootfs/tmp/who")"
}

@test "hooks: cgroup limits are set before the first hook runs" {
    only_v1
    config '.linux.resources.pids.limit = 77'
    sh_hook prestart "cat $(cgroup_file pids pids.max) >$BASE/limit"
    sh_hook createRuntime "jq .pid >$BASE/pid; cat $(cgroup_file pids cgroup.procs) >$BASE/procs"
    args true
    run_it
    ok
    equal 77 "$(cat "$BASE/limit")"
    equal "$(cat "$BASE/pid")" "$(cat "$BASE/procs")"
}

@test "hooks: a state larger than any pipe" {
    config '.annotations.big = ("x" * 300000)'
    sh_hook createRuntime "wc -c >$BASE/size"
    sh_hook createContainer "exec <&-; true"
    sh_hook startContainer "wc -c >/size"
    args true
    run_it
    ok
    [ "$(cat "$BASE/size")" -gt 300000 ]
    [ "$(cat "$BUNDLE/rootfs/size")" -gt 300000 ]
}

@test "hooks: createRuntime enters the container by its pid and mounts something into the root file system" {
    mkdir "$BASE/gpu"
    echo driver >"$BASE/gpu/lib"
    mkdir "$BUNDLE/rootfs/usr-lib"
    sh_hook createRuntime "pid=\$(jq .pid); nsenter -t \$pid -m mount --bind $BASE/gpu $BUNDLE/rootfs/usr-lib"
    inside 'cat /usr-lib/lib'
    says driver
    [ ! -e "$BUNDLE/rootfs/usr-lib/lib" ]
}

@test "hooks: createContainer mounts something into the root file system" {
    mkdir "$BASE/gpu" "$BUNDLE/rootfs/usr-lib"
    echo driver >"$BASE/gpu/lib"
    sh_hook createContainer "mount --bind $BASE/gpu usr-lib" "{env: [\"PATH=$PATH\"]}"
    inside 'cat /usr-lib/lib; grep -c usr-lib /proc/self/mountinfo'
    says $'driver\n1'
}

@test "hooks: with a user namespace" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
        | .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    mkdir -m 777 "$BASE/ns"
    for kind in createRuntime createContainer; do
        sh_hook "$kind" "PATH=/bin:/usr/bin; readlink /proc/self/ns/user >$BASE/ns/$kind; id -u >>$BASE/ns/$kind"
    done
    sh_hook startContainer 'readlink /proc/self/ns/user >/ns'
    args readlink /proc/self/ns/user
    run_it
    ok
    equal "$(readlink /proc/self/ns/user)"$'\n0' "$(cat "$BASE/ns/createRuntime")"
    equal "$output"$'\n0' "$(cat "$BASE/ns/createContainer")"
    equal "$output" "$(cat "$BUNDLE/rootfs/ns")"
    [ "$output" != "$(readlink /proc/self/ns/user)" ]
}

# ---- Failure ----------------------------------------------------------------------------------

@test "hooks: the second of a kind fails: its number, how, and what it said" {
    for kind in prestart createRuntime createContainer startContainer poststart; do
        config 'del(.hooks)'
        sh_hook "$kind" 'true'
        sh_hook "$kind" 'echo to out; echo to err >&2; exit 3'
        sh_hook "$kind" "touch $BUNDLE/third /third"
        args sleep 100
        fails "error running $kind hook #1: exit status 3, stdout: to out, stderr: to err"
        [ ! -e "$BUNDLE/third" ]
        [ ! -e "$BUNDLE/rootfs/third" ]
    done
}

@test "hooks: killed by a signal" {
    sh_hook createRuntime 'kill -KILL $$'
    args true
    fails 'error running createRuntime hook #0: signal: killed, stdout: , stderr: '
    config 'del(.hooks)'
    sh_hook createContainer 'kill -KILL $$'
    fails 'error running createContainer hook #0: signal: killed, stdout: , stderr: '
}

@test "hooks: missing, not executable, not a program" {
    local kind
    echo 'no program' >"$BUNDLE/rootfs/plain"
    chmod 644 "$BUNDLE/rootfs/plain"
    head -c 100 /dev/zero >"$BUNDLE/rootfs/zeros"
    chmod 755 "$BUNDLE/rootfs/zeros"
    args true
    for kind in createRuntime createContainer; do
        config '.hooks = {}'
        hook "$kind" /no/such/program
        fails "error running $kind hook #0: fork/exec /no/such/program: "
        config '.hooks = {}'
        hook "$kind" "$BUNDLE/rootfs/plain"
        fails "error running $kind hook #0: fork/exec $BUNDLE/rootfs/plain: "
        config '.hooks = {}'
        hook "$kind" "$BUNDLE/rootfs/zeros"
        fails "error running $kind hook #0: fork/exec $BUNDLE/rootfs/zeros: "
    done
    config '.hooks = {}'
    hook startContainer /plain
    fails 'error running startContainer hook #0: fork/exec /plain: '
}

@test "hooks: past their timeout" {
    for kind in prestart createRuntime createContainer startContainer poststart; do
        config 'del(.hooks)'
        sh_hook "$kind" 'exec sleep 100' '{timeout: 1}'
        args sleep 100
        fails "error running $kind hook #0: hook ran past specified timeout of 1.0s"
    done
}

@test "hooks: within their timeout" {
    for kind in prestart createRuntime createContainer startContainer poststart poststop; do
        sh_hook "$kind" 'true' '{timeout: 100}'
    done
    inside 'echo fine'
    says fine
}

@test "hooks: a timeout of 0 and a relative path are refused" {
    only_proa 'runc does not look'
    args true
    sh_hook createRuntime true '{timeout: 0}'
    run_refused '/hooks/createRuntime/0/timeout'
    config '.hooks = {poststop: [{path: "bin/true"}]}'
    run_refused '/hooks/poststop/0/path: hook path must be an absolute path'
    config '.hooks = {poststop: [{}]}'
    run_refused '/hooks/poststop/0'
}

@test "hooks: ten megabytes of output neither hang nor matter" {
    for kind in prestart createRuntime createContainer startContainer poststart poststop; do
        sh_hook "$kind" 'head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2'
    done
    inside 'echo fine'
    says fine
    config 'del(.hooks)'
    sh_hook createRuntime 'yes | head -c 10000000; echo last >&2; false'
    args true
    fails 'stderr: last'
}

@test "hooks: a daemon that keeps their output open is not waited for" {
    only_proa 'runc waits for the end of the output'
    for kind in prestart createRuntime createContainer poststart poststop; do
        sh_hook "$kind" "sleep 1000 & echo \$! >>$BASE/daemons"
    done
    sh_hook startContainer 'sleep 1000 & true' # ends with the container
    args true
    run_it
    xargs kill <"$BASE/daemons"
    ok
    equal 5 "$(wc -l <"$BASE/daemons")"
}

@test "hooks: standard input closed unread" {
    for kind in prestart createRuntime createContainer startContainer poststart poststop; do
        sh_hook "$kind" 'exec <&-; true'
    done
    inside 'echo fine'
    says fine
}

@test "hooks: after a failed create the poststop hooks run" {
    sh_hook createRuntime false
    sh_hook poststop "cat >$BASE/stopped"
    args true
    fails 'error running createRuntime hook #0'
    equal stopped "$(jq -r .status "$BASE/stopped")"
}

@test "start: a startContainer hook that fails: the program does not run, one line tells why" {
    sh_hook startContainer 'echo oh no >&2; exit 4'
    args touch /ran
    create
    pid=$(pid_of)
    proa start "$ID"
    wait_end "$pid" || true
    status_is stopped
    [ ! -e "$BUNDLE/rootfs/ran" ]
    [ "$NAME" != proa ] || equal 'error running startContainer hook #0: exit status 4, stdout: , stderr: oh no' "$(cat "$BASE/err")"
    proa delete "$ID"
}

@test "start: a poststart hook that fails ends the container" {
    sh_hook poststart 'exit 5'
    args sleep 100
    create
    pid=$(pid_of)
    refused 'error running poststart hook #0: exit status 5' proa start "$ID"
    wait_end "$pid" || true
    status_is stopped
    proa delete "$ID"
}

@test "start: poststart hooks run once the program has been executed" {
    only_proa 'runc does not wait for it'
    args sleep 100
    sh_hook startContainer 'sleep 1'
    sh_hook poststart "cat /proc/\$(jq .pid)/comm >$BASE/comm"
    create
    proa start "$ID"
    equal sleep "$(cat "$BASE/comm")"
}

@test "delete: a poststop hook that fails is an error, after all has been removed and the others have run" {
    sh_hook poststop 'exit 6'
    sh_hook poststop "touch $BASE/second"
    args true
    start_waiting
    proa kill "$ID" KILL
    wait_end "$(pid_of)" || true
    refused 'error running poststop hook #0: exit status 6' proa delete --force "$ID"
    nothing_remains
    [ "$NAME" != proa ] || [ -e "$BASE/second" ]
}

@test "delete: poststop hooks find neither cgroup nor state" {
    only_v1
    sh_hook poststop "[ ! -e $STATE/$ID ] && [ ! -e $(dirname "$(cgroup_file pids x)") ] && touch $BASE/gone"
    start_waiting
    proa delete --force "$ID"
    [ -e "$BASE/gone" ]
}

@test "delete: without its bundle, and with a lost or damaged plan" {
    only_proa 'it saves its plan'
    sh_hook poststop "touch $BASE/ran"
    start_waiting
    mv "$BUNDLE" "$BASE/moved"
    proa delete --force "$ID"
    [ -e "$BASE/ran" ]
    rm "$BASE/ran"
    mv "$BASE/moved" "$BUNDLE"
    for damage in 'rm %s' 'echo damaged >%s' 'truncate -s 1000 %s'; do
        start_waiting
        # shellcheck disable=SC2059
        eval "$(printf "$damage" "$STATE/$ID/plan")"
        run --separate-stderr proa delete --force "$ID"
        ok
        contains "$stderr" 'no poststop hooks are run'
        [ ! -e "$BASE/ran" ]
        nothing_remains
    done
}

@test "hooks: thirty containers at once" {
    sh_hook createRuntime "cat >>$BASE/all"
    sh_hook createContainer true
    sh_hook poststop true
    args true
    for i in $(seq 30); do
        proa run --bundle "$BUNDLE" "$ID-$i" </dev/null &
        pids+=" $!"
    done
    for pid in $pids; do wait "$pid"; done
    equal 30 "$(grep -o '"id":' "$BASE/all" | wc -l)"
}
