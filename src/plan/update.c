#include "plan/update.h"
#include <errno.h>
#include <string.h>
#include "base/str.h"
#include "plan/cgroup.h"
#include "plan/rdt.h"
#include "plan/systemd.h"

static const char resources_pointer[] = "/linux/resources/";

/* What there was before. Faults are those of the update's own text, not of this one. */
static int read_resources(struct op *op, const struct plan *saved, struct spec_resources **ret)
{
    const char *text = saved->resources ? plan_text(saved, saved->resources) : "{}";
    const struct op_source *source = op->source;
    int r = spec_parse_resources(op, "saved resources", text, strlen(text), ret);

    op->source = source;
    return r;
}

/* ---- Values that depend on each other ------------------------------------------------------- */

/* The limit and the limit with swap are written together, each checked against the other. */
static void complete_memory(struct spec_memory *m, const struct spec_memory *old)
{
    if (m->limit.v == 0)
        m->limit.set = false;
    if (m->limit.v == -1 && !m->swap.set)
        m->swap = (opt_int) { true, 0 };        /* which with that limit is none either */
    if (m->limit.set && !m->swap.set)
        m->swap = old->swap;
    if (m->swap.set && !m->limit.set)
        m->limit = old->limit;
}

static void complete_cpu(struct spec_cpu *cpu, const struct spec_cpu *old)
{
    if (cpu->idle.set && !cpu->shares.set)
        cpu->shares = (opt_uint) { true, 0 };   /* an idle cgroup has a weight of its own */
    if (cpu->period.v == 0)
        cpu->period = cpu->quota.v ? old->period : (opt_uint) { 0 };
    if (cpu->quota.v == 0)
        cpu->quota = cpu->period.v ? old->quota : (opt_int) { 0 };
}

/* The update with what it leaves to the old values, where it cannot be told without them. */
static struct spec_resources complete(struct arena *a, const struct spec_resources *given, const struct spec_resources *old)
{
    static const struct spec_memory no_memory = { 0 };
    static const struct spec_cpu no_cpu = { 0 };
    struct spec_resources whole = *given;

    whole.devices.n = 0;
    if (given->memory) {
        whole.memory = arena_alloc(a, sizeof(*whole.memory));
        *whole.memory = *given->memory;
        complete_memory(whole.memory, old->memory ? old->memory : &no_memory);
    }
    if (given->cpu) {
        whole.cpu = arena_alloc(a, sizeof(*whole.cpu));
        *whole.cpu = *given->cpu;
        complete_cpu(whole.cpu, old->cpu ? old->cpu : &no_cpu);
    }
    return whole;
}

static struct spec_resources merge(struct arena *a, struct spec_resources *old, const struct spec_resources *given)
{
    struct spec_resources merged = spec_resources_merge(a, old, given);

    /* Shares for a cgroup that is idle: the kernel is to say that it has none. */
    if (given->cpu && given->cpu->shares.v && !given->cpu->idle.set)
        merged.cpu->idle = (opt_int) { 0 };
    return merged;
}

/* The warning about them is for those who give them. */
static void drop_kernel_memory(struct spec_resources *r)
{
    if (r->memory)
        r->memory->kernel.set = r->memory->kernel_tcp.set = false;
}

/* ---- What is written ------------------------------------------------------------------------ */

static bool is_device_rule(const char *file)
{
    return str_starts(file, "devices.");
}

static void keep_devices(struct cgroup *c, const struct plan *saved)
{
    const struct plan_write *w = PLAN_ITEMS(saved, cgroup_writes, struct plan_write);

    for (uint32_t i = 0; i < saved->cgroup_writes.n; i++)
        if (is_device_rule(plan_text(saved, w[i].file)))
            *(struct plan_write *) rows_add(&c->writes) = w[i];
}

static bool was_there(const struct plan *saved, const struct plan *p, const struct plan_write *w)
{
    const struct plan_write *old = PLAN_ITEMS(saved, cgroup_writes, struct plan_write);

    for (uint32_t i = 0; i < saved->cgroup_writes.n; i++)
        if (old[i].dir == w->dir && str_eq(plan_text(saved, old[i].file), plan_text(p, w->file)) &&
            str_eq(plan_text(saved, old[i].value), plan_text(p, w->value)))
            return true;
    return false;
}

static bool is_given(const struct plan *p, const struct plan_write *w, const struct spec_resources *given)
{
    const char *pointer = plan_word(p, w->pointer);

    return str_starts(pointer, resources_pointer) && spec_resources_has(given, pointer + strlen(resources_pointer));
}

static bool *find_due(struct arena *a, const struct plan *saved, const struct plan *p, const struct spec_resources *given)
{
    const struct plan_write *w = PLAN_ITEMS(p, cgroup_writes, struct plan_write);
    uint32_t n = p->cgroup_writes.n;
    bool *due = arena_array(a, n + 1, sizeof(*due));

    for (uint32_t i = 0; i < n; i++)
        due[i] = !is_device_rule(plan_text(p, w[i].file)) && (is_given(p, &w[i], given) || !was_there(saved, p, &w[i]));
    /* A write and the one in its place go together. */
    for (uint32_t i = 0; i + 1 < n; i++)
        if (w[i].flags & PLAN_WRITE_ELSE_NEXT)
            due[i] = due[i + 1] = due[i] || due[i + 1];
    return due;
}

static void write_all(struct op *op, const struct plan *saved, const struct spec_resources *r, struct block *block,
                      struct plan *header)
{
    struct cgroup c = cgroup_of_plan(op, block, saved);
    size_t devices;

    keep_devices(&c, saved);
    devices = c.writes.n;
    cgroup_plan_resources(&c, saved->unit ? systemd_round_resources(op->arena, r) : r);
    if (c.writes.n > devices)
        header->flags |= PLAN_CGROUP_NEEDED;
    if (saved->unit)
        header->unit_properties = systemd_update_unit(op, block, saved, &c.writes);
    header->cgroup_writes = block_rows(block, &c.writes);
    header->resources = block_text(block, spec_resources_json(op->arena, r));
}

/* Written anew in any case: what an earlier update has said lies behind the plan as it was made, where all is dropped. */
static void update_rdt(struct op *op, const struct plan *saved, const struct plan_update_request *request, struct block *block,
                       struct plan *header)
{
    const char *lines = rdt_schemata(op->arena, request->l3, request->mb, NULL);
    const char *schemata = rdt_schemata_merge(op->arena, plan_word(saved, saved->rdt.schemata), lines);

    header->rdt.schemata = *schemata ? block_text(block, schemata) : 0;
}

int plan_update(struct op *op, const struct plan *saved, const struct plan_update_request *request, struct plan **ret,
                bool **ret_due)
{
    struct spec_resources *old, given, merged;
    struct plan header = *saved, *plan;
    unsigned before = op->faults;
    struct block block;
    int r;

    if ((r = read_resources(op, saved, &old)) < 0)
        return r;
    drop_kernel_memory(old);
    given = complete(op->arena, &request->resources, old);
    merged = merge(op->arena, old, &given);
    block_reopen(&block, op->arena, saved);
    write_all(op, saved, &merged, &block, &header);
    update_rdt(op, saved, request, &block, &header);
    if (op->faults > before)
        return -EINVAL;
    plan = block_finish(&block, &header);
    if (plan == NULL)
        return op_fail_code(op, OP_CONFIG, E2BIG, "the resources make a plan of more than %d MB", PLAN_SIZE_MAX >> 20);
    /* What a damaged plan takes for an earlier update's, and so for dropped, may be in use. */
    if (!plan_check(plan, plan->size))
        return op_fail(op, 0, "the saved plan of container %s is damaged", plan_text(saved, saved->id));
    *ret_due = find_due(op->arena, saved, plan, &given);
    *ret = plan;
    return 0;
}
