#include "launch/cgroup_v2.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/deadline.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "launch/cgroup_file.h"

/* The next word of a list separated by blanks, or NULL. */
static const char *next_word(struct arena *a, const char **list)
{
    const char *word = *list + strspn(*list, " ");
    size_t len = strcspn(word, " ");

    *list = word + len;
    return len ? arena_strndup(a, word, len) : NULL;
}

static int enable(const struct cgroup *c, const char *level, const char *text)
{
    return cgroup_file_write(c->root, level, "cgroup.subtree_control", text);
}

/* Enables `wanted` for the children of `level`, where `have` is enabled already. Returns what they get then. */
static const char *hand_down(struct op *op, const struct cgroup *c, const char *level, const char *wanted,
                             const char *have)
{
    const char *rest = wanted, *word;
    struct str missing, got;
    int r;

    str_init(&missing, op->arena);
    str_init(&got, op->arena);
    while ((word = next_word(op->arena, &rest)))
        if (!str_has_word(have, " ", word))
            str_addf(&missing, "+%s ", word);
        else
            str_addf(&got, "%s ", word);
    r = missing.len ? enable(c, level, missing.text) : 0;
    if (r == 0)
        return wanted;
    /* All or nothing is the kernel's rule for one write: one that is refused must not keep out the others.
     * Not so with processes in the cgroup (EBUSY): some controllers would be enabled then, but make it
     * the domain of threads, and its children unfit for processes. */
    for (rest = missing.text; r != -EBUSY && (word = next_word(op->arena, &rest));)
        if (enable(c, level, word) == 0)
            str_addf(&got, "%s ", word + 1);
    return got.text;
}

static unsigned count_components(const char *path)
{
    unsigned n = 0;

    for (; *path; path++)
        n += path[0] == '/' && path[1] && path[1] != '/';
    return n;
}

/* The first `n` components of the path. */
static const char *ancestor(struct op *op, const char *path, unsigned n)
{
    const char *end = path;

    while (n-- > 0)
        end = strchrnul(end + 1, '/');
    return end == path ? "/" : arena_strndup(op->arena, path, (size_t) (end - path));
}

static int fail_if_invalid(struct op *op, int root, const char *path, const char *name)
{
    char *type;

    if (cgroup_file_read(root, path, "cgroup.type", op->arena, &type) < 0 || !str_eq(type, "domain invalid"))
        return 0;
    return op_fail(op, 0, "cannot enter cgroupv2 \"%s\" with domain controllers -- it is in an invalid state "
                   "(a cgroup above it is threaded)", name);
}

int cgroup_v2_enable(struct op *op, const struct cgroup *c)
{
    unsigned depth = count_components(c->path);
    const char *wanted, *given;
    bool complete = true;
    char *text, *have;
    int r = cgroup_file_read(c->root, "/", "cgroup.controllers", op->arena, &text);

    if (r < 0)
        return op_fail(op, -r, "reading the controllers above %s", c->dir);
    wanted = text;
    for (unsigned i = 0; i < depth && *wanted; i++, wanted = given) {
        const char *level = ancestor(op, c->path, i);

        /* In one that we have just made, none is enabled. */
        if (i + c->made > depth || cgroup_file_read(c->root, level, "cgroup.subtree_control", op->arena, &have) < 0)
            have = "";
        given = hand_down(op, c, level, wanted, have);
        complete &= given == wanted;
    }
    return complete ? 0 : fail_if_invalid(op, c->root, c->path, c->dir);
}

/* Linux 4.15 and later have the list; without it, what systemd's delegation document names. */
static const char *delegated_files(struct arena *a)
{
    char *text;
    int r = io_read_at(AT_FDCWD, "/sys/kernel/cgroup/delegate", a, 1 << 16, &text, NULL);

    return r < 0 ? "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n" : text;
}

int cgroup_v2_delegate(struct op *op, const struct cgroup *c, int dir, uid_t uid)
{
    const char *names = delegated_files(op->arena);

    if (fchownat(dir, "", uid, (gid_t) -1, AT_EMPTY_PATH) < 0)
        return op_fail(op, errno, "giving cgroup %s to user %u", c->dir, uid);
    for (size_t n; *names; names += n + (names[n] == '\n')) {
        const char *name = arena_strndup(op->arena, names, n = strcspn(names, "\n"));

        /* A file of a controller that is not enabled here is missing. */
        if (fchownat(dir, name, uid, (gid_t) -1, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
            return op_fail(op, errno, "giving %s/%s to user %u", c->dir, name, uid);
    }
    return 0;
}

int cgroup_fail_birth(struct op *op, int dir, int err)
{
    char link[32], name[4096];
    ssize_t n;
    int r;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
    n = readlink(link, name, sizeof(name) - 1);
    name[n < 0 ? 0 : n] = '\0';
    if ((r = fail_if_invalid(op, dir, "/", name)) < 0)
        return r;
    if (err == EBUSY)
        return op_fail(op, err, "clone3 into cgroup %s: it hands controllers down to sub-cgroups "
                       "(cgroup.subtree_control) and so may not hold processes itself", name);
    return op_fail(op, err, "clone3 into cgroup %s", name);
}

int cgroup_v2_kill(int dir)
{
    return cgroup_file_write(dir, "/", "cgroup.kill", "1");
}

int cgroup_v2_freeze(int dir, bool on)
{
    return cgroup_file_write(dir, "/", "cgroup.freeze", on ? "1" : "0");
}

int cgroup_v2_frozen(struct op *op, int dir)
{
    char *text;
    int r = cgroup_file_read(dir, "/", "cgroup.freeze", op->arena, &text);

    return r < 0 ? r : str_eq(text, "1");
}

/* Whether cgroup.events has this line. 1, 0, or -errno; -ENODEV once the cgroup has been removed. */
static int has_event(int events, const char *line)
{
    char text[128];
    ssize_t n = pread(events, text, sizeof(text) - 1, 0);

    if (n < 0)
        return -errno;
    text[n] = '\0';
    return strstr(text, line) != NULL;
}

/* Of two changes within 10 ms the kernel tells the second later; of a cgroup that is removed in between, never
 * (cgroup_file_notify in kernel/cgroup/cgroup.c). Hence another look now and then. */
enum { LOOK_AGAIN_MS = 50 };

/* Sleeps until it has. */
static int wait_event(int dir, const char *line, uint64_t deadline)
{
    struct pollfd p = { .events = POLLPRI };
    auto_close int events = cgroup_file_open(dir, "/", "cgroup.events", O_RDONLY);
    int r, left;

    if (events < 0)
        return events;
    p.fd = events;
    while ((r = has_event(events, line)) == 0) {
        if ((left = deadline_left(deadline)) == 0)
            return -ETIMEDOUT;
        poll(&p, 1, left < LOOK_AGAIN_MS ? left : LOOK_AGAIN_MS);
    }
    return r < 0 ? r : 0;
}

int cgroup_v2_wait_empty(int dir, uint64_t deadline)
{
    int r = wait_event(dir, "populated 0", deadline);

    return r == -ENODEV || r == -ENOENT ? 0 : r;
}

int cgroup_v2_freeze_all(int dir, uint64_t deadline)
{
    int r = cgroup_v2_freeze(dir, true);

    return r < 0 ? r : wait_event(dir, "frozen 1", deadline);
}
