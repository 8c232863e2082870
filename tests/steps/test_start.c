/* Whole starts: what the program sees is what the configuration asked for. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "start.h"

#define USER_1000 "\"user\":{\"uid\":1000,\"gid\":1000,\"additionalGids\":[5,6]},"
#define CAPS(set) "\"capabilities\":{\"bounding\":" set ",\"effective\":" set ",\"permitted\":" set "},"

static void starts(void **state)
{
    assert_says(&(struct wants) { .script = "echo $$ $(hostname) $HOME $(pwd) $(id -u)" }, "1 box /root / 0\n");
}

static void only_its_own_processes_and_mounts(void **state)
{
    assert_says(&(struct wants) { .script = "for p in /proc/[0-9]*; do echo $p; done; grep -c / /proc/self/mountinfo" },
                "/proc/1\n13\n");
}

static void no_descriptor_but_three(void **state)
{
    assert_says(&(struct wants) { .args = "[\"ls\",\"/proc/self/fd\"]" }, "0\n1\n2\n3\n");      /* 3 is ls's own */
}

static void null_stdin_is_the_containers(void **state)
{
    assert_says(&(struct wants) { .script = "stat -L -c %d:%i /proc/self/fd/0 > /tmp/a; stat -c %d:%i /dev/null > /tmp/b;"
                                            "cmp /tmp/a /tmp/b && echo same" }, "same\n");
}

static void devices_and_links(void **state)
{
    assert_says(&(struct wants) { .script = "stat -c '%n %t:%T %a %u' /dev/null /dev/zero /dev/full /dev/tty /dev/random /dev/urandom;"
                                            "for l in ptmx fd stdin; do readlink /dev/$l; done" },
                "/dev/null 1:3 666 0\n/dev/zero 1:5 666 0\n/dev/full 1:7 666 0\n/dev/tty 5:0 666 0\n/dev/random 1:8 666 0\n"
                "/dev/urandom 1:9 666 0\npts/ptmx\n/proc/self/fd\n/proc/self/fd/0\n");
}

static void devices_of_the_configuration(void **state)
{
    assert_says(&(struct wants) {
        .linux_ = ",\"devices\":[{\"path\":\"/dev/deep/er/mine\",\"type\":\"c\",\"major\":1,\"minor\":3,\"fileMode\":384,\"uid\":7,\"gid\":8},"
                  "{\"path\":\"/dev/fifo\",\"type\":\"p\",\"fileMode\":438}]",
        .script = "stat -c '%n %t:%T %a %u %g' /dev/deep/er/mine; stat -c '%F %a' /dev/fifo" },
        "/dev/deep/er/mine 1:3 600 7 8\nfifo 666\n");
}

static void masks_and_readonly_paths(void **state)
{
    assert_says(&(struct wants) {
        .linux_ = ",\"maskedPaths\":[\"/proc/timer_list\",\"/proc/irq\",\"/etc\",\"/missing/x\"],\"readonlyPaths\":[\"/proc/sys\",\"/tmp\",\"/nix\"]",
        .script = "wc -c < /proc/timer_list; ls -A /proc/irq /etc; touch /etc/x /tmp/x; echo x > /proc/sys/kernel/hostname || true" },
        "0\n/etc:\n\n/proc/irq:\ntouch: /etc/x: Read-only file system\ntouch: /tmp/x: Read-only file system\n"
        "sh: can't create /proc/sys/kernel/hostname: Read-only file system\n");
}

static void readonly_root_and_late_readonly_mounts(void **state)
{
    struct wants w = {
        .readonly = true,
        .mounts = ",{\"destination\":\"/tmp\",\"type\":\"tmpfs\",\"options\":[\"ro\"]},"
                  "{\"destination\":\"/tmp/in/side\",\"type\":\"tmpfs\"}",
        .script = "touch /x /tmp/x /dev/x /tmp/in/side/x; grep -c ' /dev .* rw' /proc/mounts; ls /tmp/in/side",
    };
    const struct outcome *o = start(&w);

    assert_string_equal(o->output, "touch: /x: Read-only file system\ntouch: /tmp/x: Read-only file system\n1\nx\n");
}

static void sysctls(void **state)
{
    assert_says(&(struct wants) {
        .linux_ = ",\"sysctl\":{\"net.ipv4.ip_forward\":\"1\",\"kernel.shmmni\":\"77\"},\"readonlyPaths\":[\"/proc/sys\"]",
        .script = "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni" }, "1\n77\n");
    assert_refused(&(struct wants) { .linux_ = ",\"sysctl\":{\"net.nope\":\"1\"}", .script = "true" }, "No such file or directory");
}

static void loopback_is_up(void **state)
{
    assert_says(&(struct wants) { .script = "ip addr show lo | grep -o 'UP\\\\|inet 127.*/8'" }, "UP\nUP\ninet 127.0.0.1/8\n");
}

static void user_groups_capabilities(void **state)
{
    assert_says(&(struct wants) {
        .process = USER_1000 CAPS("[\"CAP_KILL\",\"CAP_NET_RAW\"]") "\"noNewPrivileges\":true,",
        .script = "id; grep -E 'Cap|NoNew' /proc/self/status; echo $HOME" },
        "uid=1000(u) gid=1000 groups=5,6\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
        "CapBnd:\t0000000000002020\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n/home/u\n");
    assert_says(&(struct wants) {
        .process = CAPS("[\"CAP_KILL\"]"), .script = "grep Cap /proc/self/status" },
        "CapInh:\t0000000000000000\nCapPrm:\t0000000000000020\nCapEff:\t0000000000000020\nCapBnd:\t0000000000000020\n"
        "CapAmb:\t0000000000000000\n");
}

static void ambient_capabilities(void **state)
{
    assert_says(&(struct wants) {
        .process = USER_1000 "\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"effective\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"],"
                             "\"inheritable\":[\"CAP_KILL\"],\"ambient\":[\"CAP_KILL\"]},",
        .script = "grep Cap /proc/self/status | cut -f2 | tr '\\\\n' ' '" },
        "0000000000000020 0000000000000020 0000000000000020 0000000000000020 0000000000000020 ");
}

static void limits_umask_and_signals(void **state)
{
    signal(SIGUSR1, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    assert_says(&(struct wants) {
        .process = "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":10,\"hard\":20},{\"type\":\"RLIMIT_CORE\",\"soft\":0,\"hard\":5}],"
                   "\"user\":{\"uid\":0,\"gid\":0,\"umask\":23},",
        .script = "ulimit -n; ulimit -Hn; umask" }, "10\n20\n0027\n");
    assert_says(&(struct wants) { .args = "[\"grep\",\"-E\",\"SigBlk|SigIgn\",\"/proc/self/status\"]" },
        "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    signal(SIGUSR1, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
}

static void a_limit_of_four_descriptors_is_enough(void **state)
{
    assert_says(&(struct wants) {
        .wait = true, .process = "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":6,\"hard\":6}],", .script = "ulimit -n; echo $HOME" },
        "6\n/root\n");
}

static void working_directory(void **state)
{
    assert_says(&(struct wants) { .process = "\"cwd\":\"/new/dir\",", .script = "pwd" }, "/\n");     /* the last member wins */
    start_shell("mkdir -p %s && ln -s /real %s", start_path("rootfs/real"), start_path("rootfs/link"));
    assert_says(&(struct wants) { .args = "[\"pwd\"],\"cwd\":\"/link/deeper\"" }, "/real/deeper\n");
    assert_refused(&(struct wants) { .args = "[\"pwd\"],\"cwd\":\"/etc/passwd\"" }, "Not a directory");
    assert_refused(&(struct wants) { .args = "[\"pwd\"],\"cwd\":\"/proc/self/fd/4\"" }, "cwd /proc/self/fd/4");
}

static void home(void **state)
{
    char passwd[128];
    struct wants w = { .script = "echo $HOME", .env = "[\"PATH=/bin\"]" };

    snprintf(passwd, sizeof(passwd), "%s", start_path("rootfs/etc/passwd"));
    start_shell("printf 'a:x:00:0::/zero:/x\\nroot:x:0:0::/second:/x' > %s", passwd);
    assert_says(&w, "/zero\n");
    start_shell("printf 'x\\nb:x:0x0:0::/bad:/x\\nroot:x:0:0::/last' > %s", passwd);
    assert_says(&w, "/last\n");
    start_shell("printf 'root:x:0:0:::\\n' > %s", passwd);
    assert_says(&w, "/\n");
    start_shell("rm %s && mkfifo %s", passwd, passwd);
    assert_says(&w, "/\n");
    start_shell("rm %s && ln -s /dev/zero %s", passwd, passwd);
    assert_says(&w, "/\n");
    start_shell("rm %s && truncate -s 10G %s", passwd, passwd);
    assert_says(&w, "/\n");
    start_shell("rm %s", passwd);
    assert_says(&w, "/\n");
    w.env = "[\"PATH=/bin\",\"HOME=/mine\"]";
    assert_says(&w, "/mine\n");
}

static void lookup_errors(void **state)
{
    start_shell("cd %s && echo x > plain && mkdir dir && printf '#!/bin/none\\n' > noint && printf '#!/bin/sh\\r\\n' > cr && "
                "echo hello > text && chmod 755 noint cr text", start_path("rootfs/bin"));
    assert_refused(&(struct wants) { .args = "[\"nope\"]" }, "exec: \"nope\": executable file not found in $PATH");
    assert_refused(&(struct wants) { .args = "[\"/nope\"]" }, "exec: \"/nope\": stat /nope: no such file or directory");
    assert_refused(&(struct wants) { .args = "[\"/bin/dir\"]" }, "exec: \"/bin/dir\": is a directory");
    assert_refused(&(struct wants) { .args = "[\"/bin/plain\"]" }, "exec: \"/bin/plain\": permission denied");
    assert_refused(&(struct wants) { .args = "[\"plain\"]" }, "exec: \"plain\": executable file not found in $PATH");
    assert_refused(&(struct wants) { .args = "[\"noint\"]" }, "its interpreter /bin/none is missing");
    assert_refused(&(struct wants) { .args = "[\"cr\"]" }, "ends in a carriage return");
    assert_refused(&(struct wants) { .args = "[\"text\"]" }, "neither an ELF file nor a script");
}

static void wrong_programs(void **state)
{
    start_shell("cd %s && cp /bin/ls dynamic && cp busybox arm && printf '\\267' | dd of=arm bs=1 seek=18 conv=notrunc status=none",
                start_path("rootfs/bin"));
    assert_refused(&(struct wants) { .args = "[\"dynamic\"]" }, "its loader /lib64/ld-linux-x86-64.so.2 is missing");
    assert_refused(&(struct wants) { .args = "[\"arm\"]" }, "another machine: AArch64");
}

/* Nothing of the host in the process that waits: its descriptors, its directory, its program. */
static void look_at_descriptors(int pid)
{
    char path[64], target[256];
    struct dirent *e;
    DIR *d;
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    if (!(d = opendir(path)))
        _exit(1);
    while ((e = readdir(d))) {
        n = readlinkat(dirfd(d), e->d_name, target, sizeof(target) - 1);
        if (n < 0 || e->d_name[0] == '0' || e->d_name[0] == '1' || e->d_name[0] == '2')
            continue;
        target[n] = '\0';
        dprintf(1, "%s ", strstr(target, "fifo") ? "fifo" : target);
    }
    closedir(d);
    for (const char *const *l = (const char *const[]) { "cwd", "root", "exe", NULL }; *l; l++) {
        snprintf(path, sizeof(path), "/proc/%d/%s", pid, *l);
        n = readlink(path, target, sizeof(target) - 1);
        dprintf(1, "%.*s ", n < 0 ? 1 : (int) n, target);
    }
}

static void created_then_started(void **state)
{
    assert_says(&(struct wants) { .wait = true, .look = look_at_descriptors, .script = "ls /proc/self/fd | tr -d '\\\\n'" },
                "fifo /proc / / /memfd:proa-init (deleted) 0123");
}

static void failed_exec_after_the_fifo(void **state)
{
    struct wants w = { .wait = true, .args = "[\"bad\"]" };
    const struct outcome *o;

    start_shell("printf '#!/bin/none\\n' > %s && chmod 755 %s", start_path("rootfs/bin/bad"), start_path("rootfs/bin/bad"));
    o = start(&w);
    assert_int_equal(o->err, 0);
    assert_int_equal(o->status, 255);
    assert_string_equal(o->output, "exec /bin/bad: no such file or directory: its interpreter /bin/none is missing or cannot be executed\n");
}

static void terminal(void **state)
{
    assert_says(&(struct wants) {
        .terminal = true, .process = "\"consoleSize\":{\"height\":33,\"width\":77},",
        .script = "tty; stty size; stat -c %t:%T /dev/console; echo x > /dev/console; ps -o tty | sort -u" },
        "/dev/pts/0\r\n33 77\r\n88:0\r\nx\r\n136,0\r\nTT\r\n");
    assert_says(&(struct wants) { .terminal = true, .process = USER_1000, .script = "stat -c %u /dev/pts/0" }, "1000\r\n");
    assert_refused(&(struct wants) { .terminal = true, .all_mounts = "[]", .linux_ = "", .script = "true" },
                   "process.terminal needs a mount of type devpts on /dev/pts");
}

static void without_pivot(void **state)
{
    assert_says(&(struct wants) { .no_pivot = true, .script = "ls -d /proc/1/root/bin; echo $$; ls / | grep -c ." }, "/proc/1/root/bin\n1\n6\n");
}

static void bind_mounts(void **state)
{
    char mounts[4096];

    start_shell("mkdir -p %s/sub && echo one > %s/f && touch %s && chmod 700 %s", start_path("src"), start_path("src"),
                start_path("rootfs/file"), start_path("src"));
    snprintf(mounts, sizeof(mounts),
             ",{\"destination\":\"/a/b\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"rbind\",\"ro\",\"nosuid\"]},"
             "{\"destination\":\"/new/file\",\"source\":\"%s\",\"options\":[\"bind\"]}",
             start_path("src"), start_path("src/f"));
    assert_says(&(struct wants) { .mounts = mounts, .script = "cat /a/b/f /new/file; touch /a/b/x; stat -c %a /new; grep -o '/a/b .* ro,nosuid' /proc/mounts | grep -c nosuid" },
                "one\none\ntouch: /a/b/x: Read-only file system\n755\n1\n");
    snprintf(mounts, sizeof(mounts), ",{\"destination\":\"/file\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"bind\"]}", start_path("src"));
    assert_refused(&(struct wants) { .mounts = mounts, .script = "true" }, "mounts[5] /file");
    snprintf(mounts, sizeof(mounts), ",{\"destination\":\"/tmp\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"bind\"]}", start_path("src/f"));
    assert_refused(&(struct wants) { .mounts = mounts, .script = "true" }, "the source is a file, the destination a directory");
    assert_refused(&(struct wants) { .mounts = ",{\"destination\":\"/x\",\"type\":\"bind\",\"source\":\"/no/such\",\"options\":[\"bind\"]}", .script = "true" },
                   "/no/such");
}

static void bad_options(void **state)
{
    assert_refused(&(struct wants) { .mounts = ",{\"destination\":\"/x\",\"type\":\"tmpfs\",\"options\":[\"size=nonsense\"]}", .script = "true" },
                   "size");
    assert_refused(&(struct wants) { .mounts = ",{\"destination\":\"/x\",\"type\":\"nosuchfs\"}", .script = "true" },
                   "no file system of type nosuchfs");
}

#define USER_NS "[{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"mount\"},{\"type\":\"user\"}]"

static void user_namespace(void **state)
{
    start_shell("chown -R 100000:100000 %s", start_path("rootfs"));
    assert_says(&(struct wants) {
        .namespaces = USER_NS,
        .linux_ = ",\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}],\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}]",
        .script = "id -u; tr -s ' ' < /proc/self/uid_map; stat -c %t:%T /dev/null; grep -E 'Cap(Inh|Eff|Amb)' /proc/self/status | cut -f2; touch /x && stat -c %u /x" },
        "0\n 0 100000 65536\n1:3\n0000000000000000\n000001ffffffffff\n0000000000000000\n0\n");
}

static void unprivileged(void **state)
{
    start_shell("chown -R 1000:1000 %s", start_path("."));
    assert_says(&(struct wants) {
        .uid = 1000, .namespaces = USER_NS,
        .linux_ = ",\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}],\"gidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}]",
        .script = "id -u; tr -s ' ' < /proc/self/uid_map; cat /proc/self/setgroups; echo > /dev/null && echo ok" },
        "0\n 0 1000 1\ndeny\nok\n");
}

static int number_in(const char *path)
{
    int n = 0;
    FILE *f = fopen(path, "r");

    if (f && fscanf(f, "%d", &n) != 1)
        n = 0;
    if (f)
        fclose(f);
    return n;
}

static bool is_sleeping(int pid)
{
    char path[64], name[32] = "";
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/comm", pid);
    f = fopen(path, "r");
    if (f && !fgets(name, sizeof(name), f))
        name[0] = '\0';
    if (f)
        fclose(f);
    return strcmp(name, "sleep\n") == 0;
}

/* A process in namespaces of its own, made with unshare(1) and these options: itself or, with --fork, its only child. It
 * sleeps; kill it. */
static int make_neighbour(const char *options)
{
    char children[64];
    int pid, child;

    start_shell("cd %s && rm -f ready && mkfifo ready && { unshare %s sh -c 'echo up > ready; exec sleep 1000' & echo $! > pid; } && "
                "cat ready > /dev/null", start_path("."), options);
    pid = number_in(start_path("pid"));
    assert_int_not_equal(pid, 0);
    snprintf(children, sizeof(children), "/proc/%d/task/%d/children", pid, pid);
    if ((child = number_in(children)) > 0)
        pid = child;
    for (int i = 0; i < 60000 && !is_sleeping(pid); i++)
        usleep(1000);
    assert_true(is_sleeping(pid));
    return pid;
}

/* {"type":…,"path":"/proc/PID/ns/…"} of each letter in `which`. */
static const char *join(int pid, const char *which, const char *others)
{
    static const struct { char letter; const char *type, *file; } kinds[] = {
        { 'p', "pid", "pid" }, { 'n', "network", "net" }, { 'u', "uts", "uts" }, { 'm', "mount", "mnt" },
        { 'U', "user", "user" }, { 'i', "ipc", "ipc" }, { 't', "time", "time" },
    };
    static char text[2048];
    size_t n = (size_t) snprintf(text, sizeof(text), "[%s", others);

    for (; *which; which++)
        for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
            if (kinds[i].letter == *which)
                n += (size_t) snprintf(text + n, sizeof(text) - n, "%s{\"type\":\"%s\",\"path\":\"/proc/%d/ns/%s\"}",
                                       n > 1 ? "," : "", kinds[i].type, pid, kinds[i].file);
    snprintf(text + n, sizeof(text) - n, "]");
    return text;
}

#define NEW_MOUNT "{\"type\":\"mount\"}"

static void joined_namespaces(void **state)
{
    int pid = make_neighbour("-n -u -i -p --fork");

    start_shell("nsenter -t %d -u hostname elsewhere", pid);
    assert_says(&(struct wants) { .top = "", .namespaces = join(pid, "pniu", NEW_MOUNT),
        .script = "hostname; [ $$ -gt 1 ] && [ $$ -lt 30 ] && ps -o comm | grep -c sleep" }, "elsewhere\n1\n");
    kill(pid, SIGKILL);
}

static void joined_mount_namespace(void **state)
{
    int pid = make_neighbour("-m -p --fork");

    start_shell("nsenter -t %d -m sh -c 'mount -t tmpfs x %s && touch %s/seen'", pid, start_path("rootfs/tmp"), start_path("rootfs/tmp"));
    assert_says(&(struct wants) { .top = "", .namespaces = join(pid, "m", "{\"type\":\"pid\"},{\"type\":\"ipc\"}"), .script = "ls /tmp; echo $$" },
                "seen\n1\n");
    kill(pid, SIGKILL);
}

static void joined_user_namespace(void **state)
{
    int pid = make_neighbour("-U -r -u -n -p --fork");

    assert_says(&(struct wants) { .top = "", .namespaces = join(pid, "uUnp", NEW_MOUNT ",{\"type\":\"ipc\"}"),
        .script = "id -u; tr -s ' ' < /proc/self/uid_map; grep -c sleep /proc/1/comm" }, "0\n 0 0 1\n1\n");
    kill(pid, SIGKILL);
}

static void new_user_namespace_with_a_joined_one(void **state)
{
    int pid = make_neighbour("-n");

    start_shell("chown -R 100000:100000 %s", start_path("rootfs"));
    assert_says(&(struct wants) {
        .top = "", .namespaces = join(pid, "n", NEW_MOUNT ",{\"type\":\"user\"},{\"type\":\"pid\"},{\"type\":\"ipc\"}"),
        .linux_ = ",\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":9}],\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":9}]",
        .script = "id -u; tr -s ' ' < /proc/self/uid_map; echo $$" }, "0\n 0 100000 9\n1\n");
    kill(pid, SIGKILL);
}

static void namespaces_that_are_none(void **state)
{
    char namespaces[1024];

    start_shell("echo > %s && mkfifo %s", start_path("plain"), start_path("pipe"));
    for (const char *const *file = (const char *const[]) { "plain", "pipe", NULL }; *file; file++) {
        snprintf(namespaces, sizeof(namespaces), "[" NEW_MOUNT ",{\"type\":\"uts\",\"path\":\"%s\"}]", start_path(*file));
        assert_refused(&(struct wants) { .top = "", .namespaces = namespaces, .script = "true" }, "not a namespace of that type");
    }
    snprintf(namespaces, sizeof(namespaces), "[" NEW_MOUNT ",{\"type\":\"uts\",\"path\":\"%s\"}]", start_path("none"));
    assert_refused(&(struct wants) { .top = "", .namespaces = namespaces, .script = "true" }, "none: open: No such file or directory");
}

static void without_mount_namespace(void **state)
{
    assert_says(&(struct wants) { .namespaces = "[{\"type\":\"uts\"}]", .all_mounts = "[]", .linux_ = "", .script = "ls -d /bin; ls /.. | grep -c ." },
                "/bin\n6\n");
}

static void time_namespace(void **state)
{
    struct wants w = {
        .namespaces = "[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"uts\"},{\"type\":\"ipc\"},{\"type\":\"time\"}]",
        .linux_ = ",\"timeOffsets\":{\"boottime\":{\"secs\":864000000},\"monotonic\":{\"secs\":-1,\"nanosecs\":5}}",
        .script = "awk '{ exit !($1 > 864000000) }' /proc/uptime && tr -s ' ' < /proc/self/timens_offsets" };

    assert_says(&w, "monotonic -1 5\nboottime 864000000 0\n");
    start_shell("chown -R 1000:1000 %s", start_path("."));
    w.uid = 1000;
    w.namespaces = "[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"uts\"},{\"type\":\"ipc\"},{\"type\":\"time\"},{\"type\":\"user\"}]";
    w.linux_ = ",\"timeOffsets\":{\"boottime\":{\"secs\":864000000},\"monotonic\":{\"secs\":-1,\"nanosecs\":5}},"
               "\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}],\"gidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}]";
    assert_says(&w, "monotonic -1 5\nboottime 864000000 0\n");
}

static void root_propagation(void **state)
{
    struct wants w = { .script = "grep -c 'shared:' /proc/self/mountinfo" };

    w.linux_ = ",\"rootfsPropagation\":\"shared\"";
    assert_string_equal(start(&w)->output, "1\n");
    w.linux_ = ",\"rootfsPropagation\":\"rprivate\"";
    assert_string_equal(start(&w)->output, "0\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start_prepare, start_clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(starts),
        TEST(only_its_own_processes_and_mounts),
        TEST(no_descriptor_but_three),
        TEST(null_stdin_is_the_containers),
        TEST(devices_and_links),
        TEST(devices_of_the_configuration),
        TEST(masks_and_readonly_paths),
        TEST(readonly_root_and_late_readonly_mounts),
        TEST(sysctls),
        TEST(loopback_is_up),
        TEST(user_groups_capabilities),
        TEST(ambient_capabilities),
        TEST(limits_umask_and_signals),
        TEST(a_limit_of_four_descriptors_is_enough),
        TEST(working_directory),
        TEST(home),
        TEST(lookup_errors),
        TEST(wrong_programs),
        TEST(created_then_started),
        TEST(failed_exec_after_the_fifo),
        TEST(terminal),
        TEST(without_pivot),
        TEST(bind_mounts),
        TEST(bad_options),
        TEST(user_namespace),
        TEST(unprivileged),
        TEST(joined_namespaces),
        TEST(joined_mount_namespace),
        TEST(joined_user_namespace),
        TEST(new_user_namespace_with_a_joined_one),
        TEST(namespaces_that_are_none),
        TEST(without_mount_namespace),
        TEST(time_namespace),
        TEST(root_propagation),
    };

    return geteuid() == 0 ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
