/* fake_systemd.c - a service manager at a socket of its own, for machines without systemd and for ways in which it fails.
 *
 *     fake_systemd SOCKET LOG MODE     prints "ready" once it listens; lives until it is killed
 *
 * It answers those calls that a runtime makes and notes each in LOG, a line "METHOD TEXT…" of all texts in it. It makes no
 * cgroup. MODE:
 *     fine            all goes well          exists       the first start says UnitExists
 *     silent          no word, ever          taken        every start says so
 *     no-job          the job never ends     refuses      every start and set is refused
 *     failing         the job fails          dies         it hangs up when a unit is to be started
 *     elsewhere       the cgroup is another one
 *     hiccup          it hangs up at the first call, that is while LOG is empty
 *     slow            at a start it opens the fifo LOG.come for writing, then LOG.go for reading, and notes "started" at last */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define SYSTEMD "org.freedesktop.systemd1"
#define JOB "/org/freedesktop/systemd1/job/1"

static const char *mode, *log_path;
static int starts;

static int is(const char *name)
{
    return strcmp(mode, name) == 0;
}

/* All texts of a message, however deep. */
static void note_texts(sd_bus_message *m, FILE *log)
{
    const char *contents, *text;
    char type;

    while (sd_bus_message_peek_type(m, &type, &contents) > 0) {
        if (strchr("sog", type)) {
            sd_bus_message_read_basic(m, type, &text);
            fprintf(log, " %s", text);
        } else if (strchr("arve", type)) {
            sd_bus_message_enter_container(m, type, contents);
            note_texts(m, log);
            sd_bus_message_exit_container(m);
        } else {
            sd_bus_message_skip(m, (char[]) { type, '\0' });
        }
    }
}

static void note(sd_bus_message *m)
{
    FILE *log = fopen(log_path, "a");
    int first = fseek(log, 0, SEEK_END) == 0 && ftell(log) == 0;

    fprintf(log, "%s", sd_bus_message_get_member(m));
    note_texts(m, log);
    fprintf(log, "\n");
    fclose(log);
    sd_bus_message_rewind(m, 1);
    if (is("hiccup") && first)
        exit(0);
}

/* The unit's, from the slice that it was started with; kept in LOG's directory between connections. */
static char *cgroup_of(const char *unit, const char *slice)
{
    static char path[1024];
    size_t n = 0;

    for (size_t i = 0; slice[i] && strcmp(slice + i, ".slice"); i++)
        if (slice[i] == '-')
            n += (size_t) snprintf(path + n, sizeof(path) - n, "/%.*s.slice", (int) i, slice);
    snprintf(path + n, sizeof(path) - n, "/%s/%s", slice, unit);
    return path;
}

/* From the notes: "StartTransientUnit UNIT replace Description … Slice SLICE …" */
static const char *started_cgroup(void)
{
    static char line[65536];
    char *unit = NULL, *slice = NULL;
    FILE *log = fopen(log_path, "r");

    while (fgets(line, sizeof(line), log))
        if (strncmp(line, "StartTransientUnit ", 19) == 0) {
            slice = strstr(line, " Slice ") + 7;
            slice[strcspn(slice, " ")] = '\0';
            unit = line + 19;
            unit[strcspn(unit, " ")] = '\0';
            break;
        }
    fclose(log);
    return unit ? cgroup_of(unit, slice) : "/nowhere";
}

static void take_time(void)
{
    char path[4096];
    FILE *log;

    alarm(60);                  /* a test that has failed does not let go */
    snprintf(path, sizeof(path), "%s.come", log_path);
    close(open(path, O_WRONLY));
    snprintf(path, sizeof(path), "%s.go", log_path);
    close(open(path, O_RDONLY));
    log = fopen(log_path, "a");
    fprintf(log, "started\n");
    fclose(log);
}

static int end_job(sd_bus *bus, const char *result)
{
    return sd_bus_emit_signal(bus, "/org/freedesktop/systemd1", SYSTEMD ".Manager", "JobRemoved", "uoss", 1, JOB, "unit", result);
}

static int start(sd_bus_message *m)
{
    sd_bus *bus = sd_bus_message_get_bus(m);

    if (is("dies"))
        exit(0);
    if (is("slow"))
        take_time();
    if (is("refuses"))
        return sd_bus_reply_method_errorf(m, "org.freedesktop.DBus.Error.AccessDenied", "not\nfor you");
    if (is("taken") || (is("exists") && starts++ == 0))
        return sd_bus_reply_method_errorf(m, SYSTEMD ".UnitExists", "Unit was already loaded or has a fragment file.");
    sd_bus_reply_method_return(m, "o", JOB);
    return is("no-job") ? 0 : end_job(bus, is("failing") ? "failed" : "done");
}

static int on_message(sd_bus_message *m, void *data, sd_bus_error *e)
{
    sd_bus *bus = sd_bus_message_get_bus(m);
    const char *interface, *property;

    (void) data;
    (void) e;
    if (sd_bus_message_is_signal(m, NULL, NULL))
        return 0;
    if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "Hello"))
        return sd_bus_reply_method_return(m, "s", ":1.1");
    if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus", NULL))
        return sd_bus_reply_method_return(m, NULL);
    if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Properties", "Get")) {
        sd_bus_message_read(m, "ss", &interface, &property);
        if (strcmp(property, "Version") == 0)
            return sd_bus_reply_method_return(m, "v", "s", getenv("FAKE_VERSION") ? getenv("FAKE_VERSION") : "257.1");
        return sd_bus_reply_method_return(m, "v", "s", is("elsewhere") ? "/elsewhere" : started_cgroup());
    }
    note(m);
    if (sd_bus_message_is_method_call(m, NULL, "StartTransientUnit"))
        return start(m);
    if (sd_bus_message_is_method_call(m, NULL, "SetUnitProperties") && is("refuses"))
        return sd_bus_reply_method_errorf(m, "org.freedesktop.DBus.Error.AccessDenied", "not for you");
    if (sd_bus_message_is_method_call(m, NULL, "StopUnit")) {
        sd_bus_reply_method_return(m, "o", JOB);
        return end_job(bus, "done");
    }
    return sd_bus_reply_method_return(m, NULL);
}

static void serve(int fd)
{
    sd_bus *bus;
    sd_id128_t id = SD_ID128_MAKE(01, 02, 03, 04, 05, 06, 07, 08, 09, 0a, 0b, 0c, 0d, 0e, 0f, 10);

    if (sd_bus_new(&bus) < 0 || sd_bus_set_fd(bus, fd, fd) < 0 || sd_bus_set_server(bus, 1, id) < 0 ||
        sd_bus_set_sender(bus, SYSTEMD) < 0 || sd_bus_add_filter(bus, NULL, on_message, NULL) < 0 || sd_bus_start(bus) < 0)
        exit(1);
    for (;;) {
        int r = sd_bus_process(bus, NULL);

        if (r < 0 || (r == 0 && sd_bus_wait(bus, UINT64_MAX) < 0))
            exit(0);
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (argc != 4)
        return 2;
    log_path = argv[2];
    mode = argv[3];
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[1]);
    unlink(argv[1]);
    fclose(fopen(log_path, "a"));
    if (bind(listener, (struct sockaddr *) &address, sizeof(address)) < 0 || listen(listener, 16) < 0)
        return 1;
    puts("ready");
    fclose(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);

        if (fd < 0)
            return 1;
        if (is("silent"))
            continue;
        if (fork() == 0)
            serve(fd);
        close(fd);
    }
}
