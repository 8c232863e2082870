/* exec.c - the plan of a further process: what it is asked to be, and for the rest what the container is.
 *
 * The container's plan of its creation says all of that, so no config.json is read again: what was checked then holds. */
#include <errno.h>
#include <linux/sched.h>
#include "plan/exec.h"

static struct plan_list copy_list(struct make *m, const struct plan *p, struct plan_list list, size_t size)
{
    return block_list(&m->block, plan_at(p, list.at), list.n, size);
}

static plan_ref copy_text(struct make *m, const struct plan *p, plan_ref text)
{
    return block_text(&m->block, plan_text(p, text));
}

/* The namespaces that are not the host's. */
static uint64_t namespaces_of(const struct plan *p)
{
    const struct plan_join *joins = PLAN_ITEMS(p, joins, struct plan_join);
    uint64_t types = p->new_ns;

    for (uint32_t i = 0; i < p->joins.n; i++)
        types |= joins[i].type;
    return types;
}

/* What no process of the container chooses for itself. */
static void copy_container(struct make *m, const struct plan *p)
{
    const uint32_t kept = PLAN_ROOTLESS | PLAN_PRIVATE_MOUNTS | PLAN_CGROUP_NEEDED | PLAN_PERSONALITY | PLAN_MEMORY_POLICY |
                          PLAN_SET_GROUPS;

    m->plan.flags |= PLAN_EXEC | (p->flags & kept);
    m->plan.id = copy_text(m, p, p->id);
    m->plan.bundle = copy_text(m, p, p->bundle);
    m->plan.rootfs = copy_text(m, p, p->rootfs);
    m->plan.enter_ns = namespaces_of(p);
    m->plan.personality = p->personality;
    m->plan.memory_policy = p->memory_policy;
    m->plan.memory_policy.nodes = copy_list(m, p, p->memory_policy.nodes, sizeof(uint64_t));
    m->plan.seccomp = copy_list(m, p, p->seccomp, sizeof(uint64_t));
    m->plan.seccomp_flags = p->seccomp_flags;
    m->plan.seccomp_listener = copy_text(m, p, p->seccomp_listener);
    m->plan.seccomp_metadata = copy_text(m, p, p->seccomp_metadata);
    m->plan.rdt = (struct plan_rdt) {
        .root = copy_text(m, p, p->rdt.root),
        .group = copy_text(m, p, p->rdt.group),
        .monitor = copy_text(m, p, p->rdt.monitor),
    };
    m->plan.state_head = copy_text(m, p, p->state_head);
    m->plan.state_tail = copy_text(m, p, p->state_tail);
}

/* Takes over the flag when this plan lacks it. True: the values behind it are wanted too. */
static bool lacks(struct make *m, const struct plan *p, uint32_t flag)
{
    if ((m->plan.flags & flag) || !(p->flags & flag))
        return false;
    m->plan.flags |= flag;
    return true;
}

static void copy_caps(struct make *m, const struct plan *p)
{
    for (size_t i = 0; i < PLAN_CAP_SETS; i++)
        m->plan.caps[i] = p->caps[i];
}

static void copy_console_size(struct make *m, const struct plan *p)
{
    m->plan.console_rows = p->console_rows;
    m->plan.console_columns = p->console_columns;
}

static void copy_affinity(struct make *m, const struct plan *p)
{
    m->plan.cpus_initial = copy_list(m, p, p->cpus_initial, sizeof(uint64_t));
    m->plan.cpus_final = copy_list(m, p, p->cpus_final, sizeof(uint64_t));
}

/* What the process may choose, and this one has not. */
static void copy_defaults(struct make *m, const struct plan *p, const struct spec_process *process)
{
    if (lacks(m, p, PLAN_CAPS))
        copy_caps(m, p);
    if (lacks(m, p, PLAN_OOM_SCORE))
        m->plan.oom_score_adj = p->oom_score_adj;
    if (lacks(m, p, PLAN_SCHEDULER))
        m->plan.scheduler = p->scheduler;
    if (lacks(m, p, PLAN_IO_PRIORITY))
        m->plan.io_priority = p->io_priority;
    if ((m->plan.flags & PLAN_TERMINAL) && !(p->flags & PLAN_CONSOLE_FITTED) && lacks(m, p, PLAN_CONSOLE_SIZE))
        copy_console_size(m, p);
    if (process->rlimits.n == 0)
        m->plan.rlimits = copy_list(m, p, p->rlimits, sizeof(struct plan_rlimit));
    if (!process->cpu_affinity)
        copy_affinity(m, p);
    if (!m->plan.apparmor)
        m->plan.apparmor = copy_text(m, p, p->apparmor);
    if (!m->plan.selinux)
        m->plan.selinux = copy_text(m, p, p->selinux);
    if (!process->user || !process->user->umask.set)
        m->plan.umask = p->umask;
}

static bool is_mapped(const struct plan *p, struct plan_list list, uint32_t id)
{
    const struct plan_id_map *maps = plan_at(p, list.at);

    for (uint32_t i = 0; i < list.n; i++)
        if (id >= maps[i].inside && id - maps[i].inside < maps[i].count)
            return true;
    return list.n == 0;
}

static void check_mapped(struct make *m, const struct plan *p)
{
    const uint32_t *groups = (const uint32_t *) (m->block.base + m->plan.groups.at);
    static const char text[] = "user namespaces enabled, but no mapping found for %s %u";

    if (!is_mapped(p, p->uid_map, m->plan.uid))
        op_fault(m->op, "/process/user/uid", text, "uid", m->plan.uid);
    if (!is_mapped(p, p->gid_map, m->plan.gid))
        op_fault(m->op, "/process/user/gid", text, "gid", m->plan.gid);
    for (uint32_t i = 0; i < m->plan.groups.n; i++)
        if (!is_mapped(p, p->gid_map, groups[i]))
            op_fault(m->op, "/process/user/additionalGids", text, "gid", groups[i]);
}

static struct spec_pairs annotations(struct op *op, const struct plan *p)
{
    const struct plan_pair *saved = PLAN_ITEMS(p, annotations, struct plan_pair);
    struct spec_pairs pairs = { arena_array(op->arena, p->annotations.n, sizeof(*pairs.v)), p->annotations.n };

    for (size_t i = 0; i < pairs.n; i++)
        pairs.v[i] = (struct spec_pair) { plan_text(p, saved[i].key), plan_text(p, saved[i].value) };
    return pairs;
}

static void make_flags(struct make *m, const struct plan_exec_request *request)
{
    m->plan.flags |= (request->wait ? PLAN_WAIT : 0) | (request->trace ? PLAN_TRACE : 0);
    m->plan.fds = (struct plan_fds) { .socket = -1, .fifo = -1, .first_closed = -1, .target = -1, .root = -1 };
}

int plan_exec(struct op *op, const struct host *host, const struct plan_exec_request *request, struct plan **ret)
{
    static const struct spec_linux no_linux = { 0 };
    const struct plan *p = request->container;
    struct spec_process process = *exec_process(op, request);
    const struct spec spec = { .process = &process, .annotations = annotations(op, p) };
    const struct plan_request as_created = { .id = plan_text(p, p->id), .no_new_keyring = !p->keyring };
    struct make m = { .op = op, .spec = &spec, .linux_ = &no_linux, .host = host, .request = &as_created };
    struct plan *plan;

    block_init(&m.block, op->arena);
    make_process(&m);
    make_priority(&m);
    copy_container(&m, p);
    copy_defaults(&m, p, &process);
    check_mapped(&m, p);
    exec_cgroups(&m, request);
    make_flags(&m, request);
    if (op->message)
        return -EINVAL;
    plan = block_finish(&m.block, &m.plan);
    if (plan == NULL)
        return op_fail(op, E2BIG, "the process makes a plan of more than %d MB", PLAN_SIZE_MAX >> 20);
    *ret = plan;
    return 0;
}
