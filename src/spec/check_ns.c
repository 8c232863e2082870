#include <sched.h>
#include <string.h>
#include "spec/decode.h"
#include "spec/words.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

enum {
    MAX_HOST_NAME = 64,         /* __NEW_UTS_LEN */
    MAX_MAPPINGS = 340,         /* UID_GID_MAP_MAX_EXTENTS; user_namespaces(7) */
};

/* The container's namespaces as CLONE_NEW* bits: all that it does not share with the host, and
 * those of them that exist already. */
struct namespaces { int64_t own, joined; };

static struct namespaces check_list(struct op *op, const struct spec_linux *linux_)
{
    struct namespaces set = { 0, 0 };

    for (size_t i = 0; i < linux_->namespaces.n; i++) {
        const struct spec_namespace *ns = &linux_->namespaces.v[i];
        const char *name = words_name(&words_namespace, ns->type.v), *path = ns->path ? ns->path : "";

        if (set.own & ns->type.v)
            op_fault(op, arena_printf(op->arena, "/linux/namespaces/%zu", i),
                     "malformed spec file: duplicated ns {\"%s\" \"%.200s\"}", name, path);
        if (*path && *path != '/')
            op_fault(op, arena_printf(op->arena, "/linux/namespaces/%zu/path", i),
                     "must be an absolute path (found \"%.200s\")", path);
        set.own |= ns->type.v;
        set.joined |= *path ? ns->type.v : 0;
    }
    return set;
}

static void check_names(struct op *op, const struct spec *spec, struct namespaces set)
{
    const struct { const char *what, *pointer, *value; } names[] = {
        { "hostname", "/hostname", spec->hostname },
        { "domainname", "/domainname", spec->domainname },
    };

    for (size_t i = 0; i < 2; i++) {
        if (names[i].value && strlen(names[i].value) > MAX_HOST_NAME)
            op_fault(op, names[i].pointer, "must not be longer than %d bytes", MAX_HOST_NAME);
        if (names[i].value && !(set.own & CLONE_NEWUTS))
            op_fault(op, names[i].pointer, "unable to set %s without a private UTS namespace", names[i].what);
    }
}

static void check_covers(struct op *op, const struct spec_linux *linux_, struct namespaces set)
{
    static const char why[] = "unable to restrict sys entries without a private MNT namespace";

    if (set.own & CLONE_NEWNS)
        return;
    if (linux_->masked_paths.n > 0)
        op_fault(op, "/linux/maskedPaths", why);
    if (linux_->readonly_paths.n > 0)
        op_fault(op, "/linux/readonlyPaths", why);
}

/* ---- ID mappings ---------------------------------------------------------------------------- */

bool spec_is_mapped(const struct spec_id_map *maps, size_t n, uint64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (id >= maps[i].container_id.v && id - maps[i].container_id.v < maps[i].size.v)
            return true;
    return n == 0;
}

/* An ID is 32 bits, and -1 is none: a range must end before it. */
static void check_ranges(struct op *op, const char *pointer, const struct spec_id_map *maps, size_t n)
{
    if (n > MAX_MAPPINGS)
        op_fault(op, pointer, "must not be more than %d mappings, which is all that the kernel takes", MAX_MAPPINGS);
    for (size_t i = 0; i < n; i++)
        if (maps[i].container_id.v + maps[i].size.v > UINT32_MAX || maps[i].host_id.v + maps[i].size.v > UINT32_MAX)
            op_fault(op, arena_printf(op->arena, "%s/%zu", pointer, i), "the range goes beyond the last ID");
}

static void check_id(struct op *op, const char *pointer, const char *what, opt_uint id, bool mapped)
{
    if (!mapped)
        op_fault(op, pointer, "user namespaces enabled, but no mapping found for %s %llu", what,
                 (unsigned long long) id.v);
}

static void check_user(struct op *op, const struct spec_linux *l, const struct spec_user *u)
{
    if (l->uid_maps.n > MAX_MAPPINGS || l->gid_maps.n > MAX_MAPPINGS)
        return;
    check_id(op, "/process/user/uid", "uid", u->uid, spec_is_mapped(l->uid_maps.v, l->uid_maps.n, u->uid.v));
    check_id(op, "/process/user/gid", "gid", u->gid, spec_is_mapped(l->gid_maps.v, l->gid_maps.n, u->gid.v));
    for (size_t i = 0; i < u->additional_gids.n; i++) {
        opt_uint gid = u->additional_gids.v[i];

        check_id(op, arena_printf(op->arena, "/process/user/additionalGids/%zu", i), "gid", gid,
                 spec_is_mapped(l->gid_maps.v, l->gid_maps.n, gid.v));
    }
}

static void check_user_namespace(struct op *op, const struct spec *spec, const struct spec_linux *l,
                                 struct namespaces set)
{
    static const struct spec_user root = { 0 };
    bool user = set.own & CLONE_NEWUSER, joined = set.joined & CLONE_NEWUSER;
    bool uids = l->uid_maps.n > 0, gids = l->gid_maps.n > 0;

    check_ranges(op, "/linux/uidMappings", l->uid_maps.v, l->uid_maps.n);
    check_ranges(op, "/linux/gidMappings", l->gid_maps.v, l->gid_maps.n);
    if (!user && (uids || gids))
        op_fault(op, uids ? "/linux/uidMappings" : "/linux/gidMappings",
                 "user namespace mappings specified, but user namespace isn't enabled in the config");
    if (user && !joined && !(uids && gids))
        op_fault(op, uids ? "/linux/gidMappings" : "/linux/uidMappings",
                 "user namespaces enabled, but no namespace path to join nor mappings to apply specified");
    if (user && spec->process)
        check_user(op, l, spec->process->user ? spec->process->user : &root);
}

static void check_time_namespace(struct op *op, const struct spec_linux *linux_, struct namespaces set)
{
    for (size_t i = 0; i < linux_->time_offsets.n; i++) {
        const char *clock = linux_->time_offsets.v[i].key;

        if (!str_eq(clock, "monotonic") && !str_eq(clock, "boottime"))
            op_fault(op, spec_pointer(op, "/linux/timeOffsets", clock), "unknown clock: must be monotonic or boottime");
    }
    if (linux_->time_offsets.n > 0 && !(set.own & CLONE_NEWTIME))
        op_fault(op, "/linux/timeOffsets",
                 "time namespace offsets specified, but time namespace isn't enabled in the config");
    if (linux_->time_offsets.n > 0 && (set.joined & CLONE_NEWTIME))
        op_fault(op, "/linux/timeOffsets", "time namespace enabled, but both namespace path and time offsets "
                 "specified -- you may only provide one");
}

void spec_check_namespaces(struct op *op, const struct spec *spec, const struct findings *found)
{
    static const struct spec_linux none = { 0 };
    const struct spec_linux *linux_ = spec->linux_ ? spec->linux_ : &none;
    struct namespaces set;

    if (!spec_is_sound(found, "/linux/namespaces"))
        return;
    set = check_list(op, linux_);
    check_names(op, spec, set);
    check_covers(op, linux_, set);
    if (spec_is_sound(found, "/linux/uidMappings") && spec_is_sound(found, "/linux/gidMappings"))
        check_user_namespace(op, spec, linux_, set);
    check_time_namespace(op, linux_, set);
    spec_check_sysctls(op, linux_, set.own);
}
