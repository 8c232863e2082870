#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fd.h"
#include "host/host.h"
#include "launch/launch.h"
#include "plan/planner.h"
#include "spec/spec.h"
#include "start.h"

enum { DEADLINE_SECONDS = 60 };

static char base[64];

void start_shell(const char *fmt, ...)
{
    char command[8192];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(command, sizeof(command), fmt, ap);
    va_end(ap);
    if (system(command) != 0)
        fail_msg("%s", command);
}

const char *start_path(const char *below)
{
    static char path[4][4096];
    static unsigned turn;
    char *p = path[turn++ % 4];

    snprintf(p, sizeof(path[0]), "%s/%s", base, below);
    return p;
}

int start_prepare(void **state)
{
    strcpy(base, "/tmp/proa-steps.XXXXXX");
    if (!mkdtemp(base))
        fail_msg("mkdtemp: %s", strerror(errno));
    chmod(base, 0755);
    start_shell("cd %s && mkdir -p rootfs/bin rootfs/dev rootfs/proc rootfs/sys rootfs/tmp rootfs/etc && "
                "cp /bin/busybox rootfs/bin/ && for a in sh ls cat cmp cut echo grep hostname id ip mount ps pwd readlink sort stat stty tail touch tr true tty wc awk; do ln -s busybox rootfs/bin/$a; done && "
                "echo root:x:0:0::/root:/bin/sh > rootfs/etc/passwd && echo u:x:1000:1000::/home/u:/bin/sh >> rootfs/etc/passwd",
                base);
    return 0;
}

int start_clean(void **state)
{
    start_shell("rm -rf --one-file-system %s", base);
    return 0;
}

/* ---- The configuration ---------------------------------------------------------------------- */

static const char default_mounts[] =
    "{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
    "{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\",\"options\":[\"nosuid\",\"strictatime\",\"mode=755\",\"size=65536k\"]},"
    "{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\",\"options\":[\"nosuid\",\"noexec\",\"newinstance\","
    "\"ptmxmode=0666\",\"mode=0620\"]},"
    "{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"shm\",\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"mode=1777\",\"size=65536k\"]},"
    "{\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\",\"source\":\"mqueue\",\"options\":[\"nosuid\",\"noexec\",\"nodev\"]}";

static const char default_namespaces[] =
    "[{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"mount\"},{\"type\":\"cgroup\"}]";

static const char default_paths[] =
    ",\"maskedPaths\":[\"/proc/acpi\",\"/proc/asound\",\"/proc/kcore\",\"/proc/keys\",\"/proc/latency_stats\",\"/proc/timer_list\","
    "\"/proc/timer_stats\",\"/proc/sched_debug\",\"/sys/firmware\",\"/proc/scsi\"],"
    "\"readonlyPaths\":[\"/proc/bus\",\"/proc/fs\",\"/proc/irq\",\"/proc/sys\",\"/proc/sysrq-trigger\"]";

static char *config(const struct wants *w)
{
    char *text = NULL, args[4096];

    snprintf(args, sizeof(args), w->args ? "%s" : "[\"sh\",\"-c\",\"%s\"]", w->args ? w->args : w->script);
    if (asprintf(&text,
                 "{\"ociVersion\":\"1.2.0\",%s\"process\":{%s\"terminal\":%s,\"cwd\":\"/\",\"args\":%s,\"env\":%s},"
                 "\"root\":{\"path\":\"%s\",\"readonly\":%s},\"mounts\":%s%s%s%s,\"linux\":{\"namespaces\":%s%s}}",
                 w->top ? w->top : "\"hostname\":\"box\",", w->process ? w->process : "", w->terminal ? "true" : "false", args,
                 w->env ? w->env : "[\"PATH=/bin\"]", w->rootfs ? w->rootfs : "rootfs", w->readonly ? "true" : "false",
                 w->all_mounts ? "" : "[", w->all_mounts ? w->all_mounts : default_mounts, w->mounts ? w->mounts : "",
                 w->all_mounts ? "" : "]", w->namespaces ? w->namespaces : default_namespaces,
                 w->linux_ ? w->linux_ : default_paths) < 0)
        abort();
    return text;
}

/* ---- The start, in a process of its own ----------------------------------------------------- */

static void copy_terminal(struct outcome *out, int master)
{
    size_t n = 0;
    ssize_t r;

    while (n + 1 < sizeof(out->output) && (r = read(master, out->output + n, sizeof(out->output) - n - 1)) > 0)
        n += (size_t) r;
}

static void open_and_read_fifo(const char *path)
{
    char byte;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, &byte, 1) != 1)
        abort();
    close(fd);
}

static int launch_all(struct op *op, const struct wants *w, struct launch *l)
{
    struct plan_request request = { .id = "steps", .bundle = base, .no_pivot = w->no_pivot, .wait = w->wait, .rootless = -1 };
    auto_close int fifo = -1;
    char *text = config(w);
    struct host host;
    struct spec *spec;
    int r;

    if (w->wait && (mkfifo(start_path("fifo"), 0622) < 0 || (fifo = open(start_path("fifo"), O_PATH | O_CLOEXEC)) < 0))
        abort();
    if ((r = spec_parse(op, "config.json", text, strlen(text), &spec)) < 0 || (r = host_read(op, &host)) < 0 ||
        (r = plan_make(op, spec, &host, &request, &l->plan)) < 0)
        return r;
    if ((r = launch_spawn(op, l, &(struct launch_birth) { .fifo = fifo, .cgroup = -1, .target = -1, .root = -1 })) < 0 ||
        (r = launch_admit(op, l)) < 0 || (r = launch_go(op, l)) < 0)
        return r;
    return launch_await(op, l);
}

static void become(unsigned uid)
{
    if (uid && (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0))
        abort();
    prctl(PR_SET_DUMPABLE, 1);
}

static void run(const struct wants *w, struct outcome *out)
{
    struct launch l = LAUNCH_NONE;
    struct op op;
    siginfo_t info = { 0 };

    become(w->uid);
    op_init(&op, arena_new());
    out->err = launch_all(&op, w, &l);
    if (out->err < 0) {
        snprintf(out->message, sizeof(out->message), "%s", op.message);
        launch_abort(&l);
        return;
    }
    if (w->wait) {
        if (w->look) {
            recv(l.socket, &(char) { 0 }, 1, 0);        /* its end is the init's last act before it waits */
            w->look(l.pid);
        }
        open_and_read_fifo(start_path("fifo"));
    }
    if (l.console >= 0)
        copy_terminal(out, l.console);
    waitid(P_PID, l.pid, &info, WEXITED);
    out->status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

static void collect(struct outcome *out, int fd)
{
    size_t n = strlen(out->output);
    ssize_t r;

    while (n + 1 < sizeof(out->output) && (r = read(fd, out->output + n, sizeof(out->output) - n - 1)) > 0)
        n += (size_t) r;
}

const struct outcome *start(const struct wants *w)
{
    static struct outcome *out;
    int pipes[2], status;
    pid_t pid;

    if (!out)
        out = mmap(NULL, sizeof(*out), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(out, 0, sizeof(*out));
    if (pipe2(pipes, O_CLOEXEC) < 0)
        abort();
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        alarm(DEADLINE_SECONDS);
        dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
        dup2(pipes[1], 1);
        dup2(pipes[1], 2);
        close(pipes[0]);
        close(pipes[1]);
        run(w, out);
        _exit(0);
    }
    close(pipes[1]);
    collect(out, pipes[0]);
    close(pipes[0]);
    waitpid(pid, &status, 0);
    unlink(start_path("fifo"));
    if (status)
        fail_msg("the launching process ended with status %#x", status);
    return out;
}

void assert_says(const struct wants *w, const char *output)
{
    const struct outcome *o = start(w);

    if (o->err)
        fail_msg("refused: %s", o->message);
    assert_string_equal(o->output, output);
    assert_int_equal(o->status, 0);
}

void assert_refused(const struct wants *w, const char *message)
{
    const struct outcome *o = start(w);

    if (!o->err)
        fail_msg("it started and said: %s", o->output);
    if (!strstr(o->message, message))
        fail_msg("\"%s\" is not in: %s", message, o->message);
}
