load ../lib/helpers

# Names of /proc/PID/ns and of the configuration.
LINKS='cgroup:cgroup ipc:ipc mnt:mount net:network pid:pid time:time user:user uts:uts'

# keeper: a process in new namespaces of its own, to be joined; $keeper is its pid.
keeper() {
    mkfifo "$BASE/keeper"
    unshare "$@" sh -c 'echo up >"$1/keeper"; exec cat "$1/keeper"' sh "$BASE" 3>&- &
    timeout 60 cat "$BASE/keeper" >/dev/null
    until_true pgrep -f "^cat $BASE/keeper"
    keeper=$(pgrep -n -f "^cat $BASE/keeper")
}

ns_of() {
    readlink "/proc/$1/ns/$2"
}

@test "each namespace: new when asked for, the caller's otherwise" {
    # A user namespace would take the right to the mounts of a host namespace: see below.
    for pair in $LINKS; do
        case $pair in user:* | mnt:*) continue ;; esac
        [ "$NAME" = runc ] && [ "$pair" = time:time ] && continue
        inside 'true'
        namespace "${pair#*:}"
        inside "readlink /proc/self/ns/${pair%:*}"
        [ "$output" != "$(ns_of self "${pair%:*}")" ] || complain "$pair is the caller's"
        no_namespace "${pair#*:}"
        # sysfs belongs to a network namespace, mqueue to an ipc one: both are ours here.
        [ "$pair" = uts:uts ] && config 'del(.hostname)'
        [ "$pair" = pid:pid ] && continue
        inside "readlink /proc/self/ns/${pair%:*}"
        says "$(ns_of self "${pair%:*}")"
        namespace "${pair#*:}"
    done
}

@test "without a pid namespace the program has a host pid" {
    no_namespace pid
    inside 'echo $$'
    [ "$output" -gt 1 ]
}

@test "network: a new one has loopback, up, and nothing else" {
    inside 'ls /sys/class/net; ip -o link show lo | grep -o "LOOPBACK,UP"; ip -o addr show lo | grep -o "127.0.0.1/8"'
    contains "$output" lo
    contains "$output" LOOPBACK,UP
    contains "$output" 127.0.0.1/8
    lacks "$output" eth
}

@test "join: network, ipc, uts, cgroup and pid by path" {
    keeper --net --ipc --uts --cgroup --pid --fork
    for pair in net:network ipc:ipc uts:uts cgroup:cgroup pid:pid; do
        namespace "${pair#*:}" "/proc/$keeper/ns/${pair%:*}"
    done
    config 'del(.hostname)'
    inside 'for n in net ipc uts cgroup pid; do readlink /proc/self/ns/$n; done'
    for name in net ipc uts cgroup pid; do
        contains "$output" "$(ns_of "$keeper" "$name")"
    done
}

@test "join: a pid namespace; the program is not process 1 there and dies alone" {
    keeper --pid --fork
    namespace pid "/proc/$keeper/ns/pid"
    inside 'echo $$'
    [ "$output" -gt 1 ]
    [ -d "/proc/$keeper" ]
}

@test "join: a mount namespace" {
    keeper --mount
    nsenter --mount --target "$keeper" mount -t tmpfs -o size=33k tmpfs "$BUNDLE/rootfs/tmp"
    namespace mount "/proc/$keeper/ns/mnt"
    # It brings its own tree: nothing to mount, nothing to mask.
    config '.mounts = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
    no_namespace pid
    only_proa 'the control pivots in the joined namespace, too'
    args true
    run proa run --bundle "$BUNDLE" "$ID"
    [ "$status" -eq 0 ] || [ "$status" -eq 1 ]
}

@test "join: a time namespace" {
    only_proa 'the control has none'
    keeper --time --fork --boottime 100000
    namespace time "/proc/$keeper/ns/time"
    inside 'readlink /proc/self/ns/time; cut -d . -f 1 /proc/uptime'
    equal "$(ns_of "$keeper" time)" "${lines[0]}"
    [ "${lines[1]}" -gt 99999 ]
}

@test "join: a user namespace, with the identities that are mapped there" {
    keeper --user --map-root-user
    namespace user "/proc/$keeper/ns/user"
    no_namespace network
    config '.mounts |= map(select(.type != "cgroup" and .type != "sysfs") | .options = (.options // [] | . - ["gid=5"]))'
    run proa run --bundle "$BUNDLE" "$ID"
    [ "$NAME" = runc ] && skip 'the control wants another order'
    inside 'readlink /proc/self/ns/user; id -u; cat /proc/self/uid_map'
    equal "$(ns_of "$keeper" user)" "${lines[0]}"
    equal 0 "${lines[1]}"
}

@test "join: namespaces by bind-mounted paths, when nobody is left in them" {
    mkdir "$BASE/ns"
    for name in net ipc uts; do
        touch "$BASE/ns/$name"
        OWN_MOUNTS+=${OWN_MOUNTS:+$'\n'}$BASE/ns/$name
    done
    unshare --net="$BASE/ns/net" --ipc="$BASE/ns/ipc" --uts="$BASE/ns/uts" hostname from-the-path
    for pair in net:network ipc:ipc uts:uts; do
        namespace "${pair#*:}" "$BASE/ns/${pair%:*}"
    done
    config 'del(.hostname)'
    inside 'for n in net ipc uts; do readlink /proc/self/ns/$n | tr -dc 0-9; echo; done; hostname'
    says "$(stat -c %i "$BASE"/ns/{net,ipc,uts})"$'\nfrom-the-path'
}

# ---- A user namespace by its path -------------------------------------------------------------

# owned_namespace: a process in a user namespace with the maps below, whose ids own the bundle.
owned_namespace() {
    keeper --user "$@"
    for map in uid:100000 gid:200000; do
        echo "0 ${map#*:} 5000" >"/proc/$keeper/${map%:*}_map"
    done
    chown -R 100000:200000 "$BUNDLE/rootfs"
    chmod 755 "$BUNDLE" "$BASE"
    # These belong to namespaces of the host.
    config '.mounts |= map(select(.type != "cgroup"))'
}

maps() {
    config '.linux.uidMappings = [{containerID: 0, hostID: $u, size: $n}]
        | .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 5000}]' --argjson u "$1" --argjson n "$2"
}

@test "join: a user namespace, other namespaces new in it: owners, ids, keyring" {
    only_proa 'the control wants another order'
    owned_namespace
    namespace user "/proc/$keeper/ns/user"
    config '.process.user = {uid: 7, gid: 8, additionalGids: [9]}'
    inside 'readlink /proc/self/ns/user; id -u; id -G; touch /tmp/made; sed "s/  */ /g" /proc/self/uid_map'
    says "$(ns_of "$keeper" user)"$'\n7\n8 9\n 0 100000 5000'
    equal '100007 200008' "$(stat -c '%u %g' "$BUNDLE/rootfs/tmp/made")"
    # The fifo of a creation belongs to the container's root.
    waiting_program
    create
    equal '100000 200000' "$(stat -c '%u %g' "$STATE/$ID/exec.fifo")"
}

@test "join: a user namespace with mappings: the same are fine, others are an error" {
    only_proa 'the control takes either'
    owned_namespace
    namespace user "/proc/$keeper/ns/user"
    maps 100000 5000
    args id -u
    run --separate-stderr proa run --bundle "$BUNDLE" "$ID"
    ok
    says 0
    contains "$stderr" 'both a userns path to join and a matching userns mapping'
    for other in '100001 5000' '100000 4999'; do
        # shellcheck disable=SC2086
        maps $other
        run_refused 'both namespace path and non-matching mapping specified -- you may only provide one'
    done
    config 'del(.linux.uidMappings)'
    run_refused 'both namespace path and non-matching mapping'
}

@test "join: a user namespace by a bind-mounted path; its mappings are known, too" {
    only_proa 'the control takes either'
    owned_namespace
    touch "$BASE/user"
    host_mount --bind "/proc/$keeper/ns/user" "$BASE/user"
    namespace user "$BASE/user"
    maps 100000 5000
    args id -u
    run --separate-stderr proa run --bundle "$BUNDLE" "$ID"
    ok
    maps 100000 4000
    run_refused 'non-matching mapping'
    config 'del(.linux.uidMappings, .linux.gidMappings)'
    inside 'cat /proc/self/uid_map | sed "s/  */ /g"'
    says ' 0 100000 5000'
    config '.process.user.uid = 5000'
    run_refused 'user namespaces enabled, but no mapping found for uid 5000'
}

@test "join: in a user namespace without the identity" {
    only_proa 'the control says so later'
    owned_namespace
    namespace user "/proc/$keeper/ns/user"
    config '.process.user = {uid: 1, gid: 2, additionalGids: [5000]}'
    run_refused 'user namespaces enabled, but no mapping found for gid 5000'
    config '.process.user = {uid: 5000, gid: 5001}'
    run_refused 'no mapping found for uid 5000'
    contains "$stderr" 'no mapping found for gid 5001'
    namespace user "$BUNDLE/config.json"
    run_refused "namespace $BUNDLE/config.json"
    namespace user /proc/self/ns/nothing
    run_refused 'namespace /proc/self/ns/nothing'
}

# ---- Every mix --------------------------------------------------------------------------------

# Of these, what a container shares with the host, makes, or joins: each in every way with each other.
MIXED='net:network ipc:ipc uts:uts pid:pid'

# mix WAY…: one for each of MIXED: s, n or j.
mix() {
    local pair list=''
    for pair in $MIXED; do
        case $1 in
        n) list+=" {\"type\": \"${pair#*:}\"}" ;;
        j) list+=" {\"type\": \"${pair#*:}\", \"path\": \"/proc/$keeper/ns/${pair%:*}\"}" ;;
        esac
        shift
    done
    config '.linux.namespaces |= map(select(.type == "mount" or .type == "user" or .type == "cgroup")) + $mixed' \
        --slurpfile mixed <(echo "$list")
}

# mixed WAY…: runs it and looks at each namespace.
mixed() {
    local pair found i ways=("$@")
    mix "$@"
    inside 'for n in net ipc uts pid; do readlink /proc/self/ns/$n; done'
    i=0
    for pair in $MIXED; do
        found=${lines[i]}
        case ${ways[i++]} in
        s) equal "$(ns_of self "${pair%:*}")" "$found" ;;
        j) equal "$(ns_of "$keeper" "${pair%:*}")" "$found" ;;
        n)
            [ "$found" != "$(ns_of self "${pair%:*}")" ] || complain "$*: ${pair#*:} is the host's"
            [ "$found" != "$(ns_of "$keeper" "${pair%:*}")" ] || complain "$*: ${pair#*:} is the other's"
            ;;
        esac
    done
}

@test "every mix of shared, new and joined" {
    keeper --net --ipc --uts --pid --fork
    # What belongs to the namespaces that are to be mixed.
    config 'del(.hostname) | .mounts |= map(select(.type == "proc" or .type == "tmpfs"))'
    for net in s n j; do
        for ipc in s n j; do
            mixed $net $ipc s n
            mixed $net $ipc n j
            mixed $net $ipc j s
        done
    done
}

@test "every mix of shared, new and joined, in a user namespace new and joined" {
    only_proa 'the control wants another order'
    keeper --user --net --ipc --uts --pid --fork
    for map in uid:100000 gid:200000; do
        echo "0 ${map#*:} 5000" >"/proc/$keeper/${map%:*}_map"
    done
    chown -R 100000:200000 "$BUNDLE/rootfs"
    chmod 755 "$BUNDLE" "$BASE"
    config 'del(.hostname) | .mounts |= map(select(.type == "proc" or .type == "tmpfs"))'
    for net in s n j; do
        # The other namespaces belong to the joined one: who has just made one may not enter them. Sharing is for all.
        namespace user "/proc/$keeper/ns/user"
        config 'del(.linux.uidMappings, .linux.gidMappings)'
        mixed $net s n n
        mixed $net j j j
        mixed $net n s j
    done
    for net in s n; do
        user_namespace
        mixed $net s n n
        mixed $net n s n
    done
}

@test "the order of the list does not matter: user first, last, in between" {
    only_proa 'the control wants another order'
    owned_namespace --net --uts
    config 'del(.hostname) | .mounts |= map(select(.type != "sysfs" and .type != "mqueue"))'
    namespace network "/proc/$keeper/ns/net"
    namespace uts "/proc/$keeper/ns/uts"
    namespace user "/proc/$keeper/ns/user"
    for order in .type '(.type | explode | map(-.))' '(.type | length)'; do
        config ".linux.namespaces |= sort_by($order)"
        inside 'for n in user net uts; do readlink /proc/self/ns/$n; done'
        says "$(ns_of "$keeper" user)"$'\n'"$(ns_of "$keeper" net)"$'\n'"$(ns_of "$keeper" uts)"
    done
}

@test "join: a path that is no namespace, of the wrong type, or missing" {
    namespace network "$BUNDLE/config.json"
    run_refused ''
    namespace network /proc/self/ns/uts
    run_refused ''
    namespace network /proc/1/ns/nothing
    run_refused ''
    namespace network relative/path
    run_refused ''
    namespace network "$BUNDLE"
    run_refused ''
}

user_namespace() {
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 5000}]
        | .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 6000}]'
    chown -R 100000:200000 "$BUNDLE/rootfs"
    chmod 755 "$BUNDLE" "$BASE"
}

@test "user: new, with mappings; inside one is root, outside one is not" {
    user_namespace
    inside 'id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map | sed "s/  */ /g"; touch /made; cat /proc/self/setgroups'
    says $'0\n0\n 0 100000 5000\n 0 200000 6000\nallow'
    equal '100000 200000' "$(stat -c '%u %g' "$BUNDLE/rootfs/made")"
}

# An ipc namespace that is made before the ids are mapped has a message queue file system that is nobody's; with SELinux
# its root directory can not be labelled then.
@test "user: the root of /dev/mqueue belongs to its root, in a new user namespace and in a joined one" {
    only_proa 'there the group is nobody'
    user_namespace
    inside 'stat -c "%u %g" /dev/mqueue'
    says '0 0'
    owned_namespace
    namespace user "/proc/$keeper/ns/user"
    config 'del(.linux.uidMappings, .linux.gidMappings)'
    inside 'stat -c "%u %g" /dev/mqueue'
    says '0 0'
}

@test "user: several ranges, another identity, groups" {
    user_namespace
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}, {containerID: 1000, hostID: 300000, size: 10}]
        | .process.user = {uid: 1003, gid: 7, additionalGids: [8, 9]}'
    inside 'id -u; id -G; touch /tmp/made'
    says $'1003\n7 8 9'
    equal '300003 200007' "$(stat -c '%u %g' "$BUNDLE/rootfs/tmp/made")"
}

@test "user: the default mounts, devices and masks work in it" {
    user_namespace
    inside 'echo x >/dev/null; head -c 1 /dev/zero | wc -c; touch /dev/shm/x; ls -A /proc/acpi 2>/dev/null; cat /proc/keys; mount | grep -c " /proc/sys "'
    says $'1\n1'
}

@test "user: a bind source that only the host's root may reach" {
    user_namespace
    mkdir -p "$BASE/private/inner"
    chmod 700 "$BASE/private"
    echo reached >"$BASE/private/inner/file"
    chmod 755 "$BASE/private/inner"
    add_mount /x bind "$BASE/private/inner" bind
    inside 'cat /x/file'
    says reached
}

@test "user: a bind source that only the caller may reach, who is root of a user namespace himself" {
    only_proa 'the control wants more of the environment'
    owned_namespace
    chown -R 100001:200001 "$BUNDLE/rootfs"
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 1, size: 1000}] | .linux.gidMappings = .linux.uidMappings
        | del(.linux.resources)'
    mkdir -p "$BASE/private" "$STATE"
    echo reached >"$BASE/private/file"
    chmod 700 "$BASE/private"
    chown -R 100000:200000 "$BASE/private" "$STATE"
    add_mount /x bind "$BASE/private/file" bind
    args cat /x
    run --separate-stderr nsenter --target "$keeper" --user --setuid 0 --setgid 0 \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    ok
    says reached
}

@test "user: without mappings, with mappings but no namespace, unmapped identity" {
    namespace user
    run_refused "$(head_says 'no namespace path to join nor mappings to apply')"
    user_namespace
    config '.process.user.uid = 70000'
    run_refused ''
    config '.process.user.uid = 0'
    no_namespace user
    only_proa 'the control ignores the mappings'
    run_refused 'user namespace mappings specified, but'
}

@test "uts: hostname without a uts namespace is refused" {
    no_namespace uts
    run_refused 'unable to set hostname without a private UTS namespace'
    config 'del(.hostname) | .domainname = "x"'
    [ "$NAME" = runc ] || run_refused 'unable to set domainname without'
}

@test "time: offsets" {
    only_proa 'the control has none'
    namespace time
    config '.linux.timeOffsets = {boottime: {secs: 200000, nanosecs: 5}}'
    inside 'cut -d . -f 1 /proc/uptime'
    [ "$output" -gt 199999 ]
    no_namespace time
    run_refused "time namespace offsets specified, but"
}

@test "duplicate and unknown types are refused" {
    config '.linux.namespaces += [{type: "ipc"}]'
    run_refused 'duplicated ns'
    config '.linux.namespaces = [{type: "dream"}]'
    run_refused 'dream'
}

@test "no namespaces at all" {
    config '.linux.namespaces = [{type: "mount"}] | del(.hostname)'
    inside 'readlink /proc/self/ns/net; readlink /proc/self/ns/ipc; hostname'
    says "$(ns_of self net)"$'\n'"$(ns_of self ipc)"$'\n'"$(hostname)"
}
