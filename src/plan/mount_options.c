#include "plan/mount_options.h"
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>

enum option_kind {
    OPTION_SET, OPTION_CLEAR,           /* MS_* */
    OPTION_REC_SET, OPTION_REC_CLEAR,   /* MOUNT_ATTR_* of the whole tree */
    OPTION_PROPAGATION,                 /* MS_* */
    OPTION_COPY_UP, OPTION_IDMAP,       /* PLAN_MOUNT_* */
};
struct option {
    const char *name;
    enum option_kind kind;
    uint64_t value;
};

/* Sorted by name. `silent` and `iversion` (with their opposites) are flags of mount(2) for which the
 * descriptor API has nothing: the first only quiets the kernel's log, the second all file systems
 * that know it have on by now. */
static const struct option options[] = {
    { "async", OPTION_CLEAR, MS_SYNCHRONOUS },
    { "atime", OPTION_CLEAR, MS_NOATIME },
    { "bind", OPTION_SET, MS_BIND },
    { "defaults", OPTION_SET, 0 },
    { "dev", OPTION_CLEAR, MS_NODEV },
    { "diratime", OPTION_CLEAR, MS_NODIRATIME },
    { "dirsync", OPTION_SET, MS_DIRSYNC },
    { "exec", OPTION_CLEAR, MS_NOEXEC },
    { "idmap", OPTION_IDMAP, PLAN_MOUNT_IDMAP },
    { "iversion", OPTION_SET, MS_I_VERSION },
    { "lazytime", OPTION_SET, MS_LAZYTIME },
    { "loud", OPTION_CLEAR, MS_SILENT },
    { "mand", OPTION_SET, MS_MANDLOCK },
    { "noatime", OPTION_SET, MS_NOATIME },
    { "nodev", OPTION_SET, MS_NODEV },
    { "nodiratime", OPTION_SET, MS_NODIRATIME },
    { "noexec", OPTION_SET, MS_NOEXEC },
    { "noiversion", OPTION_CLEAR, MS_I_VERSION },
    { "nolazytime", OPTION_CLEAR, MS_LAZYTIME },
    { "nomand", OPTION_CLEAR, MS_MANDLOCK },
    { "norelatime", OPTION_CLEAR, MS_RELATIME },
    { "nostrictatime", OPTION_CLEAR, MS_STRICTATIME },
    { "nosuid", OPTION_SET, MS_NOSUID },
    { "nosymfollow", OPTION_SET, MS_NOSYMFOLLOW },
    { "private", OPTION_PROPAGATION, MS_PRIVATE },
    { "ratime", OPTION_REC_CLEAR, MOUNT_ATTR_NOATIME },
    { "rbind", OPTION_SET, MS_BIND | MS_REC },
    { "rdev", OPTION_REC_CLEAR, MOUNT_ATTR_NODEV },
    { "rdiratime", OPTION_REC_CLEAR, MOUNT_ATTR_NODIRATIME },
    { "relatime", OPTION_SET, MS_RELATIME },
    { "remount", OPTION_SET, MS_REMOUNT },
    { "rexec", OPTION_REC_CLEAR, MOUNT_ATTR_NOEXEC },
    { "ridmap", OPTION_IDMAP, PLAN_MOUNT_IDMAP | PLAN_MOUNT_IDMAP_TREE },
    { "rnoatime", OPTION_REC_SET, MOUNT_ATTR_NOATIME },
    { "rnodev", OPTION_REC_SET, MOUNT_ATTR_NODEV },
    { "rnodiratime", OPTION_REC_SET, MOUNT_ATTR_NODIRATIME },
    { "rnoexec", OPTION_REC_SET, MOUNT_ATTR_NOEXEC },
    { "rnorelatime", OPTION_SET, 0 },    /* relatime is what is left without the others: there is nothing to clear */
    { "rnostrictatime", OPTION_REC_CLEAR, MOUNT_ATTR_STRICTATIME },
    { "rnosuid", OPTION_REC_SET, MOUNT_ATTR_NOSUID },
    { "rnosymfollow", OPTION_REC_SET, MOUNT_ATTR_NOSYMFOLLOW },
    { "ro", OPTION_SET, MS_RDONLY },
    { "rprivate", OPTION_PROPAGATION, MS_PRIVATE | MS_REC },
    { "rrelatime", OPTION_REC_SET, MOUNT_ATTR_RELATIME },
    { "rro", OPTION_REC_SET, MOUNT_ATTR_RDONLY },
    { "rrw", OPTION_REC_CLEAR, MOUNT_ATTR_RDONLY },
    { "rshared", OPTION_PROPAGATION, MS_SHARED | MS_REC },
    { "rslave", OPTION_PROPAGATION, MS_SLAVE | MS_REC },
    { "rstrictatime", OPTION_REC_SET, MOUNT_ATTR_STRICTATIME },
    { "rsuid", OPTION_REC_CLEAR, MOUNT_ATTR_NOSUID },
    { "rsymfollow", OPTION_REC_CLEAR, MOUNT_ATTR_NOSYMFOLLOW },
    { "runbindable", OPTION_PROPAGATION, MS_UNBINDABLE | MS_REC },
    { "rw", OPTION_CLEAR, MS_RDONLY },
    { "shared", OPTION_PROPAGATION, MS_SHARED },
    { "silent", OPTION_SET, MS_SILENT },
    { "slave", OPTION_PROPAGATION, MS_SLAVE },
    { "strictatime", OPTION_SET, MS_STRICTATIME },
    { "suid", OPTION_CLEAR, MS_NOSUID },
    { "symfollow", OPTION_CLEAR, MS_NOSYMFOLLOW },
    { "sync", OPTION_SET, MS_SYNCHRONOUS },
    { "tmpcopyup", OPTION_COPY_UP, PLAN_MOUNT_COPY_UP },
    { "unbindable", OPTION_PROPAGATION, MS_UNBINDABLE },
};
enum {
    N_OPTIONS = sizeof(options) / sizeof(options[0]),
    FSCONFIG_MAX = 256,                 /* bytes of a value, with the NUL */
};

/* runc's own list leaves id mappings out: `features` tells of them elsewhere. */
const char *mount_option_name(size_t i)
{
    for (size_t k = 0; k < N_OPTIONS; k++)
        if (options[k].kind != OPTION_IDMAP && i-- == 0)
            return options[k].name;
    return NULL;
}

static int compare(const void *name, const void *option)
{
    return strcmp(name, ((const struct option *) option)->name);
}

/* The attributes of access time are one field of values; the kernel clears it only as a whole (mount_setattr(2)). */
static uint64_t rec_mask(uint64_t attr)
{
    return (attr & ~(uint64_t) MOUNT_ATTR__ATIME) ? attr : MOUNT_ATTR__ATIME;
}

static void apply(struct mount_options *o, const struct option *option)
{
    switch (option->kind) {
    case OPTION_SET:
        o->set |= option->value;
        o->cleared &= ~option->value;
        break;
    case OPTION_CLEAR:
        o->set &= ~option->value;
        o->cleared |= option->value;
        break;
    case OPTION_REC_SET:
        o->rec_set = (o->rec_set & ~rec_mask(option->value)) | option->value;
        o->rec_clr = (o->rec_clr & ~option->value) | (rec_mask(option->value) & MOUNT_ATTR__ATIME);
        break;
    case OPTION_REC_CLEAR:
        o->rec_set &= ~option->value;
        o->rec_clr |= rec_mask(option->value);
        break;
    case OPTION_PROPAGATION:
        *(uint32_t *) rows_add(&o->propagation) = (uint32_t) option->value;
        break;
    case OPTION_COPY_UP:
        o->flags |= (uint32_t) option->value;
        break;
    case OPTION_IDMAP:
        o->flags = (o->flags & ~(uint32_t) PLAN_MOUNT_IDMAP_TREE) | (uint32_t) option->value;
        break;
    }
}

void mount_options_add(struct make *m, struct mount_options *o, const char *key, const char *value)
{
    *(struct plan_pair *) rows_add(&o->data) = (struct plan_pair) {
        block_text(&m->block, key), block_text(&m->block, value),
    };
}

/* One option for the file system: "key=value" or "key". Quotes around a value protect its commas
 * (SELinux contexts) and are not part of it. */
static void add_datum(struct make *m, struct mount_options *o, const char *text, size_t len)
{
    char *key = arena_strndup(m->op->arena, text, len), *value = strchr(key, '=');
    size_t n;

    if (len == 0)
        return;
    if (value)
        *value++ = '\0';
    n = value ? strlen(value) : 0;
    if (n >= 2 && value[0] == '"' && value[n - 1] == '"') {
        value[n - 1] = '\0';
        value++;
    }
    mount_options_add(m, o, key, value);
}

/* mount(2) takes these as one string with commas, so a word may hold several: up to a comma that is
 * neither quoted nor behind a backslash (overlay's way to have one in a path). */
static void add_data(struct make *m, struct mount_options *o, const char *word)
{
    const char *start = word, *p;
    bool quoted = false;

    for (p = word; *p; p++) {
        if (*p == '\\' && p[1]) {
            p++;
        } else if (*p == '"') {
            quoted = !quoted;
        } else if (*p == ',' && !quoted) {
            add_datum(m, o, start, (size_t) (p - start));
            start = p + 1;
        }
    }
    add_datum(m, o, start, (size_t) (p - start));
}

void mount_options_parse(struct make *m, size_t index, struct mount_options *ret)
{
    const struct spec_strings *words = &m->spec->mounts.v[index].options;
    const struct option *option;

    *ret = (struct mount_options) { 0 };
    rows_init(&ret->propagation, m->op->arena, sizeof(uint32_t));
    rows_init(&ret->data, m->op->arena, sizeof(struct plan_pair));
    for (size_t i = 0; i < words->n; i++) {
        option = bsearch(words->v[i], options, N_OPTIONS, sizeof(*options), compare);
        if (option == NULL)
            add_data(m, ret, words->v[i]);
        else
            apply(ret, option);
    }
}

uint64_t mount_options_attr(uint64_t flags)
{
    static const struct { uint64_t flag, attr; } attrs[] = {
        { MS_RDONLY, MOUNT_ATTR_RDONLY },
        { MS_NOSUID, MOUNT_ATTR_NOSUID },
        { MS_NODEV, MOUNT_ATTR_NODEV },
        { MS_NOEXEC, MOUNT_ATTR_NOEXEC },
        { MS_NODIRATIME, MOUNT_ATTR_NODIRATIME },
        { MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW },
    };
    uint64_t attr = 0;

    for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++)
        if (flags & attrs[i].flag)
            attr |= attrs[i].attr;
    return attr;
}

/* With several the kernel lets strictatime win, then noatime (path_mount in fs/namespace.c). */
uint64_t mount_options_atime(uint64_t flags)
{
    if (flags & MS_STRICTATIME)
        return MOUNT_ATTR_STRICTATIME;
    return flags & MS_NOATIME ? MOUNT_ATTR_NOATIME : MOUNT_ATTR_RELATIME;
}

void mount_options_add_super(struct make *m, struct mount_options *o, bool on_device)
{
    static const struct { uint64_t flag; const char *name; } supers[] = {
        { MS_SYNCHRONOUS, "sync" },
        { MS_DIRSYNC, "dirsync" },
        { MS_LAZYTIME, "lazytime" },
        { MS_MANDLOCK, "mand" },
    };

    if (o->set & MS_REMOUNT)
        mount_options_add(m, o, o->set & MS_RDONLY ? "ro" : "rw", NULL);
    else if (on_device && (o->set & MS_RDONLY))
        mount_options_add(m, o, "ro", NULL);
    for (size_t i = 0; i < sizeof(supers) / sizeof(supers[0]); i++)
        if (o->set & supers[i].flag)
            mount_options_add(m, o, supers[i].name, NULL);
}

const char *mount_options_data(const struct make *m, const struct mount_options *o, const char *key)
{
    const struct plan_pair *pairs = (const struct plan_pair *) o->data.items;

    for (size_t i = 0; i < o->data.n && !m->block.full; i++)
        if (strcmp(m->block.base + pairs[i].key, key) == 0)
            return pairs[i].value ? m->block.base + pairs[i].value : "";
    return NULL;
}

/* Cuts a layer off *rest, without the backslashes that protect colons there. */
static char *next_layer(char **rest)
{
    char *start = *rest, *from = start, *to = start;

    while (*from && *from != ':') {
        if (*from == '\\' && from[1])
            from++;
        *to++ = *from++;
    }
    *rest = *from ? from + 1 : NULL;
    *to = '\0';
    return start;
}

/* "a:b::c": the layers a and b, and c, which has nothing but data. */
static void add_layers(struct make *m, struct mount_options *o, const char *lowerdir)
{
    char *rest = arena_strdup(m->op->arena, lowerdir);
    bool data = false;

    while (rest) {
        const char *layer = next_layer(&rest);

        if (*layer)
            mount_options_add(m, o, data ? "datadir+" : "lowerdir+", layer);
        else
            data = true;
    }
}

void mount_options_split_layers(struct make *m, struct mount_options *o, const char *type)
{
    const char *lowerdir = mount_options_data(m, o, "lowerdir");
    struct rows all = o->data;
    const struct plan_pair *pairs = (const struct plan_pair *) all.items;

    if (!str_eq(type, "overlay") || !lowerdir || strlen(lowerdir) < FSCONFIG_MAX)
        return;
    rows_init(&o->data, m->op->arena, sizeof(struct plan_pair));
    for (size_t i = 0; i < all.n && !m->block.full; i++)
        if (strcmp(m->block.base + pairs[i].key, "lowerdir") == 0)
            add_layers(m, o, lowerdir);
        else
            *(struct plan_pair *) rows_add(&o->data) = pairs[i];
}
