#include <linux/sched.h>
#include <string.h>
#include "plan/make.h"
#include "plan/set.h"

static bool joins(const struct make *m, uint64_t type)
{
    return make_has_namespace(m, type) && !(m->plan.new_ns & type);
}

static void make_sysctls(struct make *m)
{
    const struct spec_pairs *sysctls = &m->linux_->sysctl;
    struct rows rows;

    rows_init(&rows, m->op->arena, sizeof(struct plan_pair));
    for (size_t i = 0; i < sysctls->n; i++) {
        const char *path = spec_sysctl_name(m->op->arena, sysctls->v[i].key, '/');

        *(struct plan_pair *) rows_add(&rows) = (struct plan_pair) {
            block_text(&m->block, path), block_text(&m->block, sysctls->v[i].value),
        };
        if (str_starts(path, "net/") && joins(m, CLONE_NEWNET))
            m->plan.flags |= PLAN_NET_NOT_HOST;
    }
    m->plan.sysctls = block_rows(&m->block, &rows);
}

/* Each path once, absolute and clean, in the order of config.json. */
static struct plan_list make_paths(struct make *m, const struct spec_strings *paths)
{
    struct rows rows;
    struct set seen;

    rows_init(&rows, m->op->arena, sizeof(plan_ref));
    set_init(&seen, m->op->arena, paths->n);
    for (size_t i = 0; i < paths->n; i++) {
        const char *path = path_join(m->op->arena, "/", paths->v[i]);

        if (set_add(&seen, path, strlen(path)))
            *(plan_ref *) rows_add(&rows) = block_text(&m->block, path);
    }
    return block_rows(&m->block, &rows);
}

void make_kernel_view(struct make *m)
{
    m->plan.hostname = block_text(&m->block, m->spec->hostname);
    m->plan.domainname = block_text(&m->block, m->spec->domainname);
    make_sysctls(m);
    m->plan.masks = make_paths(m, &m->linux_->masked_paths);
    m->plan.readonly = make_paths(m, &m->linux_->readonly_paths);
}
