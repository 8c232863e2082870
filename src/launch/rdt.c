#include "launch/rdt.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/stop_at.h"
#include "base/str.h"
#include "base/trace.h"
#include "launch/cgroup_file.h"
#include "plan/rdt.h"

/* Names of the notes: symbolic links whose text is the directory that was made. One system call makes such a note whole. */
static const char own_note[] = "rdt-group", shared_note[] = "rdt-shared-group", monitor_note[] = "rdt-monitor";

enum { TASKS_MAX = 64 << 20 };

/* The plan's groups and the file system that they are in. */
struct tree {
    const struct plan *plan;
    int root;
};

static int open_root(struct op *op, const struct plan *p, int *ret)
{
    int fd = open(plan_text(p, p->rdt.root), O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return op_fail(op, errno, "intelRdt: the resctrl file system %s", plan_text(p, p->rdt.root));
    *ret = fd;
    return 0;
}

/* What the kernel has to say about its last refusal. */
static const char *last_status(struct op *op, const struct tree *t)
{
    char *text;

    if (cgroup_file_read(t->root, "/info", "last_cmd_status", op->arena, &text) < 0 || !*text || str_eq(text, "ok"))
        return "";
    return arena_printf(op->arena, " (last_cmd_status: %s)", text);
}

static int fail(struct op *op, const struct tree *t, int err, const char *what, const char *group)
{
    return op_fail(op, err, "intelRdt: %s %s%s%s", what, plan_text(t->plan, t->plan->rdt.root), group, last_status(op, t));
}

static bool is_there(const struct tree *t, const char *group)
{
    auto_close int fd = cgroup_file_open(t->root, group, NULL, O_PATH | O_DIRECTORY);

    return fd >= 0;
}

/* ---- Making --------------------------------------------------------------------------------- */

/* -EEXIST, without an error set: it is there already. Removing a group throws everybody out of it: one that somebody else has
 * made must not be noted as ours, not even for a moment. */
static int make_group(struct op *op, const struct tree *t, const char *group, int state, const char *note)
{
    const char *root = plan_text(t->plan, t->plan->rdt.root);

    if (is_there(t, group))
        return -EEXIST;
    if (symlinkat(arena_printf(op->arena, "%s%s", root, group), state, note) < 0)
        return op_fail(op, errno, "intelRdt: noting that %s%s is about to be made", root, group);
    stop_at("rdt group noted");
    if (mkdirat(t->root, group + 1, 0755) < 0) {
        int err = errno;

        unlinkat(state, note, 0);
        return err == EEXIST ? -EEXIST : fail(op, t, err, "making the group", group);
    }
    stop_at("rdt group made");
    return 0;
}

/* The kernel rounds memory bandwidth up to multiples of this. */
static uint64_t bandwidth_step(struct op *op, const struct tree *t)
{
    char *text;

    return cgroup_file_read(t->root, "/info/MB", "bandwidth_gran", op->arena, &text) < 0 ? 0 : strtoull(text, NULL, 10);
}

static int compare(struct op *op, const struct tree *t, const char *group, const char *schemata)
{
    char *have;
    int r = cgroup_file_read(t->root, group, "schemata", op->arena, &have);

    if (r < 0)
        return fail(op, t, -r, "reading schemata of", group);
    if (rdt_schemata_hold(have, schemata, bandwidth_step(op, t)))
        return 0;
    return op_fail_code(op, OP_CONFIG, 0, "intelRdt: the group %s%s exists with other schemata: asked for is %s, it has %s",
                        plan_text(t->plan, t->plan->rdt.root), group, schemata, have);
}

static int give(struct op *op, const struct tree *t, const char *group, const char *schemata)
{
    int r = cgroup_file_write(t->root, group, "schemata", schemata);

    if (r < 0)
        return fail(op, t, -r, arena_printf(op->arena, "writing \"%s\" to schemata of", schemata), group);
    stop_at("rdt schemata written");
    return 0;
}

static int make_own(struct op *op, const struct tree *t, int state)
{
    const struct plan *p = t->plan;
    const char *group = plan_text(p, p->rdt.group), *schemata = plan_text(p, p->rdt.schemata);
    int r;

    if (p->rdt.flags & PLAN_RDT_FOUND)
        return is_there(t, group) ? 0 : fail(op, t, ENOENT, "without schemata the closID's group must be there before:", group);
    r = make_group(op, t, group, state, p->rdt.flags & PLAN_RDT_SHARED ? shared_note : own_note);
    if (r == -EEXIST)
        return schemata ? compare(op, t, group, schemata) : 0;
    return r < 0 || !schemata ? r : give(op, t, group, schemata);
}

int rdt_create(struct op *op, const struct plan *p, int state)
{
    struct tree t = { .plan = p };
    auto_close int root = -1;
    int r;

    if (!p->rdt.root)
        return 0;
    trace_scope(op->trace, "intel rdt");
    if ((r = open_root(op, p, &root)) < 0)
        return r;
    t.root = root;
    if ((r = make_own(op, &t, state)) < 0)
        return r;
    r = p->rdt.monitor ? make_group(op, &t, plan_text(p, p->rdt.monitor), state, monitor_note) : 0;
    return r == -EEXIST ? 0 : r;
}

/* ---- Later ---------------------------------------------------------------------------------- */

static int move(struct op *op, const struct tree *t, plan_ref group, const char *pid)
{
    int r = cgroup_file_write(t->root, plan_text(t->plan, group), "tasks", pid);

    if (r == 0 || (r == -ENOENT && (t->plan->flags & PLAN_EXEC)))
        return 0;
    return fail(op, t, -r, arena_printf(op->arena, "adding process %s to", pid), plan_text(t->plan, group));
}

/* The monitoring group takes only who is in the group above it already. */
int rdt_move(struct op *op, const struct plan *p, pid_t pid)
{
    struct tree t = { .plan = p };
    auto_close int root = -1;
    const char *text;
    int r;

    if (!p->rdt.root)
        return 0;
    if ((r = open_root(op, p, &root)) < 0)
        return r;
    t.root = root;
    text = arena_printf(op->arena, "%d", (int) pid);
    if ((r = move(op, &t, p->rdt.group, text)) < 0 || (p->rdt.monitor && (r = move(op, &t, p->rdt.monitor, text)) < 0))
        return r;
    stop_at("in its rdt group");
    return 0;
}

static bool has_tasks(struct op *op, const char *group)
{
    char *text;

    return io_read_at(AT_FDCWD, arena_printf(op->arena, "%s/tasks", group), op->arena, TASKS_MAX, &text, NULL) == 0 && *text;
}

static int remove_noted(struct op *op, int state, const char *note)
{
    char path[PATH_MAX];
    ssize_t n = readlinkat(state, note, path, sizeof(path) - 1);

    if (n < 0)
        return errno == ENOENT ? 0 : op_fail(op, errno, "intelRdt: reading what group was made");
    path[n] = '\0';
    if (note == shared_note && has_tasks(op, path))
        return 0;
    if (unlinkat(AT_FDCWD, path, AT_REMOVEDIR) < 0 && errno != ENOENT)
        return op_fail(op, errno, "intelRdt: removing the group %s", path);
    return unlinkat(state, note, 0) < 0 && errno != ENOENT ? op_fail(op, errno, "intelRdt: forgetting the group %s", path) : 0;
}

int rdt_remove(struct op *op, int state)
{
    int r;

    if ((r = remove_noted(op, state, monitor_note)) < 0 || (r = remove_noted(op, state, own_note)) < 0)
        return r;
    return remove_noted(op, state, shared_note);
}

/* ---- Update --------------------------------------------------------------------------------- */

static bool is_given(const char *schema)
{
    return schema && *schema;
}

int rdt_check_update(struct op *op, const struct plan *p, const struct host_rdt *host, const char *l3, const char *mb)
{
    if (is_given(l3) && !host->l3)
        return op_fail(op, 0, "Intel RDT/CAT: l3 cache schema is not enabled");
    if (is_given(mb) && !host->mb)
        return op_fail(op, 0, "Intel RDT/MBA: memory bandwidth schema is not enabled");
    if ((is_given(l3) || is_given(mb)) && !p->rdt.root)
        return op_fail(op, 0, "updating a non-existent Intel RDT configuration is not supported");
    return 0;
}

int rdt_update(struct op *op, const struct plan *p, const char *l3, const char *mb, char **ret_before)
{
    const char *lines = rdt_schemata(op->arena, l3, mb, NULL), *group = plan_text(p, p->rdt.group);
    struct tree t = { .plan = p };
    auto_close int root = -1;
    char *before = NULL;
    int r;

    if (*lines) {
        if ((r = open_root(op, p, &root)) < 0)
            return r;
        t.root = root;
        if ((r = cgroup_file_read(root, group, "schemata", op->arena, &before)) < 0)
            return fail(op, &t, -r, "reading schemata of", group);
        if ((r = give(op, &t, group, lines)) < 0)
            return r;
    }
    *ret_before = before;
    return 0;
}

int rdt_write(struct op *op, const struct plan *p, const char *schemata)
{
    struct tree t = { .plan = p };
    auto_close int root = -1;
    int r;

    if (!schemata)
        return 0;
    if ((r = open_root(op, p, &root)) < 0)
        return r;
    t.root = root;
    return give(op, &t, plan_text(p, p->rdt.group), arena_printf(op->arena, "%s\n", schemata));
}
