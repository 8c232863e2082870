#include "init/protocol.h"
#include "plan/explain.h"

static void explain_steps(struct explain *e)
{
#define STEP_TEXT(name, text) text,
    static const char *const init[] = { INIT_STEPS(STEP_TEXT) };
    static const char *const stage[] = { STAGE_STEPS(STEP_TEXT) };

    explain_fields(e, "steps");
    if (init_needs_stage(e->plan))
        explain_phrases(e, "stage", stage, sizeof(stage) / sizeof(stage[0]));
    explain_phrases(e, "init", init, sizeof(init) / sizeof(init[0]));
}

void explain_walk(struct explain *e)
{
    explain_outside(e);
    explain_net(e);
    explain_files(e);
    explain_process(e);
    explain_hooks(e);
    explain_seccomp(e);
    explain_rows(e, "annotations");
    explain_pairs(e, e->plan->annotations, "key", "value");
    explain_steps(e);
    explain_fields(e, NULL);
}
