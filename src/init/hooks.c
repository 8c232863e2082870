/* hooks.c - the hooks that run inside: createContainer before pivot_root, startContainer before the user's program. */
#include "init/init.h"

/* The launcher runs its own hooks and configures the network meanwhile. */
static int meet_launcher(struct init *in)
{
    struct message m = { .type = MESSAGE_MOUNTED };

    return flagged(in, PLAN_MEET) ? message_ask(in, &m) : 0;
}

int step_hooks(struct init *in)
{
    return meet_launcher(in);
}

int step_start_hooks(struct init *in)
{
    in->fault.item = 0;
    return 0;
}
