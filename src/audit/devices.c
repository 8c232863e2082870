/* The device program of the v2 cgroup. */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include "audit/look.h"
#include "base/fd.h"
#include "base/str.h"
#include "launch/bpf.h"
#include "launch/cgroup_file.h"

static const char pointer[] = "/linux/resources/devices";

/* The v2 directory of the plan, or NULL. */
static const struct plan_cgroup_dir *find_dir(const struct plan *p)
{
    const struct plan_cgroup_dir *d = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);

    for (uint32_t i = 0; i < p->cgroup_dirs.n; i++)
        if (d[i].flags & PLAN_CGROUP_V2)
            return &d[i];
    return NULL;
}

static bool same_image(const struct bpf_image *a, const struct bpf_image *b)
{
    return a->type == b->type && memcmp(a->tag, b->tag, sizeof(a->tag)) == 0 && a->size == b->size &&
        (!a->code || !b->code || memcmp(a->code, b->code, a->size) == 0);
}

/* The kernel is asked what it makes of the plan's instructions: the tag and the code of a program that is attached to
 * nothing, and gone when its descriptor is closed. */
static int read_wanted(struct look *l, struct bpf_image *ret)
{
    auto_close int program = bpf_load_devices(l->plan, NULL, 0);

    return program < 0 ? program : bpf_read_image(program, l->op->arena, ret);
}

static bool is_program(struct look *l, uint32_t id, const struct bpf_image *wanted)
{
    auto_close int program = bpf_open(id);
    struct bpf_image image;

    return program >= 0 && bpf_read_image(program, l->op->arena, &image) == 0 && same_image(&image, wanted);
}

static void say_extra(struct look *l, const char *where, uint32_t id)
{
    look_drift(l, .pointer = pointer, .asked = "one device program", .where = where,
               .found = arena_printf(l->op->arena, "program %u as well", id));
}

/* systemd has a program of its own for the rules that it was told; all programs must agree to an access. */
static void compare(struct look *l, int cgroup, const char *where, const struct bpf_image *wanted)
{
    uint32_t ids[BPF_PROGRAMS_MAX], flags = 0;
    int n = bpf_list_devices(cgroup, ids, &flags);
    bool found = false;

    if (n < 0) {
        look_unchecked(l, pointer, where, n);
        return;
    }
    for (int i = 0; i < n; i++)
        if (!found && is_program(l, ids[i], wanted))
            found = true;
        else if (!l->plan->unit)
            say_extra(l, where, ids[i]);
    if (!look_fact(l, found))
        look_drift(l, .pointer = pointer, .asked = "the device program", .found = "it is not attached", .where = where);
    else if (!look_fact(l, flags & BPF_F_ALLOW_MULTI))
        look_drift(l, .pointer = pointer, .asked = "a device program beside others (BPF_F_ALLOW_MULTI)",
                   .found = "one that gives way to those of sub-cgroups", .where = where);
}

/* Without privilege no program could be loaded, and the rules are not in force. */
static void say_not_enforced(struct look *l, const char *where, int r)
{
    if (l->plan->flags & PLAN_ROOTLESS)
        look_note(l, .pointer = pointer, .asked = "device rules", .found = "without privilege they are not in force", .where = where);
    else
        look_unchecked(l, pointer, where, r);
}

void look_at_devices(struct look *l)
{
    const struct plan_cgroup_dir *d = find_dir(l->plan);
    const char *path = d ? plan_text(l->plan, d->path) : NULL, *where;
    auto_close int cgroup = -1;
    struct bpf_image wanted;
    int r;

    if (!d || l->plan->device_program.n == 0)
        return;
    where = arena_printf(l->op->arena, "%s%s", plan_text(l->plan, d->mount), path);
    cgroup = cgroup_file_open_dir(plan_text(l->plan, d->mount), path);
    if (cgroup < 0)
        return;         /* that it is missing is said elsewhere */
    if ((r = read_wanted(l, &wanted)) == -EPERM)
        say_not_enforced(l, where, r);
    else if (r < 0)
        look_unchecked(l, pointer, where, r);
    else
        compare(l, cgroup, where, &wanted);
}
