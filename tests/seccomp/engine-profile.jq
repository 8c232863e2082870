# From the profile of podman, docker and cri-o, which has conditions, to linux.seccomp: as on amd64 for a container with the
# usual capabilities.   jq -f engine-profile.jq /usr/share/containers/seccomp.json
["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETFCAP", "CAP_SETGID",
 "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"] as $caps |
def any_of($list): . // [] | any(. as $x | $list | index($x));
def wanted:
    ((.includes.arches // []) | length == 0 or any_of(["amd64"])) and ((.includes.caps // []) | length == 0 or any_of($caps))
    and (.excludes.arches | any_of(["amd64"]) | not) and (.excludes.caps | any_of($caps) | not);
{
    defaultAction, defaultErrnoRet, architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls: [.syscalls[] | select(wanted) | {names, action, errnoRet, args: (.args // [])}]
} | del(.. | nulls)
