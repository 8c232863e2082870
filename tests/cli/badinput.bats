load ../lib/helpers

# Each of these is one clear error, and nothing is left behind. run_refused looks for
# processes, cgroups, mounts and the state directory.

prepare() {
    args true
}

# config_text: config.json is what comes from stdin.
config_text() {
    cat >"$BUNDLE/config.json"
}

@test "config.json: missing" {
    rm "$BUNDLE/config.json"
    run_refused 'config.json'
    run_refused "JSON specification file config.json not found$(head_says " in bundle $BUNDLE")"
}

@test "config.json: the bundle is missing, or a file" {
    refused 'o such file or directory' proa run --bundle "$BASE/none" "$ID"
    touch "$BASE/file"
    refused 'ot a directory' proa run --bundle "$BASE/file" "$ID"
    nothing_remains
}

@test "config.json: empty" {
    config_text </dev/null
    run_refused ''
}

@test "config.json: null" {
    only_proa 'the control crashes'
    config_text <<<null
    run_refused 'config cannot be null'
}

@test "config.json: truncated at each tenth byte" {
    cp "$BUNDLE/config.json" "$BASE/whole"
    size=$(stat -c %s "$BASE/whole")
    for n in 1 2 3 4 5 6 7 8 9; do
        head -c $((size * n / 10)) "$BASE/whole" | config_text
        run_refused ''
    done
}

@test "config.json: 20 MB" {
    config '.annotations = {big: ("x" * 20000000)}'
    [ "$NAME" = runc ] || run_refused 'config.json'
    { head -c 20000000 /dev/zero | tr '\0' ' '; echo '{'; } | config_text
    run_refused ''
}

@test "config.json: nested a hundred thousand deep" {
    { echo -n '{"annotations":'; head -c 100000 /dev/zero | tr '\0' '['; } | config_text
    run_refused ''
    { head -c 100000 /dev/zero | tr '\0' '['; head -c 100000 /dev/zero | tr '\0' ']'; } | config_text
    run_refused ''
}

@test "config.json: not UTF-8" {
    only_proa 'the control replaces the bytes'
    sed -i 's/"hostname": "[^"]*"/"hostname": "a\xff\xfe"/' "$BUNDLE/config.json"
    run_refused ''
}

@test "config.json: a NUL byte, and one in a string" {
    only_proa 'the control stops reading at the end of the value'
    { cat "$BUNDLE/config.json"; printf '\0'; } >"$BASE/nul"
    cp "$BASE/nul" "$BUNDLE/config.json"
    run_refused ''
    cp "$TEMPLATE/config.json" "$BUNDLE/config.json"
    config '.process.terminal = false | .process.args = ["tr\u0000ue"]'
    run_refused ''
}

@test "config.json: text after the end" {
    only_proa 'the control reads the first value only'
    echo '{}' >>"$BUNDLE/config.json"
    run_refused ''
}

@test "config.json: a fifo, a directory, a socket, unreadable" {
    rm "$BUNDLE/config.json"
    mkfifo "$BUNDLE/config.json"
    [ "$NAME" = runc ] || run_refused ''
    rm "$BUNDLE/config.json"
    mkdir "$BUNDLE/config.json"
    run_refused ''
}

@test "config.json: wrong types, with the JSON pointer and the line" {
    only_proa 'the control names the Go type'
    cp "$BUNDLE/config.json" "$BASE/good"
    check() {
        cp "$BASE/good" "$BUNDLE/config.json"
        config "$2"
        run_refused "$1"
        matches "$stderr" '[0-9]+:[0-9]+'
    }
    check /process/args '.process.args = "true"'
    check /process/args/1 '.process.args = ["true", 1]'
    check /process/terminal '.process.terminal = "no"'
    check /process/user/uid '.process.user.uid = "0"'
    check /process/cwd '.process.cwd = ["/"]'
    check /root/path '.root.path = 7'
    check /mounts '.mounts = {}'
    check /mounts/2/destination '.mounts[2].destination = 1'
    check /mounts/1/options/0 '.mounts[1].options[0] = null'
    check /hostname '.hostname = {}'
    check /linux/namespaces/0 '.linux.namespaces[0] = "pid"'
    check /linux/resources/pids/limit '.linux.resources.pids.limit = "max"'
    check /annotations '.annotations = {a: 1}'
    check /process '.process = []'
}

@test "config.json: several independent faults are all named" {
    only_proa 'the control stops at the first'
    config '.process.cwd = "relative" | .process.args = [] | .linux.rootfsPropagation = "sideways"'
    run_refused /process/cwd
    contains "$stderr" 'args must not be empty'
    contains "$stderr" sideways
}

@test "config.json: what is missing is named" {
    cp "$BUNDLE/config.json" "$BASE/good"
    config 'del(.process)'
    run_refused 'process property must not be empty'
    cp "$BASE/good" "$BUNDLE/config.json"
    config 'del(.root)'
    run_refused "$(head_says 'root must be specified')"
    cp "$BASE/good" "$BUNDLE/config.json"
    config 'del(.process.cwd)'
    run_refused 'Cwd property must not be empty'
}

@test "config.json: keys that nobody knows are ignored" {
    config '.future = {a: [1, 2]} | .process.future = true | .linux.future = null'
    proa run --bundle "$BUNDLE" "$ID"
}

@test "root: missing, a file, a symbolic link, empty" {
    mv "$BUNDLE/rootfs" "$BUNDLE/real"
    run_refused ''
    touch "$BUNDLE/rootfs"
    run_refused ''
    rm "$BUNDLE/rootfs"
    ln -s real "$BUNDLE/rootfs"
    run_refused 'symlink'
    rm "$BUNDLE/rootfs"
    mkdir "$BUNDLE/rootfs"
    run_refused 'executable file not found in $PATH'
    config '.root.path = ""'
    [ "$NAME" = runc ] || run_refused ''
}

@test "args: empty, and an empty word" {
    config '.process.args = []'
    run_refused 'args must not be empty'
    config 'del(.process.args)'
    run_refused 'args must not be empty'
    config '.process.args = [""]'
    run_refused ''
}

@test "args: not found in PATH, not found by path" {
    args no-such-program
    run_refused 'executable file not found in $PATH'
    contains "$(plain "$stderr")" 'exec: "no-such-program"'
    args /no/such/program
    run_refused 'no such file or directory'
    contains "$(plain "$stderr")" 'exec: "/no/such/program"'
}

@test "args: create finds out, not start" {
    args no-such-program
    refused 'executable file not found in $PATH' proa create --bundle "$BUNDLE" "$ID"
    nothing_remains
}

@test "args: a directory, not executable" {
    args /etc
    run_refused "$(head_says 'is a directory: ')permission denied"
    args /etc/passwd
    run_refused 'permission denied'
    # In PATH, what cannot be executed is passed over.
    config '.process.env = ["PATH=/etc:/bin"]'
    mkdir "$BUNDLE/rootfs/etc/true"
    args true
    proa run --bundle "$BUNDLE" "$ID"
}

@test "args: not found through a directory that the user may not enter" {
    mkdir -m 700 "$BUNDLE/rootfs/closed"
    cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/closed/true"
    config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
    args /closed/true
    run_refused 'permission denied'
}

# An ELF header for a processor that is not ours (s390x), and for none at all.
@test "args: of another architecture" {
    printf '\x7fELF\x02\x02\x01\0\0\0\0\0\0\0\0\0\0\x02\0\x16\0\0\0\x01%056d' 0 >"$BUNDLE/rootfs/bin/foreign"
    chmod 755 "$BUNDLE/rootfs/bin/foreign"
    args foreign
    run_refused 'xec format error'
}

@test "args: a text that is no program, an empty file" {
    printf 'no program\n' >"$BUNDLE/rootfs/bin/text"
    chmod 755 "$BUNDLE/rootfs/bin/text"
    args text
    run_refused 'xec format error'
    : >"$BUNDLE/rootfs/bin/text"
    run_refused 'xec format error'
}

@test "args: a script whose interpreter is missing, or has a CR; the error says so" {
    printf '#!/bin/nothing\n' >"$BUNDLE/rootfs/bin/script"
    chmod 755 "$BUNDLE/rootfs/bin/script"
    args script
    run_refused 'no such file or directory'
    [ "$NAME" = runc ] || contains "$stderr" /bin/nothing
    printf '#!/bin/sh\r\necho hi\r\n' >"$BUNDLE/rootfs/bin/script"
    run_refused 'no such file or directory'
    [ "$NAME" = runc ] || matches "$stderr" 'CR|carriage|\\r'
}

@test "args: a dynamic program whose loader is missing; the error says so" {
    cp /usr/bin/true "$BUNDLE/rootfs/bin/dynamic"
    args dynamic
    run_refused 'no such file or directory'
    [ "$NAME" = runc ] || contains "$stderr" ld-linux
}

@test "args: a program on a noexec mount" {
    add_mount /t tmpfs tmpfs noexec
    mkdir "$BASE/bin"
    cp "$BUNDLE/rootfs/bin/busybox" "$BASE/bin/true"
    add_mount /n bind "$BASE/bin" bind noexec
    args /n/true
    run_refused 'permission denied'
}

@test "env and args longer than the kernel takes" {
    config '.process.env += ["BIG=" + ("x" * 200000)]'
    run_refused 'rgument list too long'
}

@test "IDs: with slashes, dots, empty, 1,024 characters" {
    for id in a/b /abs .. . "$(printf 'a%.0s' {1..1024})"; do
        refused '' proa create --bundle "$BUNDLE" "$id"
    done
    refused 'container id cannot be empty' proa create --bundle "$BUNDLE" ''
    [ ! -d "$STATE" ] || equal '' "$(ls -A "$STATE")"
}

@test "--root on a read-only file system, on a full one, on a file" {
    mkdir "$BASE/ro" "$BASE/full"
    host_mount -t tmpfs -o ro tmpfs "$BASE/ro"
    host_mount -t tmpfs -o size=8k,nr_inodes=5 tmpfs "$BASE/full"
    touch "$BASE/file"
    refused 'ead-only file system' "$RUNTIME" --root "$BASE/ro/state" run --bundle "$BUNDLE" "$ID"
    head -c 8192 /dev/zero >"$BASE/full/filler"
    refused "$(head_says 'o space left')" "$RUNTIME" --root "$BASE/full/state" run --bundle "$BUNDLE" "$ID"
    refused 'ot a directory' "$RUNTIME" --root "$BASE/file/state" run --bundle "$BUNDLE" "$ID"
    equal filler "$(ls -A "$BASE/full" | grep -v '^state$')"
    [ ! -d "$BASE/full/state" ] || equal '' "$(ls -A "$BASE/full/state")"
    nothing_left
}

@test "stdout closed, stdin closed, all closed" {
    args true
    bash -c '"$@" >&-' sh "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    bash -c '"$@" <&-' sh "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    run bash -c '"$@" <&- >&- 2>&-' sh "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    [ "$status" -le 1 ]
    nothing_remains
}

@test "stdout is a pipe that nobody reads" {
    args sh -c 'yes || exit 5'
    run timeout 60 bash -c 'set -o pipefail; "$@" | true' sh "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    [ "$status" -ne 124 ]
    nothing_remains
}

@test "a mount source that is missing; nothing of the others remains" {
    add_mount /a tmpfs tmpfs
    add_mount /b bind "$BASE/none" bind
    run_refused 'o such file or directory'
    [ "$NAME" = runc ] || contains "$stderr" /b
}

@test "a destination that cannot be made: below a file" {
    add_mount /etc/passwd/x tmpfs tmpfs
    run_refused 'ot a directory'
}

@test "errors are one line, without a newline inside, even for odd names" {
    args $'no\nsuch\nprogram'
    run_refused 'executable file not found in $PATH'
    equal 1 "${#stderr_lines[@]}"
}
