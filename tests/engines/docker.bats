#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# docker: the commands, over a container's life. The options are in docker-options.bats, the daemon in docker-daemon.bats.

load docker

setup_file() {
    docker_begin
    docker run -d --name shared busy sleep 100000 >/dev/null
}

teardown_file() {
    docker_end
}

# ---- run -------------------------------------------------------------------------------------

@test "run: output, errors and exit code" {
    run --separate-stderr docker run --rm busy sh -c 'echo out; echo err >&2; exit 42'
    ends 42
    [ "$output" = out ] && [ "$stderr" = err ]
}

@test "run: megabytes in and out" {
    head -c 10000000 /dev/urandom >"$BASE/data10"
    docker run --rm -i busy cat <"$BASE/data10" >"$BASE/data10.back"
    cmp "$BASE/data10" "$BASE/data10.back"
}

@test "run -d, wait, logs" {
    box one -- sh -c 'echo out; echo err >&2; exit 3'
    run docker wait one
    says 3
    wait_until 60 logged one out err
}

# logged NAME OUTPUT ERRORS: just these.
logged() {
    run --separate-stderr docker logs "$1"
    [ "$output" = "$2" ] && [ "$stderr" = "$3" ]
}

# A word of shell: waits until the terminal has the size of the next word. The first ioctls may be told of a signal.
sized='sized() { until [ "$(stty size 2>/dev/null | tr " " x)" = $1 ]; do :; done; echo now $1; }; sized'

@test "run -it: a terminal, resized, exit code" {
    on_terminal --size 31x93 /usr/bin/docker run --rm -it busy sh -c "tty; $sized 31x93; $sized 40x101; exit 9" <<-'END'
	expect /dev/pts/0
	expect now 31x93
	insist 40 101 now 40x101
	END
    ends 9
}

@test "run -it: a shell at work" {
    on_terminal /usr/bin/docker run --rm -it busy sh <<-'END'
	expect #
	send ls /etc/pass''wd\r
	expect /etc/passwd
	send exit 9\r
	END
    ends 9
}

@test "run -it: Ctrl-C reaches the program" {
    on_terminal /usr/bin/docker run --rm -it busy sh -c 'trap "echo interrupted; exit 5" INT; echo ready; sleep 1000 & wait' <<-'END'
	expect ready
	send \x03
	expect interrupted
	END
    ends 5
}

@test "run -it: Ctrl-P Ctrl-Q detaches, attach comes back" {
    boxes=(tty)
    on_terminal /usr/bin/docker run --name tty -it busy sh <<-'END'
	expect #
	send \x10\x11
	eof
	END
    ends 0
    is .State.Running tty true
    on_terminal /usr/bin/docker attach tty <<-'END'
	send echo ba''ck; exit 6\r
	expect back
	END
    ends 6
}

@test "run -t without a terminal of ours" {
    inside 'test -t 0 && tty' -t
    says $'/dev/pts/0\r'
}

@test "create, start -a" {
    boxes=(two)
    docker create --name two busy sh -c 'echo hi; exit 4' >/dev/null
    is .State.Status two created
    run docker start -a two
    ends 4
    [ "$output" = hi ]
}

@test "attach: stdin and the exit code" {
    box three -i -- sh -c 'read -r a; echo "got $a"; read -r a; exit "$a"'
    on_terminal /usr/bin/docker attach three <<-'END'
	send hello\n
	expect got hello
	send 8\n
	END
    ends 8
}

@test "logs -f: until the end" {
    box four -- sh -c 'for i in 1 2 3; do echo $i; sleep 0.1; done'
    run docker logs -f four
    says $'1\n2\n3'
}

@test "--rm: nothing is known of it afterwards" {
    docker run --rm --name gone busy true
    wait_until 60 gone gone
}

gone() {
    ! docker inspect "$1"
}

@test "rm -f of a running container" {
    box five
    docker rm -f five
    gone five
    boxes=()
}

@test "20 containers at once" {
    local i
    for i in {1..20}; do
        docker run --rm busy sh -c "echo $i; exit $i" >"$BASE/many.$i" 2>&1 3>&- &
        pids[i]=$!
    done
    for i in {1..20}; do
        code=0
        wait "${pids[i]}" || code=$?
        [ $code -eq "$i" ]
        [ "$(cat "$BASE/many.$i")" = "$i" ]
    done
}

# ---- Exit codes of docker itself -----------------------------------------------------------------

# fails CODES TEXT docker's arguments…: without `run`, which has its own opinion of 127. Two codes where docker 20.10 and
# later ones differ.
fails() {
    status=0
    output=$(docker "${@:3}" 2>&1) || status=$?
    [[ $status =~ ^($1)$ ]] || ends "$1"
    mentions "$2"
}

@test "127: no such program" {
    fails 127 'exec: "nonesuch": executable file not found in $PATH' run --rm busy nonesuch
}

@test "127: no such path" {
    fails 127 'exec: "/no/such": stat /no/such: no such file or directory' run --rm busy /no/such
}

@test "126: not executable" {
    fails 126 'exec: "/etc/passwd": permission denied' run --rm busy /etc/passwd
}

@test "126: a directory" {
    fails 126 'exec: "/etc":' run --rm busy /etc
}

@test "a directory mounted onto a file" {
    fails '125|127' 'Are you trying to mount a directory onto a file' run --rm -v "$BASE/bin:/etc/passwd" busy true
}

@test "125: an option that is refused" {
    fails 125 nonesuch run --rm --runtime nonesuch busy true
}

# ---- exec --------------------------------------------------------------------------------------

@test "exec: output, errors and exit code" {
    run --separate-stderr docker exec shared sh -c 'echo out; echo err >&2; exit 42'
    ends 42
    [ "$output" = out ] && [ "$stderr" = err ]
}

@test "exec -i: megabytes" {
    head -c 5000000 /dev/urandom >"$BASE/data5"
    [ "$(docker exec -i shared md5sum <"$BASE/data5")" = "$(md5sum <"$BASE/data5")" ]
}

@test "exec -it: a terminal, resized" {
    on_terminal --size 31x93 /usr/bin/docker exec -it shared sh -c "$sized 31x93; $sized 40x101; exit 7" <<-'END'
	expect now 31x93
	insist 40 101 now 40x101
	END
    ends 7
}

@test "exec -d" {
    docker exec -d shared sh -c 'echo done >/tmp/detached'
    wait_until 60 docker exec shared grep -q "done" /tmp/detached
}

@test "exec -u, -w, -e" {
    run docker exec -u user:staff -w /tmp -e A=b shared sh -c 'echo $(id -u) $(id -g) $PWD $A'
    says '1000 50 /tmp b'
}

@test "exec --privileged: all capabilities" {
    all_capabilities_here || skip_known 'this machine gives root no full set of capabilities'
    plain=$(docker exec shared grep CapEff /proc/self/status)
    all=$(docker exec --privileged shared grep CapEff /proc/self/status)
    [ "$plain" != "$all" ]
    [ "$all" = "$(grep CapBnd /proc/self/status | sed s/CapBnd/CapEff/)" ]
}

@test "exec: no such program, not executable" {
    fails '126|127' 'exec: "nonesuch": executable file not found in $PATH' exec shared nonesuch
    fails 126 'exec: "/etc/passwd": permission denied' exec shared /etc/passwd
}

@test "exec: 20 at once" {
    local i
    for i in {1..20}; do
        docker exec shared sh -c "exit $i" 3>&- &
        pids[i]=$!
    done
    for i in {1..20}; do
        code=0
        wait "${pids[i]}" || code=$?
        [ $code -eq "$i" ]
    done
}

# ---- Signals and states --------------------------------------------------------------------------

trapping='trap "exit 3" TERM; trap "echo usr1" USR1; trap "exit 4" QUIT; echo ready; while :; do sleep 1000 & wait; done'

# trapping_box NAME [OPTION…]
trapping_box() {
    box "$@" -- sh -c "$trapping"
    wait_until 60 logs_have "$1" ready
}

@test "stop: SIGTERM, and the exit code" {
    trapping_box t1
    docker stop -t 60 t1
    is .State.ExitCode t1 3
}

@test "stop -t 0: SIGKILL" {
    box t2
    docker stop -t 0 t2
    is .State.ExitCode t2 137
}

@test "--stop-signal" {
    trapping_box t3 --stop-signal SIGQUIT
    docker stop -t 60 t3
    is .State.ExitCode t3 4
}

@test "kill -s, and kill" {
    trapping_box t4
    docker kill -s USR1 t4
    wait_until 60 logs_have t4 usr1
    docker kill t4
    docker wait t4
    is .State.ExitCode t4 137
    fails 1 'is not running' kill t4
}

@test "restart" {
    trapping_box t5
    pid=$(the .State.Pid t5)
    docker restart -t 60 t5
    is .State.Running t5 true
    [ "$(the .State.Pid t5)" != "$pid" ]
}

@test "pause, unpause" {
    box t6 -- sh -c 'while :; do date +%s%N >/tmp/now; done'
    docker pause t6
    is .State.Status t6 paused
    fails 1 'is paused' exec t6 true
    docker unpause t6
    is .State.Status t6 running
    docker exec t6 true
}

@test "a paused container is killed and removed" {
    box t7
    docker pause t7
    docker rm -f t7
    boxes=()
}

@test "--restart on-failure: twice more" {
    box t8 --restart on-failure:2 -- sh -c 'echo x; exit 1'
    wait_until 60 is '.RestartCount}} {{.State.Status' t8 '2 exited'
    wait_until 60 logged t8 $'x\nx\nx' ''
}

@test "a health check" {
    box t9 --health-cmd 'test -e /tmp/well' --health-interval 0.2s --health-retries 2
    wait_until 60 is .State.Health.Status t9 unhealthy
    docker exec t9 touch /tmp/well
    wait_until 60 is .State.Health.Status t9 healthy
}

@test "--init: a reaper is the first process" {
    inside 'sleep 0 & grep -c . /proc/1/comm; cat /proc/1/comm; exit 6' --init
    ends 6
    mentions init
}

# ---- Looking, changing -----------------------------------------------------------------------------

@test "ps, inspect" {
    run docker ps --format '{{.Names}} {{.Image}} {{.State}}'
    says 'shared busy running'
    pid=$(the .State.Pid shared)
    [ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = 'sleep 100000 ' ]
}

@test "top" {
    run docker top shared
    mentions PID CMD 'sleep 100000'
    run docker top shared -o pid,comm
    mentions COMMAND sleep
}

@test "stats --no-stream" {
    box u1 --memory 64m
    run docker stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' u1
    mentions 'u1 1 ' '/ 64MiB'
}

@test "update --memory, --cpus, --pids-limit" {
    box u2 --memory 64m
    docker update --memory 32m --memory-swap 64m --cpus 0.5 --pids-limit 33 u2
    [ "$(cgroup_of memory memory.limit_in_bytes u2)" = 33554432 ]
    [ "$(cgroup_of cpu cpu.cfs_quota_us u2) $(cgroup_of cpu cpu.cfs_period_us u2)" = '50000 100000' ]
    [ "$(cgroup_of pids pids.max u2)" = 33 ]
}

@test "cp: in and out" {
    echo text >"$BASE/text"
    docker cp "$BASE/text" shared:/tmp/text
    docker exec shared sh -c 'echo more >>/tmp/text'
    docker cp shared:/tmp/text "$BASE/text.back"
    [ "$(cat "$BASE/text.back")" = $'text\nmore' ]
}

@test "rename" {
    box u3 --network none
    docker rename u3 u4
    boxes=(u4)
    docker exec u4 true
}

@test "commit, diff, export" {
    box u5
    docker exec u5 touch /new
    run docker diff u5
    mentions 'A /new'
    docker commit u5 committed >/dev/null
    docker run --rm committed ls /new
    docker export u5 | tar -t | grep -x new
}

@test "events: start, die with the code" {
    docker run --rm --name evented busy sh -c 'exit 11' || true
    wait_until 60 events_mention evented start 'die 11' destroy
}

