/* creds.c - the rights of the user's program, in the order in which each needs those that go after it. */
#include "init/creds.h"
#include "init/init.h"
#include "init/home.h"
#include "init/stdio.h"
#include "init/workdir.h"

/* execve resets what is caught but leaves ignored what is ignored: a program must not be deaf to Ctrl-C because a shell
 * has put the runtime into the background. All are blocked until the end. */
static void reset_signals(void)
{
    static const struct sys_sigaction by_default;

    for (int signal = 1; signal <= SYS_SIGNALS; signal++)
        if (signal != SIGKILL && signal != SIGSTOP)
            sys_rt_sigaction(signal, &by_default);
}

/* The kernel answers EINVAL for the first capability that it does not know. */
int creds_bound(struct init *in)
{
    uint64_t keep = in->plan->caps[PLAN_BOUNDING];

    for (unsigned cap = 0; flagged(in, PLAN_CAPS) && cap < 64; cap++) {
        int r = keep >> cap & 1 ? 0 : sys_prctl(PR_CAPBSET_DROP, cap, 0);

        if (r == -EINVAL)
            return 0;
        if (r < 0)
            return init_fail_text(in, CALL_prctl, r, "bounding set");
    }
    return 0;
}

/* A hundred system calls that could as well wait. Here the launcher is busy with cgroups, and the time costs nothing.
 * createContainer hooks come first, if there are any. */
int step_bounding(struct init *in)
{
    reset_signals();
    return in->plan->hooks[PLAN_CREATE_CONTAINER].n ? 0 : creds_bound(in);
}

/* Root of a user namespace has the right to, unless the namespace was made with "deny" in /proc/PID/setgroups. Then
 * nobody can, and a process without further groups is the best there is. */
static int set_groups(struct init *in)
{
    const struct plan *p = in->plan;
    int r = flagged(in, PLAN_SET_GROUPS) ? sys_setgroups(p->groups.n, PLAN_ITEMS(p, groups, uint32_t)) : 0;

    if (r == -EPERM && p->groups.n == 0 && has_user_namespace(p))
        return 0;
    return r < 0 ? init_fail(in, CALL_setgroups, r) : 0;
}

static int set_ids(struct init *in)
{
    const struct plan *p = in->plan;
    int r;

    if (set_groups(in))
        return -1;
    if ((r = sys_setgid(p->gid)) < 0)
        return init_fail(in, CALL_setgid, r);
    r = sys_setuid(p->uid);
    return r < 0 ? init_fail(in, CALL_setuid, r) : 0;
}

/* `also` is effective and permitted besides. */
static int set_caps(struct init *in, uint64_t also)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];
    const uint64_t *caps = in->plan->caps;
    int r;

    for (int i = 0; i < 2; i++) {
        data[i].effective = (uint32_t) ((caps[PLAN_EFFECTIVE] | also) >> 32 * i);
        data[i].permitted = (uint32_t) ((caps[PLAN_PERMITTED] | also) >> 32 * i);
        data[i].inheritable = (uint32_t) (caps[PLAN_INHERITABLE] >> 32 * i);
    }
    r = sys_capset(&header, data);
    return r < 0 ? init_fail(in, CALL_capset, r) : 0;
}

/* Without no_new_privs the kernel takes a filter from CAP_SYS_ADMIN only. */
static uint64_t filter_caps(const struct init *in)
{
    return in->plan->seccomp.n && !flagged(in, PLAN_NO_NEW_PRIVS) ? (uint64_t) 1 << CAP_SYS_ADMIN : 0;
}

int creds_finish(struct init *in)
{
    const uint64_t *caps = in->plan->caps;

    if (filter_caps(in) & ~(caps[PLAN_EFFECTIVE] & caps[PLAN_PERMITTED]))
        return set_caps(in, 0);
    return 0;
}

/* One that is not also permitted and inheritable cannot be raised; that is not worth a failed start. */
static void set_ambient(uint64_t ambient)
{
    sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0);
    for (unsigned cap = 0; cap < 64; cap++)
        if (ambient >> cap & 1)
            sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap);
}

/* Giving up uid 0 would drop the permitted set before the wanted one is made of it. execve ends this. */
static int keep_permitted(struct init *in)
{
    int r = in->plan->uid ? sys_prctl(PR_SET_KEEPCAPS, 1, 0) : 0;

    return r < 0 ? init_fail(in, CALL_prctl, r) : 0;
}

int step_credentials(struct init *in)
{
    bool caps = flagged(in, PLAN_CAPS);
    int r;

    home_find(in);
    stdio_give(in->plan->uid);
    if (flagged(in, PLAN_NO_NEW_PRIVS) && (r = sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0)) < 0)
        return init_fail_text(in, CALL_prctl, r, "noNewPrivileges");
    if (caps && keep_permitted(in))
        return -1;
    if (set_ids(in) || (caps && set_caps(in, filter_caps(in))))
        return -1;
    if (caps)
        set_ambient(in->plan->caps[PLAN_AMBIENT]);
    sys_prctl(PR_SET_DUMPABLE, 0, 0);           /* a change of uid may have set it, see fs.suid_dumpable */
    return workdir_retry(in);
}
