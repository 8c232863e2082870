/* Masked and read-only paths, and the root. */
#include <errno.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "audit/mounts.h"
#include "base/fd.h"
#include "base/str.h"

static bool is_readonly(const struct sight_place *p)
{
    return p->mount && (str_has_word(p->mount->flags, ",", "ro") || str_has_word(p->mount->options, ",", "ro"));
}

static const char *what_is(struct look *l, const struct sight_place *p)
{
    if (!p->is_root || !p->mount)
        return "not mounted over";
    return arena_printf(l->op->arena, "a mount of type %s, %s of %s", p->mount->type, p->mount->root, p->mount->source);
}

/* What is missing needs no mask. Returns whether there is something to compare. */
static bool find(struct look *l, const struct sight *s, const char *pointer, const char *path, struct sight_place *ret)
{
    int r = sight_find(s, path, ret);

    if (r == 0)
        return true;
    if (r == -ENOENT || r == -ENOTDIR)
        look_fact(l, true);
    else
        look_unchecked(l, pointer, path, r);
    return false;
}

/* ---- Masks ---------------------------------------------------------------------------------- */

/* The null device, or an empty directory that nobody can fill: a tmpfs that has one inode. */
static bool is_mask(const struct sight_place *p)
{
    if (!p->is_root || !p->mount)
        return false;
    if (S_ISCHR(p->mode))
        return p->node == makedev(1, 3);
    return S_ISDIR(p->mode) && str_eq(p->mount->type, "tmpfs") && str_eq(p->mount->root, "/") && is_readonly(p) &&
        str_has_word(p->mount->options, ",", "nr_inodes=1");
}

void mounts_check_masks(struct look *l, const struct sight *s)
{
    const plan_ref *paths = PLAN_ITEMS(l->plan, masks, plan_ref);
    struct sight_place p;

    for (uint32_t i = 0; i < l->plan->masks.n; i++) {
        const char *path = plan_text(l->plan, paths[i]);

        if (find(l, s, "/linux/maskedPaths", path, &p) && !look_fact(l, is_mask(&p)))
            look_drift(l, .pointer = "/linux/maskedPaths", .asked = arena_printf(l->op->arena, "%s masked", path),
                       .found = what_is(l, &p), .where = path, .pid = l->first.pid);
    }
}

/* ---- Read-only paths ------------------------------------------------------------------------ */

/* Mounts of config.json, with what came along with them, and the host's device nodes. */
static bool is_planned(const struct plan *p, const char *point)
{
    const struct plan_mount *m = PLAN_ITEMS(p, mounts, struct plan_mount);
    const struct plan_node *nodes = PLAN_ITEMS(p, nodes, struct plan_node);

    for (uint32_t i = 0; i < p->mounts.n; i++) {
        const char *target = plan_text(p, m[i].target);

        if (str_eq(point, target) || ((m[i].flags & PLAN_MOUNT_RECURSIVE) && sight_is_below(point, target)))
            return true;
    }
    for (uint32_t i = 0; i < p->nodes.n; i++)
        if (str_eq(point, plan_text(p, nodes[i].path)))
            return true;
    return false;
}

static void check_below(struct look *l, const struct sight *s, const char *path)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct parse_mount *m = &s->mounts[i];

        if (str_eq(m->point, path) || !sight_is_below(m->point, path))
            continue;
        if (!look_fact(l, str_has_word(m->flags, ",", "ro") || str_has_word(m->options, ",", "ro") || is_planned(l->plan, m->point)))
            look_drift(l, .pointer = "/linux/readonlyPaths", .asked = arena_printf(l->op->arena, "%s read-only", path),
                       .found = arena_printf(l->op->arena, "a writable mount of type %s below it", m->type), .where = m->point,
                       .pid = l->first.pid);
    }
}

void mounts_check_readonly(struct look *l, const struct sight *s)
{
    const plan_ref *paths = PLAN_ITEMS(l->plan, readonly, plan_ref);
    struct sight_place p;

    for (uint32_t i = 0; i < l->plan->readonly.n; i++) {
        const char *path = plan_text(l->plan, paths[i]);

        if (!find(l, s, "/linux/readonlyPaths", path, &p))
            continue;
        if (!look_fact(l, is_readonly(&p)))
            look_drift(l, .pointer = "/linux/readonlyPaths", .asked = arena_printf(l->op->arena, "%s read-only", path),
                       .found = "writable", .where = path, .pid = l->first.pid);
        check_below(l, s, path);
    }
}

/* ---- The root ------------------------------------------------------------------------------- */

/* The host's directory may be somebody else's by now, with the container still on what was there. */
static void check_root_identity(struct look *l, const struct sight_place *root)
{
    const char *path = plan_text(l->plan, l->plan->rootfs);
    struct sight_place outside;
    auto_close int fd = -1;

    if (sight_find_outside(path, &outside, &fd) == 0 &&
        !look_fact(l, outside.device == root->device && outside.inode == root->inode))
        look_note(l, .pointer = "/root/path", .asked = path, .found = "another directory: that one has been replaced, or this one covered",
                  .where = look_file(l, &l->first, "root"), .pid = l->first.pid);
}

static void check_root(struct look *l, const struct sight_place *root)
{
    if ((l->plan->flags & PLAN_ROOT_READONLY) && !look_fact(l, is_readonly(root)))
        look_drift(l, .pointer = "/root/readonly", .asked = "true", .found = "writable", .where = "/", .pid = l->first.pid);
    if ((l->plan->root_propagation & MS_SHARED) && !look_fact(l, str_starts(root->mount->peers, "shared:")))
        look_drift(l, .pointer = "/linux/rootfsPropagation", .asked = "shared", .found = "not shared", .where = "/",
                   .pid = l->first.pid);
    check_root_identity(l, root);
}

/* A first process that has gone into a directory below (chroot) sees nothing of what is to be compared. */
void look_at_mounts(struct look *l)
{
    struct sight s;
    struct sight_place root;
    int r;

    if (!(l->plan->flags & PLAN_PRIVATE_MOUNTS))
        return;
    r = sight_read(l, &s);
    if (r == 0 && (r = sight_find(&s, "/", &root)) == 0 && (!root.is_root || !root.mount)) {
        look_say(l, AUDIT_UNCHECKED, (struct audit_finding) {
            .pointer = "/mounts", .found = "the first process has changed its root directory", .where = look_file(l, &l->first, "root"),
        });
    } else if (r == 0) {
        check_root(l, &root);
        mounts_check_planned(l, &s);
        mounts_check_masks(l, &s);
        mounts_check_readonly(l, &s);
    } else {
        look_unchecked(l, "/mounts", look_file(l, &l->first, "mountinfo"), r);
    }
    sight_close(&s);
}
