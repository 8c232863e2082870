/* label.c - the AppArmor profile and the SELinux label that execve is to give the user's program.
 *
 * A container that can put something else where these files are runs unconfined (CVE-2019-16884): they are reached
 * through a verified procfs only, and what is written must be pending afterwards. */
#include "init/label.h"
#include "init/procfs.h"

enum { LABEL_SIZE = 4096 };                     /* the kernel takes and gives no more than a page */

/* A file below "attr" of this thread. "thread-self" is a link; its text is followed by hand. */
static int open_attr(const struct init *in, const char *file, int flags)
{
    char path[128];
    long n;

    n = sys_readlinkat(in->proc, "thread-self", path, 64);
    if (n < 0)
        return (int) n;
    path[n] = '\0';
    text_append(path, sizeof path, "/attr/");
    text_append(path, sizeof path, file);
    return procfs_open_entry(in, path, (uint64_t) flags);
}

/* 0 or -errno. */
static int write_attr(const struct init *in, const char *file, const char *text)
{
    auto_close int fd = open_attr(in, file, O_WRONLY);
    long n = fd < 0 ? fd : sys_write(fd, text, text_length(text));

    return n < 0 ? (int) n : 0;
}

/* Whether something waits for execve. An empty text, or one without letters, is nothing. */
static bool is_pending(const struct init *in, const char *file)
{
    auto_close int fd = open_attr(in, file, O_RDONLY);
    char first = '\0';

    return fd >= 0 && sys_read(fd, &first, 1) == 1 && first > ' ';
}

static int set_label(struct init *in, const char *file, const char *text)
{
    int r = write_attr(in, file, text);

    if (r == 0 && !is_pending(in, file))
        return init_fail_text(in, CALL_none, -EIO, "the kernel has not taken it");
    return r < 0 ? init_fail_text(in, CALL_write, r, r == -ENOENT ? "not loaded into the kernel?" : "") : 0;
}

/* Without the directory of its own (before Linux 5.8) AppArmor has the file that the security modules share. */
static int set_apparmor(struct init *in, const char *profile)
{
    auto_close int fd = open_attr(in, "apparmor/exec", O_RDONLY);
    char text[LABEL_SIZE] = "exec ";

    if (!text_append(text, sizeof text, profile))
        return init_fail(in, CALL_write, -ENAMETOOLONG);
    return set_label(in, fd == -ENOENT ? "exec" : "apparmor/exec", text);
}

int label_prepare(struct init *in)
{
    return in->plan->apparmor || in->plan->selinux ? procfs_open(in) : 0;
}

int label_set_keys(struct init *in, const char *label)
{
    int r;

    if (procfs_open(in))
        return -1;
    r = write_attr(in, "keycreate", label ? label : "\n");      /* a line without a label takes it back */
    return r < 0 ? init_fail_text(in, CALL_write, r, "attr/keycreate") : 0;
}

/* fault.item tells the launcher which of the two it was. */
int step_label(struct init *in)
{
    const char *profile = plan_text(in->plan, in->plan->apparmor), *label = plan_text(in->plan, in->plan->selinux);

    if (label_prepare(in) || (profile && set_apparmor(in, profile)))
        return -1;
    in->fault.item = 1;
    return label ? set_label(in, "exec", label) : 0;
}
