/* sysctls.c - written through a procfs that is known to be one. */
#include "init/procfs.h"

static int set(struct init *in, int sys, const struct plan_pair *pair)
{
    const char *value = pair->value ? plan_text(in->plan, pair->value) : "";
    auto_close int fd = sys_openat2(sys, plan_text(in->plan, pair->key), O_WRONLY | O_CLOEXEC,
                                    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
    long r;

    if (fd < 0)
        return init_fail(in, CALL_openat2, fd);
    r = sys_write(fd, value, text_length(value));
    return r < 0 ? init_fail(in, CALL_write, (int) r) : 0;
}

int step_sysctls(struct init *in)
{
    const struct plan_pair *pairs = PLAN_ITEMS(in->plan, sysctls, struct plan_pair);
    auto_close int sys = -1;

    /* The fifo is opened through it too, when this process has no more the right to make one. */
    if (in->plan->sysctls.n == 0 && !flagged(in, PLAN_WAIT))
        return 0;
    if (procfs_open(in))
        return -1;
    if (in->plan->sysctls.n == 0)
        return 0;
    sys = procfs_open_entry(in, "sys", O_PATH | O_DIRECTORY);
    if (sys < 0)
        return init_fail_text(in, CALL_openat2, sys, "/proc/sys");
    for (uint32_t i = 0; i < in->plan->sysctls.n; i++) {
        in->fault.item = i;
        if (set(in, sys, &pairs[i]))
            return -1;
    }
    return 0;
}
