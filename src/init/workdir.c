#include "init/workdir.h"
#include "init/paths.h"

/* The kernel marks a directory outside of the root with "(unreachable)" (CVE-2024-21626). */
static int check(struct init *in)
{
    char path[PATH_MAX];
    int r = sys_getcwd(path, sizeof path);

    if (r < 0 && r != -ERANGE)
        return init_fail(in, CALL_getcwd, r);
    if (r >= 0 && path[0] != '/')
        return init_fail_text(in, CALL_none, 0, "current working directory is outside of container mount namespace root"
                              " -- possible container breakout detected");
    return 0;
}

/* Only a start makes a directory that is missing. */
static int open_cwd(struct init *in)
{
    const char *cwd = plan_text(in->plan, in->plan->cwd);

    return flagged(in, PLAN_EXEC) ? path_open(in, cwd, O_PATH | O_DIRECTORY, 0) : path_open_or_make(in, cwd, PATH_DIRECTORY, 0);
}

int step_workdir(struct init *in)
{
    auto_close int fd = open_cwd(in);
    int r = fd < 0 ? fd : sys_fchdir(fd);

    in->cwd_late = r == -EACCES;
    if (in->cwd_late)
        return 0;
    return r < 0 ? init_fail(in, CALL_chdir, r) : check(in);
}

int workdir_retry(struct init *in)
{
    auto_close int fd = -1;
    int r;

    if (!in->cwd_late)
        return 0;
    fd = path_open(in, plan_text(in->plan, in->plan->cwd), O_PATH | O_DIRECTORY, 0);
    r = fd < 0 ? fd : sys_fchdir(fd);
    return r < 0 ? init_fail_text(in, CALL_chdir, r, "working directory") : check(in);
}
