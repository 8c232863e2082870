/* host.h - facts of the machine and of the calling process that a plan depends on.
 *
 * Reading them changes nothing. The planner sees only this struct, so tests plan for machines that
 * they do not run on. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/op.h"

enum host_cgroup_layout {
    HOST_CGROUP_NONE,           /* no cgroup file system found */
    HOST_CGROUP_V1,             /* v1 hierarchies only */
    HOST_CGROUP_HYBRID,         /* v1 hierarchies, and a cgroup2 beside them without controllers */
    HOST_CGROUP_V2,
};

struct host_hierarchy {
    const char *controllers;    /* "memory", "cpu,cpuacct", "name=systemd"; "" for v2 */
    const char *mount;          /* "/sys/fs/cgroup/memory" */
    const char *own;            /* the calling process's cgroup in it, relative to `mount`: "/", "/user.slice" */
};

/* user_namespaces(7) */
struct host_id_range { uint32_t inside, outside, count; };
struct host_id_map { struct host_id_range *v; size_t n; };

/* Intel RDT: what the resctrl file system offers (the kernel's Documentation/filesystems/resctrl.rst). */
struct host_rdt {
    const char *root;           /* where it is mounted; NULL: nowhere */
    bool l3, mb;                /* shares of cache and of memory bandwidth can be given */
    bool monitoring;
};

struct host {
    uint32_t uid, gid;          /* effective */
    bool user_namespace;        /* the caller is not in the initial user namespace */
    uint64_t caps;              /* effective capabilities */
    unsigned last_cap;          /* the highest capability that the kernel knows */
    enum host_cgroup_layout layout;
    struct host_hierarchy *hierarchies;         /* v1 ones first; a cgroup2 last */
    size_t n_hierarchies;
    bool cgroup_namespaces, time_namespaces;    /* the kernel has them */
    uint64_t net_namespace;     /* inode of the caller's, for "is that path the host's?" */
    bool apparmor, selinux;     /* enabled */
    uint32_t seccomp_flags;     /* SECCOMP_FILTER_FLAG_* that the kernel knows; only after host_read_seccomp */
    struct host_rdt rdt;        /* only after host_read_rdt */
    bool own_systemd;           /* the systemd of this machine, or container, is the caller's user; only after host_read_systemd */
    uint32_t manager_uid;       /* the caller's uid as one of a user's own systemd outside of the user namespace; likewise */
    bool joined_user;           /* the next two are known: those of a user namespace that is to be joined */
    struct host_id_map joined_uids, joined_gids;
};

int host_read(struct op *op, struct host *ret);
/* A few system calls that only a configuration with a filter is worth. */
void host_read_seccomp(struct host *ret);
/* A few more that only a configuration with intelRdt is worth. `root`: of the resctrl file system; NULL: to be found. */
void host_read_rdt(struct arena *a, const char *root, struct host_rdt *ret);
/* Only the systemd cgroup driver wants to know. */
int host_read_systemd(struct op *op, struct host *host);
/* Adds the ID mappings of the user namespace at `path`, as they look from the caller's. */
int host_read_user_namespace(struct op *op, const char *path, struct host *host);
/* The same without cgroups. */
int host_read_caller(struct op *op, struct host *ret);
