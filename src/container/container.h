/* container.h - the lifecycle behind the public API: each function is one operation on one container. */
#pragma once
#include "base/op.h"
#include "container/state.h"
#include "launch/stats.h"
#include "launch/watch.h"
#include "plan/planner.h"
#include "proa/proa.h"

struct proa {
    char *root;
    mode_t root_mode;           /* to make it with */
    bool root_given;            /* by the caller, not the default */
    bool debug;
    int cgroup_manager;         /* enum proa_cgroup_manager */
    int rootless;               /* as in struct plan_request */
    const char *resctrl;        /* tests: takes the place of this machine's resctrl file system */
    proa_log_fn *log;
    void *log_data;
    char *trace_path;
};

/* Opens the bundle (NULL: the working directory) and reads its config.json; *ret_bundle is absolute. */
int bundle_load(struct op *op, const char *bundle, char **ret_bundle, struct spec **ret);

/* The plan of starting `spec` as `id` on this machine. `roots_view`: what only root can start is planned for root. */
int container_plan(struct op *op, const struct proa *p, const struct spec *spec, const struct plan_request *request,
                   bool roots_view, struct plan **ret);

/* What `net` (may be NULL) asks of the network; an older caller's structs may be shorter. */
struct request_net container_net(struct op *op, const struct proa_net *net);

int container_create(struct op *op, const struct proa *p, const char *id, const struct proa_create_options *options,
                     struct proa_process *ret);
/* `notify`: the service manager's address, to be told when the container is ready; or NULL. */
int container_start(struct op *op, const struct proa *p, const char *id, const char *notify);
int container_exec(struct op *op, const struct proa *p, const char *id, const struct proa_exec_options *options,
                   struct proa_process *ret);
/* *ret is the operation's. */
int container_processes(struct op *op, const struct proa *p, const char *id, pid_t **ret, size_t *ret_n);
int container_kill(struct op *op, const struct proa *p, const char *id, int signal, unsigned flags);
int container_pause(struct op *op, const struct proa *p, const char *id);
int container_resume(struct op *op, const struct proa *p, const char *id);
int container_update(struct op *op, const struct proa *p, const char *id, const struct proa_update_options *options);
int container_checkpoint(struct op *op, const struct proa *p, const char *id, const struct proa_checkpoint_options *options);
int container_restore(struct op *op, const struct proa *p, const char *id, const struct proa_restore_options *options,
                      struct proa_process *ret);
int container_delete(struct op *op, const struct proa *p, const char *id, unsigned flags);
/* The one whose state directory is `dir`: when that is gone, another may have its ID. */
int container_delete_at(struct op *op, const struct proa *p, int dir, const char *id, unsigned flags);

/* Of a container that runs, else OP_NOT_RUNNING. `brief`: see stats_read_cgroups. */
int container_stats(struct op *op, const struct proa *p, const char *id, bool brief, struct stats *ret);
int container_watch(struct op *op, const struct proa *p, const char *id, struct watch *ret);

struct container_audit { const char *text; unsigned differences, unchecked; };
int container_audit(struct op *op, const struct proa *p, const char *id, unsigned flags, struct container_audit *ret);

/* Loads the state of a container that must exist; *ret_dir is the caller's. */
int container_load(struct op *op, const struct proa *p, const char *id, int *ret_dir, struct proa_state *ret);
/* The same for a container of a store that is open already. */
int container_load_at(struct op *op, int root, const char *id, struct proa_state *ret);

char *state_json(struct op *op, const struct proa_state *s, unsigned flags);
int features_json(struct op *op, char **ret);
