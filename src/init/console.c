/* console.c - a terminal of the container's own devpts: its slave becomes the standard streams and /dev/console, its
 * master goes to the launcher. Nothing that the image has put into /dev is trusted (CVE-2025-52565, CVE-2026-88264). */
#include "init/mounts.h"
#include "init/paths.h"

/* In a devpts only the kernel makes files, so once the directory is one, "ptmx" in it is the real one. */
static int open_master(struct init *in)
{
    auto_close int dir = path_open(in, "/dev/pts", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
    struct statfs fs;
    int master;

    if (dir < 0 || sys_fstatfs(dir, &fs) < 0 || fs.f_type != DEVPTS_SUPER_MAGIC)
        return init_fail_text(in, CALL_none, 0, "process.terminal needs a mount of type devpts on /dev/pts");
    master = sys_openat2(dir, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC,
                         RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
    return master < 0 ? init_fail_text(in, CALL_openat2, master, "/dev/pts/ptmx") : master;
}

/* Before the program runs: its first line must not differ from the others. */
static int clear_onlcr(int master)
{
    struct termios attributes;
    int r = sys_ioctl(master, TCGETS, SYS_P(&attributes));

    attributes.c_oflag &= ~(tcflag_t) ONLCR;
    return r < 0 ? r : sys_ioctl(master, TCSETS, SYS_P(&attributes));
}

static int open_slave(struct init *in, int master)
{
    struct winsize size = { .ws_row = (uint16_t) in->plan->console_rows, .ws_col = (uint16_t) in->plan->console_columns };
    int unlocked = 0;
    int slave, r = sys_ioctl(master, TIOCSPTLCK, SYS_P(&unlocked));

    if (r >= 0 && flagged(in, PLAN_CONSOLE_SIZE))
        r = sys_ioctl(master, TIOCSWINSZ, SYS_P(&size));
    if (r >= 0 && flagged(in, PLAN_CONSOLE_PLAIN))
        r = clear_onlcr(master);
    if (r < 0)
        return init_fail_text(in, CALL_ioctl, r, "pseudo-terminal");
    slave = sys_ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return slave < 0 ? init_fail_text(in, CALL_ioctl, slave, "TIOCGPTPEER") : slave;
}

static int send_master(struct init *in, int master)
{
    struct message m = { .type = MESSAGE_CONSOLE };
    uint32_t index = 0;
    char number[24];
    long r = sys_ioctl(master, TIOCGPTN, SYS_P(&index));

    if (r < 0)
        return init_fail_text(in, CALL_ioctl, (int) r, "TIOCGPTN");
    text_append(m.text, sizeof m.text, "/dev/pts/");
    text_append(m.text, sizeof m.text, text_number(number, index, 10));
    r = message_send(in, &m, master);
    return r < 0 ? init_fail(in, CALL_sendmsg, (int) r) : 0;
}

/* A plain file or a device to mount on; nothing is followed. */
static int open_console(struct init *in)
{
    const char *leaf;
    auto_close int dir = path_open_parent(in, "/dev/console", &leaf);
    auto_close int target = -1;
    struct statx st;
    int r = dir < 0 ? dir : sys_mknodat(dir, leaf, S_IFREG | 0666, 0);

    if (r < 0 && r != -EEXIST)
        return init_fail_text(in, CALL_mknodat, r, "/dev/console");
    target = sys_openat2(dir, leaf, O_PATH | O_NOFOLLOW | O_CLOEXEC, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    r = target < 0 ? target : fd_stat(target, &st);
    if (r < 0)
        return init_fail_text(in, CALL_openat2, r, "/dev/console");
    if ((st.stx_mode & S_IFMT) != S_IFREG && (st.stx_mode & S_IFMT) != S_IFCHR)
        return init_fail_text(in, CALL_none, 0, "/dev/console of the image is neither a file nor a character device");
    return take_fd(&target);
}

static int mount_console(struct init *in, int slave)
{
    auto_close int target = -1;

    if (!flagged(in, PLAN_PRIVATE_MOUNTS) || flagged(in, PLAN_EXEC))
        return 0;
    target = open_console(in);
    return target < 0 ? -1 : bind_over(in, slave, target);
}

static int use_terminal(struct init *in, int slave)
{
    int r;

    for (int fd = 0; fd < 3; fd++)
        if ((r = sys_dup3(slave, fd, 0)) < 0)
            return init_fail(in, CALL_dup3, r);
    r = sys_ioctl(0, TIOCSCTTY, 0);
    return r < 0 ? init_fail_text(in, CALL_ioctl, r, "TIOCSCTTY") : 0;
}

int step_console(struct init *in)
{
    auto_close int master = -1;
    auto_close int slave = -1;

    if (!flagged(in, PLAN_TERMINAL))
        return 0;
    master = open_master(in);
    slave = master < 0 ? -1 : open_slave(in, master);
    if (slave < 0 || mount_console(in, slave) || send_master(in, master))
        return -1;
    return use_terminal(in, slave);
}
