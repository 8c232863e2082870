load ../lib/helpers

# A container whose program waits; further ones come by exec.
prepare() {
    config 'del(.process.user.umask)'
}

running() {
    start_waiting
}

# in_it [option…] -- WORD…: runs it in $ID; $output is what it printed. Fails unless the exit status is 0.
in_it() {
    local options=()
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    run --separate-stderr proa exec "${options[@]}" "$ID" "${@:2}"
    ok
    [ -z "$stderr" ] || complain "stderr: $stderr"
}

# exec_fails TEXT argument…: exit status 255 and one line on stderr that has TEXT.
exec_fails() {
    local text=$1
    shift
    run --separate-stderr proa exec "$@"
    [ "$status" -eq 255 ] || complain "exit status $status instead of 255" "stdout: $output" "stderr: $stderr"
    contains "$(plain "$stderr")" "exec failed: "
    contains "$(plain "${stderr,,}")" "${text,,}"
    [ "${#stderr_lines[@]}" -eq 1 ] || [ "$NAME" != proa ] || complain "more than one line: $stderr"
}

process_file() {
    jq ".process | .args = \$ARGS.positional | $1" "$BUNDLE/config.json" --args -- "${@:2}" >"$BASE/process.json"
}

# ---- The program ------------------------------------------------------------------------------

@test "exec: the program's output and exit status" {
    running
    run --separate-stderr proa exec "$ID" sh -c 'echo out; echo err >&2; exit 7'
    equal 7 "$status"
    equal out "$output"
    equal err "$stderr"
    run proa exec "$ID" sh -c 'kill -TERM $$'
    equal 143 "$status"
    [ "$(echo through | proa exec "$ID" cat)" = through ]
}

@test "exec: words after the container's ID are the program's, whatever they look like" {
    running
    in_it -- echo -t --user 5 -- --nope
    says '-t --user 5 -- --nope'
    only_proa 'runc 1.1.5 takes -- after the ID for the program'
    in_it -- -- echo a
    says a
}

@test "exec: errors about the program are those that engines know" {
    running
    exec_fails 'exec: "nonesuch": executable file not found in $PATH' "$ID" nonesuch
    exec_fails 'exec: "/nonesuch": stat /nonesuch: no such file or directory' "$ID" /nonesuch
    echo plain >"$BUNDLE/rootfs/plain"
    chmod 644 "$BUNDLE/rootfs/plain"
    exec_fails 'exec: "/plain": permission denied' "$ID" /plain
    exec_fails "$(head_says 'is a directory: ')permission denied" "$ID" /tmp
    exec_fails 'exec args cannot be empty' "$ID"
}

@test "exec: PATH of the container, and one that is given, find the program" {
    running
    mkdir "$BUNDLE/rootfs/own"
    printf '#!/bin/sh\necho mine\n' >"$BUNDLE/rootfs/own/tool"
    chmod 755 "$BUNDLE/rootfs/own/tool"
    exec_fails 'executable file not found in $PATH' "$ID" tool
    in_it -e PATH=/own:/bin -- tool
    says mine
}

# ---- Which container --------------------------------------------------------------------------

@test "exec: a container that does not exist, has stopped, or is paused" {
    exec_fails 'does not exist' "$ID" true
    args true
    create
    proa start "$ID"
    wait_end "$(pid_of)" || true
    exec_fails 'cannot exec in a stopped container' "$ID" true
}

@test "exec: into a created container" {
    only_proa 'its init waits with another program name'
    args sh -c 'echo never'
    create
    in_it -- sh -c 'cat /proc/1/comm; id -u'
    equal 0 "${lines[1]}"
    status_is created
}

@test "exec: a paused container is refused, unless that is to be ignored" {
    only_v1
    local freezer
    running
    freezer=$(cgroup_file freezer freezer.state)
    echo FROZEN >"$freezer"
    exec_fails 'cannot exec in a paused container (use --ignore-paused to override)' "$ID" true
    (sleep 0.3; echo THAWED >"$freezer") &
    in_it --ignore-paused -- echo thawed
    says thawed
    wait
}

# ---- What it inherits -------------------------------------------------------------------------

@test "exec: every namespace is the container's" {
    local pid type
    running
    pid=$(pid_of)
    for type in cgroup ipc mnt net pid uts; do
        equal "$(readlink "/proc/$pid/ns/$type")" "$(proa exec "$ID" readlink "/proc/self/ns/$type")"
    done
}

@test "exec: the process's own view" {
    running
    in_it -- sh -c 'hostname; pwd; echo $$ ; ls /proc/1/root/bin >/dev/null && umask; cat /proc/self/oom_score_adj'
    equal "$(jq -r .hostname "$BUNDLE/config.json")" "${lines[0]}"
    equal / "${lines[1]}"
    equal 0022 "${lines[3]}"
}

@test "exec: the umask is that of config.json" {
    only_proa 'runc 1.1.5 leaves it out'
    config '.process.user.umask = 23'
    running
    in_it -- sh -c umask
    says 0027
}

@test "exec: identity, groups, capabilities, limits, no_new_privs and oom score are those of config.json" {
    config '.process.user = {uid: 11, gid: 12, additionalGids: [13, 14]}
            | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 88}]
            | .process.oomScoreAdj = 321 | .process.noNewPrivileges = true
            | .process.env += ["FROM=config"] | .process.cwd = "/tmp"'
    sets='["CAP_KILL", "CAP_CHOWN"]'
    config ".process.capabilities = {bounding: $sets, effective: $sets, permitted: $sets, inheritable: $sets, ambient: $sets}"
    chmod 777 "$BUNDLE/rootfs/tmp"
    running
    in_it -- sh -c 'id -u; id -g; id -G; ulimit -Sn; ulimit -Hn; pwd; echo $FROM
        grep -E "Cap|NoNewPrivs" /proc/self/status; cat /proc/self/oom_score_adj'
    equal '11 12 12 13 14 77 88 /tmp config' "${lines[*]:0:7}"
    contains "$output" $'CapInh:\t0000000000000021'
    contains "$output" $'CapPrm:\t0000000000000021'
    contains "$output" $'CapEff:\t0000000000000021'
    contains "$output" $'CapBnd:\t0000000000000021'
    contains "$output" $'CapAmb:\t0000000000000021'
    contains "$output" $'NoNewPrivs:\t1'
    equal 321 "${lines[-1]}"
}

@test "exec: HOME is that of its user, unless the container's environment has one" {
    config '.process.env |= map(select(startswith("HOME=") | not))'
    echo 'seven:x:7:7::/home/seven:/bin/sh' >>"$BUNDLE/rootfs/etc/passwd"
    running
    in_it -u 7 -- sh -c 'echo $HOME'
    says /home/seven
    in_it -u 7 -e HOME=/given -- sh -c 'echo $HOME'
    says /given
}

@test "exec: it is in the container's cgroups" {
    local mine
    running
    mine=$(sed 's/.*://' "/proc/$(pid_of)/cgroup" | sort -u)
    proa exec -d --pid-file "$BASE/pid" "$ID" sleep 100 </dev/null >/dev/null 2>&1
    equal "$mine" "$(sed 's/.*://' "/proc/$(<"$BASE/pid")/cgroup" | sort -u)"
    contains "$mine" "/$ID"
}

@test "exec: leads a session of its own; its parent is outside" {
    running
    in_it -- sh -c 'awk "{ print \$1, \$4, \$5, \$6 }" /proc/$$/stat'
    matches "$output" '^([0-9]+) 0 \1 \1$'
}

@test "exec: the standard streams are the caller's, and nothing else is" {
    running
    exec 7<"$BUNDLE/config.json"
    # A pipe in the shell would be seen, too, at times.
    in_it -- sh -c '(ls /proc/$$/fd >/tmp/list); tr "\n" " " </tmp/list'
    says '0 1 2 '
    exec 7<&-
}

@test "exec: while it waits at its last point it has nothing of the host" {
    only_proa 'runc 1.1.5 has no --exec-wait-fifo'
    local pid fd link
    running
    mkfifo "$BASE/wait"
    exec 7<"$BUNDLE/config.json"
    proa exec -d --pid-file "$BASE/pid" --exec-wait-fifo "$BASE/wait" "$ID" sh -c 'echo ran >/ran' </dev/null >"$BASE/out" 2>&1
    exec 7<&-
    pid=$(<"$BASE/pid")
    [ ! -e "$BUNDLE/rootfs/ran" ]
    for fd in /proc/"$pid"/fd/*; do
        link=$(readlink "$fd")
        case $link in
        /dev/null | "$BASE/out" | "$BASE/wait" | socket:*) ;; # the socket is the runtime's, whose end is closed
        /) equal proc "$(stat -f -L -c %T "$fd")" ;;
        *) complain "$fd is $link" ;;
        esac
    done
    equal pipe "$(timeout 60 cat "$BASE/wait" | tr 0 p | sed s/p/pipe/)"
    wait_end "$pid" || true
    equal ran "$(cat "$BUNDLE/rootfs/ran")"
}

@test "exec: --exec-wait-fifo must name a FIFO" {
    only_proa 'runc 1.1.5 has no --exec-wait-fifo'
    running
    exec_fails 'is not a fifo' --exec-wait-fifo "$BUNDLE/config.json" "$ID" true
    exec_fails 'failed to open exec wait fifo' --exec-wait-fifo "$BASE/none" "$ID" true
}

# ---- Options ----------------------------------------------------------------------------------

@test "exec: --user and --additional-gids" {
    config '.process.user = {uid: 0, gid: 5, additionalGids: [6]}'
    running
    in_it --user 1000 -- sh -c 'id -u; id -g; id -G'
    says $'1000\n5\n5 6'
    in_it --user 1000:1001 -g 7 -g 8 -- sh -c 'id -u; id -g; id -G'
    says $'1000\n1001\n1001 6 7 8'
    in_it --user 4294967294:4294967294 -- id -u
    says 4294967294
}

@test "exec: a user that is not a number is never root (CVE-2026-30892)" {
    only_proa 'runc takes some of them'
    local user
    running
    for user in 4294967295 4294967296 99999999999999999999 -1 +1 0x10 '1 ' ' 1' '' root 1,0 1.0 :1 : 0: 0:-1 1:2:3 \
        0:4294967295 0:root 0:0x0 $'0\n'; do
        exec_fails bad "--user=$user" "$ID" id
        lacks "$output" uid=
    done
    for user in -1 4294967295 x ''; do
        exec_fails 'additional-gids must be a positive number' "--additional-gids=$user" "$ID" id
    done
}

@test "exec: --cwd and --env" {
    config '.process.env += ["A=config", "B=config"]'
    running
    in_it --cwd /etc -e A=1 -e 'C=x,y=z' -e A=2 -- sh -c 'pwd; echo $A $B $C'
    says $'/etc\n2 config x,y=z'
    exec_fails 'Cwd must be an absolute path' --cwd etc "$ID" true
    exec_fails "invalid environment variable: missing '='" -e A "$ID" true
    exec_fails 'no such file or directory' --cwd /none "$ID" true
    [ ! -e "$BUNDLE/rootfs/none" ]
}

@test "exec: --cwd cannot lead out (CVE-2024-21626)" {
    local fd
    running
    exec 9</
    for fd in 3 4 5 6 7 8 9 10; do
        run proa exec --cwd "/proc/self/fd/$fd" "$ID" pwd
        [ "$status" -ne 0 ] || complain "descriptor $fd: $output"
    done
    exec 9<&-
}

@test "exec: --cap adds to the bounding, effective and permitted set, never to the inheritable (CVE-2022-29162)" {
    config '.process.capabilities |= {bounding: ["CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"]}'
    running
    in_it --cap CAP_NET_RAW --cap CAP_CHOWN -- grep Cap /proc/self/status
    says $'CapInh:\t0000000000000000\nCapPrm:\t0000000000002021\nCapEff:\t0000000000002021\nCapBnd:\t0000000000002021\nCapAmb:\t0000000000000000'
}

@test "exec: --cap is ambient where the container has it inheritable" {
    config '.process.capabilities = {bounding: ["CAP_KILL"], inheritable: ["CAP_KILL"]}'
    running
    in_it --cap CAP_KILL -u 1000 -- grep -E 'Inh|Eff|Amb' /proc/self/status
    says $'CapInh:\t0000000000000020\nCapEff:\t0000000000000020\nCapAmb:\t0000000000000020'
}

@test "exec: --no-new-privs true, false and not given" {
    running
    in_it --no-new-privs -- grep NoNewPrivs /proc/self/status
    says $'NoNewPrivs:\t1'
    proa delete --force "$ID"
    config '.process.noNewPrivileges = true'
    running
    in_it -- grep NoNewPrivs /proc/self/status
    says $'NoNewPrivs:\t1'
    in_it --no-new-privs=false -- grep NoNewPrivs /proc/self/status
    says $'NoNewPrivs:\t0'
}

@test "exec: --preserve-fds" {
    running
    run bash -c 'exec 3<<<three 4<<<four 5<&-; "$@"' - "$RUNTIME" --root "$STATE" exec --preserve-fds 2 "$ID" \
        sh -c 'cat <&3; cat <&4; (ls /proc/$$/fd >/tmp/list); tr "\n" " " </tmp/list'
    only_proa 'runc 1.1.5 has one more open, its own'
    says $'three\nfour\n0 1 2 3 4 '
    exec_fails 'unable to stat preserved-fd' --preserve-fds 900 "$ID" true
}

@test "exec: --process replaces it all" {
    config '.process.env += ["FROM=config"]'
    running
    process_file '.env = ["PATH=/bin:/usr/bin", "ONLY=this"] | .user = {uid: 3, gid: 4, additionalGids: [5]} | .cwd = "/etc"
        | .noNewPrivileges = true | .rlimits = [{type: "RLIMIT_NOFILE", soft: 33, hard: 44}]
        | .capabilities = {bounding: ["CAP_KILL"]}' sh -c 'id -u; id -G; pwd; env | sort | grep -E "ONLY|FROM"; ulimit -n; grep -E "Bnd|NoNew" /proc/self/status'
    run --separate-stderr proa exec --process "$BASE/process.json" --user 9 --env X=1 "$ID"
    ok
    says $'3\n4 5\n/etc\nONLY=this\n33\nCapBnd:\t0000000000000020\nNoNewPrivs:\t1'
}

@test "exec: what --process leaves out is the container's" {
    only_proa 'runc 1.1.5 leaves limits and umask out'
    config '.process.capabilities = {bounding: ["CAP_KILL"]} | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 33, hard: 44}] | .process.user.umask = 63'
    running
    echo '{"args": ["sh", "-c", "ulimit -n; umask; id -u; grep Bnd /proc/self/status"], "cwd": "/", "env": ["PATH=/bin:/usr/bin"]}' >"$BASE/process.json"
    run proa exec -p "$BASE/process.json" "$ID"
    says $'33\n0077\n0\nCapBnd:\t0000000000000020'
}

@test "exec: --process FILE has an end" {
    running
    exec_fails 'read /dev/zero: File too large' --process /dev/zero "$ID"
}

@test "exec: --process is checked as config.json is" {
    running
    process_file '.cwd = "etc" | .args = []'
    exec_fails 'Cwd must be an absolute path' -p "$BASE/process.json" "$ID"
    only_proa 'one at a time'
    contains "$stderr" 'args must not be empty'
    echo '{"args": ["true"], "cwd": 5}' >"$BASE/process.json"
    exec_fails "$BASE/process.json:1:27: /process/cwd" -p "$BASE/process.json" "$ID"
    echo '{' >"$BASE/process.json"
    exec_fails "$BASE/process.json:" -p "$BASE/process.json" "$ID"
    exec_fails 'no such file or directory' -p "$BASE/none" "$ID"
}

@test "exec: config.json is not read again" {
    only_proa 'runc reads it'
    running
    rm "$BUNDLE/config.json"
    in_it -- echo fine
    says fine
}

# ---- Terminal, detached, sockets --------------------------------------------------------------

@test "exec -t: a terminal of the container's, with job control and the caller's exit status" {
    running
    run $CONSOLE "$RUNTIME" --root "$STATE" exec -t "$ID" sh -c 'tty; exit 9' </dev/null
    equal 9 "$status"
    contains "$output" /dev/pts/0
    run $CONSOLE "$RUNTIME" --root "$STATE" exec -t "$ID" sh <<'END'
expect #
send echo one$((1+1))\r
expect one2
send exit 4\r
END
    equal 4 "$status"
}

@test "exec -t: the caller's window size" {
    running
    run $CONSOLE --size 33x77 "$RUNTIME" --root "$STATE" exec -t "$ID" stty size </dev/null
    contains "$output" '33 77'
}

@test "exec -t: /dev/console stays as it is" {
    running
    local before
    before=$(proa exec "$ID" stat -c '%t:%T %i' /dev/console 2>&1 || true)
    run $CONSOLE "$RUNTIME" --root "$STATE" exec -t "$ID" true </dev/null
    equal "$before" "$(proa exec "$ID" stat -c '%t:%T %i' /dev/console 2>&1 || true)"
    equal 0 "$(grep -c /dev/console "/proc/$(pid_of)/mountinfo" || true)"
}

@test "exec -d -t: the terminal goes to the console socket" {
    running
    run $CONSOLE --socket "$BASE/s" "$RUNTIME" --root "$STATE" exec -d -t --console-socket "$BASE/s" "$ID" sh -c 'tty; echo bye' <<'END'
expect bye
eof
END
    ok
    contains "$output" /dev/pts/
}

@test "exec: a console socket and a terminal go together" {
    running
    exec_fails 'cannot allocate tty if runc will detach without setting console socket' -d -t "$ID" true
    exec_fails 'cannot use console socket if runc will not detach or allocate tty' -d --console-socket "$BASE/s" "$ID" true
    exec_fails 'cannot use console socket if runc will not detach or allocate tty' -t --console-socket "$BASE/s" "$ID" true
}

@test "exec: keystrokes cannot be pushed into the caller's terminal (TIOCSTI)" {
    running
    # Without -t the caller's terminal is handed on, but it is not the process's controlling terminal.
    run $CONSOLE "$RUNTIME" --root "$STATE" exec "$ID" sh -c 'echo x >/dev/tty || echo no tty of ours' </dev/null
    contains "$output" 'no tty of ours'
}

@test "exec -d: returns at once; the pid file has digits only and is there" {
    running
    mkfifo "$BUNDLE/rootfs/go"
    proa exec -d --pid-file "$BASE/pid" "$ID" sh -c 'cat /go; exit 3' </dev/null >/dev/null 2>&1
    matches "$(od -An -c "$BASE/pid" | tr -d ' ')" '^[0-9]+$'
    contains "$(tr '\0' ' ' <"/proc/$(<"$BASE/pid")/cmdline")" 'cat /go'
    echo >"$BUNDLE/rootfs/go"
    wait_end "$(<"$BASE/pid")" || true
}

@test "exec -d: the process is left to the caller's subreaper, with its status" {
    running
    run "$HARNESS" adopt "$RUNTIME" --root "$STATE" exec -d --pid-file "$BASE/pid" "$ID" sh -c 'exit 3' </dev/null
    contains "$output" "$(<"$BASE/pid") 3"
}

@test "exec: nobody holds the caller's pipes after its end" {
    running
    run "$HARNESS" drain "$RUNTIME" --root "$STATE" exec "$ID" echo done
    ok
    contains "$output" done
}

@test "exec: a pid file that cannot be written fails it, and the process is gone" {
    running
    run "$HARNESS" orphans "$RUNTIME" --root "$STATE" exec -d --pid-file "$BASE/none/pid" "$ID" sleep 100 </dev/null
    equal 255 "$status"
    run proa exec "$ID" ps
    lacks "$output" 'sleep 100'
}

@test "pidfd socket: exec sends a pidfd and says setns; create says standard" {
    only_proa 'runc 1.1.5 has no --pidfd-socket'
    waiting_program
    run "$REPO/tests/lib/receive.py" "$BASE/s" "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" --pidfd-socket "$BASE/s" "$ID"
    ok
    says "standard"$'\n'"pidfd $(pid_of)"
    proa start "$ID"
    run "$REPO/tests/lib/receive.py" "$BASE/s2" "$RUNTIME" --root "$STATE" exec -d --pid-file "$BASE/pid" --pidfd-socket "$BASE/s2" \
        "$ID" sleep 100
    ok
    says "setns"$'\n'"pidfd $(<"$BASE/pid")"
    exec_fails 'pidfd socket' --pidfd-socket "$BASE/none" "$ID" true
}

# ---- Cgroups ----------------------------------------------------------------------------------

@test "exec: --cgroup on v1: below the container's, per controller or for all" {
    only_v1
    local pids memory
    running
    pids=$(cgroup_file pids '') memory=$(cgroup_file memory '')
    mkdir "${pids}sub" "${memory}other"
    sub_of() {
        awk -F : -v c="$1" '$2 == c { print $3 }' "/proc/$(<"$BASE/pid")/cgroup"
    }
    proa exec -d --pid-file "$BASE/pid" --cgroup pids:sub --cgroup memory:/other "$ID" sleep 100 </dev/null >/dev/null 2>&1
    contains "$(sub_of pids)" "$ID/sub"
    contains "$(sub_of memory)" "$ID/other"
    equal "$ID" "$(basename "$(sub_of freezer)")"
    kill -KILL "$(<"$BASE/pid")"
    wait_end "$(<"$BASE/pid")" || true
    only_proa 'other words'
    exec_fails 'bad sub cgroup path: ../..' --cgroup pids:../.. "$ID" true
    exec_fails 'unknown controller nope in SubCgroupPaths' --cgroup nope:sub "$ID" true
    exec_fails 'missing <controller>: prefix' --cgroup sub --cgroup pids:sub "$ID" true
    exec_fails 'empty <controller> prefix' --cgroup pids,:sub "$ID" true
    exec_fails 'specified multiple times' --cgroup pids:sub --cgroup cpu,pids:x "$ID" true
    exec_fails 'no such file or directory' --cgroup pids:none "$ID" true
}

@test "exec: into a container whose first process has moved to another cgroup" {
    only_v1
    only_proa 'runc does so on v2 only'
    local pids pid
    running
    pid=$(pid_of)
    pids=$(cgroup_file pids '')
    mkdir "${pids%/*/}/moved-$ID"
    echo "$pid" >"${pids%/*/}/moved-$ID/cgroup.procs"
    rmdir "$pids"
    in_it -- grep pids /proc/self/cgroup
    echo "$pid" >"${pids%/*/}/cgroup.procs"
    proa delete --force "$ID"
    rmdir "${pids%/*/}/moved-$ID"
}

# The directory that a process would be born in is opened before there is a process.
@test "exec: into a container whose cgroup of v2 is gone" {
    only_proa 'runc knows no cgroup2 beside v1'
    [ -d /sys/fs/cgroup/unified ] || [ -f /sys/fs/cgroup/cgroup.controllers ] || skip 'needs cgroup v2'
    local base=/sys/fs/cgroup own
    running
    [ ! -d "$base/unified" ] || base+=/unified
    own=$base$(v2_path "$(pid_of)")
    mkdir "${own%/*}/moved-$ID"
    pid_of >"${own%/*}/moved-$ID/cgroup.procs"
    rmdir "$own"
    proa exec -d --pid-file "$BASE/pid" "$ID" sleep 100 </dev/null >/dev/null 2>&1
    equal "$(</proc/"$(pid_of)"/cgroup)" "$(</proc/"$(<"$BASE/pid")"/cgroup)"
    kill "$(<"$BASE/pid")"
    proa delete --force "$ID"
    rmdir "${own%/*}/moved-$ID"
}

only_v2() {
    [ -f /sys/fs/cgroup/cgroup.controllers ] || skip 'needs cgroup v2 alone'
}

v2_path() {
    sed -n 's/^0:://p' "/proc/$1/cgroup"
}

@test "exec: v2: born in the container's cgroup, or in one below it" {
    only_v2
    local own
    running
    own=$(v2_path "$(pid_of)")
    mkdir "/sys/fs/cgroup$own/sub"
    proa exec -d --pid-file "$BASE/pid" "$ID" sleep 100 </dev/null >/dev/null 2>&1
    equal "$own" "$(v2_path "$(<"$BASE/pid")")"
    proa exec -d --pid-file "$BASE/pid2" --cgroup sub "$ID" sleep 100 </dev/null >/dev/null 2>&1
    equal "$own/sub" "$(v2_path "$(<"$BASE/pid2")")"
    exec_fails 'bad sub cgroup path: ../x' --cgroup ../x "$ID" true
    exec_fails 'no such file or directory' --cgroup none "$ID" true
    exec_fails 'unknown controller memory in SubCgroupPaths' --cgroup memory:sub "$ID" true
}

@test "exec: v2: where the first process has moved on and its old cgroup takes no processes (EBUSY)" {
    only_v2
    grep -qw memory /sys/fs/cgroup/cgroup.controllers || skip 'this kernel has no memory controller'
    local own
    running
    own=$(v2_path "$(pid_of)")
    mkdir "/sys/fs/cgroup$own/inner"
    pid_of >"/sys/fs/cgroup$own/inner/cgroup.procs"
    echo +memory >"/sys/fs/cgroup$own/cgroup.subtree_control"
    proa exec -d --pid-file "$BASE/pid" "$ID" sleep 100 </dev/null >/dev/null 2>&1
    equal "$own/inner" "$(v2_path "$(<"$BASE/pid")")"
}

@test "exec: v2: a paused container" {
    only_v2
    local own
    running
    own=/sys/fs/cgroup$(v2_path "$(pid_of)")
    echo 1 >"$own/cgroup.freeze"
    until grep -q 'frozen 1' "$own/cgroup.events"; do :; done
    exec_fails 'cannot exec in a paused container (use --ignore-paused to override)' "$ID" true
    (sleep 0.3; echo 0 >"$own/cgroup.freeze") &
    in_it --ignore-paused -- echo thawed
    says thawed
    wait
}

# ---- Other containers -------------------------------------------------------------------------

@test "exec: user namespace" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 2000}]
            | .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 2000}]'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    chmod 755 "$BASE"
    running
    in_it -- sh -c 'id -u; readlink /proc/self/ns/user; grep -E CapEff /proc/self/status'
    equal 0 "${lines[0]}"
    equal "$(readlink "/proc/$(pid_of)/ns/user")" "${lines[1]}"
    in_it --user 1000:1000 -- sh -c 'id -u; id -g'
    says $'1000\n1000'
    only_proa 'its own check'
    exec_fails 'user namespaces enabled, but no mapping found for uid 5000' --user 5000 "$ID" true
}

@test "exec: joined and shared namespaces, and a time namespace" {
    only_proa 'runc 1.1.5 knows no time namespaces'
    mkfifo "$BASE/keeper"
    unshare --net --uts sh -c 'echo up >"$1"; exec sleep 1000' sh "$BASE/keeper" 3>&- &
    keeper=$!
    timeout 60 cat "$BASE/keeper" >/dev/null
    namespace network "/proc/$keeper/ns/net"
    no_namespace ipc
    no_namespace cgroup
    config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 100000000}}'
    running
    local pid type
    pid=$(pid_of)
    for type in cgroup ipc mnt net pid uts time; do
        equal "$(readlink "/proc/$pid/ns/$type")" "$(proa exec "$ID" readlink "/proc/self/ns/$type")"
    done
    in_it -- cut -d. -f1 /proc/uptime
    [ "$output" -gt 100000000 ]
}

@test "exec: a container without a pid namespace, and one without a mount namespace" {
    only_proa 'runc makes mounts on the host then'
    no_namespace pid
    running
    in_it -- sh -c 'ls /proc/self/ns >/dev/null; echo here'
    says here
    proa delete --force "$ID"
    no_namespace mount
    config 'del(.mounts, .linux.maskedPaths, .linux.readonlyPaths, .linux.devices) | .root.readonly = false'
    running
    in_it -- sh -c 'pwd; ls / | sort | head -n 1; [ ! -e /sys/fs ] && echo inside'
    contains "$output" inside
}

# ---- Robustness -------------------------------------------------------------------------------

@test "exec: a hundred at once" {
    running
    local i
    for ((i = 0; i < 100; i++)); do
        proa exec "$ID" sh -c "echo $i; exit $((i % 50))" >"$BASE/out.$i" 2>&1 || echo $? >"$BASE/status.$i" &
    done
    wait
    for ((i = 0; i < 100; i++)); do
        equal "$i" "$(<"$BASE/out.$i")"
        equal $((i % 50)) "$(cat "$BASE/status.$i" 2>/dev/null || echo 0)"
    done
    in_it -- sh -c 'ls -d /proc/[0-9]* | wc -l'
    [ "$output" -le 5 ]
}

@test "exec: killed while it starts, it leaves nothing" {
    running
    local i
    for ((i = 0; i < 40; i++)); do
        run "$HARNESS" orphans timeout -s KILL "0.00$((i % 10))$i" "$RUNTIME" --root "$STATE" exec "$ID" true
        [ "$status" -ne 99 ] || complain "round $i: a process is left" "$output"
    done
    in_it -- sh -c 'for p in /proc/[0-9]*; do read name <$p/comm; echo $name; done'
    says $'cat\nsh'
}

@test "exec: the container ends meanwhile" {
    running
    (timeout 60 sh -c 'until [ -s "$1" ]; do sleep 0.05; done' sh "$BASE/pid"; kill -KILL "$(pid_of)") 3>&- &
    run proa exec --pid-file "$BASE/pid" "$ID" sleep 100
    equal 137 "$status"
    wait
}

@test "exec: the program it starts from is sealed" {
    only_proa 'how it is done'
    running
    mkfifo "$BASE/wait"
    proa exec -d --pid-file "$BASE/pid" --exec-wait-fifo "$BASE/wait" "$ID" true </dev/null >/dev/null 2>&1
    contains "$(readlink "/proc/$(<"$BASE/pid")/exe")" memfd:proa-init
    run python3 -c "
import fcntl, os, sys
fd = os.open('/proc/$(<"$BASE/pid")/exe', os.O_RDONLY)
seals = fcntl.fcntl(fd, 1034)
assert seals & 15 == 15, seals
try:
    os.open('/proc/$(<"$BASE/pid")/exe', os.O_RDWR)
except OSError:
    print('sealed')
"
    says sealed
    timeout 60 cat "$BASE/wait" >/dev/null
}

@test "exec: the saved plan is root's alone; one of another version, or damaged, is refused" {
    only_proa 'runc reads config.json again'
    running
    equal 600 "$(stat -c %a "$STATE/$ID/plan")"
    cp "$STATE/$ID/plan" "$BASE/plan"
    printf '\377' | dd of="$STATE/$ID/plan" bs=1 seek=4 conv=notrunc status=none
    exec_fails 'another version of proa has made container' "$ID" true
    head -c -1 "$BASE/plan" >"$STATE/$ID/plan"
    exec_fails 'is damaged' "$ID" true
    head -c 7 "$BASE/plan" >"$STATE/$ID/plan"
    exec_fails 'is damaged' "$ID" true
    cp "$BASE/plan" "$STATE/$ID/plan"
    in_it -- true
}
