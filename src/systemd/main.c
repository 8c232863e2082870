#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "systemd/helper.h"
#include "systemd/protocol.h"

static const struct plan *map_plan(void)
{
    struct stat st;
    const struct plan *p;

    if (fstat(STDIN_FILENO, &st) < 0)
        helper_fail("the plan cannot be read");
    p = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    if (p == MAP_FAILED || !plan_check(p, (size_t) st.st_size))
        helper_fail("the plan is damaged");
    return p;
}

int main(int argc, char **argv)
{
    sd_bus *bus;

    alarm(SYSTEMD_LIFETIME);
    setsid();                       /* a terminal's signals are for who waits for us */
    signal(SIGPIPE, SIG_IGN);       /* who no longer listens is no reason to leave a unit half made */
    if (argc != 4 && argc != 6)
        helper_fail("started with %d arguments", argc - 1);
    bus = bus_open(strcmp(argv[2], "user") == 0);
    if (strcmp(argv[1], "start") == 0)
        unit_start(bus, map_plan(), argv[3]);
    else if (strcmp(argv[1], "set") == 0)
        unit_set(bus, map_plan(), argv[3]);
    else if (argc == 6)
        unit_attach(bus, argv[3], argv[4], argv[5]);
    else
        unit_stop(bus, argv[3]);
    helper_say(SYSTEMD_DONE);
    return 0;
}
