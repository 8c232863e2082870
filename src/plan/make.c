#include "plan/make.h"
#include <errno.h>
#include "plan/service.h"

/* "auto": a root that is only root of a user namespace has no say over the host's cgroups either; but where systemd is his
 * he has. */
static bool is_rootless(const struct make *m)
{
    if (m->request->rootless >= 0)
        return m->request->rootless;
    if (m->request->systemd_cgroup && m->host->own_systemd)
        return false;
    return make_is_unprivileged(m) || m->host->user_namespace;
}

static void make_request(struct make *m)
{
    const struct { bool asked; uint32_t flag; } flags[] = {
        { m->request->wait, PLAN_WAIT },
        { m->request->trace, PLAN_TRACE },
        { m->request->no_pivot, PLAN_NO_PIVOT },
        { is_rootless(m), PLAN_ROOTLESS },
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (flags[i].asked)
            m->plan.flags |= flags[i].flag;
    m->plan.id = block_text(&m->block, m->request->id);
    m->plan.bundle = block_text(&m->block, m->request->bundle);
    m->plan.fds = (struct plan_fds) { .socket = -1, .fifo = -1, .first_closed = -1, .target = -1, .root = -1 };
}

static void make_annotations(struct make *m)
{
    struct rows rows;

    rows_init(&rows, m->op->arena, sizeof(struct plan_pair));
    for (size_t i = 0; i < m->spec->annotations.n; i++)
        *(struct plan_pair *) rows_add(&rows) = (struct plan_pair) {
            block_text(&m->block, m->spec->annotations.v[i].key),
            block_text(&m->block, m->spec->annotations.v[i].value),
        };
    m->plan.annotations = block_rows(&m->block, &rows);
}

static int fail_without_message(struct op *op)
{
    return op_fail_code(op, OP_CONFIG, E2BIG, "config.json makes a plan of more than %d MB", PLAN_SIZE_MAX >> 20);
}

int plan_make(struct op *op, const struct spec *spec, const struct host *host, const struct plan_request *request,
              struct plan **ret)
{
    static const struct spec_linux no_linux = { 0 };
    struct make m = {
        .op = op, .spec = service_spec(op->arena, spec, request), .host = host, .request = request,
        .linux_ = spec->linux_ ? spec->linux_ : &no_linux,
    };
    struct plan *plan;

    block_init(&m.block, op->arena);
    rows_init(&m.links, op->arena, sizeof(struct plan_link));
    make_request(&m);
    make_namespaces(&m);
    make_cgroups(&m);
    make_rootfs(&m);
    make_mounts(&m);
    make_devices(&m);
    make_kernel_view(&m);
    make_process(&m);
    make_seccomp(&m);
    make_priority(&m);
    make_rdt(&m);
    make_hooks(&m);
    make_net(&m);
    make_annotations(&m);
    m.plan.links = block_rows(&m.block, &m.links);
    if (op->message)
        return -EINVAL;
    plan = block_finish(&m.block, &m.plan);
    if (plan == NULL)
        return fail_without_message(op);
    *ret = plan;
    return 0;
}
