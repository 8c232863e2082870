#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/trace.h"
#include "container/container.h"

int bundle_load(struct op *op, const char *bundle, char **ret_bundle, struct spec **ret)
{
    auto_close int dir = open(bundle ? bundle : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    trace_scope(op->trace, "config.json");
    char link[64], path[PATH_MAX];
    ssize_t n;
    int r;

    if (dir < 0)
        return op_fail(op, errno, "bundle %s", bundle ? bundle : "(working directory)");
    /* The kernel's own name for the directory: absolute, clean, without symlinks. */
    snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
    n = readlink(link, path, sizeof(path) - 1);
    if (n < 0)
        return op_fail(op, errno, "bundle %s: reading its path from %s (is /proc mounted?)", bundle ? bundle : ".", link);
    path[n] = '\0';
    if ((r = spec_load(op, dir, path, ret)) < 0)
        return r;
    *ret_bundle = arena_strdup(op->arena, path);
    return 0;
}

static const struct spec_namespace *user_namespace(const struct spec *spec)
{
    for (size_t i = 0; spec->linux_ && i < spec->linux_->namespaces.n; i++)
        if (spec->linux_->namespaces.v[i].type.v == CLONE_NEWUSER)
            return &spec->linux_->namespaces.v[i];
    return NULL;
}

/* An ordinary user may well ask what a start by root would do. */
static void take_roots_view(struct op *op, struct host *host)
{
    op_warn(op, "without a user namespace only root can start this: the plan is root's");
    host->uid = host->gid = 0;
    host->caps = ~0ULL >> (63 - host->last_cap);
}

int container_plan(struct op *op, const struct proa *p, const struct spec *spec, const struct plan_request *request,
                   bool roots_view, struct plan **ret)
{
    const struct spec_namespace *user = user_namespace(spec);
    struct host host;
    int r;

    {
        trace_scope(op->trace, "host facts");
        if ((r = host_read(op, &host)) < 0)
            return r;
        if (user && user->path && (r = host_read_user_namespace(op, user->path, &host)) < 0)
            return r;
        if (spec->linux_ && spec->linux_->seccomp)
            host_read_seccomp(&host);
        if (p->cgroup_manager == PROA_SYSTEMD && (r = host_read_systemd(op, &host)) < 0)
            return r;
        if (spec->linux_ && spec->linux_->intel_rdt)
            host_read_rdt(op->arena, p->resctrl, &host.rdt);
    }
    if (roots_view && host.uid != 0 && !user)
        take_roots_view(op, &host);
    trace_scope(op->trace, "plan");
    struct plan_request full = *request;
    full.systemd_cgroup = p->cgroup_manager == PROA_SYSTEMD;
    full.no_cgroups = p->cgroup_manager == PROA_CGROUP_DISABLED;
    full.rootless = p->rootless;
    return plan_make(op, spec, &host, &full, ret);
}
