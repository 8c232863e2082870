/* cli.h - what every command gets: the program's name, the global options, the log and the runtime.
 *
 * A command is one record in a file of its own, cmd_<name>.c. Its run function does the work and
 * returns the exit status; when something fails it returns what cli_fail() or cli_fail_error() gave. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <proa/proa.h>
#include "log.h"
#include "options.h"

struct global_options {
    const char *log, *log_format, *root, *rootless, *cgroup_manager, *trace;
    bool debug, systemd_cgroup, help, version;
};

struct cli {
    const char *program; /* argv[0] without its folder */
    const char *product; /* "proa", or "runc" when it is called by that name */
    bool stdout_closed;  /* by the caller; descriptor 1 is /dev/null instead */
    struct global_options globals;
    struct log log;
    struct proa *proa; /* open in a command that needs the runtime */
};

/* Containers in these states: bits of enum proa_status. */
enum {
    CONTAINERS_CREATED = 1 << PROA_CREATED,
    CONTAINERS_PAUSED = 1 << PROA_PAUSED,
    CONTAINERS_RUNNING = CONTAINERS_CREATED | 1 << PROA_RUNNING,
    CONTAINERS_LIVE = CONTAINERS_RUNNING | CONTAINERS_PAUSED,
    CONTAINERS_ANY = ~0,
};

struct command {
    const char *name, *alias;     /* the alias may be NULL */
    const char *usage;            /* one line, for the list of commands */
    const char *arguments;        /* the positionals, for the help */
    int containers;               /* which ones the positionals name, for shells; 0: none */
    const char *description;      /* lines for the help, each with its newline; may be NULL */
    const struct option *options; /* may be NULL */
    size_t values_size;           /* of the struct that the options fill; zeroed before */
    int min_arguments, max_arguments;
    bool stop_at_positional;      /* words after the first positional are no options */
    bool needs_runtime;
    bool hidden;                  /* not in the help */
    int (*run)(struct cli *cli, const void *values, char **arguments);
};

/* Every command, in the order of the help; NULL ends it. */
extern const struct command *const commands[];
const struct command *command_find(const char *name);

extern const struct command cmd_audit, cmd_checkpoint, cmd_complete, cmd_create, cmd_delete, cmd_events, cmd_exec,
    cmd_features, cmd_help, cmd_kill, cmd_list, cmd_pause, cmd_plan, cmd_ps, cmd_restore, cmd_resume, cmd_run, cmd_spec,
    cmd_start, cmd_state, cmd_stats, cmd_update;

/* Options of every command, of `proa` alone (--version), and --help. */
extern const struct option global_rows[], version_rows[], help_rows[];

/* Reports an error that ends the program. Returns 1, the exit status. */
int cli_fail(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for a command that does not exist. Returns 3. */
int cli_no_command(const struct cli *cli, const char *name);
/* The same for an error of the library, which it frees. */
int cli_fail_error(const struct cli *cli, struct proa_error *error);
/* The same after "proa WHAT failed: ". */
int cli_fail_prefixed(const struct cli *cli, const char *what, struct proa_error *error);

/* The same for a text of text_format(), which it frees. */
int cli_fail_free(const struct cli *cli, const char *what, char *reason);

/* Deletes a container that has ended, unless somebody else has. Returns the exit status, 1 after "proa WHAT failed: ". */
int cli_delete_ended(const struct cli *cli, const char *what, const char *id);

/* Writes to standard output. Returns the exit status: 0, or 1 after reporting what went wrong. */
int cli_print(const struct cli *cli, const char *text);
/* The same, and frees the text. */
int cli_print_free(const struct cli *cli, char *text);

/* Opens the runtime that the global options describe as cli->proa. Returns the exit status. */
int cli_open_runtime(struct cli *cli);
