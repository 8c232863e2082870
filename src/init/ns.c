/* ns.c - the stage: a process that goes ahead when namespaces are to be joined, or clocks to be set.
 *
 * Joining a pid or time namespace holds for children only, so the stage makes the init as its sibling and
 * ends. All paths are opened before the first join: that may change what a path means. */
#include "init/init.h"
#include "init/mounts.h"
#include "init/stage.h"

enum { JOINS_MAX = 8 };                         /* there are no more types */

static int open_all(struct init *in, const struct plan_join *joins, int fds[JOINS_MAX])
{
    for (uint32_t i = 0; i < in->plan->joins.n; i++) {
        in->fault.item = i;
        fds[i] = sys_openat(AT_FDCWD, plan_text(in->plan, joins[i].path), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fds[i] < 0)
            return init_fail(in, CALL_open, fds[i]);
    }
    return 0;
}

/* Joins those of `types` that are not joined yet; a closed descriptor is one that is. A failure is only one
 * if `must`. */
static int join_all(struct init *in, const struct plan_join *joins, int fds[JOINS_MAX], uint64_t types, bool must)
{
    for (uint32_t i = 0; i < in->plan->joins.n; i++) {
        int r;

        if (fds[i] < 0 || !(joins[i].type & types))
            continue;
        in->fault.item = i;
        r = sys_setns(fds[i], joins[i].type);
        if (r < 0 && must)
            return init_fail_text(in, CALL_setns, r, r == -EINVAL ? "not a namespace of that type, or already in it" : "");
        if (r < 0)
            continue;
        sys_close(fds[i]);
        fds[i] = -1;
    }
    return 0;
}

static uint64_t types_of(const struct plan *p, const struct plan_join *joins)
{
    uint64_t types = 0;

    for (uint32_t i = 0; i < p->joins.n; i++)
        types |= joins[i].type;
    return types;
}

/* The launcher's rights may be needed for some namespaces and those of the user namespace for others: all but the
 * user namespace are tried first, the rest again from inside of it. */
static int join_with_user(struct init *in, const struct plan_join *joins, int fds[JOINS_MAX])
{
    join_all(in, joins, fds, ~(uint64_t) CLONE_NEWUSER, false);
    if (join_all(in, joins, fds, CLONE_NEWUSER, true))
        return -1;
    return join_all(in, joins, fds, ~(uint64_t) CLONE_NEWUSER, true);
}

/* The file that sets the clocks, opened as who the launcher is and in its view of /proc. "self" is a link; its text is
 * followed by hand. */
static int open_clocks(struct init *in)
{
    auto_close int proc = sys_openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char path[64];
    long n = proc < 0 ? proc : sys_readlinkat(proc, "self", path, 24);

    if (n < 0 || !is_proc_root(proc))
        return init_fail_text(in, CALL_open, n < 0 ? (int) n : -ENODEV, "/proc");
    path[n] = '\0';
    text_append(path, sizeof path, "/timens_offsets");
    in->clocks = sys_openat2(proc, path, O_WRONLY | O_CLOEXEC, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
    return in->clocks < 0 ? init_fail_text(in, CALL_openat2, in->clocks, "timens_offsets") : 0;
}

int step_join(struct init *in)
{
    const struct plan_join *joins = PLAN_ITEMS(in->plan, joins, struct plan_join);
    int fds[JOINS_MAX];

    if (in->plan->joins.n > JOINS_MAX)
        return init_fail(in, CALL_plan, -EINVAL);
    in->ordinary_user = sys_getuid() != 0;
    if (in->plan->time_offsets.n && open_clocks(in))
        return -1;
    sys_prctl(PR_SET_DUMPABLE, 0, 0);
    if (open_all(in, joins, fds))
        return -1;
    if (types_of(in->plan, joins) & CLONE_NEWUSER)
        return join_with_user(in, joins, fds);
    return join_all(in, joins, fds, ~(uint64_t) 0, true);
}

static void add_number(char *text, size_t size, uint64_t n)
{
    char number[24];

    text_append(text, size, text_number(number, n, 10));
}

/* "monotonic -3600 0\nboottime 0 5\n" */
static void clocks_text(const struct plan *p, char *text, size_t size)
{
    const struct plan_time_offset *offsets = PLAN_ITEMS(p, time_offsets, struct plan_time_offset);

    text[0] = '\0';
    for (uint32_t i = 0; i < p->time_offsets.n; i++) {
        int64_t secs = offsets[i].secs;

        add_number(text, size, offsets[i].clock);
        text_append(text, size, secs < 0 ? " -" : " ");
        add_number(text, size, secs < 0 ? -(uint64_t) secs : (uint64_t) secs);
        text_append(text, size, " ");
        add_number(text, size, offsets[i].nanosecs);
        text_append(text, size, "\n");
    }
}

/* A new user namespace comes first or with it: it owns the time namespace, and gives the right to make one. Its ids
 * are mapped later, by way of the init. */
int step_offsets(struct init *in)
{
    uint64_t flags = in->plan->new_ns & (CLONE_NEWTIME | CLONE_NEWUSER);
    char text[256];
    int r;

    if (!(flags & CLONE_NEWTIME))
        return 0;
    if ((r = sys_unshare(flags)) < 0)
        return init_fail(in, CALL_unshare, r);
    if (in->plan->time_offsets.n == 0)
        return 0;
    clocks_text(in->plan, text, sizeof text);
    r = (int) sys_write(in->clocks, text, text_length(text));
    sys_close(in->clocks);
    return r < 0 ? init_fail_text(in, CALL_write, r, "timens_offsets") : 0;
}

/* What is left to make, but for what the init makes itself. */
static uint64_t child_flags(const struct plan *p)
{
    uint64_t made = p->new_ns & CLONE_NEWTIME ? CLONE_NEWTIME | CLONE_NEWUSER : 0;

    return p->new_ns & ~made & ~(uint64_t) INIT_NAMESPACES;
}

/* The child's dumpability is ours. Root can write the id maps of a process that is not dumpable; see step_identity. */
int step_child(struct init *in)
{
    if ((in->plan->new_ns & CLONE_NEWUSER) && in->ordinary_user)
        sys_prctl(PR_SET_DUMPABLE, 1, 0);
    return stage_end(in, child_flags(in->plan));
}
