/* notify - both ends of sd_notify(3) for tests.
 *
 *     notify manager ADDRESS FILE   receives at ADDRESS, in the background once it is bound; a line in FILE for each
 *                                   message, until the barrier, whose descriptor it then closes
 *     notify send MESSAGE…          sends to $NOTIFY_SOCKET; an ADDRESS with '@' first has no file */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE = 60 };

static socklen_t address(const char *text, struct sockaddr_un *ret)
{
    *ret = (struct sockaddr_un) { .sun_family = AF_UNIX };
    strncpy(ret->sun_path, text, sizeof(ret->sun_path) - 1);
    if (text[0] == '@')
        ret->sun_path[0] = '\0';
    return (socklen_t) (offsetof(struct sockaddr_un, sun_path) + strlen(text));
}

static int receive(int s, FILE *out)
{
    char text[4096], control[CMSG_SPACE(sizeof(int))];
    struct iovec iov = { text, sizeof(text) - 1 };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
    ssize_t n = recvmsg(s, &m, 0);

    if (n < 0)
        return 1;
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    fprintf(out, "%s%s\n", text, CMSG_FIRSTHDR(&m) ? " with a descriptor" : "");
    fflush(out);
    return strcmp(text, "BARRIER=1") == 0;
}

static int manager(const char *path, const char *file)
{
    struct sockaddr_un a;
    socklen_t len = address(path, &a);
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);
    FILE *out = fopen(file, "w");

    if (!out || bind(s, (struct sockaddr *) &a, len) < 0) {
        perror(path);
        return 1;
    }
    if (fork())
        return 0;
    setsid();
    freopen("/dev/null", "w", stdout);
    freopen("/dev/null", "w", stderr);
    close(3);
    alarm(PATIENCE);
    while (!receive(s, out))
        ;
    return 0;
}

static int send_all(char **messages)
{
    struct sockaddr_un a;
    socklen_t len = address(getenv("NOTIFY_SOCKET") ? getenv("NOTIFY_SOCKET") : "", &a);
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);

    for (; *messages; messages++)
        if (sendto(s, *messages, strlen(*messages), 0, (struct sockaddr *) &a, len) < 0) {
            perror("notify");
            return 1;
        }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "manager") == 0)
        return manager(argv[2], argv[3]);
    return argc > 2 && strcmp(argv[1], "send") == 0 ? send_all(argv + 2) : 2;
}
