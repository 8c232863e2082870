/* steps.c - the list of steps, walked. */
#include "init/steps.h"
#include "init/image.h"
#include "init/report.h"

#define STEP_FUNCTION(name, text) [STEP_##name] = step_##name,
static int (*const step_functions[STEP_COUNT])(struct init *) = { ALL_STEPS(STEP_FUNCTION) };

#define STEP_NUMBER(name, ...) STEP_##name,
static const uint8_t init_list[] = { INIT_STEPS(STEP_NUMBER) };
static const uint8_t stage_list[] = { STAGE_STEPS(STEP_NUMBER) };
static const uint8_t exec_list[] = { EXEC_STEPS(STEP_NUMBER) };
static const uint8_t exec_stage_list[] = { EXEC_STAGE_STEPS(STEP_NUMBER) };

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
    bool traced = flagged(in, PLAN_TRACE) && (step < STEP_ready || step > STEP_exec);
    uint64_t from = traced ? now() : 0;

    in->fault.step = step;
    in->fault.item = 0;
    in->fault.text[0] = '\0';
    if (step_functions[step](in))
        give_up(in);
    if (traced)
        send_span(in, step, from);
}

static void run_list(struct init *in, const uint8_t *steps, size_t n)
{
    for (size_t i = 0; i < n; i++)
        run_step(in, steps[i]);
}

void steps_run(struct init *in)
{
    if (flagged(in, PLAN_EXEC)) {
        run_list(in, exec_stage_list, sizeof exec_stage_list);
        run_list(in, exec_list, sizeof exec_list);
    } else {
        if (init_needs_stage(in->plan))
            run_list(in, stage_list, sizeof stage_list);
        run_list(in, init_list, sizeof init_list);
    }
    sys_exit(INIT_FAILED);
}
