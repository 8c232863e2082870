load ../lib/helpers

# Known escapes of other runtimes, tried on this one: the root file system is hostile, config.json
# is not. $CANARY is a directory of the host's; nothing in it may change.

prepare() {
    CANARY=$BASE/canary
    mkdir "$CANARY"
    echo canary >"$CANARY/file"
    args true
}

canary_lives() {
    equal file "$(ls -A "$CANARY")"
    equal canary "$(cat "$CANARY/file")"
    equal '644 0 0' "$(stat -c '%a %u %g' "$CANARY/file")"
}

# The runtime either refuses, or runs the program without harm.
either_way() {
    run --separate-stderr timeout 20 "$HARNESS" orphans "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    [ "$status" -le 1 ] || complain "status $status: $stderr"
    canary_lives
    nothing_remains
}

no_dev_mount() {
    config '.mounts |= map(select(.destination | startswith("/dev") | not))'
}

@test "CVE-2019-19921, CVE-2023-27561: /proc or /sys in the root is a symbolic link" {
    for name in proc sys; do
        for target in /bad "$CANARY" bad ../../.. tmp/../bad; do
            rm -rf "$BUNDLE/rootfs/${name:?}"
            mkdir -p "$BUNDLE/rootfs/bad"
            ln -s "$target" "$BUNDLE/rootfs/$name"
            run_refused 'must be mounted on ordinary directory'
            contains "$stderr" "/$name"
            canary_lives
        done
        rm "$BUNDLE/rootfs/$name"
        mkdir "$BUNDLE/rootfs/$name"
    done
}

@test "CVE-2015-3627: mounts into /proc are refused" {
    mkdir "$BASE/fake"
    for destination in /proc /proc/self /proc/self/attr /sys/../proc/self /proc/sys /proc/net/dev /proc/1; do
        add_mount "$destination" bind "$BASE/fake" bind
        run_refused ''
        config '.mounts |= map(select(.type != "bind"))'
    done
}

@test "CVE-2015-3627: but the files of virtual lxcfs may be covered" {
    echo covered >"$BASE/fake"
    for name in cpuinfo diskstats meminfo stat swaps uptime loadavg; do
        [ -e "/proc/$name" ] || continue
        add_mount "/proc/$name" bind "$BASE/fake" bind
    done
    inside 'cat /proc/meminfo /proc/uptime'
    says $'covered\ncovered'
}

@test "CVE-2019-16884: a tmpfs or a fake tree over /proc is refused" {
    add_mount /proc tmpfs tmpfs
    run_refused '/proc'
    config '.mounts |= map(select(.destination != "/proc"))'
    mkdir -p "$BASE/fake/self/attr"
    add_mount /proc bind "$BASE/fake" rbind
    run_refused '/proc'
}

@test "CVE-2019-18837: destinations through chains of links stay inside" {
    up=$(printf '../%.0s' {1..20})
    ln -s "$up$CANARY" "$BUNDLE/rootfs/a"
    ln -s /a "$BUNDLE/rootfs/b"
    ln -s b/../b "$BUNDLE/rootfs/c"
    for n in $(seq 30); do ln -s "l$((n + 1))" "$BUNDLE/rootfs/l$n"; done
    ln -s a "$BUNDLE/rootfs/l31"
    for name in a b c l1; do
        add_mount "/$name/made" tmpfs tmpfs
        either_way
        config '.mounts |= map(select(.destination | endswith("/made") | not))'
    done
}

@test "CVE-2019-18837: loops, .. at the root, names of 255 and 256 bytes, paths that are too long" {
    ln -s loop2 "$BUNDLE/rootfs/loop1"
    ln -s loop1 "$BUNDLE/rootfs/loop2"
    add_mount /loop1/x tmpfs tmpfs
    run_refused ''
    config '.mounts[-1].destination = "/../../../../tmp/x"'
    either_way
    [ "$NAME" = runc ] || equal 0 "$status"
    config '.mounts[-1].destination = "/" + ("n" * 255)'
    proa run --bundle "$BUNDLE" "$ID"
    config '.mounts[-1].destination = "/" + ("n" * 256)'
    run_refused 'ame too long'
    config '.mounts[-1].destination = ("/abc" * 1500)'
    run_refused ''
}

@test "CVE-2024-45310: a missing mount point is not made outside, whatever its parents are" {
    ln -s "$CANARY" "$BUNDLE/rootfs/out"
    echo data >"$BASE/data"
    add_mount /out/new-file bind "$BASE/data" bind
    either_way
    config '.mounts[-1].destination = "/out/new/dir/file"'
    either_way
}

@test "CVE-2024-45310: a mount point that is a fifo or a device does not block" {
    mkfifo "$BUNDLE/rootfs/fifo"
    echo data >"$BASE/data"
    add_mount /fifo bind "$BASE/data" bind
    either_way
}

@test "CVE-2025-31133: /dev/null of the root file system is not the mask" {
    only_proa 'the control is open to it: that this test can fail was seen there'
    # A /dev that the attacker made: bound, so that nothing is created in it.
    mkdir "$BASE/dev"
    no_dev_mount
    config '.mounts += [{destination: "/dev", type: "bind", source: $s, options: ["bind"]}]
        | .linux.maskedPaths = ["/proc/keys", "/etc/passwd"]' --arg s "$BASE/dev"
    args sh -c 'cat /proc/keys /etc/passwd; (echo x >/etc/passwd) 2>&1; cat /etc/passwd'
    check() {
        either_way
        if [ "$status" -eq 0 ]; then says ''; fi
        contains "$(cat "$BUNDLE/rootfs/etc/passwd")" root:
        rm "$BASE/dev/null"
    }
    ln -s "$CANARY/file" "$BASE/dev/null"
    check
    ln -s /proc/sys/kernel/core_pattern "$BASE/dev/null"
    check
    echo regular >"$BASE/dev/null"
    check
    mknod "$BASE/dev/null" c 1 5
    check
}

@test "CVE-2026-41579, CVE-2026-47766: /dev in the root is a symbolic link" {
    only_proa 'the control is open to it: that this test can fail was seen there'
    for target in "$CANARY" "../../..$CANARY" /dev2; do
        mkdir -p "$BASE/outside"
        echo 'outside marker' >"$BASE/outside/ptmx"
        rm -rf "$BUNDLE/rootfs/dev"
        ln -s "${target/canary/outside}" "$BUNDLE/rootfs/dev"
        no_dev_mount
        config '.root.readonly = true'
        either_way
        equal ptmx "$(ls -A "$BASE/outside")"
        equal 'outside marker' "$(cat "$BASE/outside/ptmx")"
        [ -f "$BASE/outside/ptmx" ]
        [ ! -e /dev2 ]
    done
}

@test "CVE-2026-41579: /dev/pts and /dev/shm are links out" {
    no_dev_mount
    rm -rf "$BUNDLE/rootfs/dev"
    mkdir "$BUNDLE/rootfs/dev"
    ln -s "$CANARY" "$BUNDLE/rootfs/dev/pts"
    ln -s "$CANARY/file" "$BUNDLE/rootfs/dev/ptmx"
    ln -s "$CANARY/file" "$BUNDLE/rootfs/dev/zero"
    add_mount /dev/shm tmpfs tmpfs
    either_way
}

@test "CVE-2025-52565, CVE-2026-88264: /dev/console is a link out" {
    no_dev_mount
    config '.process.terminal = true'
    add_mount /dev/pts devpts devpts newinstance ptmxmode=0666
    for target in "$CANARY/file" "$CANARY/new" "../../..$CANARY/new" /nowhere/at/all; do
        rm -rf "$BUNDLE/rootfs/dev"
        mkdir -p "$BUNDLE/rootfs/dev/pts"
        ln -s "$target" "$BUNDLE/rootfs/dev/console"
        ln -s "$CANARY/file" "$BUNDLE/rootfs/dev/pts/0"
        for readonly in true false; do
            config ".root.readonly = $readonly"
            run timeout 20 $CONSOLE "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
            canary_lives
            nothing_remains
        done
    done
}

@test "CVE-2026-88265: the owner of what /dev/null points to does not change" {
    mkdir "$BASE/dev"
    echo secret >"$BUNDLE/rootfs/secret"
    ln -s /secret "$BASE/dev/null"
    no_dev_mount
    config '.mounts += [{destination: "/dev", type: "bind", source: $s, options: ["bind"]}]
        | .process.user = {uid: 1000, gid: 1000}' --arg s "$BASE/dev"
    run --separate-stderr timeout 20 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    [ "$NAME" = runc ] || equal '0 0' "$(stat -c '%u %g' "$BUNDLE/rootfs/secret")"
    canary_lives
}

@test "the caller's own stdio: its owner stays, when it is /dev/null or a file" {
    config '.process.user = {uid: 1000, gid: 1000}'
    owner=$(stat -c '%u %g %a' /dev/null)
    proa run --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
    equal "$owner" "$(stat -c '%u %g %a' /dev/null)"
    create <"$CANARY/file"
    canary_lives
}

@test "CVE-2024-21626: cwd and argv[0] through a descriptor of the runtime" {
    for n in $(seq 3 20); do
        config '.process.cwd = $c' --arg c "/proc/self/fd/$n"
        args sh -c 'readlink /proc/self/cwd; ls ../../../../etc/hostname 2>/dev/null'
        run --separate-stderr bash -c 'exec 7</etc 8</; exec "$@"' sh "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
        [ "$status" -ne 0 ] || lacks "$output" hostname
    done
    config '.process.cwd = "/"'
    for n in $(seq 3 12); do
        args "/proc/self/fd/$n"
        run_refused ''
    done
}

@test "CVE-2024-21626: a link in the root that leads to a descriptor" {
    for n in 3 4 5 6 7 8 9 10; do
        ln -sfn "/proc/self/fd/$n" "$BUNDLE/rootfs/escape"
        config '.process.cwd = "/escape"'
        args sh -c 'ls ../../../../etc/hostname 2>/dev/null'
        run --separate-stderr "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
        [ "$status" -ne 0 ] || lacks "$output" hostname
    done
}

@test "CVE-2026-55686: a missing cwd behind a link is not made outside" {
    ln -s "$CANARY" "$BUNDLE/rootfs/out"
    config '.process.cwd = "/out/new"'
    either_way
}

@test "linux.devices: a node below a link is not made outside" {
    ln -s "$CANARY" "$BUNDLE/rootfs/out"
    config '.linux.devices = [{path: "/out/node", type: "c", major: 1, minor: 3}]'
    either_way
    rm "$BUNDLE/rootfs/out"
    ln -s "$CANARY/file" "$BUNDLE/rootfs/node"
    config '.linux.devices = [{path: "/node", type: "c", major: 1, minor: 3, uid: 1000, gid: 1000, fileMode: 511}]'
    either_way
}

@test "masked and read-only paths behind links: nothing of the host's is covered" {
    ln -s "$CANARY" "$BUNDLE/rootfs/out"
    config '.linux.maskedPaths += ["/out", "/out/file"] | .linux.readonlyPaths += ["/out"]'
    either_way
    touch "$CANARY/file"
}

@test "CVE-2019-5736: the runtime's own program cannot be reached, let alone written" {
    printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/bin/evil"
    chmod 755 "$BUNDLE/rootfs/bin/evil"
    before=$(sha256sum "$RUNTIME")
    args evil
    run timeout 20 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ln -sf /proc/self/exe "$BUNDLE/rootfs/bin/evil"
    run timeout 20 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    equal "$before" "$(sha256sum "$RUNTIME")"
}

@test "CVE-2019-5736: the waiting init is a sealed file of its own, not the runtime" {
    only_proa 'the control copies itself'
    waiting_program
    create
    exe=$(readlink "/proc/$(pid_of)/exe")
    matches "$exe" '^/memfd:'
    # Opened for writing, also by root: the seal, or the running text.
    run bash -c 'echo x >"$1"' sh "/proc/$(pid_of)/exe"
    [ "$status" -ne 0 ]
}

@test "CVE-2016-9962: the waiting init holds nothing that lies on a mount of the host" {
    waiting_program
    create
    pid=$(pid_of)
    for link in /proc/"$pid"/fd/*; do
        case ${link##*/} in 0 | 1 | 2) continue ;; esac
        target=$(readlink "$link")
        # What start opens to let it run.
        [[ $target != *exec.fifo ]] || continue
        device=$(stat -L -c '%Hd:%Ld' "$link")
        run grep -E "^[0-9]+ [0-9]+ $device " /proc/self/mountinfo
        [ "$status" -ne 0 ] || complain "descriptor ${link##*/} is $target on $output"
    done
    equal / "$(readlink "/proc/$pid/root")"
}

@test "CVE-2022-0492: release_agent cannot be written from inside" {
    only_v1
    all_capabilities CAP_SYS_ADMIN CAP_DAC_OVERRIDE
    inside 'for f in /sys/fs/cgroup/*/release_agent /sys/fs/cgroup/*/notify_on_release; do
        (echo 1 >$f) 2>/dev/null && echo "wrote $f"; done; true'
    says ''
}

@test "CVE-2022-0811: a sysctl that smuggles others is refused" {
    for key in kernel.shm_rmid_forced+kernel.core_pattern net/../kernel/core_pattern net.ipv4/../../kernel/core_pattern; do
        config '.linux.sysctl = {($k): "1"}' --arg k "$key"
        run_refused ''
    done
}

@test "the runtime's environment does not reach the program" {
    args cat /proc/1/environ
    run env SECRET=xyzzy "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    lacks "$output" xyzzy
}
