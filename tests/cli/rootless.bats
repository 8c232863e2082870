load ../lib/helpers

# Everything here runs as an ordinary user: uid and gid 1000, no groups, an environment of
# XDG_RUNTIME_DIR alone, and no right to any cgroup.

prepare() {
    [ "$(cat /proc/sys/user/max_user_namespaces 2>/dev/null || echo 0)" -gt 0 ] || skip 'no user namespaces here'
    mkdir "$BASE/home"
    STATE=$BASE/home/state
    rm "$BUNDLE/config.json"
    chown -R 1000:1000 "$BUNDLE" "$BASE/home"
    as_user "$RUNTIME" spec --rootless --bundle "$BUNDLE"
    config '.process.terminal = false | .root.readonly = false | del(.process.rlimits)'
    chown 1000:1000 "$BUNDLE/config.json"
}

as_user() {
    setpriv --reuid 1000 --regid 1000 --clear-groups env -i XDG_RUNTIME_DIR="$BASE/home" "$@"
}

user_run() {
    args sh -c "$1"
    run --separate-stderr as_user "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
}

@test "rootless: root inside, the user outside" {
    user_run 'id -u; id -g; sed "s/  */ /g" /proc/self/uid_map; cat /proc/self/setgroups; touch /made'
    ok
    says $'0\n0\n 0 1000 1\ndeny'
    equal '1000 1000' "$(stat -c '%u %g' "$BUNDLE/rootfs/made")"
}

@test "rootless: proc, dev, sys, hostname, capabilities" {
    user_run 'echo $$; ls /dev/null /dev/pts/ptmx; echo x >/dev/null; head -c 1 /dev/zero | wc -c; ls /sys | grep -c kernel
        hostname; grep CapEff /proc/self/status; touch /dev/shm/x'
    ok
    equal 1 "${lines[0]}"
    contains "$output" /dev/null
    contains "$output" /dev/pts/ptmx
    contains "$output" $'CapEff:\t0000000020000420'
}

# own_cgroups: the user may make a cgroup in each hierarchy, at /mine-$ID/x. The caller removes them (drop_cgroups).
# Into one of v2 he may move only what is below /mine-$ID already: `from`.
own_cgroups() {
    local dir
    config '.linux.cgroupsPath = "/mine-'"$ID"'/x"'
    as_user "$RUNTIME" plan --bundle "$BUNDLE" "$ID" | grep -o "/sys/fs/cgroup[^ ]*/mine-$ID" | sort -u >"$BASE/cgroups"
    while read -r dir; do
        mkdir -p "$dir/from"
        chown -R 1000:1000 "$dir"
    done <"$BASE/cgroups"
}

drop_cgroups() {
    local dir
    while read -r dir; do
        rmdir "$dir/from" "$dir"
    done <"$BASE/cgroups"
}

# The word is about cgroups. Who the caller is, is another matter: the id maps are written in time.
@test "rootless: --rootless=false, with cgroups that are the user's" {
    only_proa 'runc 1.1.5 insists on cgroups of the machine'
    [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ] || skip 'v2 alone: the controllers are not given to such a place'
    local unified=/sys/fs/cgroup/unified/mine-$ID/from/cgroup.procs
    own_cgroups
    args sh -c 'id -u; cat /proc/self/setgroups'
    from_there() {
        [ ! -e "$unified" ] || echo "$BASHPID" >"$unified"
        as_user "$RUNTIME" --rootless=false --root "$STATE" run --bundle "$BUNDLE" "$ID"
    }
    run --separate-stderr from_there
    drop_cgroups
    ok
    says $'0\ndeny'
}

@test "rootless: masks and read-only paths" {
    user_run 'cat /proc/keys /proc/timer_list; ls -A /proc/acpi; touch /proc/sys/x 2>&1 | grep -o -E "Read-only|nonexistent|No such|denied"; grep -c " /proc/sys proc ro" /proc/self/mounts'
    ok
    equal 1 "${lines[-1]}"
}

@test "rootless: the cgroup file system, as far as it is visible, is read-only (CVE-2023-25809)" {
    # Of several mounts at one place the last is the one that is seen.
    user_run 'awk "\$3 ~ /^cgroup/ { top[\$2] = \$4 } END { for (p in top) print p, top[p] }" /proc/self/mounts >/tmp/top
        grep -v " ro," /tmp/top | while read place options; do
            [ ! -e "$place/cgroup.procs" ] || echo "$place $options"; done
        mkdir /sys/fs/cgroup/pids/x 2>/dev/null && echo made; true'
    ok
    says ''
}

@test "rootless: create, start, state, list, kill, delete" {
    mkfifo -m 666 "$BUNDLE/rootfs/gate"
    args sh -c 'exec cat /gate'
    as_user "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 3>&-
    equal created "$(as_user "$RUNTIME" --root "$STATE" state "$ID" | jq -r .status)"
    as_user "$RUNTIME" --root "$STATE" start "$ID"
    pid=$(as_user "$RUNTIME" --root "$STATE" state "$ID" | jq .pid)
    equal 1000 "$(stat -c %u "/proc/$pid")"
    equal "$ID" "$(as_user "$RUNTIME" --root "$STATE" list -q)"
    as_user "$RUNTIME" --root "$STATE" kill "$ID" KILL
    wait_end "$pid"
    as_user "$RUNTIME" --root "$STATE" delete "$ID"
    equal '' "$(ls -A "$STATE")"
}

@test "rootless: kill --all in a pid namespace of somebody else, where no cgroup could be made" {
    config 'del(.mounts[] | select(.type == "proc")) | del(.linux.maskedPaths, .linux.readonlyPaths, .linux.seccomp)
        | .linux.namespaces |= map(select(.type != "pid"))'
    args sleep 1000
    as_user "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 3>&-
    pid=$(as_user "$RUNTIME" --root "$STATE" state "$ID" | jq .pid)
    as_user "$RUNTIME" --root "$STATE" kill --all "$ID" KILL
    wait_end "$pid"
    as_user "$RUNTIME" --root "$STATE" delete "$ID"
}

@test "rootless: the default state directory is below XDG_RUNTIME_DIR" {
    mkfifo -m 666 "$BUNDLE/rootfs/gate"
    args sh -c 'exec cat /gate'
    as_user "$RUNTIME" run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$BASE/out" 2>&1 3>&-
    [ -d "$BASE/home/$NAME/$ID" ]
    as_user "$RUNTIME" delete --force "$ID"
    equal '' "$(ls -A "$BASE/home/$NAME")"
}

@test "rootless: a bind mount and a tmpfs" {
    echo mine >"$BASE/home/file"
    add_mount /f bind "$BASE/home/file" bind
    add_mount /t tmpfs tmpfs size=64k
    user_run 'cat /f; touch /t/x; stat -f -c %T /t'
    ok
    says $'mine\ntmpfs'
}

@test "rootless: a bind source that the user may not reach" {
    mkdir -m 700 "$BASE/private"
    touch "$BASE/private/file"
    add_mount /x bind "$BASE/private/file" bind
    args true
    refused 'Permission denied' as_user "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    equal '' "$(ls -A "$STATE")"
}

@test "rootless: a terminal" {
    config '.process.terminal = true'
    args sh -c 'tty; exit 3'
    run $CONSOLE setpriv --reuid 1000 --regid 1000 --clear-groups env -i XDG_RUNTIME_DIR="$BASE/home" \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" </dev/null
    equal 3 "$status"
    contains "$output" /dev/pts/0
}

@test "rootless: without a user namespace, without a mapping" {
    args true
    config '.linux.uidMappings = []'
    refused '' as_user "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    config 'del(.linux.uidMappings, .linux.gidMappings)'
    no_namespace user
    refused 'rootless container requires user namespaces' as_user "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    [ ! -d "$STATE" ] || equal '' "$(ls -A "$STATE")"
}

@test "rootless: limits that cannot be set are an error, not silence" {
    args true
    config '.linux.resources = {pids: {limit: 10}} | .linux.cgroupsPath = $p' --arg p "/$ID"
    refused '' as_user "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    [ ! -d "$STATE" ] || equal '' "$(ls -A "$STATE")"
}

@test "rootless: a mapping of ids that are not the user's" {
    args true
    config '.linux.uidMappings[0].hostID = 0'
    refused '' as_user env PATH=/nonexistent "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    [ ! -d "$STATE" ] || equal '' "$(ls -A "$STATE")"
}

# ---- IDs that /etc/subuid and /etc/subgid give -------------------------------------------------

# subordinate [NAME=VALUE…] command…: the user has the IDs from 100000 to 100999 there, in a mount namespace of his own;
# and he comes with groups.
subordinate() {
    mkdir -p "$BASE/etc"
    echo 1000:100000:1000 | tee "$BASE/etc/subuid" >"$BASE/etc/subgid"
    { grep -v '^[^:]*:[^:]*:1000:' /etc/passwd; echo 'somebody:x:1000:1000::/:/bin/sh'; } >"$BASE/etc/passwd"
    # shellcheck disable=SC2016
    unshare --mount sh -c 'for file in "$0"/*; do mount --bind "$file" "/etc/${file##*/}" || exit; done
        [ ! -e "$0.lost" ] || mount --bind /dev/null "$(command -v newuidmap)" || exit
        exec setpriv --reuid 1000 --regid 1000 --groups 1000,20,21 env -i XDG_RUNTIME_DIR="$HOME" "$@"' "$BASE/etc" "$@"
}

with_helpers() {
    only_proa 'the control wants a PATH'
    command -v newuidmap >/dev/null || skip 'no newuidmap'
    config '.linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}, {containerID: 1, hostID: 100000, size: 1000}]
        | .linux.gidMappings = .linux.uidMappings'
}

@test "rootless: subordinate ids, mapped by newuidmap and newgidmap" {
    with_helpers
    all_capabilities CAP_CHOWN
    args sh -c 'id -u; sed "s/  */ /g" /proc/self/uid_map /proc/self/gid_map; cat /proc/self/setgroups
        grep Groups: /proc/self/status; touch /made; chown 7:8 /made'
    run --separate-stderr subordinate "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    says $'0\n 0 1000 1\n 1 100000 1000\n 0 1000 1\n 1 100000 1000\nallow\nGroups:\t '
    equal '100006 100007' "$(stat -c '%u %g' "$BUNDLE/rootfs/made")"
    rm "$BUNDLE/rootfs/made"
}

@test "rootless: another identity among the subordinate ones" {
    with_helpers
    config '.process.user = {uid: 33, gid: 44}'
    args id
    run --separate-stderr subordinate "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    contains "$output" uid=33
    contains "$output" gid=44
    config '.process.user = {uid: 1001, gid: 0}'
    refused 'no mapping found for uid 1001' subordinate "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
}

@test "rootless: ids that are not given: what newuidmap says" {
    with_helpers
    config '.linux.uidMappings[1].hostID = 200000'
    args true
    refused 'newuidmap (linux.uidMappings): exit status 1: newuidmap: ' \
        subordinate "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    contains "$stderr" /etc/subuid
    config '.linux.uidMappings[1].hostID = 100000 | .linux.gidMappings[1].size = 1001'
    refused 'newgidmap (linux.gidMappings): exit status 1: newgidmap: ' \
        subordinate "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    equal '' "$(ls -A "$STATE")"
}

@test "rootless: without newuidmap it is said what to install" {
    with_helpers
    touch "$BASE/etc.lost"
    args true
    refused 'newuidmap is not found along PATH' subordinate "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    contains "$stderr" 'install the package uidmap'
}

@test "rootless: the helper is found along PATH, and gets the mapping and nothing of the caller's" {
    with_helpers
    mkdir "$BASE/bin"
    cat >"$BASE/bin/newuidmap" <<'TEXT'
#!/bin/sh
seen=${0%/*}/seen
pid=$1
shift
echo "$@" >"$seen"
[ -e "/proc/$pid/uid_map" ] && echo a process >>"$seen"
tr '\0' '\n' <"/proc/$$/environ" >>"$seen"
# 32 and 33 are the C library's own.
sed -n -E 's/^(Sig(Blk|Ign)):.*[08]0{7}$/\1 empty/p' /proc/self/status >>"$seen"
readlink /proc/self/fd/7 >>"$seen"
echo first line
echo second line >&2
exit 3
TEXT
    chmod 755 "$BASE/bin/newuidmap"
    chmod 777 "$BASE/bin"
    args true
    trap '' USR2
    refused 'exit status 3: first line second line' \
        subordinate PATH="relative:$BASE/bin" SECRET=1 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID" 7</dev/null
    trap - USR2
    equal $'0 1000 1 1 100000 1000\na process\nSigBlk empty\nSigIgn empty' \
        "$(cat "$BASE/bin/seen")"
    printf '#!/bin/sh\nkill -9 $$\n' >"$BASE/bin/newuidmap"
    refused 'signal 9: no message' \
        subordinate PATH="$BASE/bin" "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
}

@test "rootless: additional groups are refused, mapped identities are not" {
    args true
    config '.process.user.additionalGids = [5]'
    refused '' as_user "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
}

@test "rootless: exec enters all namespaces, the user namespace too" {
    only_proa 'the control is not installed for it'
    local type pid
    args sh -c 'exec sleep 1000'
    as_user "$RUNTIME" --root "$STATE" run -d --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
    pid=$(pid_of)
    for type in ipc mnt net pid user uts; do
        equal "$(readlink "/proc/$pid/ns/$type")" "$(as_user "$RUNTIME" --root "$STATE" exec "$ID" readlink "/proc/self/ns/$type")"
    done
    run --separate-stderr as_user "$RUNTIME" --root "$STATE" exec "$ID" sh -c 'id -u; touch /by-exec; exit 5'
    equal 5 "$status"
    says 0
    equal 1000 "$(stat -c %u "$BUNDLE/rootfs/by-exec")"
    run --separate-stderr as_user "$RUNTIME" --root "$STATE" exec --user 7 "$ID" id
    equal 255 "$status"
    contains "$stderr" 'no mapping found for uid 7'
    as_user "$RUNTIME" --root "$STATE" delete --force "$ID"
}
