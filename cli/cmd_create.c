#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "create.h"
#include "text.h"

static const struct option rows[] = { CREATE_ROWS, { 0 } };

const char *option_given(const char *value)
{
    return value && *value ? value : NULL;
}

/* As sd_listen_fds(3) has it: the descriptors are ours only when the variable names this process. */
static unsigned activated_fds(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    char *end;
    unsigned long n;

    if (!pid || !fds || strtoul(pid, &end, 10) != (unsigned long) getpid() || *end)
        return 0;
    n = strtoul(fds, &end, 10);
    return end == fds || *end || n > INT_MAX ? 0 : (unsigned) n;
}

const char *notify_socket(void)
{
    return option_given(getenv("NOTIFY_SOCKET"));
}

/* What this process has opened itself, a log file say, has taken the numbers that were free, and is close-on-exec; what came
 * through an execve is not. */
char *inherited_fault(unsigned long n)
{
    for (unsigned long i = 0; i < n; i++) {
        int flags = fcntl((int) i + 3, F_GETFD);

        if (flags < 0 || (flags & FD_CLOEXEC))
            return text_format("unable to stat preserved-fd %lu (of %lu): %s", i, n, strerror(EBADF));
    }
    return NULL;
}

struct proa_create_options create_request(const struct create_values *values, unsigned flags)
{
    if (values->no_pivot)
        flags |= PROA_CREATE_NO_PIVOT;
    if (values->no_new_keyring)
        flags |= PROA_CREATE_NO_NEW_KEYRING;
    return (struct proa_create_options) {
        .size = sizeof(struct proa_create_options),
        .bundle = option_given(values->bundle),
        .flags = flags,
        .console_socket = option_given(values->console_socket),
        .pid_file = option_given(values->pid_file),
        .pidfd_socket = option_given(values->pidfd_socket),
        .preserve_fds = values->preserve_fds,
        .notify_socket = notify_socket(),
        .listen_fds = activated_fds(),
        .listen_fdnames = option_given(getenv("LISTEN_FDNAMES")),
    };
}

static int create_run(struct cli *cli, const void *values, char **arguments)
{
    struct proa_create_options request = create_request(values, 0);
    char *fault = inherited_fault((unsigned long) request.listen_fds + request.preserve_fds);
    struct proa_error *error = NULL;

    if (fault)
        return cli_fail_free(cli, "create", fault);
    if (proa_create(cli->proa, arguments[0], &request, NULL, &error) < 0)
        return cli_fail_prefixed(cli, "create", error);
    return 0;
}

const struct command cmd_create = {
    .name = "create",
    .usage = "create a container",
    .arguments = "<container-id>",
    .description = "   Makes the container that the bundle describes, up to the point where its program\n"
                   "   would run: that waits for the start command. The ID must not be in use.\n",
    .options = rows,
    .values_size = sizeof(struct create_values),
    .min_arguments = 1,
    .max_arguments = 1,
    .needs_runtime = true,
    .run = create_run,
};
