/* init.h - the container's first process, until it becomes the user's program.
 *
 * A freestanding program: no libc, no allocation, no global variable. It walks the steps of
 * protocol.h; each is a function that returns 0, or -1 after it has noted in `fault` what failed.
 *
 * Everything below the root file system is taken for hostile. It is reached through the descriptor
 * `root` only (paths.h), and /proc is written through a procfs that is known to be one (procfs.h). */
#pragma once
#include "init/protocol.h"
#include "init/sys.h"
#include "plan/plan.h"

struct init {
    struct plan *plan;          /* this process's private copy */
    struct message fault;       /* step and item are kept up to date, the rest is filled by init_fail */
    bool went;                  /* GO has come */
    bool cwd_late;              /* the working directory can only be entered as the final user */
    bool executing;             /* the launcher listens no more: errors go to the standard error */
    int root;                   /* the container's root directory */
    uint64_t root_mount, root_inode;    /* what it is, to recognise it */
    int proc;                   /* a procfs known to be one, or -1 until procfs_open */
    bool ordinary_user;         /* the stage: the launcher is not root */
    int clocks;                 /* the stage: /proc/self/timens_offsets */
    int null;                   /* the host's /dev/null, verified, O_PATH; or -1 */
    const char *program;        /* what execve is given */
    char path[PATH_MAX];        /* the program as found along PATH */
    char home[PATH_MAX];        /* HOME=… */
};

#define INIT_DECLARE(name, text) int step_##name(struct init *in);
ALL_STEPS(INIT_DECLARE)
#undef INIT_DECLARE

/* Notes the failure and returns -1. `err` is as system calls return it: -errno. */
int init_fail(struct init *in, enum init_call call, int err);
/* The same with words for what happened; they go behind what init_say has said. */
int init_fail_text(struct init *in, enum init_call call, int err, const char *text);
/* Adds to the words of the failure that is being made; cut where they are full. */
void init_say(struct init *in, const char *text);

/* exec.c: the texts of argv or envp, by address; to be called once for each list. */
const void *vector_pointers(struct plan *p, struct plan_list list);

/* talk.c */
long message_send(const struct init *in, const struct message *m, int fd);
/* Sends a question (MOUNTED, LISTENER) and waits for RESUME. */
int message_ask(struct init *in, const struct message *question);
/* The detached tree for a bind mount of the plan, from the launcher. */
int message_ask_tree(struct init *in, uint32_t mount);
/* Waits for GO, once; then this process is in its cgroup and its ids are mapped. */
int await_go(struct init *in);

/* identity.c: a new one, a joined one, or that of the container that is entered. */
bool has_user_namespace(const struct plan *p);

static inline bool flagged(const struct init *in, uint32_t flag)
{
    return (in->plan->flags & flag) != 0;
}

/* string.c; gcc may call the first four of itself */
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t text_length(const char *s);
bool text_equal(const char *a, const char *b);
/* Writes n in the base (8 or 10) and returns the text, which starts somewhere in buf. */
char *text_number(char buf[24], uint64_t n, unsigned base);
/* Appends what fits to the text in buf; false if not all of it did. */
bool text_append(char *buf, size_t size, const char *s);

static inline void close_auto(int *fd)
{
    if (*fd >= 0)
        sys_close(*fd);
}

static inline int take_fd(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

#define auto_close __attribute__((cleanup(close_auto)))
