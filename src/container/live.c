#include "container/live.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "base/fd.h"
#include "container/process.h"
#include "container/store.h"

static int open_lock(struct op *op, int dir, const char *id, int *ret)
{
    auto_close int lock = openat(dir, "state.json", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    int r;

    if (lock < 0)
        return errno == ENOENT ? store_not_found(op, id) : op_fail(op, errno, "state.json of container %s", id);
    r = store_lock(op, lock);
    if (r == -ESTALE)       /* a delete was faster */
        return store_not_found(op, id);
    if (r == 0)
        *ret = take_fd(&lock);
    return r;
}

int live_open(struct op *op, const struct proa *p, const char *id, struct live *ret)
{
    struct live c = { .dir = -1, .lock = -1 };
    int r;

    if ((r = store_open(op, p->root, id, &c.dir)) < 0)
        return r;
    if ((r = open_lock(op, c.dir, id, &c.lock)) == 0 && (r = state_load(op, c.dir, id, &c.state)) == -ENOENT)
        r = store_not_found(op, id);
    if (r < 0)
        live_close(&c);
    else
        *ret = c;
    return r;
}

static bool is_deleted(const struct live *c)
{
    return faccessat(c->dir, "state.json", F_OK, 0) < 0 && errno == ENOENT;
}

int live_check(struct op *op, const struct live *c)
{
    if (c->state.pid == 0 || !process_is_ending(c->state.pid, c->state.start))
        return 0;
    op_forget(op);
    return op_fail_code(op, OP_NOT_RUNNING, 0, "container not running: %s has ended", c->state.id);
}

int live_explain(struct op *op, const struct live *c, int r)
{
    int ended;

    if (r >= 0)
        return r;
    if (c->state.pid == 0 && is_deleted(c)) {
        op_forget(op);
        return store_not_found(op, c->state.id);
    }
    ended = live_check(op, c);
    return ended < 0 ? ended : r;
}

void live_close(struct live *c)
{
    store_unlock(c->lock);
    fd_close(&c->lock);
    fd_close(&c->dir);
}
