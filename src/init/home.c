#include "init/home.h"
#include "init/paths.h"

enum { PASSWD_MAX = 1 << 20, FIELD_UID = 2, FIELD_HOME = 5 };

/* One line of passwd(5), taken in a character at a time. */
struct entry {
    unsigned field;
    bool bad;                   /* the uid is not a number, or the directory is too long */
    unsigned digits;
    uint64_t uid;
    size_t length;
    char *home;
    size_t size;
};

static void entry_take(struct entry *e, char c)
{
    if (c == ':') {
        e->field++;
    } else if (e->field == FIELD_UID) {
        e->uid = e->uid * 10 + (uint64_t) (c - '0');
        e->bad |= c < '0' || c > '9' || ++e->digits > 10;
    } else if (e->field == FIELD_HOME) {
        e->bad |= c == '\0' || e->length + 1 >= e->size;
        if (!e->bad)
            e->home[e->length++] = c;
    }
}

static bool entry_is_of(const struct entry *e, uint32_t uid)
{
    return !e->bad && e->digits > 0 && e->uid == uid && e->field >= FIELD_HOME && e->length > 0;
}

static void entry_clear(struct entry *e)
{
    e->field = e->digits = 0;
    e->bad = false;
    e->uid = e->length = 0;
}

/* Takes in a piece of the file. True once the user's line is complete. */
static bool scan(struct entry *e, const char *piece, long n, uint32_t uid)
{
    for (long i = 0; i < n; i++) {
        if (piece[i] != '\n') {
            entry_take(e, piece[i]);
            continue;
        }
        if (entry_is_of(e, uid))
            return true;
        entry_clear(e);
    }
    return false;
}

static bool search(int fd, struct entry *e, uint32_t uid)
{
    char piece[1024];
    long n, total = 0;

    while (total < PASSWD_MAX && (n = sys_read(fd, piece, sizeof piece)) > 0) {
        if (scan(e, piece, n, uid))
            return true;
        total += n;
    }
    return total < PASSWD_MAX && entry_is_of(e, uid);
}

/* A FIFO must not stop us, nor a device be driven: nothing but a regular file is read (CVE-2026-47262, CVE-2024-9676). */
static int open_passwd(const struct init *in)
{
    auto_close int fd = path_open(in, "/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    struct statx st;

    if (fd < 0 || fd_stat(fd, &st) < 0 || (st.stx_mode & S_IFMT) != S_IFREG)
        return -1;
    return take_fd(&fd);
}

void home_find(struct init *in)
{
    uint64_t *envp = (uint64_t *) plan_at(in->plan, in->plan->envp.at);
    auto_close int fd = -1;
    struct entry e = { .field = 0 };

    if (!flagged(in, PLAN_HOME_UNSET))
        return;
    in->home[0] = '\0';
    text_append(in->home, sizeof in->home, "HOME=/");
    e.home = in->home + 5;
    e.size = sizeof in->home - 5;
    fd = open_passwd(in);
    if (fd >= 0 && search(fd, &e, in->plan->uid))
        e.home[e.length] = '\0';
    else
        e.home[0] = '/', e.home[1] = '\0';
    envp[in->plan->envp.n - 1] = (uint64_t) ((uintptr_t) in->home - (uintptr_t) in->plan);
}
