#include "launch/id_helper.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fd.h"
#include "base/str.h"
#include "launch/program.h"

enum { OUTPUT_SIZE = 1024 };

struct id_helper {
    const char *name, *property, *file;
};
static const struct id_helper users = { "newuidmap", "linux.uidMappings", "/etc/subuid" };
static const struct id_helper groups = { "newgidmap", "linux.gidMappings", "/etc/subgid" };

/* "newuidmap PID 0 1000 1 1 100000 65536" */
static char **arguments(struct op *op, const struct plan *p, struct plan_list map, const char *name, pid_t pid)
{
    const struct plan_id_map *m = plan_at(p, map.at);
    char **argv = arena_array(op->arena, 3 + 3 * (size_t) map.n, sizeof(*argv)), **at = argv;

    *at++ = arena_strdup(op->arena, name);
    *at++ = arena_printf(op->arena, "%d", (int) pid);
    for (uint32_t i = 0; i < map.n; i++) {
        *at++ = arena_printf(op->arena, "%u", m[i].inside);
        *at++ = arena_printf(op->arena, "%u", m[i].outside);
        *at++ = arena_printf(op->arena, "%u", m[i].count);
    }
    return argv;
}

/* It writes its complaints to `output`. 0 or -errno. */
static int start(const char *file, char *const *argv, int output, pid_t *ret)
{
    static char *const nothing[] = { NULL };
    auto_close int input = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (input < 0)
        return -errno;
    return program_start(&(struct program) {
        .file = file, .argv = argv, .envp = nothing, .fds = { input, output, output }, .directory = -1,
    }, ret);
}

/* All of it is read, so that the helper never waits for us; what does not fit is forgotten. */
static void read_output(int fd, char text[OUTPUT_SIZE])
{
    char more[OUTPUT_SIZE];
    size_t len = 0;
    ssize_t n;

    while ((n = read(fd, more, sizeof(more))) > 0 || (n < 0 && errno == EINTR)) {
        size_t room = OUTPUT_SIZE - 1 - len, kept = n < 0 ? 0 : (size_t) n < room ? (size_t) n : room;

        memcpy(text + len, more, kept);
        len += kept;
    }
    while (len > 0 && text[len - 1] == '\n')
        len--;
    text[len] = '\0';
}

/* Where the caller lets the kernel reap its children, only the text tells; a map that is missing shows at once. */
static int finish(struct op *op, const struct id_helper *helper, pid_t pid, const char *output)
{
    siginfo_t info = { .si_code = CLD_EXITED };
    int r;

    do
        r = waitid(P_PID, (id_t) pid, &info, WEXITED);
    while (r < 0 && errno == EINTR);
    if (info.si_code == CLD_EXITED && info.si_status == 0 && (r == 0 || !*output))
        return 0;
    return op_fail(op, EPERM, "%s (%s): %s %d: %s (are these IDs given to this user in %s?)", helper->name, helper->property,
                   info.si_code == CLD_EXITED ? "exit status" : "signal", info.si_status, *output ? output : "no message",
                   helper->file);
}

static int run(struct op *op, const struct id_helper *helper, const struct plan *p, struct plan_list map, pid_t target)
{
    char *file = program_find(op->arena, helper->name), output[OUTPUT_SIZE];
    auto_close int ours = -1, theirs = -1;
    pid_t pid;
    int r, ends[2];

    if (file == NULL)
        return op_fail(op, ENOENT, "%s is not found along PATH: without privilege %s needs it for more than one's own ID "
                       "(install the package uidmap, and see %s)", helper->name, helper->property, helper->file);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return op_fail(op, errno, "pipe");
    ours = ends[0];
    theirs = ends[1];
    if ((r = start(file, arguments(op, p, map, helper->name, target), theirs, &pid)) < 0)
        return op_fail(op, -r, "starting %s", file);
    fd_close(&theirs);
    read_output(ours, output);
    return finish(op, helper, pid, output);
}

int id_helper_map_users(struct op *op, const struct plan *p, pid_t pid)
{
    return run(op, &users, p, p->uid_map, pid);
}

int id_helper_map_groups(struct op *op, const struct plan *p, pid_t pid)
{
    return run(op, &groups, p, p->gid_map, pid);
}
