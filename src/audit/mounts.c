#include "audit/mounts.h"
#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "spec/words.h"

/* A mount of the plan's, and what is found at its target. */
struct pair {
    const struct plan_mount *m;
    const char *target, *pointer;
    bool below_readonly;        /* it is a read-only path as well: a copy of the mount lies over it */
    struct sight_place place;
    struct sight_place source;  /* bind: on the host; inode 0: not to be compared */
    int source_fd;
};

static void drift(struct look *l, const struct pair *p, const char *asked, const char *found)
{
    look_drift(l, .pointer = p->pointer, .asked = asked, .found = found, .where = p->target, .pid = l->first.pid);
}

static void note(struct look *l, const struct pair *p, const char *asked, const char *found)
{
    look_note(l, .pointer = p->pointer, .asked = asked, .found = found, .where = p->target, .pid = l->first.pid);
}

static bool holds(struct look *l, struct plan_list paths, const char *target, bool above)
{
    const plan_ref *path = plan_at(l->plan, paths.at);

    for (uint32_t i = 0; i < paths.n; i++) {
        const char *text = plan_text(l->plan, path[i]);

        if (above ? sight_is_below(target, text) : str_eq(target, text))
            return true;
    }
    return false;
}

/* ---- What covers what ----------------------------------------------------------------------- */

/* By a later mount of config.json, by a mask or by a device of the host. */
static bool is_hidden(struct look *l, uint32_t index, const char *target)
{
    const struct plan_mount *m = PLAN_ITEMS(l->plan, mounts, struct plan_mount);
    const struct plan_node *nodes = PLAN_ITEMS(l->plan, nodes, struct plan_node);

    for (uint32_t i = index + 1; i < l->plan->mounts.n; i++)
        if (m[i].kind != PLAN_MOUNT_REMOUNT && sight_is_below(target, plan_text(l->plan, m[i].target)))
            return true;
    for (uint32_t i = 0; i < l->plan->nodes.n; i++)
        if (str_eq(target, plan_text(l->plan, nodes[i].path)))
            return true;
    return holds(l, l->plan->masks, target, true);
}

static bool is_remounted(struct look *l, uint32_t index, const char *target)
{
    const struct plan_mount *m = PLAN_ITEMS(l->plan, mounts, struct plan_mount);

    for (uint32_t i = index + 1; i < l->plan->mounts.n; i++)
        if (m[i].kind == PLAN_MOUNT_REMOUNT && str_eq(target, plan_text(l->plan, m[i].target)))
            return true;
    return false;
}

/* ---- What is mounted ------------------------------------------------------------------------ */

static const char *describe(struct look *l, const struct pair *p)
{
    const struct plan_mount *m = p->m;

    if (m->kind == PLAN_MOUNT_BIND)
        return arena_printf(l->op->arena, "bind of %s", plan_text(l->plan, m->source));
    return m->fstype ? arena_printf(l->op->arena, "%s %s", plan_text(l->plan, m->fstype), plan_word(l->plan, m->source)) : "a mount";
}

static const char *describe_found(struct look *l, const struct parse_mount *f)
{
    return f ? arena_printf(l->op->arena, "%s %s, %s of it", f->type, f->source, f->root) : "a mount that is not listed";
}

/* Its name is only compared where the kernel keeps it: "none" stands for no name. */
static bool is_file_system(struct look *l, const struct pair *p, const struct parse_mount *f)
{
    const char *source = plan_text(l->plan, p->m->source);

    if (p->m->fallback)
        return true;
    return str_eq(f->type, plan_text(l->plan, p->m->fstype)) && (!source || !*source || str_eq(f->source, source));
}

static bool is_source(const struct pair *p)
{
    return p->source.inode == 0 || (p->source.device == p->place.device && p->source.inode == p->place.inode);
}

static bool is_it(struct look *l, const struct pair *p)
{
    switch (p->m->kind) {
    case PLAN_MOUNT_NEW:
        return p->place.mount && is_file_system(l, p, p->place.mount);
    case PLAN_MOUNT_BIND:
        return is_source(p);
    default:
        return true;
    }
}

/* What was mounted at that point may lie under something else. */
static bool is_beneath(struct look *l, const struct sight *s, const struct pair *p, const char *point)
{
    char device[32];

    snprintf(device, sizeof(device), "%u:%u", major(p->source.device), minor(p->source.device));
    for (size_t i = 0; i < s->n; i++) {
        const struct parse_mount *f = &s->mounts[i];

        if (!str_eq(f->point, point) || f == p->place.mount)
            continue;
        if (p->m->kind == PLAN_MOUNT_BIND ? p->source.inode == 0 || str_eq(f->device, device) : is_file_system(l, p, f))
            return true;
    }
    return false;
}

/* ---- Sources of bind mounts ----------------------------------------------------------------- */

/* What a path means to the caller of a creation, or in the middle of one, cannot be found out later. */
static bool is_of_the_moment(struct look *l, const char *source)
{
    static const char *const prefixes[] = { "/proc/self", "/proc/thread-self", "/dev/fd", "/dev/std" };

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
        if (str_starts(source, prefixes[i]))
            return true;
    return sight_is_below(source, plan_text(l->plan, l->plan->rootfs));
}

static void find_source(struct look *l, struct pair *p)
{
    const char *source = plan_text(l->plan, p->m->source);
    int r;

    if (p->m->kind != PLAN_MOUNT_BIND || is_of_the_moment(l, source))
        return;
    r = sight_find_outside(source, &p->source, &p->source_fd);
    if (r == -ENOENT)
        note(l, p, describe(l, p), "the source is gone");
    else if (r < 0)
        look_unchecked(l, p->pointer, source, r);
}

/* Where the source is in its file system, by the caller's own mounts: "/srv/data". */
static const char *root_of_source(struct look *l, const struct pair *p)
{
    char link[32], path[4096], *text;
    const char *at;
    struct parse_mount m;
    ssize_t n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", p->source_fd);
    n = readlink(link, path, sizeof(path) - 1);
    if (n < 0 || io_read_at(l->proc, "thread-self/mountinfo", l->op->arena, 32 << 20, &text, NULL) < 0)
        return NULL;
    path[n] = '\0';
    at = text;
    while (parse_next_mount(l->op->arena, &at, &m))
        if (m.id == p->source.mount_id && sight_is_below(path, m.point))
            return arena_printf(l->op->arena, "%s%s", str_eq(m.root, "/") ? "" : m.root,
                                path + (str_eq(m.point, "/") ? 0 : strlen(m.point)));
    return NULL;
}

/* A file that has been replaced on the host (a new one, renamed) leaves the container with the old one. */
static bool is_replaced_source(struct look *l, const struct pair *p)
{
    const char *root = p->place.mount && p->source_fd >= 0 ? root_of_source(l, p) : NULL;
    size_t n = root ? strlen(root) : 0;

    return root && p->source.device == p->place.device && strncmp(p->place.mount->root, root, n) == 0 &&
        (p->place.mount->root[n] == '\0' || str_eq(p->place.mount->root + n, "//deleted"));
}

/* ---- Flags ---------------------------------------------------------------------------------- */

static const struct { uint64_t attr; const char *word; } words[] = {
    { MOUNT_ATTR_RDONLY, "ro" }, { MOUNT_ATTR_NOSUID, "nosuid" }, { MOUNT_ATTR_NODEV, "nodev" }, { MOUNT_ATTR_NOEXEC, "noexec" },
    { MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" }, { MOUNT_ATTR_NOATIME, "noatime" }, { MOUNT_ATTR_NODIRATIME, "nodiratime" },
};
enum { WORDS = sizeof(words) / sizeof(*words) };

static uint64_t flags_of(const struct parse_mount *f)
{
    uint64_t attrs = str_has_word(f->options, ",", "ro") ? MOUNT_ATTR_RDONLY : 0;

    for (size_t i = 0; i < WORDS; i++)
        if (str_has_word(f->flags, ",", words[i].word))
            attrs |= words[i].attr;
    return attrs;
}

static const char *flags_text(struct look *l, uint64_t attrs)
{
    struct str s;

    str_init(&s, l->op->arena);
    for (size_t i = 0; i < WORDS; i++)
        if (attrs & words[i].attr)
            str_addf(&s, "%s%s", s.len ? "," : "", words[i].word);
    return s.text;
}

static uint64_t wanted_flags(const struct plan_mount *m)
{
    uint64_t known = 0, late = m->flags & PLAN_MOUNT_RO_LATE ? MOUNT_ATTR_RDONLY : 0;

    for (size_t i = 0; i < WORDS; i++)
        known |= words[i].attr;
    return ((m->attr_set & ~m->rec_clr) | m->rec_set | late) & known;
}

/* One that is missing is a weakening; one too many is only worth a word when it was asked away by name. */
static void check_flags(struct look *l, const struct pair *p)
{
    uint64_t wanted = wanted_flags(p->m), found = flags_of(p->place.mount);
    uint64_t extra = p->m->must_clr & found & ~wanted;

    if (p->below_readonly)
        extra &= ~(uint64_t) MOUNT_ATTR_RDONLY;
    if (!look_fact(l, !(wanted & ~found)))
        drift(l, p, flags_text(l, wanted), arena_printf(l->op->arena, "without %s", flags_text(l, wanted & ~found)));
    else if (extra)
        note(l, p, arena_printf(l->op->arena, "not %s", flags_text(l, extra)), flags_text(l, extra));
}

/* ---- Propagation ---------------------------------------------------------------------------- */

static bool has_propagation(const char *peers, uint64_t wanted)
{
    bool shared = strstr(peers, "shared:"), slave = strstr(peers, "master:");

    switch (wanted & (MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE)) {
    case MS_SHARED:
        return shared;
    case MS_SLAVE:
        return !shared;         /* of what is not shared there is no slave: it stays private */
    case MS_PRIVATE:
        return !shared && !slave;
    default:
        return strstr(peers, "unbindable");
    }
}

/* The last one asked for counts. */
static void check_propagation(struct look *l, const struct pair *p)
{
    const uint32_t *wanted = plan_at(l->plan, p->m->propagation.at);
    uint32_t last = p->m->propagation.n ? wanted[p->m->propagation.n - 1] : 0;
    const char *peers = p->place.mount->peers;

    if (last && !p->below_readonly && !look_fact(l, has_propagation(peers, last)))
        drift(l, p, words_name(&words_propagation, last), *peers ? peers : "private");
}

/* --------------------------------------------------------------------------------------------- */

/* What lies over a mount hides it, which is no weakening as long as the mount is there. */
static void say_missing(struct look *l, const struct sight *s, const struct pair *p, const char *found)
{
    const char *point = p->place.mount && p->place.is_root ? p->place.mount->point : p->target;

    if (p->place.is_root && is_replaced_source(l, p))
        note(l, p, describe(l, p), "the source has been replaced on the host; the container has the old one");
    else if (is_beneath(l, s, p, point))
        note(l, p, describe(l, p), arena_printf(l->op->arena, "covered by something else: %s", found));
    else
        drift(l, p, describe(l, p), found);
}

static void check_mount(struct look *l, const struct sight *s, struct pair *p)
{
    int r = sight_find(s, p->target, &p->place);

    if (r < 0 && r != -ENOENT && r != -ENOTDIR) {
        look_unchecked(l, p->pointer, p->target, r);
        return;
    }
    find_source(l, p);
    if (!look_fact(l, r == 0 && p->place.is_root && p->place.mount))
        say_missing(l, s, p, r < 0 ? "no such path" : "nothing is mounted there");
    else if (!look_fact(l, is_it(l, p)))
        say_missing(l, s, p, describe_found(l, p->place.mount));
    else
        check_propagation(l, p);
}

void mounts_check_planned(struct look *l, const struct sight *s)
{
    const struct plan_mount *m = PLAN_ITEMS(l->plan, mounts, struct plan_mount);

    for (uint32_t i = 0; i < l->plan->mounts.n; i++) {
        struct pair p = { .m = &m[i], .target = plan_text(l->plan, m[i].target), .source_fd = -1 };

        if (is_hidden(l, i, p.target))
            continue;
        p.pointer = arena_printf(l->op->arena, "/mounts/%u", m[i].index);
        p.below_readonly = holds(l, l->plan->readonly, p.target, false);
        check_mount(l, s, &p);
        if (p.place.is_root && p.place.mount && is_it(l, &p) && !is_remounted(l, i, p.target))
            check_flags(l, &p);
        fd_close(&p.source_fd);
    }
}
