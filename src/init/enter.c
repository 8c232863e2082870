/* enter.c - a further process of a running container: the stage enters its namespaces by the pidfd of its init, and the
 * process that the stage makes starts from the container's root directory.
 *
 * From the moment this is inside, programs of the container may look for it: it is not dumpable before it enters, so they
 * can neither trace it nor reach its memory and descriptors (CVE-2016-9962). */
#include "init/affinity.h"
#include "init/procfs.h"
#include "init/stage.h"

int step_attach(struct init *in)
{
    int r;

    if (affinity_set_initial(in))
        return -1;
    sys_prctl(PR_SET_DUMPABLE, 0, 0);
    r = in->plan->enter_ns ? sys_setns(in->plan->fds.target, in->plan->enter_ns) : 0;
    sys_prctl(PR_SET_DUMPABLE, 0, 0);           /* the new credentials may have set it, see fs.suid_dumpable */
    return r < 0 ? init_fail(in, CALL_setns, r) : 0;
}

/* A pid namespace holds for children only. ENOMEM: it takes nobody in any more, since its first process has ended. */
int step_exec_child(struct init *in)
{
    return stage_end(in, 0);
}

static int change_root(struct init *in)
{
    int r = sys_fchdir(in->plan->fds.root);

    if (r < 0)
        return init_fail(in, CALL_chdir, r);
    r = sys_chroot(".");
    return r < 0 ? init_fail(in, CALL_chroot, r) : 0;
}

/* With the mount namespace its root has become ours. */
int step_enter(struct init *in)
{
    sys_close(in->plan->fds.target);
    if (in->plan->fds.root >= 0 && change_root(in))
        return -1;
    in->root = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (in->root < 0)
        return init_fail(in, CALL_open, in->root);
    sys_umask(in->plan->umask);
    return flagged(in, PLAN_WAIT) ? procfs_open(in) : 0;        /* to open the fifo by */
}
