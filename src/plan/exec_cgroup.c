/* exec_cgroup.c - the cgroups below the container's own that an exec may name (runc's --cgroup). */
#include <string.h>
#include "plan/exec.h"

/* One controller's path; controller "": everybody's. */
struct sub { const char *controller, *path; bool used; };

static struct sub *find(const struct rows *subs, const char *controller, size_t n)
{
    struct sub *s = (struct sub *) subs->items;

    for (size_t i = 0; i < subs->n; i++)
        if (strlen(s[i].controller) == n && strncmp(s[i].controller, controller, n) == 0)
            return &s[i];
    return NULL;
}

static void add_controllers(struct op *op, struct rows *subs, const char *argument, const char *colon)
{
    for (const char *at = argument; at <= colon; at += strcspn(at, ",:") + 1) {
        size_t n = strcspn(at, ",:");

        if (n == 0)
            op_fault(op, "", "invalid --cgroup argument: %s (empty <controller> prefix)", argument);
        else if (find(subs, at, n))
            op_fault(op, "", "invalid --cgroup argument(s): controller %.*s specified multiple times", (int) n, at);
        else
            *(struct sub *) rows_add(subs) = (struct sub) { arena_strndup(op->arena, at, n), colon + 1, false };
    }
}

static void parse(struct op *op, const char *const *arguments, struct rows *subs)
{
    rows_init(subs, op->arena, sizeof(struct sub));
    for (size_t i = 0; arguments && arguments[i]; i++) {
        const char *colon = strchr(arguments[i], ':');

        if (colon)
            add_controllers(op, subs, arguments[i], colon);
        else if (i > 0 || arguments[1])
            op_fault(op, "", "invalid --cgroup argument: %s (missing <controller>: prefix)", arguments[i]);
        else
            *(struct sub *) rows_add(subs) = (struct sub) { "", arguments[i], false };
    }
}

/* What is asked for in this hierarchy, or NULL. A cgroup2 beside v1 hierarchies has no controllers: only its own name
 * "" would reach it, and that means the others. */
static struct sub *sub_of(const struct plan *p, const struct plan_cgroup_dir *d, const struct rows *subs)
{
    const char *controllers = plan_text(p, d->controllers);
    struct sub *sub = find(subs, "", 0);

    if (sub)
        return (d->flags & PLAN_CGROUP_V2) && p->cgroup_dirs.n > 1 ? NULL : sub;
    for (const char *at = controllers; !sub && *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
        sub = find(subs, at, strcspn(at, ","));
    return sub;
}

static const char *below(struct op *op, const char *base, const char *sub)
{
    const char *path = path_clean(op->arena, arena_printf(op->arena, "%s/%s", base, sub));
    size_t n = str_eq(base, "/") ? 0 : strlen(base);

    if (strncmp(path, base, n) != 0 || (path[n] != '/' && path[n] != '\0'))
        op_fault(op, "", "bad sub cgroup path: %s", sub);
    return path;
}

static void check_used(struct op *op, const struct rows *subs)
{
    const struct sub *s = (const struct sub *) subs->items;

    for (size_t i = 0; i < subs->n; i++)
        if (!s[i].used)
            op_fault(op, "", "unknown controller %s in SubCgroupPaths", s[i].controller);
}

void exec_cgroups(struct make *m, const struct plan_exec_request *request)
{
    const struct plan *p = request->container;
    const struct plan_cgroup_dir *d = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);
    struct rows subs, dirs;

    parse(m->op, request->cgroups, &subs);
    rows_init(&dirs, m->op->arena, sizeof(*d));
    for (uint32_t i = 0; i < p->cgroup_dirs.n; i++) {
        struct sub *sub = sub_of(p, &d[i], &subs);
        const char *path = plan_text(p, d[i].path);

        if (sub)
            sub->used = true;
        *(struct plan_cgroup_dir *) rows_add(&dirs) = (struct plan_cgroup_dir) {
            .mount = block_text(&m->block, plan_text(p, d[i].mount)),
            .path = block_text(&m->block, sub ? below(m->op, path, sub->path) : path),
            .controllers = block_text(&m->block, plan_text(p, d[i].controllers)), .flags = d[i].flags,
        };
    }
    check_used(m->op, &subs);
    m->plan.cgroup_dirs = block_rows(&m->block, &dirs);
}
