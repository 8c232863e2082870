# What depends on the name that proa is called by.
load ../lib/helpers

prepare() {
    only_proa 'it has one name'
    [ "$(id -u)" -ne 0 ] || unset XDG_RUNTIME_DIR
    ln -s "$RUNTIME" "$BASE/runc"
    ln -s "$RUNTIME" "$BASE/other"
    RUNC=$BASE/runc
}

# The default root is the machine's: a file system of this test's own is mounted on /run.
in_own_run() {
    unshare -m --propagation private sh -euc 'mount -t tmpfs tmpfs /run; "$@"' - "$@"
}

@test "runc: --version as clients read it" {
    for form in --version -v; do
        run --separate-stderr "$RUNC" $form
        ok
        matches "${lines[0]}" '^runc version [0-9]+\.[0-9]+\.[0-9]+'
        matches "${lines[1]}" '^commit: '
        matches "${lines[2]}" '^spec: 1\.'
        equal '' "$stderr"
    done
}

@test "runc: help and usage have the name" {
    matches "$("$RUNC" --help)" '^NAME:'$'\n''   runc - '
    contains "$("$RUNC" run --help)" '   runc run [command options] <container-id>'
    contains "$("$RUNC" --help)" '(default: /run/runc)'
    contains "$("$RUNC" pause --help)" '`runc resume`'
    for command in '' $("$RUNC" complete -- '' | cut -f 1); do
        # shellcheck disable=SC2086
        lacks "$("$RUNC" $command --help)" proa
    done
    contains "$("$RUNTIME" --help)" '(default: /run/proa)'
}

@test "runc: errors have the name" {
    run --separate-stderr "$RUNC" --root "$STATE" state
    equal 1 "$status"
    contains "$(plain "$stderr")" 'runc: "state" requires exactly 1 argument(s)'
    run --separate-stderr "$RUNC" --root "$STATE" create --bundle "$BASE/nowhere" x
    contains "$stderr" 'runc create failed: '
    run --separate-stderr "$RUNC" nothing
    equal 3 "$status"
    contains "$stderr" 'see runc help'
}

@test "runc: as root the default root is /run/runc" {
    args true
    in_own_run sh -c '"$0" create --bundle "$1" x && ls /run && "$0" list -q && "$2" list -q && "$0" delete -f x' \
        "$RUNC" "$BUNDLE" "$RUNTIME" >"$BASE/out"
    equal 'runc x' "$(paste -sd ' ' <"$BASE/out")"
}

@test "runc: the last component of argv[0] counts" {
    matches "$(exec -a /usr/sbin/runc "$RUNTIME" --version)" '^runc version'
    matches "$(exec -a runc "$RUNTIME" --version)" '^runc version'
    matches "$(exec -a runc.real "$RUNTIME" --version)" '^proa version'
    matches "$(exec -a '' "$RUNTIME" --version)" '^proa version'
}

@test "runc: an ordinary user's default root is in XDG_RUNTIME_DIR, sticky" {
    mkdir "$BASE/xdg"
    chown 1000:1000 "$BASE/xdg"
    config '.process.args = ["/none"] | .process.user = {} | .linux.resources = null' # made by what makes a container
    config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}]'
    config '.linux.gidMappings = .linux.uidMappings | .mounts = []'
    for name in runc other; do
        setpriv --reuid 1000 --regid 1000 --clear-groups env -i XDG_RUNTIME_DIR="$BASE/xdg" "$BASE/$name" run --bundle "$BUNDLE" x || true
    done
    equal 'proa runc' "$(ls "$BASE/xdg" | paste -sd ' ')"
    equal '1700 1700' "$(stat -c %a "$BASE/xdg/proa" "$BASE/xdg/runc" | paste -sd ' ')"
}

@test "another name is in usage and errors only" {
    matches "$("$BASE/other" --version)" '^proa version'
    contains "$("$BASE/other" run --help)" '   other run '
    contains "$("$BASE/other" --help)" '(default: /run/proa)'
    run --separate-stderr "$BASE/other" --root "$STATE" create --bundle "$BASE/nowhere" x
    contains "$stderr" 'proa create failed: '
}
