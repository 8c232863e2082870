#include "launch/seccomp.h"
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/str.h"
#include "launch/hooks.h"
#include "launch/socket.h"
#include "plan/planner.h"

/* ContainerProcessState of the runtime-spec. An exec happens in a container that runs. */
static const char *process_state(struct arena *a, const struct launch *l)
{
    const struct plan *p = l->plan;
    const char *metadata = plan_text(p, p->seccomp_metadata);
    struct str s;

    str_init(&s, a);
    str_addf(&s, "{\"ociVersion\":\"%s\",\"fds\":[\"seccompFd\"],\"pid\":%d", SPEC_VERSION, (int) l->pid);
    if (metadata)
        str_add_member(&s, "metadata", metadata);
    str_addf(&s, ",\"state\":%s}", hooks_state(a, p, p->flags & PLAN_EXEC ? "running" : "creating", l->pid));
    return s.text;
}

int seccomp_forward(struct op *op, const struct launch *l, int number)
{
    auto_close int fd = (int) syscall(SYS_pidfd_getfd, l->pidfd, number, 0);

    if (fd < 0)
        return op_fail(op, errno, "seccomp filter: fetching the listener (pidfd_getfd)");
    return socket_hand_over(op, "failed to connect with seccomp agent specified in the seccomp profile:",
                            plan_word(l->plan, l->plan->seccomp_listener), fd, process_state(op->arena, l));
}
