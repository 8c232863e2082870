#include "log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "text.h"

static const struct {
    const char *name, *short_name;
    int color;
} levels[] = {
    [LOG_DEBUG] = { "debug", "DEBU", 37 },
    [LOG_INFO] = { "info", "INFO", 36 },
    [LOG_WARNING] = { "warning", "WARN", 33 },
    [LOG_ERROR] = { "error", "ERRO", 31 },
};

static time_t seconds_now(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

void log_init(struct log *log)
{
    *log = (struct log) { .fd = STDERR_FILENO, .start = seconds_now() };
}

char *log_open(struct log *log, const char *path, const char *format)
{
    if (path && *path) {
        int fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_SYNC | O_CLOEXEC, 0644);

        if (fd < 0)
            return text_format("open %s: %s", path, strerror(errno));
        log->fd = fd;
    }
    if (!format || !*format || !strcmp(format, "text"))
        return NULL;
    if (strcmp(format, "json"))
        return text_format("invalid log-format: %s", format);
    log->json = true;
    if (log->fd != STDERR_FILENO)
        log->held = text_checked(calloc(1, sizeof(*log->held)));
    return NULL;
}

/* RFC 3339 with seconds, in local time: "Z" at UTC, else "+01:00". */
static void time_stamp(char stamp[static 32])
{
    time_t now = time(NULL);
    struct tm local;
    size_t length;

    localtime_r(&now, &local);
    length = strftime(stamp, 32, "%Y-%m-%dT%H:%M:%S", &local);
    if (!local.tm_gmtoff)
        snprintf(stamp + length, 32 - length, "Z");
    else
        snprintf(stamp + length, 32 - length, "%c%02ld:%02ld", local.tm_gmtoff < 0 ? '-' : '+',
                 labs(local.tm_gmtoff) / 3600, labs(local.tm_gmtoff) / 60 % 60);
}

/* Whether logrus puts a text value in quotes. */
static bool needs_quotes(const char *value)
{
    return value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/@^+")] != '\0';
}

static void record_json(FILE *out, enum log_level level, const char *message)
{
    char stamp[32];

    time_stamp(stamp);
    fprintf(out, "{\"level\":\"%s\",\"msg\":", levels[level].name);
    text_quote_json(out, message);
    fprintf(out, ",\"time\":\"%s\"}\n", stamp);
}

static void record_text(FILE *out, enum log_level level, const char *message)
{
    char stamp[32];

    time_stamp(stamp);
    fprintf(out, "time=\"%s\" level=%s msg=", stamp, levels[level].name);
    if (needs_quotes(message))
        text_quote_go(out, message);
    else
        fputs(message, out);
    fputc('\n', out);
}

/* Names from a bundle may be in the message; they must not steer the terminal. */
static bool has_controls(const char *value)
{
    while (*value && (unsigned char) *value >= 0x20 && *value != 0x7f)
        value++;
    return *value;
}

static void record_terminal(FILE *out, const struct log *log, enum log_level level, const char *message)
{
    fprintf(out, "\033[%dm%s\033[0m[%04ld] ", levels[level].color, levels[level].short_name,
            (long) (seconds_now() - log->start));
    if (has_controls(message))
        text_quote_go(out, message);
    else
        fputs(message, out);
    fputc('\n', out);
}

/* A reader who has gone loses the record, and is not the end of a command half-way, by SIGPIPE. */
static void write_record(int fd, const char *record, size_t length)
{
    sigset_t broken, pending, before;

    sigemptyset(&broken);
    sigaddset(&broken, SIGPIPE);
    sigpending(&pending);
    sigprocmask(SIG_BLOCK, &broken, &before);
    if (text_write(fd, record, length) == -EPIPE && !sigismember(&pending, SIGPIPE))
        sigtimedwait(&broken, NULL, &(struct timespec) { 0 });
    sigprocmask(SIG_SETMASK, &before, NULL);
}

void log_write(const struct log *log, enum log_level level, const char *message)
{
    struct text record;
    char *line;

    text_stream(&record);
    if (log->json)
        record_json(record.out, level, message);
    else if (isatty(log->fd))
        record_terminal(record.out, log, level, message);
    else
        record_text(record.out, level, message);
    line = text_take(&record);
    write_record(log->fd, line, record.length);
    free(line);
}

void log_warning(const struct log *log, const char *message)
{
    char *held = log->held ? *log->held : NULL;

    if (!log->held) {
        log_write(log, LOG_WARNING, message);
        return;
    }
    *log->held = text_format("%s%s\n", held ? held : "", message);
    free(held);
}

/* Returns the messages that wait, each with a newline, the caller's to free; NULL when there are none. */
static char *take_held(const struct log *log)
{
    char *held = log->held ? *log->held : NULL;

    if (held)
        *log->held = NULL;
    return held;
}

void log_flush(const struct log *log)
{
    char *held = take_held(log), *rest = held, *line;

    while ((line = strsep(&rest, "\n")) && *line)
        log_write(log, LOG_WARNING, line);
    free(held);
}

void log_close(struct log *log)
{
    log_flush(log);
    free(log->held);
    log->held = NULL;
    if (log->fd != STDERR_FILENO)
        close(log->fd);
    log->fd = STDERR_FILENO;
}

void log_fatal(const struct log *log, const char *message)
{
    char *held, *lines;

    log_write(log, LOG_ERROR, message);
    if (log->fd == STDERR_FILENO)
        return;
    held = take_held(log);
    lines = text_format("%s%s\n", held ? held : "", message);
    write_record(STDERR_FILENO, lines, strlen(lines));
    free(lines);
    free(held);
}
