/* systemd_limits.c - the files of a cgroup that systemd writes, too, from properties of the unit (systemd.resource-control(5)).
 *
 * It writes them anew whenever it looks at the unit again, after daemon-reload for example. */
#include <string.h>
#include "plan/systemd.h"

struct limit;

/* One write on its way to a property. */
struct line {
    struct unit *unit;
    const struct limit *limit;
    const char *value;
};

struct limit {
    const char *file, *property;
    /* Adds the property; returns NULL or what is wrong with the value. */
    const char *(*add)(const struct line *l);
    uint32_t since;
};

/* ---- Conversions ---------------------------------------------------------------------------- */

static const char *not_a_number(const struct line *l)
{
    return arena_printf(l->unit->op->arena, "\"%.40s\" is not a number", l->value);
}

static const char *add_number(const struct line *l)
{
    uint64_t n;

    if (str_number(l->value, &n) < 0)
        return not_a_number(l);
    unit_add_number(l->unit, l->limit->property, n)->since = l->limit->since;
    return NULL;
}

/* "max" of v2, -1 of v1. */
static const char *add_maximum(const struct line *l)
{
    if (!str_eq(l->value, "max") && !str_eq(l->value, "-1"))
        return add_number(l);
    unit_add_number(l->unit, l->limit->property, UINT64_MAX);
    return NULL;
}

/* 0 is systemd's word for an idle cgroup. One that is idle no more has the usual weight until its own is told. */
static const char *add_idle(const struct line *l)
{
    uint64_t idle;

    if (str_number(l->value, &idle) < 0)
        return not_a_number(l);
    unit_add_number(l->unit, l->limit->property, idle == 1 ? 0 : UINT64_MAX)->since = l->limit->since;
    return NULL;
}

/* "50000 100000" or "max 100000"; the period may be left out. */
static const char *add_cpu_max(const struct line *l)
{
    const char *blank = strchrnul(l->value, ' '), *period = *blank ? blank + 1 : "100000";
    const char *quota = arena_strndup(l->unit->op->arena, l->value, (size_t) (blank - l->value));
    bool limited = !str_eq(quota, "max");
    uint64_t q = 0, p;

    if ((limited && (str_number(quota, &q) < 0 || q > INT64_MAX)) || str_number(period, &p) < 0 || p == 0)
        return arena_printf(l->unit->op->arena, "\"%.80s\" is not a quota and a period", l->value);
    unit_add_number(l->unit, "CPUQuotaPeriodUSec", p)->since = 242;
    unit_add_number(l->unit, l->limit->property, systemd_quota_per_second(limited ? (int64_t) q : -1, p));
    return NULL;
}

/* "0-3,7" as bytes whose lowest bit is the lowest number. */
static const char *add_set(const struct line *l)
{
    struct spec_bits bits = { 0 };
    const char *fault = *l->value ? spec_parse_bits(l->unit->op->arena, l->value, SPEC_CPU_MAX, &bits) : NULL;
    size_t n = bits.n * sizeof(uint64_t);
    struct rows words;

    if (fault)
        return fault;
    while (n > 0 && (bits.v[(n - 1) / 8] >> ((n - 1) % 8 * 8) & 0xff) == 0)
        n--;
    rows_init(&words, l->unit->op->arena, sizeof(uint64_t));
    unit_word(&words, n);
    for (size_t i = 0; i < n; i++)
        unit_word(&words, bits.v[i / 8] >> (i % 8 * 8) & 0xff);
    unit_add(l->unit, l->limit->property, "ay", &words)->since = l->limit->since;
    return NULL;
}

static const char *add_oom_group(const struct line *l)
{
    if (!str_eq(l->value, "0") && !str_eq(l->value, "1"))
        return arena_printf(l->unit->op->arena, "\"%.40s\" is neither 0 nor 1", l->value);
    unit_add_text(l->unit, l->limit->property, *l->value == '1' ? "kill" : "continue")->since = l->limit->since;
    return NULL;
}

/* ---- Block devices -------------------------------------------------------------------------- */

/* [("/dev/block/8:0", 5)]. systemd adds the items of several such properties to one list. */
static void add_device(const struct line *l, const char *property, const char *device, uint64_t n)
{
    struct rows words;

    rows_init(&words, l->unit->op->arena, sizeof(uint64_t));
    unit_word(&words, 1);
    unit_word(&words, block_textf(l->unit->block, "/dev/block/%s", device));
    unit_word(&words, n);
    unit_add(l->unit, property, "a(st)", &words);
}

/* "8:0" at the value's beginning; *ret_rest is what follows after a blank. NULL: there is no device. */
static const char *take_device(const struct line *l, const char **ret_rest)
{
    size_t n = strspn(l->value, "0123456789"), m = l->value[n] == ':' ? strspn(l->value + n + 1, "0123456789") : 0;

    if (n == 0 || m == 0 || l->value[n + 1 + m] != ' ')
        return NULL;
    *ret_rest = l->value + n + m + 2;
    return arena_strndup(l->unit->op->arena, l->value, n + 1 + m);
}

/* "8:0 100" */
static const char *add_device_number(const struct line *l)
{
    const char *rest, *device = take_device(l, &rest);
    uint64_t n;

    if (!device || str_number(rest, &n) < 0)
        return arena_printf(l->unit->op->arena, "\"%.80s\" is not a device and a number", l->value);
    add_device(l, l->limit->property, device, n);
    return NULL;
}

/* "100", "default 100" or "8:0 100" */
static const char *add_io_weight(const struct line *l)
{
    const char *value = str_starts(l->value, "default ") ? l->value + strlen("default ") : l->value, *rest;
    struct line plain = { l->unit, l->limit, value };
    static const struct limit of_device = { .property = "IODeviceWeight" };

    if (take_device(l, &rest))
        return add_device_number(&(struct line) { l->unit, &of_device, l->value });
    return add_number(&plain);
}

/* "8:0 rbps=1000 wiops=max" */
static const char *add_io_max(const struct line *l)
{
    static const struct { const char *word, *property; } kinds[] = {
        { "rbps=", "IOReadBandwidthMax" }, { "wbps=", "IOWriteBandwidthMax" },
        { "riops=", "IOReadIOPSMax" }, { "wiops=", "IOWriteIOPSMax" },
    };
    const char *rest, *device = take_device(l, &rest);
    char *words = device ? arena_strdup(l->unit->op->arena, rest) : NULL, *word;

    while ((word = strsep(&words, " ")))
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            const char *value = str_starts(word, kinds[i].word) ? word + strlen(kinds[i].word) : NULL;
            uint64_t n = UINT64_MAX;

            if (value && (str_eq(value, "max") || str_number(value, &n) == 0))
                add_device(l, kinds[i].property, device, n);
        }
    return NULL;        /* what it does not understand is the kernel's to refuse */
}

/* ---- The table ------------------------------------------------------------------------------ */

static const struct limit limits[] = {
    /* v2 */
    { "cpu.idle", "CPUWeight", add_idle, 252 },
    { "cpu.max", "CPUQuotaPerSecUSec", add_cpu_max, 0 },
    { "cpu.weight", "CPUWeight", add_number, 0 },
    { "cpuset.cpus", "AllowedCPUs", add_set, 244 },
    { "cpuset.mems", "AllowedMemoryNodes", add_set, 244 },
    { "io.max", NULL, add_io_max, 0 },
    { "io.weight", "IOWeight", add_io_weight, 0 },
    { "memory.high", "MemoryHigh", add_maximum, 0 },
    { "memory.low", "MemoryLow", add_maximum, 0 },
    { "memory.max", "MemoryMax", add_maximum, 0 },
    { "memory.min", "MemoryMin", add_maximum, 0 },
    { "memory.oom.group", "OOMPolicy", add_oom_group, 253 },
    { "memory.swap.max", "MemorySwapMax", add_maximum, 0 },
    { "memory.zswap.max", "MemoryZSwapMax", add_maximum, 253 },
    { "pids.max", "TasksMax", add_maximum, 0 },
    /* v1 */
    { "blkio.throttle.read_bps_device", "BlockIOReadBandwidth", add_device_number, 0 },
    { "blkio.throttle.write_bps_device", "BlockIOWriteBandwidth", add_device_number, 0 },
    { "blkio.weight", "BlockIOWeight", add_number, 0 },
    { "blkio.weight_device", "BlockIODeviceWeight", add_device_number, 0 },
    { "cpu.shares", "CPUShares", add_number, 0 },
    { "memory.limit_in_bytes", "MemoryLimit", add_maximum, 0 },
};

static const struct limit *find(const char *file)
{
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        if (str_eq(limits[i].file, file))
            return &limits[i];
    return NULL;
}

/* Says of the properties from the `first` on what they are for. */
static void mark(struct unit *u, size_t first, plan_ref pointer)
{
    for (size_t i = first; i < u->properties.n; i++) {
        struct plan_unit_property *p = (struct plan_unit_property *) u->properties.items + i;

        p->flags |= PLAN_UNIT_LIMIT;
        p->pointer = pointer;
    }
}

static void add_one(struct unit *u, const struct plan_write *w)
{
    const char *base = u->block->base, *file = arena_strdup(u->op->arena, base + w->file);
    struct line l = { u, find(file), arena_strdup(u->op->arena, base + w->value) };     /* the block may move */
    size_t before = u->properties.n;
    const char *fault = l.limit ? l.limit->add(&l) : NULL;

    if (fault)
        op_fault(u->op, u->block->base + w->pointer, "unified resource \"%s\" value conversion error: %s", file, fault);
    mark(u, before, w->pointer);
}

/* v1 has quota and period in two files; systemd in one property, with another for the period. */
static void add_quota_v1(struct unit *u, const struct plan_write *writes, size_t n)
{
    const struct plan_write *quota = NULL, *period = NULL, *any;
    const char *base = u->block->base;
    struct line l = { .unit = u, .limit = find("cpu.max") };
    size_t before = u->properties.n;

    for (size_t i = 0; i < n; i++) {
        if (str_eq(base + writes[i].file, "cpu.cfs_quota_us"))
            quota = &writes[i];
        if (str_eq(base + writes[i].file, "cpu.cfs_period_us"))
            period = &writes[i];
    }
    if (!(any = quota ? quota : period))
        return;
    l.value = arena_printf(u->op->arena, "%s %s", quota && base[quota->value] != '-' ? base + quota->value : "max",
                           period ? base + period->value : "100000");
    add_cpu_max(&l);
    mark(u, before, any->pointer);
}

void systemd_add_limits(struct unit *u, const struct plan_write *writes, size_t n)
{
    for (size_t i = 0; i < n && !u->block->full; i++)
        add_one(u, &writes[i]);
    if (!u->block->full)
        add_quota_v1(u, writes, n);
}
