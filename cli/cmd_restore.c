#include "create.h"
#include "criu.h"
#include "foreground.h"

struct restore_values {
    struct criu_values criu; /* first: CRIU_ROWS */
    const char *bundle, *console_socket, *pid_file, *lsm_profile, *lsm_mount_context;
    bool detach, no_subreaper, no_pivot, no_new_keyring;
};

static const struct option rows[] = {
    CRIU_ROWS,
    { .name = "bundle", .letter = 'b', .type = OPTION_STRING, .value = "DIR", .offset = offsetof(struct restore_values, bundle),
      .help = "directory of the bundle", .default_text = "the working directory" },
    { .name = "console-socket", .type = OPTION_STRING, .value = "SOCKET",
      .offset = offsetof(struct restore_values, console_socket),
      .help = "AF_UNIX socket that is sent the master of the container's terminal" },
    { .name = "detach", .letter = 'd', .type = OPTION_BOOL, .offset = offsetof(struct restore_values, detach),
      .help = "do not wait for the container" },
    { .name = "pid-file", .type = OPTION_STRING, .value = "FILE", .offset = offsetof(struct restore_values, pid_file),
      .help = "file to write the process id to" },
    { .name = "no-subreaper", .type = OPTION_BOOL, .offset = offsetof(struct restore_values, no_subreaper),
      .help = "do not adopt and reap the processes that the container leaves behind" },
    { .name = "no-pivot", .type = OPTION_BOOL, .offset = offsetof(struct restore_values, no_pivot),
      .help = "taken for the sake of callers: criu decides how it changes the root" },
    { .name = "no-new-keyring", .type = OPTION_BOOL, .offset = offsetof(struct restore_values, no_new_keyring),
      .help = "taken for the sake of callers: criu makes no keyring" },
    { .name = "lsm-profile", .type = OPTION_STRING, .value = "TYPE:NAME", .offset = offsetof(struct restore_values, lsm_profile),
      .help = "AppArmor profile or SELinux label in place of the saved one (apparmor:NAME, selinux:LABEL)" },
    { .name = "lsm-mount-context", .type = OPTION_STRING, .value = "CONTEXT",
      .offset = offsetof(struct restore_values, lsm_mount_context),
      .help = "SELinux context of mounts in place of the saved one" },
    { 0 },
};

struct restore {
    const char *id;
    struct proa_create_options create;
    struct proa_restore_options request;
};

static int restore_fail(const struct cli *cli, const char *reason)
{
    return cli_fail(cli, "%s", reason);
}

static int restore_start(struct cli *cli, void *data, const struct winsize *size, struct proa_process *ret,
                         struct proa_error **ret_error)
{
    struct restore *restore = data;

    restore->create.console_rows = size->ws_row;
    restore->create.console_columns = size->ws_col;
    return proa_restore(cli->proa, restore->id, &restore->request, ret, ret_error);
}

static int run_foreground(struct cli *cli, struct restore *restore, bool subreaper)
{
    const struct foreground_job job = {
        .subreaper = subreaper, .start = restore_start, .fail = restore_fail, .data = restore,
    };
    int status;

    restore->create.flags |= PROA_CREATE_CONSOLE_FD;
    if (!foreground_run(cli, &job, &status))
        return status;
    return cli_delete_ended(cli, "restore", restore->id) && !status ? 1 : status;
}

static int restore_run(struct cli *cli, const void *values, char **arguments)
{
    const struct restore_values *v = values;
    struct proa_error *error = NULL;
    char *fault = NULL;
    struct restore restore = {
        .id = arguments[0],
        .create = {
            .size = sizeof(restore.create),
            .bundle = option_given(v->bundle),
            .console_socket = option_given(v->console_socket),
            .pid_file = option_given(v->pid_file),
        },
        .request = {
            .size = sizeof(restore.request),
            .image_path = option_given(v->criu.image_path),
            .work_path = option_given(v->criu.work_path),
            .lsm_profile = option_given(v->lsm_profile),
            .lsm_mount_context = option_given(v->lsm_mount_context),
            .flags = criu_flags(&v->criu),
            .create = &restore.create,
        },
    };

    if ((restore.request.cgroups = criu_cgroups(&v->criu, &fault)) < 0)
        return cli_fail_free(cli, "restore", fault);
    if (!v->detach)
        return run_foreground(cli, &restore, !v->no_subreaper);
    return proa_restore(cli->proa, restore.id, &restore.request, NULL, &error) < 0 ? cli_fail_error(cli, error) : 0;
}

const struct command cmd_restore = {
    .name = "restore",
    .usage = "make a container of the files of a checkpoint, with CRIU",
    .arguments = "<container-id>",
    .description = "   Makes the container that the bundle describes, and lets the saved processes go on in it. The\n"
                   "   exit status is that of the first one, or 128 and the number of the signal that ended it.\n",
    .options = rows,
    .values_size = sizeof(struct restore_values),
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = restore_run,
};
