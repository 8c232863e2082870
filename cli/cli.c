#include "cli.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "text.h"

#define GLOBAL(field) offsetof(struct global_options, field)

const struct option global_rows[] = {
    { .name = "debug", .type = OPTION_BOOL, .offset = GLOBAL(debug), .help = "log debug messages too" },
    { .name = "log", .type = OPTION_STRING, .value = "FILE", .offset = GLOBAL(log),
      .help = "append log records to this file", .default_text = "standard error" },
    { .name = "log-format", .type = OPTION_STRING, .value = "text|json", .offset = GLOBAL(log_format),
      .help = "form of the log records: text or json", .default_text = "text" },
    { .name = "root", .type = OPTION_STRING, .value = "DIR", .offset = GLOBAL(root),
      .help = "directory for the state of containers, best on a tmpfs", .default_text = "/run/proa" },
    { .name = "systemd-cgroup", .type = OPTION_BOOL, .offset = GLOBAL(systemd_cgroup),
      .help = "let systemd make the cgroups; cgroupsPath is then slice:prefix:name" },
    { .name = "cgroup-manager", .type = OPTION_STRING, .value = "cgroupfs|systemd|disabled",
      .offset = GLOBAL(cgroup_manager), .help = "who makes the cgroups: cgroupfs, systemd or disabled",
      .default_text = "cgroupfs" },
    { .name = "rootless", .type = OPTION_STRING, .value = "true|false|auto", .offset = GLOBAL(rootless),
      .help = "tolerate a lack of rights on cgroups: true, false or auto", .default_text = "auto" },
    { .name = "trace", .type = OPTION_STRING, .value = "FILE", .offset = GLOBAL(trace),
      .help = "write the timeline of a start to this file, as Chrome trace JSON" },
    { 0 },
};

const struct option version_rows[] = {
    { .name = "version", .letter = 'v', .type = OPTION_BOOL, .offset = GLOBAL(version), .help = "print the version" },
    { 0 },
};

const struct option help_rows[] = {
    { .name = "help", .letter = 'h', .type = OPTION_BOOL, .offset = GLOBAL(help), .help = "show help" },
    { 0 },
};

const struct command *const commands[] = {
    &cmd_audit,   &cmd_checkpoint, &cmd_create, &cmd_delete, &cmd_events, &cmd_exec,  &cmd_features, &cmd_kill,     &cmd_list,
    &cmd_pause,   &cmd_plan,       &cmd_ps,     &cmd_restore, &cmd_resume, &cmd_run,  &cmd_spec,     &cmd_start,    &cmd_state,
    &cmd_stats,   &cmd_update,     &cmd_help,   &cmd_complete, NULL,
};

const struct command *command_find(const char *name)
{
    for (const struct command *const *command = commands; *command; command++) {
        if (!strcmp((*command)->name, name))
            return *command;
        if ((*command)->alias && !strcmp((*command)->alias, name))
            return *command;
    }
    return NULL;
}

int cli_fail(const struct cli *cli, const char *format, ...)
{
    va_list arguments;
    char *message;

    va_start(arguments, format);
    message = text_format_list(format, arguments);
    va_end(arguments);
    log_fatal(&cli->log, message);
    free(message);
    return 1;
}

int cli_no_command(const struct cli *cli, const char *name)
{
    cli_fail(cli, "No help topic for '%s': there is no such command; see %s help", name, cli->program);
    return 3;
}

int cli_fail_error(const struct cli *cli, struct proa_error *error)
{
    log_fatal(&cli->log, proa_error_message(error));
    proa_error_free(error);
    return 1;
}

int cli_fail_free(const struct cli *cli, const char *what, char *reason)
{
    int status = cli_fail(cli, "%s %s failed: %s", cli->product, what, reason);

    free(reason);
    return status;
}

int cli_fail_prefixed(const struct cli *cli, const char *what, struct proa_error *error)
{
    int status = cli_fail(cli, "%s %s failed: %s", cli->product, what, proa_error_message(error));

    proa_error_free(error);
    return status;
}

int cli_delete_ended(const struct cli *cli, const char *what, const char *id)
{
    struct proa_error *error = NULL;

    if (proa_delete(cli->proa, id, 0, &error) >= 0)
        return 0;
    if (proa_error_code(error) != PROA_E_NOT_FOUND)
        return cli_fail_prefixed(cli, what, error);
    proa_error_free(error);
    return 0;
}

int cli_print(const struct cli *cli, const char *text)
{
    int err = cli->stdout_closed ? -EBADF : text_write(STDOUT_FILENO, text, strlen(text));

    return err ? cli_fail(cli, "write /dev/stdout: %s", strerror(-err)) : 0;
}

int cli_print_free(const struct cli *cli, char *text)
{
    int status = cli_print(cli, text);

    free(text);
    return status;
}

static void log_library(void *data, enum proa_level level, const char *message)
{
    const struct cli *cli = data;

    if (level == PROA_WARNING)
        log_warning(&cli->log, message);
    else
        log_write(&cli->log, level == PROA_DEBUG ? LOG_DEBUG : LOG_INFO, message);
}

/* "true" and "false" in all the spellings of a bool, "auto" in any case, and nothing at all. */
static bool parse_rootless(const char *text, int *ret)
{
    bool value;

    if (!text || !*text || !strcasecmp(text, "auto")) {
        *ret = PROA_ROOTLESS_AUTO;
        return true;
    }
    if (!option_parse_bool(text, &value))
        return false;
    *ret = value ? PROA_ROOTLESS_TRUE : PROA_ROOTLESS_FALSE;
    return true;
}

static bool parse_cgroup_manager(const struct global_options *globals, int *ret)
{
    static const char *const names[] = { [PROA_CGROUPFS] = "cgroupfs", [PROA_SYSTEMD] = "systemd", [PROA_CGROUP_DISABLED] = "disabled" };
    const char *text = globals->cgroup_manager;
    int i = 0;

    while (text && i < 3 && strcmp(text, names[i]))
        i++;
    if (i == 3)
        return false;
    *ret = globals->systemd_cgroup ? PROA_SYSTEMD : i;
    return true;
}

int cli_open_runtime(struct cli *cli)
{
    const struct global_options *globals = &cli->globals;
    struct proa_options options = {
        .size = sizeof(options),
        .root = globals->root,
        .name = cli->product,
        .debug = globals->debug,
        .log = log_library,
        .log_data = cli,
        .trace_path = globals->trace && *globals->trace ? globals->trace : NULL,
    };
    struct proa_error *error = NULL;

    if (!parse_rootless(globals->rootless, &options.rootless))
        return cli_fail(cli, "invalid value \"%s\" for flag -rootless: not true, false or auto", globals->rootless);
    if (!parse_cgroup_manager(globals, &options.cgroup_manager))
        return cli_fail(cli, "invalid value \"%s\" for flag -cgroup-manager: not cgroupfs, systemd or disabled",
                        globals->cgroup_manager);
    if (proa_open(&options, &cli->proa, &error) < 0)
        return cli_fail_error(cli, error);
    return 0;
}
