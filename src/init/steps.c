/* steps.c - the list of steps, walked. */
#include "init/steps.h"
#include "init/image.h"
#include "init/report.h"

#define STEP_FUNCTION(name, text) [STEP_##name] = step_##name,
static int (*const step_functions[STEP_COUNT])(struct init *) = { INIT_STEPS(STEP_FUNCTION) STAGE_STEPS(STEP_FUNCTION) };

static uint64_t now(void)
{
    struct __kernel_timespec t = { 0 };

    sys_clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000000000 + (uint64_t) t.tv_nsec;
}

static void send_span(const struct init *in, uint32_t step, uint64_t from)
{
    struct message m = { .type = MESSAGE_SPAN, .step = step, .from = from, .to = now() };

    message_send(in, &m, -1);
}

__attribute__((noreturn)) static void give_up(struct init *in)
{
    if (in->executing)
        report_to_stderr(in);
    else
        message_send(in, &in->fault, -1);
    sys_exit(INIT_FAILED);
}

/* READY ends the conversation, so the steps from there on have no span. */
static void run_step(struct init *in, uint32_t step)
{
    bool traced = flagged(in, PLAN_TRACE) && step != STEP_ready && step != STEP_exec;
    uint64_t from = traced ? now() : 0;

    in->fault.step = step;
    in->fault.item = 0;
    in->fault.text[0] = '\0';
    if (step_functions[step](in))
        give_up(in);
    if (traced)
        send_span(in, step, from);
}

void steps_run(struct init *in)
{
    uint32_t step;

    for (step = STEP_join; init_needs_stage(in->plan) && step < STEP_COUNT; step++)
        run_step(in, step);
    for (step = 0; step <= STEP_exec; step++)
        run_step(in, step);
    sys_exit(INIT_FAILED);
}
