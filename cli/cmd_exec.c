#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "create.h"
#include "foreground.h"
#include "text.h"

enum { EXEC_FAILED = 255, PROCESS_MAX = 16 << 20 };

struct exec_values {
    const char *console_socket, *pidfd_socket, *cwd, *user, *process, *pid_file, *process_label, *apparmor, *wait_fifo;
    struct option_list env, additional_gids, caps, cgroups;
    bool tty, detach, ignore_paused;
    int no_new_privs;
    unsigned preserve_fds;
};

#define VALUE(field) offsetof(struct exec_values, field)

static const struct option rows[] = {
    { .name = "console-socket", .type = OPTION_STRING, .value = "SOCKET", .offset = VALUE(console_socket),
      .help = "AF_UNIX socket that is sent the master of the process's terminal" },
    { .name = "pidfd-socket", .type = OPTION_STRING, .value = "SOCKET", .offset = VALUE(pidfd_socket),
      .help = "AF_UNIX socket that is sent a pidfd of the process" },
    { .name = "cwd", .type = OPTION_STRING, .value = "PATH", .offset = VALUE(cwd),
      .help = "working directory in the container" },
    { .name = "env", .letter = 'e', .type = OPTION_LIST, .value = "NAME=VALUE", .offset = VALUE(env),
      .help = "set an environment variable: NAME=value" },
    { .name = "tty", .letter = 't', .type = OPTION_BOOL, .offset = VALUE(tty), .help = "give the process a terminal" },
    { .name = "user", .letter = 'u', .type = OPTION_STRING, .value = "UID[:GID]", .offset = VALUE(user),
      .help = "user in numbers: UID or UID:GID" },
    { .name = "additional-gids", .letter = 'g', .type = OPTION_LIST, .value = "GID", .offset = VALUE(additional_gids),
      .help = "add a group" },
    { .name = "process", .letter = 'p', .type = OPTION_STRING, .value = "FILE", .offset = VALUE(process),
      .help = "file with a process object of the runtime-spec; other options about the process do not count then" },
    { .name = "detach", .letter = 'd', .type = OPTION_BOOL, .offset = VALUE(detach),
      .help = "do not wait for the process" },
    { .name = "pid-file", .type = OPTION_STRING, .value = "FILE", .offset = VALUE(pid_file),
      .help = "file to write the process id to" },
    { .name = "process-label", .type = OPTION_STRING, .value = "LABEL", .offset = VALUE(process_label),
      .help = "SELinux label of the process" },
    { .name = "apparmor", .type = OPTION_STRING, .value = "PROFILE", .offset = VALUE(apparmor),
      .help = "AppArmor profile of the process" },
    { .name = "no-new-privs", .type = OPTION_CHOICE, .offset = VALUE(no_new_privs),
      .help = "whether the process can gain no privileges by execve", .default_text = "as the container's" },
    { .name = "cap", .letter = 'c', .type = OPTION_LIST, .value = "CAPABILITY", .offset = VALUE(caps),
      .help = "add a capability to the bounding, effective and permitted set" },
    { .name = "preserve-fds", .type = OPTION_UNSIGNED, .value = "N", .offset = VALUE(preserve_fds),
      .help = "number of descriptors from 3 on that the process gets too", .default_text = "0" },
    { .name = "cgroup", .type = OPTION_LIST, .value = "CGROUP", .offset = VALUE(cgroups),
      .help = "cgroup below the container's to put the process into: [controller[,controller]:]path" },
    { .name = "ignore-paused", .type = OPTION_BOOL, .offset = VALUE(ignore_paused),
      .help = "do not fail in a paused container; the process runs once that is resumed" },
    { .name = "exec-wait-fifo", .type = OPTION_STRING, .value = "FIFO", .offset = VALUE(wait_fifo),
      .help = "FIFO that the process opens for writing just before its program runs: it waits for a reader" },
    { 0 },
};

struct exec {
    const char *id;
    struct proa_exec_options request;
    char *process;
    uint32_t *gids;
};

static int exec_fail(const struct cli *cli, const char *reason)
{
    cli_fail(cli, "exec failed: %s", reason);
    return EXEC_FAILED;
}

/* Takes the text, made by text_format(). */
static int exec_fail_free(const struct cli *cli, char *reason)
{
    int status = exec_fail(cli, reason);

    free(reason);
    return status;
}

static int exec_fail_error(const struct cli *cli, struct proa_error *error)
{
    int status = exec_fail(cli, proa_error_message(error));

    proa_error_free(error);
    return status;
}

/* Returns the exit status. */
static int read_process(struct cli *cli, const char *path, struct exec *exec)
{
    FILE *file = fopen(path, "re");
    int err;

    if (!file)
        return exec_fail_free(cli, text_format("open %s: %s", path, strerror(errno)));
    exec->process = text_read(file, PROCESS_MAX, &err);
    fclose(file);
    if (err)
        return exec_fail_free(cli, text_format("read %s: %s", path, strerror(err)));
    exec->request.process = exec->process;
    exec->request.process_name = path;
    return 0;
}

static bool parse_gid(const char *text, uint32_t *ret)
{
    unsigned long long value;
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno || *end || value >= UINT32_MAX)
        return false;
    *ret = (uint32_t) value;
    return true;
}

/* Returns the exit status. */
static int parse_gids(struct cli *cli, const struct option_list *list, struct exec *exec)
{
    exec->gids = text_checked(calloc(list->count + 1, sizeof(*exec->gids)));
    for (size_t i = 0; i < list->count; i++)
        if (!parse_gid(list->items[i], &exec->gids[i]))
            return exec_fail_free(cli, text_format("additional-gids must be a positive number %s", list->items[i]));
    exec->request.additional_gids = exec->gids;
    exec->request.n_additional_gids = list->count;
    return 0;
}

/* An empty user is handed on: the library refuses it, where to leave it out might mean root. */
static struct proa_exec_options exec_request(const struct exec_values *v, char **arguments)
{
    return (struct proa_exec_options) {
        .size = sizeof(struct proa_exec_options),
        .args = (const char *const *) arguments + 1,
        .env = v->env.items,
        .caps = v->caps.items,
        .cwd = option_given(v->cwd),
        .user = v->user,
        .apparmor = option_given(v->apparmor),
        .selinux_label = option_given(v->process_label),
        .no_new_privileges = v->no_new_privs,
        .flags = (v->tty ? PROA_EXEC_TERMINAL : 0) | (v->ignore_paused ? PROA_EXEC_IGNORE_PAUSED : 0),
        .cgroups = v->cgroups.items,
        .console_socket = option_given(v->console_socket),
        .pidfd_socket = option_given(v->pidfd_socket),
        .pid_file = option_given(v->pid_file),
        .wait_fifo = option_given(v->wait_fifo),
        .preserve_fds = v->preserve_fds,
    };
}

static int exec_start(struct cli *cli, void *data, const struct winsize *size, struct proa_process *ret,
                      struct proa_error **ret_error)
{
    struct exec *exec = data;

    exec->request.console_rows = size->ws_row;
    exec->request.console_columns = size->ws_col;
    return proa_exec(cli->proa, exec->id, &exec->request, ret, ret_error);
}

/* Orphans are the container's own init's to reap, not ours. */
static int exec_foreground(struct cli *cli, struct exec *exec)
{
    const struct foreground_job job = { .start = exec_start, .fail = exec_fail, .data = exec };
    int status;

    exec->request.flags |= PROA_EXEC_CONSOLE_FD;
    foreground_run(cli, &job, &status);
    return status;
}

static int exec_detached(struct cli *cli, struct exec *exec)
{
    struct proa_error *error = NULL;

    return proa_exec(cli->proa, exec->id, &exec->request, NULL, &error) < 0 ? exec_fail_error(cli, error) : 0;
}

static int exec_run(struct cli *cli, const void *values, char **arguments)
{
    const struct exec_values *v = values;
    struct exec exec = { .id = arguments[0], .request = exec_request(v, arguments) };
    char *fault = inherited_fault(v->preserve_fds);
    int status = fault ? exec_fail_free(cli, fault) : parse_gids(cli, &v->additional_gids, &exec);

    if (!status && option_given(v->process))
        status = read_process(cli, v->process, &exec);
    if (!status)
        status = v->detach ? exec_detached(cli, &exec) : exec_foreground(cli, &exec);
    free(exec.process);
    free(exec.gids);
    return status;
}

const struct command cmd_exec = {
    .name = "exec",
    .usage = "run another process in a container",
    .arguments = "<container-id> <command> [argument ...]  |  -p process.json <container-id>",
    .containers = CONTAINERS_LIVE,
    .description = "   The process is the container's in everything that is not said otherwise. The exit status is\n"
                   "   that of the program, or 128 and the number of the signal that ended it; 255 after an error\n"
                   "   of ours. Options come before the container's ID.\n",
    .options = rows,
    .values_size = sizeof(struct exec_values),
    .min_arguments = 1,
    .max_arguments = INT_MAX,
    .stop_at_positional = true,
    .needs_runtime = true,
    .run = exec_run,
};
