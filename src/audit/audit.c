#include "audit/audit.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "audit/look.h"
#include "base/deadline.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "launch/cgroup_file.h"

enum { SETTLE_SECONDS = 1 };

static int open_proc(struct op *op, int *ret)
{
    auto_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct statfs fs;

    if (proc < 0 || fstatfs(proc, &fs) < 0)
        return op_fail(op, errno, "opening /proc");
    if ((unsigned long) fs.f_type != PROC_SUPER_MAGIC)
        return op_fail(op, ENODEV, "/proc is no procfs");
    *ret = take_fd(&proc);
    return 0;
}

static void read_caller(struct look *l)
{
    auto_close int self = openat(l->proc, "thread-self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *label;

    look_read_namespaces(self, &l->caller);
    if (io_read_at(self, "attr/current", l->op->arena, 4096, &label, NULL) == 0)
        l->own_label = label;
}

/* The first process of the container, unless it has ended since its state was read. */
static int open_first(struct look *l)
{
    struct look_process p;
    unsigned long long start;
    char *text;
    int r;

    if (l->subject->pid == 0)
        return 0;
    if ((r = look_open(l, l->subject->pid, &p)) == 0 && (r = look_read(l, &p, "stat", &text)) < 0)
        look_close(&p);
    if (r == -ENOENT || r == -ESRCH)
        return 0;
    if (r < 0)
        return op_fail(l->op, -r, "reading /proc/%d", (int) l->subject->pid);
    if (proc_text_start(text, &start) < 0 || start != l->subject->start) {
        look_close(&p);
        return 0;
    }
    p.first = true;
    l->first = p;
    l->init = p.ns;
    return 0;
}

static int look(struct op *op, const struct audit_subject *s, struct audit_report *ret)
{
    auto_close int proc = -1;
    struct audit_report report = { .findings = arena_array(op->arena, AUDIT_FINDINGS_MAX, sizeof(*report.findings)) };
    struct look l = { .op = op, .plan = s->plan, .subject = s, .report = &report, .first = { .dir = -1 } };
    int r;

    if ((r = open_proc(op, &proc)) < 0)
        return r;
    l.proc = proc;
    read_caller(&l);
    if ((r = open_first(&l)) < 0)
        return r;
    look_at_cgroup_files(&l);
    look_at_devices(&l);
    look_at_freezer(&l);
    look_at_rdt(&l);
    if (l.first.dir >= 0) {
        look_at_namespaces(&l);
        look_at_id_maps(&l);
        look_at_mounts(&l);
    }
    look_at_processes(&l);
    look_close(&l.first);
    *ret = report;
    return 0;
}

/* ---- More than one look --------------------------------------------------------------------- */

static bool same_finding(const struct audit_finding *a, const struct audit_finding *b)
{
    return a->class == b->class && a->pid == b->pid && str_eq(a->pointer, b->pointer) && str_eq(a->where, b->where);
}

static bool was_there(const struct audit_report *r, const struct audit_finding *f)
{
    if (r->n_findings == AUDIT_FINDINGS_MAX)
        return true;
    for (size_t i = 0; i < r->n_findings; i++)
        if (same_finding(&r->findings[i], f))
            return true;
    return false;
}

/* Takes out of `r` the differences that are not in `before`. */
static void keep_lasting(struct audit_report *r, const struct audit_report *before)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n_findings; i++) {
        if (r->findings[i].class == AUDIT_DRIFT && !was_there(before, &r->findings[i]))
            r->n[AUDIT_DRIFT]--;
        else
            r->findings[n++] = r->findings[i];
    }
    r->n_findings = n;
}

/* Whether it is about a process that may be an exec on its way in: the init has the rights of the caller at first. */
static bool may_pass(const struct audit_finding *f, const struct audit_subject *s)
{
    return f->class == AUDIT_DRIFT && f->pid && f->pid != s->pid;
}

/* Until those processes have ended, or have had the time to become the user's program. Returns whether there are any. */
static bool await_others(const struct audit_report *r, const struct audit_subject *s)
{
    uint64_t deadline = deadline_in(SETTLE_SECONDS);
    bool found = false;

    for (size_t i = 0; i < r->n_findings; i++) {
        auto_close int pidfd = may_pass(&r->findings[i], s) ? (int) syscall(SYS_pidfd_open, r->findings[i].pid, 0) : -1;
        struct pollfd end = { .fd = pidfd, .events = POLLIN };

        if (pidfd >= 0)
            poll(&end, 1, deadline_left(deadline));
        found = found || may_pass(&r->findings[i], s);
    }
    return found;
}

static int look_again(struct op *op, const struct audit_subject *s, struct audit_report *r)
{
    struct audit_report before = *r;
    int err = look(op, s, r);

    if (err == 0)
        keep_lasting(r, &before);
    return err;
}

int audit_run(struct op *op, const struct audit_subject *s, struct audit_report *ret)
{
    struct audit_report report;
    int r = look(op, s, &report);

    if (r == 0 && (report.n[AUDIT_DRIFT] || report.n[AUDIT_UNCHECKED]))
        r = look_again(op, s, &report);
    if (r == 0 && await_others(&report, s))
        r = look_again(op, s, &report);
    if (r == 0)
        *ret = report;
    return r;
}
