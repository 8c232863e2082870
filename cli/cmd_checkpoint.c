#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "create.h"
#include "criu.h"
#include "text.h"

struct checkpoint_values {
    struct criu_values criu; /* first: CRIU_ROWS */
    const char *parent_path, *page_server;
    unsigned status_fd;
    bool leave_running, pre_dump;
};

static const struct option rows[] = {
    CRIU_ROWS,
    { .name = "parent-path", .type = OPTION_STRING, .value = "DIR", .offset = offsetof(struct checkpoint_values, parent_path),
      .help = "earlier checkpoint, relative to the image path: memory that has not changed since is left out" },
    { .name = "leave-running", .type = OPTION_BOOL, .offset = offsetof(struct checkpoint_values, leave_running),
      .help = "let the container go on afterwards" },
    { .name = "pre-dump", .type = OPTION_BOOL, .offset = offsetof(struct checkpoint_values, pre_dump),
      .help = "save the memory only, for a checkpoint to come; the container goes on" },
    { .name = "page-server", .type = OPTION_STRING, .value = "ADDRESS:PORT",
      .offset = offsetof(struct checkpoint_values, page_server), .help = "send the memory to a criu page server" },
    { .name = "status-fd", .type = OPTION_UNSIGNED, .value = "FD", .offset = offsetof(struct checkpoint_values, status_fd),
      .help = "descriptor that gets a NUL byte when lazy pages can be asked for" },
    { 0 },
};

/* Before anything is opened that could get its number. */
static char *status_fault(unsigned fd)
{
    if (fd == 0 || (fd <= INT_MAX && fcntl((int) fd, F_GETFD) == 0))
        return NULL;
    return text_format("invalid --status-fd argument %u: %s", fd, strerror(EBADF));
}

static int checkpoint_run(struct cli *cli, const void *values, char **arguments)
{
    const struct checkpoint_values *v = values;
    char *fault = status_fault(v->status_fd);
    struct proa_error *error = NULL;
    struct proa_checkpoint_options options = {
        .size = sizeof(options),
        .image_path = option_given(v->criu.image_path),
        .work_path = option_given(v->criu.work_path),
        .parent_path = option_given(v->parent_path),
        .page_server = option_given(v->page_server),
        .status_fd = (int) v->status_fd,
        .flags = criu_flags(&v->criu) | (v->leave_running ? PROA_CRIU_LEAVE_RUNNING : 0) |
                 (v->pre_dump ? PROA_CRIU_PRE_DUMP : 0),
    };

    if (fault || (options.cgroups = criu_cgroups(&v->criu, &fault)) < 0)
        return cli_fail_free(cli, "checkpoint", fault);
    return proa_checkpoint(cli->proa, arguments[0], &options, &error) < 0 ? cli_fail_error(cli, error) : 0;
}

const struct command cmd_checkpoint = {
    .name = "checkpoint",
    .usage = "write a running container into files, with CRIU",
    .arguments = "<container-id>",
    .containers = CONTAINERS_RUNNING | CONTAINERS_PAUSED,
    .description = "   Saves all processes of the container, and what they have open, into image files of which\n"
                   "   the restore command makes them again. The container is gone afterwards, unless it is told\n"
                   "   to go on. The machine needs the program criu, and this command root.\n",
    .options = rows,
    .values_size = sizeof(struct checkpoint_values),
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = checkpoint_run,
};
