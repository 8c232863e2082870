# shellcheck shell=bash
# The machine below the engines, which their tests must leave as it was, though some engines use paths and a network that are
# everybody's. Other suites, other engines and users are at work meanwhile: so only what none of them has a reason to change,
# and what names this file's $BASE.

HOST_ETC=(/etc/{cni,containers,containerd,docker,buildkit,crio} /etc/{passwd,group,subuid,subgid,hosts,sysctl.conf,sysctl.d})
HOST_STATE=(/var/lib/{cni,containers,containerd,docker,buildkit} /var/cache/containers /run/netns)

host_begin() {
    # What is not there is no error: so no command ends the function, as in a condition.
    host_state >"$BASE/host-before" || true
}

# host_as_it_was: prints what is new or different since host_begin, and fails when something is.
host_as_it_was() {
    local found
    found=$(host_state | LC_ALL=C comm -13 "$BASE/host-before" - | without_packages; host_mentions)
    [ -z "$found" ] || { echo "$found"; return 1; }
}

# Who installs packages meanwhile brings configuration and directories.
without_packages() {
    if grep -q -x "$(packages)" "$BASE/host-before"; then cat; else grep -v -e '^file ' -e '^packages '; fi
}

packages() {
    stat -c 'packages %Y' /var/lib/dpkg/status
}

# host_state: a line for each thing, sorted.
host_state() {
    {
        grep -s -d skip '' /proc/sys/net/ipv4/* /proc/sys/net/{ipv4,ipv6}/conf/{all,default}/* /proc/sys/net/bridge/* \
            /proc/sys/kernel/{msg,sem,shm}*
        host_network | grep -v -w 'veth[[:alnum:]]*'
        find "${HOST_ETC[@]}" -printf 'file %p %C@\n'
        find "${HOST_STATE[@]}" -maxdepth 1 -printf 'file %p\n'
        # By the names that engines choose; empty ones. Slices are systemd's to keep.
        find /sys/fs/cgroup -maxdepth 2 -type d -links 2 ! -name '*.slice' -regex '.*/\(buildah\|buildkit\|docker\|libpod\|machine\)[^/]*' -printf 'cgroup %p\n'
        packages
    } 2>/dev/null | LC_ALL=C sort
}

# Pairs of veth are other containers', and rules come and go with them. Tables, chains and policies do not.
host_network() {
    ip -o link | awk -F '[:@ ]+' '{ print "link", $2 }'
    ip -o address | awk '{ print "address", $2, $4 }'
    ip route | sed 's/^/route /'
    iptables-save | sed -n 's/^\([*:][^ ]* *[^ ]*\).*/iptables \1/p'
    nft list tables
}

# host_mentions: mounts and files of the host that name $BASE.
host_mentions() {
    awk -v base="$BASE/" 'index($5, base) != 1 && index($0, base) { print "mount", $5 }' /proc/self/mountinfo
    find /run -maxdepth 4 -name "*${BASE##*/}*" -printf 'file %p\n' 2>/dev/null
    grep -r -l -s -D skip -F "$BASE/" /run/{proa,runc,crun,cni,containers,libpod} "${HOST_ETC[@]}" /var/lib/cni | sed 's/^/file /'
}
