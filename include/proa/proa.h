/*
 * proa.h - the public interface of libproa, an OCI container runtime.
 *
 * A `struct proa` is a runtime: a state directory and a few choices. It never changes after
 * proa_open(), so any number of threads may use one at the same time. Containers are named by
 * their ID; nothing is cached between calls, the state directory and the kernel are the truth.
 *
 * What every function promises:
 *  - It returns 0 (or a value >= 0 where stated) on success and a negative errno value on failure.
 *    On failure *ret_error, when ret_error is not NULL, receives an error object that the caller
 *    frees with proa_error_free(). Other out-parameters are untouched.
 *  - It prints nothing and never ends the process, with one exception: when memory runs out it
 *    writes one line to descriptor 2 and aborts.
 *  - The caller's working directory, umask, signal mask, signal dispositions, subreaper flag and
 *    credentials are as before. Every descriptor it opens is close-on-exec.
 *  - Strings handed out through `char **` are the caller's, to be freed with free().
 *
 * A container's first process is a child of the calling process. The caller (or its nearest
 * PR_SET_CHILD_SUBREAPER ancestor after it has exited) is the one who reaps it.
 */
#ifndef PROA_H
#define PROA_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PROA_API __attribute__((visibility("default")))

struct proa;
struct proa_error;

/* ---- Errors --------------------------------------------------------------------------------- */

/* What kind of thing went wrong. The numbers are stable. */
enum proa_code {
    PROA_E_OTHER = 1,      /* the errno says more */
    PROA_E_CONFIG,         /* config.json is not what the runtime-spec asks for */
    PROA_E_UNSUPPORTED,    /* valid, but this version of proa does not do it */
    PROA_E_ID,             /* not a container ID */
    PROA_E_EXISTS,         /* a container with this ID exists */
    PROA_E_NOT_FOUND,      /* no container with this ID */
    PROA_E_NOT_RUNNING,    /* the container has no process */
    PROA_E_STATE,          /* the container is in the wrong state for this */
    PROA_E_EXEC,           /* the user's program cannot be found or executed */
    PROA_E_INIT,           /* a step inside the container failed */
};

/* All but proa_error_free need an error, not NULL. */

/* The message: one line, complete, without a newline at its end. Lives as long as the error. */
PROA_API const char *proa_error_message(const struct proa_error *);
PROA_API enum proa_code proa_error_code(const struct proa_error *);
/* The positive errno value behind it, 0 when there is none. */
PROA_API int proa_error_errno(const struct proa_error *);
/* The JSON pointer (RFC 6901) into config.json of the first fault ("/process/cwd"), or NULL. Lives as long
 * as the error. */
PROA_API const char *proa_error_pointer(const struct proa_error *);
/* NULL is fine. */
PROA_API void proa_error_free(struct proa_error *);

/* ---- The runtime ---------------------------------------------------------------------------- */

enum proa_level { PROA_DEBUG, PROA_INFO, PROA_WARNING };

/* Called for debug notes and warnings, never for errors. May be called from any thread that is
 * inside a libproa function given the same runtime. */
typedef void proa_log_fn(void *data, enum proa_level level, const char *message);

/* Who makes the container's cgroups: this library; systemd, with a unit named by cgroupsPath ("slice:prefix:name"), over
 * D-Bus; nobody, the container stays in the caller's. */
enum proa_cgroup_manager { PROA_CGROUPFS, PROA_SYSTEMD, PROA_CGROUP_DISABLED };
enum proa_rootless { PROA_ROOTLESS_AUTO, PROA_ROOTLESS_TRUE, PROA_ROOTLESS_FALSE };

struct proa_options {
    size_t size;                    /* sizeof(struct proa_options) */
    const char *root;               /* state directory; NULL: /run/proa, or $XDG_RUNTIME_DIR/proa as runc decides */
    int cgroup_manager;             /* enum proa_cgroup_manager, for create and plan */
    int rootless;                   /* enum proa_rootless: whether cgroup permission errors are tolerated */
    int debug;                      /* also report PROA_DEBUG notes */
    proa_log_fn *log;               /* may be NULL */
    void *log_data;
    const char *trace_path;         /* each proa_create, proa_start and proa_exec writes its timeline there, over the last
                                       one; may be NULL */
    const char *name;               /* of the default state directory, instead of "proa" */
};

/* Copies all it needs from `options` (which may be NULL: all defaults). Touches no file. */
PROA_API int proa_open(const struct proa_options *options, struct proa **ret, struct proa_error **ret_error);
/* No other call may still be at work on it; containers, errors and states live on. NULL is fine. */
PROA_API void proa_close(struct proa *);
/* The state directory, absolute and clean. Lives as long as the runtime. */
PROA_API const char *proa_root(const struct proa *);

/* "0.1.0", "1.3.0" (the runtime-spec implemented) and the source commit ("unknown" outside git). */
PROA_API const char *proa_version(void);
PROA_API const char *proa_spec_version(void);
/* The libseccomp whose system call names are known; it is not needed at run time. */
PROA_API const char *proa_libseccomp_version(void);
PROA_API const char *proa_commit(void);

/* ---- What a start would do ------------------------------------------------------------------ */

enum { PROA_SPEC_ROOTLESS = 1 };    /* for the caller, an ordinary user, as root of a user namespace */
/* The default config.json (tab-indented, no newline at its end), as `proa spec` writes it. */
PROA_API int proa_spec(unsigned flags, char **ret_json, struct proa_error **ret_error);

/* NO_PIVOT and NO_NEW_KEYRING as for create; NOTIFY: as with a notify_socket. */
enum { PROA_PLAN_JSON = 1, PROA_PLAN_NO_PIVOT = 2, PROA_PLAN_NO_NEW_KEYRING = 4, PROA_PLAN_NOTIFY = 8 };
/* All that a start of this bundle as container `id` would do, in order. Touches nothing, needs no
 * privilege. `bundle` NULL means the working directory; `id` NULL means "ID". */
PROA_API int proa_plan(const struct proa *, const char *bundle, const char *id, unsigned flags, char **ret_text,
                       struct proa_error **ret_error);

/* The features document of runtime-spec features.md. Needs no privilege. */
PROA_API int proa_features(char **ret_json, struct proa_error **ret_error);

/* ---- Lifecycle (runtime-spec runtime.md) ---------------------------------------------------- */

enum {
    PROA_CREATE_START = 1,          /* run the user's program at once: create and start in one */
    PROA_CREATE_NO_PIVOT = 2,       /* MS_MOVE and chroot instead of pivot_root */
    PROA_CREATE_NO_NEW_KEYRING = 4, /* keep the caller's session keyring */
    PROA_CREATE_CONSOLE_FD = 8,     /* with process.terminal: hand the pty's master back in console_fd, ONLCR cleared */
    PROA_CREATE_NOTIFY_FD = 16,     /* with PROA_CREATE_START and notify_socket: do not wait, hand notify_fd back */
};

/* Network interfaces and routes beside config.json's netDevices. The container must have a network namespace of its own, new
 * or joined, and the caller CAP_NET_ADMIN. All is in place before hooks run and the program starts. The host's
 * end of a pair vanishes with the container's network namespace, or when the creation fails.
 * Unset members are NULL or 0; texts live as long as the call. */
enum proa_net_type {
    PROA_NET_LOOPBACK,              /* addresses and MTU of "lo", which is brought up */
    PROA_NET_VETH,                  /* a pair: one end in the container, one in the caller's network namespace */
};
enum { PROA_NET_HAIRPIN = 1 };      /* the bridge sends packets back to the port they came from */

struct proa_net_interface {
    int type;                       /* enum proa_net_type */
    unsigned flags;                 /* PROA_NET_* */
    const char *name;               /* in the container */
    const char *host_name;          /* veth: of the host's end */
    const char *bridge;             /* veth: a bridge on the host that the host's end joins */
    const char *mac;                /* veth: of the container's end; "02:00:5e:10:00:01" */
    const char *const *addresses;   /* in the container, with their prefixes: "192.0.2.2/24", "2001:db8::2/64" */
    size_t n_addresses;
    const char *gateway;            /* makes an IPv4 default route; "192.0.2.1" */
    const char *gateway6;           /* … and an IPv6 one */
    unsigned mtu, tx_queue_len;     /* of both ends */
};

struct proa_net_route {
    const char *destination;        /* "198.51.100.0/24", "default" */
    const char *gateway;            /* needs none when the interface reaches the destination itself */
    const char *source;             /* the address to send from */
    const char *interface;          /* in the container; may be left out with a gateway */
};

struct proa_net {
    size_t size;                    /* sizeof(struct proa_net) */
    size_t interface_size;          /* sizeof(struct proa_net_interface) */
    const struct proa_net_interface *interfaces;
    size_t n_interfaces;
    size_t route_size;              /* sizeof(struct proa_net_route) */
    const struct proa_net_route *routes;    /* made in this order, after all interfaces and their gateways */
    size_t n_routes;
};

struct proa_create_options {
    size_t size;                    /* sizeof(struct proa_create_options) */
    const char *bundle;             /* NULL: the working directory */
    unsigned flags;                 /* PROA_CREATE_* */
    const char *console_socket;     /* with process.terminal: AF_UNIX socket that receives the pty's master */
    const char *pid_file;           /* written, complete and by rename, before the call returns; may be NULL */
    unsigned preserve_fds;          /* the container also gets the caller's descriptors 3 .. 3+preserve_fds-1 */
    unsigned console_rows;          /* with PROA_CREATE_CONSOLE_FD: the pty's size from its first moment, unless … */
    unsigned console_columns;       /* … process.consoleSize says one; 0: not known */
    const char *pidfd_socket;       /* AF_UNIX socket that receives a pidfd of the first process; may be NULL */
    const struct proa_net *net;     /* interfaces and routes to be made; may be NULL */
    const char *notify_socket;      /* address of a service manager's socket as in $NOTIFY_SOCKET (sd_notify(3)): the container
                                       gets one of its own. With PROA_CREATE_START the call returns once the program is
                                       ready, which the manager is told, or has ended; see proa_start_notify(); may be NULL */
    unsigned listen_fds;            /* so many descriptors from 3 on come from socket activation (sd_listen_fds(3)): handed on
                                       before the preserve_fds, which follow them; the program is told, */
    const char *listen_fdnames;     /* … and these names too; may be NULL */
};

struct proa_process {
    size_t size;                    /* sizeof(struct proa_process), set by the caller */
    pid_t pid;                      /* of the new process, in the caller's pid namespace */
    int pidfd;                      /* the caller's to close */
    int console_fd;                 /* pty master (PROA_CREATE_CONSOLE_FD, PROA_EXEC_CONSOLE_FD), else -1; the caller's to close */
    int terminal;                   /* it has a terminal */
    int notify_fd;                  /* for proa_notify_forward() (PROA_CREATE_NOTIFY_FD), else -1; the caller's to close */
};

/* Creates container `id`: letters, digits and _+.- but not "." or "..", at most 255 bytes. After success
 * it waits for proa_start(), or with PROA_CREATE_START it runs. After failure nothing of it is left.
 * `options` NULL means all defaults; `ret` may be NULL.
 * PROA_E_CONFIG or PROA_E_UNSUPPORTED with a pointer, PROA_E_ID, PROA_E_EXISTS, PROA_E_EXEC, PROA_E_INIT. */
PROA_API int proa_create(const struct proa *, const char *id, const struct proa_create_options *options,
                         struct proa_process *ret, struct proa_error **ret_error);
/* Lets a created container's program run, and returns without waiting for its execve. PROA_E_STATE when the
 * container is not (or no longer) created. */
PROA_API int proa_start(const struct proa *, const char *id, struct proa_error **ret_error);
/* The same for a container that was created with a notify_socket: returns once its program has said that it is ready,
 * which the service manager at `notify_socket` is told, or has ended. The manager has up to 30 seconds to take it in. */
PROA_API int proa_start_notify(const struct proa *, const char *id, const char *notify_socket, struct proa_error **ret_error);
/* Takes what has come to notify_fd, one message, without waiting for it. 1: the program is ready, and the manager has been
 * told and has taken it in, with `main_pid` as the service's main process; 0: not yet. */
PROA_API int proa_notify_forward(int notify_fd, const char *notify_socket, pid_t main_pid, struct proa_error **ret_error);

enum {
    PROA_EXEC_TERMINAL = 1,         /* with a terminal of its own; else it has the caller's descriptors 0, 1 and 2 */
    PROA_EXEC_CONSOLE_FD = 2,       /* with a terminal: hand the pty's master back in console_fd, ONLCR cleared */
    PROA_EXEC_IGNORE_PAUSED = 4,    /* a paused container is no error; the process runs once it is resumed */
};

struct proa_exec_options {
    size_t size;                    /* sizeof(struct proa_exec_options) */
    const char *process;            /* a process object of the runtime-spec as JSON text; takes the place of all from `args` … */
    const char *process_name;       /* what messages call that text; NULL: "process" */
    const char *const *args;        /* the program and its arguments; lists of texts end with NULL */
    const char *const *env;         /* "NAME=value", added to the container's; may be NULL, as all that follows */
    const char *const *caps;        /* "CAP_X", added to the bounding, effective and permitted set */
    const uint32_t *additional_gids;    /* added to the container's */
    size_t n_additional_gids;
    const char *cwd;                /* absolute; NULL: the container's, as all that follows */
    const char *user;               /* "UID" or "UID:GID", in digits; without a GID the container's stays */
    const char *apparmor;           /* profile */
    const char *selinux_label;
    int no_new_privileges;          /* … to here: 0: the container's, 1: set, -1: not set */
    unsigned flags;                 /* PROA_EXEC_* */
    const char *const *cgroups;     /* "[controller[,controller]:]path": cgroups below the container's, which must be there */
    const char *console_socket;     /* as in struct proa_create_options, down to console_columns */
    const char *pidfd_socket;
    const char *pid_file;
    const char *wait_fifo;          /* just before its program runs the process opens this FIFO for writing: it waits for a reader */
    unsigned preserve_fds;
    unsigned console_rows;
    unsigned console_columns;
};

/* Runs a further process in container `id`, which is created or running. It is a child of the caller. After success its
 * program runs (or waits on wait_fifo); after failure there is no process.
 * PROA_E_NOT_FOUND, PROA_E_STATE, PROA_E_EXEC, PROA_E_INIT; PROA_E_CONFIG with a pointer: into the process object, as if it
 * stood in config.json. `ret` may be NULL. */
PROA_API int proa_exec(const struct proa *, const char *id, const struct proa_exec_options *options, struct proa_process *ret,
                       struct proa_error **ret_error);

enum { PROA_KILL_ALL = 1 };         /* to all of its processes; that there are none is not an error */
/* Sends signal number `signal` to the container's first process. SIGKILL goes to all of its processes anyway when
 * they do not share a pid namespace of their own, in which they would end with it. PROA_E_NOT_RUNNING. */
PROA_API int proa_kill(const struct proa *, const char *id, int signal, unsigned flags, struct proa_error **ret_error);

/* All processes in the container's cgroups and those below, as they are numbered here; without cgroups those of its own pid
 * namespace, or else the first one alone. A stopped container has none. *ret is to be freed with free(). */
PROA_API int proa_processes(const struct proa *, const char *id, pid_t **ret, size_t *ret_n, struct proa_error **ret_error);

/* Stops all processes of a created or running container where they are, until proa_resume(); PROA_E_NOT_RUNNING. Waits until
 * they have stopped, at most 10 seconds: after a failure they go on. */
PROA_API int proa_pause(const struct proa *, const char *id, struct proa_error **ret_error);
/* Lets a paused container go on. PROA_E_STATE when it is not paused. */
PROA_API int proa_resume(const struct proa *, const char *id, struct proa_error **ret_error);

struct proa_update_options {
    size_t size;                    /* sizeof(struct proa_update_options) */
    const char *resources;          /* a resources object of the runtime-spec (linux.resources) as JSON text; may be NULL */
    const char *resources_name;     /* what messages call that text; NULL: "resources" */
    const char *l3_cache_schema;    /* as linux.intelRdt.l3CacheSchema; may be NULL, as … */
    const char *mem_bw_schema;      /* linux.intelRdt.memBwSchema */
};

/* Gives a container that is created, running or paused new limits: all of them or, when one is refused, none. What the
 * resources do not name stays as it is; lists of block devices, huge page sizes, interfaces and RDMA devices are updated
 * item by item; device rules never change. Of cpu.quota and cpu.period, and of memory.limit and memory.swap, one alone is
 * written together with the last value of the other.
 * PROA_E_NOT_FOUND, PROA_E_NOT_RUNNING; PROA_E_CONFIG with a pointer: as if the object stood in config.json. */
PROA_API int proa_update(const struct proa *, const char *id, const struct proa_update_options *options,
                         struct proa_error **ret_error);

enum { PROA_DELETE_FORCE = 1 };     /* kill first, whatever its state; an unknown ID is not an error */
/* Removes what a stopped container has left: cgroups and state. One that is only created is killed first; one
 * that runs is PROA_E_STATE. Waits up to 10 seconds for processes that have been killed. */
PROA_API int proa_delete(const struct proa *, const char *id, unsigned flags, struct proa_error **ret_error);

/* ---- Checkpoint and restore ----------------------------------------------------------------- */

/* Both run criu (criu.org), which is looked for along PATH, and need the privileges of the machine's root. It is killed when
 * the calling thread ends. Its log is in the work directory, as dump.log or restore.log; what it says about a failure is in
 * the error. /etc/criu/runc.conf, or the file that the annotation org.criu.config names ("": none), has options of its own. */
enum {
    PROA_CRIU_TCP_ESTABLISHED = 1,      /* connections over TCP are saved, and taken up again */
    PROA_CRIU_TCP_SKIP_IN_FLIGHT = 2,   /* those that are not established yet are left out */
    PROA_CRIU_LINK_REMAP = 4,           /* files that are open and have no name any more */
    PROA_CRIU_EXT_UNIX_SK = 8,          /* sockets to processes outside */
    PROA_CRIU_SHELL_JOB = 16,           /* a session and a terminal that come from outside */
    PROA_CRIU_FILE_LOCKS = 32,          /* flock(2), fcntl(2) */
    PROA_CRIU_LAZY_PAGES = 64,          /* memory follows while the container runs already; see criu-lazy-pages */
    PROA_CRIU_AUTO_DEDUP = 128,         /* what a later checkpoint has too is taken out of the earlier one */
    PROA_CRIU_LEAVE_RUNNING = 256,      /* checkpoint: the container goes on */
    PROA_CRIU_PRE_DUMP = 512,           /* checkpoint: only the memory, for a parent_path; the container goes on */
};
/* What becomes of the processes' own cgroups below the container's (criu's --manage-cgroups-mode). */
enum proa_criu_cgroups { PROA_CRIU_CGROUPS_SOFT, PROA_CRIU_CGROUPS_FULL, PROA_CRIU_CGROUPS_STRICT, PROA_CRIU_CGROUPS_IGNORE };

struct proa_checkpoint_options {
    size_t size;                    /* sizeof(struct proa_checkpoint_options) */
    const char *image_path;         /* directory for the image files, made when it is missing; NULL: "checkpoint" */
    const char *work_path;          /* … for the log and statistics; NULL: image_path */
    const char *parent_path;        /* directory of an earlier checkpoint, relative to image_path; may be NULL */
    const char *page_server;        /* "ADDRESS:PORT" of a page server that takes the memory; may be NULL */
    int status_fd;                  /* with PROA_CRIU_LAZY_PAGES: gets a NUL byte when the pages can be asked for; 0: none */
    unsigned flags;                 /* PROA_CRIU_* */
    int cgroups;                    /* enum proa_criu_cgroups */
};

/* Writes a container that runs, or is paused, into image files. It is gone afterwards, as by proa_delete(), unless the flags
 * say otherwise; after a failure it runs as before. `options` NULL means all defaults.
 * PROA_E_NOT_FOUND, PROA_E_STATE, PROA_E_UNSUPPORTED without the privileges. */
PROA_API int proa_checkpoint(const struct proa *, const char *id, const struct proa_checkpoint_options *options,
                             struct proa_error **ret_error);

struct proa_restore_options {
    size_t size;                    /* sizeof(struct proa_restore_options) */
    const char *image_path;         /* as above, down to flags and cgroups */
    const char *work_path;
    const char *lsm_profile;        /* "apparmor:NAME", "selinux:LABEL" in place of what the images say; may be NULL */
    const char *lsm_mount_context;  /* SELinux context for mounts in place of what the images say; may be NULL */
    unsigned flags;
    int cgroups;
    const struct proa_create_options *create;   /* the bundle, and how to stay in touch: bundle, console_socket, pid_file,
                                       console_rows, console_columns, pidfd_socket, net, PROA_CREATE_CONSOLE_FD; may be NULL.
                                       notify_socket, listen_fds and preserve_fds are PROA_E_UNSUPPORTED. */
};

/* Makes container `id` of a bundle and the image files. Its processes go on where they were; the first one is a child of the
 * caller. Cgroups, root file system, sources of bind mounts and namespaces by path are those of config.json; the hooks
 * prestart and createRuntime run. Streams that were pipes are the caller's descriptors 0 to 2 from now on.
 * After failure nothing of it is left. `ret` may be NULL. Errors as of proa_create(), PROA_E_UNSUPPORTED. */
PROA_API int proa_restore(const struct proa *, const char *id, const struct proa_restore_options *options,
                          struct proa_process *ret, struct proa_error **ret_error);

/* ---- Waiting --------------------------------------------------------------------------------- */

/* Waits for the process that `pidfd` names, a child of the caller, and reaps it. Signals do not end the
 * wait. *ret_status: its exit status, 128+n when signal n ended it. */
PROA_API int proa_wait(int pidfd, int *ret_status, struct proa_error **ret_error);

/* ---- State ---------------------------------------------------------------------------------- */

enum proa_status { PROA_CREATING, PROA_CREATED, PROA_RUNNING, PROA_PAUSED, PROA_STOPPED };

/* A container as it was at one moment. One thread at a time may use a state; different threads, different
 * states. It needs neither the runtime nor the container to live on. */
struct proa_state;
/* PROA_E_NOT_FOUND when there is no such container. *ret is to be freed with proa_state_free(). */
PROA_API int proa_state(const struct proa *, const char *id, struct proa_state **ret, struct proa_error **ret_error);
/* All strings live as long as the state. */
PROA_API const char *proa_state_id(const struct proa_state *);
PROA_API enum proa_status proa_state_status(const struct proa_state *);
PROA_API const char *proa_status_name(enum proa_status);         /* "created", "running", ... */
PROA_API pid_t proa_state_pid(const struct proa_state *);        /* 0 when stopped */
PROA_API const char *proa_state_bundle(const struct proa_state *);  /* absolute */
PROA_API const char *proa_state_rootfs(const struct proa_state *);  /* absolute */
PROA_API const char *proa_state_created(const struct proa_state *); /* RFC 3339, nanoseconds, UTC */
PROA_API const char *proa_state_owner(const struct proa_state *);   /* user name, or "#UID" */

enum { PROA_JSON_PRETTY = 1, PROA_JSON_OWNER = 2 };
/* The state object of runtime-spec runtime.md with runc's members. PRETTY: two spaces, no newline
 * at the end; otherwise compact. OWNER: fill `owner`, as `list` does. */
PROA_API int proa_state_json(const struct proa_state *, unsigned flags, char **ret_json, struct proa_error **ret_error);
/* NULL is fine. */
PROA_API void proa_state_free(struct proa_state *);

/* Calls `each` for every container in the order of their IDs; `each` owns the state it is given.
 * An entry that cannot be loaded is reported through `bad` (may be NULL; the texts live as long as
 * that call) and passed over. Stops early, returning its value, when a callback returns other than 0.
 * A state directory that does not exist is -ENOENT when it was named in the options, and no container
 * otherwise. */
PROA_API int proa_list(const struct proa *, int (*each)(void *data, struct proa_state *),
                       int (*bad)(void *data, const char *id, const char *message), void *data,
                       struct proa_error **ret_error);

/* ---- What a container uses ------------------------------------------------------------------- */

/* What the kernel has counted for a running container up to one moment: in its cgroups, and for the interfaces of a
 * network namespace that is not the caller's. One thread at a time may use an object; it needs neither the runtime nor the
 * container to live on. */
struct proa_stats;
/* PROA_E_NOT_FOUND, PROA_E_NOT_RUNNING (also when it ends meanwhile). *ret is to be freed with proa_stats_free(). */
PROA_API int proa_stats(const struct proa *, const char *id, struct proa_stats **ret, struct proa_error **ret_error);
/* The `data` object of an event of type "stats" as runc has it, compact. */
PROA_API int proa_stats_json(const struct proa_stats *, char **ret_json, struct proa_error **ret_error);
/* NULL is fine. */
PROA_API void proa_stats_free(struct proa_stats *);

#define PROA_USAGE_NO_LIMIT UINT64_MAX
/* struct proa_usage.known: which numbers there are; the others are 0. */
enum {
    PROA_USAGE_CPU = 1, PROA_USAGE_THROTTLING = 2, PROA_USAGE_MEMORY = 4, PROA_USAGE_SWAP = 8, PROA_USAGE_OOM = 16,
    PROA_USAGE_PIDS = 32, PROA_USAGE_IO = 64, PROA_USAGE_NETWORK = 128, PROA_USAGE_PRESSURE = 256,
};

/* Pressure stall information: the time in which some or all of the tasks waited. */
struct proa_pressure {
    uint64_t some, full;            /* nanoseconds, ever */
    unsigned some_percent, full_percent;    /* of the last ten seconds, in hundredths of a percent */
};

/* The same for cgroup v1 and v2. What counts up does so from the container's start: two of them, and the time between,
 * make a rate. */
struct proa_usage {
    size_t size;                    /* sizeof(struct proa_usage), set by the caller */
    unsigned known;                 /* PROA_USAGE_* */
    uint64_t time;                  /* when it was read: CLOCK_MONOTONIC, nanoseconds */
    uint64_t cpu, cpu_user, cpu_system;             /* nanoseconds of processor time */
    uint64_t periods, throttled_periods, throttled; /* of the CPU quota; nanoseconds for want of it */
    uint64_t memory, memory_limit, memory_peak;     /* bytes; the limit may be PROA_USAGE_NO_LIMIT */
    uint64_t memory_working_set;    /* `memory` less the file cache that the kernel would drop first */
    uint64_t swap;                  /* bytes */
    uint64_t oom_kills;             /* processes killed for want of memory */
    uint64_t pids, pids_limit;      /* tasks; PROA_USAGE_NO_LIMIT */
    uint64_t io_read, io_written, io_reads, io_writes;      /* bytes, and operations */
    uint64_t net_received, net_received_packets, net_sent, net_sent_packets;        /* bytes, packets; but for "lo" */
    struct proa_pressure cpu_pressure, memory_pressure, io_pressure;
};
/* Fills as much of *ret as ret->size says. */
PROA_API void proa_stats_usage(const struct proa_stats *, struct proa_usage *ret);
/* The same of now, for less than half of the cost of proa_stats(): for whoever looks at many, and often. Errors as there. */
PROA_API int proa_usage(const struct proa *, const char *id, struct proa_usage *ret, struct proa_error **ret_error);

/* A look-out for what happens to a running container from now on. */
struct proa_watch;
enum proa_watch_event {
    PROA_WATCH_NOTHING,             /* so far */
    PROA_WATCH_OOM,                 /* the OOM killer has struck: one event each time */
    PROA_WATCH_END,                 /* the container has ended: nothing more will come */
};
/* PROA_E_NOT_FOUND, PROA_E_NOT_RUNNING. Without a memory controller there will be no PROA_WATCH_OOM. */
PROA_API int proa_watch(const struct proa *, const char *id, struct proa_watch **ret, struct proa_error **ret_error);
/* For poll(2): readable when proa_watch_next() may have something to say. Not the caller's to close. */
PROA_API int proa_watch_fd(const struct proa_watch *);
/* Returns what has happened next (enum proa_watch_event), without waiting: call it until there is nothing. The kernel
 * counts: nothing is lost between two calls. */
PROA_API int proa_watch_next(struct proa_watch *, struct proa_error **ret_error);
/* NULL is fine. */
PROA_API void proa_watch_free(struct proa_watch *);

/* ---- Audit ---------------------------------------------------------------------------------- */

enum { PROA_AUDIT_JSON = 1 };
/* Compares the container as it is with what was configured when it was created, without changing anything: docs/audit.md
 * says what is compared, and how the JSON object looks. *ret_differences: how many things are weaker or other than
 * configured. Returns 0, or 1 when something could not be looked at. May wait for an update, and a second for processes
 * that are on their way in. PROA_E_NOT_FOUND, PROA_E_STATE while it is being created. */
PROA_API int proa_audit(const struct proa *, const char *id, unsigned flags, char **ret_text, unsigned *ret_differences,
                        struct proa_error **ret_error);

#ifdef __cplusplus
}
#endif
#endif
