/* planner.h - from a configuration and a machine's facts to a plan. Pure: no system call is made. */
#pragma once
#include "base/op.h"
#include "host/host.h"
#include "plan/plan.h"
#include "spec/spec.h"

/* What an embedder wants of the network, in texts as he wrote them; NULL or 0: not asked for. */
struct request_interface {
    uint32_t kind;              /* enum plan_interface_kind */
    const char *name, *host_name, *bridge, *mac;
    const char *const *addresses;
    size_t n_addresses;
    const char *gateway, *gateway6;
    unsigned mtu, tx_queue;
    bool hairpin;
};
struct request_route { const char *destination, *gateway, *source, *interface; };
struct request_net {
    const struct request_interface *interfaces;
    size_t n_interfaces;
    const struct request_route *routes;
    size_t n_routes;
};

struct plan_request {
    const char *id;
    const char *bundle;         /* absolute and clean */
    bool no_pivot, no_new_keyring;
    bool wait;                  /* create: stop before the user's program */
    bool trace;
    const char *notify_dir;     /* host directory of the container's notify.sock, mounted over /run/notify; or NULL */
    unsigned listen_fds;        /* so many descriptors from 3 on are handed on by socket activation */
    const char *listen_fdnames; /* and their names, or NULL */
    bool systemd_cgroup;        /* systemd makes the cgroup, with a unit; cgroupsPath is slice:prefix:name */
    bool no_cgroups;            /* the container has none of its own */
    struct request_net net;
    int rootless;               /* -1: decide by the host's facts, else 0 or 1 */
};

int plan_make(struct op *op, const struct spec *spec, const struct host *host, const struct plan_request *request,
              struct plan **ret);

/* A further process of a container. What is NULL (or -1) is as the container's own process has it. */
struct plan_exec_request {
    const struct plan *container;       /* as it was saved when the container was made */
    const struct spec_process *process; /* takes the place of all down to `no_new_privileges` */
    const char *const *args;            /* lists of texts end with NULL */
    const char *const *env, *const *caps;   /* in addition to those it has */
    const char *cwd, *apparmor, *selinux;
    const char *user;                   /* "UID[:GID]" */
    const uint32_t *gids;               /* in addition */
    size_t n_gids;
    int no_new_privileges;              /* -1, 0 or 1 */
    bool terminal;
    const char *const *cgroups;         /* "[controller[,controller]:]path" below the container's cgroups */
    bool wait, trace;
};

int plan_exec(struct op *op, const struct host *host, const struct plan_exec_request *request, struct plan **ret);

/* The plan in words, one fact a line, in the order of execution. What golden tests compare. */
char *plan_explain_text(struct op *op, const struct plan *p);
/* The same facts as JSON (pretty, two spaces). */
char *plan_explain_json(struct op *op, const struct plan *p);
