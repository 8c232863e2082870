#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/str.h"
#include "launch/cgroup.h"
#include "launch/cgroup_errors.h"
#include "launch/cgroup_file.h"

/* Tolerated: without privilege devices stay as they are. */
static bool may_fail(const struct plan *p, const struct plan_write *w, int r)
{
    if (r == -ENOENT)
        return w->flags & (PLAN_WRITE_OPTIONAL | PLAN_WRITE_ELSE_NEXT);
    return (r == -EPERM || r == -EACCES) && (p->flags & PLAN_ROOTLESS) && str_starts(plan_text(p, w->file), "devices.");
}

/* These are checked against one another as they are in force: one that is refused may fit what follows in the list. */
static bool may_fit_later(const struct plan *p, const struct plan_write *w, int r)
{
    static const char *const prefixes[] = { "cpu.cfs_", "cpu.rt_", "cpu.max", "memory.limit_in_bytes" };

    for (size_t i = 0; r == -EINVAL && i < sizeof(prefixes) / sizeof(*prefixes); i++)
        if (str_starts(plan_text(p, w->file), prefixes[i]))
            return true;
    return false;
}

static bool same_file(const struct plan *p, const struct plan_write *a, const struct plan_write *b)
{
    return a->dir == b->dir && str_eq(plan_text(p, a->file), plan_text(p, b->file));
}

/* Writes *w; *fd is the file of the write before it, `last` (NULL: none), and becomes that of *w. */
static int write_one(const struct cgroups *c, const struct plan_write *w, const struct plan_write *last, int *fd)
{
    const struct cgroup *dir = &c->items[w->dir];
    const char *value = plan_text(c->plan, w->value);
    size_t len = strlen(value);
    ssize_t n;

    if (*fd < 0 || !last || !same_file(c->plan, w, last)) {
        fd_close(fd);
        *fd = cgroup_file_open(dir->root, dir->path, plan_text(c->plan, w->file), O_WRONLY);
    }
    if (*fd < 0)
        return *fd;
    n = write(*fd, value, len);
    if (n < 0)
        return -errno;
    return (size_t) n == len ? 0 : -EIO;
}

/* Writes the list; what may fit later is tried again when all else is written, then for good. */
static int write_all(struct op *op, const struct cgroups *c, const struct plan_write *list, size_t n, bool again)
{
    struct plan_write *late = arena_array(op->arena, n, sizeof(*late));
    const struct plan_write *last = NULL;
    auto_close int fd = -1;
    size_t n_late = 0;
    bool done = false;          /* by the write before, whose alternative this one is */
    int r;

    for (size_t i = 0; i < n; i++) {
        const struct plan_write *w = &list[i];

        if (c->items[w->dir].root < 0 || done) {
            done = false;
            continue;
        }
        r = write_one(c, w, last, &fd);
        last = w;
        done = r == 0 && (w->flags & PLAN_WRITE_ELSE_NEXT);
        if (r == 0 || may_fail(c->plan, w, r))
            continue;
        if (again || !may_fit_later(c->plan, w, r))
            return cgroup_fail_write(op, c, w, r);
        late[n_late++] = *w;
    }
    return n_late ? write_all(op, c, late, n_late, true) : 0;
}

/* ---- memory.checkBeforeUpdate --------------------------------------------------------------- */

static int reject(struct op *op, const struct cgroups *c, const struct plan_write *w, int64_t limit, const char *usage)
{
    const char *swap = str_eq(plan_text(c->plan, w->file), "memory.swap.max") ? "+swap" : "";

    return op_fail(op, 0, "%s: rejecting memory%s limit %lld: container already uses %s", plan_text(c->plan, w->pointer),
                   swap, (long long) limit, usage);
}

static const struct plan_write *find_checked(const struct plan *p, const struct plan_write *list, size_t n, const char *file)
{
    for (size_t i = 0; i < n; i++)
        if ((list[i].flags & PLAN_WRITE_ABOVE_USAGE) && str_eq(plan_text(p, list[i].file), file))
            return &list[i];
    return NULL;
}

static int64_t limit_of(const struct plan *p, const struct plan_write *w)
{
    return w ? strtoll(plan_text(p, w->value), NULL, 10) : 0;
}

/* A limit below what is in use would make the kernel kill. Swap has to hold what memory does not: both together count. */
static int check_usage(struct op *op, const struct cgroups *c, const struct plan_write *list, size_t n)
{
    const struct plan_write *memory = find_checked(c->plan, list, n, "memory.max");
    const struct plan_write *swap = find_checked(c->plan, list, n, "memory.swap.max");
    int64_t limit = limit_of(c->plan, memory), both = limit + limit_of(c->plan, swap), used;
    const struct cgroup *dir;
    char *usage;

    if (!memory && !swap)
        return 0;
    dir = &c->items[(memory ? memory : swap)->dir];
    if (dir->root < 0 || cgroup_file_read(dir->root, dir->path, "memory.current", op->arena, &usage) < 0)
        return 0;
    used = strtoll(usage, NULL, 10);
    if (swap && both <= used)
        return reject(op, c, swap, both, usage);
    return memory && limit <= used ? reject(op, c, memory, limit, usage) : 0;
}

int cgroup_write_list(struct op *op, const struct cgroups *c, const struct plan_write *list, size_t n)
{
    int r = check_usage(op, c, list, n);

    return r < 0 ? r : write_all(op, c, list, n, false);
}

int cgroup_apply(struct op *op, const struct cgroups *c)
{
    return cgroup_write_list(op, c, PLAN_ITEMS(c->plan, cgroup_writes, struct plan_write), c->plan->cgroup_writes.n);
}
