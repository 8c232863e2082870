/* protocol.h - every message between the launcher and the init, and the steps of the init.
 *
 * One SOCK_SEQPACKET pair, one fixed-size record a message. The common path (all namespaces new):
 *
 *     launcher                                          init
 *     clone3 + execveat  ────────────────────────────▶  starts; does what needs nobody's help
 *     id maps, cgroup, rlimits,
 *     state saved        ──────────── GO ────────────▶  may enter the cgroup namespace, may finish
 *                        ◀── SPAN (only when traced) ─
 *                        ◀── TREE (item) ────────────   a bind mount that only the launcher can open, or id-map
 *                        ──────────── TREE + tree ──▶
 *                        ◀── NETLINK + socket ───────   network devices to configure (the launcher keeps it)
 *                        ◀── MOUNTED ────────────────   PLAN_MEET: all is mounted, pivot_root is still to come
 *     network, hooks     ──────────── RESUME ────────▶
 *                        ◀── CONSOLE + pty master ───   process.terminal
 *                        ◀── LISTENER (fd number) ───   a seccomp filter with notifications is loaded; sent with write(2),
 *                        ──────────── RESUME ────────▶  the one system call such a filter may not hold back
 *                        ◀── READY ─────────────────    create: before it waits on the exec fifo
 *                                                       run: just before execve
 *                        ◀── end of file ────────────   the user's program runs (close-on-exec); create: READY then close
 *                        ◀── FAULT ─────────────────    any time: that step failed, the init exits
 *
 * A further process of a running container (exec) has the same conversation: first a stage that joins its namespaces, then
 * the process, which walks EXEC_STEPS.
 *
 * With namespaces to join (or a time namespace) a stage goes first; it joins, makes the init its
 * sibling with CLONE_PARENT, says so and ends:
 *
 *     clone3 + execveat  ────────────────────────────▶  stage
 *                        ◀── CHILD (pid) ────────────   the init exists; then all as above
 *
 * End of file without READY, or from the launcher's side at any time, means that the peer died. */
#pragma once
#include <linux/sched.h>
#include <stdint.h>
#include "plan/plan.h"

/* New namespaces that the init makes itself: the cgroup namespace once it is in its cgroup (await_go), the network
 * and the ipc namespace as root of the user namespace, while the launcher does other things (step_network). */
#define INIT_NAMESPACES (CLONE_NEWCGROUP | CLONE_NEWNET | CLONE_NEWIPC)

/* Whether a stage goes first. A CLONE_VM child enters a new time namespace only at execve, and only since Linux 6.3;
 * and its offsets must be written before the first process is inside. */
static inline int init_needs_stage(const struct plan *p)
{
    return p->joins.n > 0 || (p->new_ns & CLONE_NEWTIME) || (p->flags & PLAN_EXEC);
}

enum message_type {
    MESSAGE_GO = 1, MESSAGE_FAULT, MESSAGE_CONSOLE, MESSAGE_READY, MESSAGE_SPAN, MESSAGE_CHILD,
    MESSAGE_NETLINK, MESSAGE_MOUNTED, MESSAGE_LISTENER, MESSAGE_RESUME, MESSAGE_TREE,
};

struct message {
    uint32_t type;
    uint32_t step;              /* enum init_step: FAULT, SPAN */
    uint32_t item;              /* FAULT: index in the list the step walks; TREE: in mounts */
    int32_t err;                /* FAULT: positive errno */
    uint32_t call;              /* FAULT: enum init_call that failed */
    int32_t pid;                /* CHILD; LISTENER: the descriptor's number in the init */
    uint64_t from, to;          /* SPAN: CLOCK_MONOTONIC, ns */
    char text[1024];             /* FAULT: what the kernel or the init says about it; CONSOLE: the pty's name. NUL-terminated */
};

/* The life of a container's init, in order. Each is a function step_<name> in init/. The text names the step in errors and
 * on the timeline. */
#define INIT_STEPS(X) \
    X(identity, "become root of the user namespace") \
    X(session, "session and keyring") \
    X(bounding, "signals and bounding set") \
    X(network, "network and ipc namespace") \
    X(rootfs, "root file system") \
    X(mounts, "mounts") \
    X(nodes, "device nodes") \
    X(links, "symlinks") \
    X(cgroup, "cgroup") \
    X(hooks, "hooks") \
    X(hostname, "host name") \
    X(sysctls, "sysctls") \
    X(masks, "masked paths") \
    X(readonly, "read-only paths") \
    X(pivot, "pivot_root") \
    X(stdio, "standard streams") \
    X(workdir, "working directory") \
    X(console, "console") \
    X(finish, "final mount flags") \
    X(priority, "priorities") \
    X(label, "security label") \
    X(seccomp, "seccomp filter") \
    X(credentials, "credentials") \
    X(lookup, "program") \
    X(rlimits, "resource limits") \
    X(seccomp_late, "seccomp filter (no new privileges)") \
    X(ready, "ready") \
    X(start_hooks, "startContainer hooks") \
    X(exec, "exec")

/* What a stage does before: that of a start … */
#define STAGE_STEPS(X) \
    X(join, "join namespaces") \
    X(offsets, "time offsets") \
    X(child, "init process")

/* … and that of an exec. */
#define EXEC_STAGE_STEPS(X) \
    X(attach, "enter the container") \
    X(exec_child, "process")

/* The life of a process that exec adds to a container. Only the first is its own. */
#define EXEC_STEPS(X) \
    X(enter) X(identity) X(session) X(bounding) X(cgroup) X(stdio) X(workdir) X(console) X(priority) X(label) X(seccomp) \
    X(credentials) X(lookup) X(rlimits) X(seccomp_late) X(ready) X(exec)

#define ALL_STEPS(X) INIT_STEPS(X) STAGE_STEPS(X) EXEC_STAGE_STEPS(X) X(enter, "container's root directory")

#define PROTOCOL_ENUM(name, text) STEP_##name,
enum init_step { ALL_STEPS(PROTOCOL_ENUM) STEP_COUNT };

/* What exactly failed inside a step, for the message: mostly the system call. */
#define INIT_CALLS(X) \
    X(none, "") X(plan, "damaged plan") X(peer, "the runtime went away") X(openat2, "openat2") \
    X(open_tree, "open_tree") X(fsopen, "fsopen") X(fsconfig, "fsconfig") X(fsmount, "fsmount") \
    X(move_mount, "move_mount") X(mount_setattr, "mount_setattr") X(mknodat, "mknodat") X(symlinkat, "symlinkat") \
    X(unlinkat, "unlinkat") X(fchmod, "fchmod") X(fchown, "fchown") X(pivot_root, "pivot_root") \
    X(umount2, "umount2") X(chroot, "chroot") X(chdir, "chdir") X(getcwd, "getcwd") X(setns, "setns") \
    X(unshare, "unshare") X(clone3, "clone3") X(open, "open") X(write, "write") X(ioctl, "ioctl") \
    X(socket, "socket") X(sendmsg, "sendmsg") X(setsid, "setsid") X(keyctl, "keyctl") X(sethostname, "sethostname") \
    X(setdomainname, "setdomainname") X(prlimit, "prlimit") X(prctl, "prctl") X(capset, "capset") \
    X(setgroups, "setgroups") X(setgid, "setgid") X(setuid, "setuid") X(dup3, "dup3") X(execve, "execve") \
    X(close_range, "close_range") X(statx, "statx") X(lookup, "lookup") X(stat, "stat") X(reopen, "reopen") \
    X(seccomp, "seccomp") X(sched_setattr, "sched_setattr") X(ioprio_set, "ioprio_set") X(personality, "personality") \
    X(set_mempolicy, "set_mempolicy") X(sched_setaffinity, "sched_setaffinity") X(hook, "hook")
#define PROTOCOL_CALL(name, text) CALL_##name,
enum init_call { INIT_CALLS(PROTOCOL_CALL) CALL_COUNT };
