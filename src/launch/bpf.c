#include "launch/bpf.h"
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CODE_MAX = 1 << 20 };

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
    long r = syscall(SYS_bpf, command, attr, sizeof(*attr));

    return r < 0 ? -errno : (int) r;
}

/* The descriptors that bpf(2) returns are close-on-exec. */
int bpf_load_devices(const struct plan *p, char *log, uint32_t log_size)
{
    union bpf_attr attr = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insns = (uintptr_t) plan_at(p, p->device_program.at),
        .insn_cnt = p->device_program.n,
        .license = (uintptr_t) "Apache-2.0",
    };

    if (log) {
        attr.log_buf = (uintptr_t) log;
        attr.log_size = log_size;
        attr.log_level = 1;
    }
    return bpf(BPF_PROG_LOAD, &attr);
}

int bpf_list_devices(int cgroup, uint32_t *ids, uint32_t *ret_flags)
{
    union bpf_attr attr = {
        .query = {
            .target_fd = (unsigned) cgroup,
            .attach_type = BPF_CGROUP_DEVICE,
            .prog_ids = (uintptr_t) ids,
            .prog_cnt = BPF_PROGRAMS_MAX,
        },
    };
    int r = bpf(BPF_PROG_QUERY, &attr);

    if (r < 0)
        return r;
    if (ret_flags)
        *ret_flags = attr.query.attach_flags;
    return (int) attr.query.prog_cnt;
}

int bpf_open(uint32_t id)
{
    union bpf_attr attr = { .prog_id = id };

    return bpf(BPF_PROG_GET_FD_BY_ID, &attr);
}

int bpf_attach_devices(int cgroup, int program)
{
    union bpf_attr attr = {
        .target_fd = (unsigned) cgroup,
        .attach_bpf_fd = (unsigned) program,
        .attach_type = BPF_CGROUP_DEVICE,
        .attach_flags = BPF_F_ALLOW_MULTI,
    };

    return bpf(BPF_PROG_ATTACH, &attr);
}

int bpf_detach_devices(int cgroup, int program)
{
    union bpf_attr attr = {
        .target_fd = (unsigned) cgroup,
        .attach_bpf_fd = (unsigned) program,
        .attach_type = BPF_CGROUP_DEVICE,
    };

    return bpf(BPF_PROG_DETACH, &attr);
}

static int get_info(int program, struct bpf_prog_info *info)
{
    union bpf_attr attr = {
        .info = { .bpf_fd = (unsigned) program, .info_len = sizeof(*info), .info = (uintptr_t) info },
    };

    return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

/* Asked once for the size and once for the code. The kernel says 0 instructions to whoever may not see them. */
int bpf_read_image(int program, struct arena *a, struct bpf_image *ret)
{
    struct bpf_prog_info info = { 0 };
    int r = get_info(program, &info);

    if (r < 0)
        return r;
    *ret = (struct bpf_image) { .type = info.type, .size = info.xlated_prog_len };
    memcpy(ret->tag, info.tag, sizeof(ret->tag));
    if (ret->size == 0 || ret->size > CODE_MAX)
        return 0;
    ret->code = arena_alloc(a, ret->size);
    info = (struct bpf_prog_info) { .xlated_prog_len = ret->size, .xlated_prog_insns = (uintptr_t) ret->code };
    if ((r = get_info(program, &info)) < 0)
        return r;
    if (!info.xlated_prog_insns)
        ret->code = NULL;
    return 0;
}
