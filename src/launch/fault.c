#include "launch/fault.h"
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define STEP_TEXT(name, text) [STEP_##name] = text,
static const char *const step_texts[STEP_COUNT] = { ALL_STEPS(STEP_TEXT) };

#define CALL_TEXT(name, text) [CALL_##name] = text,
static const char *const call_texts[CALL_COUNT] = { INIT_CALLS(CALL_TEXT) };

const char *fault_step_name(unsigned step)
{
    return step < STEP_COUNT ? step_texts[step] : "unknown step";
}

static const char *list_ref(const struct plan *p, struct plan_list list, uint32_t i)
{
    const plan_ref *refs = plan_at(p, list.at);

    return i < list.n ? plan_text(p, refs[i]) : NULL;
}

static char *mount_name(struct op *op, const struct plan *p, const struct message *m)
{
    const struct plan_mount *mount = PLAN_ITEMS(p, mounts, struct plan_mount) + m->item;
    const char *source;

    if (m->item >= p->mounts.n)
        return NULL;
    source = plan_text(p, mount->source);
    if (source && mount->kind == PLAN_MOUNT_BIND && m->call == CALL_open_tree)
        return arena_printf(op->arena, "mounts[%u] %s: source %s", mount->index, plan_text(p, mount->target), source);
    return arena_printf(op->arena, "mounts[%u] %s", mount->index, plan_text(p, mount->target));
}

static char *node_name(struct op *op, const struct plan *p, uint32_t i)
{
    const struct plan_node *node = PLAN_ITEMS(p, nodes, struct plan_node) + i;

    if (i >= p->nodes.n)
        return NULL;
    if (node->index == UINT32_MAX)
        return arena_printf(op->arena, "device %s", plan_text(p, node->path));
    return arena_printf(op->arena, "linux.devices[%u] %s", node->index, plan_text(p, node->path));
}

/* The thing that the failed step was busy with, as config.json calls it; NULL when the step's name is all there is. */
static const char *item_name(struct op *op, const struct plan *p, const struct message *m)
{
    struct arena *a = op->arena;
    const char *text;

    switch ((enum init_step) m->step) {
    case STEP_mounts:
        return mount_name(op, p, m);
    case STEP_nodes:
        return node_name(op, p, m->item);
    case STEP_links:
        return m->item < p->links.n ? plan_text(p, PLAN_ITEMS(p, links, struct plan_link)[m->item].path) : NULL;
    case STEP_sysctls:
        return m->item < p->sysctls.n
            ? arena_printf(a, "sysctl %s", plan_text(p, PLAN_ITEMS(p, sysctls, struct plan_pair)[m->item].key)) : NULL;
    case STEP_masks:
        return (text = list_ref(p, p->masks, m->item)) ? arena_printf(a, "maskedPaths %s", text) : NULL;
    case STEP_readonly:
        return (text = list_ref(p, p->readonly, m->item)) ? arena_printf(a, "readonlyPaths %s", text) : NULL;
    case STEP_rlimits:
        return m->item < p->rlimits.n
            ? arena_printf(a, "process.rlimits[%u]", PLAN_ITEMS(p, rlimits, struct plan_rlimit)[m->item].index) : NULL;
    case STEP_join:
        return m->item < p->joins.n
            ? arena_printf(a, "namespace %s", plan_text(p, PLAN_ITEMS(p, joins, struct plan_join)[m->item].path)) : NULL;
    case STEP_rootfs:
        return arena_printf(a, "rootfs %s", plan_text(p, p->rootfs));
    case STEP_workdir:
        return arena_printf(a, "cwd %s", plan_text(p, p->cwd));
    case STEP_session:
        return m->call == CALL_write ? arena_printf(a, "process.selinuxLabel %s", plan_word(p, p->selinux)) : NULL;
    case STEP_label:
        return m->item == 0 ? arena_printf(a, "process.apparmorProfile %s", plan_word(p, p->apparmor))
            : arena_printf(a, "process.selinuxLabel %s", plan_word(p, p->selinux));
    default:
        return NULL;
    }
}

/* A policy that reserves CPU time wants a process that may run everywhere (sched_setattr(2)). */
static bool is_cpuset_conflict(const struct plan *p, const struct message *m)
{
    const struct plan_write *w = PLAN_ITEMS(p, cgroup_writes, struct plan_write);

    if (m->step != STEP_priority || m->call != CALL_sched_setattr || m->err != EPERM)
        return false;
    for (uint32_t i = 0; i < p->cgroup_writes.n; i++)
        if (strcmp(plan_word(p, w[i].file), "cpuset.cpus") == 0)
            return true;
    return false;
}

/* Go's words for an errno have no capital. */
static const char *go_words(struct op *op, int err)
{
    char *words = arena_strdup(op->arena, op_errno_words(op, err));

    *words = (char) tolower((unsigned char) *words);
    return words;
}

/* The texts that engines map to exit codes 126 and 127, in the words of Go's os/exec. */
static int program_fault(struct op *op, const struct plan *p, const struct message *m)
{
    const uint64_t *argv = plan_at(p, p->argv.at);
    const char *name = plan_text(p, (plan_ref) argv[0]);

    if (m->call == CALL_lookup && m->err == ENOENT && !strchr(name, '/'))
        return op_fail_code(op, OP_EXEC, 0, "exec: \"%s\": executable file not found in $PATH", name);
    /* What execve(2) says of a directory comes last: docker until 20.10 and podman know only that as exit code 126. */
    if (m->err == EISDIR)
        return op_fail_code(op, OP_EXEC, 0, "exec: \"%s\": is a directory: permission denied", name);
    if (m->err == EACCES)
        return op_fail_code(op, OP_EXEC, 0, "exec: \"%s\": permission denied%s%s", name, m->text[0] ? " " : "", m->text);
    if (m->err == ENOENT)
        return op_fail_code(op, OP_EXEC, 0, "exec: \"%s\": stat %s: no such file or directory%s%s", name, name,
                            m->text[0] ? " " : "", m->text);
    if (m->step == STEP_lookup)
        return op_fail_code(op, OP_EXEC, 0, "exec: \"%s\": stat %s: %s", name, name, go_words(op, m->err));
    return op_fail_code(op, OP_EXEC, 0, "exec: \"%s\"%s%s: %s", name, m->text[0] ? ": " : "", m->text, go_words(op, m->err));
}

static int hook_fault(struct op *op, const struct message *m)
{
    enum plan_hook_kind kind = m->step == STEP_hooks ? PLAN_CREATE_CONTAINER : PLAN_START_CONTAINER;

    return op_fail_code(op, OP_INIT, m->err, "error running %s hook #%u: %s", plan_hook_names[kind], m->item, m->text);
}

int fault_report(struct op *op, const struct plan *p, const struct message *m)
{
    const char *call = m->call < CALL_COUNT ? call_texts[m->call] : "";
    const char *item;

    if (m->step == STEP_lookup || (m->step == STEP_exec && m->call == CALL_execve)) {
        program_fault(op, p, m);
        return -(m->err ? m->err : EINVAL);
    }
    if (m->step == STEP_rootfs && m->call == CALL_openat2 && m->err == ELOOP)
        return op_fail_code(op, OP_CONFIG, 0, "invalid rootfs: not an absolute path, or a symlink: %s", plan_text(p, p->rootfs));
    if (is_cpuset_conflict(p, m))
        return op_fail_code(op, OP_INIT, EPERM, "process scheduler can't be used together with AllowedCPUs");
    if (m->call == CALL_hook)
        return hook_fault(op, m);
    if ((m->step == STEP_attach && m->err == ESRCH) || (m->step == STEP_exec_child && m->err == ENOMEM))
        return op_fail_code(op, OP_STATE, 0, "cannot exec in a stopped container");
    item = item_name(op, p, m);
    if (!item)
        item = fault_step_name(m->step);
    if (m->text[0] && !m->err)
        return op_fail_code(op, OP_INIT, 0, "%s: %s", item, m->text);
    if (m->text[0])
        return op_fail_code(op, OP_INIT, m->err, "%s: %s%s%s", item, call, *call ? ": " : "", m->text);
    return op_fail_code(op, OP_INIT, m->err, "%s%s%s", item, *call ? ": " : "", call);
}

int fault_died(struct op *op, const struct plan *p, int code, int status)
{
    const char *who = p->flags & PLAN_EXEC ? "the process" : "the container's init";

    if (code == CLD_EXITED)
        return op_fail_code(op, OP_INIT, 0, "%s exited with status %d before it was ready", who, status);
    if (status == SIGKILL)
        return op_fail_code(op, OP_INIT, 0, "%s was killed before it was ready (signal 9: is "
                            "linux.resources.memory.limit too small, or did somebody delete the container?)", who);
    return op_fail_code(op, OP_INIT, 0, "%s was ended by signal %d (%s) before it was ready", who, status,
                        sigabbrev_np(status) ? sigabbrev_np(status) : "?");
}
