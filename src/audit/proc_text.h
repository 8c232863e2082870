/* proc_text.h - the texts of /proc/PID that tell about rights, taken apart. Pure: tests feed them any text. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "plan/plan.h"

/* proc_pid_status(5). What a kernel does not tell stays 0, and what it always tells is -EINVAL when it is missing. */
struct proc_status {
    char state;
    uint64_t caps[PLAN_CAP_SETS];
    bool no_new_privs;
    unsigned seccomp, filters;  /* mode, and how many filters */
    bool has_filters;           /* the kernel counts them (Linux 5.9) */
};
int proc_text_status(const char *text, struct proc_status *ret);

/* proc_pid_limits(5): the hard limit of RLIMIT_…; -ENOENT when it is not told. UINT64_MAX: unlimited. */
int proc_text_limit(const char *text, uint32_t resource, uint64_t *ret_hard);

/* user_namespaces(7): whether the map is this one, in any order; the kernel sorts long ones. */
bool proc_text_is_map(const char *text, const struct plan_id_map *map, uint32_t n);

/* The start time, field 22 of proc_pid_stat(5). */
int proc_text_start(const char *text, unsigned long long *ret);

/* A security label as attr/current gives it against the one that was asked for. */
enum proc_label { PROC_LABEL_SAME, PROC_LABEL_OTHER, PROC_LABEL_UNCONFINED };
/* "docker-default (enforce)". A profile below the wanted one ("name//child", "name//&more") is the same for us; one that only
 * complains is not. */
enum proc_label proc_text_apparmor(const char *text, const char *profile);
