#include <string.h>
#include "spec/decode.h"

static const char *pointer_at(struct op *op, const char *list, size_t i, const char *member)
{
    return arena_printf(op->arena, "%s/%zu%s", list, i, member);
}

static void check_args(struct op *op, const struct spec_process *p, const struct findings *found)
{
    if (p->args.n == 0 && spec_is_sound(found, "/process/args"))
        op_fault(op, "/process/args", "args must not be empty");
}

static void check_cwd(struct op *op, const struct spec_process *p, const struct findings *found)
{
    if (p->cwd == NULL && spec_is_sound(found, "/process/cwd"))
        op_fault(op, "/process/cwd", "Cwd property must not be empty");
    else if (p->cwd && p->cwd[0] != '/')
        op_fault(op, "/process/cwd", "Cwd must be an absolute path (found \"%.200s\")", p->cwd);
}

static void check_env(struct op *op, const struct spec_strings *env, const struct findings *found)
{
    if (!spec_is_sound(found, "/process/env"))
        return;
    for (size_t i = 0; i < env->n; i++) {
        if (env->v[i][0] == '=')
            op_fault(op, pointer_at(op, "/process/env", i, ""), "invalid environment variable: name cannot be empty");
        else if (strchr(env->v[i], '=') == NULL)
            op_fault(op, pointer_at(op, "/process/env", i, ""), "invalid environment variable: missing '='");
    }
}

static void check_rlimits(struct op *op, const struct spec_process *p)
{
    for (size_t i = 0; i < p->rlimits.n; i++) {
        const struct spec_rlimit *r = &p->rlimits.v[i];

        if (r->soft.set && r->hard.set && r->soft.v > r->hard.v)
            op_fault(op, pointer_at(op, "/process/rlimits", i, "/soft"), "must not exceed the hard limit");
    }
}

void spec_check_process(struct op *op, const struct spec_process *p, const struct findings *found)
{
    if (p == NULL) {
        if (spec_is_sound(found, "/process"))
            op_fault(op, "/process", "process property must not be empty");
        return;
    }
    check_args(op, p, found);
    check_cwd(op, p, found);
    check_env(op, &p->env, found);
    check_rlimits(op, p);
    spec_check_scheduling(op, p);
}

static void check_mounts(struct op *op, const struct spec *spec)
{
    for (size_t i = 0; i < spec->mounts.n; i++) {
        const char *destination = spec->mounts.v[i].destination;

        if (destination && str_eq(path_join(op->arena, "/", destination), "/"))
            op_fault(op, pointer_at(op, "/mounts", i, "/destination"), "must not be the root directory");
    }
}

static void check_devices(struct op *op, const struct spec_linux *linux_)
{
    for (size_t i = 0; i < linux_->devices.n; i++) {
        const struct spec_device *d = &linux_->devices.v[i];

        if (d->type.set && d->type.v == 'a')
            op_fault(op, pointer_at(op, "/linux/devices", i, "/type"), "must be b, c, u or p: it is one node");
        if (d->type.set && d->type.v != 'p' && !(d->major.set && d->minor.set))
            op_fault(op, pointer_at(op, "/linux/devices", i, ""), "major and minor are required");
    }
}

static void check_hook_list(struct op *op, const char *kind, struct spec_hook_list list)
{
    for (size_t i = 0; i < list.n; i++)
        if (list.v[i].path && list.v[i].path[0] != '/')
            op_fault(op, arena_printf(op->arena, "/hooks/%s/%zu/path", kind, i),
                     "hook path must be an absolute path (found \"%.200s\")", list.v[i].path);
}

static void check_hooks(struct op *op, const struct spec_hooks *hooks)
{
    check_hook_list(op, "prestart", hooks->prestart);
    check_hook_list(op, "createRuntime", hooks->create_runtime);
    check_hook_list(op, "createContainer", hooks->create_container);
    check_hook_list(op, "startContainer", hooks->start_container);
    check_hook_list(op, "poststart", hooks->poststart);
    check_hook_list(op, "poststop", hooks->poststop);
}

void spec_check(struct op *op, const struct spec *spec, const struct findings *found)
{
    spec_check_process(op, spec->process, found);
    if (spec->root == NULL && spec_is_sound(found, "/root"))
        op_fault(op, "/root", "root must be specified");
    check_mounts(op, spec);
    if (spec->hooks)
        check_hooks(op, spec->hooks);
    if (spec->linux_)
        check_devices(op, spec->linux_);
    if (spec->linux_ && spec->linux_->memory_policy && spec_is_sound(found, "/linux/memoryPolicy"))
        spec_check_memory_policy(op, spec->linux_->memory_policy);
    if (spec->linux_ && spec->linux_->resources)
        spec_check_resources(op, spec->linux_->resources, found);
    spec_check_namespaces(op, spec, found);
}
