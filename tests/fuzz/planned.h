/* planned.h - for targets that begin with a good plan. */
#pragma once
#include <stdlib.h>
#include <string.h>
#include "machines.h"
#include "plan/planner.h"

static inline void must(bool held)
{
    if (!held)
        abort();
}

/* The plan of that configuration on machine `m`. */
static inline struct plan *planned(struct arena *a, const char *config, const struct machine *m)
{
    struct plan *p = NULL;
    struct spec *spec;
    struct op op;

    op_init(&op, a);
    must(spec_parse(&op, "c", config, strlen(config), &spec) == 0);
    must(plan_make(&op, spec, &m->host, &m->request, &p) == 0);
    return p;
}
