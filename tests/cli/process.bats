load ../lib/helpers

@test "user: uid, gid and additional groups, exactly these" {
    config '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 7, 2000000000]}'
    inside 'grep -E "^(Uid|Gid|Groups):" /proc/self/status'
    says $'Uid:\t1000\t1000\t1000\t1000\nGid:\t1001\t1001\t1001\t1001\nGroups:\t5 7 2000000000 '
}

@test "user: none of the caller's supplementary groups remain" {
    config '.process.user = {uid: 0, gid: 0}'
    args grep Groups: /proc/self/status
    run setpriv --groups 20,21 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    says $'Groups:\t '
}

# in_user_namespace GROUPS COMMAND…: root of a user namespace that has all ids, with these supplementary groups.
in_user_namespace() {
    local pid
    rm -f "$BASE/mapped"
    mkfifo "$BASE/mapped"
    setpriv --groups "$1" unshare --user --mount --propagation unchanged sh -c 'read -r x <"$0"; exec "$@"' "$BASE/mapped" "${@:2}" \
        >"$BASE/out" 2>&1 </dev/null 3>&- &
    pid=$!
    until [ "$(readlink "/proc/$pid/ns/user")" != "$(readlink /proc/self/ns/user)" ]; do :; done
    echo 0 0 4294967295 >"/proc/$pid/gid_map"
    echo 0 0 4294967295 >"/proc/$pid/uid_map"
    echo >"$BASE/mapped"
    wait $pid || { cat "$BASE/out"; return 1; }
}

@test "user: the caller's groups are kept by annotation in a user namespace, for exec too, unless others are named" {
    [ "$NAME" != runc ] || skip 'runc does not know the annotation'
    config '.annotations["run.oci.keep_original_groups"] = "1" | .linux.resources = {}'
    args sleep 1000
    in_user_namespace 20,21 "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" "$ID"
    init=$("$RUNTIME" --root "$STATE" state "$ID" | jq .pid)
    grep -x $'Groups:\t20 21 ' "/proc/$init/status"
    exec_there() {
        run setpriv --groups 22 nsenter -t "$init" -U --preserve-credentials "$RUNTIME" --root "$STATE" exec "$@" "$ID" grep Groups: /proc/self/status
    }
    exec_there
    says $'Groups:\t22 '
    exec_there --additional-gids 7
    says $'Groups:\t7 '
}

@test "capabilities: ambient ones that are not inheritable are left out without a word" {
    config '.process.capabilities.ambient = ["CAP_KILL"] | .process.capabilities.inheritable = []'
    inside 'grep CapAmb: /proc/self/status'
    says $'CapAmb:\t0000000000000000'
    [ -z "$stderr" ]
}

@test "user: an ID of 2^31 and the largest one" {
    only_proa 'the control stops at 2^31 - 1'
    for id in 2147483648 4294967294; do
        config '.process.user = {uid: $id, gid: $id}' --argjson id "$id"
        inside 'grep Uid: /proc/self/status'
        says $'Uid:\t'"$id"$'\t'"$id"$'\t'"$id"$'\t'"$id"
    done
}

@test "user: IDs that do not fit are refused, never 0" {
    only_proa 'says so before anything is made'
    for id in -1 4294967295 4294967296 1e30; do
        config '.process.user.uid = $id' --argjson id "$id"
        run_refused '/process/user/uid'
    done
}

@test "umask: as configured, 0022 otherwise" {
    config '.process.user.umask = 63'
    inside umask
    says 0077
    config 'del(.process.user.umask)'
    inside umask
    says 0022
}

@test "capabilities: the five sets of the default configuration" {
    inside 'grep ^Cap /proc/self/status'
    config '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"],
        permitted: ["CAP_CHOWN", "CAP_KILL"], effective: ["CAP_CHOWN"], inheritable: ["CAP_CHOWN", "CAP_KILL"],
        ambient: ["CAP_KILL"]} | .process.user.uid = 1000'
    inside 'grep ^Cap /proc/self/status'
    # What execve(2) makes of them for an ordinary user: permitted and effective become ambient.
    says $'CapInh:\t0000000000000021\nCapPrm:\t0000000000000020\nCapEff:\t0000000000000020\nCapBnd:\t0000000000002021\nCapAmb:\t0000000000000020'
}

@test "capabilities: root gets the bounding set, nothing ambient unless asked" {
    config '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL"], permitted: ["CAP_CHOWN", "CAP_KILL"],
        effective: ["CAP_CHOWN", "CAP_KILL"]}'
    inside 'grep ^Cap /proc/self/status'
    says $'CapInh:\t0000000000000000\nCapPrm:\t0000000000000021\nCapEff:\t0000000000000021\nCapBnd:\t0000000000000021\nCapAmb:\t0000000000000000'
}

@test "capabilities: an ordinary user without ambient ones has none (CVE-2016-8867)" {
    config '.process.capabilities = {bounding: ["CAP_CHOWN"], permitted: ["CAP_CHOWN"], effective: ["CAP_CHOWN"]}
        | .process.user.uid = 1000'
    inside 'grep -E "^Cap(Prm|Eff|Amb|Inh)" /proc/self/status'
    says $'CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapAmb:\t0000000000000000'
}

@test "capabilities: empty sets leave none, not even in the bounding set" {
    config '.process.capabilities = {}'
    inside 'grep ^Cap /proc/self/status | grep -v 0000000000000000; true'
    says ''
}

@test "capabilities: absent, they are the caller's" {
    only_proa 'the control drops all'
    config 'del(.process.capabilities)'
    inside 'grep CapBnd /proc/self/status'
    says "$(grep CapBnd /proc/self/status)"
}

@test "capabilities: an unknown name is ignored" {
    only_proa 'the control warns too, in another place'
    config '.process.capabilities.bounding += ["CAP_TO_FLY"]'
    args true
    run --separate-stderr proa run --bundle "$BUNDLE" "$ID"
    ok
    contains "$stderr" CAP_TO_FLY
    contains "$stderr" level=warning
}

@test "rlimits: hard and soft values of all that can be lowered" {
    config '.process.rlimits = [
        {type: "RLIMIT_AS", soft: 5000000000, hard: 6000000000}, {type: "RLIMIT_CORE", soft: 0, hard: 1024},
        {type: "RLIMIT_CPU", soft: 100, hard: 200}, {type: "RLIMIT_DATA", soft: 1000000000, hard: 2000000000},
        {type: "RLIMIT_FSIZE", soft: 4096, hard: 8192}, {type: "RLIMIT_LOCKS", soft: 10, hard: 11},
        {type: "RLIMIT_MEMLOCK", soft: 4096, hard: 4097}, {type: "RLIMIT_MSGQUEUE", soft: 4096, hard: 8192},
        {type: "RLIMIT_NICE", soft: 0, hard: 0}, {type: "RLIMIT_NOFILE", soft: 64, hard: 128},
        {type: "RLIMIT_NPROC", soft: 1000, hard: 1001}, {type: "RLIMIT_RSS", soft: 1000000, hard: 2000000},
        {type: "RLIMIT_RTPRIO", soft: 0, hard: 0}, {type: "RLIMIT_RTTIME", soft: 1000, hard: 2000},
        {type: "RLIMIT_SIGPENDING", soft: 100, hard: 101}, {type: "RLIMIT_STACK", soft: 1048576, hard: 2097152}]'
    inside 'tail -n +2 /proc/self/limits | sed "s/  */ /g"'
    for line in 'Max address space 5000000000 6000000000 bytes' 'Max core file size 0 1024 bytes' \
        'Max cpu time 100 200 seconds' 'Max data size 1000000000 2000000000 bytes' 'Max file size 4096 8192 bytes' \
        'Max file locks 10 11 locks' 'Max locked memory 4096 4097 bytes' 'Max msgqueue size 4096 8192 bytes' \
        'Max nice priority 0 0' 'Max open files 64 128 files' 'Max processes 1000 1001 processes' \
        'Max resident set 1000000 2000000 bytes' 'Max realtime priority 0 0' 'Max realtime timeout 1000 2000 us' \
        'Max pending signals 100 101 signals' 'Max stack size 1048576 2097152 bytes'; do
        contains "$output" "$line"
    done
}

@test "rlimits: of the same type, the last counts" {
    config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_NOFILE", soft: 50, hard: 60}]'
    inside 'ulimit -n; ulimit -Hn'
    says $'50\n60'
}

@test "rlimits: the last counts, though it is the higher one and the user has no right to raise it" {
    config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 50, hard: 60}, {type: "RLIMIT_CORE", soft: 0, hard: 0},
        {type: "RLIMIT_NOFILE", soft: 100, hard: 200}] | .process.user = {uid: 1000, gid: 1000}'
    inside 'ulimit -n; ulimit -Hn; ulimit -c'
    says $'100\n200\n0'
}

@test "rlimits: an unknown type is refused" {
    config '.process.rlimits = [{type: "RLIMIT_FUN", soft: 1, hard: 1}]'
    run_refused RLIMIT_FUN
}

@test "rlimits: absent, they are the caller's" {
    args sh -c 'ulimit -n; ulimit -Hn'
    run bash -c 'ulimit -n 123; exec "$@"' sh "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    says $'123\n123'
}

@test "noNewPrivileges: both values" {
    for value in true:1 false:0; do
        config '.process.noNewPrivileges = $v' --argjson v "${value%:*}"
        inside 'grep NoNewPrivs /proc/self/status'
        says $'NoNewPrivs:\t'"${value#*:}"
    done
}

@test "oomScoreAdj: as configured; absent, inherited" {
    config '.process.oomScoreAdj = 321'
    inside 'cat /proc/self/oom_score_adj'
    says 321
    config 'del(.process.oomScoreAdj)'
    inside 'cat /proc/self/oom_score_adj'
    says "$(cat /proc/self/oom_score_adj)"
}

@test "oomScoreAdj: out of range is refused" {
    config '.process.oomScoreAdj = 1001'
    run_refused ''
}

@test "cwd: where the program starts" {
    mkdir -p "$BUNDLE/rootfs/a/b"
    config '.process.cwd = "/a/b"'
    inside pwd
    says /a/b
}

@test "cwd: created when missing, with mode 0755" {
    config '.process.cwd = "/new/deep/place"'
    inside 'pwd; stat -c "%a %u" /new /new/deep/place'
    says $'/new/deep/place\n755 0\n755 0'
}

@test "cwd: through a symbolic link, resolved inside" {
    mkdir -p "$BUNDLE/rootfs/target"
    ln -s /target "$BUNDLE/rootfs/link"
    config '.process.cwd = "/link"'
    inside '/bin/pwd -P; stat -c %n /target'
    says $'/target\n/target'
}

@test "cwd: a directory that only the user may enter" {
    mkdir -p "$BUNDLE/rootfs/private"
    chmod 700 "$BUNDLE/rootfs/private"
    chown 1000:1000 "$BUNDLE/rootfs/private"
    config '.process.user = {uid: 1000, gid: 1000} | .process.cwd = "/private" | .process.capabilities = {}'
    inside 'pwd; touch file; stat -c %u file'
    says $'/private\n1000'
}

@test "cwd: empty, relative and a file are refused" {
    config '.process.cwd = ""'
    run_refused 'Cwd property must not be empty'
    config '.process.cwd = "relative"'
    run_refused 'Cwd must be an absolute path'
    config '.process.cwd = "/etc/passwd"'
    run_refused 'ot a directory'
}

@test "env: what is configured and HOME, nothing of the caller's" {
    config '.process.env = ["PATH=/bin", "A=1", "EMPTY="]'
    args env
    run env SECRET=1 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    equal $'A=1\nEMPTY=\nHOME=/root\nPATH=/bin' "$(sort <<<"$output")"
}

@test "env: of duplicates the last wins, at its own place" {
    only_proa 'the control keeps both'
    config '.process.env = ["PATH=/bin", "A=1", "B=2", "A=3"]'
    args env
    run proa run --bundle "$BUNDLE" "$ID"
    says $'PATH=/bin\nB=2\nA=3\nHOME=/root'
}

@test "env: HOME comes from the container's passwd, else it is /" {
    config '.process.user.uid = 1000'
    inside 'echo $HOME'
    says /home/user
    config '.process.user.uid = 4711'
    inside 'echo $HOME'
    says /
    rm "$BUNDLE/rootfs/etc/passwd"
    inside 'echo $HOME'
    says /
}

@test "env: a HOME that is configured stays; an empty one is filled" {
    config '.process.env += ["HOME=/elsewhere"]'
    inside 'echo $HOME'
    says /elsewhere
    only_proa 'the control keeps the empty one'
    config '.process.env += ["HOME="]'
    inside 'echo $HOME'
    says /root
}

@test "env: an odd passwd does not harm: a fifo, a directory, a link out, huge" {
    config '.process.user.uid = 1000'
    passwd=$BUNDLE/rootfs/etc/passwd
    rm "$passwd"
    mkfifo "$passwd"
    [ "$NAME" = runc ] || inside 'echo $HOME'
    rm "$passwd"
    mkdir "$passwd"
    [ "$NAME" = runc ] || inside 'echo $HOME'
    rmdir "$passwd"
    ln -s /dev/zero "$passwd"
    [ "$NAME" = runc ] || inside 'echo $HOME'
    rm "$passwd"
    truncate -s 10G "$passwd"
    [ "$NAME" = runc ] || inside 'echo $HOME'
}

@test "env: an entry without = or without a name is refused" {
    only_proa 'the control passes it on'
    config '.process.env = ["PATH=/bin", "NOTHING"]'
    run_refused "missing '='"
    config '.process.env = ["PATH=/bin", "=x"]'
    run_refused 'name cannot be empty'
}

@test "env: a NUL in an entry is refused" {
    only_proa 'the control gives up in execve'
    config '.process.env += ["A=1\u0000B"]'
    run_refused 'NUL character in a string'
}

@test "args: found in the container's PATH, not in the caller's" {
    mkdir -p "$BUNDLE/rootfs/opt"
    printf '#!/bin/sh\necho mine "$@"\n' >"$BUNDLE/rootfs/opt/tool"
    chmod 755 "$BUNDLE/rootfs/opt/tool"
    config '.process.env = ["PATH=/none:/opt:/bin"]'
    args tool 'a b' '' 'c'
    run proa run --bundle "$BUNDLE" "$ID"
    says 'mine a b  c'
}

@test "args: argv[0] is what was written, the path may be relative to cwd" {
    cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/opt-sh" 2>/dev/null
    config '.process.cwd = "/bin"'
    args ./cat /proc/self/cmdline
    run proa run --bundle "$BUNDLE" "$ID"
    equal $'./cat/proc/self/cmdline' "$(tr -d '\0' <<<"$output")"
}

@test "args: sixteen thousand of them" {
    config '.process.args = ["sh", "-c", "echo $#", "sh"] + [range(16000) | tostring]'
    run proa run --bundle "$BUNDLE" "$ID"
    says 16000
}

@test "args: a program of another user that may be executed" {
    config '.process.user = {uid: 1000, gid: 1000}'
    inside 'id -u; id -g'
    says $'1000\n1000'
}

@test "hostname and domainname" {
    config '.hostname = "chosen.example" | .domainname = "nis.example"'
    [ "$NAME" = proa ] || config 'del(.domainname)'
    inside 'hostname; cat /proc/sys/kernel/domainname'
    equal chosen.example "${lines[0]}"
    [ "$NAME" = runc ] || equal nis.example "${lines[1]}"
}

@test "hostname: absent, it is the host's" {
    config 'del(.hostname)'
    inside hostname
    says "$(hostname)"
}

@test "sysctl: in the network, ipc and uts namespaces of the container" {
    before=$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni)
    config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmni": "77", "fs.mqueue.msg_max": "33",
        "net/ipv4/conf/lo/forwarding": "0"}'
    inside 'cd /proc/sys; cat net/ipv4/ip_forward kernel/shmmni fs/mqueue/msg_max net/ipv4/conf/lo/forwarding'
    says $'1\n77\n33\n0'
    equal "$before" "$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni)"
}

@test "sysctl: what is not the container's own is refused" {
    for key in kernel.core_pattern kernel/core_pattern vm.swappiness net.../kernel.core_pattern; do
        config '.linux.sysctl = {($k): "1"}' --arg k "$key"
        run_refused ''
    done
    config '.linux.sysctl = {"kernel.hostname": "x"}'
    run_refused 'conflicts with the OCI'
    config '.linux.sysctl = {"kernel.shmmax": "1"}'
    no_namespace ipc
    run_refused 'ipc namespace'
    config '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
    no_namespace network
    run_refused 'network namespace'
}

@test "a setuid program gains nothing with noNewPrivileges" {
    cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/bin/busybox-suid"
    rm "$BUNDLE/rootfs/bin/id"
    chmod 4755 "$BUNDLE/rootfs/bin/busybox-suid"
    config '.process.user = {uid: 1000, gid: 1000} | .process.noNewPrivileges = true'
    inside 'busybox-suid id -u'
    says 1000
}

@test "no dumpable window, no tracer, its own session" {
    inside 'grep -E "TracerPid|NSsid|NSpgid" /proc/1/status'
    says $'TracerPid:\t0\nNSpgid:\t1\nNSsid:\t1'
}

# ---- Scheduling -------------------------------------------------------------------------------

# Field N (from 1) of /proc/1/stat: 18 priority, 19 nice, 41 policy.
stat_field() {
    echo "sed 's/.*) //' /proc/1/stat | cut -d ' ' -f $(($1 - 2))"
}

@test "scheduler: SCHED_OTHER and SCHED_BATCH with a nice value, and SCHED_IDLE" {
    for setting in OTHER:0:5 BATCH:3:19 IDLE:5:0; do
        IFS=: read -r policy number nice <<<"$setting"
        config '.process.scheduler = {policy: $p, nice: $n}' --arg p "SCHED_$policy" --argjson n "$nice"
        inside "$(stat_field 41); $(stat_field 19)"
        says "$number"$'\n'"$nice"
    done
}

real_time_on_v2() {
    local dir=/sys/fs/cgroup/real-time-$ID status=0
    [ -f /sys/fs/cgroup/cgroup.controllers ] || return 0
    mkdir "$dir"
    sh -c 'echo 0 >"$0/cgroup.procs" && exec chrt -f 1 true' "$dir" 2>/dev/null || status=1
    rmdir "$dir"
    return $status
}

@test "scheduler: real-time policies with their priorities" {
    chrt -f 1 true 2>/dev/null || skip 'no real-time scheduling here'
    real_time_on_v2 || skip 'this kernel has none in a cgroup of v2 (RT_GROUP_SCHED)'
    [ ! -e "$(cgroup_file cpu cpu.rt_runtime_us '')" ] ||
        config '.linux.resources.cpu = {realtimeRuntime: 10000, realtimePeriod: 1000000}'
    for setting in FIFO:1:7 RR:2:9; do
        IFS=: read -r policy number priority <<<"$setting"
        config '.process.scheduler = {policy: $p, priority: $n}' --arg p "SCHED_$policy" --argjson n "$priority"
        inside "$(stat_field 41); $(stat_field 40)"
        says "$number"$'\n'"$priority"
    done
}

@test "scheduler: SCHED_DEADLINE with its three times" {
    chrt -d --sched-runtime 1000000 --sched-deadline 10000000 --sched-period 10000000 0 true 2>/dev/null ||
        skip 'no deadline scheduling here'
    config '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 10000000, period: 10000000}'
    # It may not fork, so sh is no help. Its name has no blanks.
    args cut -d ' ' -f 41 /proc/self/stat
    run proa run --bundle "$BUNDLE" "$ID"
    says 6
}

@test "scheduler: SCHED_FLAG_RESET_ON_FORK: children are ordinary again" {
    config '.process.scheduler = {policy: "SCHED_BATCH", nice: -5, flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
    inside "$(stat_field 41); $(stat_field 19); sed 's/.*) //' /proc/self/stat | cut -d ' ' -f 17"
    says $'3\n-5\n0'
}

@test "scheduler: what the kernel does not take is an error that names it" {
    config '.process.scheduler = {policy: "SCHED_FIFO", priority: 100}'
    run_refused process.scheduler
    config '.process.scheduler = {policy: "SCHED_ISO"}'
    run_refused process.scheduler
}

@test "scheduler: SCHED_DEADLINE does not go with a cpuset" {
    only_proa 'the control says something else'
    chrt -d --sched-runtime 1000000 --sched-deadline 10000000 --sched-period 10000000 0 true 2>/dev/null ||
        skip 'no deadline scheduling here'
    [ "$(nproc --all)" -gt 1 ] || skip 'one CPU'
    config '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 10000000, period: 10000000}
        | .linux.resources.cpu.cpus = "0"'
    run_refused "process scheduler can't be used together with AllowedCPUs"
}

@test "scheduler: rules between its members" {
    config '.process.scheduler = {policy: "SCHED_OTHER", nice: 20}'
    run_refused '/process/scheduler/nice'
    config '.process.scheduler = {policy: "SCHED_OTHER", priority: 1}'
    run_refused 'scheduler.priority can only be specified for SchedFIFO or SchedRR policy'
    config '.process.scheduler = {policy: "SCHED_RR", priority: 1, runtime: 5}'
    run_refused 'scheduler runtime/deadline/period can only be specified for SchedDeadline policy'
    config '.process.scheduler = {nice: 1}'
    run_refused /process/scheduler/policy
}

@test "ioPriority: classes and priorities" {
    for setting in BE:1:best-effort BE:7:best-effort IDLE:0:idle; do
        IFS=: read -r class priority name <<<"$setting"
        config '.process.ioPriority = {class: $c, priority: $p}' --arg c "IOPRIO_CLASS_$class" --argjson p "$priority"
        start_waiting
        contains "$(ionice -p "$(pid_of)")" "$name"
        [ "$class" = IDLE ] || contains "$(ionice -p "$(pid_of)")" "prio $priority"
        proa delete --force "$ID"
    done
    config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8}'
    run_refused /process/ioPriority/priority
}

@test "personality: LINUX32 says another machine; flags are warned of" {
    only_proa 'the control does not do it yet'
    config '.linux.personality = {domain: "LINUX32"}'
    inside 'uname -m; cat /proc/1/personality'
    equal 00000008 "${lines[1]}"
    # A kernel without 32-bit programs may have but one name.
    [ "$(setarch linux32 uname -m 2>/dev/null)" != i686 ] || equal i686 "${lines[0]}"
    config '.linux.personality = {domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"]}'
    args cat /proc/1/personality
    run --separate-stderr setarch --addr-no-randomize "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    says 00000000
    contains "$stderr" 'ignoring unsupported personality flags'
}

@test "memoryPolicy: as the kernel shows it" {
    [ -d /sys/devices/system/node/node0 ] || skip 'no NUMA'
    only_proa 'the control does not know it'
    for setting in BIND:0:bind:0 INTERLEAVE:0:interleave:0 PREFERRED:0:prefer:0 PREFERRED_MANY:0-0:'prefer (many)':0 LOCAL::local:; do
        IFS=: read -r mode nodes name shown <<<"$setting"
        config '.linux.memoryPolicy = {mode: $m, nodes: $n}' --arg m "MPOL_$mode" --arg n "$nodes"
        inside 'grep -m 1 stack /proc/self/numa_maps'
        contains "$output" " $name${shown:+:$shown} "
    done
    config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
    inside 'grep -m 1 stack /proc/self/numa_maps'
    contains "$output" ' bind=static:0 '
}

@test "memoryPolicy: what is wrong with it" {
    only_proa 'the control does not know it'
    config '.linux.memoryPolicy = {mode: "MPOL_BEST"}'
    run_refused 'invalid memory policy mode \"MPOL_BEST\"'
    config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_BEST"]}'
    run_refused 'invalid memory policy flag \"MPOL_F_BEST\"'
    config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0-"}'
    run_refused 'invalid memory policy nodes \"0-\": '
    config '.linux.memoryPolicy = {mode: "MPOL_DEFAULT", nodes: "0,1"}'
    run_refused 'memory policy mode requires 0 nodes but got 2'
    config '.linux.memoryPolicy = {mode: "MPOL_BIND"}'
    run_refused 'memory policy mode requires at least one node but got 0'
}

@test "CPU affinity: the caller's does not bind the container" {
    only_proa 'the control of that version keeps it'
    [ "$(nproc --all)" -gt 1 ] || skip 'one CPU'
    args grep Cpus_allowed_list /proc/self/status
    run taskset -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')" "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    equal "$(grep Cpus_allowed_list /proc/1/status)" "$output"
}

@test "execCPUAffinity: a bad list is an error at create" {
    only_proa 'the control does not know it'
    config '.process.execCPUAffinity = {initial: "0-"}'
    run_refused '/process/execCPUAffinity/initial: bad CPUAffinity.Initial \"0-\"'
    config '.process.execCPUAffinity = {final: "5-2"}'
    run_refused '/process/execCPUAffinity/final: bad CPUAffinity.Final \"5-2\"'
}

@test "execCPUAffinity: exec ends on its CPUs; the container itself has them all" {
    only_proa 'the control does not know it'
    [ "$(nproc)" -gt 1 ] || skip 'one CPU'
    all=$(grep Cpus_allowed_list /proc/1/status)
    cpus() { proa exec "$@" "$ID" grep Cpus_allowed_list /proc/self/status; }
    config '.process.execCPUAffinity = {initial: "0", final: "1"}'
    start_waiting
    equal $'Cpus_allowed_list:\t1' "$(cpus)"
    equal "$all" "$(grep Cpus_allowed_list "/proc/$(pid_of)/status")"
    # What --process says counts; of a single list it is that one, without a list all CPUs.
    program='.process | .args = ["grep", "Cpus_allowed_list", "/proc/self/status"]'
    jq "$program | .execCPUAffinity = {initial: \"0\"}" "$BUNDLE/config.json" >"$BASE/process.json"
    equal $'Cpus_allowed_list:\t0' "$(proa exec --process "$BASE/process.json" "$ID")"
    jq "$program | .execCPUAffinity = {}" "$BUNDLE/config.json" >"$BASE/process.json"
    equal "$all" "$(taskset -c 0 "$RUNTIME" --root "$STATE" exec --process "$BASE/process.json" "$ID")"
}

@test "exec: scheduler, I/O priority and personality are the container's, the memory policy is not" {
    only_proa 'the control does not do it yet'
    config '.process.scheduler = {policy: "SCHED_BATCH", nice: 3} | .process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}
        | .linux.personality = {domain: "LINUX32"}'
    [ ! -d /sys/devices/system/node/node0 ] || config '.linux.memoryPolicy = {mode: "MPOL_LOCAL"}'
    start_waiting
    # Without a fork cut is what exec has made, and its name has no blanks.
    equal '3 3' "$(proa exec "$ID" cut -d ' ' -f 19,41 /proc/self/stat)"
    equal 00000008 "$(proa exec "$ID" cat /proc/self/personality)"
    [ ! -e /proc/self/numa_maps ] || contains "$(proa exec "$ID" grep -m 1 stack /proc/self/numa_maps)" ' default '
}

# ---- Labels and keys --------------------------------------------------------------------------

@test "AppArmor: a profile is an error where there is no AppArmor" {
    [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ] || skip 'AppArmor is on'
    config '.process.apparmorProfile = "some-profile"'
    run_refused 'apparmor: config provided but apparmor not supported'
}

# load_profile NAME RULES
load_profile() {
    apparmor_parser -r <<<"profile $1 flags=(attach_disconnected,mediate_deleted) { $2 }"
}

@test "AppArmor: the program runs under its profile" {
    [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || skip 'AppArmor is off'
    load_profile "$ID-profile" 'file, capability, network, mount, umount, signal, ptrace, deny /secret r,'
    config '.process.apparmorProfile = $p' --arg p "$ID-profile"
    echo hidden >"$BUNDLE/rootfs/secret"
    for nnp in true false; do
        config '.process.noNewPrivileges = $v' --argjson v "$nnp"
        inside 'cat /proc/self/attr/current; cat /secret 2>&1 | grep -o "ermission denied"'
        says "$ID-profile (enforce)"$'\n''ermission denied'
    done
    config '.process.user = {uid: 1000, gid: 1000}'
    inside 'cat /proc/self/attr/current'
    says "$ID-profile (enforce)"
    # In a user namespace without a procfs of its own, too.
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 5000}] | .linux.gidMappings = .linux.uidMappings
        | .mounts |= map(select(.type != "proc")) | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    start_waiting
    equal "$ID-profile (enforce)" "$(cat "/proc/$(pid_of)/attr/current")"
    proa delete --force "$ID"
    apparmor_parser -R <<<"profile $ID-profile { }"
}

@test "AppArmor: what the container has mounted over the files of its label is not written to (CVE-2019-16884)" {
    [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || skip 'AppArmor is off'
    load_profile "$ID-profile" 'file, capability, network, mount, umount, signal, ptrace,'
    config '.process.apparmorProfile = $p' --arg p "$ID-profile"
    # An image that brings its own /proc, made of ordinary files, and no procfs over it.
    mkdir -p "$BUNDLE/rootfs/proc/thread-self/attr/apparmor" "$BUNDLE/rootfs/proc/self/attr/apparmor"
    for file in "$BUNDLE"/rootfs/proc/{self,thread-self}/attr/{exec,apparmor/exec}; do echo fake >"$file"; done
    config '.mounts |= map(select(.type != "proc")) | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
    start_waiting
    equal "$ID-profile (enforce)" "$(cat "/proc/$(pid_of)/attr/current")"
    equal fake "$(cat "$BUNDLE"/rootfs/proc/{self,thread-self}/attr/{exec,apparmor/exec} | sort -u)"
    proa delete --force "$ID"
    apparmor_parser -R <<<"profile $ID-profile { }"
}

@test "AppArmor: a profile that is not loaded is an error" {
    [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || skip 'AppArmor is off'
    config '.process.apparmorProfile = "never-loaded"'
    run_refused 'process.apparmorProfile never-loaded'
}

@test "SELinux: a label is an error where there is no SELinux" {
    [ ! -e /sys/fs/selinux/enforce ] || skip 'SELinux is on'
    config '.process.selinuxLabel = "system_u:system_r:container_t:s0"'
    run_refused 'selinux label is specified in config, but selinux is disabled or not supported'
}

@test "SELinux: the program and its keyring have the label" {
    [ -e /sys/fs/selinux/enforce ] || skip 'SELinux is off'
    label=$(cat /proc/self/attr/current | tr -d '\0')
    config '.process.selinuxLabel = $l' --arg l "$label"
    inside 'cat /proc/self/attr/current | tr -d "\0"; cat /proc/self/attr/keycreate'
    says "$label"
    config '.process.selinuxLabel = "no:such:label"'
    run_refused 'process.selinuxLabel no:such:label'
}

# The session keyring's name and permissions, as its possessor sees them; /proc/keys may be masked.
session_keyring() {
    config '.linux.maskedPaths = []'
    inside 'grep "_ses" /proc/keys'
}

@test "session keyring: its name, and the permission to search it" {
    [ -e /proc/keys ] || skip 'no keyrings'
    session_keyring
    matches "$output" " 3f1b0000 .* _ses\.$ID: "
}

@test "session keyring: none of its own with --no-new-keyring" {
    [ -e /proc/keys ] || skip 'no keyrings'
    config '.linux.maskedPaths = []'
    args sh -c 'grep -c "_ses.$1:" /proc/keys' sh "$ID"
    run proa run --no-new-keyring --bundle "$BUNDLE" "$ID"
    says 0
}
