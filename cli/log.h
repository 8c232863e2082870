/* log.h - the records that engines read: one write(2) each, to the file of --log or else to standard error.
 *
 *   json             {"level":"error","msg":"...","time":"2026-11-22T00:12:34Z"}
 *   text             time="2026-11-22T00:12:33Z" level=error msg="..."
 *   text, terminal   ERRO[0000] ... */
#pragma once
#include <stdbool.h>
#include <time.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log {
    int fd;
    bool json;
    time_t start; /* the seconds of the terminal's form count from here */
    char **held;  /* of JSON in a file: see log_warning() */
};

/* Standard error, as text. */
void log_init(struct log *log);
/* `path` NULL or "": standard error. `format` NULL or "": text.
 * Returns NULL, or what is wrong, the caller's to free; `log` can be written to in any case. */
char *log_open(struct log *log, const char *path, const char *format);
void log_close(struct log *log);

void log_write(const struct log *log, enum log_level level, const char *message);
/* A warning. podman wants the log of a command that fails to be one record, the error: so in JSON in a file a warning
 * waits. It is written by log_flush() and log_close(), or goes to standard error before an error. */
void log_warning(const struct log *log, const char *message);
/* What the command is about has succeeded, and it goes on. */
void log_flush(const struct log *log);
/* An error that ends the program: the record, and with --log the bare message on standard error too,
 * because shims and conmon read only that. */
void log_fatal(const struct log *log, const char *message);
