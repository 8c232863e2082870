/* identity.c - who the init is while it works, its names, its cgroup. */
#include "init/affinity.h"
#include "init/init.h"

bool has_user_namespace(const struct plan *p)
{
    const struct plan_join *joins = PLAN_ITEMS(p, joins, struct plan_join);

    for (uint32_t i = 0; i < p->joins.n; i++)
        if (joins[i].type == CLONE_NEWUSER)
            return true;
    return ((p->new_ns | p->enter_ns) & CLONE_NEWUSER) != 0;
}

/* What keep_caps.h raised has served. Permitted and effective stay full: this is root of the user namespace. */
static int drop_ambient(struct init *in)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { { ~0U, ~0U, 0 }, { ~0U, ~0U, 0 } };
    int r = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0);

    if (r < 0)
        return init_fail(in, CALL_prctl, r);
    r = sys_capset(&header, data);
    return r < 0 ? init_fail(in, CALL_capset, r) : 0;
}

static int become_root(struct init *in)
{
    int r = sys_setgid(0);

    if (r < 0)
        return init_fail_text(in, CALL_setgid, r, r == -EINVAL ? "gid 0 is not mapped" : "");
    r = sys_setuid(0);
    if (r < 0)
        return init_fail_text(in, CALL_setuid, r, r == -EINVAL ? "uid 0 is not mapped" : "");
    return in->plan->new_ns & CLONE_NEWUSER ? drop_ambient(in) : 0;
}

/* Not dumpable: nobody in the container may look into this process or take its descriptors (CVE-2016-9962). But the
 * id maps of such a process belong to the host's root, and the launcher may be somebody else: with a new user namespace,
 * which nobody else is in, it has written them first; then await_go does it. */
int step_identity(struct init *in)
{
    bool new_ids = in->plan->new_ns & CLONE_NEWUSER;

    if (!new_ids)
        sys_prctl(PR_SET_DUMPABLE, 0, 0);
    if (new_ids && await_go(in))
        return -1;
    return has_user_namespace(in->plan) ? become_root(in) : 0;
}

int step_cgroup(struct init *in)
{
    if (await_go(in))
        return -1;
    return flagged(in, PLAN_EXEC) ? affinity_set_final(in) : 0;
}

int step_hostname(struct init *in)
{
    const char *host = plan_text(in->plan, in->plan->hostname);
    const char *domain = plan_text(in->plan, in->plan->domainname);
    int r;

    if (host && (r = sys_sethostname(host, text_length(host))) < 0)
        return init_fail(in, CALL_sethostname, r);
    if (domain && (r = sys_setdomainname(domain, text_length(domain))) < 0)
        return init_fail(in, CALL_setdomainname, r);
    return 0;
}
