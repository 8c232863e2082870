#include "launch/program.h"
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IMAGE = 3 };
static const char image_path[] = "/proc/self/fd/3";

char *program_find(struct arena *a, const char *name)
{
    const char *path = getenv("PATH"), *p = arena_printf(a, "%s:%s", path ? path : "", PROGRAM_PATH);
    size_t n;

    for (;; p += n + 1) {
        char *file;

        n = strcspn(p, ":");
        file = arena_printf(a, "%.*s/%s", (int) n, p, name);
        if (*p == '/' && access(file, X_OK) == 0)
            return file;
        if (p[n] == '\0')
            return NULL;
    }
}

/* Descriptors that the caller has open without O_CLOEXEC, too, end here. A positive errno, as all of posix_spawn. */
static int add_files(posix_spawn_file_actions_t *files, const struct program *p)
{
    int r = p->directory < 0 ? 0 : posix_spawn_file_actions_addfchdir_np(files, p->directory);

    for (int i = 0; i < 3 && r == 0; i++)
        r = posix_spawn_file_actions_adddup2(files, p->fds[i], i);
    if (r == 0 && !p->file)
        r = posix_spawn_file_actions_adddup2(files, p->image, IMAGE);
    return r ? r : posix_spawn_file_actions_addclosefrom_np(files, p->file ? IMAGE : IMAGE + 1);
}

static int set_signals(posix_spawnattr_t *how)
{
    sigset_t all, none;
    int r;

    sigfillset(&all);
    sigemptyset(&none);
    if ((r = posix_spawnattr_setsigdefault(how, &all)) || (r = posix_spawnattr_setsigmask(how, &none)))
        return r;
    return posix_spawnattr_setflags(how, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int spawn(const struct program *p, posix_spawn_file_actions_t *files, posix_spawnattr_t *how, pid_t *ret)
{
    int r;

    if ((r = add_files(files, p)) || (r = set_signals(how)))
        return r;
    return posix_spawn(ret, p->file ? p->file : image_path, files, how, p->argv, p->envp);
}

int program_start(const struct program *p, pid_t *ret)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    int r = posix_spawn_file_actions_init(&files);

    if (r)
        return -r;
    r = posix_spawnattr_init(&how);
    if (r == 0) {
        r = spawn(p, &files, &how, ret);
        posix_spawnattr_destroy(&how);
    }
    posix_spawn_file_actions_destroy(&files);
    return -r;
}
