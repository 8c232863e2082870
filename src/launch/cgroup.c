#include "launch/cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/str.h"
#include "launch/cgroup_file.h"
#include "launch/cgroup_v1.h"
#include "launch/cgroup_v2.h"

/* ---- Descriptions --------------------------------------------------------------------------- */

struct cgroup cgroup_describe(struct op *op, const struct plan *p, const struct plan_cgroup_dir *d)
{
    const char *mount = plan_text(p, d->mount), *path = plan_text(p, d->path);
    bool freezer = str_has_word(plan_word(p, d->controllers), ",", "freezer");

    return (struct cgroup) {
        .dir = arena_printf(op->arena, "%s%s", mount, str_eq(path, "/") ? "" : path),
        .path = path,
        .flags = d->flags | (freezer ? CGROUP_FREEZER : 0),
        .root = -1,
    };
}

size_t cgroup_paths_of_plan(struct op *op, const struct plan *p, struct cgroup_path **ret)
{
    const struct plan_cgroup_dir *d = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);
    struct cgroup_path *paths = arena_array(op->arena, p->cgroup_dirs.n, sizeof(*paths));
    size_t n = 0;

    for (uint32_t i = 0; i < p->cgroup_dirs.n; i++) {
        struct cgroup c = cgroup_describe(op, p, &d[i]);

        if (!str_eq(c.path, "/"))
            paths[n++] = (struct cgroup_path) { c.dir, c.flags };
    }
    *ret = paths;
    return n;
}

/* ---- Making --------------------------------------------------------------------------------- */

/* The directory above `path`, and the last name in it. */
static int open_parent(struct op *op, const struct cgroup *c, const char *path, const char **ret_name)
{
    const char *slash = strrchr(path, '/');

    *ret_name = slash + 1;
    path = arena_strndup(op->arena, path, (size_t) (slash - path));
    return cgroup_file_open(c->root, path, NULL, O_PATH | O_DIRECTORY);
}

static int make_last(struct op *op, const struct cgroup *c, const char *path)
{
    const char *name = path + 1;
    auto_close int parent = -1;

    if (strchr(name, '/') && (parent = open_parent(op, c, path, &name)) < 0)
        return parent;
    return mkdirat(parent < 0 ? c->root : parent, name, 0755) < 0 ? -errno : 0;
}

/* Makes the directory and those above it that are missing: the usual case is one mkdirat. */
static int make_path(struct op *op, struct cgroup *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    int r = make_last(op, c, path);

    if (r == -ENOENT && slash != path) {
        if ((r = make_path(op, c, arena_strndup(op->arena, path, (size_t) (slash - path)))) < 0)
            return r;
        r = make_last(op, c, path);
    }
    c->made += r == 0;
    return r == -EEXIST ? 0 : r;
}

/* A cgroup that was there before us must be left over, not in use. */
static int check_unused(struct op *op, const struct cgroup *c, pid_t member)
{
    auto_close int dir = cgroup_file_open(c->root, c->path, NULL, O_RDONLY | O_DIRECTORY);
    struct cgroup_members m = { .arena = op->arena };
    int r = dir < 0 ? dir : cgroup_members_add(&m, dir);

    if (r < 0)
        return op_fail(op, -r, "existing cgroup %s", c->dir);
    for (size_t i = 0; i < m.n; i++)
        if (m.pids[i] == member)
            m.pids[i--] = m.pids[--m.n];
    if (m.n > 0 || m.foreign)
        return op_fail(op, 0, "container's cgroup is not empty: %zu process(es) found (%s)", m.n + (m.n == 0), c->dir);
    if ((c->flags & PLAN_CGROUP_V2 ? cgroup_v2_frozen(op, dir) : cgroup_v1_frozen(op, dir)) > 0)
        return op_fail(op, 0, "container's cgroup unexpectedly frozen (%s)", c->dir);
    return 0;
}

static bool is_permission(int r)
{
    return r == -EPERM || r == -EACCES || r == -EROFS;
}

/* Without privilege, and with nothing asked of cgroups, the container does without this hierarchy. */
static int make_failed(struct op *op, const struct plan *p, struct cgroup *c, int r)
{
    static const char too_many[] = " (cgroup.max.depth or cgroup.max.descendants of a cgroup above it)";

    if (!is_permission(r) || !(p->flags & PLAN_ROOTLESS))
        return op_fail(op, -r, "making cgroup %s%s", c->dir, r == -EAGAIN ? too_many : "");
    if (p->flags & PLAN_CGROUP_NEEDED)
        return op_fail(op, -r, "rootless needs no limits + no cgrouppath when no permission is granted for cgroups: "
                       "mkdir %s", c->dir);
    op_debug(op, "no permission for cgroup %s: going on without it", c->dir);
    fd_close(&c->root);
    return 0;
}

static int open_v2(struct op *op, struct cgroups *set, const struct cgroup *c)
{
    int r;

    set->v2 = cgroup_file_open(c->root, c->path, NULL, O_PATH | O_DIRECTORY);
    if (set->v2 < 0)
        return op_fail(op, -set->v2, "opening cgroup %s", c->dir);
    /* Beside v1 hierarchies the controllers are theirs. */
    if (set->n > 1)
        return 0;
    r = cgroup_v2_enable(op, c);
    if (r < 0 || set->plan->cgroup_owner == UINT32_MAX || set->plan->cgroup_owner == geteuid())
        return r;
    return cgroup_v2_delegate(op, c, set->v2, set->plan->cgroup_owner);
}

static int create_one(struct op *op, struct cgroups *set, struct cgroup *c, pid_t member)
{
    const struct plan_cgroup_dir *d = PLAN_ITEMS(set->plan, cgroup_dirs, struct plan_cgroup_dir);
    const char *mount = plan_word(set->plan, d[c - set->items].mount);
    int r;

    c->root = open(mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (c->root < 0)
        return op_fail(op, errno, "opening cgroup hierarchy %s", mount);
    r = str_eq(c->path, "/") ? 0 : make_path(op, c, c->path);
    if (r < 0)
        return make_failed(op, set->plan, c, r);
    if (c->made == 0 && (r = check_unused(op, c, member)) < 0)
        return r;
    if (c->flags & PLAN_CGROUP_CPUSET)
        return cgroup_v1_fill_cpuset(op, c);
    return c->flags & PLAN_CGROUP_V2 ? open_v2(op, set, c) : 0;
}

int cgroup_create(struct op *op, const struct plan *p, pid_t member, struct cgroups *ret)
{
    const struct plan_cgroup_dir *d = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);
    struct cgroups set = { .plan = p, .n = p->cgroup_dirs.n, .v2 = -1 };
    int r = 0;

    set.items = arena_array(op->arena, set.n, sizeof(*set.items));
    for (size_t i = 0; i < set.n; i++)
        set.items[i] = cgroup_describe(op, p, &d[i]);
    for (size_t i = 0; i < set.n && r == 0; i++)
        r = create_one(op, &set, &set.items[i], member);
    if (r < 0) {
        cgroup_undo(op, &set);
        cgroup_close(&set);
        return r;
    }
    *ret = set;
    return 0;
}

/* ---- Entering and leaving ------------------------------------------------------------------- */

bool cgroup_may_lack(const struct plan *p, int r)
{
    bool refused = is_permission(r) || (r == -ENOENT && (p->flags & PLAN_EXEC));

    return refused && (p->flags & PLAN_ROOTLESS) && !(p->flags & PLAN_CGROUP_NEEDED);
}

static int attach_failed(struct op *op, const struct cgroups *set, const struct cgroup *c, int r)
{
    if (cgroup_may_lack(set->plan, r))
        return 0;
    return op_fail(op, -r, "moving the container's process to cgroup %s%s", c->dir,
                   r == -ENOSPC ? " (its cpuset has no CPUs or no memory nodes)" : "");
}

int cgroup_attach(struct op *op, const struct cgroups *set, pid_t pid, bool v2)
{
    char *text = arena_printf(op->arena, "%d", (int) pid);
    int r;

    for (size_t i = 0; i < set->n; i++) {
        const struct cgroup *c = &set->items[i];

        if (c->root < 0 || ((c->flags & PLAN_CGROUP_V2) && !v2))
            continue;
        r = cgroup_file_write(c->root, c->path, "cgroup.procs", text);
        if (r < 0 && (r = attach_failed(op, set, c, r)) < 0)
            return r;
    }
    return 0;
}

/* Those above the container's own: one that somebody else uses by now stays. */
static void remove_ancestors(struct op *op, const struct cgroup *c)
{
    const char *path = c->path, *name;

    for (unsigned i = 1; i < c->made; i++) {
        auto_close int parent = -1;

        path = arena_strndup(op->arena, path, (size_t) (strrchr(path, '/') - path));
        if ((parent = open_parent(op, c, path, &name)) < 0 || unlinkat(parent, name, AT_REMOVEDIR) < 0)
            return;
    }
}

int cgroup_undo(struct op *op, struct cgroups *set)
{
    struct cgroup_path *made = arena_array(op->arena, set->n, sizeof(*made));
    size_t n = 0;
    int r;

    for (size_t i = 0; i < set->n; i++)
        if (set->items[i].made)
            made[n++] = (struct cgroup_path) { set->items[i].dir, set->items[i].flags };
    if ((r = cgroup_remove(op, made, n)) < 0)
        return r;
    for (size_t i = 0; i < set->n; i++) {
        remove_ancestors(op, &set->items[i]);
        set->items[i].made = 0;
    }
    return 0;
}

void cgroup_close(struct cgroups *set)
{
    for (size_t i = 0; i < set->n; i++)
        fd_close(&set->items[i].root);
    fd_close(&set->v2);
}
