/* A foreground run, with a shell in the place of the container: the terminal's relay, signals and the end. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../cli/foreground.h"

/* ---- the library: a shell on a pty, or on plain descriptors ---- */

static const char *script;
static bool on_terminal;

static void run_script(int master)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    if (master >= 0) {
        int slave = ioctl(master, TIOCGPTPEER, O_RDWR);

        ioctl(slave, TIOCSCTTY, 0);
        for (int fd = 0; fd < 3; fd++)
            dup2(slave, fd);
        close(slave);
        close(master);
    }
    execl("/bin/sh", "sh", "-c", script, NULL);
    _exit(127);
}

/* As the real one hands it out: newlines go through as they are. */
static int open_master(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios attributes;

    unlockpt(master);
    tcgetattr(master, &attributes);
    attributes.c_oflag &= ~(tcflag_t) ONLCR;
    tcsetattr(master, TCSANOW, &attributes);
    return master;
}

static int start_script(struct cli *cli, void *data, const struct winsize *size, struct proa_process *ret,
                        struct proa_error **ret_error)
{
    (void) cli, (void) data, (void) size, (void) ret_error;
    ret->console_fd = -1;
    if (on_terminal)
        ret->console_fd = open_master();
    ret->pid = fork();
    if (!ret->pid)
        run_script(ret->console_fd);
    ret->pidfd = (int) syscall(SYS_pidfd_open, ret->pid, 0);
    return ret->pidfd < 0 ? -errno : 0;
}

int proa_wait(int pidfd, int *ret_status, struct proa_error **ret_error)
{
    siginfo_t info = { 0 };

    (void) ret_error;
    if (waitid(P_PIDFD, (id_t) pidfd, &info, WEXITED) < 0)
        return -errno;
    *ret_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    return 0;
}

const char *proa_error_message(const struct proa_error *error)
{
    (void) error;
    return "failed";
}

void proa_error_free(struct proa_error *error)
{
    (void) error;
}

static int report_failure(const struct cli *cli, const char *reason)
{
    (void) cli, (void) reason;
    return 99;
}

/* ---- the caller ---- */

struct caller {
    pid_t pid;
    int input, output; /* our ends */
};

/* Starts foreground_run() in a process whose standard input and output are pipes. */
static void start(struct caller *c, bool terminal, const char *text)
{
    int in[2], out[2];

    script = text;
    on_terminal = terminal;
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    c->pid = fork();
    if (!c->pid) {
        const struct foreground_job job = { .subreaper = true, .start = start_script, .fail = report_failure };
        struct cli cli = { .product = "proa" };
        int status;

        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]);
        close(out[0]);
        alarm(60); /* it cannot hang for ever: SIGALRM goes to the container */
        foreground_run(&cli, &job, &status);
        _exit(status);
    }
    close(in[0]);
    close(out[1]);
    c->input = in[1];
    c->output = out[0];
}

static int finish(struct caller *c)
{
    int status;

    if (c->input >= 0)
        close(c->input);
    if (c->output >= 0)
        close(c->output);
    assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void read_until(struct caller *c, const char *word)
{
    char text[200] = "";
    size_t length = 0;

    while (!strstr(text, word)) {
        assert_true(length < sizeof(text) - 1);
        assert_int_equal(read(c->output, text + length, 1), 1);
        text[++length] = '\0';
    }
}

/* Reads lines "1", "2", ... to the end of the output. */
static void assert_counts_to(struct caller *c, int last)
{
    FILE *in = fdopen(c->output, "r");
    char line[32], expected[32];

    for (int i = 1; i <= last; i++) {
        snprintf(expected, sizeof(expected), "%d\n", i);
        assert_non_null(fgets(line, sizeof(line), in));
        assert_string_equal(line, expected);
    }
    assert_null(fgets(line, sizeof(line), in));
    fclose(in);
    c->output = -1;
}

static void test_status(void **state)
{
    struct caller c;

    (void) state;
    for (int terminal = 0; terminal < 2; terminal++) {
        start(&c, terminal, "exit 7");
        assert_int_equal(finish(&c), 7);
        start(&c, terminal, "kill -9 $$");
        assert_int_equal(finish(&c), 128 + 9);
    }
}

/* ONLCR is cleared while the program runs already. */
static void test_output_is_whole(void **state)
{
    struct caller c;

    (void) state;
    start(&c, true, "until stty -a | grep -q -e -onlcr; do :; done; seq 1 100000");
    assert_counts_to(&c, 100000);
    assert_int_equal(finish(&c), 0);
}

static void test_input_is_whole(void **state)
{
    char block[4096];
    struct caller c;

    (void) state;
    memset(block, 'x', sizeof(block));
    start(&c, true, "stty raw -echo; echo ready; test $(head -c 1048576 | tr -cd x | wc -c) = 1048576");
    read_until(&c, "ready");
    for (int i = 0; i < 256; i++)
        assert_int_equal(write(c.input, block, sizeof(block)), sizeof(block));
    assert_int_equal(finish(&c), 0);
}

static void test_end_of_input_keeps_output(void **state)
{
    struct caller c;

    (void) state;
    start(&c, true, "stty -echo; sleep 0.2; echo later; exit 3");
    close(c.input);
    c.input = -1;
    read_until(&c, "later");
    assert_int_equal(finish(&c), 3);
}

static void test_terminal_may_be_reopened(void **state)
{
    struct caller c;

    (void) state;
    start(&c, true, "t=$(tty); exec <&- >&- 2>&-; sleep 0.2; exec >$t; echo back; exit 4");
    read_until(&c, "back");
    assert_int_equal(finish(&c), 4);
}

/* One that stays silent and some that never stop writing: neither hold up the end. */
static void test_background_process_holds_the_terminal(void **state)
{
    static const char *const scripts[] = {
        "trap '' HUP; sleep 1000 & echo $!; exit 5",
        "trap '' HUP; (for i in 1 2 3; do timeout 60 yes & done; wait) & echo $!; sleep 0.1; exit 5",
    };
    char text[4096];
    struct caller c;

    (void) state;
    for (size_t i = 0; i < 2; i++) {
        size_t total = 0;
        ssize_t n;

        start(&c, true, scripts[i]);
        assert_true(read(c.output, text, 15) > 0);
        while ((n = read(c.output, text + 16, sizeof(text) - 16)) > 0) {
            usleep(1000); /* the writers are to be faster */
            total += (size_t) n;
        }
        assert_true(total < 4 << 20);
        assert_int_equal(finish(&c), 5);
        if (i == 0)
            assert_int_equal(kill(atoi(text), SIGTERM), 0); /* it is there to the end */
    }
}

static void test_lost_output_hangs_up(void **state)
{
    struct caller c;

    (void) state;
    start(&c, true, "echo one; exec sleep 1000");
    close(c.output);
    c.output = -1;
    assert_int_equal(finish(&c), 128 + SIGHUP);
}

static const int forwarded[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM };

static void test_signals_are_forwarded(void **state)
{
    struct caller c;

    (void) state;
    for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++) {
        start(&c, i % 2, "echo ready; exec sleep 1000");
        read_until(&c, "ready");
        kill(c.pid, forwarded[i]);
        assert_int_equal(finish(&c), 128 + forwarded[i]);
    }
}

static void test_signals_that_are_ours(void **state)
{
    static const int ours[] = { SIGCHLD, SIGURG, SIGWINCH, SIGPIPE };
    struct caller c;

    (void) state;
    start(&c, false, "for s in CHLD URG WINCH PIPE; do trap 'exit 9' $s; done; echo ready; read x; exit 6");
    read_until(&c, "ready");
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        kill(c.pid, ours[i]);
    usleep(100000);
    assert_int_equal(write(c.input, "x\n", 2), 2);
    assert_int_equal(finish(&c), 6);
}

/* An orphan that ended is no zombie of ours while the container still runs. */
static void test_orphans_are_reaped(void **state)
{
    struct caller c;

    (void) state;
    start(&c, false, "pid=$(sh -c 'true >&2 & echo $!'); while kill -0 $pid 2>/dev/null; do :; done; exit 8");
    assert_int_equal(finish(&c), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_output_is_whole),
        cmocka_unit_test(test_input_is_whole),
        cmocka_unit_test(test_end_of_input_keeps_output),
        cmocka_unit_test(test_terminal_may_be_reopened),
        cmocka_unit_test(test_background_process_holds_the_terminal),
        cmocka_unit_test(test_lost_output_hangs_up),
        cmocka_unit_test(test_signals_are_forwarded),
        cmocka_unit_test(test_signals_that_are_ours),
        cmocka_unit_test(test_orphans_are_reaped),
    };

    /* nohup(1), and a shell that starts us in the background, hand on that some are ignored. */
    for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
        signal(forwarded[i], SIG_DFL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
