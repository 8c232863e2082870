/* user_namespace.c - the ID mappings of a user namespace that a configuration names by its path, and of the caller's. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/str.h"
#include "host/file.h"
#include "host/host.h"

/* Lines of "inside outside count", user_namespaces(7). */
static int read_map(struct arena *a, const char *file, struct host_id_map *ret)
{
    struct host_id_map map = { .n = 0 };
    const char *text, *line;
    int r = file_read_text(a, file, &text), used;

    if (r < 0)
        return r;
    map.v = arena_array(a, strlen(text), sizeof(*map.v));           /* more than there are lines */
    for (line = text; ; line += used, map.n++) {
        struct host_id_range *v = &map.v[map.n];

        if (sscanf(line, "%u %u %u%n", &v->inside, &v->outside, &v->count, &used) != 3)
            break;
    }
    *ret = map;
    return 0;
}

/* `process`: its directory in procfs. */
static int read_maps(struct arena *a, const char *process, struct host_id_map *ret_uids, struct host_id_map *ret_gids)
{
    int r = read_map(a, arena_printf(a, "%s/uid_map", process), ret_uids);

    return r < 0 ? r : read_map(a, arena_printf(a, "%s/gid_map", process), ret_gids);
}

/* "/proc/7" of "/proc/7/ns/user"; NULL: the path is of another form. */
static const char *process_of(struct arena *a, const char *path)
{
    static const char end[] = "/ns/user";
    size_t n = strlen(path), tail = sizeof(end) - 1;

    if (!str_starts(path, "/proc/") || n < tail || !str_eq(path + n - tail, end))
        return NULL;
    return arena_strndup(a, path, n - tail);
}

/* In a process of its own, which may share nothing with this one to be let in: it joins, says how it went and stays until
 * the other end of `gate` is closed. It runs nothing but system calls. Its memory is a copy of the caller's: not dumpable,
 * or the root of that namespace might look into it (CVE-2016-9962). */
__attribute__((noreturn)) static void stay_inside(int ns, int gate)
{
    char byte;
    int err = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setns(ns, CLONE_NEWUSER) < 0 ? errno : 0;

    if (write(gate, &err, sizeof(err)) == sizeof(err))
        while (read(gate, &byte, 1) < 0 && errno == EINTR)
            ;
    for (;;)
        syscall(SYS_exit_group, 0);
}

static void end_child(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
        ;
}

/* As fork(2), but no signal handler of the caller runs in the child. */
static pid_t fork_blocked(void)
{
    sigset_t all, old;
    pid_t pid;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pid = _Fork();
    if (pid != 0)
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    return pid;
}

/* Only from a process inside does the kernel show them. 0 or -errno. */
static int read_from_inside(struct arena *a, int ns, struct host_id_map *ret_uids, struct host_id_map *ret_gids)
{
    auto_close int ours = -1, theirs = -1;
    int pair[2], r, err = EPIPE;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    ours = pair[0];
    theirs = pair[1];
    pid = fork_blocked();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        close(ours);
        stay_inside(ns, theirs);
    }
    fd_close(&theirs);
    while (read(ours, &err, sizeof(err)) < 0 && errno == EINTR)
        ;
    r = err ? -err : read_maps(a, arena_printf(a, "/proc/%d", (int) pid), ret_uids, ret_gids);
    end_child(pid);
    return r;
}

int host_read_user_namespace(struct op *op, const char *path, struct host *host)
{
    const char *process = process_of(op->arena, path);
    auto_close int ns = -1;
    int r;

    if (process) {
        r = read_maps(op->arena, process, &host->joined_uids, &host->joined_gids);
    } else {
        ns = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        r = ns < 0 ? -errno : read_from_inside(op->arena, ns, &host->joined_uids, &host->joined_gids);
    }
    if (r < 0)
        return op_fail(op, -r, "namespace %s: reading its ID mappings%s", path,
                       r == -EINVAL ? " (not a user namespace, or already in it)" : "");
    host->joined_user = true;
    return 0;
}

/* Inside of a user namespace the caller's own systemd may be one inside, like that of a container, or one outside. */
int host_read_systemd(struct op *op, struct host *host)
{
    struct host_id_map map;
    struct stat st;
    int r;

    host->own_systemd = stat("/run/systemd/private", &st) == 0 && st.st_uid == host->uid;
    host->manager_uid = host->uid;
    if (!host->user_namespace)
        return 0;
    if ((r = read_map(op->arena, "/proc/thread-self/uid_map", &map)) < 0)
        return op_fail(op, -r, "reading /proc/thread-self/uid_map");
    for (size_t i = 0; i < map.n; i++)
        if (host->uid - map.v[i].inside < map.v[i].count)
            host->manager_uid = map.v[i].outside + (host->uid - map.v[i].inside);
    return 0;
}
