# linux.seccomp, seen from inside: what a call answers, by which entry, for whom.

load ../lib/helpers

# With these alone a static program can start, print and end.
ENOUGH='["execve", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlinkat", "readlink",
         "getrandom", "mprotect", "newfstatat", "fstat", "write", "exit_group"]'

setup_file() {
    gcc -D_GNU_SOURCE -O1 -static -o "$BATS_FILE_TMPDIR/syscall" "$REPO/tests/lib/syscall.c"
}

prepare() {
    cp "$BATS_FILE_TMPDIR/syscall" "$BUNDLE/rootfs/bin/"
}

# profile JQ: linux.seccomp, with $enough.
profile() {
    config ".linux.seccomp = ($1)" --argjson enough "$ENOUGH"
}

# rule ACTION NAME [MORE-MEMBERS]: everything is allowed but for this.
rule() {
    profile "{defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"],
              syscalls: [{names: [\"$2\"], action: \"SCMP_ACT_$1\"} + {${3:-}}]}"
}

# call ARGUMENT…: prints what the system call answers; $status is that of the container.
call() {
    args /bin/syscall "$@"
    run proa run --bundle "$BUNDLE" "$ID"
}

answers() {
    call "${@:2}"
    ok
    equal "$1" "$output"
}

dies_of_sigsys() {
    call "$@"
    equal 159 "$status"
}

only_x86_64() {
    [ "$(uname -m)" = x86_64 ] || skip 'other entries: x86-64 only'
}

# Some kernels, and User-mode Linux, take int 0x80 for the 64-bit entry, or not at all.
needs_i386() {
    only_x86_64
    [ "$("$BUNDLE/rootfs/bin/syscall" i386 65)" = ok ] || skip 'this kernel has no i386 entry'
}

@test "seccomp: a filter is there, with and without new privileges" {
    rule ERRNO getpgrp
    for value in false true; do
        config ".process.noNewPrivileges = $value"
        inside 'grep -E "^(Seccomp|NoNewPrivs|CapEff|CapPrm)" /proc/self/status | tr -d "\t"'
        contains "$output" Seccomp:2
        contains "$output" CapEff:0000000020000420
        contains "$output" CapPrm:0000000020000420
    done
}

@test "seccomp: neither default nor rules means no filter" {
    profile '{architectures: ["SCMP_ARCH_X86_64"]}'
    inside 'grep ^Seccomp: /proc/self/status | tr -d "\t"'
    says Seccomp:0
}

@test "seccomp: errno, the given and the usual one" {
    rule ERRNO getpgrp 'errnoRet: 13'
    answers EACCES 111
    rule ERRNO getpgrp
    answers EPERM 111
    answers ok 39
}

@test "seccomp: kill, trap, log" {
    for action in KILL_PROCESS KILL KILL_THREAD TRAP; do
        rule "$action" getpgrp
        dies_of_sigsys 111
    done
    rule LOG getpgrp
    answers ok 111
}

@test "seccomp: trace without a tracer is ENOSYS" {
    rule TRACE getpgrp
    answers ENOSYS 111
}

@test "seccomp: every operator" {
    while read -r op value two yes no; do
        rule ERRNO getpgrp "args: [{index: 1, value: $value, valueTwo: $two, op: \"SCMP_CMP_$op\"}]"
        answers EPERM 111 0 "$yes"
        answers ok 111 0 "$no"
    done <<'OPERATORS'
EQ 5 0 5 4294967301
NE 5 0 4294967301 5
LT 4294967296 0 4294967295 4294967296
LE 4294967296 0 4294967296 4294967297
GT 4294967296 0 4294967297 4294967296
GE 4294967296 0 4294967296 4294967295
MASKED_EQ 255 5 4294967301 4294967302
OPERATORS
}

# flatpak's filter compared the whole 64 bits, and the kernel looks at 32: TIOCSTI + 2^32 went through (CVE-2019-10063).
@test "seccomp: a masked comparison holds whatever the upper half is" {
    rule ERRNO ioctl 'errnoRet: 7, args: [{index: 1, value: 4294967295, valueTwo: 21522, op: "SCMP_CMP_MASKED_EQ"}]'
    answers E2BIG 16 0 0x5412
    answers E2BIG 16 0 0x100005412
    answers E2BIG 16 0 0xffffffff00005412
    call 16 0 0x5413
    lacks "$output" E2BIG
}

@test "seccomp: two conditions on one argument are alternatives, on two they are both needed" {
    rule ERRNO getpgrp 'args: [{index: 0, value: 1, op: "SCMP_CMP_EQ"}, {index: 0, value: 2, op: "SCMP_CMP_EQ"}]'
    answers EPERM 111 1
    answers EPERM 111 2
    answers ok 111 3
    rule ERRNO getpgrp 'args: [{index: 0, value: 1, op: "SCMP_CMP_EQ"}, {index: 1, value: 2, op: "SCMP_CMP_EQ"}]'
    answers EPERM 111 1 2
    answers ok 111 1 3
}

@test "seccomp: the i386 entry has its own numbers" {
    needs_i386
    answers ok i386 65
    rule ERRNO getpgrp
    answers EPERM i386 65
    answers ok i386 20
}

@test "seccomp: an entry that the profile does not name kills" {
    only_x86_64
    profile '{defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"], syscalls: [{names: ["getpgrp"], action: "SCMP_ACT_LOG"}]}'
    answers ok 39
    dies_of_sigsys x32 39
    needs_i386
    dies_of_sigsys i386 20
}

@test "seccomp: the x32 entry is filtered like the others" {
    only_x86_64
    rule ERRNO getpgrp
    answers EPERM x32 111
    rule KILL_PROCESS getpgrp
    dies_of_sigsys x32 111
}

@test "seccomp: socketcall counts as the call that it makes" {
    needs_i386
    rule ERRNO socket 'errnoRet: 7'
    answers E2BIG i386 102 1 0
    answers E2BIG i386 359 1 1 0
    call i386 102 3 0
    lacks "$output" E2BIG
}

# A program that finds EPERM where it expects ENOSYS does not try the older call.
@test "seccomp: calls newer than the profile do not exist, older ones are refused" {
    only_proa 'behind the filter runc makes more calls than these'
    config '.process.noNewPrivileges = true'
    profile '{defaultAction: "SCMP_ACT_ERRNO", syscalls: [{names: ($enough + ["openat2"]), action: "SCMP_ACT_ALLOW"}]}'
    answers EPERM 39
    answers EPERM 436
    answers ENOSYS 438
    answers ENOSYS 4000
    profile '{defaultAction: "SCMP_ACT_KILL_PROCESS", syscalls: [{names: $enough, action: "SCMP_ACT_ALLOW"}]}'
    answers ENOSYS 4000
    dies_of_sigsys 39
}

# runc needs far more behind the filter; engines' profiles allow all of that, those that people record may not.
@test "seccomp: behind the filter proa itself needs write, execve, and capset without noNewPrivileges" {
    only_proa 'loads the filter as late as can be'
    profile '{defaultAction: "SCMP_ACT_KILL_PROCESS", syscalls: [{names: $enough, action: "SCMP_ACT_ALLOW"}]}'
    config '.process.noNewPrivileges = true'
    answers ok 1 1
    config '.process.noNewPrivileges = false | .linux.seccomp.syscalls[0].names += ["capset"]'
    answers ok 1 1
    config '.process.user.uid = 1000'
    answers ok 1 1
}

@test "seccomp: create, and another process by exec" {
    rule ERRNO getpgrp
    for value in true false; do
        config ".process.noNewPrivileges = $value"
        start_waiting
        run proa exec "$ID" /bin/syscall 111
        equal EPERM "$output"
        run proa exec "$ID" /bin/syscall 39
        equal ok "$output"
        proa delete --force "$ID"
    done
}

@test "seccomp: no capabilities named, another user" {
    only_proa 'runc demands capabilities'
    rule ERRNO getpgrp
    config 'del(.process.capabilities) | .process.noNewPrivileges = false | .process.user.uid = 1000'
    answers EPERM 111
}

@test "seccomp: engines' shape: personality and clone by their arguments" {
    only_proa 'behind the filter runc makes more calls than these'
    profile '{defaultAction: "SCMP_ACT_ERRNO", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], syscalls: [
        {names: ($enough + ["getpid", "capset"]), action: "SCMP_ACT_ALLOW"},
        {names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 4294967295, op: "SCMP_CMP_EQ"}]},
        {names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: 8, op: "SCMP_CMP_EQ"}]}]}'
    answers ok 135 0xffffffff
    answers ok 135 8
    answers EPERM 135 9
    answers EPERM 135 0xffffffffffffffff
    answers EPERM 135 0x100000008
}

# ---- Notifications ----------------------------------------------------------------------------

agent() {
    coproc AGENT { exec python3 "$REPO/tests/lib/seccomp_agent.py" "$BASE/agent.sock" "$BASE/agent.json" "$1" 3>&- 4>&-; }
    agent_pid=$AGENT_PID
    read -r <&"${AGENT[0]}"
}

notify() {
    profile '{defaultAction: "SCMP_ACT_ALLOW", listenerPath: $ENV.agent, listenerMetadata: "some \"words\"",
              syscalls: [{names: ["getpgrp"], action: "SCMP_ACT_NOTIFY"}]}'
}

@test "seccomp: an agent answers, and knows for whom" {
    agent=$BASE/agent.sock
    export agent
    notify
    for value in false true; do
        config ".process.noNewPrivileges = $value | .annotations = {a: \"b\"}"
        rm -f "$BASE/agent.sock"
        agent 7
        answers E2BIG 111
        wait "$agent_pid"
        equal '["seccompFd"] some "words" creating b' \
            "$(jq -r '"\(.fds) \(.metadata) \(.state.status) \(.state.annotations.a)"' "$BASE/agent.json")"
        equal "$ID true" "$(jq -r '"\(.state.id) \(.pid == .state.pid and .pid > 1)"' "$BASE/agent.json")"
    done
}

@test "seccomp: an agent that never accepts holds nobody up" {
    agent=$BASE/agent.sock
    export agent
    notify
    agent --deaf
    answers ok 39
    kill "$agent_pid"
}

@test "seccomp: no agent: the start fails, and nothing is left" {
    agent=$BASE/nowhere.sock
    export agent
    notify
    run_refused 'failed to connect with seccomp agent specified in the seccomp profile'
    nothing_remains
}

@test "seccomp: write may not be asked about, nor everything" {
    profile '{defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/x", syscalls: [{names: ["write"], action: "SCMP_ACT_NOTIFY"}]}'
    run_refused 'SCMP_ACT_NOTIFY cannot be used for the write syscall'
    profile '{defaultAction: "SCMP_ACT_NOTIFY"}'
    run_refused 'SCMP_ACT_NOTIFY cannot be used as default action'
}

# ---- Engines ----------------------------------------------------------------------------------

@test "seccomp: podman with its own profile" {
    command -v podman >/dev/null || skip 'needs podman'
    local engine=(podman --cgroup-manager=cgroupfs --root "$BASE/podman" --runroot "$BASE/podman-run" --tmpdir "$BASE/podman-tmp"
                  --runtime "$RUNTIME")
    tar -C "$BUNDLE/rootfs" -c . | "${engine[@]}" import - box >"$BASE/out" 2>&1 || skip "podman: $(tail -n 1 "$BASE/out")"
    for option in seccomp=/usr/share/containers/seccomp.json no-new-privileges; do
        run "${engine[@]}" run --rm --network none --log-driver none --ulimit nofile=1000:1000 --ulimit nproc=1000:1000 \
            --security-opt "$option" box sh -c 'grep ^Seccomp: /proc/self/status; syscall 9999; mount -t tmpfs x /tmp || id -u'
        ok
        equal "Seccomp: 2 ENOSYS mount: permission denied (are you root?) 0" "$(tr -s '\t\n' ' ' <<<"$output" | sed 's/ $//')"
    done
}
