load ../lib/helpers

# Most of the grammar can be seen without root.
NO_ROOT_NEEDED=yes

prepare() {
    mkdir -p "$STATE"
}

@test "no command: prints the help, exit status 0" {
    run --separate-stderr "$RUNTIME"
    ok
    equal NAME: "${lines[0]}"
    matches "${lines[1]}" "^   $NAME - "
}

@test "help, h, -h, --help print the same" {
    expected=$("$RUNTIME" --help)
    for form in help h -h --help; do
        equal "$expected" "$("$RUNTIME" $form)"
    done
    for command in spec run create start state list kill delete features; do
        contains "$expected" "$command"
    done
}

@test "help of a command: help CMD, CMD --help, CMD -h, CMD -help" {
    for command in spec run create start state list kill delete features; do
        expected=$("$RUNTIME" "$command" --help)
        contains "$expected" "   $NAME $command"
        equal "$expected" "$("$RUNTIME" help "$command")"
        equal "$expected" "$("$RUNTIME" "$command" -h)"
        equal "$expected" "$("$RUNTIME" "$command" -help)"
    done
}

@test "help of a command lists each of its options" {
    check() {
        local option
        for option in "${@:2}"; do
            contains "$("$RUNTIME" "$1" --help)" "--$option"
        done
    }
    check create bundle console-socket pid-file no-pivot no-new-keyring preserve-fds
    check run bundle console-socket pid-file no-pivot no-new-keyring preserve-fds detach keep no-subreaper
    check list format quiet
    check delete force
    check spec bundle rootless
}

@test "--version and -v: first line, spec line" {
    for form in --version -v -version; do
        run --separate-stderr "$RUNTIME" $form
        ok
        matches "${lines[0]}" "^$NAME version [0-9]"
        contains "$output" $'\ncommit: '
        contains "$output" $'\nspec: 1.'
    done
}

@test "an unknown command: exit status 3" {
    run --separate-stderr "$RUNTIME" foo
    equal 3 "$status"
    contains "$stderr" "No help topic for 'foo'"
}

@test "an unknown option: Incorrect Usage and the command's help on stdout, status 1" {
    run --separate-stderr "$RUNTIME" state --nope x
    equal 1 "$status"
    contains "$output" 'Incorrect Usage: flag provided but not defined: -nope'
    contains "$output" "   $NAME state"
    contains "$stderr" 'flag provided but not defined: -nope'
    run --separate-stderr "$RUNTIME" --nope state x
    equal 1 "$status"
    contains "$stderr" 'flag provided but not defined: -nope'
}

@test "clustered short options are unknown options" {
    run --separate-stderr "$RUNTIME" delete -fx name
    equal 1 "$status"
    contains "$stderr" 'flag provided but not defined: -fx'
}

@test "an option without its value" {
    for command in create run; do
        run --separate-stderr "$RUNTIME" "$command" --pid-file
        equal 1 "$status"
        contains "$stderr" 'flag needs an argument: -'
    done
    run --separate-stderr "$RUNTIME" --root
    equal 1 "$status"
    contains "$stderr" 'flag needs an argument: -'
}

@test "too few and too many words" {
    for command in state start delete; do
        run --separate-stderr "$RUNTIME" --root "$STATE" "$command"
        [ "$status" -eq 1 ]
        contains "$output" 'Incorrect Usage.'
        contains "$(plain "$stderr")" "$NAME: \"$command\" requires "
        contains "$stderr" 'argument'
    done
    run --separate-stderr "$RUNTIME" --root "$STATE" state one two
    equal 1 "$status"
    contains "$(plain "$stderr")" "$NAME: \"state\" requires exactly 1 argument(s)"
    run --separate-stderr "$RUNTIME" --root "$STATE" kill
    contains "$(plain "$stderr")" 'a minimum of'
}

@test "--flag=value, --flag value, -flag value, and the last of repeated ones counts" {
    for form in "--root=$STATE" "-root=$STATE" "--root $STATE" "-root $STATE" "--root /nonexistent --root $STATE"; do
        # shellcheck disable=SC2086
        equal null "$("$RUNTIME" $form list --format json)"
    done
}

@test "bool options take =true, =false, =1, =0, =t, =f" {
    for value in true 1 t TRUE; do
        "$RUNTIME" --root "$STATE" delete --force="$value" nobody
    done
    for value in false 0 f; do
        refused 'does not exist' "$RUNTIME" --root "$STATE" delete --force="$value" nobody
    done
    run "$RUNTIME" --root "$STATE" delete --force=maybe nobody
    equal 1 "$status"
}

@test "options after the words" {
    only_proa 'the control stops at the first word'
    "$RUNTIME" --root "$STATE" delete nobody --force
}

@test "global options after the command" {
    only_proa 'the control knows them before the command only'
    equal null "$("$RUNTIME" list --root "$STATE" --format json)"
}

@test "-- ends the options" {
    refused '' "$RUNTIME" --root "$STATE" delete -- --force
    refused 'does not exist' "$RUNTIME" --root "$STATE" delete -- nobody
}

@test "kill takes a negative number as a signal, not as an option" {
    only_proa 'the control reads it as an option'
    run --separate-stderr "$RUNTIME" --root "$STATE" kill nobody -9
    equal 1 "$status"
    lacks "$stderr" 'flag provided'
}

@test "--root / and an empty --root are refused" {
    only_proa 'the control accepts them'
    for root in / '' //; do
        refused 'Option --root argument should not be set to /' "$RUNTIME" "--root=$root" list
    done
}

@test "--log-format: text, json, nothing else" {
    refused 'xml' "$RUNTIME" --log-format xml --root "$STATE" state nobody
    run --separate-stderr "$RUNTIME" --log-format json --root "$STATE" state nobody
    contains "$(jq -r .msg <<<"$stderr")" 'container does not exist'
}

@test "--log to a place that does not exist is an error" {
    refused 'o such file or directory' "$RUNTIME" --log "$BASE/none/log" --root "$STATE" state nobody
}

@test "--debug adds records, in the right format" {
    run --separate-stderr "$RUNTIME" --debug --log "$BASE/log" --log-format json --root "$STATE" state nobody
    equal 1 "$status"
    jq -e .msg "$BASE/log" >/dev/null
    equal error "$(tail -n 1 "$BASE/log" | jq -r .level)"
}

@test "--rootless takes true, false, auto; nothing else" {
    for value in true false auto; do
        equal null "$("$RUNTIME" --rootless "$value" --root "$STATE" list -f json)"
    done
    args true
    refused '' "$RUNTIME" --rootless perhaps --root "$STATE" run --bundle "$BUNDLE" "$ID"
}

@test "--systemd-cgroup takes the place of --cgroup-manager" {
    only_proa 'runc has no --cgroup-manager'
    config '.linux.cgroupsPath = "/a"'
    # Whoever is not root is warned that the plan is root's.
    run --separate-stderr "$RUNTIME" --systemd-cgroup --cgroup-manager disabled --root "$STATE" plan --bundle "$BUNDLE"
    equal 1 "$status"
    contains "${stderr_lines[-1]}" 'expected cgroupsPath to be of format'
}

@test "the default --root: XDG_RUNTIME_DIR for an ordinary user, created 0700 and sticky" {
    [ "$(id -u)" -eq 0 ] || skip 'needs root'
    mkdir "$BASE/xdg"
    chown 1000:1000 "$BASE/xdg"
    as_user=(setpriv --reuid 1000 --regid 1000 --clear-groups env -i XDG_RUNTIME_DIR="$BASE/xdg")
    equal null "$("${as_user[@]}" "$RUNTIME" list -f json)"
    config '.process.args = ["/none"] | .process.user = {} | .linux.resources = null' # made by what makes a container
    config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}]'
    config '.linux.gidMappings = .linux.uidMappings | .mounts = []'
    "${as_user[@]}" "$RUNTIME" run --bundle "$BUNDLE" "$ID" || true
    equal 1700 "$(stat -c %a "$BASE/xdg/$NAME")"
}

@test "features: pure JSON, four spaces, nothing on stderr; no root, no cgroup, no environment" {
    cd /
    run --separate-stderr env -i "$RUNTIME" features
    ok
    equal '' "$stderr"
    equal '    "ociVersionMin": "1.0.0",' "${lines[1]%,},"
    jq -e . <<<"$output" >/dev/null
}

@test "features: what containerd, docker and CRI-O read" {
    "$RUNTIME" features >"$BASE/features"
    only_proa 'the control is older'
    equal '1.0.0 1.3.0' "$(jq -r '"\(.ociVersionMin) \(.ociVersionMax)"' "$BASE/features")"
    equal true "$(jq '.mountOptions | (index("rro") != null) and (. == sort)' "$BASE/features")"
    equal '["remount"]' "$(jq -c '[.mountOptions[] | select(. == ("idmap", "remount"))]' "$BASE/features")"
    equal true "$(jq .linux.mountExtensions.idmap.enabled "$BASE/features")"
    equal '["cgroup","ipc","mount","network","pid","time","user","uts"]' "$(jq -c .linux.namespaces "$BASE/features")"
    equal true "$(jq '.linux.capabilities | length >= 41 and .[0] == "CAP_CHOWN"' "$BASE/features")"
    equal 'prestart createRuntime createContainer startContainer poststart poststop' "$(jq -r '.hooks | join(" ")' "$BASE/features")"
    equal true "$(jq '.linux | .apparmor.enabled and .selinux.enabled and .seccomp.enabled and .netDevices.enabled' "$BASE/features")"
    equal true "$(jq '.linux.memoryPolicy | (.modes | index("MPOL_BIND") != null) and (.flags | length == 3)' "$BASE/features")"
    equal true "$(jq '.linux.cgroup.v1 and .linux.cgroup.v2' "$BASE/features")"
}

@test "features: names every option of the mount vocabulary that is not refused, once" {
    only_proa 'the control is older'
    "$RUNTIME" features >"$BASE/features"
    for option in async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev \
        nodiratime noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow rbind relatime \
        ro rw silent strictatime suid symfollow sync private rprivate shared rshared slave rslave unbindable \
        runbindable rro rrw rnosuid rsuid rnodev rdev rnoexec rexec rnodiratime rdiratime rrelatime rnorelatime \
        rnoatime ratime rstrictatime rnostrictatime rnosymfollow rsymfollow; do
        equal 1 "$(jq --arg o "$option" '[.mountOptions[] | select(. == $o)] | length' "$BASE/features")"
    done
}

@test "an ID that cannot be one" {
    args true
    for id in a/b ../x . .. 'a b' 'ü' "$(printf 'a%.0s' {1..1024})" '*' 'a:b'; do
        refused '' "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$id"
        refused '' "$RUNTIME" --root "$STATE" state "$id"
    done
    equal '' "$(ls -A "$STATE")"
    contains "$("$RUNTIME" --root "$STATE" state a/b 2>&1)" 'invalid container ID format'
}

@test "an empty ID" {
    args true
    refused 'container id cannot be empty' "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" ''
}

@test "stdout closed or full: no crash, an error for what had to be printed" {
    run bash -c '"$@" >&-' sh "$RUNTIME" --version
    [ "$status" -lt 128 ]
    run bash -c '"$@" >/dev/full' sh "$RUNTIME" features
    [ "$status" -lt 128 ]
    [ "$NAME" = runc ] || [ "$status" -ne 0 ]
}
