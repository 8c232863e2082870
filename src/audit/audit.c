#include "audit/audit.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include "audit/look.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

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
    unsigned long long start;
    char *text;
    int r;

    if (l->subject->pid == 0)
        return 0;
    r = look_open(l, l->subject->pid, &l->first);
    if (r == -ENOENT)
        return 0;
    if (r == 0)
        r = look_read(l, &l->first, "stat", &text);
    if (r < 0)
        return op_fail(l->op, -r, "reading /proc/%d", (int) l->subject->pid);
    if (proc_text_start(text, &start) < 0 || start != l->subject->start) {
        look_close(&l->first);
        return 0;
    }
    l->first.first = true;
    l->init = l->first.ns;
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

/* ---- Two looks ------------------------------------------------------------------------------ */

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

int audit_run(struct op *op, const struct audit_subject *s, struct audit_report *ret)
{
    struct audit_report first, second;
    int r;

    if ((r = look(op, s, &first)) < 0)
        return r;
    if (first.n[AUDIT_DRIFT] == 0 && first.n[AUDIT_UNCHECKED] == 0) {
        *ret = first;
        return 0;
    }
    if ((r = look(op, s, &second)) < 0)
        return r;
    keep_lasting(&second, &first);
    *ret = second;
    return 0;
}
