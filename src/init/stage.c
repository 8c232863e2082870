#include "init/stage.h"

/* The process goes on once there is a byte in `gate`: the launcher hears of it before it hears from it. */
__attribute__((noreturn)) static void announce(struct init *in, int pid, int gate)
{
    struct message m = { .type = MESSAGE_CHILD, .pid = pid };

    sys_exit(message_send(in, &m, -1) < 0 || sys_write(gate, "", 1) < 0);
}

int stage_end(struct init *in, uint64_t flags)
{
    struct clone_args args = { .flags = CLONE_PARENT | flags };
    int gate[2], pid, r = sys_pipe2(gate, O_CLOEXEC);
    char byte;

    if (r < 0)
        return init_fail_text(in, CALL_clone3, r, "pipe2");
    pid = sys_clone3(&args);
    if (pid < 0)
        return init_fail(in, CALL_clone3, pid);
    if (pid > 0)
        announce(in, pid, gate[1]);
    sys_close(gate[1]);
    r = (int) sys_read(gate[0], &byte, 1);
    sys_close(gate[0]);
    return r == 1 ? 0 : init_fail_text(in, CALL_peer, -EPIPE, "it ended before it had announced the process");
}
