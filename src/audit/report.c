/* What has been found, collected, and told to people and programs. */
#include <errno.h>
#include <string.h>
#include "audit/look.h"
#include "base/str.h"
#include "base/utf8.h"

static const char *const class_names[AUDIT_CLASSES] = {
    [AUDIT_DRIFT] = "drift", [AUDIT_NOTE] = "note", [AUDIT_UNCHECKED] = "unchecked",
};

/* ---- Collecting ----------------------------------------------------------------------------- */

void look_say(struct look *l, enum audit_class class, struct audit_finding f)
{
    struct audit_report *r = l->report;

    f.class = class;
    r->n[class]++;
    if (r->n_findings < AUDIT_FINDINGS_MAX)
        r->findings[r->n_findings++] = f;
}

void look_unchecked(struct look *l, const char *pointer, const char *where, int r)
{
    if (r == -ENOENT || r == -ESRCH)
        return;
    look_say(l, AUDIT_UNCHECKED, (struct audit_finding) {
        .pointer = pointer, .where = where, .found = arena_strdup(l->op->arena, strerror(-r)),
    });
}

bool look_fact(struct look *l, bool same)
{
    l->report->facts++;
    return same;
}

/* ---- Text ----------------------------------------------------------------------------------- */

static bool is_control(const char *c, size_t length)
{
    return (unsigned char) *c < 0x20 || *c == 0x7f || (length == 2 && memcmp(c, "\xc2\xa0", 2) < 0);
}

/* The container had a hand in some of it: nothing may reach a terminal but what prints. */
static void add_plain(struct str *s, const char *text)
{
    for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
        n = utf8_length(text, left);
        if (n == 0 || is_control(text, n))
            str_add(s, "?");
        else
            str_add_n(s, text, n);
        n += n == 0;
    }
}

static void add_part(struct str *s, const char *before, const char *text)
{
    if (!text)
        return;
    str_add(s, before);
    add_plain(s, text);
}

static void add_line(struct str *s, const struct audit_finding *f)
{
    str_addf(s, "%-9s  ", class_names[f->class]);
    add_plain(s, f->pointer);
    add_part(s, ": asked ", f->asked);
    add_part(s, f->asked ? ", found " : ": ", f->found);
    add_part(s, " (", f->where);
    str_add(s, f->where ? ")\n" : "\n");
}

static void add_count(struct str *s, size_t n, const char *one, const char *many)
{
    if (n > 0)
        str_addf(s, ", %zu %s", n, n == 1 ? one : many);
}

static void add_summary(struct str *s, const struct audit_subject *subject, const struct audit_report *r)
{
    if (r->n[AUDIT_DRIFT])
        str_addf(s, "%zu difference%s", r->n[AUDIT_DRIFT], r->n[AUDIT_DRIFT] == 1 ? "" : "s");
    else
        str_add(s, "no difference");
    add_count(s, r->n[AUDIT_NOTE], "note", "notes");
    add_count(s, r->n[AUDIT_UNCHECKED], "unchecked", "unchecked");
    str_addf(s, " (%s, %zu facts of %zu process%s and the cgroups compared)\n", subject->status, r->facts, r->processes,
             r->processes == 1 ? "" : "es");
}

char *audit_text(struct op *op, const struct audit_subject *subject, const struct audit_report *r)
{
    size_t all = r->n[AUDIT_DRIFT] + r->n[AUDIT_NOTE] + r->n[AUDIT_UNCHECKED];
    struct str s;

    str_init(&s, op->arena);
    for (size_t i = 0; i < r->n_findings; i++)
        add_line(&s, &r->findings[i]);
    if (all > r->n_findings)
        str_addf(&s, "and %zu more\n", all - r->n_findings);
    str_addf(&s, "%s: ", plan_text(subject->plan, subject->plan->id));
    add_summary(&s, subject, r);
    return s.text;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void add_optional(struct str *s, const char *name, const char *value)
{
    if (value)
        str_add_member(s, name, value);
}

static void add_finding(struct str *s, const struct audit_finding *f)
{
    str_add(s, "{");
    str_add_member(s, "class", class_names[f->class]);
    str_add_member(s, "pointer", f->pointer);
    add_optional(s, "asked", f->asked);
    add_optional(s, "found", f->found);
    add_optional(s, "where", f->where);
    if (f->pid)
        str_addf(s, ",\"pid\":%d", (int) f->pid);
    str_add(s, "}");
}

char *audit_json(struct op *op, const struct audit_subject *subject, const struct audit_report *r)
{
    struct str s;

    str_init(&s, op->arena);
    str_add(&s, "{");
    str_add_member(&s, "id", plan_text(subject->plan, subject->plan->id));
    str_add_member(&s, "status", subject->status);
    str_addf(&s, ",\"differences\":%zu,\"notes\":%zu,\"unchecked\":%zu,\"facts\":%zu,\"processes\":%zu,\"findings\":[",
             r->n[AUDIT_DRIFT], r->n[AUDIT_NOTE], r->n[AUDIT_UNCHECKED], r->facts, r->processes);
    for (size_t i = 0; i < r->n_findings; i++) {
        str_add(&s, i ? "," : "");
        add_finding(&s, &r->findings[i]);
    }
    str_add(&s, "]}\n");
    return s.text;
}
