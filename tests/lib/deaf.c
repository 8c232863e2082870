/* deaf - for tests: blocks every signal and waits. Those that were sent to it stay in /proc/PID/status, ShdPnd. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (;;)
        pause();
}
