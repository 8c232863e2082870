#include "init/host_mounts.h"
#include "init/procfs.h"

enum { LINE_MAX = 2 * PATH_MAX };

/* Lines of a file, read a piece at a time. A line that is too long is cut. */
struct lines {
    int fd;
    long n, at;
    char piece[1024];
};

static bool next_line(struct lines *l, char *line, size_t size)
{
    size_t n = 0;

    for (;;) {
        if (l->at == l->n) {
            l->at = 0;
            l->n = sys_read(l->fd, l->piece, sizeof l->piece);
            if (l->n <= 0)
                return false;
        }
        if (l->piece[l->at] == '\n')
            break;
        if (n + 1 < size)
            line[n++] = l->piece[l->at];
        l->at++;
    }
    l->at++;
    line[n] = '\0';
    return true;
}

/* Cuts the next space-separated word off *rest. */
static char *word(char **rest)
{
    char *start = *rest, *end = start;

    while (*end && *end != ' ')
        end++;
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return start;
}

/* mountinfo writes space, tab, newline and backslash as \ooo. */
static void unescape(char *s)
{
    char *to = s;

    while (*s) {
        if (*s == '\\' && s[1] && s[2] && s[3]) {
            *to++ = (char) ((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
            s += 4;
        } else {
            *to++ = *s++;
        }
    }
    *to = '\0';
}

/* "36 35 98:0 /root /mount/point rw,noatime master:1 - proc proc rw": the mount point, if a whole procfs or sysfs. */
static char *full_mount(char *line)
{
    char *rest = line, *root, *point, *fstype;

    for (int i = 0; i < 3; i++)
        word(&rest);
    root = word(&rest);
    point = word(&rest);
    while (*rest && !text_equal(word(&rest), "-"))
        ;
    fstype = word(&rest);
    if (!text_equal(root, "/") || (!text_equal(fstype, "proc") && !text_equal(fstype, "sysfs")))
        return NULL;
    unescape(point);
    return point;
}

static bool is_below(const char *path, const char *directory)
{
    size_t n = text_length(directory);

    return memcmp(path, directory, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* Finds the mount point number `skip` of those to hide. 1: found, 0: none left, -1: failed. */
static int find(struct init *in, unsigned skip, char line[LINE_MAX], char **ret_point)
{
    auto_close int fd = sys_openat(in->proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
    struct lines lines = { .fd = fd };

    if (fd < 0)
        return init_fail_text(in, CALL_open, fd, "mountinfo");
    while (next_line(&lines, line, LINE_MAX)) {
        *ret_point = full_mount(line);
        if (*ret_point && !is_below(*ret_point, plan_text(in->plan, in->plan->rootfs)) && skip-- == 0)
            return 1;
    }
    return 0;
}

static int cover(struct init *in, int target, const char *point)
{
    auto_close int fs = sys_fsopen("tmpfs");
    auto_close int tree = -1;
    int r = fs < 0 ? fs : sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);

    if (r >= 0)
        r = tree = sys_fsmount(fs, 0);
    if (r >= 0)
        r = sys_move_mount(tree, target);
    return r < 0 ? init_fail_text(in, CALL_move_mount, r, point) : 0;
}

/* 1: gone. 0: still there, but out of the way. A slave first: nothing may go in another namespace. */
static int hide(struct init *in, const char *point)
{
    struct mount_attr slave = { .propagation = MS_SLAVE };
    auto_close int target = sys_openat(AT_FDCWD, point, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r = target < 0 ? target : sys_mount_setattr(target, AT_RECURSIVE, &slave);

    if (r == -ENOENT || r == -EINVAL)           /* hidden below another mount */
        return 0;
    if (r >= 0)
        r = sys_umount2(point, SYS_MNT_DETACH);
    if (r == 0)
        return 1;
    if (r != -EINVAL && r != -EPERM)            /* those: locked together with what is below it */
        return init_fail_text(in, CALL_umount2, r, point);
    return cover(in, target, point);
}

int host_mounts_hide_proc(struct init *in)
{
    char line[LINE_MAX], *point = NULL;
    unsigned left = 0;
    int r;

    if (procfs_open(in))                        /* the host's is about to go */
        return -1;
    while ((r = find(in, left, line, &point)) > 0) {
        r = hide(in, point);
        if (r < 0)
            return -1;
        left += r == 0;
    }
    return r;
}
