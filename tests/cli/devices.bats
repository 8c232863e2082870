load ../lib/helpers

@test "the default nodes: type, number, mode and owner" {
    inside 'cd /dev; stat -c "%n %F %t:%T %a %u:%g" null zero full random urandom tty'
    says 'null character special file 1:3 666 0:0
zero character special file 1:5 666 0:0
full character special file 1:7 666 0:0
random character special file 1:8 666 0:0
urandom character special file 1:9 666 0:0
tty character special file 5:0 666 0:0'
}

@test "the default nodes work" {
    inside 'echo x >/dev/null; head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; (echo x >/dev/full) 2>&1 | grep -o "No space"'
    says $'3\n3\nNo space'
}

@test "the default links" {
    inside 'cd /dev; for l in fd stdin stdout stderr ptmx; do echo "$l $(readlink $l)"; done; [ ! -e /proc/kcore ] || readlink core'
    contains "$output" 'fd /proc/self/fd
stdin /proc/self/fd/0
stdout /proc/self/fd/1
stderr /proc/self/fd/2
ptmx pts/ptmx'
}

@test "nothing more is in /dev" {
    inside 'ls -A /dev | grep -vx core | tr "\n" " "'
    says 'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero '
}

@test "linux.devices: character, unbuffered, block and fifo, with mode and owner" {
    config '.linux.devices = [
        {path: "/dev/my-char", type: "c", major: 10, minor: 229, fileMode: 432, uid: 1000, gid: 1001},
        {path: "/dev/my-u", type: "u", major: 1, minor: 3},
        {path: "/dev/deep/er/block", type: "b", major: 7, minor: 0, fileMode: 384},
        {path: "/dev/my-fifo", type: "p", fileMode: 292}]'
    inside 'cd /dev; stat -c "%n %F %t:%T %a %u:%g" my-char my-u deep/er/block my-fifo'
    equal 'my-char character special file a:e5 660 1000:1001' "${lines[0]}"
    equal 'my-u character special file 1:3 666 0:0' "${lines[1]}"
    equal 'deep/er/block block special file 7:0 600 0:0' "${lines[2]}"
    matches "${lines[3]}" '^my-fifo fifo 0:0 444 0:0$'
}

@test "linux.devices: outside /dev, and instead of a default one" {
    only_proa 'the control loses the rule for the default one'
    config '.linux.devices = [{path: "/etc/null", type: "c", major: 1, minor: 3},
        {path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 384}]'
    inside 'stat -c %t:%T /etc/null; stat -c %a /dev/null'
    equal 1:3 "${lines[0]}"
    equal 600 "${lines[1]}"
}

@test "linux.devices: an unknown type, no path" {
    config '.linux.devices = [{path: "/dev/x", type: "z", major: 1, minor: 3}]'
    run_refused ''
}

@test "in a user namespace the nodes are the host's, bound" {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings
        | .linux.devices = [{path: "/dev/other-null", type: "c", major: 1, minor: 3}]'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    only_proa 'the control wants the path to exist on the host'
    config '.linux.devices = []'
    inside 'echo x >/dev/null; stat -c %t:%T /dev/null /dev/zero'
    says $'1:3\n1:5'
}

@test "/dev as a bind mount: nothing is created in it" {
    mkdir "$BASE/dev"
    mknod "$BASE/dev/null" c 1 3
    config '.mounts |= map(select(.destination | startswith("/dev") | not))'
    config '.mounts += [{destination: "/dev", type: "bind", source: $s, options: ["bind"]}]' --arg s "$BASE/dev"
    args true
    proa run --bundle "$BUNDLE" "$ID"
    equal null "$(ls -A "$BASE/dev")"
}

@test "device rules: what is not allowed cannot be opened or made" {
    only_v1
    all_capabilities CAP_MKNOD CAP_DAC_OVERRIDE
    config '.linux.devices = [{path: "/dev/mem-like", type: "c", major: 1, minor: 1}]'
    inside 'cat /dev/mem-like 2>&1 | grep -o "not permitted"; mknod /dev/k c 1 11 && (cat /dev/k 2>&1 | grep -o "not permitted")
        head -c 1 /dev/zero | wc -c'
    says $'not permitted\nnot permitted\n1'
}

@test "device rules: as the cgroup has them, the defaults always among them" {
    only_v1
    config '.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 10, minor: 229, access: "rw"},
        {allow: true, type: "b", major: 7, access: "r"}]'
    start_waiting
    list=$(sort "$(cgroup_file devices devices.list)")
    for rule in 'c 10:229 rw' 'b 7:* r' 'c 1:3 rwm' 'c 1:5 rwm' 'c 1:7 rwm' 'c 1:8 rwm' 'c 1:9 rwm' 'c 5:0 rwm' \
        'c 5:2 rwm' 'c 136:* rwm'; do
        matches "$list" "(^|"$'\n'")${rule//\*/\\*}m?(\$|"$'\n'")"
    done
    lacks "$list" 'a *:*'
}

@test "device rules: an allowed device can be opened" {
    only_v1
    config '.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11}]
        | .linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 11, access: "r"}]'
    all_capabilities CAP_SYSLOG CAP_SYS_ADMIN CAP_DAC_OVERRIDE
    inside '(exec 3</dev/kmsg) && echo read; (exec 3>/dev/kmsg) 2>&1 | grep -o "not permitted"'
    says $'read\nnot permitted'
}

@test "device rules: allow all, then deny one" {
    only_v1
    config '.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11}, {path: "/dev/m", type: "c", major: 1, minor: 1}]
        | .linux.resources.devices = [{allow: true, access: "rwm"}]'
    start_waiting
    equal 'a *:* rwm' "$(cat "$(cgroup_file devices devices.list)")"
}

@test "device rules: an empty access, an unknown letter, an unknown type" {
    only_proa 'the control lets some pass'
    config '.linux.resources.devices = [{allow: true, type: "c", major: 1, minor: 3, access: ""}]'
    run_refused ''
    config '.linux.resources.devices = [{allow: true, type: "c", major: 1, minor: 3, access: "x"}]'
    run_refused ''
    config '.linux.resources.devices = [{allow: true, type: "z", major: 1, minor: 3, access: "r"}]'
    run_refused ''
}

# Nodes into the image itself: no mount over /dev.
no_dev_mount() {
    config '.mounts |= map(select(.destination | startswith("/dev") | not))'
    rm -rf "$BUNDLE/rootfs/dev"
    mkdir "$BUNDLE/rootfs/dev"
}

@test "nodes that are there already: the same device is put right, with the owner and mode asked for" {
    no_dev_mount
    mknod -m 600 "$BUNDLE/rootfs/dev/null" c 1 3
    mknod -m 640 "$BUNDLE/rootfs/dev/mine" c 10 229
    chown 5:6 "$BUNDLE/rootfs/dev/null" "$BUNDLE/rootfs/dev/mine"
    mkfifo -m 600 "$BUNDLE/rootfs/dev/fifo"
    config '.linux.devices = [{path: "/dev/mine", type: "c", major: 10, minor: 229, uid: 1000, gid: 1001, fileMode: 438},
        {path: "/dev/fifo", type: "p", fileMode: 420}]'
    only_proa 'the control leaves the mode'
    inside 'cd /dev; stat -c "%n %t:%T %a %u:%g" null mine fifo; ls -l ptmx | sed "s/.* -> //"'
    says $'null 1:3 666 0:0\nmine a:e5 666 1000:1001\nfifo 0:0 644 0:0\npts/ptmx'
}

@test "something else where a device is to be: an error for one of linux.devices, kept for a default one" {
    no_dev_mount
    only_proa 'the control takes it for the device'
    echo text >"$BUNDLE/rootfs/dev/zero"
    inside 'cat /dev/zero'
    says text
    for kind in file directory other link; do
        rm -rf "$BUNDLE/rootfs/dev/mine"
        case $kind in
        file) touch "$BUNDLE/rootfs/dev/mine" ;;
        directory) mkdir "$BUNDLE/rootfs/dev/mine" ;;
        other) mknod "$BUNDLE/rootfs/dev/mine" c 1 5 ;;
        link) ln -s null "$BUNDLE/rootfs/dev/mine" ;;
        esac
        config '.linux.devices = [{path: "/dev/mine", type: "c", major: 1, minor: 3}]'
        run_refused 'linux.devices[0] /dev/mine: mknodat: something else is there: File exists'
    done
}

@test "links of /dev: what is in their place is replaced, a directory is not" {
    no_dev_mount
    echo old >"$BUNDLE/rootfs/dev/ptmx"
    ln -s elsewhere "$BUNDLE/rootfs/dev/stdin"
    inside 'readlink /dev/ptmx'
    says pts/ptmx
    only_proa 'the control keeps links'
    inside 'readlink /dev/stdin'
    says /proc/self/fd/0
    rm "$BUNDLE/rootfs/dev/fd"
    mkdir "$BUNDLE/rootfs/dev/fd"
    run_refused '/dev/fd: unlinkat: Is a directory'
}

@test "in a user namespace: linux.devices are the host's nodes of the same path, bound; a fifo is made" {
    only_proa 'the control binds other nodes, too'
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings
        | .linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11}, {path: "/dev/fifo", type: "p", uid: 7}]'
    chown -R 100000:100000 "$BUNDLE/rootfs"
    inside 'stat -c "%t:%T" /dev/kmsg; grep -c " /dev/kmsg " /proc/self/mounts; stat -c "%F %u" /dev/fifo'
    says $'1:b\n1\nfifo 7'
    config '.linux.devices = [{path: "/dev/not-on-the-host", type: "c", major: 1, minor: 11}]'
    run_refused "linux.devices[0] /dev/not-on-the-host: open: the host's node: No such file"
    config '.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 11}]'
    run_refused "linux.devices[0] /dev/null: open: the host's node of that path is another device"
}

@test "device rules: later ones count, and the defaults come last" {
    only_v1
    all_capabilities CAP_MKNOD CAP_DAC_OVERRIDE CAP_SYSLOG CAP_SYS_ADMIN
    config '.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11}]
        | .linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "rw"},
            {allow: false, type: "c", major: 1, minor: 11, access: "w"}, {allow: false, type: "c", major: 1, minor: 3, access: "rwm"}]'
    inside '(exec 3</dev/kmsg) && echo read; (exec 3>/dev/kmsg) 2>&1 | grep -o "not permitted"; echo x >/dev/null && echo default'
    says $'read\nnot permitted\ndefault'
}
