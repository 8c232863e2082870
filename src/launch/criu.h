/* criu.h - CRIU, the program that writes processes into image files and makes them again (criu.org), by its own protocol:
 * `criu swrk FD` serves one client on a SOCK_SEQPACKET socket, a message of Protocol Buffers in each datagram. The numbers
 * here are those of its images/rpc.proto.
 *
 * It runs as a child that is killed when the calling thread ends. Processes that it has in its hands go on then: what it has
 * put into them ends by itself when its socket does. It takes as long as it takes. */
#pragma once
#include <sys/types.h>
#include "base/op.h"
#include "launch/protobuf.h"

/* Fields of the options that go with a request. */
enum criu_option {
    CRIU_IMAGES_DIR_FD = 1, CRIU_PID = 2, CRIU_LEAVE_RUNNING = 3, CRIU_EXT_UNIX_SK = 4, CRIU_TCP_ESTABLISHED = 5,
    CRIU_SHELL_JOB = 7, CRIU_FILE_LOCKS = 8, CRIU_LOG_LEVEL = 9, CRIU_LOG_FILE = 10, CRIU_PAGE_SERVER = 11,
    CRIU_NOTIFY_SCRIPTS = 12, CRIU_ROOT = 13, CRIU_PARENT_IMG = 14, CRIU_TRACK_MEM = 15, CRIU_AUTO_DEDUP = 16,
    CRIU_WORK_DIR_FD = 17, CRIU_LINK_REMAP = 18, CRIU_EXT_MNT = 23, CRIU_CG_ROOT = 25, CRIU_RST_SIBLING = 26,
    CRIU_INHERIT_FD = 27, CRIU_MANAGE_CGROUPS_MODE = 34, CRIU_EXTERNAL = 37, CRIU_EMPTY_NS = 38, CRIU_JOIN_NS = 39,
    CRIU_FREEZE_CGROUP = 44, CRIU_TCP_SKIP_IN_FLIGHT = 46, CRIU_LAZY_PAGES = 48, CRIU_ORPHAN_PTS_MASTER = 50,
    CRIU_CONFIG_FILE = 51, CRIU_LSM_PROFILE = 53, CRIU_LSM_MOUNT_CONTEXT = 63, CRIU_NETWORK_LOCK = 64,
};
/* Values of CRIU_MANAGE_CGROUPS_MODE. */
enum criu_cgroups { CRIU_CGROUPS_IGNORE = 0, CRIU_CGROUPS_SOFT = 3, CRIU_CGROUPS_FULL = 4, CRIU_CGROUPS_STRICT = 5 };
enum { CRIU_LOCK_NFTABLES = 2, CRIU_LOCK_SKIP = 3 };     /* values of CRIU_NETWORK_LOCK */
/* Most composite options are two texts: fields 1 and 2. */
void criu_add_pair(struct str *options, enum criu_option option, const char *first, const char *second);
/* What the process has open under the name `key` becomes descriptor `fd` of the criu process. */
void criu_add_inherited(struct str *options, const char *key, int fd);

enum criu_type { CRIU_DUMP = 1, CRIU_RESTORE = 2, CRIU_PRE_DUMP = 4 };
struct criu_request { enum criu_type type; struct str options; };
enum criu_feature { CRIU_MEM_TRACK = 1, CRIU_LAZY = 2 };        /* fields of criu_features */

/* Its descriptors 0 to 2 are the caller's. */
enum { CRIU_SOCKET = 3, CRIU_FIRST_FD = 4 };
struct criu_start {
    const int *fds;             /* they become CRIU_FIRST_FD and following */
    size_t n_fds;
    int mounts;                 /* the mount namespace to work in; -1: the caller's */
};

/* Where it writes what it does. */
struct criu_log { int dir; const char *name, *path; };

struct criu {
    pid_t pid;                  /* 0: none */
    int socket, pidfd;
    unsigned version;           /* 31700: 3.17 */
    const struct criu_log *log; /* NULL: not yet */
    bool answered;              /* its last request: it ends by itself */
};
#define CRIU_NONE { .socket = -1, .pidfd = -1 }

/* What it says on its way: the stage, the first process where that is known, a descriptor (else -1), to be taken over. */
struct criu_notice { const char *stage; pid_t pid; int *fd; };
struct criu_listener {
    int (*hear)(struct op *op, void *data, const struct criu_notice *notice);   /* after a failure criu gives up, too */
    void *data;
};

/* Along PATH, or the usual places. It waits for a request; the caller says where its log is (`log`). */
int criu_start(struct op *op, const struct criu_start *start, struct criu *ret);
/* 1 or 0, or an error. */
int criu_can(struct op *op, struct criu *c, enum criu_feature feature);
/* One request, the last. *ret_pid (may be NULL): of the restored process, or after a failure of one that may be left as a
 * zombie; else 0. */
int criu_do(struct op *op, struct criu *c, const struct criu_request *request, const struct criu_listener *listener,
            pid_t *ret_pid);
/* Waits for its end; kills it when it has not answered, or does not end for all that. */
void criu_end(struct criu *c);

/* The lines of a log that say why, without their times, on one line; or "". */
char *criu_log_excerpt(struct arena *a, const char *log);

/* A mount namespace for a restore: the host's, with the tree (from open_tree(2)) mounted on `mountpoint`, where nobody else sees
 * it. It lasts as long as its descriptor. criu mounts things in its work directory: *ret_work is `work` as opened in there. */
struct criu_root { int tree; const char *mountpoint, *work; };
int criu_make_root(struct op *op, const struct criu_root *root, int *ret_mounts, int *ret_work);

/* criu_child.c: executes `file`. */
int criu_spawn(struct op *op, const char *file, const struct criu_start *start, struct criu *ret);
