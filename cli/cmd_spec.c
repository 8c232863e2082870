#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "text.h"

struct spec_values {
    const char *bundle;
    bool rootless;
};

static const struct option rows[] = {
    { .name = "bundle", .letter = 'b', .type = OPTION_STRING, .value = "DIR", .offset = offsetof(struct spec_values, bundle),
      .help = "directory to write it to", .default_text = "the working directory" },
    { .name = "rootless", .type = OPTION_BOOL, .offset = offsetof(struct spec_values, rootless),
      .help = "for a container that is run by an ordinary user" },
    { 0 },
};

/* Creates `path` with that text, wholly or not at all. Returns 0 or -errno. */
static int write_new_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int err;

    if (fd < 0)
        return -errno;
    err = text_write(fd, text, strlen(text));
    if (close(fd) < 0 && !err)
        err = -errno;
    if (err)
        unlink(path);
    return err;
}

static int spec_run(struct cli *cli, const void *values, char **arguments)
{
    const struct spec_values *options = values;
    bool bundle = options->bundle && *options->bundle;
    struct proa_error *error = NULL;
    char *json, *path;
    int err, status = 0;

    (void) arguments;
    if (proa_spec(options->rootless ? PROA_SPEC_ROOTLESS : 0, &json, &error) < 0)
        return cli_fail_error(cli, error);
    path = text_format("%s%sconfig.json", bundle ? options->bundle : "", bundle ? "/" : "");
    err = write_new_file(path, json);
    if (err == -EEXIST)
        status = cli_fail(cli, "File config.json exists. Remove it first");
    else if (err)
        status = cli_fail(cli, "%s: %s", path, strerror(-err));
    free(path);
    free(json);
    return status;
}

const struct command cmd_spec = {
    .name = "spec",
    .usage = "write a config.json to start from",
    .arguments = "",
    .description = "   Writes the file config.json for a container that runs sh on a terminal, with its root\n"
                   "   file system in the directory rootfs beside it. Edit it to what you need.\n",
    .options = rows,
    .values_size = sizeof(struct spec_values),
    .run = spec_run,
};
