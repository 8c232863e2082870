#include "plan/plan.h"

/* Every struct of the block that refers to something, as data: where it holds texts and lists. Indices
 * instead of pointers: the init that this is compiled into has nobody to relocate them. */
enum shape {
    SHAPE_PLAN, SHAPE_JOIN, SHAPE_MOUNT, SHAPE_NODE, SHAPE_LINK, SHAPE_TEXT, SHAPE_PAIR, SHAPE_CGROUP_DIR, SHAPE_WRITE,
    SHAPE_HOOK, SHAPE_INTERFACE, SHAPE_ROUTE, SHAPE_PROPERTY, SHAPES
};
enum kind { TEXT, MAYBE_TEXT, LIST, PLAIN_LIST, ARGV, ENVP };
struct slot {
    uint8_t of;                 /* enum shape: the struct that has it */
    uint8_t kind;
    uint8_t item;               /* LIST: enum shape of an element; PLAIN_LIST: the size of one, which refers to nothing */
    uint16_t at;
};

static const uint16_t sizes[SHAPES] = {
    [SHAPE_PLAN] = sizeof(struct plan),
    [SHAPE_JOIN] = sizeof(struct plan_join),
    [SHAPE_MOUNT] = sizeof(struct plan_mount),
    [SHAPE_NODE] = sizeof(struct plan_node),
    [SHAPE_LINK] = sizeof(struct plan_link),
    [SHAPE_TEXT] = sizeof(plan_ref),
    [SHAPE_PAIR] = sizeof(struct plan_pair),
    [SHAPE_CGROUP_DIR] = sizeof(struct plan_cgroup_dir),
    [SHAPE_WRITE] = sizeof(struct plan_write),
    [SHAPE_HOOK] = sizeof(struct plan_hook),
    [SHAPE_INTERFACE] = sizeof(struct plan_interface),
    [SHAPE_ROUTE] = sizeof(struct plan_route),
    [SHAPE_PROPERTY] = sizeof(struct plan_unit_property),
};

#define AT(type, member) offsetof(struct type, member)
static const struct slot slots[] = {
    { SHAPE_PLAN, TEXT, 0, AT(plan, id) },
    { SHAPE_PLAN, TEXT, 0, AT(plan, bundle) },
    { SHAPE_PLAN, TEXT, 0, AT(plan, rootfs) },
    { SHAPE_PLAN, TEXT, 0, AT(plan, cwd) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, hostname) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, domainname) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, keyring) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, path) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, apparmor) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, selinux) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, resources) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, seccomp_listener) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, seccomp_metadata) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, state_head) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, state_tail) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, rdt.root) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, rdt.group) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, rdt.monitor) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, rdt.schemata) },
    { SHAPE_PLAN, LIST, SHAPE_JOIN, AT(plan, joins) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(struct plan_time_offset), AT(plan, time_offsets) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(struct plan_id_map), AT(plan, uid_map) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(struct plan_id_map), AT(plan, gid_map) },
    { SHAPE_PLAN, LIST, SHAPE_MOUNT, AT(plan, mounts) },
    { SHAPE_PLAN, LIST, SHAPE_NODE, AT(plan, nodes) },
    { SHAPE_PLAN, LIST, SHAPE_LINK, AT(plan, links) },
    { SHAPE_PLAN, LIST, SHAPE_TEXT, AT(plan, masks) },
    { SHAPE_PLAN, LIST, SHAPE_TEXT, AT(plan, readonly) },
    { SHAPE_PLAN, LIST, SHAPE_PAIR, AT(plan, sysctls) },
    { SHAPE_PLAN, ARGV, 0, AT(plan, argv) },
    { SHAPE_PLAN, ENVP, 0, AT(plan, envp) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(uint32_t), AT(plan, groups) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(struct plan_rlimit), AT(plan, rlimits) },
    { SHAPE_PLAN, LIST, SHAPE_CGROUP_DIR, AT(plan, cgroup_dirs) },
    { SHAPE_PLAN, LIST, SHAPE_WRITE, AT(plan, cgroup_writes) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(uint64_t), AT(plan, device_program) },
    { SHAPE_PLAN, LIST, SHAPE_PAIR, AT(plan, annotations) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(struct plan_device_rule), AT(plan, device_rules) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(uint64_t), AT(plan, memory_policy.nodes) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(uint64_t), AT(plan, cpus_initial) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(uint64_t), AT(plan, cpus_final) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(uint64_t), AT(plan, seccomp) },
    { SHAPE_PLAN, PLAIN_LIST, sizeof(uint32_t), AT(plan, seccomp_arches) },
    { SHAPE_PLAN, LIST, SHAPE_PAIR, AT(plan, net_devices) },
    { SHAPE_PLAN, LIST, SHAPE_INTERFACE, AT(plan, interfaces) },
    { SHAPE_PLAN, LIST, SHAPE_ROUTE, AT(plan, routes) },
    { SHAPE_PLAN, LIST, SHAPE_HOOK, AT(plan, hooks[PLAN_PRESTART]) },
    { SHAPE_PLAN, LIST, SHAPE_HOOK, AT(plan, hooks[PLAN_CREATE_RUNTIME]) },
    { SHAPE_PLAN, LIST, SHAPE_HOOK, AT(plan, hooks[PLAN_CREATE_CONTAINER]) },
    { SHAPE_PLAN, LIST, SHAPE_HOOK, AT(plan, hooks[PLAN_START_CONTAINER]) },
    { SHAPE_PLAN, LIST, SHAPE_HOOK, AT(plan, hooks[PLAN_POSTSTART]) },
    { SHAPE_PLAN, LIST, SHAPE_HOOK, AT(plan, hooks[PLAN_POSTSTOP]) },
    { SHAPE_PLAN, MAYBE_TEXT, 0, AT(plan, unit) },
    { SHAPE_PLAN, LIST, SHAPE_PROPERTY, AT(plan, unit_properties) },
    { SHAPE_HOOK, TEXT, 0, AT(plan_hook, path) },
    { SHAPE_HOOK, ARGV, 0, AT(plan_hook, argv) },
    { SHAPE_HOOK, ARGV, 0, AT(plan_hook, envp) },
    { SHAPE_INTERFACE, TEXT, 0, AT(plan_interface, name) },
    { SHAPE_INTERFACE, MAYBE_TEXT, 0, AT(plan_interface, host_name) },
    { SHAPE_INTERFACE, MAYBE_TEXT, 0, AT(plan_interface, bridge) },
    { SHAPE_INTERFACE, PLAIN_LIST, sizeof(struct plan_address), AT(plan_interface, addresses) },
    { SHAPE_ROUTE, MAYBE_TEXT, 0, AT(plan_route, interface) },
    { SHAPE_JOIN, TEXT, 0, AT(plan_join, path) },
    { SHAPE_MOUNT, TEXT, 0, AT(plan_mount, target) },
    { SHAPE_MOUNT, MAYBE_TEXT, 0, AT(plan_mount, source) },
    { SHAPE_MOUNT, MAYBE_TEXT, 0, AT(plan_mount, fstype) },
    { SHAPE_MOUNT, MAYBE_TEXT, 0, AT(plan_mount, fallback) },
    { SHAPE_MOUNT, MAYBE_TEXT, 0, AT(plan_mount, label) },
    { SHAPE_MOUNT, LIST, SHAPE_PAIR, AT(plan_mount, data) },
    { SHAPE_MOUNT, PLAIN_LIST, sizeof(struct plan_id_map), AT(plan_mount, uid_map) },
    { SHAPE_MOUNT, PLAIN_LIST, sizeof(struct plan_id_map), AT(plan_mount, gid_map) },
    { SHAPE_MOUNT, PLAIN_LIST, sizeof(uint32_t), AT(plan_mount, propagation) },
    { SHAPE_NODE, TEXT, 0, AT(plan_node, path) },
    { SHAPE_LINK, TEXT, 0, AT(plan_link, path) },
    { SHAPE_LINK, TEXT, 0, AT(plan_link, text) },
    { SHAPE_TEXT, TEXT, 0, 0 },
    { SHAPE_PAIR, TEXT, 0, AT(plan_pair, key) },
    { SHAPE_PAIR, MAYBE_TEXT, 0, AT(plan_pair, value) },
    { SHAPE_CGROUP_DIR, TEXT, 0, AT(plan_cgroup_dir, mount) },
    { SHAPE_CGROUP_DIR, TEXT, 0, AT(plan_cgroup_dir, path) },
    { SHAPE_CGROUP_DIR, TEXT, 0, AT(plan_cgroup_dir, controllers) },
    { SHAPE_PROPERTY, TEXT, 0, AT(plan_unit_property, name) },
    { SHAPE_PROPERTY, TEXT, 0, AT(plan_unit_property, signature) },
    { SHAPE_PROPERTY, PLAIN_LIST, sizeof(uint64_t), AT(plan_unit_property, value) },
    { SHAPE_PROPERTY, MAYBE_TEXT, 0, AT(plan_unit_property, pointer) },
    { SHAPE_WRITE, TEXT, 0, AT(plan_write, file) },
    { SHAPE_WRITE, TEXT, 0, AT(plan_write, value) },
    { SHAPE_WRITE, TEXT, 0, AT(plan_write, pointer) },
};
#undef AT

/* The block's last byte is NUL (plan_check saw to that), so what starts inside also ends inside. */
static int good_text(const struct plan *p, uint64_t ref)
{
    return ref >= sizeof(struct plan) && ref < p->size;
}

static int good_list(const struct plan *p, struct plan_list list, uint64_t n, size_t size)
{
    if (n == 0)
        return 1;
    return list.at >= sizeof(struct plan) && list.at % 8 == 0 && list.at + n * size <= p->size;
}

/* Offsets of texts, and a 0 behind the last. Only the environment may have an empty slot, its last: HOME is to come. */
static int good_vector(const struct plan *p, struct plan_list list, int spare)
{
    const uint64_t *v = plan_at(p, list.at);

    if (list.n < (uint32_t) spare || !good_list(p, list, (uint64_t) list.n + 1, sizeof(*v)))
        return 0;
    for (uint32_t i = 0; i < list.n - (uint32_t) spare; i++)
        if (!good_text(p, v[i]))
            return 0;
    return (!spare || v[list.n - 1] == 0) && v[list.n] == 0;
}

static int good_struct(const struct plan *p, uint64_t at, unsigned shape);

static int good_items(const struct plan *p, struct plan_list list, unsigned shape)
{
    if (!good_list(p, list, list.n, sizes[shape]))
        return 0;
    for (uint32_t i = 0; i < list.n; i++)
        if (!good_struct(p, list.at + (uint64_t) i * sizes[shape], shape))
            return 0;
    return 1;
}

static int good_slot(const struct plan *p, const void *value, const struct slot *s)
{
    plan_ref ref = *(const plan_ref *) value;

    switch (s->kind) {
    case TEXT:
        return good_text(p, ref);
    case MAYBE_TEXT:
        return ref == 0 || good_text(p, ref);
    case PLAIN_LIST:
        return good_list(p, *(const struct plan_list *) value, ((const struct plan_list *) value)->n, s->item);
    case LIST:
        return good_items(p, *(const struct plan_list *) value, s->item);
    case ARGV:
        return good_vector(p, *(const struct plan_list *) value, 0);
    default:
        return good_vector(p, *(const struct plan_list *) value, !!(p->flags & PLAN_HOME_UNSET));
    }
}

/* Lists nest only as deep as the table says. */
static int good_struct(const struct plan *p, uint64_t at, unsigned shape)
{
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
        if (slots[i].of == shape && !good_slot(p, (const char *) p + at + slots[i].at, &slots[i]))
            return 0;
    return 1;
}

static int good_mount(const struct plan_mount *m)
{
    switch (m->kind) {
    case PLAN_MOUNT_NEW:
        return m->fstype != 0;
    case PLAN_MOUNT_BIND:
        return m->source != 0;
    default:
        return m->kind == PLAN_MOUNT_REMOUNT;
    }
}

static int good_mounts(const struct plan *p)
{
    const struct plan_mount *m = PLAN_ITEMS(p, mounts, struct plan_mount);

    for (uint32_t i = 0; i < p->mounts.n; i++)
        if (!good_mount(&m[i]))
            return 0;
    return 1;
}

static int good_writes(const struct plan *p)
{
    const struct plan_write *w = PLAN_ITEMS(p, cgroup_writes, struct plan_write);

    for (uint32_t i = 0; i < p->cgroup_writes.n; i++)
        if (w[i].dir >= p->cgroup_dirs.n)
            return 0;
    return 1;
}

/* A file system has a group of the container's; paths below it start with "/". */
static int good_rdt(const struct plan *p)
{
    return !p->rdt.root || (p->rdt.group && plan_text(p, p->rdt.group)[0] == '/' &&
                            (!p->rdt.monitor || plan_text(p, p->rdt.monitor)[0] == '/'));
}

int plan_check(const struct plan *p, size_t size)
{
    if (size <= sizeof(*p) || p->magic != PLAN_MAGIC || p->version != PLAN_VERSION || p->size != size)
        return 0;
    if (((const char *) p)[size - 1] != '\0' || p->made_size < sizeof(*p) || p->made_size > size)
        return 0;
    return good_struct(p, 0, SHAPE_PLAN) && good_mounts(p) && good_writes(p) && good_rdt(p);
}
