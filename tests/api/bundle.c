#include "bundle.h"
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char config[] =
    "{\"ociVersion\":\"1.3.0\",\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"args\":%s,\"cwd\":\"/\","
    "\"env\":[\"PATH=/bin\"],\"noNewPrivileges\":true},\"root\":{\"path\":\"rootfs\"},\"hostname\":\"bundle\","
    "\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"}],"
    "\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"},{\"type\":\"uts\"},{\"type\":\"ipc\"},"
    "{\"type\":\"network\"}]}}";

static int each_delete(void *data, struct proa_state *state)
{
    struct bundle *b = data;

    proa_delete(b->runtime, proa_state_id(state), PROA_DELETE_FORCE, NULL);
    proa_state_free(state);
    return 0;
}

__attribute__((format(printf, 1, 2))) static int run(const char *fmt, ...)
{
    char command[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(command, sizeof(command), fmt, ap);
    va_end(ap);
    return system(command);
}

void bundle_remove(struct bundle *b)
{
    if (b->runtime)
        proa_list(b->runtime, each_delete, NULL, b, NULL);
    proa_close(b->runtime);
    if (run("rm -rf --one-file-system %s", b->base) != 0)
        fprintf(stderr, "%s stays behind\n", b->base);
}

void bundle_die(struct bundle *b, const char *what, struct proa_error *e)
{
    fprintf(stderr, "%s: %s\n", what, e ? proa_error_message(e) : "failed");
    bundle_remove(b);
    _exit(1);
}

static void write_config(struct bundle *b, const char *args)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/config.json", b->base);
    f = fopen(path, "w");
    if (!f || fprintf(f, config, args) < 0 || fclose(f) != 0)
        bundle_die(b, path, NULL);
}

void bundle_make(struct bundle *b, const char *args)
{
    struct proa_options options = { .size = sizeof(options) };
    struct proa_error *e = NULL;
    char root[128];

    if (geteuid() != 0 || access("/bin/busybox", X_OK) < 0) {
        fprintf(stderr, "needs root and /bin/busybox\n");
        exit(77);
    }
    b->runtime = NULL;
    strcpy(b->base, "/tmp/proa-api-XXXXXX");
    if (!mkdtemp(b->base))
        bundle_die(b, "mkdtemp", NULL);
    if (run("cd %s && mkdir -p rootfs/bin rootfs/proc && cp /bin/busybox rootfs/bin && ln -s busybox rootfs/bin/true", b->base))
        bundle_die(b, "copying /bin/busybox", NULL);
    write_config(b, args);
    snprintf(root, sizeof(root), "%s/state", b->base);
    options.root = root;
    if (proa_open(&options, &b->runtime, &e) < 0)
        bundle_die(b, "open", e);
}

int bundle_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(d))
        n++;
    closedir(d);
    return n;
}
