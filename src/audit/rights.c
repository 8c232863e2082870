/* Rights and limits of one process: none may have more than the container. */
#include <errno.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include "audit/look.h"
#include "base/str.h"
#include "spec/words.h"

/* ---- Capabilities --------------------------------------------------------------------------- */

static const struct { const char *name, *pointer; } sets[PLAN_CAP_SETS] = {
    [PLAN_BOUNDING] = { "bounding", "/process/capabilities/bounding" },
    [PLAN_EFFECTIVE] = { "effective", "/process/capabilities/effective" },
    [PLAN_PERMITTED] = { "permitted", "/process/capabilities/permitted" },
    [PLAN_INHERITABLE] = { "inheritable", "/process/capabilities/inheritable" },
    [PLAN_AMBIENT] = { "ambient", "/process/capabilities/ambient" },
};

static const char *caps_text(struct look *l, uint64_t caps)
{
    struct str s;

    str_init(&s, l->op->arena);
    for (int i = 0; i < 64; i++) {
        const char *name = words_name(&words_capability, i);

        if (!(caps >> i & 1))
            continue;
        if (name)
            str_addf(&s, "%s%s", s.len ? " " : "", name);
        else
            str_addf(&s, "%s%d", s.len ? " " : "", i);
    }
    return s.text;
}

/* A program with file capabilities gets what the bounding set lets through, and one that runs as root all of it: the sets of
 * config.json together are what a process of the container can have. */
static void check_caps(struct look *l, const struct look_process *p)
{
    uint64_t most = 0;

    for (int i = 0; i < PLAN_CAP_SETS; i++)
        most |= l->plan->caps[i];
    for (int i = 0; i < PLAN_CAP_SETS; i++)
        if (!look_fact(l, !(p->status.caps[i] & ~most)))
            look_drift(l, .pointer = sets[i].pointer, .asked = "no more than the container has",
                       .found = arena_printf(l->op->arena, "%s in the %s set", caps_text(l, p->status.caps[i] & ~most), sets[i].name),
                       .where = look_file(l, p, "status"), .pid = p->pid);
}

/* In a user namespace of its own a process has all capabilities, and they are worth nothing outside of it. */
static bool has_own_user_namespace(const struct look *l, const struct look_process *p)
{
    size_t user = look_namespace_index(CLONE_NEWUSER);

    return l->first.dir >= 0 && p->ns.v[user] && p->ns.v[user] != l->init.v[user] && p->ns.v[user] != l->caller.v[user];
}

/* ---- seccomp, no_new_privs ------------------------------------------------------------------ */

static void check_seccomp(struct look *l, const struct look_process *p)
{
    bool filtered = p->status.seccomp == SECCOMP_MODE_FILTER && (p->status.filters > 0 || !p->status.has_filters);

    if (!look_fact(l, filtered || p->status.seccomp == SECCOMP_MODE_STRICT))
        look_drift(l, .pointer = "/linux/seccomp", .asked = "a filter", .found = "none", .where = look_file(l, p, "status"),
                   .pid = p->pid);
}

void look_at_rights(struct look *l, const struct look_process *p)
{
    if ((l->plan->flags & PLAN_CAPS) && !has_own_user_namespace(l, p))
        check_caps(l, p);
    if (l->plan->seccomp.n)
        check_seccomp(l, p);
    if ((l->plan->flags & PLAN_NO_NEW_PRIVS) && !look_fact(l, p->status.no_new_privs))
        look_drift(l, .pointer = "/process/noNewPrivileges", .asked = "true", .found = "false", .where = look_file(l, p, "status"),
                   .pid = p->pid);
}

/* ---- Labels --------------------------------------------------------------------------------- */

static void say_label(struct look *l, const struct look_process *p, enum audit_class class, struct audit_finding f)
{
    f.pid = p->pid;
    look_say(l, class, f);
}

/* Another profile, and another SELinux domain, are only to be had where the policy allows it. */
static void check_apparmor(struct look *l, const struct look_process *p, const char *file, const char *text)
{
    const char *profile = plan_text(l->plan, l->plan->apparmor);
    enum proc_label label = proc_text_apparmor(text, profile);

    if (!look_fact(l, label == PROC_LABEL_SAME))
        say_label(l, p, label == PROC_LABEL_UNCONFINED ? AUDIT_DRIFT : AUDIT_NOTE, (struct audit_finding) {
            .pointer = "/process/apparmorProfile", .asked = profile, .found = text, .where = look_file(l, p, file),
        });
}

static void check_selinux(struct look *l, const struct look_process *p, const char *text)
{
    const char *label = plan_text(l->plan, l->plan->selinux);

    if (!look_fact(l, str_eq(text, label)))
        say_label(l, p, str_eq(text, l->own_label) ? AUDIT_DRIFT : AUDIT_NOTE, (struct audit_finding) {
            .pointer = "/process/selinuxLabel", .asked = label, .found = text, .where = look_file(l, p, "attr/current"),
        });
}

static void strip_newline(char *text)
{
    text[strcspn(text, "\n")] = '\0';
}

/* A program has its label from execve on. Without a directory of its own (before Linux 5.8) AppArmor has the shared file. */
void look_at_labels(struct look *l, const struct look_process *p)
{
    const char *file = "attr/apparmor/current";
    char *text;
    int r = 0;

    if (l->subject->created && p->first)
        return;
    if (l->plan->apparmor && (r = look_read(l, p, file, &text)) == -ENOENT)
        r = look_read(l, p, file = "attr/current", &text);
    if (l->plan->apparmor && r == 0) {
        strip_newline(text);
        check_apparmor(l, p, file, text);
    } else if (l->plan->apparmor) {
        look_unchecked(l, "/process/apparmorProfile", look_file(l, p, file), r);
    }
    if (!l->plan->selinux)
        return;
    if ((r = look_read(l, p, "attr/current", &text)) < 0) {
        look_unchecked(l, "/process/selinuxLabel", look_file(l, p, "attr/current"), r);
        return;
    }
    strip_newline(text);
    check_selinux(l, p, text);
}

/* ---- Limits --------------------------------------------------------------------------------- */

static const char *limit_text(struct look *l, uint64_t limit)
{
    return limit == UINT64_MAX ? "unlimited" : arena_printf(l->op->arena, "%" PRIu64, limit);
}

/* A process may lower its limits. */
static void check_rlimits(struct look *l, const struct look_process *p)
{
    const struct plan_rlimit *limits = PLAN_ITEMS(l->plan, rlimits, struct plan_rlimit);
    uint64_t hard;
    char *text;
    int r = look_read(l, p, "limits", &text);

    if (r < 0) {
        look_unchecked(l, "/process/rlimits", look_file(l, p, "limits"), r);
        return;
    }
    for (uint32_t i = 0; i < l->plan->rlimits.n; i++)
        if (proc_text_limit(text, limits[i].resource, &hard) == 0 && !look_fact(l, hard <= limits[i].hard))
            look_drift(l, .pointer = arena_printf(l->op->arena, "/process/rlimits/%u/hard", limits[i].index),
                       .asked = limit_text(l, limits[i].hard), .found = limit_text(l, hard), .where = look_file(l, p, "limits"),
                       .pid = p->pid);
}

/* To raise its score is any process's right. */
static void check_oom_score(struct look *l, const struct look_process *p)
{
    static const char file[] = "oom_score_adj";
    const char *asked = arena_printf(l->op->arena, "%d", l->plan->oom_score_adj);
    char *text;
    int r = look_read(l, p, file, &text);
    long found;

    if (r < 0) {
        look_unchecked(l, "/process/oomScoreAdj", look_file(l, p, file), r);
        return;
    }
    strip_newline(text);
    found = strtol(text, NULL, 10);
    if (!look_fact(l, found >= l->plan->oom_score_adj))
        look_drift(l, .pointer = "/process/oomScoreAdj", .asked = asked, .found = text, .where = look_file(l, p, file), .pid = p->pid);
    else if (found > l->plan->oom_score_adj && p->first)
        look_note(l, .pointer = "/process/oomScoreAdj", .asked = asked, .found = text, .where = look_file(l, p, file), .pid = p->pid);
}

void look_at_limits(struct look *l, const struct look_process *p)
{
    if (l->plan->rlimits.n)
        check_rlimits(l, p);
    if (l->plan->flags & PLAN_OOM_SCORE)
        check_oom_score(l, p);
}
