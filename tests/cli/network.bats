load ../lib/helpers

# The machine's own network is never touched: a process keeps an empty network namespace, which is "the host" of these
# tests. The runtime runs in there, and so does whatever `host` is given.
prepare() {
    mkfifo "$BASE/keeper"
    unshare --net sh -c 'echo $$ >"$1/keeper"; exec cat "$1/keeper"' sh "$BASE" 3>&- &
    keeper=$(timeout 60 cat "$BASE/keeper")
    printf '#!/bin/sh\nexec nsenter --net=/proc/%s/ns/net %s "$@"\n' "$keeper" "$RUNTIME" >"$BASE/$NAME"
    chmod 755 "$BASE/$NAME"
    RUNTIME=$BASE/$NAME
    host ip link set lo up
}

host() {
    nsenter --net="/proc/$keeper/ns/net" "$@"
}

# veth NAME: a device on the host, to be moved; its other end is NAMEp.
veth() {
    host ip link add "$1" type veth peer name "$1p" 2>/dev/null || skip 'the kernel has no veth devices'
    host ip link set "$1p" up
}

# device HOST [CONTAINER]: asks for it in config.json.
device() {
    config '.linux.netDevices[$h] = (if $c == "" then {} else {name: $c} end)' --arg h "$1" --arg c "${2:-}"
}

# other_namespace: the network namespace of the process $other, to be joined, until somebody writes to $BASE/other.
other_namespace() {
    mkfifo "$BASE/other"
    unshare --net sh -c 'echo $$ >"$1/other"; exec timeout 600 cat "$1/other"' sh "$BASE" 3>&- &
    other=$(timeout 60 cat "$BASE/other")
    namespace network "/proc/$other/ns/net"
}

# The control has no netDevices: they came with runc 1.4.
has_devices() {
    only_proa 'runc 1.1.5 has no netDevices'
}

# ---- Loopback ---------------------------------------------------------------------------------

loopback_is_up() {
    inside 'ip -o link show lo | grep -o "LOOPBACK,UP"; ip -o addr show lo | grep -Eo "127.0.0.1/8|::1/128"; ping -c 1 -w 5 127.0.0.1 >/dev/null && echo pong'
    says $'LOOPBACK,UP\n127.0.0.1/8\n::1/128\npong'
}

@test "loopback: up in a new network namespace, with IPv4 and IPv6" {
    all_capabilities CAP_NET_RAW
    loopback_is_up
}

@test "loopback: the same in a user namespace" {
    all_capabilities CAP_NET_RAW
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    loopback_is_up
}

@test "loopback: that of a joined namespace stays as it is" {
    host ip link set lo down
    namespace network "/proc/$keeper/ns/net"
    inside 'ip -o link show lo | grep -c "LOOPBACK,UP" || true'
    says 0
}

@test "net.* sysctls: those of the container's namespace, of a moved device too" {
    has_devices
    veth one
    device one eth0
    # A new namespace takes it from the host's.
    host sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'
    config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "net.ipv4.conf.eth0.proxy_arp": "1"}'
    inside 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/eth0/proxy_arp'
    says $'1\n1'
    equal 0 "$(host cat /proc/sys/net/ipv4/ip_forward)"
}

# ---- Moving -----------------------------------------------------------------------------------

@test "netDevices: moved, under its name or another, and up" {
    has_devices
    veth one
    veth two
    device one
    device two eth0
    inside 'ip -o link show one | grep -o ",UP"; ip -o link show eth0 | grep -o ",UP"; ls /sys/class/net | sort | tr "\n" " "'
    says $',UP\n,UP\neth0 lo one '
}

@test "netDevices: two that swap their names" {
    has_devices
    veth one
    veth two
    host ip addr add 192.0.2.1/24 dev one
    host ip addr add 192.0.2.2/24 dev two
    device one two
    device two one
    inside 'for d in one two; do ip -o -4 addr show $d | grep -o "192[^ ]*"; done'
    says $'192.0.2.2/24\n192.0.2.1/24'
}

@test "netDevices: global permanent addresses come along, as the administrator made them" {
    has_devices
    veth one
    device one eth0
    host ip addr add 192.0.2.2/24 broadcast 192.0.2.255 label one:web dev one
    host ip addr add 192.0.2.3/24 dev one
    host ip addr add 198.51.100.1 peer 198.51.100.2/32 dev one noprefixroute
    host ip addr add 2001:db8::2/64 nodad dev one
    host ip addr add 169.254.7.7/16 scope link dev one
    host ip addr add 192.0.2.9/24 valid_lft 900 preferred_lft 900 dev one
    args cat /gate
    waiting_program
    create
    run -0 nsenter --net="/proc/$(pid_of)/ns/net" ip -o addr show eth0
    contains "$output" 'inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0:web'
    matches "$output" 'inet 192.0.2.3/24 scope global secondary eth0\\'
    matches "$output" 'inet 198.51.100.1 peer 198.51.100.2/32 scope global noprefixroute eth0\\'
    contains "$output" 'inet6 2001:db8::2/64 scope global nodad'
    lacks "$output" 169.254
    lacks "$output" 192.0.2.9
}

@test "netDevices: traffic passes" {
    has_devices
    veth one
    host ip addr add 192.0.2.1/24 dev onep
    host ip addr add 192.0.2.2/24 dev one
    device one eth0
    all_capabilities CAP_NET_RAW
    inside 'ping -c 1 -w 5 192.0.2.1 >/dev/null && echo pong'
    says pong
}

@test "netDevices: into a user namespace" {
    has_devices
    veth one
    host ip addr add 192.0.2.2/24 dev one
    device one eth0
    namespace user
    config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
    chmod -R go+rX "$BUNDLE"
    chown -R 100000:100000 "$BUNDLE/rootfs"
    inside 'ip -o -4 addr show eth0 | grep -o "192[^ ]*"; ip -o link show eth0 | grep -o ",UP"'
    says $'192.0.2.2/24\n,UP'
}

@test "netDevices: into a namespace that is joined" {
    has_devices
    veth one
    host ip addr add 192.0.2.2/24 dev one
    device one eth0
    other_namespace
    inside 'ip -o -4 addr show eth0 | grep -o "192[^ ]*"'
    nsenter --net="/proc/$other/ns/net" ip link show eth0 >"$BASE/shown"
    echo end >"$BASE/other"
    says 192.0.2.2/24
    contains "$(cat "$BASE/shown")" eth0
}

@test "netDevices: the device is there for the created container" {
    has_devices
    veth one
    device one eth0
    waiting_program
    create
    nsenter --net="/proc/$(pid_of)/ns/net" ip link show eth0 >"$BASE/shown"
    contains "$(cat "$BASE/shown")" 'eth0@'
    run host ip link show one
    [ "$status" -ne 0 ]
}

# ---- Refused ----------------------------------------------------------------------------------

@test "netDevices: refused without a network namespace" {
    has_devices
    no_namespace network
    device one
    run_refused 'unable to move network devices without a NET namespace'
}

@test "netDevices: refused when the joined namespace is the host's" {
    has_devices
    veth one
    host ip addr add 192.0.2.2/24 dev one
    host ip link set one up
    namespace network "/proc/$keeper/ns/net"
    device one eth0
    run_refused 'unable to move network devices without a NET namespace'
    matches "$(host ip -o addr show one)" 192.0.2.2/24
    contains "$(host ip link show one)" ',UP'
}

@test "netDevices: names that no device can have" {
    has_devices
    for name in . .. a/b a:b 'a b' $'a\tb' sixteen-bytes-16; do
        config '.linux.netDevices = {($n): {}}' --arg n "$name"
        refused 'invalid network device name' proa run --bundle "$BUNDLE" "$ID"
        config '.linux.netDevices = {eth0: {name: $n}}' --arg n "$name"
        refused 'invalid network device name' proa run --bundle "$BUNDLE" "$ID"
    done
    config '.linux.netDevices = {"": {}}'
    run_refused 'invalid network device name'
}

@test "netDevices: a device that is not there" {
    has_devices
    device nowhere
    run_refused 'network device nowhere: looking for it on the host: No such device'
}

# ---- Failing ----------------------------------------------------------------------------------

# as_before: one is on the host as it was made by `prepared`.
prepared() {
    veth one
    host ip addr add 192.0.2.2/24 label one:x dev one
    host ip addr add 2001:db8::2/64 nodad dev one
    host ip link set one up
}

as_before() {
    local shown
    shown=$(host ip addr show one)
    contains "$shown" ',UP'
    contains "$shown" 'inet 192.0.2.2/24 scope global one:x'
    contains "$shown" 'inet6 2001:db8::2/64 scope global nodad'
}

@test "netDevices: a name that is taken in the container; the device stays" {
    has_devices
    prepared
    device one lo
    run_refused 'network device one: the container'\''s network namespace has a device named lo already: File exists'
    as_before
}

@test "netDevices: a device that the kernel does not let go stays, with its addresses" {
    has_devices
    prepared
    device one
    device lo eth9
    run_refused 'moving it into the container as eth9'
    as_before
}

@test "netDevices: a start that fails later brings the device back" {
    has_devices
    prepared
    device one eth0
    args /nowhere
    run_refused '/nowhere'
    as_before
}

@test "netDevices: back from a joined namespace as well, from under another name" {
    has_devices
    prepared
    device one eth0
    device two
    other_namespace
    refused 'network device two' proa run --bundle "$BUNDLE" "$ID"
    echo end >"$BASE/other"
    as_before
}

@test "netDevices: the kernel's own words are in the error" {
    has_devices
    prepared
    device one
    other_namespace
    nsenter --net="/proc/$other/ns/net" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
    refused 'network device one in the container: adding its addresses' proa run --bundle "$BUNDLE" "$ID"
    echo end >"$BASE/other"
    contains "$stderr" 'IPv6'
    contains "$stderr" 'Permission denied'
    as_before
}
