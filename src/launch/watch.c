#include "launch/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "launch/cgroup_file.h"
#include "launch/stats_read.h"

/* ---- Counters ------------------------------------------------------------------------------- */

/* The number after `key` in a small file of keys; -ENODEV when its cgroup has been removed. */
static int read_key(int fd, const char *key, uint64_t *ret)
{
    struct arena *a;
    struct stats_values values;
    char text[1024];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    int r;

    if (n < 0)
        return -errno;
    text[n] = '\0';
    a = arena_new();
    if ((r = stats_parse_values(a, text, &values)) == 0)
        *ret = stats_value(&values, key);
    arena_free(a);
    return r;
}

/* The memory cgroup's removal signals the eventfd as well, once. */
static void count_v1(struct watch *w)
{
    struct stat st;
    uint64_t n;

    if (read(w->eventfd, &n, sizeof(n)) != sizeof(n))
        return;
    if (fstatat(w->memory, "memory.oom_control", &st, AT_SYMLINK_NOFOLLOW) < 0)
        n--;
    w->pending += n;
}

static int count_v2(struct op *op, struct watch *w)
{
    uint64_t now = w->seen;
    int r = read_key(w->memory_events, "oom_kill", &now);

    if (r < 0 && r != -ENODEV)
        return op_fail(op, -r, "reading memory.events");
    w->pending += now > w->seen ? now - w->seen : 0;
    w->seen = now;
    return 0;
}

static int count(struct op *op, struct watch *w)
{
    if (w->memory_events >= 0)
        return count_v2(op, w);
    if (w->eventfd >= 0)
        count_v1(w);
    return 0;
}

/* ---- The end -------------------------------------------------------------------------------- */

/* A v2 cgroup knows of all processes, v1 needs the first one. 1 or 0, or -errno. */
static int is_over(struct op *op, const struct watch *w)
{
    uint64_t populated = 0;
    int r;

    if (w->cgroup_events < 0)
        return io_ready(w->pidfd);
    r = read_key(w->cgroup_events, "populated", &populated);
    if (r < 0 && r != -ENODEV)
        return op_fail(op, -r, "reading cgroup.events");
    return populated == 0;
}

int watch_next(struct op *op, struct watch *w)
{
    int over = 0, r;

    if (w->pending == 0) {
        /* In this order: who is killed for want of memory is counted before it ends. */
        if ((over = is_over(op, w)) < 0)
            return over;
        if ((r = count(op, w)) < 0)
            return r;
    }
    if (w->pending == 0)
        return over ? WATCH_END : WATCH_NOTHING;
    w->pending--;
    return WATCH_OOM;
}

/* ---- Opening -------------------------------------------------------------------------------- */

static int add(struct op *op, struct watch *w, int fd, uint32_t events)
{
    struct epoll_event event = { .events = events };

    return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? op_fail(op, errno, "watching the container: epoll") : 0;
}

/* Without this one there is less to tell, and that is no error: the controller is off, the hierarchy not there. */
static bool may_lack(const struct plan *p, int r)
{
    return r == -ENOENT || r == -ENODEV || (p->flags & PLAN_ROOTLESS && (r == -EACCES || r == -EPERM));
}

static int open_v2(struct op *op, int dir, struct watch *w)
{
    int r = 0;

    w->cgroup_events = cgroup_file_open(dir, "/", "cgroup.events", O_RDONLY);
    w->memory_events = cgroup_file_open(dir, "/", "memory.events", O_RDONLY);
    if (w->cgroup_events >= 0)
        r = add(op, w, w->cgroup_events, EPOLLPRI);
    if (r < 0 || w->memory_events < 0)
        return r;
    /* What has been is not told. The kernel notes what comes between this reading and the first wait. */
    if ((r = read_key(w->memory_events, "oom_kill", &w->seen)) < 0 && r != -ENODEV)
        return op_fail(op, -r, "reading memory.events");
    return add(op, w, w->memory_events, EPOLLPRI);
}

static int register_v1(int dir, int eventfd)
{
    auto_close int oom = cgroup_file_open(dir, "/", "memory.oom_control", O_RDONLY);
    char text[32];

    if (oom < 0)
        return oom;
    snprintf(text, sizeof(text), "%d %d", eventfd, oom);
    return cgroup_file_write(dir, "/", "cgroup.event_control", text);
}

static int open_v1(struct op *op, const struct plan *p, int dir, struct watch *w)
{
    int r;

    if ((w->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
        return op_fail(op, errno, "watching the container: eventfd");
    r = register_v1(dir, w->eventfd);
    if (r < 0)
        return may_lack(p, r) ? 0 : op_fail(op, -r, "writing cgroup.event_control");
    w->memory = fcntl(dir, F_DUPFD_CLOEXEC, 0);
    return add(op, w, w->eventfd, EPOLLIN);
}

/* The one that knows of OOMs: of v1 the memory controller's, a v2 when it is alone. */
static const struct plan_cgroup_dir *find_dir(const struct plan *p)
{
    const struct plan_cgroup_dir *dirs = PLAN_ITEMS(p, cgroup_dirs, struct plan_cgroup_dir);

    for (uint32_t i = 0; i < p->cgroup_dirs.n; i++)
        if (p->cgroup_dirs.n == 1 || str_has_word(plan_word(p, dirs[i].controllers), ",", "memory"))
            return &dirs[i];
    return NULL;
}

static int open_cgroup(struct op *op, const struct plan *p, struct watch *w)
{
    const struct plan_cgroup_dir *d = find_dir(p);
    auto_close int dir = d ? cgroup_file_open_dir(plan_text(p, d->mount), plan_text(p, d->path)) : -ENOENT;

    if (dir < 0)
        return may_lack(p, dir) ? 0 : op_fail(op, -dir, "opening cgroup %s%s", plan_text(p, d->mount), plan_text(p, d->path));
    return d->flags & PLAN_CGROUP_V2 ? open_v2(op, dir, w) : open_v1(op, p, dir, w);
}

int watch_open(struct op *op, const struct plan *p, int pidfd, struct watch *ret)
{
    struct watch w = WATCH_NONE;
    int r;

    w.pidfd = pidfd;
    w.epoll = epoll_create1(EPOLL_CLOEXEC);
    r = w.epoll < 0 ? op_fail(op, errno, "watching the container: epoll") : open_cgroup(op, p, &w);
    if (r == 0 && w.cgroup_events < 0)
        r = add(op, &w, pidfd, EPOLLIN);
    if (r < 0)
        watch_close(&w);
    else
        *ret = w;
    return r;
}

void watch_close(struct watch *w)
{
    int *const fds[] = { &w->epoll, &w->pidfd, &w->memory_events, &w->cgroup_events, &w->eventfd, &w->memory };

    for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
        fd_close(fds[i]);
}
