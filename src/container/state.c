#include "container/state.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/date.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "container/process.h"
#include "container/version.h"

enum { STATE_MAX = 64 << 20, INIT_TEXT = 64 };

static const char *const status_names[] = {
    [PROA_CREATING] = "creating", [PROA_CREATED] = "created", [PROA_RUNNING] = "running",
    [PROA_PAUSED] = "paused", [PROA_STOPPED] = "stopped",
};

const char *proa_status_name(enum proa_status status)
{
    return (unsigned) status < sizeof(status_names) / sizeof(*status_names) ? status_names[status] : "unknown";
}

/* RFC 3339 with nanoseconds, without the zeros at their end, in UTC: as Go prints a time. */
static char *now_text(struct arena *a)
{
    struct timespec now;
    struct date date;
    int second;
    char fraction[16];
    size_t n;

    clock_gettime(CLOCK_REALTIME, &now);
    date = date_of_day(now.tv_sec / 86400);
    second = (int) (now.tv_sec % 86400);
    n = snprintf(fraction, sizeof(fraction), ".%09ld", now.tv_nsec);
    while (n > 0 && (fraction[n - 1] == '0' || fraction[n - 1] == '.'))
        fraction[--n] = '\0';
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", date.year, date.month, date.day, second / 3600,
                        second / 60 % 60, second % 60, fraction);
}

static void add_annotations(struct str *s, const struct plan *p)
{
    const struct plan_pair *pairs = PLAN_ITEMS(p, annotations, struct plan_pair);

    str_add(s, ",\"annotations\":{");
    for (uint32_t i = 0; i < p->annotations.n; i++)
        str_add_member(s, plan_text(p, pairs[i].key), plan_text(p, pairs[i].value));
    str_add(s, "}");
}

static void add_cgroups(struct op *op, struct str *s, const struct plan *p)
{
    struct cgroup_path *paths;
    size_t n = cgroup_paths_of_plan(op, p, &paths);

    str_add(s, ",\"cgroups\":[");
    for (size_t i = 0; i < n; i++) {
        str_add(s, i ? ",{" : "{");
        str_add_member(s, "path", paths[i].dir);
        str_addf(s, ",\"flags\":%u}", paths[i].flags);
    }
    str_add(s, "]");
}

/* The caller's, which the container gets unless it has a terminal. A checkpoint has to name what is of no file system. */
static void add_stdio(struct str *s)
{
    char path[32], text[PATH_MAX];

    str_add(s, ",\"stdio\":[");
    for (int fd = 0; fd < 3; fd++) {
        ssize_t n;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        n = readlink(path, text, sizeof(text) - 1);
        text[n < 0 ? 0 : n] = '\0';
        str_add(s, fd ? "," : "");
        str_add_json(s, text);
    }
    str_add(s, "]");
}

int state_save(struct op *op, int dir, const struct plan *p)
{
    struct str s;
    int r;

    str_init(&s, op->arena);
    str_add(&s, "{");
    str_add_member(&s, "ociVersion", PROA_SPEC_VERSION);
    str_add_member(&s, "id", plan_text(p, p->id));
    str_add_member(&s, "bundle", plan_text(p, p->bundle));
    str_add_member(&s, "rootfs", plan_text(p, p->rootfs));
    str_add_member(&s, "created", now_text(op->arena));
    str_addf(&s, ",\"private_pids\":%s", p->new_ns & CLONE_NEWPID ? "true" : "false");
    if (p->hooks[PLAN_POSTSTART].n || p->hooks[PLAN_POSTSTOP].n)
        str_add(&s, ",\"hooks\":true");
    if (p->unit) {
        str_add_member(&s, "unit", plan_text(p, p->unit));
        str_addf(&s, ",\"user_manager\":%s", p->flags & PLAN_USER_MANAGER ? "true" : "false");
    }
    if (p->rdt.root)
        str_add(&s, ",\"rdt\":true");
    add_annotations(&s, p);
    add_cgroups(op, &s, p);
    if (!(p->flags & PLAN_TERMINAL))
        add_stdio(&s);
    str_add(&s, "}");
    if ((r = io_write_atomic(dir, "state.json", s.text, s.len, 0600)) < 0)
        return op_fail(op, -r, "saving state.json of container %s", plan_text(p, p->id));
    return 0;
}

static int init_text(struct op *op, pid_t pid, bool restoring, char ret[INIT_TEXT])
{
    unsigned long long start;
    bool alive;

    /* The process is our child and not reaped: if it has died already its entry is still there. */
    if (process_read(pid, &start, &alive) < 0)
        return op_fail(op, ESRCH, "reading the start time of process %d", (int) pid);
    snprintf(ret, INIT_TEXT, "%d %llu%s", (int) pid, start, restoring ? " restoring" : "");
    return 0;
}

int state_save_init(struct op *op, int dir, pid_t pid)
{
    char text[INIT_TEXT];
    int r = init_text(op, pid, false, text);

    if (r < 0)
        return r;
    if (symlinkat(text, dir, "init") < 0)
        return op_fail(op, errno, "saving the container's process id");
    return 0;
}

int state_replace_init(struct op *op, int dir, pid_t pid, bool restoring)
{
    char text[INIT_TEXT];
    int r = init_text(op, pid, restoring, text);

    if (r < 0)
        return r;
    if (symlinkat(text, dir, "init.new") < 0 || renameat(dir, "init.new", dir, "init") < 0)
        return op_fail(op, errno, "saving the container's process id");
    return 0;
}

/* What cannot be read is no reason to forget a process that may be there. */
static int load_init(struct op *op, int dir, struct proa_state *s)
{
    char text[INIT_TEXT], word[16];
    ssize_t n = readlinkat(dir, "init", text, sizeof(text) - 1);
    int read;

    if (n < 0 && errno == ENOENT)
        return 0;
    if (n < 0)
        return op_fail(op, errno, "reading the process id of container %s", s->id);
    text[n] = '\0';
    read = sscanf(text, "%d %llu %15s", &s->pid, &s->start, word);
    if (read < 2 || s->pid <= 0)
        return op_fail(op, 0, "state of container %s is damaged: its link \"init\" is not \"PID START\"", s->id);
    s->entered = true;
    s->restoring = read == 3;
    return 0;
}

static const char *text_of(struct op *op, const struct json *object, const char *name)
{
    const struct json *j = json_get(object, name);

    return json_kind(j) == JSON_STRING ? arena_strdup(op->arena, json_string(j)) : NULL;
}

static void decode_annotations(struct op *op, const struct json *j, struct proa_state *s)
{
    struct json_members m = json_members(j);
    struct plan_pair_text *pairs = arena_array(op->arena, json_count(j), sizeof(*pairs));
    size_t n = 0;

    while (json_next(&m))
        pairs[n++] = (struct plan_pair_text) {
            .key = arena_strdup(op->arena, m.name),
            .value = json_kind(m.value) == JSON_STRING ? arena_strdup(op->arena, json_string(m.value)) : "",
        };
    s->annotations = pairs;
    s->n_annotations = n;
}

/* They are what a delete removes: what is no path of a directory must not be taken for one, nor for none. */
static bool decode_cgroups(struct op *op, const struct json *j, struct proa_state *s)
{
    size_t n = json_count(j);
    struct cgroup_path *paths = arena_array(op->arena, n, sizeof(*paths));

    if (json_kind(j) != JSON_ARRAY)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *item = json_item(j, i);
        const char *dir = text_of(op, item, "path");
        int64_t flags = 0;

        json_int64(json_get(item, "flags"), &flags);
        if (!dir || dir[0] != '/')
            return false;
        paths[s->n_cgroups++] = (struct cgroup_path) { .dir = dir, .flags = (unsigned) flags };
    }
    s->cgroups = paths;
    return true;
}

/* Not there, or "": of no interest. */
static void decode_stdio(struct op *op, const struct json *j, struct proa_state *s)
{
    size_t n = json_kind(j) == JSON_ARRAY ? json_count(j) : 0;

    for (size_t i = 0; i < 3; i++) {
        const char *text = i < n ? json_string(json_item(j, i)) : NULL;

        s->stdio[i] = arena_strdup(op->arena, text ? text : "");
    }
}

static int fail_damaged(struct op *op, const char *id)
{
    return op_fail(op, 0, "state.json of container %s is damaged", id);
}

static int decode(struct op *op, const struct json *j, const char *id, struct proa_state *s)
{
    s->id = id;
    s->version = text_of(op, j, "ociVersion");
    s->bundle = text_of(op, j, "bundle");
    s->rootfs = text_of(op, j, "rootfs");
    s->created = text_of(op, j, "created");
    if (!s->version || !s->bundle || !s->rootfs || !s->created)
        return fail_damaged(op, id);
    s->unit = text_of(op, j, "unit");
    s->user_manager = json_is_true(json_get(j, "user_manager"));
    s->hooks = json_is_true(json_get(j, "hooks"));
    s->rdt = json_is_true(json_get(j, "rdt"));
    s->private_pids = json_is_true(json_get(j, "private_pids"));
    decode_stdio(op, json_get(j, "stdio"), s);
    decode_annotations(op, json_get(j, "annotations"), s);
    return decode_cgroups(op, json_get(j, "cgroups"), s) ? 0 : fail_damaged(op, id);
}

/* A creator or a deleter at work holds the lock of the directory. */
static bool is_locked(int dir)
{
    if (flock(dir, LOCK_SH | LOCK_NB) < 0)
        return true;
    flock(dir, LOCK_UN);
    return false;
}

/* runc's order: frozen counts before created. */
static int derive_status(struct op *op, int dir, struct proa_state *s)
{
    bool locked = is_locked(dir), alive = false;
    unsigned long long start;
    int r;

    r = s->pid != 0 ? process_read(s->pid, &start, &alive) : -ESRCH;
    if (r < 0 && r != -ESRCH)       /* to call it stopped would let a delete forget it */
        return op_fail(op, -r, "reading whether process %d of container %s runs", (int) s->pid, s->id);
    if (r < 0 || start != s->start)
        alive = false;
    if (!alive)
        s->pid = 0;
    if (s->restoring && alive) {    /* whether somebody is still at it or not */
        s->status = PROA_CREATING;
        return 0;
    }
    if (locked || !alive) {
        /* Whoever holds the lock of a container whose process has ended is deleting it. */
        s->status = locked && (alive || !s->entered) ? PROA_CREATING : PROA_STOPPED;
        return 0;
    }
    if ((r = cgroup_frozen(op, s->cgroups, s->n_cgroups)) < 0)
        return r;
    if (r > 0)
        s->status = PROA_PAUSED;
    else
        s->status = faccessat(dir, "exec.fifo", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? PROA_CREATED : PROA_RUNNING;
    return 0;
}

int state_load(struct op *op, int dir, const char *id, struct proa_state *ret)
{
    struct proa_state s = { .id = id };
    struct json_place place;
    struct json *j = NULL;
    const char *why;
    struct stat st;
    size_t len;
    char *text;
    int r;

    /* In this order: a creation makes it after state.json, and a delete takes state.json away first. */
    if ((r = load_init(op, dir, &s)) < 0)
        return r;
    r = io_read_at(dir, "state.json", op->arena, STATE_MAX, &text, &len);
    if (r == -ENOENT)
        return r;
    if (r < 0)
        return op_fail(op, -r, "reading state.json of container %s", id);
    if (json_parse(text, len, &j, &place, &why) < 0)
        return op_fail(op, 0, "state.json of container %s is damaged: %s", id, why);
    r = decode(op, j, arena_strdup(op->arena, id), &s);
    json_free(j);
    if (r < 0)
        return r;
    s.owner = fstat(dir, &st) == 0 ? st.st_uid : 0;
    if ((r = derive_status(op, dir, &s)) < 0)
        return r;
    *ret = s;
    return 0;
}
