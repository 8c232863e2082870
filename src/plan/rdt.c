#include "plan/rdt.h"
#include <string.h>
#include "plan/make.h"

/* A lone "/" is the root group, which all processes begin in. */
static bool is_good_name(const char *name)
{
    return !str_eq(name, ".") && !str_eq(name, "..") && (str_eq(name, "/") || !strpbrk(name, "/\n"));
}

static bool is_given(const char *text)
{
    return text && *text;
}

static void check(struct make *m, const struct spec_intel_rdt *rdt)
{
    const struct host_rdt *host = &m->host->rdt;

    if (is_given(rdt->clos_id) && !is_good_name(rdt->clos_id))
        op_fault(m->op, "/linux/intelRdt/closID", "invalid intelRdt.ClosID \"%.255s\"", rdt->clos_id);
    if (!host->root) {
        op_fault(m->op, "/linux/intelRdt", "intelRdt is specified in config, but Intel RDT is not enabled "
                 "(is the resctrl file system mounted on /sys/fs/resctrl?)");
        return;
    }
    if (is_given(rdt->l3) && !host->l3)
        op_fault(m->op, "/linux/intelRdt/l3CacheSchema",
                 "intelRdt.l3CacheSchema is specified in config, but Intel RDT/CAT is not enabled");
    if (is_given(rdt->mb) && !host->mb)
        op_fault(m->op, "/linux/intelRdt/memBwSchema",
                 "intelRdt.memBwSchema is specified in config, but Intel RDT/MBA is not enabled");
    if (rdt->monitoring.v && !host->monitoring)
        op_fault(m->op, "/linux/intelRdt/enableMonitoring",
                 "intelRdt.enableMonitoring is specified in config, but Intel RDT monitoring is not enabled");
}

/* Without a closID the container has a group of its own, made if need be, with what the kernel gives a new one. */
void make_rdt(struct make *m)
{
    const struct spec_intel_rdt *rdt = m->linux_->intel_rdt;
    const char *name, *schemata;
    bool own;

    if (!rdt)
        return;
    check(m, rdt);
    own = !is_given(rdt->clos_id);
    name = own ? m->request->id : str_eq(rdt->clos_id, "/") ? "" : rdt->clos_id;
    schemata = rdt_schemata(m->op->arena, rdt->l3, rdt->mb, &rdt->schemata);
    m->plan.rdt = (struct plan_rdt) {
        .root = block_text(&m->block, m->host->rdt.root),
        .group = block_textf(&m->block, "/%s", name),
        .monitor = rdt->monitoring.v ? block_textf(&m->block, "%s%s/mon_groups/%s", *name ? "/" : "", name, m->request->id) : 0,
        .schemata = *schemata ? block_text(&m->block, schemata) : 0,
        .flags = own ? 0 : *schemata ? PLAN_RDT_SHARED : PLAN_RDT_SHARED | PLAN_RDT_FOUND,
    };
}
