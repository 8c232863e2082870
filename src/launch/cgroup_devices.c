#include "launch/cgroup_devices.h"
#include <errno.h>
#include <string.h>
#include "base/fd.h"
#include "launch/bpf.h"

enum { LOG_SIZE = 16384 };

/* Loads again for the verifier's words; they cost more than the program itself. */
static int fail_load(struct op *op, const struct plan *p, int r)
{
    char *log = arena_alloc(op->arena, LOG_SIZE);
    int fd = bpf_load_devices(p, log, LOG_SIZE);

    fd_close(&fd);
    log[strcspn(log, "\n")] = '\0';
    return op_fail(op, -r, "/linux/resources/devices: loading the device program%s%s", *log ? ": " : "", log);
}

static int detach(int cgroup, uint32_t id)
{
    auto_close int program = bpf_open(id);

    return program < 0 ? program : bpf_detach_devices(cgroup, program);
}

/* Old programs go after the new one has come: all must agree to an access, so there is no moment without rules. */
static int replace(int cgroup, int program)
{
    uint32_t ids[BPF_PROGRAMS_MAX];
    int n = bpf_list_devices(cgroup, ids, NULL), r;

    if (n < 0)
        return n;
    if ((r = bpf_attach_devices(cgroup, program)) < 0)
        return r;
    for (int i = 0; i < n && r == 0; i++)
        r = detach(cgroup, ids[i]);
    return r;
}

int cgroup_devices_attach(struct op *op, const struct cgroups *c)
{
    auto_close int program = -1;
    const struct cgroup *v2 = &c->items[c->n - 1];
    int r;

    if (c->plan->device_program.n == 0 || c->v2 < 0)
        return 0;
    program = bpf_load_devices(c->plan, NULL, 0);
    if (program == -EPERM && (c->plan->flags & PLAN_ROOTLESS))
        return 0;
    if (program < 0)
        return fail_load(op, c->plan, program);
    r = v2->made ? bpf_attach_devices(c->v2, program) : replace(c->v2, program);
    if (r < 0)
        return op_fail(op, -r, "/linux/resources/devices: attaching the device program to %s", v2->dir);
    return 0;
}
