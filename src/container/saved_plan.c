#include <errno.h>
#include "base/io.h"
#include "container/state.h"

enum { SAVED_MAX = 64 << 20 };

int state_save_plan(struct op *op, int dir, const struct plan *p)
{
    int r = io_write_atomic(dir, "plan", (const char *) p, p->size, 0600);

    return r < 0 ? op_fail(op, -r, "saving the plan of container %s", plan_text(p, p->id)) : 0;
}

int state_load_plan(struct op *op, int dir, const char *id, struct plan **ret)
{
    size_t len;
    char *block;
    int r = io_read_at(dir, "plan", op->arena, SAVED_MAX, &block, &len);

    if (r == -ENOENT)
        return op_fail(op, 0, "container %s has no saved plan: its creation has not ended, or an older version of proa made it", id);
    if (r < 0)
        return op_fail(op, -r, "reading the plan of container %s", id);
    if (len > sizeof(struct plan) && ((const struct plan *) block)->version != PLAN_VERSION)
        return op_fail(op, 0, "another version of proa has made container %s: its plan cannot be read", id);
    if (!plan_check((const struct plan *) block, len))
        return op_fail(op, 0, "the saved plan of container %s is damaged", id);
    *ret = (struct plan *) block;
    return 0;
}
