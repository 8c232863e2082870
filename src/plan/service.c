#include "plan/service.h"
#include <string.h>

enum { VARIABLES_MAX = 4 };

static void add_mount(struct arena *a, struct spec *spec, const char *dir)
{
    static const char *options[] = { "bind", "nosuid", "noexec", "nodev", "ro" };
    struct spec_mount *mounts = arena_array(a, spec->mounts.n + 1, sizeof(*mounts));

    if (spec->mounts.n)
        memcpy(mounts, spec->mounts.v, spec->mounts.n * sizeof(*mounts));
    mounts[spec->mounts.n++] = (struct spec_mount) {
        .destination = "/run/notify", .source = dir, .type = "bind",
        .options = { true, options, sizeof(options) / sizeof(options[0]) },
    };
    spec->mounts.v = mounts;
}

/* The program is told that it is process 1, which is so in a pid namespace of its own. */
static size_t variables(struct arena *a, const struct plan_request *request, const char *ret[VARIABLES_MAX])
{
    size_t n = 0;

    if (request->notify_dir)
        ret[n++] = "NOTIFY_SOCKET=/run/notify/notify.sock";
    if (request->listen_fds) {
        ret[n++] = arena_printf(a, "LISTEN_FDS=%u", request->listen_fds);
        ret[n++] = "LISTEN_PID=1";
    }
    if (request->listen_fds && request->listen_fdnames)
        ret[n++] = arena_printf(a, "LISTEN_FDNAMES=%s", request->listen_fdnames);
    return n;
}

static void add_environment(struct arena *a, struct spec *spec, const struct plan_request *request)
{
    struct spec_process *process = arena_alloc(a, sizeof(*process));
    const char *added[VARIABLES_MAX], **env;
    size_t n = variables(a, request, added);

    *process = *spec->process;
    env = arena_array(a, process->env.n + n, sizeof(*env));
    if (process->env.n)
        memcpy(env, process->env.v, process->env.n * sizeof(*env));
    memcpy(env + process->env.n, added, n * sizeof(*env));
    process->env = (struct spec_strings) { true, env, process->env.n + n };
    spec->process = process;
}

const struct spec *service_spec(struct arena *a, const struct spec *spec, const struct plan_request *request)
{
    struct spec *copy;

    if (!request->notify_dir && !request->listen_fds)
        return spec;
    copy = arena_alloc(a, sizeof(*copy));
    *copy = *spec;
    if (request->notify_dir)
        add_mount(a, copy, request->notify_dir);
    add_environment(a, copy, request);
    return copy;
}
