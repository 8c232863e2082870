#include "plan/cgroup.h"
#include <stdarg.h>
#include <string.h>

struct cgroup cgroup_of_plan(struct op *op, struct block *block, const struct plan *p)
{
    const struct plan_cgroup_dir *dirs = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);
    const char **controllers = arena_array(op->arena, p->cgroup_dirs.n, sizeof(*controllers));
    struct cgroup c = { .op = op, .block = block, .controllers = controllers, .n_dirs = p->cgroup_dirs.n };

    for (size_t i = 0; i < c.n_dirs; i++)
        controllers[i] = plan_word(p, dirs[i].controllers);
    rows_init(&c.writes, op->arena, sizeof(struct plan_write));
    return c;
}

bool cgroup_is_v2(const struct cgroup *c)
{
    return c->n_dirs == 1 && c->controllers[0][0] == '\0';
}

/* Index of the directory with the files of a controller, or n_dirs. */
static size_t find_dir(const struct cgroup *c, const char *controller)
{
    size_t i;

    for (i = 0; i < c->n_dirs; i++)
        if (str_has_word(c->controllers[i], ",", controller) || cgroup_is_v2(c))
            break;
    return i;
}

bool cgroup_has_controller(const struct cgroup *c, const char *controller)
{
    return find_dir(c, controller) < c->n_dirs;
}

static void fault_missing(struct cgroup *c, const char *controller, const char *pointer)
{
    if (!str_eq(c->missing, controller))
        op_fault(c->op, pointer, "cannot be set: no cgroup hierarchy with the controller %s is mounted here", controller);
    c->missing = controller;
}

void cgroup_write(struct cgroup *c, const char *file, const char *member, const char *value)
{
    const char *controller = arena_strndup(c->op->arena, file, strcspn(file, "."));
    const char *pointer = arena_printf(c->op->arena, "/linux/resources/%s", member);
    size_t dir = find_dir(c, controller);

    if (c->n_dirs == 0) {
        op_fault(c->op, pointer, "cannot be set: the container has no cgroups");
        return;
    }
    if (dir == c->n_dirs) {
        fault_missing(c, controller, pointer);
        return;
    }
    *(struct plan_write *) rows_add(&c->writes) = (struct plan_write) {
        .dir = (uint32_t) dir, .file = block_text(c->block, file), .value = block_text(c->block, value),
        .pointer = block_text(c->block, pointer),
    };
}

void cgroup_writef(struct cgroup *c, const char *file, const char *member, const char *fmt, ...)
{
    va_list args;
    char *value;

    va_start(args, fmt);
    value = arena_vprintf(c->op->arena, fmt, args);
    va_end(args);
    cgroup_write(c, file, member, value);
}

void cgroup_mark_write(struct cgroup *c, uint32_t flags)
{
    struct plan_write *writes = (struct plan_write *) c->writes.items;

    if (c->writes.n > 0)
        writes[c->writes.n - 1].flags |= flags;
}
