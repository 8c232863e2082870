/* The groups of Intel RDT: what they are given, and who is in them. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include "audit/look.h"
#include "base/fd.h"
#include "base/str.h"
#include "launch/cgroup_file.h"
#include "plan/rdt.h"

static const char pointer[] = "/linux/intelRdt";

static const char *name(struct look *l, const char *group, const char *file)
{
    return arena_printf(l->op->arena, "%s%s/%s", plan_word(l->plan, l->plan->rdt.root), str_eq(group, "/") ? "" : group, file);
}

/* A file of the group; false, and said, when there is none. */
static bool read_file(struct look *l, int root, const char *group, const char *file, char **ret)
{
    int r = root < 0 ? root : cgroup_file_read(root, group, file, l->op->arena, ret);

    if (r == -ENOENT)
        look_drift(l, .pointer = pointer, .asked = name(l, group, file), .found = "there is no such group");
    else if (r < 0)
        look_unchecked(l, pointer, name(l, group, file), r);
    return r == 0;
}

/* To the multiples of which the kernel rounds memory bandwidth. */
static uint64_t bandwidth_step(struct look *l, int root)
{
    char *text;

    return cgroup_file_read(root, "/info/MB", "bandwidth_gran", l->op->arena, &text) < 0 ? 0 : strtoull(text, NULL, 10);
}

static void check_schemata(struct look *l, int root, const char *group)
{
    const char *asked = plan_text(l->plan, l->plan->rdt.schemata);
    char *found;

    if (asked && read_file(l, root, group, "schemata", &found) &&
        !look_fact(l, rdt_schemata_hold(found, asked, bandwidth_step(l, root))))
        look_drift(l, .pointer = pointer, .asked = asked, .found = found, .where = name(l, group, "schemata"));
}

/* A stopped container's groups are those of nobody. */
void look_at_rdt(struct look *l)
{
    const struct plan_rdt *rdt = &l->plan->rdt;
    const char *groups[LOOK_RDT_GROUPS] = { plan_text(l->plan, rdt->group), plan_text(l->plan, rdt->monitor) };
    auto_close int fd = -1;
    int root;

    if (!rdt->root || l->first.dir < 0)
        return;
    fd = open(plan_text(l->plan, rdt->root), O_PATH | O_DIRECTORY | O_CLOEXEC);
    root = fd < 0 ? -errno : fd;
    check_schemata(l, root, groups[0]);
    for (size_t i = 0; i < LOOK_RDT_GROUPS && groups[i]; i++) {
        char *tasks;

        if (read_file(l, root, groups[i], "tasks", &tasks))
            l->rdt[i].tasks = tasks;
        l->rdt[i].name = name(l, groups[i], "tasks");
    }
}

void look_at_its_rdt(struct look *l, const struct look_process *p)
{
    const char *pid = arena_printf(l->op->arena, "%d", (int) p->pid);

    for (size_t i = 0; i < LOOK_RDT_GROUPS; i++)
        if (l->rdt[i].tasks && !look_fact(l, str_has_word(l->rdt[i].tasks, "\n", pid)))
            look_drift(l, .pointer = pointer, .asked = l->rdt[i].name, .where = l->rdt[i].name, .pid = p->pid,
                       .found = arena_printf(l->op->arena, "process %s is not in it", pid));
}
