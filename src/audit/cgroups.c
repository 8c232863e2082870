/* The files of the container's cgroups, and whether they are frozen. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "audit/look.h"
#include "audit/value.h"
#include "base/fd.h"
#include "base/str.h"
#include "launch/cgroup_file.h"

/* One cgroup of the container's. */
struct place {
    const struct plan_cgroup_dir *dir;
    const char *path;
    int root;                   /* of the hierarchy; -1: there is no such cgroup */
};

static bool is_permission(int r)
{
    return r == -EPERM || r == -EACCES;
}

/* Without privilege, and with nothing asked of cgroups, a container does without those that could not be made. */
static bool may_lack(const struct plan *p)
{
    return (p->flags & PLAN_ROOTLESS) && !(p->flags & PLAN_CGROUP_NEEDED);
}

static const char *place_name(struct look *l, const struct place *at)
{
    return arena_printf(l->op->arena, "%s%s", plan_text(l->plan, at->dir->mount), str_eq(at->path, "/") ? "" : at->path);
}

static const char *file_name(struct look *l, const struct place *at, const char *file)
{
    return arena_printf(l->op->arena, "%s/%s", place_name(l, at), file);
}

/* A stopped container's cgroups are those of nobody: an engine may have removed them. */
static void open_place(struct look *l, const struct plan_cgroup_dir *d, struct place *ret)
{
    auto_close int root = open(plan_text(l->plan, d->mount), O_PATH | O_DIRECTORY | O_CLOEXEC);
    auto_close int dir = -1;
    int r;

    *ret = (struct place) { d, plan_text(l->plan, d->path), -1 };
    dir = root < 0 ? -errno : cgroup_file_open(root, ret->path, NULL, O_PATH | O_DIRECTORY);
    r = dir < 0 ? dir : 0;
    if (r == 0)
        ret->root = take_fd(&root);
    else if (r != -ENOENT)
        look_unchecked(l, "/linux/cgroupsPath", place_name(l, ret), r);
    else if (l->first.dir >= 0 && !may_lack(l->plan))
        look_drift(l, .pointer = "/linux/cgroupsPath", .asked = place_name(l, ret), .found = "there is no such cgroup");
}

/* ---- Values --------------------------------------------------------------------------------- */

static const char *pointer_of(const struct plan *p, const struct plan_write *w)
{
    return w->pointer ? plan_text(p, w->pointer) : "/linux/resources";
}

static bool is_device_rule(const struct plan *p, const struct plan_write *w)
{
    return str_starts(plan_text(p, w->file), "devices.");
}

static bool is_replaced(const struct plan *p, const struct plan_write *writes, uint32_t i)
{
    const char *file = plan_text(p, writes[i].file), *value = plan_text(p, writes[i].value);

    for (uint32_t later = i + 1; later < p->cgroup_writes.n; later++)
        if (writes[later].dir == writes[i].dir && str_eq(plan_text(p, writes[later].file), file) &&
            value_replaces(file, plan_text(p, writes[later].value), value))
            return true;
    return false;
}

/* The last of several writes to one file counts. A file that only takes values cannot be compared: EINVAL. Returns whether the
 * file is there. */
static bool check_write(struct look *l, const struct place *at, const struct plan_write *w)
{
    unsigned may_lack = PLAN_WRITE_OPTIONAL | PLAN_WRITE_ELSE_NEXT;
    const char *file = plan_text(l->plan, w->file), *value = plan_text(l->plan, w->value), *pointer = pointer_of(l->plan, w);
    char *text;
    int r = cgroup_file_read(at->root, at->path, file, l->op->arena, &text);

    if (r == -EINVAL || r == -ENODEV || (r == -ENOENT && (w->flags & may_lack)))
        return r != -ENOENT;
    if (r == -ENOENT)
        look_drift(l, .pointer = pointer, .asked = value, .found = "no such file", .where = file_name(l, at, file));
    else if (r < 0)
        look_unchecked(l, pointer, file_name(l, at, file), r);
    else if (!look_fact(l, value_is_there(file, value, text, (size_t) sysconf(_SC_PAGESIZE))))
        look_drift(l, .pointer = pointer, .asked = value, .found = text, .where = file_name(l, at, file));
    return true;
}

/* ---- Device rules of v1 --------------------------------------------------------------------- */

struct rules {
    struct str wanted;          /* in the form of devices.list */
    bool allow;                 /* by default: then the kernel shows none of the exceptions */
    const struct plan_write *first;
    uint32_t n;
};

static void read_rules(struct look *l, uint32_t dir, struct rules *ret)
{
    const struct plan_write *w = PLAN_ITEMS(l->plan, cgroup_writes, struct plan_write);

    *ret = (struct rules) { 0 };
    str_init(&ret->wanted, l->op->arena);
    for (uint32_t i = 0; i < l->plan->cgroup_writes.n; i++) {
        const char *value = plan_text(l->plan, w[i].value);
        bool allow = str_eq(plan_text(l->plan, w[i].file), "devices.allow");

        if (w[i].dir != dir || !is_device_rule(l->plan, &w[i]))
            continue;
        ret->first = ret->n++ ? ret->first : &w[i];
        if (str_eq(value, "a")) {
            ret->allow = allow;
            str_init(&ret->wanted, l->op->arena);
            str_add(&ret->wanted, allow ? "a *:* rwm\n" : "");
        } else if (!ret->allow && allow) {
            str_addf(&ret->wanted, "%s\n", value);
        }
    }
}

/* Each line of `a` that `b` lacks. */
static void compare_rules(struct look *l, const struct place *at, const char *a, const char *b, bool wanted)
{
    for (size_t n; *a; a += n + (a[n] == '\n')) {
        n = strcspn(a, "\n");
        if (n == 0 || look_fact(l, value_has_rule(b, a, n)))
            continue;
        look_drift(l, .pointer = "/linux/resources/devices", .where = file_name(l, at, "devices.list"),
                   .asked = wanted ? arena_strndup(l->op->arena, a, n) : "no such rule",
                   .found = wanted ? "no such rule" : arena_strndup(l->op->arena, a, n));
    }
}

static void check_rules(struct look *l, const struct place *at, uint32_t dir)
{
    struct rules rules;
    char *list;
    int r;

    read_rules(l, dir, &rules);
    if (rules.n == 0)
        return;
    r = cgroup_file_read(at->root, at->path, "devices.list", l->op->arena, &list);
    if (r == -ENODEV || (r < 0 && is_permission(r) && (l->plan->flags & PLAN_ROOTLESS)))
        return;
    if (r < 0) {
        look_unchecked(l, "/linux/resources/devices", file_name(l, at, "devices.list"), r);
        return;
    }
    compare_rules(l, at, rules.wanted.text, list, true);
    compare_rules(l, at, list, rules.wanted.text, false);
}

/* --------------------------------------------------------------------------------------------- */

static void check_place(struct look *l, const struct place *at, uint32_t dir)
{
    const struct plan_write *w = PLAN_ITEMS(l->plan, cgroup_writes, struct plan_write);

    for (uint32_t i = 0; i < l->plan->cgroup_writes.n; i++) {
        if (w[i].dir != dir || is_device_rule(l->plan, &w[i]) || is_replaced(l->plan, w, i))
            continue;
        if (check_write(l, at, &w[i]) && (w[i].flags & PLAN_WRITE_ELSE_NEXT))
            i++;        /* that one is for when this file is missing */
    }
    check_rules(l, at, dir);
}

void look_at_cgroup_files(struct look *l)
{
    const struct plan_cgroup_dir *d = PLAN_ITEMS(l->plan, cgroup_dirs, struct plan_cgroup_dir);

    for (uint32_t i = 0; i < l->plan->cgroup_dirs.n; i++) {
        struct place at;

        open_place(l, &d[i], &at);
        if (at.root >= 0)
            check_place(l, &at, i);
        fd_close(&at.root);
    }
}

/* ---- Freezer -------------------------------------------------------------------------------- */

/* A frozen container is a paused one: its state says so, and it is as configured. */
void look_at_freezer(struct look *l)
{
    if (str_eq(l->subject->status, "paused"))
        look_note(l, .pointer = "/linux/cgroupsPath", .asked = "a container that runs", .found = "its processes are frozen (paused)");
}
