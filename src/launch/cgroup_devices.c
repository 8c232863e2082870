#include "launch/cgroup_devices.h"
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fd.h"

enum {
    MAX_PROGRAMS = 64,          /* BPF_CGROUP_MAX_PROGS */
    LOG_SIZE = 16384,
};

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
    long r = syscall(SYS_bpf, command, attr, sizeof(*attr));

    return r < 0 ? -errno : (int) r;
}

/* The descriptor that bpf(2) returns is close-on-exec. */
static int load(const struct plan *p, char *log)
{
    union bpf_attr attr = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insns = (uintptr_t) plan_at(p, p->device_program.at),
        .insn_cnt = p->device_program.n,
        .license = (uintptr_t) "Apache-2.0",
    };

    if (log) {
        attr.log_buf = (uintptr_t) log;
        attr.log_size = LOG_SIZE;
        attr.log_level = 1;
    }
    return bpf(BPF_PROG_LOAD, &attr);
}

/* Loads again for the verifier's words; they cost more than the program itself. */
static int fail_load(struct op *op, const struct plan *p, int r)
{
    char *log = arena_alloc(op->arena, LOG_SIZE);
    int fd = load(p, log);

    fd_close(&fd);
    log[strcspn(log, "\n")] = '\0';
    return op_fail(op, -r, "/linux/resources/devices: loading the device program%s%s", *log ? ": " : "", log);
}

static int attach(int cgroup, int program)
{
    union bpf_attr attr = {
        .target_fd = (unsigned) cgroup,
        .attach_bpf_fd = (unsigned) program,
        .attach_type = BPF_CGROUP_DEVICE,
        .attach_flags = BPF_F_ALLOW_MULTI,
    };

    return bpf(BPF_PROG_ATTACH, &attr);
}

static int list_attached(int cgroup, uint32_t *ids)
{
    union bpf_attr attr = {
        .query = {
            .target_fd = (unsigned) cgroup,
            .attach_type = BPF_CGROUP_DEVICE,
            .prog_ids = (uintptr_t) ids,
            .prog_cnt = MAX_PROGRAMS,
        },
    };
    int r = bpf(BPF_PROG_QUERY, &attr);

    return r < 0 ? r : (int) attr.query.prog_cnt;
}

static int detach(int cgroup, uint32_t id)
{
    union bpf_attr get = { .prog_id = id };
    auto_close int program = bpf(BPF_PROG_GET_FD_BY_ID, &get);
    union bpf_attr attr = { .target_fd = (unsigned) cgroup, .attach_type = BPF_CGROUP_DEVICE };

    if (program < 0)
        return program;
    attr.attach_bpf_fd = (unsigned) program;
    return bpf(BPF_PROG_DETACH, &attr);
}

/* Old programs go after the new one has come: all must agree to an access, so there is no moment without rules. */
static int replace(int cgroup, int program)
{
    uint32_t ids[MAX_PROGRAMS];
    int n = list_attached(cgroup, ids), r;

    if (n < 0)
        return n;
    if ((r = attach(cgroup, program)) < 0)
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
    program = load(c->plan, NULL);
    if (program == -EPERM && (c->plan->flags & PLAN_ROOTLESS))
        return 0;
    if (program < 0)
        return fail_load(op, c->plan, program);
    r = v2->made ? attach(c->v2, program) : replace(c->v2, program);
    if (r < 0)
        return op_fail(op, -r, "/linux/resources/devices: attaching the device program to %s", v2->dir);
    return 0;
}
