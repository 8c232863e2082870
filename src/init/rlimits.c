/* rlimits.c - the limits, so late that they hardly bind the init itself. */
#include "init/init.h"

/* A hard limit above the present one needs a right on the host: the launcher has raised it already. */
int step_rlimits(struct init *in)
{
    const struct plan_rlimit *limits = PLAN_ITEMS(in->plan, rlimits, struct plan_rlimit);

    for (uint32_t i = 0; i < in->plan->rlimits.n; i++) {
        struct rlimit64 limit = { .rlim_cur = limits[i].soft, .rlim_max = limits[i].hard };
        int r;

        in->fault.item = i;
        r = sys_prlimit(limits[i].resource, &limit, NULL);
        if (r < 0)
            return init_fail(in, CALL_prlimit, r);
    }
    return 0;
}
