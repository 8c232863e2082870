#include "spec/words.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define WORDS(what, ...) { what, (const struct word[]) { __VA_ARGS__, { NULL, 0 } } }
#define W(name) { #name, name }

/* Lists that `features` prints are in the order in which it prints them. */
const struct words words_namespace = WORDS("namespace type",
    { "cgroup", CLONE_NEWCGROUP },
    { "ipc", CLONE_NEWIPC },
    { "mount", CLONE_NEWNS },
    { "network", CLONE_NEWNET },
    { "pid", CLONE_NEWPID },
    { "time", CLONE_NEWTIME },
    { "user", CLONE_NEWUSER },
    { "uts", CLONE_NEWUTS });

const struct words words_capability = WORDS("capability",
    W(CAP_CHOWN), W(CAP_DAC_OVERRIDE), W(CAP_DAC_READ_SEARCH), W(CAP_FOWNER), W(CAP_FSETID), W(CAP_KILL),
    W(CAP_SETGID), W(CAP_SETUID), W(CAP_SETPCAP), W(CAP_LINUX_IMMUTABLE), W(CAP_NET_BIND_SERVICE),
    W(CAP_NET_BROADCAST), W(CAP_NET_ADMIN), W(CAP_NET_RAW), W(CAP_IPC_LOCK), W(CAP_IPC_OWNER),
    W(CAP_SYS_MODULE), W(CAP_SYS_RAWIO), W(CAP_SYS_CHROOT), W(CAP_SYS_PTRACE), W(CAP_SYS_PACCT),
    W(CAP_SYS_ADMIN), W(CAP_SYS_BOOT), W(CAP_SYS_NICE), W(CAP_SYS_RESOURCE), W(CAP_SYS_TIME),
    W(CAP_SYS_TTY_CONFIG), W(CAP_MKNOD), W(CAP_LEASE), W(CAP_AUDIT_WRITE), W(CAP_AUDIT_CONTROL),
    W(CAP_SETFCAP), W(CAP_MAC_OVERRIDE), W(CAP_MAC_ADMIN), W(CAP_SYSLOG), W(CAP_WAKE_ALARM),
    W(CAP_BLOCK_SUSPEND), W(CAP_AUDIT_READ), W(CAP_PERFMON), W(CAP_BPF), W(CAP_CHECKPOINT_RESTORE));

const struct words words_rlimit = WORDS("rlimit type",
    W(RLIMIT_AS), W(RLIMIT_CORE), W(RLIMIT_CPU), W(RLIMIT_DATA), W(RLIMIT_FSIZE), W(RLIMIT_LOCKS),
    W(RLIMIT_MEMLOCK), W(RLIMIT_MSGQUEUE), W(RLIMIT_NICE), W(RLIMIT_NOFILE), W(RLIMIT_NPROC), W(RLIMIT_RSS),
    W(RLIMIT_RTPRIO), W(RLIMIT_RTTIME), W(RLIMIT_SIGPENDING), W(RLIMIT_STACK));

const struct words words_propagation = WORDS("mount propagation",
    { "private", MS_PRIVATE },
    { "rprivate", MS_PRIVATE | MS_REC },
    { "shared", MS_SHARED },
    { "rshared", MS_SHARED | MS_REC },
    { "slave", MS_SLAVE },
    { "rslave", MS_SLAVE | MS_REC },
    { "unbindable", MS_UNBINDABLE },
    { "runbindable", MS_UNBINDABLE | MS_REC });

const struct words words_device_type = WORDS("device type",
    { "a", 'a' },
    { "b", 'b' },
    { "c", 'c' },
    { "u", 'c' },
    { "p", 'p' });

/* sched(7); the flags are bit numbers of sched_attr.sched_flags. */
const struct words words_scheduler = WORDS("scheduler policy",
    { "SCHED_OTHER", 0 },
    { "SCHED_FIFO", 1 },
    { "SCHED_RR", 2 },
    { "SCHED_BATCH", 3 },
    { "SCHED_ISO", 4 },
    { "SCHED_IDLE", 5 },
    { "SCHED_DEADLINE", 6 });

const struct words words_scheduler_flag = WORDS("scheduler flag",
    { "SCHED_FLAG_RESET_ON_FORK", 0 },
    { "SCHED_FLAG_RECLAIM", 1 },
    { "SCHED_FLAG_DL_OVERRUN", 2 },
    { "SCHED_FLAG_KEEP_POLICY", 3 },
    { "SCHED_FLAG_KEEP_PARAMS", 4 },
    { "SCHED_FLAG_UTIL_CLAMP_MIN", 5 },
    { "SCHED_FLAG_UTIL_CLAMP_MAX", 6 });

/* ioprio_set(2) */
const struct words words_io_priority = WORDS("I/O priority class",
    { "IOPRIO_CLASS_RT", 1 },
    { "IOPRIO_CLASS_BE", 2 },
    { "IOPRIO_CLASS_IDLE", 3 });

const struct words words_seccomp_action = WORDS("seccomp action",
    { "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
    { "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO },
    { "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
    { "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
    { "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
    { "SCMP_ACT_LOG", SECCOMP_RET_LOG },
    { "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF },
    { "SCMP_ACT_TRACE", SECCOMP_RET_TRACE },
    { "SCMP_ACT_TRAP", SECCOMP_RET_TRAP });

const struct words words_seccomp_operator = WORDS("seccomp operator",
    { "SCMP_CMP_EQ", 4 },
    { "SCMP_CMP_GE", 5 },
    { "SCMP_CMP_GT", 6 },
    { "SCMP_CMP_LE", 3 },
    { "SCMP_CMP_LT", 2 },
    { "SCMP_CMP_MASKED_EQ", 7 },
    { "SCMP_CMP_NE", 1 });

/* x32 shares the audit architecture of x86-64; here it has the value without the 64-bit mark. */
const struct words words_seccomp_arch = WORDS("seccomp architecture",
    { "SCMP_ARCH_AARCH64", AUDIT_ARCH_AARCH64 },
    { "SCMP_ARCH_ARM", AUDIT_ARCH_ARM },
    { "SCMP_ARCH_LOONGARCH64", AUDIT_ARCH_LOONGARCH64 },
    { "SCMP_ARCH_MIPS", AUDIT_ARCH_MIPS },
    { "SCMP_ARCH_MIPS64", AUDIT_ARCH_MIPS64 },
    { "SCMP_ARCH_MIPS64N32", AUDIT_ARCH_MIPS64N32 },
    { "SCMP_ARCH_MIPSEL", AUDIT_ARCH_MIPSEL },
    { "SCMP_ARCH_MIPSEL64", AUDIT_ARCH_MIPSEL64 },
    { "SCMP_ARCH_MIPSEL64N32", AUDIT_ARCH_MIPSEL64N32 },
    { "SCMP_ARCH_PPC", AUDIT_ARCH_PPC },
    { "SCMP_ARCH_PPC64", AUDIT_ARCH_PPC64 },
    { "SCMP_ARCH_PPC64LE", AUDIT_ARCH_PPC64LE },
    { "SCMP_ARCH_RISCV64", AUDIT_ARCH_RISCV64 },
    { "SCMP_ARCH_S390", AUDIT_ARCH_S390 },
    { "SCMP_ARCH_S390X", AUDIT_ARCH_S390X },
    { "SCMP_ARCH_X32", EM_X86_64 | __AUDIT_ARCH_LE },
    { "SCMP_ARCH_X86", AUDIT_ARCH_I386 },
    { "SCMP_ARCH_X86_64", AUDIT_ARCH_X86_64 });

const struct words words_seccomp_flag = WORDS("seccomp flag",
    W(SECCOMP_FILTER_FLAG_TSYNC),
    W(SECCOMP_FILTER_FLAG_SPEC_ALLOW),
    W(SECCOMP_FILTER_FLAG_LOG),
    { "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 1 << 5 });

/* personality(2) */
const struct words words_personality = WORDS("personality domain",
    { "LINUX", 0 },
    { "LINUX32", 8 });

/* set_mempolicy(2) */
const struct words words_memory_policy = WORDS("memory policy mode",
    { "MPOL_DEFAULT", 0 },
    { "MPOL_PREFERRED", 1 },
    { "MPOL_BIND", 2 },
    { "MPOL_INTERLEAVE", 3 },
    { "MPOL_LOCAL", 4 },
    { "MPOL_PREFERRED_MANY", 5 },
    { "MPOL_WEIGHTED_INTERLEAVE", 6 });

const struct words words_memory_policy_flag = WORDS("memory policy flag",
    { "MPOL_F_STATIC_NODES", 1 << 15 },
    { "MPOL_F_RELATIVE_NODES", 1 << 14 },
    { "MPOL_F_NUMA_BALANCING", 1 << 13 });

int words_value(const struct words *w, const char *name, int64_t *ret)
{
    for (const struct word *p = w->list; p->name; p++) {
        if (strcmp(p->name, name) != 0)
            continue;
        *ret = p->value;
        return 0;
    }
    return -ENOENT;
}

const char *words_name(const struct words *w, int64_t value)
{
    for (const struct word *p = w->list; p->name; p++)
        if (p->value == value)
            return p->name;
    return NULL;
}
